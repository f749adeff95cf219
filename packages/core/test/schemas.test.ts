import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Loopback } from "../../conformance/src/loopback.ts";
import { createContext, isLlmError, tool, type CallOptions, type LlmError, type LLM, type ToolLike } from "../src/index.ts";
import type { ChatDelta, SchemaRules, Strictness } from "../src/provider.ts";
import { startAnswering } from "./scripted.ts";
import { toy } from "./toy.ts";

type Json = Record<string, unknown>;
interface Sent {
  tools: { name: string; inputSchema: Json; strict?: boolean; description?: string }[];
  output?: { schema: Json; strict: boolean };
}

/** As OpenAI has it. */
const WIDENED: SchemaRules = {
  takes: (keyword, value) => /^(title|description|enum|const|minimum|maximum|minItems|maxItems)$/.test(keyword) || value === "date",
  optional: "widened",
  limits: { properties: 40, depth: 6, enumValues: 20 },
};

let server: Loopback;
let answers: readonly (readonly ChatDelta[])[] = [];
beforeAll(async () => {
  server = await startAnswering(() => answers);
});
afterAll(() => server.close());

const says = (value: unknown): ChatDelta[] => [
  { type: "text", text: JSON.stringify(value) },
  { type: "finish", finishReason: "stop" },
];
const calls = (toolName: string, input: unknown): ChatDelta[] => [
  { type: "tool-call", part: 0, toolCallId: "c1", toolName, inputText: JSON.stringify(input), end: true },
  { type: "finish", finishReason: "tool-calls" },
];

function client(rules: SchemaRules | false | undefined = WIDENED): LLM {
  const provider = toy();
  const chat = provider.chat!;
  const strictness: Strictness = () => rules;
  const own = { ...provider, chat: { ...chat, load: async () => ({ ...(await chat.load()), strictness }) } };
  const settings = { provider: "toy", model: "m", baseURL: server.url, apiKey: "k", retry: false as const };
  return createContext({ providers: [own], env: {}, profiles: { default: settings } }).llm();
}
const sent = (): Sent => server.requests.at(-1)!.body as Sent;
const object = (properties: Json, required: string[] = Object.keys(properties), rest: Json = {}): Json => ({
  type: "object",
  properties,
  required,
  ...rest,
});
const strictObject = (properties: Json) => object(properties, Object.keys(properties), { additionalProperties: false });

async function failure(call: PromiseLike<unknown>): Promise<LlmError> {
  return Promise.resolve(call).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => (isLlmError(error) ? error : expect.unreachable(String(error))),
  );
}

