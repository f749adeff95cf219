import { LlmError } from "../error.ts";
import type { CallOutput } from "../model/chat.ts";
import type { JsonSchema, Output, OutputMode, Schema } from "../model/tool.ts";

/** What a Standard Schema offers beside validation: https://standardschema.dev/json-schema. */
interface StandardJsonSchema {
  "~standard": { vendor?: string; jsonSchema?: { output?(options: { target: string }): JsonSchema } };
}

/** The JSON Schema of what a schema accepts. Throws `schema` for one that cannot say. */
function toJsonSchema(schema: Schema): JsonSchema {
  if (!("~standard" in schema)) {
    if (typeof schema !== "object" || schema === null)
      throw new LlmError("schema", "A schema must be a Standard Schema or a JSON Schema object.");
    return schema;
  }
  const { vendor, jsonSchema } = (schema as StandardJsonSchema)["~standard"];
  if (jsonSchema?.output === undefined) {
    throw new LlmError("schema", `This ${vendor ?? "Standard Schema"} schema cannot be turned into JSON Schema.`, {
      hint: vendor === "valibot" ? "Wrap it in toStandardJsonSchema() of @valibot/to-json-schema." : "Pass a JSON Schema instead.",
    });
  }
  const { $schema: _, ...plain } = jsonSchema.output({ target: "draft-2020-12" });
  return plain;
}

/** One form for all that `output` accepts, told apart in the order that its type gives. */
export function toCallOutput(output: Output): { output: CallOutput; mode: OutputMode } {
  const name = "answer";
  if (output === "json") return { output: { name, strict: false }, mode: "auto" };
  if (typeof output === "object" && !("~standard" in output)) {
    if (isSettings(output)) {
      const { schema, strict = true, mode = "auto" } = output;
      return { output: { name: output.name ?? name, schema: toJsonSchema(schema), strict }, mode };
    }
    if (isEnvelope(output)) {
      const { json_schema: envelope } = output;
      return { output: { name: envelope.name, schema: envelope.schema as JsonSchema, strict: envelope.strict ?? true }, mode: "auto" };
    }
  }
  return { output: { name, schema: toJsonSchema(output as Schema), strict: true }, mode: "auto" };
}

type Settings = Extract<Output, { schema: Schema }>;
type Envelope = Extract<Output, { json_schema: object }>;

function isSettings(output: object): output is Settings {
  return "schema" in output && (typeof output.schema === "object" || typeof output.schema === "function");
}

function isEnvelope(output: object): output is Envelope {
  return "json_schema" in output;
}
