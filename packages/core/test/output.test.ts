import * as v from "valibot";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoopback, type Loopback, type ReceivedRequest } from "../../conformance/src/loopback.ts";
import {
  createContext,
  isLlmError,
  tool,
  type CallOptions,
  type ChatEvent,
  type ContextOptions,
  type LlmError,
  type LLM,
} from "../src/index.ts";
import type { ChatDelta, ChatWire } from "../src/provider.ts";
import { startAnswering } from "./scripted.ts";
import { toy } from "./toy.ts";

type Sent = {
  tools: { name: string; inputSchema: unknown }[];
  toolChoice?: unknown;
  output?: unknown;
  messages: { role: string; content: unknown }[];
};

let server: Loopback;
/** What the vendor answers, one after the other; the last again and again. */
let answers: readonly (readonly ChatDelta[])[] = [];
beforeAll(async () => {
  server = await startAnswering(() => answers);
});
afterAll(() => server.close());

const says = (text: string, size = 3): ChatDelta[] => [
  ...(text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []).map((piece): ChatDelta => ({ type: "text", text: piece })),
  { type: "usage", usage: { inputTokens: 5, outputTokens: 5 } },
  { type: "finish", finishReason: "stop" },
];
const calls = (name: string, input: unknown): ChatDelta[] => [
  { type: "tool-call", part: 0, toolCallId: "c1", toolName: name, inputText: JSON.stringify(input).slice(0, 7) },
  { type: "tool-call", part: 0, inputText: JSON.stringify(input).slice(7) },
  { type: "finish", finishReason: "tool-calls" },
];

function client(wire: Partial<ChatWire> = {}, options: ContextOptions = {}): LLM {
  const provider = toy();
  const settings = { provider: "toy", model: "m", baseURL: server.url, apiKey: "k", retry: false as const };
  const own = { ...provider, chat: { ...provider.chat!, ...wire } };
  return createContext({ providers: [own], env: {}, ...options, profiles: { default: settings } }).llm();
}
const sent = (): Sent => server.requests.at(-1)!.body as Sent;
const textOf = (request: ReceivedRequest | undefined) => JSON.stringify(request?.body);

async function failure(call: PromiseLike<unknown>): Promise<LlmError> {
  return Promise.resolve(call).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => (isLlmError(error) ? error : expect.unreachable(String(error))),
  );
}

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(structuredCloneable(event));
  return all;
}
/** The growing value is one and the same: what it was at this event is kept. */
const structuredCloneable = (event: ChatEvent): ChatEvent =>
  event.type === "object" ? { ...event, object: structuredClone(event.object) } : event;

const NO_OUTPUT = { capabilities: { structuredOutput: false, jsonMode: false } };
const CITY = { type: "object", properties: { city: { type: "string" }, size: { type: "integer" } }, required: ["city"] };