describe("strict output", () => {
  async function strict(schema: unknown, answer: unknown = {}, options: CallOptions = {}) {
    answers = [says(answer)];
    const output = { schema: schema as Json, validate: false };
    const result = await client().chat("Hi", { ...options, output });
    return { ...sent().output!, warnings: result.warnings, output: result.output };
  }

  test.each<[what: string, schema: unknown, sent: Json]>([
    ["an optional string", z.object({ a: z.string().optional() }), { a: { type: ["string", "null"] } }],
    ["a default", z.object({ a: z.number().default(5) }), { a: { type: ["number", "null"], description: "{default: 5}" } }],
    ["a bound that is not taken", z.object({ a: z.string().min(2) }), { a: { type: "string", description: "{minLength: 2}" } }],
    ["a format that is not taken", z.object({ a: z.url() }), { a: { type: "string", description: '{format: "uri"}' } }],
    ["an optional enum", object({ a: { enum: ["x", "y"] } }, []), { a: { enum: ["x", "y", null], type: ["string", "null"] } }],
    ["an optional constant", object({ a: { const: "x" } }, []), { a: { enum: ["x", null], type: ["string", "null"] } }],
    [
      "an optional object",
      object({ a: object({ b: { type: "number" } }) }, []),
      { a: { anyOf: [strictObject({ b: { type: "number" } }), { type: "null" }] } },
    ],
    ["what takes null itself", object({ a: { type: ["string", "null"] } }, []), { a: { type: ["string", "null"] } }],
    ["nullable", object({ a: { type: "string", nullable: true } }), { a: { type: ["string", "null"] } }],
    [
      "a tuple",
      object({ a: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }] } }),
      {
        a: {
          type: "array",
          items: { anyOf: [{ type: "string" }, { type: "number" }] },
          maxItems: 2,
          description: '{prefixItems: [{"type":"string"},{"type":"number"}]}',
        },
      },
    ],
    [
      "allOf",
      object({ a: { allOf: [object({ b: { type: "string" } }), object({ c: { type: "number" } }, [])] } }),
      { a: strictObject({ b: { type: "string" }, c: { type: ["number", "null"] } }) },
    ],
    ["oneOf", object({ a: { oneOf: [{ type: "string" }, { type: "null" }] } }), { a: { anyOf: [{ type: "string" }, { type: "null" }] } }],
    [
      "what must not be",
      object({ a: { type: "string", not: { const: "x" } }, b: false }, ["a"]),
      { a: { type: "string", description: '{not: {"const":"x"}}' } },
    ],
  ])("%s", async (_, schema, properties) => {
    expect(await strict(schema)).toMatchObject({ strict: true, schema: strictObject(properties), warnings: [] });
  });

  test("a choice beside properties is part of each form", async () => {
    const schema = object({
      a: object({ b: { type: "string" }, c: { type: "string" } }, [], { anyOf: [{ required: ["b"] }, { required: ["c"] }] }),
    });
    const text = { type: "string" };
    const none = { type: ["string", "null"] };
    expect((await strict(schema, { a: { b: null, c: "x" } })).schema).toEqual(
      strictObject({ a: { anyOf: [strictObject({ b: text, c: none }), strictObject({ b: none, c: text })] } }),
    );
    expect((await strict(schema, { a: { b: null, c: "x" } })).output).toEqual({ a: { c: "x" } });
  });

  test("references: definitions, pointers, the root, with words beside them", async () => {
    const schema = {
      ...object({ a: { $ref: "#/definitions/tree", description: "The first" }, b: { $ref: "#/properties/a" }, c: { $ref: "#" } }, ["a"]),
      definitions: { tree: object({ next: { $ref: "#/definitions/tree" } }, []) },
    };
    const wide = { anyOf: [{ $ref: "#/$defs/tree" }, { type: "null" }] };
    const answer = { a: { next: { next: null } }, b: { next: null }, c: { a: { next: null }, b: null, c: null } };
    expect(await strict(schema, answer)).toMatchObject({
      strict: true,
      schema: {
        properties: {
          a: { anyOf: [{ $ref: "#/$defs/tree" }], description: "The first" },
          b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }] },
          c: { anyOf: [{ $ref: "#" }, { type: "null" }] },
        },
        $defs: { tree: strictObject({ next: wide }), a: { anyOf: [{ $ref: "#/$defs/tree" }], description: "The first" } },
      },
      output: { a: { next: {} }, b: {}, c: { a: {} } },
    });
  });

  test("a root without a type gets one", async () => {
    expect((await strict({ properties: { a: { type: "string" } }, required: ["a"] })).schema).toEqual(
      strictObject({ a: { type: "string" } }),
    );
    answers = [says({})];
    await client().chat("Hi", { output: { schema: { properties: {} }, strict: false } });
    expect(sent().output!.schema).toEqual({ type: "object", properties: {} });
  });

  test("a root that is a reference, or several parts, is one object; references to a root that is wrapped still hold", async () => {
    const City = object({ city: { type: "string" } }, []);
    expect(await strict({ $ref: "#/$defs/City", $defs: { City } })).toMatchObject({
      strict: true,
      schema: strictObject({ city: { type: ["string", "null"] } }),
    });
    expect(await strict({ allOf: [City, object({ size: { type: "number" } })] })).toMatchObject({
      schema: strictObject({ city: { type: ["string", "null"] }, size: { type: "number" } }),
    });
    const list = { type: "array", items: { anyOf: [{ type: "string" }, { $ref: "#" }] } };
    const wrapped = await strict(list, { value: ["a", ["b"]] });
    const { properties, $defs } = wrapped.schema as { properties: Json; $defs: Json };
    expect(properties["value"]).toMatchObject({ items: { anyOf: [{ type: "string" }, { $ref: "#/$defs/root" }] } });
    expect($defs["root"]).toMatchObject({ type: "array" });
    expect(wrapped.output).toEqual(["a", ["b"]]);
  });

  test("what only another form has is taken out with the nulls", async () => {
    const shape = z.object({
      shape: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("circle"), radius: z.number(), name: z.string().optional() }),
        z.object({ kind: z.literal("square"), side: z.number(), color: z.string().nullable() }),
      ]),
    });
    answers = [says({ shape: { kind: "circle", radius: 1, name: null } })];
    expect((await client().chat("Hi", { output: shape })).output).toEqual({ shape: { kind: "circle", radius: 1 } });
    answers = [says({ shape: { kind: "square", side: 1, color: null } })];
    expect((await client().stream("Hi", { output: shape }).result).output).toEqual({ shape: { kind: "square", side: 1, color: null } });
  });

  test("a default applies where the model left it out", async () => {
    answers = [says({ a: null, b: [{ c: null }] })];
    const schema = z.object({ a: z.number().default(5), b: z.array(z.object({ c: z.string().default("x") })) });
    expect((await client().chat("Hi", { output: schema })).output).toEqual({ a: 5, b: [{ c: "x" }] });
  });

  test("what is left out is checked here", async () => {
    answers = [says({ a: "x" })];
    expect(await failure(client().chat("Hi", { output: z.object({ a: z.string().min(2) }) }))).toMatchObject({ kind: "invalid-output" });
    expect(sent().output).toMatchObject({ strict: true });
  });

  test.each<[path: string, schema: unknown]>([
    ["properties.tags.additionalProperties", z.object({ tags: z.record(z.string(), z.number()) })],
    ["additionalProperties", object({ a: { type: "string" } }, [], { additionalProperties: true })],
    ["properties.a.items.additionalProperties", object({ a: { type: "array", items: z.looseObject({}).toJSONSchema() } })],
    ["properties.a (", z.object({ a: z.any() })],
    ["properties.a.items", object({ a: { type: "array" } })],
    ["properties.a.anyOf.1", z.object({ a: z.union([z.string(), z.unknown()]) })],
    ["properties.a.patternProperties", object({ a: { type: "object", patternProperties: { "^x": {} } } })],
    ["properties.a.allOf", object({ a: { allOf: [{ type: "string", pattern: "a" }, { pattern: "b" }] } })],
    ["properties.a.enum", object({ a: { enum: [{ x: 1 }] } })],
    ["$defs.d.additionalProperties", { ...object({ a: { $ref: "#/$defs/d" } }), $defs: { d: { type: "object" } } }],
    ["values in enums: 21", object({ a: { enum: Array.from({ length: 21 }, (_, index) => index) } })],
  ])("what cannot be strict is told by its path: %s", async (path, schema) => {
    answers = [says({})];
    const output = { schema: schema as Json, validate: false };
    const { warnings } = await client().chat("Hi", { output });
    expect(warnings).toMatchObject([{ code: "not-strict", feature: "structuredOutput", message: expect.stringContaining(path) }]);
    expect(sent().output).toMatchObject({ strict: false });
    const before = server.requests.length;
    const error = await failure(client().chat("Hi", { output: { ...output, strict: true } }));
    expect(error).toMatchObject({ kind: "schema", message: expect.stringContaining(path) });
    expect(server.requests).toHaveLength(before);
  });

  test("definitions that nothing refers to stand in nobody's way", async () => {
    const $defs = { good: object({ a: { type: "string" } }), bad: object({ b: { $ref: "#/$defs/worse" } }), worse: { type: "object" } };
    expect(await strict({ ...object({ a: { type: "string" } }), $defs })).toMatchObject({
      strict: true,
      schema: { ...strictObject({ a: { type: "string" } }), $defs: { good: strictObject({ a: { type: "string" } }) } },
      warnings: [],
    });
    expect(Object.keys(sent().output!.schema["$defs"] as Json)).toEqual(["good"]);
  });

  test("nothing is said and nothing changed where strict was declined", async () => {
    answers = [says({})];
    const schema = object({ a: { type: "string", minLength: 1 } }, []);
    const { warnings } = await client().chat("Hi", { output: { schema, strict: false } });
    expect(sent().output).toMatchObject({ strict: false, schema });
    expect(warnings).toEqual([]);
  });

  test("a vendor that cannot be asked is told of where it was asked", async () => {
    answers = [says({})];
    const ask = (more: { strict?: boolean } = {}) => client(false).chat("Hi", { output: { schema: object({}), ...more } });
    expect((await ask()).warnings).toEqual([]);
    expect((await ask({ strict: true })).warnings).toMatchObject([{ code: "not-strict" }]);
    expect(sent().output).toMatchObject({ strict: false });
    const refused = client(false).chat("Hi", { output: { schema: object({}), strict: true }, onUnsupported: "error" });
    expect(await failure(refused)).toMatchObject({ kind: "unsupported" });
  });

  test("where answers are always strict, an open schema goes by a tool", async () => {
    answers = [calls("answer", { tags: { a: 1 } })];
    const schema = z.object({ tags: z.record(z.string(), z.number()) });
    const always = client({ takes: () => true, optional: "kept", always: true });
    const { output, warnings } = await always.chat("Hi", { output: schema });
    expect(output).toEqual({ tags: { a: 1 } });
    expect(warnings.map(({ code }) => code)).toEqual(["emulated", "not-strict"]);
    expect(sent().tools).toMatchObject([{ name: "answer" }]);
    const native = always.chat("Hi", { output: { schema, mode: "native" } });
    expect(await failure(native)).toMatchObject({
      kind: "schema",
      message: expect.stringContaining("properties.tags.additionalProperties"),
    });
  });
});

