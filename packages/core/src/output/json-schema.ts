import type { JsonSchema } from "../model/tool.ts";

/** Keywords that say nothing about which values are valid. */
export const ANNOTATIONS: ReadonlySet<string> = new Set(["title", "description", "default", "examples", "example", "$comment"]);
/** Keywords that bound a number: the greater one, or the smaller one, of two binds. */
const LOWEST = new Set(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"]);
const HIGHEST = new Set(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"]);

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** What a reference within a schema points to, undefined where there is nothing. */
export function follow(reference: string, root: JsonSchema): unknown {
  if (reference !== "#" && !reference.startsWith("#/")) return undefined;
  let found: unknown = root;
  for (const step of reference.split("/").slice(1)) {
    const name = decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
    found = typeof found === "object" && found !== null && Object.hasOwn(found, name) ? found[name as never] : undefined;
  }
  return found;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** The types of the values that a schema takes; empty where it does not say. */
export function typesOf({ type, enum: values, const: only, properties, items, prefixItems }: JsonSchema): string[] {
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type as string[];
  if (Array.isArray(values)) return [...new Set(values.map(typeOf))];
  if (only !== undefined) return [typeOf(only)];
  if (properties !== undefined) return ["object"];
  return items !== undefined || prefixItems !== undefined ? ["array"] : [];
}

export function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/**
 * A schema without `$ref` and `allOf` at its top: what they say, merged. Undefined where that is
 * not plain, such as for two patterns, or where a reference leads nowhere.
 */
export function flat(schema: JsonSchema, root: JsonSchema, seen: readonly unknown[] = []): JsonSchema | undefined {
  const { $ref, allOf, ...own } = schema;
  if ($ref === undefined && !Array.isArray(allOf)) return schema;
  if (seen.includes(schema)) return undefined;
  const parts: unknown[] = Array.isArray(allOf) ? [...(allOf as unknown[])] : [];
  if (typeof $ref === "string") parts.unshift(follow($ref, root));
  let merged: JsonSchema | undefined = own;
  for (const part of parts) {
    if (part === true) continue;
    const inner: JsonSchema | undefined = isSchema(part) ? flat(part, root, [...seen, schema]) : undefined;
    merged = inner && merged && merge(merged, inner, root);
  }
  return merged;
}

/** What is valid by both. What the first says about itself counts. */
function merge(first: JsonSchema, second: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  const merged: JsonSchema = { ...first };
  for (const [keyword, theirs] of Object.entries(second)) {
    if (!Object.hasOwn(first, keyword)) merged[keyword] = theirs;
    else if (!ANNOTATIONS.has(keyword) && !isSame(first[keyword], theirs)) {
      const both = mergeKeyword(keyword, first[keyword], theirs, root);
      if (both === undefined) return undefined;
      merged[keyword] = both;
    }
  }
  return merged;
}

function mergeKeyword(keyword: string, ours: unknown, theirs: unknown, root: JsonSchema): unknown {
  if (typeof ours === "number" && typeof theirs === "number") {
    if (LOWEST.has(keyword)) return Math.max(ours, theirs);
    return HIGHEST.has(keyword) ? Math.min(ours, theirs) : undefined;
  }
  switch (keyword) {
    case "type":
      return commonTypes(ours, theirs);
    case "required":
      return [...new Set([...(ours as string[]), ...(theirs as string[])])];
    case "enum": {
      const common = (ours as unknown[]).filter((one) => (theirs as unknown[]).some((other) => isSame(one, other)));
      return common.length > 0 ? common : undefined;
    }
    case "properties":
    case "$defs":
      return mergeAll(ours, theirs, root);
    case "additionalProperties":
    case "items":
      return mergeSchemas(ours, theirs, root);
    default:
      return undefined;
  }
}

function mergeSchemas(ours: unknown, theirs: unknown, root: JsonSchema): unknown {
  if (ours === false || theirs === false) return false;
  if (!isSchema(ours)) return theirs;
  if (!isSchema(theirs)) return ours;
  const [first, second] = [flat(ours, root), flat(theirs, root)];
  return first && second && merge(first, second, root);
}

function mergeAll(ours: unknown, theirs: unknown, root: JsonSchema): JsonSchema | undefined {
  if (!isSchema(ours) || !isSchema(theirs)) return undefined;
  const merged = new Map(Object.entries(ours));
  for (const [name, inner] of Object.entries(theirs)) {
    const both = !merged.has(name) || isSame(merged.get(name), inner) ? inner : mergeSchemas(merged.get(name), inner, root);
    if (both === undefined) return undefined;
    merged.set(name, both);
  }
  return Object.fromEntries(merged);
}

function commonTypes(ours: unknown, theirs: unknown): unknown {
  const [first, second] = [[ours].flat(), [theirs].flat()];
  const common = first.flatMap((type) => {
    if (second.includes(type) || (type === "integer" && second.includes("number"))) return [type];
    return type === "number" && second.includes("integer") ? ["integer"] : [];
  });
  return common.length > 1 ? common : common[0];
}

/**
 * The schemas of which one must fit, each with what the schema says beside them; undefined where
 * there is no choice. Where both cannot be merged, what stands beside the choices is all that is
 * left.
 */
export function choicesOf(plain: JsonSchema, root: JsonSchema): JsonSchema[] | undefined {
  const { anyOf, oneOf, ...rest } = plain;
  const choices: unknown = anyOf ?? oneOf;
  if (!Array.isArray(choices)) return undefined;
  const { $defs: _, ...base } = anyOf === undefined || oneOf === undefined ? rest : { ...rest, oneOf };
  const binds = Object.keys(base).some((keyword) => !ANNOTATIONS.has(keyword));
  return choices.flatMap((choice): JsonSchema[] => {
    if (!isSchema(choice)) return choice === true ? [base] : [];
    if (!binds) return [choice];
    const inner = flat(choice, root);
    return [(inner && merge(inner, withoutNotes(base), root)) ?? base];
  });
}

/** What a schema says about itself and not about its values. */
export function notesOf(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => ANNOTATIONS.has(keyword)));
}

function withoutNotes(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword)));
}

/** A schema with what cannot be sent of it in its description, where the model still reads it. */
export function withTold(schema: JsonSchema, told: JsonSchema): JsonSchema {
  const words = Object.entries(told).map(([keyword, value]) => `${keyword}: ${JSON.stringify(value)}`);
  if (words.length === 0) return schema;
  return { ...schema, description: [schema["description"], `{${words.join(", ")}}`].filter(Boolean).join("\n\n") };
}

/** The schema, which then also takes null. */
export function withNull(schema: JsonSchema): JsonSchema {
  const { enum: values, const: only, anyOf } = schema;
  const types = typesOf(schema);
  if (types.length === 0 && !["$ref", "anyOf", "oneOf", "allOf"].some((keyword) => schema[keyword] !== undefined)) return schema;
  if (types.length > 0 && !types.includes("object") && !types.includes("array")) {
    const { const: _, enum: _also, ...rest } = schema;
    const listed = Array.isArray(values) ? (values as unknown[]) : only === undefined ? undefined : [only];
    const type = [...new Set([...types, "null"])];
    return { ...rest, type, ...(listed !== undefined && { enum: listed.includes(null) ? listed : [...listed, null] }) };
  }
  const { $defs, ...inner } = withoutNotes(schema);
  const choices = Object.keys(inner).length === 1 && Array.isArray(anyOf) ? (anyOf as unknown[]) : [inner];
  return { ...notesOf(schema), anyOf: [...choices, { type: "null" }], ...($defs !== undefined && { $defs }) };
}
