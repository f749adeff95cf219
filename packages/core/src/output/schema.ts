import { LlmError } from "../error.ts";
import type { CallOutput } from "../model/chat.ts";
import type { JsonSchema, Output, OutputMode, Schema } from "../model/tool.ts";
import { flat } from "./json-schema.ts";
import { tidied } from "./tidy.ts";

/** What a Standard Schema offers beside validation: https://standardschema.dev/json-schema. */
interface StandardJsonSchema {
  "~standard": { vendor?: string; jsonSchema?: Partial<Record<Side, (options: { target: string }) => JsonSchema>> };
}

/** "input": what a schema accepts. "output": what comes out of it, transformed. */
type Side = "input" | "output";

/** The JSON Schema of a schema. Throws `schema` for one that cannot say. */
export function toJsonSchema(schema: Schema, side: Side): JsonSchema {
  if ((typeof schema !== "object" && typeof schema !== "function") || schema === null || Array.isArray(schema))
    throw new LlmError("schema", "A schema must be a Standard Schema or a JSON Schema object.");
  if (!("~standard" in schema)) return schema;
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
  /** Absent: the schema is strict where that is possible. */
  strict?: boolean;
  mode: OutputMode;
  validate: boolean;
  repair: boolean;
  /** The answer comes as `{ value }`: vendors want an object at the root, and the schema is none. */
  wrapped: boolean;
}

const NAME = "answer";

/** One form for all that `output` accepts, told apart in the order that its type gives. Throws `schema`. */
export function toWanted(output: Output): Wanted {
  const wanted = { name: NAME, mode: "auto" as const, validate: true, repair: false };
  if (output === "json") return { ...wanted, wrapped: false };
  if (typeof output === "object" && !("~standard" in output)) {
    if (isSettings(output)) {
      const { schema, ...settings } = output;
      return { ...wanted, ...defined(settings), ...describe(schema) };
    }
    if (isEnvelope(output)) {
      const { name, schema, strict } = output.json_schema;
      return { ...wanted, ...defined({ name, strict }), ...describe(schema as JsonSchema) };
    }
  }
  return { ...wanted, ...describe(output as Schema) };
}

/** A schema that is no object is put into a property of one. */
function describe(schema: Schema): Pick<Wanted, "schema" | "jsonSchema" | "wrapped"> {
  const given = toJsonSchema(schema, "input");
  const { $ref, allOf } = given;
  const keepRoot = $ref === undefined && allOf === undefined && isObject(given);
  const tidy = tidied(given, { of: "the output", send: true, keepRoot });
  if (keepRoot) return { schema, jsonSchema: { type: "object", ...tidy }, wrapped: false };
  const { $defs, ...value } = tidy;
  const shared = $defs === undefined ? {} : { $defs };
  const merged = $ref === undefined && allOf === undefined ? undefined : flat(tidy, tidy);
  if (merged !== undefined && isObject(merged)) return { schema, jsonSchema: { ...merged, type: "object", ...shared }, wrapped: false };
  const jsonSchema = { type: "object", properties: { value }, required: ["value"], additionalProperties: false, ...shared };
  return { schema, jsonSchema, wrapped: true };
}

function isObject({ type, properties, anyOf, oneOf }: JsonSchema): boolean {
  return type === "object" ? anyOf === undefined && oneOf === undefined : type === undefined && properties !== undefined;
}

function defined<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The same, as a provider maps it. */
export function toCallOutput({ name, jsonSchema, strict = jsonSchema !== undefined }: Wanted): CallOutput {
  return { name, strict, ...(jsonSchema !== undefined && { schema: jsonSchema }) };
}

type Settings = Extract<Output, { schema: Schema }>;
type Envelope = Extract<Output, { json_schema: object }>;

function isSettings(output: object): output is Settings {
  return "schema" in output && (typeof output.schema === "object" || typeof output.schema === "function");
}

function isEnvelope(output: object): output is Envelope {
  return "json_schema" in output;
}
