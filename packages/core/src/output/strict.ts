import type { JsonSchema } from "../model/tool.ts";
import type { SchemaLimits, SchemaRules } from "../provider/rules.ts";
import { ANNOTATIONS, choicesOf, flat, follow, isSame, isSchema, notesOf, typesOf, withNull, withTold } from "./json-schema.ts";
import { fits } from "./widening.ts";

/**
 * What is not to be told where it is left out: it says nothing, or it is said by closing the
 * schema.
 */
const SILENT =
  /^(\$defs|\$schema|\$comment|additionalProperties|unevaluatedProperties|unevaluatedItems|deprecated|readOnly|writeOnly|x-.*)$/;
/** Keywords that are written anew. */
const SHAPE = new Set(["type", "properties", "required", "items", "prefixItems", "enum", "const", "$defs"]);

/** Schemas within a schema; one with more is a trap, and no vendor takes it. */
const MOST_SCHEMAS = 20_000;

/**
 * A schema as a vendor can hold a model to it, and what stands against that: paths, each with the
 * reason.
 */
export interface StrictSchema {
  schema: JsonSchema;
  open: string[];
}

/**
 * Closes a tidied schema by a vendor's rules, so that whatever was valid still is: with optional
 * properties as nulls, and without what is checked here. Nothing may be `open` that is to be sent.
 */
export function toStrict(schema: JsonSchema, rules: SchemaRules): StrictSchema {
  const closer = new Closer(schema, rules);
  const closed = closer.close(schema, []);
  const $defs = closer.definitions();
  const strict = Object.keys($defs).length === 0 ? closed : { ...closed, $defs };
  if (rules.limits !== undefined) closer.open.push(...beyond(strict, rules.limits));
  return { schema: strict, open: closer.open };
}

type Path = readonly string[];

class Closer {
  readonly open: string[] = [];
  readonly #root: JsonSchema;
  readonly #rules: SchemaRules;
  readonly #defs = new Map<string, JsonSchema>();
  /** References that are being followed, and schemas that had to be merged and are being closed. */
  readonly #within: (string | JsonSchema)[] = [];

  #count = 0;

  constructor(root: JsonSchema, rules: SchemaRules) {
    this.#root = root;
    this.#rules = rules;
  }

