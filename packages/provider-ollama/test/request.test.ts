import { createContext, type CallOptions, type ChatResult, type Message } from "@plurivox/core";
import { startLoopback, type ReceivedRequest } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { ollama } from "../src/index.ts";
import { answer, client, errorOf, type Json, type SentBody } from "./support.ts";

const server = await startLoopback((_request, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(answer({ content: "{}" })));
});
afterAll(() => server.close());

const OWN_WINDOW = { ollama: { numCtx: 4096 } };

async function call(
  messages: string | Message[],
  options: CallOptions = {},
): Promise<{ body: SentBody; request: ReceivedRequest; result: ChatResult }> {
  const result = await client(server.url).chat(messages, { providerOptions: OWN_WINDOW, ...options });
  const request = server.requests.at(-1)!;
  return { body: request.body as SentBody, request, result };
}

const body = async (messages: string | Message[], options?: CallOptions) => (await call(messages, options)).body;
const fn = (name: string, more: Json = {}) => ({ type: "function" as const, function: { name, ...more } });

describe("messages", () => {
  test("keep their order, with system messages anywhere", async () => {
    const sent = await body(
      [
        { role: "user", content: "A" },
        { role: "assistant", content: "B" },
        {
          role: "system",
          content: [
            { type: "text", text: "Be kind." },
            { type: "text", text: "Be quick." },
          ],
        },
        {
          role: "user",
          content: [
            { type: "text", text: "C" },
            { type: "text", text: "D" },
          ],
        },
      ],
      { system: "Zero" },
    );
    expect(sent.messages).toEqual([
      { role: "system", content: "Zero" },
      { role: "user", content: "A" },
      { role: "assistant", content: "B" },
      { role: "system", content: "Be kind.\n\nBe quick." },
      { role: "user", content: "C\n\nD" },
    ]);
  });

  test("thoughts and calls go back, other vendors' thoughts do not", async () => {
    const turn = (provider: string): Message => ({
      role: "assistant",
      provider,
      content: [
        { type: "reasoning", text: `${provider} thinks` },
        { type: "text", text: "A" },
        { type: "source", url: "https://example.com" },
        { type: "tool-call", toolCallId: "any id: 1/ü", toolName: "f", input: { x: 1 } },
        { type: "text", text: "B" },
      ],
    });
    const said = { role: "assistant", content: "AB", tool_calls: [{ id: "any id: 1/ü", function: { name: "f", arguments: { x: 1 } } }] };
    const sent = async (provider: string) =>
      (await body([{ role: "user", content: "Hi" }, turn(provider), { role: "user", content: "Go on" }])).messages[1];
    expect(await sent("ollama")).toEqual({ ...said, thinking: "ollama thinks" });
    expect(await sent("openai")).toEqual(said);
  });

  test("results of tools, whatever they are", async () => {
    const result = (output: unknown, toolName = "f") => ({ type: "tool-result" as const, toolCallId: "c1", toolName, output });
    const picture = { type: "image", base64: "iVBORw0K", mediaType: "image/png" };
    const calling = { type: "tool-call" as const, toolCallId: "c1", toolName: "f", input: {} };
    const sent = await body([
      { role: "user", content: "A" },
      { role: "assistant", content: Array.from({ length: 8 }, () => calling) },
      {
        role: "tool",
        content: [
          result("plain"),
          result({ n: [1] }),
          result(undefined),
          result(null),
          result([]),
          result([{ type: "other" }]),
          result([{ type: "text", text: "see" }, picture]),
          result("unnamed", ""),
        ],
      },
    ]);
    const one = { role: "tool", tool_name: "f", tool_call_id: expect.any(String) as unknown };
    expect(sent.messages.slice(2)).toEqual([
      { ...one, content: "plain" },
      { ...one, content: '{"n":[1]}' },
      { ...one, content: "" },
      { ...one, content: "null" },
      { ...one, content: "[]" },
      { ...one, content: '[{"type":"other"}]' },
      { ...one, content: "see\n\n(picture 1 follows in the next message)" },
      { ...one, content: "unnamed" },
      { role: "user", content: 'Picture 1, which the tool "f" returned:', images: ["iVBORw0K"] },
    ]);
  });

  test("images and sounds, as bare base64", async () => {
    const sent = await body([
      {
        role: "user",
        content: [
          { type: "image", base64: "iVBORw0K" },
          { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
          { type: "text", text: "What is it?" },
          { type: "image", url: "data:image/gif;base64,R0lGOA==" },
          { type: "file", base64: "UklGRgAAAABXQVZF" },
        ],
      },
    ]);
    expect(sent.messages).toEqual([
      { role: "user", content: "What is it?", images: ["iVBORw0K", "iVBORw==", "R0lGOA==", "UklGRgAAAABXQVZF"] },
    ]);
  });

  test.for<[what: string, part: Json]>([
    ["an image by id", { type: "image", url: "file-id:1" }],
    ["a document", { type: "file", base64: "JVBERi0=" }],
    ["a document by URL", { type: "file", url: "https://example.com/a.pdf" }],
    ["a film", { type: "file", base64: "AAAA", mediaType: "video/mp4" }],
  ])("%s is refused before it is sent", async ([, part]) => {
    const before = server.requests.length;
    const error = await errorOf(call([{ role: "user", content: [part as never] }]));
    expect(error.kind).toBe("unsupported");
    if (part["type"] === "image") expect(error.hint).toContain("bytes");
    expect(server.requests.length).toBe(before);
  });

  test("an image by URL is loaded, and sent by its bytes", async () => {
    await using pictures = await startLoopback(
      (_request, response) => void response.setHeader("content-type", "image/png").end(Buffer.from("iVBORw0KGgo=", "base64")),
    );
    const profiles = { default: { provider: "ollama", model: "m", baseURL: server.url } };
    const context = createContext({ providers: [ollama()], profiles, env: {}, media: { allowPrivate: true } });
    await context
      .llm()
      .stream([{ role: "user", content: [{ type: "image", url: `${pictures.url}/a.png` }] }])
      .result.catch(() => {});
    expect((server.requests.at(-1)!.body as { messages: unknown[] }).messages).toEqual([
      expect.objectContaining({ images: ["iVBORw0KGgo="] }),
    ]);
  });
});

describe("tools", () => {
  const tools = [
    fn("a"),
    fn("b", { description: "Does b", strict: true, parameters: { type: "object", properties: { x: {} }, required: ["x"] } }),
  ];

  test("definitions", async () => {
    expect((await body("Hi", { tools }))["tools"]).toEqual([
      { type: "function", function: { name: "a", parameters: { type: "object", properties: {} } } },
      {
        type: "function",
        function: { name: "b", description: "Does b", parameters: { type: "object", properties: { x: {} }, required: ["x"] } },
      },
    ]);
  });

  test.for<[choice: CallOptions["toolChoice"], offered: number]>([
    [undefined, 2],
    ["auto", 2],
    ["none", 0],
  ])("choice %j", async ([toolChoice, offered]) => {
    const sent = await body("Hi", { tools, toolChoice });
    expect(((sent["tools"] ?? []) as unknown[]).length).toBe(offered);
    expect(sent).not.toHaveProperty("tool_choice");
  });

  test("a forced choice is refused, or dropped with a warning", async () => {
    for (const toolChoice of ["required", { toolName: "b" }] as const) {
      expect((await errorOf(call("Hi", { tools, toolChoice }))).kind).toBe("unsupported");
      const { body: sent, result } = await call("Hi", { tools, toolChoice, onUnsupported: "warn" });
      expect(sent["tools"]).toHaveLength(2);
      expect(result.warnings).toMatchObject([{ feature: "toolChoice" }, { code: "not-strict" }]);
    }
    const { result } = await call("Hi", { tools, parallelToolCalls: false });
    expect(result.warnings).toMatchObject([
      { feature: "parallelToolCalls" },
      { code: "not-strict", message: expect.stringContaining('"b"') },
    ]);
  });

  test("the vendor runs none itself", async () => {
    const error = await errorOf(call("Hi", { tools: [{ type: "provider", provider: "ollama", name: "web_search" }] }));
    expect(error).toMatchObject({ kind: "unsupported", hint: "Remove the tool." });
  });

  test("models without tools are known", async () => {
    expect((await errorOf(call("Hi", { tools, model: "ollama/gemma3:4b" }))).kind).toBe("unsupported");
  });
});

describe("reasoning", () => {
  test.for<[model: string, reasoning: CallOptions["reasoning"], think: unknown]>([
    ["qwen3:8b", undefined, undefined],
    ["qwen3:8b", "none", false],
    ["qwen3:8b", "low", true],
    ["qwen3:8b", "max", true],
    ["qwen3:8b", {}, true],
    ["gpt-oss:20b", "low", "low"],
    ["gpt-oss:120b-cloud", "high", "high"],
    ["gpt-oss:20b", "max", "high"],
    ["gpt-oss:20b", "minimal", "low"],
    ["gpt-oss:20b", "none", "low"],
    ["gpt-oss:20b", {}, true],
    ["model-of-tomorrow", "high", true],
    ["model-of-tomorrow", "none", false],
    ["gemma3:4b", "high", undefined],
  ])("%s, %j", async ([model, reasoning, think]) => {
    expect((await body("Hi", { model: `ollama/${model}`, reasoning }))["think"]).toBe(think);
  });

  test("the vendor's own option wins", async () => {
    for (const think of [true, false, "max"])
      expect((await body("Hi", { reasoning: "low", providerOptions: { ollama: { numCtx: 1, think } } }))["think"]).toBe(think);
  });
});

describe("the rest", () => {
  test("only what was asked for is sent", async () => {
    const { body: sent, request } = await call("Hi");
    expect(sent).toEqual({ model: "kit-model", messages: [{ role: "user", content: "Hi" }], options: { num_ctx: 4096 }, stream: false });
    expect(request.headers).not.toHaveProperty("authorization");
    expect(request.path).toBe("/api/chat");
  });

  test("settings and the vendor's own options", async () => {
    const sent = await body("Hi", {
      maxOutputTokens: 9,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      seed: 0,
      stopSequences: ["X"],
      presencePenalty: 0.1,
      frequencyPenalty: -0.1,
      extraBody: { _debug_render_only: true },
      providerOptions: {
        ollama: {
          numCtx: 1000,
          numPredict: 5,
          keepAlive: 0,
          minP: 0.1,
          repeatPenalty: 1.2,
          repeatLastN: 0,
          truncate: false,
          shift: false,
          parameters: { num_gpu: 0, mirostat: 1 },
        },
      },
    });
    expect(sent).toEqual({
      model: "kit-model",
      messages: [{ role: "user", content: "Hi" }],
      stream: false,
      keep_alive: 0,
      truncate: false,
      shift: false,
      _debug_render_only: true,
      options: {
        num_ctx: 1000,
        num_predict: 9,
        temperature: 0,
        top_p: 0.5,
        top_k: 3,
        min_p: 0.1,
        seed: 0,
        stop: ["X"],
        presence_penalty: 0.1,
        frequency_penalty: -0.1,
        repeat_penalty: 1.2,
        repeat_last_n: 0,
        num_gpu: 0,
        mirostat: 1,
      },
    });
    expect((await body("Hi", { providerOptions: { ollama: { numCtx: 1, numPredict: -1, keepAlive: "10m" } } })).options).toEqual({
      num_ctx: 1,
      num_predict: -1,
    });
  });

  test.for<[logprobs: boolean | number, expected: Json]>([
    [true, { logprobs: true }],
    [false, { logprobs: false }],
    [0, { logprobs: true, top_logprobs: 0 }],
    [5, { logprobs: true, top_logprobs: 5 }],
  ])("logprobs %j", async ([logprobs, expected]) => {
    const { logprobs: asked, top_logprobs } = await body("Hi", { logprobs });
    expect({ logprobs: asked, ...(top_logprobs !== undefined && { top_logprobs }) }).toEqual(expected);
  });

  test("structured output by schema, and any JSON", async () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { a: { type: "string", minLength: 1 } },
    };
    expect((await body("Hi", { output: { schema } }))["format"]).toEqual(schema);
    expect((await body("Hi", { output: "json" }))["format"]).toBe("json");
  });

  test("what the wire has no words for is dropped with a warning, and several answers are an error", async () => {
    const { body: sent, result } = await call("Hi", { cache: "auto", user: "u", metadata: { a: "b" }, reasoning: { budgetTokens: 9 } });
    expect(Object.keys(sent).toSorted()).toEqual(["messages", "model", "options", "stream", "think"]);
    expect(result.warnings.map(({ feature }) => feature)).toEqual(["reasoningBudget", "cache", "user", "metadata"]);
    expect((await errorOf(call("Hi", { n: 2 }))).kind).toBe("unsupported");
  });

  test("a key is optional, and the caller's own headers stay as they are", async () => {
    await client(server.url, { apiKey: "sk-ollama" }).chat("Hi");
    expect(server.requests.at(-1)!.headers["authorization"]).toBe("Bearer sk-ollama");
    await client(server.url, { apiKey: "sk-ollama", headers: { Authorization: "Basic x", "User-Agent": "mine", "X-Mine": "1" } }).chat(
      "Hi",
    );
    expect(server.requests.at(-1)!.headers).toMatchObject({ authorization: "Basic x", "user-agent": "mine", "x-mine": "1" });
  });
});