/** A schema, and its values: as they are, and as a strict answer writes them. */
interface Node {
  schema: Json;
  values: fc.Arbitrary<{ plain: unknown; wide: unknown }>;
}
const same = <T>(values: fc.Arbitrary<T>) => values.map((plain) => ({ plain: plain as unknown, wide: plain as unknown }));
const leaf: fc.Arbitrary<Node> = fc.constantFrom<Node>(
  { schema: { type: "string", minLength: 1 }, values: same(fc.string({ minLength: 1, maxLength: 3 })) },
  { schema: { type: "integer", minimum: 0 }, values: same(fc.nat(9)) },
  { schema: { type: "boolean" }, values: same(fc.boolean()) },
  { schema: { enum: ["x", 1, null] }, values: same(fc.constantFrom("x", 1, null)) },
  { schema: { const: "y" }, values: same(fc.constant("y")) },
  { schema: { type: ["string", "null"] }, values: same(fc.constantFrom("a", null)) },
  { schema: { type: "number", nullable: true }, values: same(fc.constantFrom(1.5, null)) },
  { schema: { $ref: "#/$defs/leaf" }, values: same(fc.constantFrom("l1", "l2")) },
  { schema: { $ref: "#/definitions/old", description: "Old" }, values: same(fc.constant(4)) },
);
const $defs = { leaf: { enum: ["l1", "l2"] } };
const definitions = { old: { type: "integer" } };

