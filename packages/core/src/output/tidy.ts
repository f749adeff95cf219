import { LlmError } from "../error.ts";
import type { JsonSchema } from "../model/tool.ts";
import { follow, isSchema, typesOf, withNull, withTold } from "./json-schema.ts";

const OF_SCHEMAS = new Set(["properties", "patternProperties", "dependentSchemas", "$defs"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const SINGLE = new Set([
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedProperties",
  "unevaluatedItems",
]);
/** In these a boolean is a schema that every vendor knows. */
const BOOLEAN = new Set(["items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems"]);
/** Names of schemas and of other dialects: some vendors refuse them, and no model needs them. */
const NAMES = new Set(["$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary", "$comment"]);
const DIALECT = "https://json-schema.org/draft/2020-12/schema";
/**
 * Vendors' expressions have no lookaround and no back references: OpenAI answers 400 to a request
 * with one in any tool (https://github.com/vercel/ai/pull/21037, 2026-09), Gemini and Claude where
 * they compile schemas (https://github.com/nspady/google-calendar-mcp/issues/183, 2026-05).
 */
const UNKNOWN_PATTERN = /\(\?<?[=!]|\\[1-9]|\\k</;
const MAX_DEPTH = 200;

interface TidyOptions {
  /** Names the owner of the schema in errors. */
  of: string;
  /** For a vendor, and not to check values with: what vendors refuse moves into descriptions. */
  send?: boolean;
  /** The root is sent as it stands, so that references to it still hold. */
  keepRoot?: boolean;
}

/**
 * A schema in the words of JSON Schema 2020-12, whichever dialect it was written in: `definitions`,
 * `nullable`, lists in `items`, `exclusiveMinimum: true`. To be sent, its references all lead to
 * `$defs`. Throws `schema` for one that holds itself, nests too deeply, or refers to nothing.
 */
export function tidied(schema: JsonSchema, options: TidyOptions): JsonSchema {
  return new Tidier(schema, options).root();
}

class Tidier {
  readonly #root: JsonSchema;
  readonly #options: TidyOptions;
  readonly #open = new Set<object>();
  /**
   * What references led to and was no definition: the reference to it now, and those that are not
   * tidied yet.
   */
  readonly #moved = new Map<string, string>();
  readonly #pending: [name: string, schema: JsonSchema][] = [];

  constructor(root: JsonSchema, options: TidyOptions) {
    this.#root = root;
    this.#options = options;
  }

  root(): JsonSchema {
    const tidy = this.#tidy(this.#root) as JsonSchema;
    if (this.#pending.length === 0) return tidy;
    const defs = new Map(Object.entries((tidy["$defs"] as JsonSchema | undefined) ?? {}));
    // What is tidied may lead to more.
    for (const [name, schema] of this.#pending) defs.set(name, this.#tidy(schema) as JsonSchema);
    return { ...tidy, $defs: Object.fromEntries(defs) };
  }

  #tidy(schema: unknown): unknown {
    if (!isSchema(schema)) return schema;
    if (this.#open.has(schema)) throw this.#error("holds itself; describe what recurs in $defs and refer to it by $ref");
    if (this.#open.size > MAX_DEPTH) throw this.#error(`nests deeper than ${MAX_DEPTH} levels`);
    this.#open.add(schema);
    const source = isCurrent(schema) ? schema : translated(schema);
    // Most schemas are tidy: those are not copied.
    let tidy: Map<string, unknown> | undefined;
    for (const [keyword, value] of Object.entries(source)) {
      const own = this.#isOut(keyword, value) ? undefined : this.#keyword(keyword, value);
      if (own !== value) tidy = (tidy ?? new Map(Object.entries(source))).set(keyword, own);
      if (own === undefined) tidy?.delete(keyword);
    }
    this.#open.delete(schema);
    // OpenAI and Gemini refuse a list that does not say of what.
    if (this.#options.send && source["items"] === undefined && typesOf(source).includes("array"))
      tidy = (tidy ?? new Map(Object.entries(source))).set("items", {});
    const told = this.#isOut("pattern", source["pattern"]) ? { pattern: source["pattern"] } : {};
    return withTold(tidy === undefined ? source : Object.fromEntries(tidy), told);
  }

  /** Whether a keyword is not to be sent. */
  #isOut(keyword: string, value: unknown): boolean {
    if (!this.#options.send || typeof value !== "string") return false;
    return keyword === "pattern" ? UNKNOWN_PATTERN.test(value) : NAMES.has(keyword) && value !== DIALECT;
  }

  #keyword(keyword: string, value: unknown): unknown {
    if (keyword === "$ref" && typeof value === "string") return this.#options.send ? this.#refer(value) : localised(value);
    if (OF_SCHEMAS.has(keyword) && isSchema(value)) {
      const inner = Object.entries(value).filter(([, one]) => !(this.#options.send && keyword === "properties" && one === false));
      const tidy = inner.map(([name, one]): [string, unknown] => [name, this.#schema(one)]);
      const isSame = tidy.length === Object.keys(value).length && tidy.every(([, one], index) => one === inner[index]![1]);
      return isSame ? value : Object.fromEntries(tidy);
    }
    if (LISTS.has(keyword) && Array.isArray(value)) {
      const tidy = value.map((one) => this.#schema(one));
      return tidy.every((one, index) => one === value[index]) ? value : tidy;
    }
    if (SINGLE.has(keyword)) return BOOLEAN.has(keyword) ? this.#tidy(value) : this.#schema(value);
    return value;
  }

  #schema(value: unknown): unknown {
    if (typeof value !== "boolean" || !this.#options.send) return this.#tidy(value);
    return value ? {} : { not: {} };
  }

  /** The reference as it is sent. What it leads to becomes a definition where it is none. */
  #refer(reference: string): string {
    const local = localised(reference);
    if ((local === "#" && this.#options.keepRoot) || /^#\/\$defs\/[^/]+$/.test(local)) {
      if (isSchema(follow(reference, this.#root)) || isSchema(follow(local, this.#root))) return local;
      throw this.#error(`refers to ${JSON.stringify(reference)}, which is not in it`);
    }
    const known = this.#moved.get(local);
    if (known !== undefined) return known;
    const target = follow(reference, this.#root) ?? follow(local, this.#root);
    if (!isSchema(target)) throw this.#error(`refers to ${JSON.stringify(reference)}, which is not in it`);
    const name = this.#freeName(reference.split("/").at(-1)!.replaceAll(/\W/g, "") || "root");
    this.#moved.set(local, `#/$defs/${name}`);
    const { $defs: _, definitions: _also, ...plain } = target;
    this.#pending.push([name, plain]);
    return `#/$defs/${name}`;
  }

  #freeName(wanted: string): string {
    const taken = { ...(this.#root["definitions"] as object | undefined), ...(this.#root["$defs"] as object | undefined) };
    let name = wanted;
    const isTaken = () => Object.hasOwn(taken, name) || this.#pending.some(([other]) => other === name);
    for (let count = 2; isTaken(); count++) name = `${wanted}${count}`;
    return name;
  }

  #error(what: string): LlmError {
    return new LlmError("schema", `The schema of ${this.#options.of} ${what}.`);
  }
}

function localised(reference: string): string {
  return reference.replace(/^#\/definitions\//, "#/$defs/");
}

/** Whether a schema, without those in it, has no words of other dialects. */
function isCurrent(schema: JsonSchema): boolean {
  const { definitions, nullable, additionalItems, items, required, exclusiveMinimum: low, exclusiveMaximum: high } = schema;
  const older = definitions !== undefined || nullable !== undefined || additionalItems !== undefined || Array.isArray(items);
  return !older && (required === undefined || Array.isArray(required)) && typeof low !== "boolean" && typeof high !== "boolean";
}

/** One schema, without those in it, in the words of 2020-12. */
function translated(schema: JsonSchema): JsonSchema {
  const { definitions, nullable, additionalItems, ...rest } = schema;
  const tidy: JsonSchema = rest;
  if (isSchema(definitions)) tidy["$defs"] = { ...definitions, ...(rest["$defs"] as JsonSchema | undefined) };
  if (Array.isArray(rest["items"])) {
    tidy["prefixItems"] = rest["items"];
    tidy["items"] = additionalItems;
  }
  if ("required" in rest && !Array.isArray(rest["required"])) tidy["required"] = undefined;
  for (const [exclusive, limit] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof rest[exclusive] !== "boolean") continue;
    const { [limit]: bound } = rest;
    tidy[exclusive] = rest[exclusive] ? bound : undefined;
    if (tidy[exclusive] !== undefined) tidy[limit] = undefined;
  }
  return nullable === true ? withNull(tidy) : tidy;
}