describe("addresses", () => {
  test.for<[written: string, url: string]>([
    ["0.0.0.0", "http://127.0.0.1:11434"],
    ["0.0.0.0:8080", "http://127.0.0.1:8080"],
    ["http://0.0.0.0:11434/", "http://127.0.0.1:11434"],
    ["http://0.0.0.0", "http://127.0.0.1"],
    [":8080", "http://127.0.0.1:8080"],
    ["localhost", "http://localhost:11434"],
    ["gpu.lan:80", "http://gpu.lan:80"],
    ["gpu.lan/ollama/", "http://gpu.lan:11434/ollama"],
    ["::1", "http://[::1]:11434"],
    ["[::1]:8080", "http://[::1]:8080"],
    ["[::]", "http://[::1]:11434"],
    [' "127.0.0.1:1234" ', "http://127.0.0.1:1234"],
    ["https://ollama.com", "https://ollama.com"],
    ["https://ollama.com/api", "https://ollama.com"],
    ["ollama.com", "https://ollama.com"],
    ["http://gpu.lan", "http://gpu.lan"],
  ])("%s is %s", async ([written, url]) => {
    for (const [env, baseURL] of [
      [{ OLLAMA_HOST: written }, undefined],
      [{}, written],
    ] as const) {
      const context = createContext({ providers: [ollama()], env, profiles: { default: { provider: "ollama", model: "m", baseURL } } });
      const { request } = await context.llm().explain("Hi");
      expect(request.url).toBe(new URL(`${url}/api/chat`).href);
    }
  });

  test("OLLAMA_BASE_URL comes before OLLAMA_HOST, and 127.0.0.1 is the default", async () => {
    const url = async (env: Record<string, string>) => {
      const context = createContext({ providers: [ollama()], env, profiles: { default: "ollama/m" } });
      return (await context.llm().explain("Hi")).request.url;
    };
    expect(await url({ OLLAMA_HOST: "a", OLLAMA_BASE_URL: "http://b" })).toBe("http://b/api/chat");
    expect(await url({})).toBe("http://127.0.0.1:11434/api/chat");
  });

  test("what is no address is an error that says so", async () => {
    for (const baseURL of ["ftp://a", "a b"]) {
      const context = createContext({ providers: [ollama()], env: {}, profiles: { default: { provider: "ollama", model: "m", baseURL } } });
      expect(() => context.llm()).toThrow("must be an http(s) URL");
    }
  });
});
