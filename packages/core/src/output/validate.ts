import { Validator, type Schema as ValidatorSchema } from "@cfworker/json-schema";
import type { JsonSchema, Schema } from "../model/tool.ts";
import { toJsonSchema } from "./schema.ts";
import { tidied } from "./tidy.ts";
import { withoutWidening } from "./widening.ts";

export type Checked = { value: unknown } | { issues: string[] };

interface StandardSchema {
  "~standard": { validate(value: unknown): StandardResult | Promise<StandardResult> };
}
type StandardResult =
  | { value: unknown; issues?: undefined }
  | { issues: readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] }[] };

/** Issues that are told; the model and the reader need not see a thousand. */
const MAX_ISSUES = 8;
const validators = new WeakMap<object, Validator>();
const plainSchemas = new WeakMap<object, JsonSchema>();

/**
 * What a schema says of a value: the value as it gives it, transformed where it transforms, or what
 * is wrong. Nulls that only strict schemas brought in are absent properties. A tool without a
 * schema takes anything.
 */
export async function validate(schema: Schema | boolean | null | undefined, given: unknown): Promise<Checked> {
  if (typeof schema === "boolean" || schema === null || schema === undefined) return { value: given };
  const plain = plainOf(schema);
  const value = plain === undefined ? given : withoutWidening(given, plain);
  if ("~standard" in schema) {
    const result = await (schema as unknown as StandardSchema)["~standard"].validate(value);
    if (result.issues === undefined) return { value: result.value };
    return { issues: result.issues.slice(0, MAX_ISSUES).map(({ message, path = [] }) => `${pathOf(path)}${message}`) };
  }
  const { valid, errors } = validatorOf(schema, plain ?? schema).validate(value);
  if (valid) return { value };
  // The validator tells each failure at every level; the innermost say what is wrong.
  const deepest = errors.filter(
    (error) => !errors.some((other) => other !== error && other.instanceLocation.startsWith(`${error.instanceLocation}/`)),
  );
  return {
    issues: [...new Set(deepest.map(({ instanceLocation, error }) => `${instanceLocation.slice(1) || "/"}: ${error}`))].slice(
      0,
      MAX_ISSUES,
    ),
  };
}

/** A schema as JSON Schema, undefined for one that cannot say: then it alone decides. */
function plainOf(schema: Schema): JsonSchema | undefined {
  const known = plainSchemas.get(schema);
  if (known !== undefined) return known;
  try {
    const plain = tidied(toJsonSchema(schema, "input"), { of: "this" });
    plainSchemas.set(schema, plain);
    return plain;
  } catch {
    return undefined;
  }
}

function validatorOf(schema: object, plain: JsonSchema): Validator {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  // The validator writes into its schema: the caller's may be frozen, and is the caller's in any case.
  const validator = new Validator(JSON.parse(JSON.stringify(plain)) as ValidatorSchema, "2020-12", false);
  validators.set(schema, validator);
  return validator;
}

function pathOf(path: readonly (PropertyKey | { key: PropertyKey })[]): string {
  if (path.length === 0) return "";
  return `${path.map((step) => String(typeof step === "object" ? step.key : step)).join("/")}: `;
}
