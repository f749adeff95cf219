import type { JsonSchema } from "../model/tool.ts";
import { choicesOf, flat, isSame, isSchema, typeOf, typesOf } from "./json-schema.ts";

/**
 * A value as its schema means it. Strict schemas make every property required, and those that were
 * optional nullable: such a null stands for a property that is absent. A null that the schema
 * itself takes stays.
 */
export function withoutWidening(value: unknown, schema: JsonSchema, root: JsonSchema = schema): unknown {
  if (typeof value !== "object" || value === null) return value;
  const plain = flat(schema, root);
  if (plain === undefined) return value;
  const choices = choicesOf(plain, root);
  if (choices !== undefined) return ofChoice(value, choices, root);
  if (Array.isArray(value)) return value.map((item, index) => inItem(item, index, plain, root));
  const needed = new Set<unknown>(Array.isArray(plain["required"]) ? plain["required"] : []);
  const entries = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const own = propertyOf(plain, name);
    if (!isSchema(own)) return [[name, inner]];
    if (inner === null && !needed.has(name) && !fits(null, own, root)) return [];
    return [[name, withoutWidening(inner, own, root)]];
  });
  return Object.fromEntries(entries);
}

function inItem(item: unknown, index: number, { items, prefixItems }: JsonSchema, root: JsonSchema): unknown {
  const own = Array.isArray(prefixItems) && index < prefixItems.length ? (prefixItems[index] as unknown) : items;
  return isSchema(own) ? withoutWidening(item, own, root) : item;
}

function propertyOf({ properties, additionalProperties }: JsonSchema, name: string): unknown {
  return isSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

/**
 * Finds the form that the value has. Where several forms were sent as one, the value has nulls for
 * the properties that only the other forms have.
 */
function ofChoice(value: object, choices: readonly JsonSchema[], root: JsonSchema): unknown {
  const foreign = namesOf(choices, root);
  const chosen =
    choices.find((choice) => fits(value, choice, root, foreign)) ?? choices.find((choice) => fits(value, choice, root, new Set()));
  if (chosen === undefined) return value;
  const inner = withoutWidening(value, chosen, root);
  if (!isSchema(inner)) return inner;
  const own = namesOf([chosen], root);
  return Object.fromEntries(Object.entries(inner).filter(([name, one]) => one !== null || own.has(name) || !foreign.has(name)));
}

/** The names of all properties that a value of one of these may have. */
function namesOf(schemas: readonly JsonSchema[], root: JsonSchema, seen: readonly JsonSchema[] = []): Set<string> {
  const names = new Set<string>();
  for (const schema of schemas) {
    const plain = seen.includes(schema) ? undefined : flat(schema, root);
    if (plain === undefined) continue;
    if (isSchema(plain["properties"])) for (const name of Object.keys(plain["properties"])) names.add(name);
    for (const name of namesOf(choicesOf(plain, root) ?? [], root, [...seen, schema])) names.add(name);
  }
  return names;
}

/**
 * Whether a value has the form of a schema: types, constants and required properties. The rest is
 * for the validator. `foreign`: properties that only another form has, and this value must not.
 */
export function fits(value: unknown, schema: JsonSchema, root: JsonSchema, foreign: ReadonlySet<string> = new Set()): boolean {
  const plain = flat(schema, root);
  if (plain === undefined) return true;
  const choices = choicesOf(plain, root);
  if (choices !== undefined) return choices.some((choice) => fits(value, choice, root, foreign));
  const { type, const: only, enum: values, required } = plain;
  if (only !== undefined && !isSame(only, value)) return false;
  if (Array.isArray(values) && !values.some((one) => isSame(one, value))) return false;
  if (type !== undefined || only !== undefined) {
    const types = typesOf(plain);
    const is = typeOf(value);
    if (!types.includes(is) && !(is === "number" && Number.isInteger(value) && types.includes("integer"))) return false;
  }
  if (Array.isArray(value)) {
    const { items } = plain;
    return !isSchema(items) || plain["prefixItems"] !== undefined || value.every((item) => fits(item, items, root));
  }
  if (!isSchema(value)) return true;
  if (Array.isArray(required) && !required.every((name: string) => Object.hasOwn(value, name))) return false;
  const needed = new Set<unknown>(Array.isArray(required) ? required : []);
  const own = isSchema(plain["properties"]) ? plain["properties"] : {};
  return Object.entries(value).every(([name, inner]) => {
    if (!Object.hasOwn(own, name)) return inner === null || (plain["additionalProperties"] !== false && !foreign.has(name));
    const one = own[name];
    return !isSchema(one) || (inner === null && !needed.has(name)) || fits(inner, one, root);
  });
}
