import { isLlmError, type CallOptions, type ChatResult, type Message, type UserPart } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client, list, type Json } from "./support.ts";

let reply: Json = {};
const server = await startLoopback(
  (_request, response) => void response.setHeader("content-type", "application/json").end(JSON.stringify(reply)),
);
afterAll(() => server.close());

const answer = (message: Json, more: Json = {}): Json => ({
  id: "c1",
  model: "m",
  choices: [{ index: 0, message, finish_reason: "stop" }],
  ...more,
});

async function call(messages: string | Message[], options: CallOptions = {}): Promise<{ body: Json; result: ChatResult }> {
  reply = answer({ role: "assistant", content: "{}" });
  const result = await client(server.url).chat(messages, options);
  return { body: server.requests.at(-1)!.body as Json, result };
}

const bodyOf = async (messages: string | Message[], options?: CallOptions) => (await call(messages, options)).body;
const user = (...content: UserPart[]): Message[] => [{ role: "user", content }];

async function refusal(messages: string | Message[], options?: CallOptions): Promise<{ kind: string; message: string }> {
  const before = server.requests.length;
  const thrown: unknown = await call(messages, options).catch((error: unknown) => error);
  if (!isLlmError(thrown)) throw new Error("It was not refused.");
  expect(server.requests.length).toBe(before);
  return thrown;
}

