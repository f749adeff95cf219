import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";

type Json = Record<string, unknown>;

const FOLDER = new URL("../../../shared/specs/", import.meta.url);

/** The vendors' descriptions lie beside the project. */
export const haveSpecs: boolean = existsSync(FOLDER);

/** `nullable` is of OpenAPI 3.0; Ajv wants a null type. Of its `oneOf`s, some hold twins: a message is "easy" and an item at once. */
function withNulls(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNulls);
  if (typeof schema !== "object" || schema === null) return schema;
  const {
    nullable,
    discriminator: _,
    ...rest
  } = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key === "oneOf" ? "anyOf" : key, withNulls(value)]));
  return nullable === true ? { anyOf: [rest, { type: "null" }] } : rest;
}

const documents = new Map<string, Ajv2020>();

/** What is wrong with a body by a schema of a description, as text; undefined where nothing is. */
export function faultOf(file: string, schema: string, body: unknown): string | undefined {
  const check = validator(file, schema);
  return check(body) ? undefined : `${JSON.stringify(check.errors?.slice(0, 4))} in ${JSON.stringify(body).slice(0, 3000)}`;
}

function validator(file: string, schema: string): ValidateFunction {
  let ajv = documents.get(file);
  if (ajv === undefined) {
    ajv = new Ajv2020({ strict: false, validateFormats: false });
    const text = readFileSync(new URL(file, FOLDER), "utf8");
    const document = (file.endsWith(".json") ? JSON.parse(text) : parse(componentsOf(text), { maxAliasCount: -1 })) as Json;
    // Google's service passes over fields that it does not know only in this description: there, one that it has not is a mistake of ours.
    if (file.startsWith("google")) close(document);
    ajv.addSchema({ ...(withNulls(document) as Json), $id: "spec" });
    documents.set(file, ajv);
  }
  return ajv.getSchema(`spec#/components/schemas/${schema}`)!;
}

function close(document: Json): void {
  const { schemas } = document["components"] as { schemas: Record<string, Json> };
  for (const schema of Object.values(schemas)) if (schema["properties"] !== undefined) schema["additionalProperties"] = false;
}

/** Paths are half of a description and take as long to read. */
function componentsOf(yaml: string): string {
  return yaml.split(/^(?=[a-z])/im).find((section) => section.startsWith("components:"))!;
}
