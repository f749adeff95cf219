import type { CallOutput, JsonSchema, SchemaRules, Strictness } from "@plurivox/core/provider";
import type { Host } from "./compat.ts";
import { SCHEMA_NAME } from "./quirks.ts";

/**
 * What strict mode takes of JSON Schema, less expressions with lookaround, and how large a schema
 * may be. https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas
 * (2026-11)
 */
const KEYWORDS = /^(title|description|enum|const|pattern|multipleOf|(exclusiveM|m)(in|ax)imum|(min|max)Items)$/;
const FORMATS = /^(date-time|time|date|duration|email|hostname|ipv4|ipv6|uuid)$/;
const STRICT_SCHEMAS: SchemaRules = {
  takes: (keyword, value) => (keyword === "format" ? FORMATS.test(String(value)) : KEYWORDS.test(keyword)),
  optional: "widened",
  limits: { properties: 5000, depth: 10, enumValues: 1000, letters: 120_000 },
};

/**
 * Strict mode of fine-tuned models, and of Azure, which bounds no values. The same page;
 * https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs (2026-11)
 */
const STRICT_SHAPES: SchemaRules = { ...STRICT_SCHEMAS, takes: (keyword) => /^(title|description|enum|const)$/.test(keyword) };
const SMALL_SHAPES: SchemaRules = { ...STRICT_SHAPES, limits: { properties: 100, depth: 5, enumValues: 500, letters: 15_000 } };
const FINE_TUNED: RegExp = /^ft:/;

/** How this host holds a model to a schema. */
export function toStrictness({ compat }: Pick<Host, "compat">): Strictness {
  return (model) => {
    if (compat.strict === "shape") return SMALL_SHAPES;
    return compat.strict && (FINE_TUNED.test(model) ? STRICT_SHAPES : STRICT_SCHEMAS);
  };
}

/** A schema as both wires name it. Core has made it strict where it is to be. */
export function toNamedSchema(
  { name, schema = {}, strict }: CallOutput,
  compat: Host["compat"],
): { name: string; schema: JsonSchema; strict?: boolean } {
  return {
    name: name.replaceAll(SCHEMA_NAME.forbidden, "_").slice(0, SCHEMA_NAME.maxLength),
    schema,
    ...(compat.strict && { strict }),
  };
}
