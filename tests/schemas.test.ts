// Schemas of tools and outputs, as each vendor receives them over a real socket.
import type { Answer } from "@plurivox/conformance";
import { isLlmError, tool, type CallOptions, type ToolLike } from "plurivox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startStand, type Stand } from "./support/conversations.ts";
import { PLACES } from "./support/providers.ts";

type Json = Record<string, unknown>;

const stands = new Map<string, Stand>();
beforeAll(async () => {
  for (const place of PLACES) stands.set(place.name, await startStand(place));
});
afterAll(() => Promise.all([...stands.values()].map(({ server }) => server.close())));

const NAMES = PLACES.map(({ name }) => name);
const OPENAI = [
  "openai (responses)",
  "openai (chat)",
  "openai-compatible",
  "azure (responses)",
  "azure (chat)",
  "openrouter",
  "lmstudio",
  "nvidia-nim",
];

/** What arrives of a call, in words of no vendor and as the body was. */
async function sent(place: string, { model, ...options }: CallOptions & { model?: string }, answer: Answer = { text: "{}" }) {
  const stand = stands.get(place)!;
  stand.answers.splice(0, Infinity, { answer });
  const llm = model === undefined ? stand.llm : stand.llm.with({ model });
  const result = await llm.chat("Hi", options).catch((error: unknown) => (isLlmError(error) ? error : expect.unreachable(String(error))));
  const { body } = stand.requests.at(-1)!;
  return { call: stand.place.wire.read(stand.requests.at(-1)!), body: body as Json, result };
}

const fn = (name: string, parameters: unknown, strict?: boolean): ToolLike => ({
  type: "function",
  function: { name, parameters: parameters as object, ...(strict !== undefined && { strict }) },
});
const City = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const shapes = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("circle"), radius: z.number() }),
  z.object({ kind: z.literal("square"), side: z.number().optional() }),
]);

describe.each(NAMES)("%s", (place) => {
  test("tools of every kind arrive as objects with properties", async () => {
    const tools = [
      fn("bare", { type: "object" }),
      fn("empty", {}),
      fn("none", undefined),
      fn("yes", true),
      fn("maybe", { type: ["object", "null"] }),
      fn("referred", { $ref: "#/definitions/City", definitions: { City } }),
      fn("parts", { allOf: [City, { type: "object", properties: { size: { type: "number" } } }] }),
      fn("forms", { oneOf: [City, { type: "object", properties: { zip: { type: "string" } } }] }),
      tool({ name: "shapes", input: shapes }),
      tool({ name: "mail", input: z.object({ to: z.email(), cc: z.array(z.any()) }) }),
    ];
    const { call } = await sent(place, { tools }, { text: "Hello." });
    const names = Object.fromEntries(
      call.tools.map(({ name, schema }) => [name, Object.keys((schema["properties"] as Json | undefined) ?? { missing: 1 })]),
    );
    expect(names).toEqual({
      bare: [],
      empty: [],
      none: [],
      yes: [],
      maybe: [],
      referred: ["city"],
      parts: ["city", "size"],
      forms: ["city", "zip"],
      shapes: ["kind", "radius", "side"],
      mail: ["to", "cc"],
    });
    for (const { schema } of call.tools) {
      expect(schema["type"]).toBe("object");
      for (const keyword of ["anyOf", "oneOf", "allOf", "$ref", "enum", "not", "definitions"]) expect(schema).not.toHaveProperty([keyword]);
    }
    expect(JSON.stringify(call.tools)).not.toMatch(/"pattern":"[^"]*\(\?!/);
  });

  test("what no object fits is refused before anything is sent, by name", async () => {
    const { requests } = stands.get(place)!;
    const before = requests.length;
    const stand = stands.get(place)!;
    const error: unknown = await stand.llm
      .chat("Hi", { tools: [fn("good", City), fn("bad", { type: "string" })] })
      .catch((thrown: unknown) => thrown);
    expect(isLlmError(error, "schema") && error.message).toContain('"bad"');
    expect(requests).toHaveLength(before);
  });

  test("data with optional, bounded and alternative fields comes back as it was meant", async () => {
    const schema = z.object({
      name: z.string().min(1),
      age: z.number().int().min(0).optional(),
      tags: z.array(z.object({ text: z.string(), note: z.string().optional() })),
      shape: shapes,
      size: z.number().default(3),
    });
    const said = { name: "A", age: null, tags: [{ text: "b", note: null }], shape: { kind: "square", side: null }, size: null };
    const { result } = await sent(place, { output: { schema, mode: "prompt" } }, { text: JSON.stringify(said) });
    expect(result).toMatchObject({ output: { name: "A", tags: [{ text: "b" }], shape: { kind: "square" }, size: 3 } });
  });
});

const optional = z.object({ a: z.string().min(2).optional(), b: z.union([z.string(), z.number()]).default(1), e: z.email() });

