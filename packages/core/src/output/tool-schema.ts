import { LlmError } from "../error.ts";
import type { JsonSchema } from "../model/tool.ts";
import { choicesOf, flat, isSame, isSchema, notesOf, typesOf, withTold } from "./json-schema.ts";
import { tidied } from "./tidy.ts";

/**
 * Vendors refuse these at the top of a tool's schema.
 * https://github.com/anthropics/claude-code/issues/4753 (2025-07)
 */
const NOT_AT_TOP = ["anyOf", "oneOf", "allOf", "enum", "const", "not", "$ref"];

/** The schema of a tool's input as every vendor takes it: of an object, with `properties`. */
export interface ToolSchema {
  schema: JsonSchema;
  /** Several forms were made one, which takes more than they did. */
  flattened: boolean;
}

/**
 * Makes a tool's schema one that no vendor refuses. The input is still checked by the caller's own.
 * Throws `schema`, with the tool's name, for one that no object can fit.
 */
export function toToolSchema(given: unknown, name: string): ToolSchema {
  const of = `the tool ${JSON.stringify(name)}`;
  if (given === undefined || given === null || given === true) return { schema: { type: "object", properties: {} }, flattened: false };
  if (!isSchema(given)) throw noObject(of);
  const keepRoot = given["type"] === "object" && NOT_AT_TOP.every((keyword) => given[keyword] === undefined);
  const schema = tidied(given, { of, send: true, keepRoot });
  if (keepRoot) return { schema: isSchema(schema["properties"]) ? schema : { ...schema, properties: {} }, flattened: false };
  const { $defs } = schema;
  const form = new Forms(schema, of).of(schema);
  if (form === undefined) throw noObject(of);
  const { $defs: _, ...object } = form.schema;
  return { schema: { ...object, ...($defs !== undefined && { $defs }) }, flattened: form.flattened };
}

function noObject(of: string): LlmError {
  return new LlmError("schema", `The schema of ${of} is not of an object, and the input of a tool always is one.`, {
    hint: 'Put it into one: { type: "object", properties: { value: … }, required: ["value"] }.',
  });
}

/** Forms that are looked at; a schema with more is a trap, or no use to a model. */
const MOST_FORMS = 2000;

class Forms {
  readonly #root: JsonSchema;
  readonly #name: string;
  readonly #open = new Set<JsonSchema>();
  #count = 0;

  constructor(root: JsonSchema, name: string) {
    this.#root = root;
    this.#name = name;
  }

  /**
   * The objects that a schema takes, as one schema without a choice at its top; undefined where it
   * takes none.
   */
  of(schema: JsonSchema): ToolSchema | undefined {
    if (++this.#count > MOST_FORMS)
      throw new LlmError("schema", `The schema of ${this.#name} has more than ${MOST_FORMS} forms at its top.`);
    const plain = this.#open.has(schema) ? undefined : flat(schema, this.#root);
    if (plain === undefined) return undefined;
    const choices = choicesOf(plain, this.#root);
    if (choices === undefined) return single(plain);
    this.#open.add(schema);
    const forms = choices.flatMap((choice) => this.of(choice) ?? []);
    this.#open.delete(schema);
    const [first] = forms;
    if (first === undefined) return undefined;
    const notes = notesOf(plain);
    if (forms.length === 1) return { schema: { ...first.schema, ...notes }, flattened: first.flattened };
    const all = forms.map((form) => form.schema);
    return { schema: joined(all, notes), flattened: true };
  }
}

function single({ enum: values, const: only, not, ...rest }: JsonSchema): ToolSchema | undefined {
  const types = typesOf({ ...rest, enum: values, const: only });
  if (types.length > 0 && !types.includes("object")) return undefined;
  const told = {
    ...(values !== undefined && { enum: values }),
    ...(only !== undefined && { const: only }),
    ...(not !== undefined && { not }),
  };
  const properties = isSchema(rest["properties"]) ? rest["properties"] : {};
  return { schema: withTold({ ...rest, type: "object", properties }, told), flattened: false };
}

/**
 * One form for several: what all have is required, and what differs may be any of it. The
 * description says what belongs together.
 */
function joined(forms: readonly JsonSchema[], notes: JsonSchema): JsonSchema {
  const properties = new Map<string, JsonSchema[]>();
  for (const form of forms)
    for (const [name, one] of Object.entries(form["properties"] as Record<string, JsonSchema>)) {
      const known = properties.get(name) ?? [];
      if (!known.some((other) => isSame(other, one))) known.push(one);
      properties.set(name, known);
    }
  const required = [...properties.keys()].filter((name) => forms.every((form) => requiredOf(form).includes(name)));
  const described = `Takes one of these forms:\n${forms.map((form) => `- ${formInWords(form)}`).join("\n")}`;
  return {
    ...notes,
    type: "object",
    description: [notes["description"], described].filter(Boolean).join("\n\n"),
    properties: Object.fromEntries([...properties].map(([name, all]) => [name, anyOfThem(all)])),
    ...(required.length > 0 && { required }),
    ...(forms.every((form) => form["additionalProperties"] === false) && { additionalProperties: false }),
  };
}

function requiredOf({ required }: JsonSchema): string[] {
  return Array.isArray(required) ? (required as string[]) : [];
}

function anyOfThem(schemas: readonly JsonSchema[]): JsonSchema {
  const [first] = schemas;
  if (schemas.length === 1) return first!;
  const values = schemas.map(({ const: only, enum: listed }) =>
    Array.isArray(listed) ? (listed as unknown[]) : only === undefined ? [] : [only],
  );
  if (values.some((list) => list.length === 0)) return { anyOf: schemas };
  const types = [...new Set(schemas.flatMap(typesOf))];
  return { type: types.length === 1 ? types[0] : types, enum: [...new Set(values.flat())] };
}

/** Describes one form, such as `kind: "circle", radius, color (optional)`. */
function formInWords(form: JsonSchema): string {
  const required = requiredOf(form);
  const words = Object.entries(form["properties"] as Record<string, JsonSchema>).map(([name, { const: only, enum: values }]) => {
    const fixed = only ?? (Array.isArray(values) && values.length === 1 ? (values[0] as unknown) : undefined);
    const said = fixed === undefined ? name : `${name}: ${JSON.stringify(fixed)}`;
    return required.includes(name) ? said : `${said} (optional)`;
  });
  const title = [form["title"], form["description"]].filter((text) => typeof text === "string").join(", ");
  return `${words.join(", ") || "no properties"}${title === "" ? "" : ` (${title})`}`;
}