describe("structured output is validated", () => {
  const good = '{"city":"Zürich","size":3}';
  test.each([
    ["zod", z.object({ city: z.string(), size: z.number().int().optional() })],
    ["valibot", toStandardJsonSchema(v.object({ city: v.string(), size: v.optional(v.number()) }))],
    ["arktype", type({ city: "string", "size?": "number" })],
    ["JSON Schema", CITY],
    ["OpenAI's envelope", { type: "json_schema", json_schema: { name: "city", schema: CITY } }],
    ["settings", { schema: CITY, name: "city", strict: false }],
  ])("by %s", async (_, output) => {
    const llm = client();
    answers = [says(good)];
    expect((await llm.chat("Hi", { output: output as CallOptions["output"] })).output).toEqual({ city: "Zürich", size: 3 });
    expect((await llm.stream("Hi", { output: output as CallOptions["output"] }).result).output).toEqual({ city: "Zürich", size: 3 });
    answers = [says('{"city":7}')];
    const error = await failure(llm.chat("Hi", { output: output as CallOptions["output"] }));
    expect(error).toMatchObject({ kind: "invalid-output", partial: { text: '{"city":7}' } });
    expect(error.message).toContain("city");
  });

  test("what the schema transforms comes out transformed", async () => {
    answers = [says('{"n":"12"}')];
    const { output } = await client().chat("Hi", { output: z.object({ n: z.string().transform(Number) }) });
    expect(output).toEqual({ n: 12 });
    expect(sent().output).toMatchObject({ schema: { properties: { n: { type: "string" } } } });
  });

  test("a frozen schema, which stays as it is", async () => {
    const schema = Object.freeze({ type: "object", properties: Object.freeze({ city: Object.freeze({ type: "string" }) }) });
    answers = [says('{"city":"A"}')];
    expect((await client().chat("Hi", { output: schema })).output).toEqual({ city: "A" });
  });

  test("any JSON, and unchecked data where that is asked for", async () => {
    answers = [says("[1, 2]")];
    expect((await client().chat("Hi", { output: "json" })).output).toEqual([1, 2]);
    answers = [says('{"city":7}')];
    expect((await client().chat("Hi", { output: { schema: CITY, validate: false } })).output).toEqual({ city: 7 });
  });

  test.each([
    ["a fence", '```json\n{"city":"A"}\n```'],
    ["words round it", 'Here you are: {"city":"A"} — anything else?'],
    ["white space", '\n {"city":"A"}\n'],
  ])("is found in %s", async (_, text) => {
    answers = [says(text)];
    expect((await client().chat("Hi", { output: CITY })).output).toEqual({ city: "A" });
  });

  test("nulls that a strict schema widened are undone; those that it has itself stay", async () => {
    const schema = {
      type: "object",
      properties: {
        a: { type: "string" },
        b: { type: ["string", "null"] },
        c: { type: "object", properties: { d: { type: "number" } } },
        e: { $ref: "#/$defs/e" },
      },
      required: ["b"],
      $defs: { e: { type: "array", items: { type: "object", properties: { f: { enum: ["x"] } } } } },
    };
    answers = [says('{"a":null,"b":null,"c":{"d":null},"e":[{"f":null}]}')];
    expect((await client().chat("Hi", { output: schema })).output).toEqual({ b: null, c: {}, e: [{}] });
  });

  test.each([
    ["an array", { type: "array", items: { type: "integer" } }, [1, 2]],
    ["an enum", { enum: ["a", "b"] }, "b"],
    ["a union", { anyOf: [{ type: "integer" }, { type: "object", properties: { x: { type: "string" } } }] }, 3],
  ])("%s is asked for inside an object, and unwrapped", async (_, schema, value) => {
    answers = [says(JSON.stringify({ value }))];
    expect((await client().chat("Hi", { output: schema })).output).toEqual(value);
    expect(sent().output).toMatchObject({ schema: { type: "object", required: ["value"] } });
    answers = [says(JSON.stringify(value))];
    expect((await client(NO_OUTPUT).chat("Hi", { output: { schema, mode: "prompt" } })).output).toEqual(value);
  });

  test("recursive schemas", async () => {
    const schema = { type: "object", properties: { name: { type: "string" }, next: { $ref: "#" } }, required: ["name"] };
    answers = [says('{"name":"a","next":{"name":"b","next":null}}')];
    expect((await client().chat("Hi", { output: schema })).output).toEqual({ name: "a", next: { name: "b" } });
    answers = [says('{"name":"a","next":{"next":null}}')];
    expect(await failure(client().chat("Hi", { output: schema }))).toMatchObject({ kind: "invalid-output" });
  });

  test("one round to repair it, which tells the model what is wrong", async () => {
    const output = { schema: CITY, repair: true };
    answers = [says('{"city":7}'), says('{"city":"A"}')];
    const result = await client().stream("Hi", { output }).result;
    expect(result).toMatchObject({ output: { city: "A" }, text: '{"city":"A"}', usage: { inputTokens: 10 } });
    expect(result.steps).toHaveLength(2);
    expect(result.messages.map(({ role }) => role)).toEqual(["assistant", "user", "assistant"]);
    expect(JSON.stringify(sent().messages.at(-1))).toContain("city");
    answers = [says('{"city":7}')];
    expect(await failure(client().chat("Hi", { output }))).toMatchObject({ kind: "invalid-output", attempts: [{}, {}] });
  });

  test.each([
    ["length", "incomplete-output"],
    ["content-filter", "content-filter"],
    ["error", "server"],
  ] as const)("an answer that ends with %s is no data, also where it could be read", async (finishReason, kind) => {
    for (const text of ['{"ci', '{"city":"A"}']) {
      answers = [
        [
          { type: "text", text },
          { type: "finish", finishReason },
        ],
      ];
      expect(await failure(client().chat("Hi", { output: CITY }))).toMatchObject({ kind, partial: { text } });
      expect(await failure(client().stream("Hi", { output: CITY }).result)).toMatchObject({ kind, partial: { text } });
    }
  });

  test("a refusal is an error that holds its words", async () => {
    answers = [
      [
        { type: "text", text: "I will not.", refusal: true },
        { type: "finish", finishReason: "stop" },
      ],
    ];
    const error = await failure(client().chat("Hi", { output: CITY }));
    expect(error.kind).toBe("content-filter");
    expect(error.message).toContain("I will not.");
  });

  test.each(["STOP", "completed", "end", "tool_calls", "eos", "a-word-of-tomorrow"])("data under %s is data", async (rawFinishReason) => {
    answers = [
      [
        { type: "text", text: '{"city":"A"}' },
        { type: "finish", rawFinishReason },
      ],
    ];
    expect((await client().chat("Hi", { output: CITY })).output).toEqual({ city: "A" });
    expect((await client().stream("Hi", { output: CITY }).result).output).toEqual({ city: "A" });
  });

  test.each([
    ['Here it is: {"city":"A"}.', "words round it"],
    ['{{"city":"A"}}', "a brace round it"],
    ['{"city":"B"} No, wait: {"city":"A"}', "a correction"],
    ['Use {braces} like "this: {"city":"A"} – done', "words with braces and a quote"],
    ['```json\n{"city":"A"}\n```', "a fence"],
    ['{"city":1}\n{"city":"A"}\n{"city":2}', "others that do not fit"],
  ])("%s", async (text) => {
    answers = [says(text)];
    expect((await client().chat("Hi", { output: CITY })).output).toEqual({ city: "A" });
  });

  test("text of nothing but brackets is given up", async () => {
    for (const text of ["[".repeat(200_000), "{".repeat(100_000) + "}".repeat(100_000), '{"a'.repeat(50_000)]) {
      answers = [
        [
          { type: "text", text },
          { type: "finish", finishReason: "stop" },
        ],
      ];
      expect((await failure(client().chat("Hi", { output: CITY }))).kind).toBe("invalid-output");
    }
  });

  test("of an answer tool that is called twice the first call that fits counts", async () => {
    answers = [
      [
        { type: "tool-call", part: 0, toolCallId: "c1", toolName: "answer", inputText: '{"city":1}' },
        { type: "tool-call", part: 1, toolCallId: "c2", toolName: "answer", inputText: '{"city":"A"}' },
        { type: "tool-call", part: 2, toolCallId: "c3", toolName: "answer", inputText: '{"city":"B"}' },
        { type: "finish", finishReason: "tool-calls" },
      ],
    ];
    const result = await client(NO_OUTPUT).chat("Hi", { output: CITY });
    expect(result).toMatchObject({ output: { city: "A" }, finishReason: "stop", toolCalls: [] });
  });

  test("a chat that ends by its own limits before the answer is an error", async () => {
    const tools = [tool({ name: "look", input: { type: "object" }, execute: () => "seen" })];
    answers = [calls("look", {})];
    for (const limit of [{ maxSteps: 2 }, { stopWhen: () => true }]) {
      const error = await failure(client().chat("Hi", { output: CITY, tools, ...limit }));
      expect(error.kind).toBe("incomplete-output");
    }
  });
});

