import { isLlmError, type CallOptions, type ChatResult, type Message } from "@plurivox/core";
import { startLoopback, type ReceivedRequest } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client, completion, type Json, type SentBody } from "./support.ts";

const server = await startLoopback((_request, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(completion({ content: "{}" })));
});
afterAll(() => server.close());

async function call(
  messages: string | Message[],
  options: CallOptions = {},
): Promise<{ body: SentBody; request: ReceivedRequest; result: ChatResult }> {
  const result = await client(server.url).chat(messages, { model: "mistral/mistral-medium-3-5", ...options });
  const request = server.requests.at(-1)!;
  return { body: request.body as SentBody, request, result };
}

const body = async (messages: string | Message[], options?: CallOptions) => (await call(messages, options)).body;
const failure = (options: CallOptions, messages: string | Message[] = "Hi") =>
  call(messages, options).then(
    () => undefined,
    (thrown: unknown) => (isLlmError(thrown) ? thrown : undefined),
  );
const fn = (name: string, more: Json = {}) => ({
  type: "function" as const,
  function: { name, parameters: { type: "object", properties: {} }, ...more },
});
const text = (words: string) => ({ type: "text" as const, text: words });
const toolCall = (toolCallId: string, input: unknown = {}) => ({ type: "tool-call" as const, toolCallId, toolName: "f", input });
const toolResult = (toolCallId: string, output: unknown) => ({ type: "tool-result" as const, toolCallId, toolName: "f", output });

