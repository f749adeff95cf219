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

/** One form for all that `output` accepts, told apart in the order that its type gives. */
export function toCallOutput(output: Output): { output: CallOutput; mode: OutputMode } {
  const name = "answer";
  if (output === "json") return { output: { name, strict: false }, mode: "auto" };
  if (typeof output === "object" && !("~standard" in output)) {
    if (isSettings(output)) {
      const { schema, strict = true, mode = "auto" } = output;
      return { output: { name: output.name ?? name, schema: toJsonSchema(schema, "input"), strict }, mode };
    }
    if (isEnvelope(output)) {
      const { json_schema: envelope } = output;
      return { output: { name: envelope.name, schema: envelope.schema as JsonSchema, strict: envelope.strict ?? true }, mode: "auto" };
    }
  }
  return { output: { name, schema: toJsonSchema(output as Schema, "input"), strict: true }, mode: "auto" };
}

type Settings = Extract<Output, { schema: Schema }>;
type Envelope = Extract<Output, { json_schema: object }>;

function isSettings(output: object): output is Settings {
  return "schema" in output && (typeof output.schema === "object" || typeof output.schema === "function");
}

function isEnvelope(output: object): output is Envelope {
  return "json_schema" in output;
}