describe("how it is asked for", () => {
  test("by the vendor's own means, else by a tool, else in words", async () => {
    answers = [says('{"city":"A"}')];
    await client().chat("Hi", { output: CITY });
    expect(sent()).toMatchObject({ output: { schema: CITY }, tools: [] });
    answers = [calls("answer", { city: "A" })];
    const byTool = await client(NO_OUTPUT).stream("Hi", { output: CITY }).result;
    expect(sent()).toMatchObject({ tools: [{ name: "answer", inputSchema: CITY }], toolChoice: { toolName: "answer" } });
    expect(sent()).not.toHaveProperty("output");
    expect(byTool).toMatchObject({
      output: { city: "A" },
      text: '{"city":"A"}',
      finishReason: "stop",
      toolCalls: [],
      warnings: [{ code: "emulated" }],
    });
    expect((await client(NO_OUTPUT).chat("Hi", { output: CITY })).output).toEqual({ city: "A" });
    answers = [says('{"city":"A"}')];
    await client({ capabilities: { structuredOutput: false, toolChoice: false } }).chat("Hi", { output: CITY });
    expect(sent().tools).toEqual([]);
    expect(textOf(server.requests.at(-1))).toContain("JSON Schema");
  });

  test("as the mode says", async () => {
    answers = [calls("answer", { city: "A" })];
    expect((await client().chat("Hi", { output: { schema: CITY, mode: "tool" } })).output).toEqual({ city: "A" });
    expect(await failure(client(NO_OUTPUT).chat("Hi", { output: { schema: CITY, mode: "native" } }))).toMatchObject({
      kind: "unsupported",
    });
    expect(await failure(client({ capabilities: { tools: false } }).chat("Hi", { output: { schema: CITY, mode: "tool" } }))).toMatchObject({
      kind: "unsupported",
    });
  });

  test("beside tools, by a tool where the vendor takes no both", async () => {
    const tools = [{ type: "function" as const, function: { name: "answer" } }];
    answers = [calls("answer_", { city: "A" })];
    const result = await client({ notWithTools: ["structuredOutput"] }).chat("Hi", { output: CITY, tools });
    expect(sent()).toMatchObject({ tools: [{ name: "answer" }, { name: "answer_" }], toolChoice: "required" });
    expect(result.output).toEqual({ city: "A" });
    answers = [says('{"city":"A"}')];
    await client({ notWithTools: ["structuredOutput"] }).chat("Hi", { output: CITY });
    expect(sent()).toMatchObject({ output: { schema: CITY }, tools: [] });
  });
});

