import type { CallOutput, JsonSchema } from "@plurivox/core/provider";
import { SCHEMA_NAME, STRICT_SCHEMAS } from "./quirks.ts";

/** A schema as both wires name it. It is strict only where it can be: what strict mode cannot say is sent as it stands, with `strict: false`. */
export function toNamedSchema(
  { name, schema, strict }: CallOutput,
  mayBeStrict: boolean,
): { name: string; schema: JsonSchema; strict?: boolean } {
  const closed = strict && mayBeStrict && schema !== undefined ? toStrictSchema(schema) : undefined;
  return {
    name: name.replaceAll(SCHEMA_NAME.forbidden, "_").slice(0, SCHEMA_NAME.maxLength),
    schema: closed ?? schema ?? {},
    ...(mayBeStrict && { strict: closed !== undefined }),
  };
}

/**
 * The schema as strict mode takes it: every object closed, nothing optional. Undefined where that would change what it means:
 * an optional property, an open object, anything at all, a keyword that strict mode does not know.
 */
export function toStrictSchema(schema: JsonSchema): JsonSchema | undefined {
  return schema["type"] === "object" && schema["anyOf"] === undefined ? close(schema) : undefined;
}

function close(schema: JsonSchema): JsonSchema | undefined {
  const closed: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (STRICT_SCHEMAS.refused.has(keyword)) return undefined;
    if (STRICT_SCHEMAS.dropped.has(keyword)) continue;
    const inner = closeKeyword(keyword, value);
    if (inner === undefined) return undefined;
    closed.push([keyword, inner]);
  }
  const { type, properties, required, additionalProperties } = schema;
  if (type === undefined && schema["anyOf"] === undefined && schema["$ref"] === undefined) return undefined;
  if (type !== "object" && !(Array.isArray(type) && type.includes("object"))) return Object.fromEntries(closed);
  if (!isSchema(properties) || (additionalProperties !== undefined && additionalProperties !== false)) return undefined;
  const names = Object.keys(properties);
  const demanded = new Set(Array.isArray(required) ? required : []);
  return names.every((name) => demanded.has(name))
    ? { ...Object.fromEntries(closed), required: names, additionalProperties: false }
    : undefined;
}

/** The value of a keyword, with the schemas in it closed. */
function closeKeyword(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case "properties":
    case "$defs":
    case "definitions":
      return isSchema(value) ? closeAll(Object.entries(value), Object.fromEntries) : value;
    case "anyOf":
    case "prefixItems":
      return Array.isArray(value) ? closeAll(Object.entries(value), (pairs) => pairs.map(([, inner]) => inner)) : value;
    case "items":
      return isSchema(value) ? close(value) : value;
    default:
      return value;
  }
}

function closeAll(pairs: [string, unknown][], join: (pairs: [string, unknown][]) => unknown): unknown {
  const closed = pairs.map(([name, inner]): [string, unknown] => [name, isSchema(inner) ? close(inner) : inner]);
  return closed.some(([, inner]) => inner === undefined) ? undefined : join(closed);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