const { fields } = fc.letrec<{ node: Node; fields: Node; tagged: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    tie("fields"),
    tie("tagged"),
    tie("node").map(({ schema, values }): Node => ({
      schema: { type: "array", items: schema },
      values: fc
        .array(values, { maxLength: 2 })
        .map((all) => ({ plain: all.map(({ plain }) => plain), wide: all.map(({ wide }) => wide) })),
    })),
  ),
  fields: fc
    .array(fc.record({ inner: tie("node"), optional: fc.boolean() }), { maxLength: 3 })
    .chain((all) => fc.boolean().map((split) => fieldsOf(all, split))),
  tagged: fc.tuple(tie("fields"), tie("fields"), fc.constantFrom("anyOf", "oneOf")).map(([first, second, word]): Node => {
    const forms = [first, second].map(({ schema }, index) => ({
      allOf: [schema, object({ kind: { const: `k${index}` } })],
    }));
    const values = [first, second].map((form, index) =>
      form.values.map(({ plain, wide }) => ({
        plain: { ...(plain as Json), kind: `k${index}` },
        wide: { ...(wide as Json), kind: `k${index}` },
      })),
    );
    return { schema: { [word]: forms }, values: fc.oneof(...values) };
  }),
}));

/** An object of fields, in one piece or in two. */
function fieldsOf(all: { inner: Node; optional: boolean }[], split: boolean): Node {
  const parts = all.map(({ inner, optional }, index) => ({ name: `f${index}`, inner, optional }));
  const schemaOf = (some: typeof parts) =>
    object(
      Object.fromEntries(some.map(({ name, inner }) => [name, inner.schema])),
      some.flatMap(({ name, optional }) => (optional ? [] : [name])),
    );
  const values = fc
    .tuple(...parts.map(({ inner, optional }) => (optional ? fc.option(inner.values, { nil: undefined }) : inner.values)))
    .map((given) => ({
      plain: Object.fromEntries(given.flatMap((value, index) => (value === undefined ? [] : [[parts[index]!.name, value.plain]]))),
      wide: Object.fromEntries(given.map((value, index) => [parts[index]!.name, value === undefined ? null : value.wide])),
    }))
    // An optional field that takes null itself cannot be told from one that is absent.
    .filter(({ plain, wide }) => parts.every(({ name, inner }) => name in plain || wide[name] !== null || !takesNull(inner.schema)));
  const schema = split && all.length > 1 ? { allOf: [schemaOf(parts.slice(0, 1)), schemaOf(parts.slice(1))] } : schemaOf(parts);
  return { schema, values };
}