describe("partial objects", () => {
  test("grow with the stream: each is a beginning of the last", async () => {
    answers = [says('{"city":"Zürich","sizes":[1,22,3]}', 4)];
    const events = await collect(client().stream("Hi", { output: "json" }));
    const objects = events.filter((event) => event.type === "object").map((event) => event.object as { city?: string });
    expect(objects.length).toBeGreaterThan(0);
    expect(objects.at(-1)).toEqual({ city: "Zürich", sizes: [1, 22, 3] });
    for (const { city } of objects) if (city !== undefined) expect("Zürich").toContain(city);
  });

  test("are one and the same value", async () => {
    answers = [says('{"a":[1,2]}')];
    const seen = new Set<unknown>();
    for await (const event of client().stream("Hi", { output: "json" })) if (event.type === "object") seen.add(event.object);
    expect(seen.size).toBe(1);
  });

  test("__proto__ pollutes nothing", async () => {
    answers = [says('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')];
    const events = await collect(client().stream("Hi", { output: "json" }));
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: "done" });
  });

  test("100,000 levels are an error, not a crash", async () => {
    answers = [says("[".repeat(100_000), 1000)];
    expect(await failure(client().stream("Hi", { output: "json" }).result)).toMatchObject({ kind: "invalid-output" });
    answers = [says(`${"[".repeat(100_000)}${"]".repeat(100_000)}`, 1000)];
    expect(await failure(client().chat("Hi", { output: CITY }))).toMatchObject({ kind: "invalid-output" });
  });
});

describe("reasoning in tags", () => {
  const tagged = { reasoningTags: "usual" as const };
  test("is told apart where an endpoint is known to send them, streamed and whole", async () => {
    answers = [says("<think>\nFirst this.\n</think>\n\nThen that.", 2)];
    for (const result of [await client(tagged).chat("Hi"), await client(tagged).stream("Hi").result]) {
      expect(result).toMatchObject({ text: "Then that.", reasoning: "First this.\n" });
      expect(result.messages[0]!.content).toMatchObject([{ type: "reasoning" }, { type: "text" }]);
    }
    expect((await client().chat("Hi")).text).toContain("<think>");
    expect((await client(tagged).chat("Hi", { reasoningTags: false })).text).toContain("<think>");
  });

  test("hidden, it is in neither text nor events", async () => {
    answers = [says("<think>secret</think>open", 1)];
    const events = await collect(client(tagged).stream("Hi", { hideReasoning: true }));
    expect(JSON.stringify(events.filter((event) => event.type !== "done"))).not.toContain("sec");
    expect(events.at(-1)).toMatchObject({ result: { text: "open" } });
  });

  test("the caller's own, and answers that begin inside", async () => {
    answers = [says("Hm.</mull>Well.")];
    const reasoningTags = [{ start: "<mull>", end: "</mull>", fromBeginning: true }];
    expect(await client().chat("Hi", { reasoningTags })).toMatchObject({ reasoning: "Hm.", text: "Well." });
  });

  test("what was held back is not lost when the stream breaks", async () => {
    answers = [
      [
        { type: "text", text: "Hello <thi" },
        { type: "error", facts: { kind: "server" } },
      ],
    ];
    expect((await failure(client(tagged).stream("Hi").result)).partial!.text).toBe("Hello <thi");
  });
});