  close(schema: JsonSchema, path: Path): JsonSchema {
    if (++this.#count > MOST_SCHEMAS) return this.open.length > 0 ? {} : this.#refuse(path, "is too much", {});
    const { allOf, ...rest } = schema;
    const [only] = Array.isArray(allOf) && allOf.length === 1 ? (allOf as unknown[]) : [];
    if (isSchema(only) && isNote(rest)) return this.close({ ...only, ...rest }, path);
    const { $ref, ...beside } = schema;
    if (typeof $ref === "string" && isNote(beside)) return this.#refer($ref, beside, path);
    const plain = flat(schema, this.#root);
    const merged = [...path, allOf === undefined ? "$ref" : "allOf"];
    if (plain === undefined) return this.#refuse(merged, "cannot be merged", schema);
    if (plain === schema) return this.#plain(plain, path);
    if (this.#within.includes(schema)) return this.#refuse(merged, "refers to itself", {});
    this.#within.push(schema);
    const closed = this.#plain(plain, path);
    this.#within.pop();
    return closed;
  }

  /** The definitions that are in use, and of the others those that can be closed. */
  definitions(): JsonSchema {
    const { $defs } = this.#root;
    const used = this.open.length;
    for (const [name, inner] of Object.entries(isSchema($defs) ? $defs : {})) {
      if (this.#defs.has(name) || !isSchema(inner)) continue;
      const known = [...this.#defs.keys()];
      this.#refer(`#/$defs/${name}`, {}, []);
      if (this.open.length > used) for (const added of this.#defs.keys()) if (!known.includes(added)) this.#defs.delete(added);
      this.open.length = used;
    }
    return Object.fromEntries(this.#defs);
  }

  #plain(plain: JsonSchema, path: Path): JsonSchema {
    const choices = choicesOf(plain, this.#root);
    if (choices !== undefined) return this.#choose(plain, choices, path);
    const types = typesOf(plain);
    if (types.length === 0 && !this.#rules.open) return this.#refuse(path, "takes anything", {});
    return this.#node(plain, types, path);
  }

  #refuse(path: Path, why: string, schema: JsonSchema): JsonSchema {
    this.open.push(`${path.join(".") || "the root"} (${why})`);
    return schema;
  }

  #refer($ref: string, beside: JsonSchema, path: Path): JsonSchema {
    if (this.#rules.recursion === false && ($ref === "#" || this.#within.includes($ref)))
      return this.#refuse([...path, "$ref"], "refers to itself", beside);
    const name = $ref.slice("#/$defs/".length);
    const target = follow($ref, this.#root);
    if ($ref !== "#" && !this.#defs.has(name) && isSchema(target)) {
      this.#within.push($ref);
      this.#defs.set(name, {});
      this.#defs.set(name, this.close(target, ["$defs", name]));
      this.#within.pop();
    }
    const notes = this.#notes(beside);
    // Some vendors take nothing beside a reference.
    return Object.keys(notes).length === 0 ? { $ref } : { ...notes, anyOf: [{ $ref }] };
  }

  /** One value of several forms; a schema for each, those that are alike once. */
  #choose(plain: JsonSchema, choices: readonly JsonSchema[], path: Path): JsonSchema {
    const word = plain["anyOf"] === undefined ? "oneOf" : "anyOf";
    const closed: JsonSchema[] = [];
    for (const [index, choice] of choices.entries()) {
      if (isSame(choice, { not: {} })) continue;
      const one = this.close(choice, [...path, word, String(index)]);
      if (!closed.some((other) => isSame(other, one))) closed.push(one);
    }
    if (closed.length === 0) return this.#refuse([...path, word], "takes nothing", plain);
    return { ...this.#notes(notesOf(plain)), anyOf: closed };
  }

  #node(plain: JsonSchema, types: readonly string[], path: Path): JsonSchema {
    const told: JsonSchema = {};
    const type = plain["type"] ?? (types.length > 1 ? types : types[0]);
    const closed: JsonSchema = type === undefined ? {} : { type };
    for (const [keyword, value] of Object.entries(plain)) {
      if (SHAPE.has(keyword)) continue;
      if (this.#rules.takes(keyword, value)) closed[keyword] = value;
      else if (!SILENT.test(keyword)) told[keyword] = value;
    }
    this.#values(plain, closed, told, path);
    if (types.includes("object")) this.#object(plain, closed, path);
    if (types.includes("array")) this.#array(plain, closed, told, path);
    return withTold(closed, told);
  }

  #values({ enum: values, const: only }: JsonSchema, closed: JsonSchema, told: JsonSchema, path: Path): void {
    const listed = Array.isArray(values) ? (values as unknown[]) : only === undefined ? [] : [only];
    if (listed.some((value) => typeof value === "object" && value !== null))
      this.#refuse([...path, "enum"], "has values that are no scalars", {});
    if (only !== undefined && this.#rules.takes("const", only)) closed["const"] = only;
    else if (listed.length > 0) (this.#rules.takes("enum", listed) ? closed : told)["enum"] = listed;
  }

  #object(plain: JsonSchema, closed: JsonSchema, path: Path): void {
    const { properties, required, patternProperties, unevaluatedProperties } = plain;
    const further = plain["additionalProperties"] ?? unevaluatedProperties;
    const { optional, someRequired, open, closed: silent } = this.#rules;
    const at = [...path, "additionalProperties"];
    if (open) {
      if (further !== undefined) closed["additionalProperties"] = isSchema(further) ? this.close(further, at) : further;
    } else if (isSchema(patternProperties)) this.#refuse([...path, "patternProperties"], "takes properties of other names", plain);
    else if (further === undefined ? properties === undefined : further !== false) this.#refuse(at, "takes properties of any name", plain);
    else if (!silent || further === false) closed["additionalProperties"] = false;
    const needed = Array.isArray(required) ? (required as string[]) : [];
    const own = Object.entries(isSchema(properties) ? properties : {}).filter(([, inner]) => isSchema(inner));
    const entries = own.map(([name, inner]): [string, JsonSchema] => {
      const one = this.close(inner as JsonSchema, [...path, "properties", name]);
      return [name, needed.includes(name) || optional === "kept" || fits(null, inner as JsonSchema, this.#root) ? one : withNull(one)];
    });
    if (properties !== undefined || !open) closed["properties"] = Object.fromEntries(entries);
    const names = own.map(([name]) => name);
    const named = optional === "widened" ? names : needed.filter((name) => names.includes(name));
    if (named.length > 0 || optional === "widened" || Array.isArray(required)) closed["required"] = named;
    if (someRequired && names.length > 0 && named.length === 0) this.#refuse([...path, "required"], "names no property", plain);
  }

  #array({ items, prefixItems, maxItems }: JsonSchema, closed: JsonSchema, told: JsonSchema, path: Path): void {
    const at = [...path, "items"];
    const place = (schema: unknown, index: number) =>
      isSchema(schema) ? this.close(schema, [...path, "prefixItems", String(index)]) : schema;
    if (this.#rules.tuples && Array.isArray(prefixItems)) closed["prefixItems"] = prefixItems.map(place);
    if (this.#rules.tuples || !Array.isArray(prefixItems)) {
      if (isSchema(items)) closed["items"] = this.close(items, at);
      else if (!this.#rules.open) this.#refuse(at, "takes anything", {});
      return;
    }
    const rest = isSchema(items) && Object.keys(items).length > 0 ? [items] : [];
    if (items === true) this.#refuse(at, "takes anything", {});
    const all = [...prefixItems.map(place), ...rest.map((one) => this.close(one, at))];
    const each = all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
    closed["items"] = each.length === 1 ? each[0] : { anyOf: each };
    told["prefixItems"] = prefixItems;
    if (rest.length > 0) return;
    const length = Math.min(prefixItems.length, typeof maxItems === "number" ? maxItems : Infinity);
    if (this.#rules.takes("maxItems", length)) closed["maxItems"] = length;
  }

  /** What a schema says about itself, as far as it can be sent. */
  #notes(notes: JsonSchema): JsonSchema {
    const { description, ...rest } = notes;
    const kept = Object.entries(rest).filter(([keyword, value]) => this.#rules.takes(keyword, value));
    const told = Object.entries(rest).filter(([keyword, value]) => !this.#rules.takes(keyword, value) && !SILENT.test(keyword));
    return withTold({ ...(description !== undefined && { description }), ...Object.fromEntries(kept) }, Object.fromEntries(told));
  }
}

function isNote(schema: JsonSchema): boolean {
  return Object.keys(schema).every((keyword) => ANNOTATIONS.has(keyword) || keyword === "$defs");
}

/** Says which limit of its size a schema exceeds. */
function beyond(schema: JsonSchema, limits: SchemaLimits): string[] {
  const count = { properties: 0, depth: 0, enumValues: 0, letters: 0 };
  measure(schema, 0, count);
  return Object.entries(limits).flatMap(([what, most]: [string, number]) => {
    const has = count[what as keyof typeof count];
    return has > most ? [`the whole (${WORDS[what as keyof typeof count]}: ${has}, at most ${most})`] : [];
  });
}

const WORDS = { properties: "properties", depth: "levels", enumValues: "values in enums", letters: "letters of names and values" };

function measure(schema: JsonSchema, depth: number, count: Required<SchemaLimits>): void {
  const { properties, items, anyOf, enum: values, const: only, $defs } = schema;
  const inner = depth + (isSchema(properties) ? 1 : 0);
  count.depth = Math.max(count.depth, inner);
  const listed = Array.isArray(values) ? (values as unknown[]) : [];
  count.enumValues += listed.length;
  const names = [...Object.keys(properties ?? {}), ...Object.keys($defs ?? {})];
  count.properties += Object.keys(properties ?? {}).length;
  count.letters += [...names, ...listed, only ?? ""].reduce<number>((sum, one) => sum + String(one).length, 0);
  for (const one of Object.values(properties ?? {})) measure(one as JsonSchema, inner, count);
  if (isSchema(items)) measure(items, inner, count);
  for (const one of (anyOf as JsonSchema[] | undefined) ?? []) measure(one, depth, count);
  for (const one of Object.values($defs ?? {})) measure(one as JsonSchema, 0, count);
}