describe("messages", () => {
  test("leading instructions are system messages, later ones are told by the user", async () => {
    const sent = await body(
      [
        { role: "system", content: [text("One"), text("Two")] },
        { role: "user", content: "A" },
        { role: "assistant", content: "B" },
        { role: "system", content: "Be kind." },
        { role: "user", content: "C" },
        { role: "system", content: [text("Be "), text("quick.")] },
      ],
      { system: "Zero" },
    );
    expect(sent.messages).toEqual([
      { role: "system", content: "Zero" },
      { role: "system", content: [text("One"), text("Two")] },
      { role: "user", content: "A" },
      { role: "assistant", content: "B" },
      { role: "user", content: "<system>\nBe kind.\n</system>" },
      { role: "user", content: "C" },
      { role: "user", content: "<system>\nBe quick.\n</system>" },
    ]);
  });

  test("an instruction never parts a tool's call from its result", async () => {
    const sent = await body([
      { role: "user", content: "A" },
      { role: "assistant", content: [toolCall("aaaaaaaa1")] },
      { role: "system", content: "Hurry." },
      { role: "tool", content: [toolResult("aaaaaaaa1", "ok")] },
      { role: "assistant", content: "B" },
      { role: "user", content: "C" },
    ]);
    expect(sent.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user", "assistant", "user"]);
    expect(sent.messages[3]!["content"]).toContain("Hurry.");
  });

  test("the model's own words at the end are the beginning of its answer", async () => {
    const sent = await body([
      { role: "user", content: "A" },
      { role: "assistant", content: "Once" },
      { role: "user", content: "B" },
      { role: "assistant", content: [text("Upon "), text("a")] },
    ]);
    expect(sent.messages[1]).toEqual({ role: "assistant", content: "Once" });
    expect(sent.messages[3]).toEqual({ role: "assistant", content: "Upon a", prefix: true });
  });

  test("messages of nothing are left out", async () => {
    const sent = await body([
      { role: "user", content: "A" },
      { role: "assistant", content: "" },
      { role: "assistant", content: [{ type: "reasoning", text: "" }, text("")] },
      { role: "user", content: "B" },
    ]);
    expect(sent.messages.map(({ role }) => role)).toEqual(["user", "user"]);
  });

  test("calls and results, whatever they are, with ids that the vendor takes", async () => {
    const { body: sent, result } = await call([
      { role: "user", content: "A" },
      {
        role: "assistant",
        content: [
          toolCall("aaaaaaaa1", { x: 1 }),
          toolCall("functions.f:1", "{ broken"),
          toolCall("functions.f:2", undefined),
          toolCall("x", {}),
          { ...toolCall("vendors"), providerExecuted: true },
          toolResult("vendors", "found"),
        ],
      },
      { role: "tool", content: [toolResult("aaaaaaaa1", { n: [1] }), toolResult("functions.f:1", undefined)] },
      {
        role: "tool",
        content: [
          toolResult("functions.f:2", [text("see"), { type: "image", url: "https://example.com/a.png" }]),
          toolResult("x", [{ type: "o" }]),
        ],
      },
    ]);
    const [first, second, third, fourth] = (sent.messages[1]!["tool_calls"] as Json[]).map(({ id }) => id);
    expect(new Set([first, second, third, fourth]).size).toBe(4);
    for (const id of [first, second, third, fourth]) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(sent.messages[1]).toEqual({
      role: "assistant",
      content: "",
      tool_calls: [
        { id: "aaaaaaaa1", type: "function", function: { name: "f", arguments: '{"x":1}' } },
        { id: second, type: "function", function: { name: "f", arguments: '{"input":"{ broken"}' } },
        { id: third, type: "function", function: { name: "f", arguments: "{}" } },
        { id: fourth, type: "function", function: { name: "f", arguments: "{}" } },
      ],
    });
    expect(sent.messages.slice(2)).toEqual([
      { role: "tool", tool_call_id: "aaaaaaaa1", content: '{"n":[1]}' },
      { role: "tool", tool_call_id: second, content: "" },
      { role: "tool", tool_call_id: third, content: [text("see"), { type: "image_url", image_url: "https://example.com/a.png" }] },
      { role: "tool", tool_call_id: fourth, content: '[{"type":"o"}]' },
    ]);
    expect(result.warnings).toMatchObject([{ code: "tool-ids-changed" }, { code: "tool-inputs-changed" }]);
  });

  test("images, documents and sound, from everywhere", async () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
    const sent = await body([
      {
        role: "user",
        content: [
          { type: "image", url: "https://example.com/a.jpg" },
          { type: "image", base64: "iVBORw0K", providerMetadata: { mistral: { detail: "low" } } },
          { type: "image", data: png },
          { type: "image", url: "data:image/gif;base64,R0lGOA==" },
          { type: "file", url: "https://example.com/a.pdf", filename: "a.pdf" },
          { type: "file", base64: "JVBERi0=" },
          { type: "file", data: new TextEncoder().encode("grüß"), mediaType: "text/csv" },
          { type: "file", url: "https://example.com/notes.txt" },
          { type: "file", url: "file-id:f1", filename: "b.pdf" },
          { type: "file", base64: "SUQz", mediaType: "audio/mpeg" },
          { type: "file", url: "https://example.com/a.mp3" },
        ],
      },
    ]);
    expect(sent.messages[0]!["content"]).toEqual([
      { type: "image_url", image_url: "https://example.com/a.jpg" },
      { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0K", detail: "low" } },
      { type: "image_url", image_url: "data:image/png;base64,iVBORw==" },
      { type: "image_url", image_url: "data:image/gif;base64,R0lGOA==" },
      { type: "document_url", document_url: "https://example.com/a.pdf", document_name: "a.pdf" },
      { type: "document_url", document_url: "data:application/pdf;base64,JVBERi0=" },
      { type: "text", text: "grüß" },
      { type: "document_url", document_url: "https://example.com/notes.txt" },
      { type: "file", file_id: "f1" },
      { type: "input_audio", input_audio: "SUQz" },
      { type: "input_audio", input_audio: "https://example.com/a.mp3" },
    ]);
  });

  test("video is refused before it is sent", async () => {
    const before = server.requests.length;
    const video: Message = { role: "user", content: [{ type: "file", base64: "AAAA", mediaType: "video/mp4" }] };
    expect(await failure({}, [video])).toMatchObject({ kind: "unsupported" });
    expect(server.requests.length).toBe(before);
  });

  test("what another vendor thought and cited stays behind; what it said does not", async () => {
    const sent = await body([
      { role: "user", content: "A" },
      {
        role: "assistant",
        provider: "openai",
        content: [
          { type: "reasoning", text: "secret", providerMetadata: { openai: { id: "rs_1" } } },
          { type: "source", url: "https://example.com" },
          { type: "image", base64: "iVBORw0K" },
          { type: "text", text: "B", providerMetadata: { openai: { id: "msg_1" } } },
        ],
      },
      { role: "user", content: "C" },
    ]);
    expect(sent.messages[1]).toEqual({ role: "assistant", content: "B" });
  });
});

describe("tools", () => {
  const tools = [
    fn("a"),
    fn("b", { strict: true, description: "Does b" }),
    { type: "provider" as const, provider: "mistral", name: "web_search", options: { open_results: true } },
  ];

  test("functions and the vendor's own", async () => {
    expect((await body("Hi", { tools }))["tools"]).toEqual([
      { type: "function", function: { name: "a", parameters: { type: "object", properties: {} } } },
      {
        type: "function",
        function: {
          name: "b",
          description: "Does b",
          strict: true,
          parameters: { type: "object", properties: {}, additionalProperties: false },
        },
      },
      { type: "web_search", open_results: true },
    ]);
  });

  const choices: [options: CallOptions, choice: unknown, parallel: unknown][] = [
    [{ tools }, undefined, undefined],
    [{ tools, toolChoice: "auto" }, "auto", undefined],
    [{ tools, toolChoice: "none", parallelToolCalls: true }, "none", true],
    [{ tools, toolChoice: "required", parallelToolCalls: false }, "any", false],
    [{ tools, toolChoice: { toolName: "b" } }, { type: "function", function: { name: "b" } }, undefined],
    [{ toolChoice: "none", parallelToolCalls: false }, undefined, undefined],
  ];
  test.for(choices)("choice %#", async ([options, choice, parallel]) => {
    const sent = await body("Hi", options);
    expect(sent["tool_choice"]).toEqual(choice);
    expect(sent["parallel_tool_calls"]).toBe(parallel);
  });
});

describe("reasoning", () => {
  const cases: [model: string, reasoning: CallOptions["reasoning"], effort: unknown, warned: boolean][] = [
    ["mistral-small-latest", undefined, undefined, false],
    ["mistral-small-latest", "high", "high", false],
    ["mistral-small-latest", "none", "none", false],
    ["mistral-small-latest", {}, "high", false],
    ["mistral-small-latest", "medium", "high", true],
    ["mistral-medium-3-5", "minimal", "none", true],
    ["mistral-medium-3-5", { effort: "high", budgetTokens: 2000 }, "high", true],
    ["mistral-large-4-0", "low", "low", false],
    ["mistral-large-4", "max", "high", true],
    ["mistral-large-latest", "high", undefined, true],
    ["mistral-large-2512", "none", undefined, false],
    ["zai-glm-5-3", "medium", "high", true],
    ["mistral-large-5", "xhigh", "xhigh", false],
  ];
  test.for(cases)("%s, %j", async ([model, reasoning, effort, warned]) => {
    const { body: sent, result } = await call("Hi", { model: `mistral/${model}`, reasoning });
    expect(sent["reasoning_effort"]).toBe(effort);
    expect(result.warnings.length > 0).toBe(warned);
  });
});

describe("settings", () => {
  test("nothing that nobody asked for", async () => {
    const { body: sent } = await call("Hi", { model: "mistral/mistral-small-latest" });
    expect(sent).toEqual({ model: "mistral-small-latest", messages: [{ role: "user", content: "Hi" }] });
  });

  test("all of them, in the vendor's words", async () => {
    const sent = await body("Hi", {
      temperature: 0.5,
      topP: 0.9,
      maxOutputTokens: 99,
      stopSequences: ["END"],
      seed: 7,
      n: 2,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      logprobs: 3,
      metadata: { team: "kit" },
      cache: { key: "mine" },
      providerOptions: {
        mistral: {
          safePrompt: true,
          serviceTier: "standard_only",
          prediction: "The same",
          promptMode: "reasoning",
          guardrails: [{ block_on_error: true }],
        },
      },
      extraBody: { brand_new: 1 },
    });
    expect(sent).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 99,
      stop: ["END"],
      random_seed: 7,
      n: 2,
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
      logprobs: true,
      top_logprobs: 3,
      metadata: { team: "kit" },
      prompt_cache_key: "mine",
      safe_prompt: true,
      service_tier: "standard_only",
      prediction: { type: "content", content: "The same" },
      prompt_mode: "reasoning",
      guardrails: [{ block_on_error: true }],
      brand_new: 1,
    });
    expect(await body("Hi", { logprobs: false })).toMatchObject({ logprobs: false });
    expect(await body("Hi", { cache: { key: "a" }, providerOptions: { mistral: { promptCacheKey: "b" } } })).toMatchObject({
      prompt_cache_key: "b",
    });
  });

  test("greedy sampling wants the whole of the probabilities", async () => {
    expect(await body("Hi", { temperature: 0, topP: 0.3 })).toMatchObject({ temperature: 0, top_p: 1 });
    expect(await body("Hi", { temperature: 0 })).not.toHaveProperty("top_p");
  });

  test("what the wire has no words for is left out and warned of", async () => {
    const { body: sent, result } = await call("Hi", { topK: 5, user: "me" });
    expect(sent).not.toHaveProperty("top_k");
    expect(sent).not.toHaveProperty("user");
    expect(result.warnings.map(({ feature }) => feature)).toEqual(["topK", "user"]);
  });

  test("structured output: a schema, closed where it is strict, or any JSON, which is also told in words", async () => {
    const schema = { type: "object", properties: { a: { type: "string", minLength: 1 } } };
    expect((await body("Hi", { output: { schema, name: "thing", strict: true } }))["response_format"]).toEqual({
      type: "json_schema",
      json_schema: { name: "thing", schema: { ...schema, additionalProperties: false }, strict: true },
    });
    const any = await body("Hi", { output: "json" });
    expect(any["response_format"]).toEqual({ type: "json_object" });
    expect(any.messages[0]).toEqual({ role: "system", content: "Answer with JSON." });
    expect((await body("Answer in json, please", { output: "json" })).messages.length).toBe(1);
  });

  test("one version in the path, and the caller's headers before the SDK's", async () => {
    await client(`${server.url}/v1`).chat("Hi", { headers: { Authorization: "Bearer token", "User-Agent": "mine", Cookie: "a=b" } });
    const own = server.requests.at(-1)!;
    expect(own.path).toBe("/v1/chat/completions");
    expect(own.headers).toMatchObject({ authorization: "Bearer token", "user-agent": "mine", cookie: "a=b" });
    const { request } = await call("Hi");
    expect(request.headers).toMatchObject({ authorization: "Bearer mistral-test" });
    expect(request.headers).not.toHaveProperty("cookie");
  });
});