describe("several answers", () => {
  const refusing = { capabilities: { n: false } };
  test("are refused where the vendor gives one, and made up for by as many calls where that is asked for", async () => {
    answers = [says("one"), says("two"), says("three")];
    expect(await failure(client(refusing).chat("Hi", { n: 3 }))).toMatchObject({ kind: "unsupported" });
    const before = server.requests.length;
    const result = await client(refusing).chat("Hi", { n: 3, onUnsupported: "emulate" });
    expect(server.requests).toHaveLength(before + 3);
    expect(result.choices!.map(({ index, text }) => [index, text]).toSorted()).toEqual(expect.arrayContaining([[0, result.text]]));
    expect(result.choices!.map(({ text }) => text).toSorted()).toEqual(["one", "three", "two"]);
    expect(result).toMatchObject({ usage: { inputTokens: 15, outputTokens: 15 }, attempts: [{}, {}, {}], warnings: [{ feature: "n" }] });
    expect(sent()).not.toHaveProperty("n");
  });

  test("stream side by side, each with its index", async () => {
    answers = [says("same", 1)];
    const events = await collect(client(refusing).stream("Hi", { n: 2, onUnsupported: "emulate" }));
    const textOfChoice = (choice: number) =>
      events.flatMap((event) => (event.type === "text" && event.choice === choice ? event.text : [])).join("");
    expect([textOfChoice(0), textOfChoice(1)]).toEqual(["same", "same"]);
    expect(events.filter(({ type: kind }) => kind === "start" || kind === "done")).toHaveLength(2);
  });

  test("one that fails ends the others, with its error", async () => {
    answers = [[{ type: "error", facts: { kind: "server" } }]];
    expect(await failure(client(refusing).stream("Hi", { n: 3, onUnsupported: "emulate" }).result)).toMatchObject({ kind: "server" });
  });
});

describe("files", () => {
  const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUg==", "base64");
  const ask = (part: object, wire: Partial<ChatWire> = {}, options: ContextOptions = {}) =>
    client(wire, options).chat([{ role: "user", content: [{ type: "image", ...part } as never] }]);
  const file = () => (sent().messages[0]!.content as Record<string, unknown>[])[0]!;

  test("by path, where paths are allowed", async () => {
    answers = [says("ok")];
    const folder = await mkdtemp(join(tmpdir(), "plurivox-"));
    try {
      const path = join(folder, "fox.png");
      await writeFile(path, PNG);
      expect(await failure(ask({ path }))).toMatchObject({ kind: "invalid-request" });
      await ask({ path }, {}, { media: { allowPaths: [folder] } });
      expect(file()).toMatchObject({ mediaType: "image/png", filename: "fox.png" });
      expect(file()).not.toHaveProperty("path");
      const before = server.requests.length;
      const message = { role: "user" as const, content: [{ type: "image" as const, path }] };
      expect((await client({}, { media: { allowPaths: [folder] } }).explain([message])).request.body).toMatchObject({ messages: [{}] });
      expect(server.requests).toHaveLength(before);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("by URL where the vendor fetches it, else by its bytes", async () => {
    answers = [says("ok")];
    await using pictures = await startLoopback((_request, response) => void response.setHeader("content-type", "image/png").end(PNG));
    const url = `${pictures.url}/fox.png`;
    await ask({ url });
    expect(file()).toMatchObject({ url });
    expect(pictures.requests).toEqual([]);
    await ask({ url }, { noUrls: ["image"] }, { media: { allowPrivate: true } });
    expect(file()).toMatchObject({ mediaType: "image/png" });
    expect(file()).not.toHaveProperty("url");
    expect(await failure(ask({ url }, { noUrls: ["image"] }))).toMatchObject({ kind: "invalid-request" });
  });

  test("a Blob becomes bytes", async () => {
    answers = [says("ok")];
    await ask({ blob: new Blob([PNG]) });
    expect(file()).toMatchObject({ data: { 0: 0x89, 1: 0x50 } });
  });

  test("what is not what it says is put right, or refused before anything is sent", async () => {
    answers = [says("ok")];
    await ask({ base64: PNG.toString("base64"), mediaType: "image/jpeg" });
    expect(file()).toMatchObject({ mediaType: "image/png" });
    const before = server.requests.length;
    expect(await failure(ask({ base64: "JVBERi0xLjcKJcfs", mediaType: "image/png" }))).toMatchObject({ kind: "invalid-request" });
    expect(await failure(ask({ data: new Uint8Array(100) }, {}, { media: { maxBytes: 50 } }))).toMatchObject({ kind: "invalid-request" });
    expect(server.requests).toHaveLength(before);
  });

  test("a message that loses its only file still says something", async () => {
    answers = [says("ok")];
    const { warnings } = await client({ capabilities: { imageInput: false } }).chat(
      [{ role: "user", content: [{ type: "image", base64: PNG.toString("base64") }] }],
      { onUnsupported: "warn" },
    );
    expect(warnings).toMatchObject([{ feature: "imageInput" }]);
    expect(sent().messages[0]!.content).toMatchObject([{ type: "text" }]);
  });
});