const takesNull = ({ type, enum: listed, nullable }: Json) =>
  nullable === true || (Array.isArray(type) && type.includes("null")) || (Array.isArray(listed) && listed.includes(null));

/** What is wrong with a schema by the rules of strict mode; nothing of the code under test. */
function faults(schema: Json, at = ""): string[] {
  const { type, properties, required, items, anyOf, $ref, $defs: defs, description: _, ...rest } = schema as Json & { anyOf?: Json[] };
  const own = Object.keys((properties as Json | undefined) ?? {});
  const unknown = Object.keys(rest).filter((keyword) => !WIDENED.takes(keyword, rest[keyword]) && keyword !== "additionalProperties");
  return [
    ...unknown.map((keyword) => `${at}: ${keyword}`),
    ...(type === undefined && anyOf === undefined && $ref === undefined ? [`${at}: no type`] : []),
    ...($ref !== undefined && Object.keys(schema).length > 1 ? [`${at}: beside $ref`] : []),
    ...(properties !== undefined && rest["additionalProperties"] !== false ? [`${at}: open`] : []),
    ...(properties !== undefined && String(required) !== String(own) ? [`${at}: optional`] : []),
    ...[...Object.entries((properties as Json | undefined) ?? {}), ...Object.entries((defs as Json | undefined) ?? {})].flatMap(
      ([name, inner]) => faults(inner as Json, `${at}/${name}`),
    ),
    ...(items === undefined ? [] : faults(items as Json, `${at}/items`)),
    ...(anyOf ?? []).flatMap((inner, index) => faults(inner, `${at}/${index}`)),
  ];
}

test("any schema, made strict, takes all that it took, and nothing of that is lost on the way back", async () => {
  const llm = client({ takes: WIDENED.takes, optional: "widened" });
  const cases = fields.chain(({ schema, values }) => values.map((value) => ({ schema: { ...schema, $defs, definitions }, value })));
  await fc.assert(
    fc.asyncProperty(cases, async ({ schema, value }) => {
      answers = [says(value.wide)];
      const { output, warnings } = await llm.chat("Hi", { output: schema });
      expect(output).toEqual(value.plain);
      expect(warnings).toEqual([]);
      const { schema: asSent, strict } = sent().output!;
      expect(strict).toBe(true);
      expect(faults(asSent)).toEqual([]);
      const check = new Ajv2020({ strict: false, validateFormats: false }).compile(asSent);
      expect(check(value.wide) ? undefined : check.errors).toBeUndefined();
    }),
    { numRuns: 60 },
  );
}, 120_000);

