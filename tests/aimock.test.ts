// The same calls against a mock that somebody else wrote from the vendors' documentation, so that no mistake of ours is in both ends.
import { LLMock, type ChatCompletionRequest, type FixtureResponse } from "@copilotkit/aimock";
import { createContext, isLlmError, type CallOptions, type ChatResult, type LLM, type LlmError, type Message } from "plurivox";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PLACES } from "./support/providers.ts";

/** Where the mock serves each provider's wire, below its own address. */
const PATHS: Readonly<Record<string, string>> = {
  "openai (responses)": "/v1",
  "openai (chat)": "/v1",
  "openai-compatible": "/v1",
  "azure (responses)": "",
  "azure (chat)": "",
  anthropic: "",
  google: "/v1beta",
  mistral: "",
  cohere: "",
  groq: "",
  ollama: "",
  openrouter: "/api/v1",
  lmstudio: "/v1",
  "nvidia-nim": "/v1",
};

/** What the mock does otherwise than the vendors, and why a check is left out or differs there. */
const MOCK: Readonly<Record<"silent" | "uncounted" | "no ids" | "other errors", Readonly<Record<string, string>>>> = {
  silent: {
    mistral: "the vendor counts in every stream, the mock only where stream_options ask for it, which this vendor does not know",
    groq: "the vendor counts in every stream, the mock only where stream_options ask for it, which this vendor does not know",
  },
  uncounted: { ollama: "the mock says 0 for every count" },
  "no ids": { ollama: "the mock keeps no ids of calls on this wire" },
  "other errors": { cohere: "the mock's errors are in OpenAI's form, where this vendor has a message at the top" },
};

const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent", chunkSize: 6 });

const TEXT = 'The mock says: "Grüße" — and {that} is all.';
const INPUT = { city: "Zürich", days: 2 };
const VECTOR = [0.5, -0.25, 1];
const USAGE = { input_tokens: 11, output_tokens: 7 };
const TOOLS: CallOptions = {
  tools: [
    {
      type: "function",
      function: {
        name: "get_weather",
        description: "The weather of a city",
        parameters: { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } }, required: ["city"] },
      },
    },
  ],
};

beforeAll(async () => {
  const call: FixtureResponse = { toolCalls: [{ name: "get_weather", arguments: JSON.stringify(INPUT) }], usage: USAGE };
  mock.on({ userMessage: "weather", hasToolResult: true }, { content: "It is clear.", usage: USAGE });
  mock.on({ userMessage: "weather", hasToolResult: false }, call);
  mock.onEmbedding(/./, { embedding: VECTOR });
  mock.on({}, { content: TEXT, usage: USAGE });
  await mock.start();
});
beforeEach(() => mock.clearRequests());
afterAll(() => mock.stop());

describe.each(PLACES)("$name", ({ name, provider, api, model }) => {
  const client = (): LLM =>
    createContext({ providers: [provider], env: { PLURIVOX_NO_NETWORK: "1" } }).llm({
      provider: provider.id,
      model,
      baseURL: `${mock.url}${PATHS[name]}`,
      apiKey: "key",
      retry: false,
      ...(api && { api }),
    });
  const ways: [how: string, ask: (input: string | Message[], options?: CallOptions) => Promise<ChatResult>][] = [
    ["whole", (input, options) => client().chat(input, options)],
    ["streamed", (input, options) => client().stream(input, options).result],
  ];
  const received = (): ChatCompletionRequest => mock.getLastRequest()!.body as ChatCompletionRequest;

  test.each(ways)("text, %s", async (how, ask) => {
    const result = await ask("Say something.", { system: "Be brief." });
    expect(result.text).toBe(TEXT);
    expect(result.finishReason).toBe("stop");
    if (MOCK.uncounted[name] !== undefined) expect(result.usage).toEqual({ inputTokens: 0, outputTokens: 0, totalTokens: 0 });
    else if (how === "streamed" && MOCK.silent[name] !== undefined) expect(result.usage).toEqual({});
    else expect(result.usage).toEqual({ inputTokens: USAGE.input_tokens, outputTokens: USAGE.output_tokens, totalTokens: 18 });
    const { messages, model: asked } = received();
    expect(asked).toBe(model);
    expect(messages.map(({ role }) => role.replace("developer", "system"))).toEqual(["system", "user"]);
    expect(messages.map(({ content }) => content)).toEqual(["Be brief.", "Say something."]);
  });

  test.each(ways)("a tool call and its result, %s", async (_, ask) => {
    const asked: Message[] = [{ role: "user", content: "What is the weather in Zürich?" }];
    const first = await ask(asked, TOOLS);
    expect(first.toolCalls).toEqual([{ toolCallId: expect.stringMatching(/./), toolName: "get_weather", input: INPUT }]);
    expect(first.finishReason).toBe("tool-calls");
    const { toolCallId } = first.toolCalls[0]!;
    const result: Message = {
      role: "tool",
      content: [{ type: "tool-result", toolCallId, toolName: "get_weather", output: { sky: "clear" } }],
    };
    const second = await ask([...asked, ...first.messages, result], TOOLS);
    expect(second.text).toBe("It is clear.");
    const { messages, tools } = received();
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(messages[1]!.tool_calls![0]!.function).toMatchObject({ name: "get_weather" });
    expect(JSON.parse(messages[1]!.tool_calls![0]!.function.arguments)).toEqual(INPUT);
    if (MOCK["no ids"][name] === undefined) expect(messages[2]!.tool_call_id).toBe(messages[1]!.tool_calls![0]!.id);
    expect(JSON.parse(messages[2]!.content as string)).toEqual({ sky: "clear" });
    expect(tools!.map((tool) => tool.function.name)).toEqual(["get_weather"]);
  });

  test.each(ways)("errors by their status, %s", async (_, ask) => {
    for (const [status, kind] of [
      [401, "authentication"],
      [429, "rate-limit"],
      [500, "server"],
    ] as const) {
      mock.nextRequestError(status, { message: "The mock refuses." });
      const error = await ask("Say something.").catch((thrown: unknown) => thrown as LlmError);
      expect(isLlmError(error) && [error.kind, error.status]).toEqual([kind, status]);
      if (MOCK["other errors"][name] === undefined) expect((error as LlmError).message).toContain("The mock refuses.");
    }
  });
});

/** What the mock has otherwise than the vendors. */
const NOT_EMBEDDED: Readonly<Record<string, string>> = {
  google: "the mock has no batchEmbedContents",
  ollama: "the mock answers /api/embed as the older /api/embeddings",
};
const embedders = PLACES.filter(({ provider, name }) => provider.embed !== undefined && !name.endsWith("(chat)"));

describe("embeddings", () => {
  test.each(embedders.filter(({ name }) => NOT_EMBEDDED[name] === undefined))("$name", async ({ name, provider }) => {
    const llm = createContext({ providers: [provider], env: { PLURIVOX_NO_NETWORK: "1" } }).llm({
      embedding: { provider: provider.id, model: "some-vectors", baseURL: `${mock.url}${PATHS[name]}`, apiKey: "some-key", retry: false },
    });
    expect((await llm.embed(["a", "b"])).embeddings).toEqual([VECTOR, VECTOR]);
    expect((await llm.embed("a")).embedding).toEqual(VECTOR);
  });
});
