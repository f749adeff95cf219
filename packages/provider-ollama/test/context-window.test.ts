import { startLoopback } from "@plurivox/conformance";
import { createContext, type CallOptions, type Message } from "@plurivox/core";
import { expect, test } from "vitest";
import { ollama } from "../src/index.ts";
import { answer, client, type Json, type SentBody } from "./support.ts";

interface Server extends AsyncDisposable {
  /** The window that a call was sent with. */
  window(messages: string | Message[], options?: CallOptions): Promise<unknown>;
  /** How often the server was asked about a model. */
  shown(): number;
  explained(messages: string, options?: CallOptions): Promise<unknown>;
}

async function serve(show: [status: number, body: unknown] = [500, {}]): Promise<Server> {
  const server = await startLoopback(({ path }, response) => {
    const [status, body] = path === "/api/show" ? show : [200, answer()];
    response.writeHead(status, { "content-type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  return {
    async window(messages, options) {
      await client(server.url).chat(messages, options);
      const { path, body } = server.requests.at(-1)!;
      expect(path).toBe("/api/chat");
      return (body as SentBody).options["num_ctx"];
    },
    shown: () => server.requests.filter(({ path }) => path === "/api/show").length,
    async explained(messages, options) {
      const { request } = await client(server.url).explain(messages, options);
      return (request.body as SentBody).options["num_ctx"];
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

const shows = (tokens: number): [number, Json] => [
  200,
  { model_info: { "general.architecture": "llama", "llama.block_count": 32, "llama.context_length": tokens } },
];
const WORDS = "word ".repeat(6000);

test.for<[what: string, messages: string | Message[], options: CallOptions, window: number]>([
  ["a short call", "Hi", {}, 4096],
  ["a short call with a short answer", "Hi", { maxOutputTokens: 10 }, 2048],
  ["an answer of exactly the window", "Hi", { maxOutputTokens: 4096 }, 8192],
  ["an answer limited by the vendor's option", "Hi", { providerOptions: { ollama: { numPredict: 10 } } }, 2048],
  ["an answer without limit", "Hi", { providerOptions: { ollama: { numPredict: -1 } } }, 4096],
  ["a call that reasons", "Hi", { reasoning: "high" }, 16_384],
  ["a model that reasons by itself", "Hi", { model: "ollama/qwen3:8b" }, 16_384],
  ["one that is told not to", "Hi", { model: "ollama/qwen3:8b", reasoning: "none" }, 4096],
  ["a long prompt", WORDS, {}, 16_384],
  ["a prompt of three-byte characters", "漢".repeat(10_000), {}, 16_384],
  [
    "tools",
    "Hi",
    {
      tools: [
        { type: "function", function: { name: "f", description: "x".repeat(12_000), parameters: { type: "object", properties: {} } } },
      ],
    },
    8192,
  ],
  [
    "what a tool found in files",
    [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool-call", toolCallId: "c", toolName: "f", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "c", toolName: "f", output: { type: "file", content: WORDS } }] },
    ],
    {},
    16_384,
  ],
  [
    "pictures, by their number and not by their bytes",
    [{ role: "user", content: [1, 2].map(() => ({ type: "image" as const, data: new Uint8Array(500_000).fill(0x89) })) }],
    {},
    8192,
  ],
])("%s", async ([, messages, options, window]) => {
  await using server = await serve();
  expect(await server.window(messages, options)).toBe(window);
});

test("the model's limit is asked for once, and not exceeded", async () => {
  await using server = await serve(shows(6000));
  expect(await server.window("Hi")).toBe(4096);
  expect(await server.window(WORDS)).toBe(6000);
  expect(await server.window(WORDS)).toBe(6000);
  expect(server.shown()).toBe(1);
  await server.window("Hi", { model: "ollama/another-model" });
  expect(server.shown()).toBe(2);
});

test.for<[what: string, show: [number, unknown]]>([
  ["no such model", [404, { error: "model 'kit-model' not found" }]],
  ["no such path", [404, "<html>Nothing</html>"]],
  ["no JSON", [200, "oops"]],
  ["no facts", [200, {}]],
  ["null", [200, "null"]],
  ["odd facts", [200, { model_info: { "llama.context_length": "many", "x.context_length": 1 } }]],
])("a server that does not say: %s", async ([, show]) => {
  await using server = await serve(show);
  expect(await server.window(WORDS)).toBe(16_384);
});

test("a window never shrinks, so that the model stays loaded", async () => {
  await using server = await serve(shows(40_000));
  expect(await server.window("Hi")).toBe(4096);
  expect(await server.window(WORDS)).toBe(16_384);
  expect(await server.window("Hi")).toBe(16_384);
  expect(await server.window("Hi", { model: "ollama/another-model" })).toBe(4096);
  // What the caller says counts, down and up.
  expect(await server.window("Hi", { providerOptions: { ollama: { numCtx: 3000 } } })).toBe(3000);
  expect(await server.window("Hi")).toBe(4096);
  expect(await server.window("Hi", { providerOptions: { ollama: { numCtx: 100_000 } } })).toBe(100_000);
  expect(await server.window("Hi")).toBe(40_000);
  await using other = await serve();
  expect(await other.window("Hi")).toBe(4096);
});

test.for(["gpt-oss:120b-cloud", "glm-5:cloud"])("%s has its full window by itself", async (model) => {
  await using server = await serve(shows(100));
  expect(await server.window(WORDS, { model: `ollama/${model}` })).toBeUndefined();
  expect(await server.window("Hi", { model: `ollama/${model}`, providerOptions: { ollama: { numCtx: 9 } } })).toBe(9);
  expect(await server.explained("Hi", { model: `ollama/${model}` })).toBeUndefined();
  expect(server.shown()).toBe(0);
});

test("so have all models of the vendor's own host", async () => {
  const seen: { url: string; body: SentBody }[] = [];
  const context = createContext({
    providers: [ollama({ baseURL: "https://ollama.com" })],
    env: {},
    profiles: { default: { provider: "ollama", model: "gpt-oss:120b", apiKey: "k" } },
    fetch: async (input, init) => {
      seen.push({ url: String(input), body: JSON.parse(String(init?.body)) as SentBody });
      return Response.json(answer());
    },
  });
  await context.llm().chat("Hi");
  expect(seen.map(({ url, body }) => [url, body.options])).toEqual([["https://ollama.com/api/chat", {}]]);
});

test("a dry run asks nobody and changes nothing", async () => {
  await using server = await serve(shows(3000));
  expect(await server.explained(WORDS)).toBe(16_384);
  expect(server.shown()).toBe(0);
  expect(await server.window("Hi")).toBe(3000);
});

test("many calls at once", async () => {
  await using server = await serve(shows(40_000));
  const windows = await Promise.all(
    Array.from({ length: 20 }, (_, index) => server.window(index % 2 === 0 ? "Hi" : WORDS).catch(() => undefined)),
  );
  expect(windows.length).toBe(20);
  expect(await server.window("Hi")).toBe(16_384);
});