describe("tools", () => {
  async function toolSent(given: ToolLike, options: CallOptions = {}, rules: SchemaRules | false | undefined = WIDENED) {
    answers = [says("ok")];
    const { warnings } = await client(rules).chat("Hi", { tools: [given], ...options });
    return { ...sent().tools[0]!, warnings };
  }
  const fn = (parameters: unknown, strict?: boolean): ToolLike => ({
    type: "function",
    function: { name: "t", parameters: parameters as object, ...(strict !== undefined && { strict }) },
  });
  const nothing = { type: "object", properties: {} };
  const City = object({ city: { type: "string" } });

  test.each<[what: string, given: unknown, sent: Json]>([
    ["no properties", { type: "object" }, nothing],
    ["an empty schema", {}, nothing],
    ["true", true, nothing],
    ["null", null, nothing],
    ["none", undefined, nothing],
    ["an object or null", { type: ["object", "null"], properties: City["properties"] }, { type: "object", properties: City["properties"] }],
    ["no type", { properties: City["properties"] }, { type: "object", properties: City["properties"] }],
    ["a reference", { $ref: "#/$defs/City", $defs: { City } }, { ...City, $defs: { City } }],
    [
      "an old reference",
      { $schema: "http://json-schema.org/draft-07/schema#", $ref: "#/definitions/City", definitions: { City } },
      { ...City, $defs: { City } },
    ],
    [
      "parts",
      { allOf: [City, object({ size: { type: "number" } }, [])] },
      object({ city: { type: "string" }, size: { type: "number" } }, ["city"]),
    ],
    ["one form or null", { anyOf: [City, { type: "null" }] }, City],
    [
      "booleans, lists without items, and what is forbidden within",
      { type: "object", properties: { a: true, b: { type: "array" }, c: false, d: { type: "array", items: [{ type: "string" }] } } },
      {
        type: "object",
        properties: { a: {}, b: { type: "array", items: {} }, d: { type: "array", prefixItems: [{ type: "string" }], items: {} } },
      },
    ],
    [
      "words of other dialects",
      {
        type: "object",
        id: "x",
        $id: "y",
        properties: { a: { type: "integer", minimum: 1, exclusiveMinimum: true, required: true }, b: { type: "string", nullable: true } },
      },
      { type: "object", properties: { a: { type: "integer", exclusiveMinimum: 1 }, b: { type: ["string", "null"] } } },
    ],
    [
      "an expression with lookaround",
      object({ a: { type: "string", pattern: "^(?!x).*$" }, pattern: { type: "string", pattern: "^x" } }),
      object({ a: { type: "string", description: '{pattern: "^(?!x).*$"}' }, pattern: { type: "string", pattern: "^x" } }),
    ],
  ])("%s", async (_, given, schema) => {
    const { inputSchema, warnings } = await toolSent(fn(given));
    expect(inputSchema).toEqual(schema);
    expect(warnings).toEqual([]);
    expect((await toolSent({ ...tool({ name: "t", input: City }), input: given as Json })).inputSchema).toEqual(schema);
  });

  test("what stands at the root is not changed by what is sent", async () => {
    const frozen = Object.freeze({ type: "object", properties: Object.freeze({ a: Object.freeze({ const: 1 }) }) });
    expect((await toolSent(fn(frozen))).inputSchema).toEqual(frozen);
  });

  const shapes = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("circle"), radius: z.number() }),
    z.object({ kind: z.literal("square"), side: z.number(), color: z.string().optional(), radius: z.string().optional() }),
  ]);

  test("several forms become one, which says what belongs together", async () => {
    const { inputSchema, warnings } = await toolSent(tool({ name: "draw", input: shapes }));
    expect(inputSchema).toEqual({
      type: "object",
      description: expect.stringMatching(/kind: "circle", radius\n- kind: "square", side, color \(optional\), radius \(optional\)$/),
      properties: {
        kind: { type: "string", enum: ["circle", "square"] },
        radius: { anyOf: [{ type: "number" }, { type: "string" }] },
        side: { type: "number" },
        color: { type: "string" },
      },
      required: ["kind"],
    });
    expect(warnings).toMatchObject([{ code: "schema-flattened", message: expect.stringContaining('"draw"') }]);
  });

  test.each([undefined, true])("their input is checked by the form that it has; strict: %s", async (strict) => {
    const seen: unknown[] = [];
    const draw = tool({ name: "draw", input: shapes, ...(strict !== undefined && { strict }), execute: (input) => void seen.push(input) });
    answers = [calls("draw", { kind: "circle", radius: 1, side: null, color: null }), says("ok")];
    await client().chat("Hi", { tools: [draw] });
    expect(seen).toEqual([{ kind: "circle", radius: 1 }]);
    answers = [calls("draw", { kind: "square", side: null, color: null, radius: null }), says("ok")];
    const { toolResults } = await client().stream("Hi", { tools: [draw] }).result;
    expect(toolResults).toMatchObject([{ isError: true, output: expect.stringContaining("does not fit") }]);
    expect(seen).toHaveLength(1);
  });

  test("nulls of strict inputs are undone before tools see them, in JSON Schema too", async () => {
    const input = object(
      {
        list: { type: "array", items: { $ref: "#/$defs/item" } },
        own: { type: ["string", "null"] },
        when: { type: "string", nullable: true },
      },
      ["list", "own"],
      { $defs: { item: object({ a: { type: "string" }, b: { type: "number" } }, ["a"]) } },
    );
    const seen: unknown[] = [];
    const run = tool<unknown, unknown>({ name: "run", input, strict: true, execute: (given) => void seen.push(given) });
    answers = [calls("run", { list: [{ a: "x", b: null }], own: null, when: null }), says("ok")];
    await client().chat("Hi", { tools: [run] });
    expect(seen).toEqual([{ list: [{ a: "x" }], own: null, when: null }]);
    expect(server.requests.at(-2)!.body).toMatchObject({ tools: [{ strict: true, inputSchema: { additionalProperties: false } }] });
  });

  test("a strict tool is closed, also where it takes nothing", async () => {
    expect(await toolSent(fn(object({ a: { type: "string", minLength: 2 } }, []), true))).toMatchObject({
      strict: true,
      inputSchema: strictObject({ a: { type: ["string", "null"], description: "{minLength: 2}" } }),
      warnings: [],
    });
    expect((await toolSent(fn({ type: "object" }, true))).inputSchema).toEqual(strictObject({}));
  });

  test("one that cannot be strict is an error with its name and the path, and nothing is sent", async () => {
    const before = server.requests.length;
    const open = fn(object({ headers: { type: "object", additionalProperties: { type: "string" } } }), true);
    const error = await failure(client().chat("Hi", { tools: [open] }));
    expect(error).toMatchObject({ kind: "schema", provider: "toy" });
    expect(error.message).toContain('the tool "t" cannot be strict: properties.headers.additionalProperties');
    expect(server.requests).toHaveLength(before);
  });

  test("where no tool is held to its schema, that is said once for each that asks", async () => {
    const { strict, warnings } = await toolSent(fn(City, true), {}, false);
    expect(strict).toBeUndefined();
    expect(warnings).toMatchObject([{ code: "not-strict", feature: "tools", message: expect.stringContaining('"t"') }]);
  });

  const cyclic: Json = { type: "object", properties: {} };
  (cyclic["properties"] as Json)["self"] = cyclic;
  let deep: Json = { type: "string" };
  for (let level = 0; level < 100_000; level++) deep = { type: "array", items: deep };
  test.each<[what: string, given: unknown, says: string]>([
    ["a text", { type: "string" }, "not of an object"],
    ["a list", [], "not of an object"],
    ["nothing", false, "not of an object"],
    ["a choice of none", { anyOf: [{ type: "string" }, { type: "null" }] }, "not of an object"],
    ["values", { enum: ["a"] }, "not of an object"],
    ["a form that only leads to itself", { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } } }, "not of an object"],
    ["a circle", cyclic, "holds itself"],
    ["great depth", { type: "object", properties: { deep } }, "nests deeper"],
    ["a reference to nothing", object({ a: { $ref: "#/$defs/gone" } }), '"#/$defs/gone"'],
    ["a reference elsewhere", object({ a: { $ref: "https://example.com/a.json" } }), "example.com"],
  ])("a schema of %s is an error that names the tool", async (_, given, what) => {
    const before = server.requests.length;
    const error = await failure(client().chat("Hi", { tools: [fn(given)] }));
    expect(error).toMatchObject({ kind: "schema" });
    expect(error.message).toContain('the tool "t"');
    expect(error.message).toContain(what);
    expect(server.requests).toHaveLength(before);
  });

  test("names of every kind stay what they are", async () => {
    const parsed = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}') as Json;
    const { inputSchema } = await toolSent(fn(parsed, true));
    expect(Object.keys(inputSchema["properties"] as Json)).toEqual(["__proto__", "constructor"]);
    expect(({} as Json)["type"]).toBeUndefined();
  });
});

describe("calls that the caller runs", () => {
  const parameters = object({ a: { type: "string" }, b: { type: "integer" }, c: { type: ["string", "null"] } }, ["a", "c"]);

  test("are without the nulls that only strict schemas brought in, in results, events and the history", async () => {
    answers = [calls("f", { a: "x", b: null, c: null })];
    const stream = client().stream("Hi", { tools: [{ type: "function", function: { name: "f", parameters, strict: true } }] });
    const inputs: unknown[] = [];
    for await (const event of stream) if (event.type === "tool-call") inputs.push(event.input);
    const { toolCalls, messages } = await stream.result;
    expect(toolCalls[0]!.input).toEqual({ a: "x", c: null });
    expect(inputs).toEqual([{ a: "x", c: null }]);
    expect(messages[0]!.content).toMatchObject([{ input: { a: "x", c: null } }]);
  });

  test("keep what came where the tool is not strict", async () => {
    answers = [calls("f", { a: "x", b: null, c: null })];
    const { toolCalls } = await client().chat("Hi", { tools: [{ type: "function", function: { name: "f", parameters } }] });
    expect(toolCalls[0]!.input).toEqual({ a: "x", b: null, c: null });
  });
});