describe.each(OPENAI)("strict mode of %s", (place) => {
  const strictOf = (body: Json): Json[] => {
    const format = (body["response_format"] as Json | undefined)?.["json_schema"] ?? (body["text"] as Json | undefined)?.["format"];
    const tools = (body["tools"] as Json[] | undefined) ?? [];
    return [...(format === undefined ? [] : [format as Json]), ...tools.map((one) => (one["function"] as Json | undefined) ?? one)];
  };

  test("holds for outputs and tools that it could not take as they are", async () => {
    const { body, result } = await sent(place, { output: optional, tools: [tool({ name: "t", input: optional, strict: true })] });
    const strict = strictOf(body);
    expect(strict.length).toBeGreaterThan(0);
    for (const one of strict) {
      const schema = (one["schema"] ?? one["parameters"]) as Json;
      expect(one["strict"]).toBe(true);
      expect(schema).toMatchObject({ required: ["a", "b", "e"], additionalProperties: false });
      expect((schema["properties"] as Json)["a"]).toEqual({ type: ["string", "null"], description: "{minLength: 2}" });
    }
    if (!isLlmError(result)) expect(result.warnings).toEqual([]);
  });

  test("is left with a warning that says where it cannot be, and refused where it was asked for", async () => {
    const output = { schema: z.object({ tags: z.record(z.string(), z.string()) }), validate: false };
    const { body, result } = await sent(place, { output });
    expect(strictOf(body)).toMatchObject([{ strict: false }]);
    expect(result).toMatchObject({
      warnings: [{ code: "not-strict", message: expect.stringContaining("properties.tags.additionalProperties") }],
    });
    const { result: error } = await sent(place, { output: { ...output, strict: true } });
    expect(error).toMatchObject({ kind: "schema", message: expect.stringContaining("properties.tags.additionalProperties") });
  });
});

test("Azure's strict mode bounds no values, OpenAI's does, but for a fine-tuned model", async () => {
  const output = z.object({ a: z.number().min(1) });
  const told = { type: "number", description: "{minimum: 1}" };
  const a = (schema: Json = {}) => (schema["properties"] as Json | undefined)?.["a"];
  expect(a((await sent("openai (chat)", { output })).call.output?.schema)).toEqual({ type: "number", minimum: 1 });
  expect(a((await sent("azure (chat)", { output })).call.output?.schema)).toEqual(told);
  expect(a((await sent("openai (chat)", { output, model: "openai/ft:gpt-4.1:me" })).call.output?.schema)).toEqual(told);
});

describe("Claude", () => {
  test("properties may stay optional, and what cannot be compiled is asked for by a tool", async () => {
    const closed = await sent("anthropic", { output: optional });
    expect(closed.call.output?.schema).toMatchObject({ required: ["e"], additionalProperties: false });
    const open = { type: "object", properties: { tags: { type: "object", additionalProperties: { type: "string" } } } };
    const tree = { type: "object", properties: { next: { $ref: "#" } } };
    for (const schema of [open, tree]) {
      const { call, result } = await sent(
        "anthropic",
        { output: { schema, validate: false } },
        { toolCalls: [{ id: "c", name: "answer", input: '{"tags":{}}' }] },
      );
      expect(call.output).toBeUndefined();
      expect(call.tools).toMatchObject([{ name: "answer", schema }]);
      expect(result).toMatchObject({ output: { tags: {} }, warnings: [{ code: "emulated" }, { code: "not-strict" }] });
    }
  });

  test("tools are strict where the model knows it, and else it is said that they are not", async () => {
    const tools = [fn("t", City, true)];
    const { body, result } = await sent("anthropic", { tools }, { text: "Hello." });
    expect(body["tools"]).toMatchObject([{ strict: true, input_schema: { ...City, additionalProperties: false } }]);
    expect(result).toMatchObject({ warnings: [] });
    const older = await sent("anthropic", { tools, model: "anthropic/claude-sonnet-4-0" }, { text: "Hello." });
    expect(older.body["tools"]).toEqual([{ name: "t", input_schema: City }]);
    expect(older.result).toMatchObject({ warnings: [{ code: "not-strict", message: expect.stringContaining('"t"') }] });
  });
});

test("Gemini takes open objects and lists by place, and no allOf", async () => {
  const schema = {
    type: "object",
    properties: {
      tags: { type: "object", additionalProperties: { type: "string", minLength: 2 } },
      pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }] },
      both: { allOf: [City, { type: "object", properties: { size: { type: "number" } } }] },
      any: {},
    },
  };
  const { call, result } = await sent("google", { output: { schema, strict: true, validate: false } });
  expect(call.output?.schema).toMatchObject({
    properties: {
      tags: { additionalProperties: { type: "string", description: "{minLength: 2}" } },
      pair: { prefixItems: [{ type: "string" }, { type: "number" }] },
      both: { type: "object", properties: { city: { type: "string" }, size: { type: "number" } }, required: ["city"] },
      any: {},
    },
  });
  expect(result).toMatchObject({ warnings: [] });
});

test("Mistral's objects are closed, its properties may stay optional", async () => {
  const { call, body } = await sent("mistral", { output: { schema: optional, validate: false } });
  expect(call.output?.schema).toMatchObject({ required: ["e"], additionalProperties: false });
  expect(body["response_format"]).toMatchObject({ json_schema: { strict: true } });
});

test("Cohere is sent no bounds, and no object that requires nothing", async () => {
  const output = { schema: { ...City, properties: { city: { type: "string", maxLength: 9 } } }, validate: false };
  expect((await sent("cohere", { output })).call.output?.schema).toEqual({
    ...City,
    properties: { city: { type: "string", description: "{maxLength: 9}" } },
  });
  const { call, result } = await sent("cohere", { output: { ...output, schema: { ...City, required: [] } } });
  expect(call.output).toBeUndefined();
  expect(result).toMatchObject({ warnings: [{ code: "emulated" }, { code: "not-strict" }] });
});

test("Groq: strict with the models that are held to it, said with the others", async () => {
  const strict = { schema: optional, strict: true, validate: false };
  const held = await sent("groq", { output: strict, model: "groq/openai/gpt-oss-20b" });
  expect(held.body["response_format"]).toMatchObject({ json_schema: { strict: true, schema: { required: ["a", "b", "e"] } } });
  const { body, result } = await sent("groq", { output: strict });
  expect(body["response_format"]).toMatchObject({ json_schema: { strict: false } });
  expect(result).toMatchObject({ warnings: [{ code: "not-strict" }] });
});
