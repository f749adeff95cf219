import { LlmError } from "../error.ts";
import type { CallOutput } from "../model/chat.ts";
import type { JsonSchema, Output, OutputMode, Schema } from "../model/tool.ts";

/** What a Standard Schema offers beside validation: https://standardschema.dev/json-schema. */
interface StandardJsonSchema {
  "~standard": { vendor?: string; jsonSchema?: Partial<Record<Side, (options: { target: string }) => JsonSchema>> };
}

/** "input": what a schema accepts. "output": what comes out of it, transformed. */
type Side = "input" | "output";

/** The JSON Schema of a schema. Throws `schema` for one that cannot say. */
export function toJsonSchema(schema: Schema, side: Side): JsonSchema {
  if (!("~standard" in schema)) {
    if (typeof schema !== "object" || schema === null)
      throw new LlmError("schema", "A schema must be a Standard Schema or a JSON Schema object.");
    return schema;
  }
  const { vendor, jsonSchema } = (schema as StandardJsonSchema)["~standard"];
  const toSchema = jsonSchema?.[side];
  if (toSchema === undefined) {
    throw new LlmError("schema", `This ${vendor ?? "Standard Schema"} schema cannot be turned into JSON Schema.`, {
      hint: vendor === "valibot" ? "Wrap it in toStandardJsonSchema() of @valibot/to-json-schema." : "Pass a JSON Schema instead.",
    });
  }
  const { $schema: _, ...plain } = toSchema({ target: "draft-2020-12" });
  return plain;
}

/** What `output` asks for, in one form. */
export interface Wanted {
  /** As the vendor is told. Absent: any JSON. */
  jsonSchema?: JsonSchema;
  /** As the caller gave it, to check the answer. */
  schema?: Schema;
  name: string;
  strict: boolean;
  mode: OutputMode;
  validate: boolean;
  repair: boolean;
  /** The answer comes as `{ value }`: vendors want an object at the root, and the schema is none. */
  wrapped: boolean;
}

const NAME = "answer";

/** One form for all that `output` accepts, told apart in the order that its type gives. Throws `schema`. */
export function toWanted(output: Output): Wanted {
  const wanted = { name: NAME, strict: true, mode: "auto" as const, validate: true, repair: false };
  if (output === "json") return { ...wanted, strict: false, wrapped: false };
  if (typeof output === "object" && !("~standard" in output)) {
    if (isSettings(output)) {
      const { schema, ...settings } = output;
      return { ...wanted, ...defined(settings), ...describe(schema) };
    }
    if (isEnvelope(output)) {
      const { name, schema, strict = true } = output.json_schema;
      return { ...wanted, name, strict, ...describe(schema as JsonSchema) };
    }
  }
  return { ...wanted, ...describe(output as Schema) };
}

function describe(schema: Schema): Pick<Wanted, "schema" | "jsonSchema" | "wrapped"> {
  const plain = toJsonSchema(schema, "input");
  if (isObject(plain)) return { schema, jsonSchema: plain, wrapped: false };
  const { $defs, definitions, ...value } = plain;
  const shared = { ...($defs !== undefined && { $defs }), ...(definitions !== undefined && { definitions }) };
  const jsonSchema = { type: "object", properties: { value }, required: ["value"], additionalProperties: false, ...shared };
  return { schema, jsonSchema, wrapped: true };
}

function isObject({ type, properties, $ref }: JsonSchema): boolean {
  return type === "object" || (type === undefined && (properties !== undefined || $ref !== undefined));
}

function defined<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The same, as a provider maps it. */
export function toCallOutput({ name, jsonSchema, strict }: Wanted): CallOutput {
  return { name, strict, ...(jsonSchema !== undefined && { schema: jsonSchema }) };
}

/** Strict schemas make every field required, and those that were optional nullable: such a null means that the field is absent. */
export function withoutWidening(value: unknown, schema: JsonSchema, root: JsonSchema = schema): unknown {
  const known = resolved(schema, root);
  if (Array.isArray(value)) {
    const { items } = known;
    return isSchema(items) ? value.map((item) => withoutWidening(item, items, root)) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  const { properties, required } = known;
  if (!isSchema(properties)) return value;
  const needed = new Set(Array.isArray(required) ? required : []);
  const entries = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!isSchema(own)) return [[name, inner]];
    if (inner === null && !needed.has(name) && !takesNull(own, root)) return [];
    return [[name, withoutWidening(inner, own, root)]];
  });
  return Object.fromEntries(entries);
}

function takesNull(schema: JsonSchema, root: JsonSchema): boolean {
  const { type, anyOf, oneOf, enum: values, const: only } = resolved(schema, root);
  if (
    type === "null" ||
    only === null ||
    (Array.isArray(type) && type.includes("null")) ||
    (Array.isArray(values) && values.includes(null))
  )
    return true;
  const choices = [anyOf, oneOf].find(Array.isArray);
  if (choices !== undefined) return choices.some((choice) => isSchema(choice) && takesNull(choice, root));
  return type === undefined && values === undefined && only === undefined;
}

/** Follows a reference within the schema. */
function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref } = schema;
  if (typeof $ref !== "string" || !$ref.startsWith("#")) return schema;
  let found: unknown = root;
  for (const step of $ref.slice(2).split("/").filter(Boolean))
    found = isSchema(found) ? found[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  return isSchema(found) && found !== schema ? found : schema;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Settings = Extract<Output, { schema: Schema }>;
type Envelope = Extract<Output, { json_schema: object }>;

function isSettings(output: object): output is Settings {
  return "schema" in output && (typeof output.schema === "object" || typeof output.schema === "function");
}

function isEnvelope(output: object): output is Envelope {
  return "json_schema" in output;
}