describe("messages", () => {
  test("images go by URL, as bytes, base64 and data: URL; their detail comes along", async () => {
    const body = await bodyOf(
      user(
        { type: "image", url: "https://example.com/a.png", providerMetadata: { groq: { detail: "low" } } },
        { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
        { type: "image", base64: "iVBORw==" },
        { type: "image", url: "data:image/jpeg;base64,/9j/" },
      ),
    );
    expect(list(list(body["messages"])[0]!["content"]).map((part) => part["image_url"])).toEqual([
      { url: "https://example.com/a.png", detail: "low" },
      { url: "data:image/png;base64,iVBORw==" },
      { url: "data:image/png;base64,iVBORw==" },
      { url: "data:image/jpeg;base64,/9j/" },
    ]);
  });

  test.each<[what: string, part: UserPart, words: string]>([
    ["a document", { type: "file", base64: "JVBERi0=", mediaType: "application/pdf" }, "documentInput"],
    ["sound", { type: "file", base64: "UklGRg==", mediaType: "audio/wav" }, "audioInput"],
    ["a video", { type: "file", base64: "AAAA", mediaType: "video/mp4" }, "video/mp4"],
    ["an uploaded image", { type: "image", url: "file-id:f1" }, "file id"],
  ])("%s is refused before it is sent", async (_what, part, words) => {
    const error = await refusal(user({ type: "text", text: "Look" }, part));
    expect(error.kind).toBe("unsupported");
    expect(error.message).toContain(words);
  });

  test("no image goes to a model that cannot see", async () => {
    expect((await refusal(user({ type: "image", base64: "iVBORw==" }), { model: "groq/openai/gpt-oss-20b" })).kind).toBe("unsupported");
  });

  test("tool calls and results, also those that are no JSON", async () => {
    const body = await bodyOf([
      { role: "user", content: "Go" },
      {
        role: "assistant",
        content: [
          { type: "tool-call", toolCallId: "a", toolName: "f", input: { x: 1 } },
          { type: "tool-call", toolCallId: "b", toolName: "f", input: "{broken" },
          { type: "tool-call", toolCallId: "c", toolName: "f", input: undefined },
        ],
      },
      {
        role: "tool",
        content: [
          { type: "tool-result", toolCallId: "a", toolName: "f", output: [1] },
          { type: "tool-result", toolCallId: "b", toolName: "f", output: "text", isError: true },
          { type: "tool-result", toolCallId: "c", toolName: "f", output: undefined },
        ],
      },
    ]);
    const [, said, ...results] = list(body["messages"]);
    expect(said!["content"]).toBeNull();
    expect(list(said!["tool_calls"]).map((each) => (each["function"] as Json)["arguments"])).toEqual([
      '{"x":1}',
      '{"input":"{broken"}',
      "{}",
    ]);
    expect(results).toEqual([
      { role: "tool", tool_call_id: "a", content: "[1]" },
      { role: "tool", tool_call_id: "b", content: "text" },
      { role: "tool", tool_call_id: "c", content: "" },
    ]);
  });

  test.each<[model: string, writer: string, back: boolean]>([
    ["groq/openai/gpt-oss-20b", "openai/gpt-oss-20b", true],
    ["groq/qwen/qwen3-32b", "openai/gpt-oss-20b", true],
    ["groq/llama-3.3-70b-versatile", "openai/gpt-oss-20b", false],
    ["groq/of-tomorrow", "of-tomorrow", true],
    ["groq/of-tomorrow", "openai/gpt-oss-20b", false],
  ])("to %s, reasoning of %s goes back: %s", async (model, writer, back) => {
    reply = answer({ role: "assistant", content: "4", reasoning: "2 and 2" });
    const { messages } = await client(server.url).chat("2+2?", { model: `groq/${writer}` });
    const stored = JSON.parse(JSON.stringify(messages)) as Message[];
    const body = await bodyOf([{ role: "user", content: "2+2?" }, ...stored, { role: "user", content: "Sure?" }], { model });
    expect(list(body["messages"])[1]).toEqual({ role: "assistant", content: "4", ...(back && { reasoning: "2 and 2" }) });
  });

  test("what Groq's own tools did stays behind, what was said of it goes back", async () => {
    const tool = { index: 0, type: "search", arguments: '{"query":"x"}', output: "y" };
    reply = answer({ role: "assistant", content: "Y.", executed_tools: [tool] });
    const { messages } = await client(server.url).chat("x?");
    const body = await bodyOf([{ role: "user", content: "x?" }, ...messages, { role: "user", content: "Sure?" }]);
    expect(list(body["messages"])[1]).toEqual({ role: "assistant", content: "Y." });
  });
});

describe("tools", () => {
  const tools: CallOptions["tools"] = [
    { type: "function", function: { name: "f", description: "F", parameters: { type: "object" }, strict: true } },
    { type: "provider", provider: "groq", name: "browser_search" },
    { type: "provider", provider: "groq", name: "code_interpreter", options: { container: "c" } },
  ];

  test("the caller's and Groq's own", async () => {
    expect((await bodyOf("Hi", { tools }))["tools"]).toEqual([
      { type: "function", function: { name: "f", description: "F", parameters: { type: "object" }, strict: true } },
      { type: "browser_search" },
      { type: "code_interpreter", container: "c" },
    ]);
  });

  test.each<[choice: CallOptions["toolChoice"], sent: unknown]>([
    [undefined, undefined],
    ["auto", "auto"],
    ["none", "none"],
    ["required", "required"],
    [{ toolName: "f" }, { type: "function", function: { name: "f" } }],
  ])("choice %j", async (toolChoice, sent) => {
    expect((await bodyOf("Hi", { tools, toolChoice }))["tool_choice"]).toEqual(sent);
  });

  test("no choice without tools, and no tools for compound systems", async () => {
    expect(await bodyOf("Hi", { toolChoice: "auto" })).not.toHaveProperty("tool_choice");
    expect((await refusal("Hi", { tools, model: "groq/compound" })).message).toContain("tools");
  });
});

test.each([
  ["groq/compound", "groq/compound"],
  ["groq/groq/compound-mini", "groq/compound-mini"],
  ["groq/compound-beta", "compound-beta"],
])("%s is sent as %s", async (model, sent) => {
  expect((await bodyOf("Hi", { model }))["model"]).toBe(sent);
});

describe("output", () => {
  const closed = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
  const open = { ...closed, additionalProperties: undefined };
  const loose = { ...closed, required: [] };
  const nested = { ...closed, properties: { a: { type: "array", items: loose } } };
  const schemaOf = (body: Json) => (body["response_format"] as Json)["json_schema"] as Json;

  test.each<[what: string, model: string, schema: Json, strict: boolean | undefined, sent: boolean]>([
    ["enforced", "openai/gpt-oss-20b", closed, undefined, true],
    ["not asked for", "openai/gpt-oss-20b", closed, false, false],
    ["an open object", "openai/gpt-oss-20b", open, undefined, false],
    ["an optional property", "openai/gpt-oss-20b", loose, undefined, false],
    ["an optional property inside", "openai/gpt-oss-20b", nested, undefined, false],
    ["a model that only tries", "qwen/qwen3.8-27b", closed, undefined, false],
    ["a model of tomorrow", "of-tomorrow", closed, undefined, false],
  ])("strict: %s", async (_what, model, schema, strict, sent) => {
    const body = await bodyOf("Hi", {
      model: `groq/${model}`,
      output: { schema, strict, name: "my answer!", mode: "native", validate: false },
    });
    expect(schemaOf(body)).toEqual({ name: "my_answer_", schema: JSON.parse(JSON.stringify(schema)), strict: sent });
  });

  test("any JSON is asked for in the words without which it is refused", async () => {
    const body = await bodyOf("Hi", { output: "json" });
    expect(body["response_format"]).toEqual({ type: "json_object" });
    expect(list(body["messages"])[0]).toEqual({ role: "system", content: "Answer with JSON." });
    expect(list((await bodyOf("As JSON", { output: "json" }))["messages"])).toHaveLength(1);
    expect(list((await bodyOf(user({ type: "text", text: "As json" }), { output: "json" }))["messages"])).toHaveLength(1);
  });

  test("a model without schemas is asked in words", async () => {
    const { body, result } = await call("Hi", { model: "groq/llama-3.3-70b-versatile", output: { type: "object" } });
    expect(body).not.toHaveProperty("response_format");
    expect(result.warnings).toMatchObject([{ code: "emulated", feature: "structuredOutput" }]);
  });
});

describe("reasoning", () => {
  test.each<[model: string, options: CallOptions, effort: unknown, format: unknown]>([
    ["openai/gpt-oss-120b", {}, undefined, undefined],
    ["openai/gpt-oss-120b", { reasoning: "high" }, "high", undefined],
    ["openai/gpt-oss-120b", { reasoning: "none" }, "low", undefined],
    ["openai/gpt-oss-safeguard-20b", { reasoning: "max" }, "high", undefined],
    ["qwen/qwen3-32b", {}, undefined, "parsed"],
    ["qwen/qwen3-32b", { reasoning: "high" }, "default", "parsed"],
    ["qwen/qwen3-32b", { reasoning: "none" }, "none", undefined],
    ["qwen/qwen3.6-27b", { reasoning: "low" }, "default", "parsed"],
    ["qwen/qwen3.8-27b", { reasoning: "low" }, "low", "parsed"],
    ["qwen/qwen3.8-27b", { providerOptions: { groq: { reasoningFormat: "raw" } } }, undefined, "raw"],
    ["qwen/qwen3.8-27b", { providerOptions: { groq: { includeReasoning: false } } }, undefined, undefined],
    ["deepseek-r1-distill-llama-70b", {}, undefined, "parsed"],
    ["of-tomorrow", {}, undefined, undefined],
    ["of-tomorrow", { reasoning: "high" }, "high", undefined],
    ["llama-3.3-70b-versatile", { reasoning: "high" }, undefined, undefined],
  ])("%s with %j", async (model, options, effort, format) => {
    const body = await bodyOf("Hi", { model: `groq/${model}`, ...options });
    expect([body["reasoning_effort"], body["reasoning_format"]]).toEqual([effort, format]);
    expect(body["include_reasoning"]).toBe(options.providerOptions?.groq?.includeReasoning);
  });

  test("a rounded effort and a model that does not reason are warned of", async () => {
    expect((await call("Hi", { model: "groq/qwen/qwen3-32b", reasoning: "high" })).result.warnings).toMatchObject([{ code: "rounded" }]);
    expect((await call("Hi", { model: "groq/llama-3.1-8b-instant", reasoning: "high" })).result.warnings).toMatchObject([
      { code: "unsupported", feature: "reasoning" },
    ]);
  });
});

test("tuning goes by the wire's names; what Groq does not take is left out and told", async () => {
  const { body, result } = await call("Hi", {
    temperature: 0,
    topP: 0.9,
    topK: 5,
    maxOutputTokens: 9,
    stopSequences: ["a", "b"],
    seed: 7,
    presencePenalty: 1,
    frequencyPenalty: 1,
    logprobs: 2,
    user: "u",
    metadata: { a: "b" },
    extraBody: { made_up: 1 },
  });
  const { messages: _, model: _model, reasoning_format: _format, ...rest } = body;
  expect(rest).toEqual({ temperature: 0, top_p: 0.9, max_completion_tokens: 9, stop: ["a", "b"], seed: 7, user: "u", made_up: 1 });
  expect(result.warnings.map(({ feature }) => feature)).toEqual(["topK", "presencePenalty", "frequencyPenalty", "logprobs", "metadata"]);
  expect((await refusal("Hi", { n: 2 })).message).toContain("n");
});

test("the vendor's options, in our names; data in documents keeps its own", async () => {
  const body = await bodyOf("Hi", {
    providerOptions: {
      groq: {
        serviceTier: "flex",
        documents: [{ id: "d", source: { type: "json", data: { keepMe: 1 } } }],
        citationOptions: "disabled",
        searchSettings: { includeDomains: ["a.example"], includeImages: true },
        compoundCustom: {
          models: { answeringModel: "x" },
          tools: { enabledTools: ["web_search"], wolframSettings: { authorization: "w" } },
        },
        disableToolValidation: true,
      },
    },
  });
  expect(body).toMatchObject({
    service_tier: "flex",
    documents: [{ id: "d", source: { type: "json", data: { keepMe: 1 } } }],
    citation_options: "disabled",
    search_settings: { include_domains: ["a.example"], include_images: true },
    compound_custom: {
      models: { answering_model: "x" },
      tools: { enabled_tools: ["web_search"], wolfram_settings: { authorization: "w" } },
    },
    disable_tool_validation: true,
  });
});
