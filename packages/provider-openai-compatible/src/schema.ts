import type { CallOutput, ChatAdapter, JsonSchema } from "@plurivox/core/provider";
import type { Host } from "./compat.ts";
import { FINE_TUNED, SCHEMA_NAME, SMALL_SHAPES, STRICT_SCHEMAS, STRICT_SHAPES } from "./quirks.ts";

/** How this host holds a model to a schema. */
export function toStrictness({ compat }: Pick<Host, "compat">): NonNullable<ChatAdapter["strictness"]> {
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
