import { isLlmError, type ChatResult, type LlmError, type Message } from "@plurivox/core";
import { startLoopback, type Loopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let answer: { status: number; body: string; headers: Record<string, string> };
const server: Loopback = await startLoopback((_request, response) => {
  response.writeHead(answer.status, answer.headers).end(answer.body);
});
afterAll(() => server.close());

const JSON_TYPE = { "content-type": "application/json" };
const sse = (...events: (object | "[DONE]")[]) =>
  events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");

function streamed(api: "chat" | "responses", ...events: (object | "[DONE]")[]): Promise<ChatResult> {
  answer = { status: 200, body: sse(...events), headers: { "content-type": "text/event-stream" } };
  return client(server.url, { api, model: "gpt-5.4" }).stream("Hi").result;
}

function whole(api: "chat" | "responses", body: object, options: object = {}): Promise<ChatResult> {
  answer = { status: 200, body: JSON.stringify(body), headers: JSON_TYPE };
  return client(server.url, { api, model: "gpt-5.4", ...options }).chat("Hi");
}

async function failure(call: Promise<unknown>): Promise<LlmError> {
  const error: unknown = await call.then(
    () => new Error("It did not fail."),
    (thrown: unknown) => thrown,
  );
  if (!isLlmError(error)) throw error;
  return error;
}

const chunk = (delta: object, finish_reason: string | null = null, index = 0) => ({
  id: "c",
  model: "m",
  choices: [{ index, delta, finish_reason }],
});

describe("chat", () => {
  test("several answers, apart", async () => {
    const events = [
      chunk({ content: "A" }),
      chunk({ content: "B" }, null, 1),
      chunk({ content: "!" }, "stop"),
      chunk({}, "length", 1),
      "[DONE]" as const,
    ];
    answer = { status: 200, body: sse(...events), headers: {} };
    const { choices, text } = await client(server.url, { api: "chat", model: "gpt-4.1" }).stream("Hi", { n: 2 }).result;
    expect(text).toBe("A!");
    expect(choices).toMatchObject([
      { index: 0, text: "A!", finishReason: "stop" },
      { index: 1, text: "B", finishReason: "length" },
    ]);
  });

  test("spoken answers: words as text, sound as a file, and by its id in the next call", async () => {
    const pieces = ["AAE=", "AgM="];
    const { text, files, messages } = await streamed(
      "chat",
      chunk({ audio: { id: "audio_1", transcript: "Hel" } }),
      chunk({ audio: { data: pieces[0], transcript: "lo" } }),
      chunk({ audio: { data: pieces[1], expires_at: 9 } }),
      chunk({}, "stop"),
      "[DONE]",
    );
    expect(text).toBe("Hello");
    expect(files).toEqual([
      { type: "file", base64: "AAECAw==", mediaType: "audio/pcm", providerMetadata: { openai: { audioId: "audio_1" } } },
    ]);
    await client(server.url, { api: "chat", model: "gpt-audio" })
      .chat([{ role: "user", content: "Hi" }, ...messages, { role: "user", content: "Go on" }])
      .catch(() => undefined);
    expect((server.requests.at(-1)!.body as { messages: Json[] }).messages[1]).toEqual({
      role: "assistant",
      content: null,
      audio: { id: "audio_1" },
    });
  });

  test("a custom tool's input is text, also where it is JSON", async () => {
    const custom = (input: string, more: object = {}) => chunk({ tool_calls: [{ index: 0, ...more, custom: { input, ...more } }] });
    const { toolCalls, messages } = await streamed(
      "chat",
      custom("[1,", { id: "c1", type: "custom", name: "code" }),
      custom("2]"),
      chunk({}, "tool_calls"),
      "[DONE]",
    );
    expect(toolCalls).toEqual([{ toolCallId: "c1", toolName: "code", input: "[1,2]" }]);
    expect(messages[0]!.content).toMatchObject([{ type: "tool-call", providerMetadata: { openai: { custom: true } } }]);
  });

  test("arguments that are no JSON are the model's fault and told", async () => {
    const { toolCalls } = await streamed(
      "chat",
      chunk({ tool_calls: [{ index: 0, id: "c1", function: { name: "f", arguments: '{"a":' } }] }),
      chunk({}, "tool_calls"),
      "[DONE]",
    );
    expect(toolCalls).toMatchObject([{ input: '{"a":', invalid: { kind: "tool" } }]);
  });

  test("unknown finish reasons, fields and chunks are no failure", async () => {
    const result = await streamed(
      "chat",
      { object: "ping" },
      { choices: [] },
      chunk({ content: "A", odd: 1 }),
      chunk({}, "bored"),
      { usage: { prompt_tokens: 3 } },
      "[DONE]",
    );
    expect(result).toMatchObject({ text: "A", finishReason: "other", rawFinishReason: "bored", usage: { inputTokens: 3 } });
    expect(result.usage).not.toHaveProperty("outputTokens");
  });

  test("a refusal in pieces", async () => {
    const result = await streamed(
      "chat",
      chunk({ content: null, refusal: "" }),
      chunk({ refusal: "N" }),
      chunk({ refusal: "o." }),
      chunk({}, "stop"),
      "[DONE]",
    );
    expect(result).toMatchObject({ refusal: "No.", text: "", finishReason: "stop" });
  });

  test("content_filter", async () => {
    expect(await whole("chat", { choices: [{ index: 0, message: { content: "A" }, finish_reason: "content_filter" }] })).toMatchObject({
      finishReason: "content-filter",
    });
  });

  test("no choices are no answer", async () => {
    expect(await failure(whole("chat", { id: "c", choices: [] }))).toMatchObject({ kind: "invalid-response" });
    expect(await failure(whole("chat", { object: "list" }))).toMatchObject({ kind: "invalid-response" });
    expect(await failure(whole("responses", { id: "r" }))).toMatchObject({ kind: "invalid-response" });
  });

  test("a cut stream is a failure with what had come", async () => {
    expect(await failure(streamed("chat", chunk({ content: "A" })))).toMatchObject({
      kind: "incomplete-stream",
      retryable: true,
      partial: { text: "A" },
    });
    expect(await failure(streamed("responses", { type: "response.output_text.delta", delta: "A" }))).toMatchObject({
      kind: "incomplete-stream",
      partial: { text: "A" },
    });
  });
});

describe("responses", () => {
  const REASONING = {
    type: "reasoning",
    id: "rs_1",
    summary: [
      { type: "summary_text", text: "One" },
      { type: "summary_text", text: "Two" },
    ],
    encrypted_content: "xyz",
  };
  const MESSAGE = {
    type: "message",
    id: "msg_1",
    role: "assistant",
    status: "completed",
    phase: "final_answer",
    content: [{ type: "output_text", text: "Hello", annotations: [], logprobs: [] }],
  };
  const CALL = { type: "function_call", id: "fc_1", call_id: "call_1", name: "weather", arguments: '{"city":"Oslo"}', status: "completed" };
  const PICTURE = { type: "image_generation_call", id: "ig_1", status: "completed", output_format: "webp", result: "UklGRgAAAABXRUJQ" };
  const COMPACTION = { type: "compaction", id: "cmp_1", encrypted_content: "abc" };
  const OUTPUT = [REASONING, PICTURE, COMPACTION, MESSAGE, CALL];
  const ended = (output: object[]) => ({
    type: "response.completed",
    response: { id: "r", model: "m", status: "completed", output, usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } },
  });

  async function sentBack(messages: Message[]): Promise<unknown[]> {
    const stored = JSON.parse(JSON.stringify(messages)) as Message[];
    await client(server.url, { model: "gpt-5.4" })
      .chat([{ role: "user", content: "Hi" }, ...stored, { role: "user", content: "Go on" }])
      .catch(() => undefined);
    const { input } = server.requests.at(-1)!.body as { input: { output?: unknown }[] };
    // Calls that nobody answered get a result.
    return input.slice(1, -1).filter(({ output }) => output !== "This call was interrupted; it has no result.");
  }

  test("every item arrives and goes back as it came: whole, streamed, and where only the last event has them", async () => {
    const results = [
      await whole("responses", { id: "r", model: "m", status: "completed", output: OUTPUT }),
      await streamed(
        "responses",
        ...OUTPUT.flatMap((item, output_index) => [
          { type: "response.output_item.added", output_index, item: { ...item, summary: [], content: [], arguments: "", result: null } },
          { type: "response.output_item.done", output_index, item },
        ]),
        ended(OUTPUT),
      ),
      await streamed("responses", ended(OUTPUT)),
    ];
    for (const { text, reasoning, toolCalls, files, finishReason, messages } of results) {
      expect({ text, reasoning, finishReason }).toEqual({ text: "Hello", reasoning: "One\n\nTwo", finishReason: "tool-calls" });
      expect(toolCalls).toEqual([
        { toolCallId: "ig_1", toolName: "image_generation", input: {}, providerExecuted: true },
        { toolCallId: "call_1", toolName: "weather", input: { city: "Oslo" } },
      ]);
      expect(files).toMatchObject([{ type: "image", mediaType: "image/webp", base64: PICTURE.result }]);
      expect(await sentBack(messages)).toEqual(OUTPUT);
    }
  });

  test("summaries stream as parts of their own", async () => {
    const delta = (summary_index: number, text: string) => ({
      type: "response.reasoning_summary_text.delta",
      output_index: 0,
      summary_index,
      delta: text,
    });
    const { reasoning, messages } = await streamed(
      "responses",
      delta(0, "O"),
      delta(0, "ne"),
      delta(1, "Two"),
      { type: "response.output_item.done", output_index: 0, item: REASONING },
      ended([REASONING, MESSAGE]),
    );
    expect(reasoning).toBe("One\n\nTwo");
    expect(messages[0]!.content).toMatchObject([
      { type: "reasoning", text: "One" },
      { type: "reasoning", text: "Two", providerMetadata: { openai: { item: { id: "rs_1" } } } },
      { type: "text" },
    ]);
    expect(await sentBack(messages)).toEqual([REASONING, MESSAGE]);
  });

  test("reasoning that is encrypted only in the last event", async () => {
    const { encrypted_content: _, ...bare } = REASONING;
    const { messages } = await streamed(
      "responses",
      { type: "response.output_item.done", output_index: 0, item: bare },
      ended([REASONING, MESSAGE]),
    );
    expect(await sentBack(messages)).toEqual([REASONING, MESSAGE]);
  });

  test("events without names of their own, and done events that tell nothing new", async () => {
    const { text, usage } = await streamed(
      "responses",
      { type: "response.output_text.delta", delta: "Hel" },
      { type: "response.output_text.delta", delta: "lo" },
      { type: "response.output_text.done", text: "Hello" },
      { type: "response.output_item.done", item: MESSAGE },
      { type: "response.shrug" },
      {},
      ended([MESSAGE]),
    );
    expect(text).toBe("Hello");
    expect(usage).toEqual({ inputTokens: 1, outputTokens: 2, totalTokens: 3 });
  });

  test("a citation that comes twice is told once", async () => {
    const annotation = { type: "url_citation", url: "https://example.com", title: "Example" };
    const item = {
      ...MESSAGE,
      content: [
        { type: "output_text", text: "Hello", annotations: [annotation, { type: "file_citation", file_id: "file-1", filename: "a.txt" }] },
      ],
    };
    const { sources } = await streamed(
      "responses",
      { type: "response.output_text.annotation.added", annotation },
      { type: "response.output_item.done", item },
      ended([item]),
    );
    expect(sources).toMatchObject([
      { type: "source", url: "https://example.com", title: "Example" },
      { type: "source", documentId: "file-1", title: "a.txt" },
    ]);
  });

  test("what a call was given is kept once", async () => {
    const { messages } = await whole("responses", {
      status: "completed",
      output: [CALL, { ...CALL, type: "custom_tool_call", arguments: undefined, input: "Oslo" }],
    });
    expect(JSON.stringify(messages).match(/Oslo/g)).toHaveLength(2);
  });

  test("a refusal, streamed and whole", async () => {
    const item = { ...MESSAGE, content: [{ type: "refusal", refusal: "No." }] };
    for (const result of [
      await streamed(
        "responses",
        { type: "response.refusal.delta", delta: "No." },
        { type: "response.output_item.done", item },
        ended([item]),
      ),
      await whole("responses", { status: "completed", output: [item] }),
    ]) {
      expect(result).toMatchObject({ refusal: "No.", text: "", finishReason: "stop" });
      expect(await sentBack(result.messages)).toHaveLength(1);
    }
  });

  test.each([
    ["max_output_tokens", "length"],
    ["content_filter", "content-filter"],
    ["steered", "length"],
  ])("an answer cut by %s ends by %s", async (reason, finishReason) => {
    const response = { status: "incomplete", incomplete_details: { reason }, output: [MESSAGE] };
    expect(await streamed("responses", { type: "response.incomplete", response })).toMatchObject({
      text: "Hello",
      finishReason,
      rawFinishReason: reason,
    });
    expect(await whole("responses", response)).toMatchObject({ finishReason, rawFinishReason: reason });
  });

  test("cut without a reason, and a good end by a word that nobody knows", async () => {
    const cut = { status: "incomplete", output: [MESSAGE] };
    for (const result of [await streamed("responses", { type: "response.incomplete", response: cut }), await whole("responses", cut)])
      expect(result).toMatchObject({ text: "Hello", finishReason: "length", rawFinishReason: "incomplete" });
    expect(await streamed("responses", { type: "response.incomplete" })).toMatchObject({ finishReason: "length" });
    const odd = { status: "rested", output: [MESSAGE] };
    for (const result of [await streamed("responses", { type: "response.completed", response: odd }), await whole("responses", odd)])
      expect(result).toMatchObject({ text: "Hello", finishReason: "other", rawFinishReason: "rested" });
  });

  test.each(["failed", "cancelled"])("a response that is %s is an error, streamed and whole", async (status) => {
    const response = { status, error: null, output: [MESSAGE] };
    const expected = { kind: "server", retryable: status === "failed" };
    expect(await failure(streamed("responses", { type: `response.${status}`, response }))).toMatchObject(expected);
    expect(await failure(whole("responses", response))).toMatchObject(expected);
  });

  test("a stream that ends while the answer is still queued is cut", async () => {
    const queued = { type: "response.queued", response: { status: "queued" } };
    expect(await failure(streamed("responses", { type: "response.created", response: {} }, queued))).toMatchObject({
      kind: "incomplete-stream",
    });
  });

  test("a call that has another id in the history goes back under it, and reasoning that nothing follows does not", async () => {
    const { messages } = await whole("responses", { status: "completed", output: [CALL, REASONING] });
    const content = (messages[0]!.content as { toolCallId?: string }[]).map((part) =>
      part.toolCallId ? { ...part, toolCallId: "call_9" } : part,
    );
    const result = { type: "tool-result", toolCallId: "call_9", toolName: "weather", output: "Rain" };
    const history = [
      { ...messages[0]!, content },
      { role: "tool", content: [result] },
    ] as Message[];
    expect(await sentBack(history)).toEqual([
      { type: "function_call", call_id: "call_9", name: "weather", arguments: CALL.arguments, status: "completed" },
      { type: "function_call_output", call_id: "call_9", output: "Rain" },
    ]);
  });

  test.each([
    [
      "nested",
      { type: "error", error: { type: "insufficient_quota", code: "insufficient_quota", message: "You exceeded your quota." } },
      "quota",
      false,
    ],
    ["flat", { type: "error", code: "server_is_overloaded", message: "Slow down." }, "overloaded", true],
    [
      "failed",
      { type: "response.failed", response: { status: "failed", error: { code: "context_length_exceeded", message: "Too long." } } },
      "context-length",
      false,
    ],
    ["a numeric code", { type: "error", code: 502, message: "Bad gateway" }, "server", true],
  ])("an error event, %s", async (_, event, kind, retryable) => {
    expect(await failure(streamed("responses", { type: "response.output_text.delta", delta: "Par" }, event))).toMatchObject({
      kind,
      retryable,
      partial: { text: "Par" },
    });
  });
});

describe("errors by status and body", () => {
  const body = (code: string | null, message = "It went wrong.", type = "invalid_request_error") => ({
    error: { message, type, code, param: null },
  });
  test.each<[status: number, body: object | string, kind: string, retryable: boolean]>([
    [400, body("context_length_exceeded"), "context-length", false],
    [400, body(null, "This model's maximum context length is 8192 tokens."), "context-length", false],
    [400, body("content_policy_violation"), "content-filter", false],
    [400, body("content_filter"), "content-filter", false],
    [400, body("invalid_prompt"), "content-filter", false],
    [400, body("unsupported_parameter"), "invalid-request", false],
    [401, body("invalid_api_key"), "authentication", false],
    [401, body(null), "authentication", false],
    [403, body(null), "permission", false],
    [404, body("model_not_found"), "not-found", false],
    [413, "<html>too large</html>", "invalid-request", false],
    [429, body("rate_limit_exceeded", "Rate limit reached", "tokens"), "rate-limit", true],
    [429, body("insufficient_quota", "You exceeded your current quota", "insufficient_quota"), "quota", false],
    [429, body("credit_balance_exhausted", "No credits", "insufficient_quota"), "quota", false],
    [429, body("project_spend_limit_exceeded", "Limit", "requests"), "quota", false],
    [429, body("slow_down", "Slow down", "rate_limit_error"), "overloaded", true],
    [500, body(null, "The server had an error", "server_error"), "server", true],
    [502, "", "server", true],
    [503, body("server_is_overloaded", "Overloaded", "service_unavailable_error"), "overloaded", true],
    [503, body(null, "The engine is overloaded", "server_error"), "overloaded", true],
  ])("%i %j", async (status, content, kind, retryable) => {
    answer = {
      status,
      body: typeof content === "string" ? content : JSON.stringify(content),
      headers: { ...JSON_TYPE, "x-request-id": "req_1" },
    };
    for (const api of ["chat", "responses"] as const) {
      const llm = client(server.url, { api });
      expect(await failure(llm.chat("Hi"))).toMatchObject({ kind, retryable, status, requestId: "req_1" });
      expect(await failure(llm.stream("Hi").result)).toMatchObject({ kind, retryable, status });
    }
  });

  test("waits as long as the exhausted limit says, unless the answer asks for a wait itself", async () => {
    const limits = {
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1m2.5s",
      "x-ratelimit-remaining-tokens": "5",
      "x-ratelimit-reset-tokens": "6m0s",
    };
    answer = { status: 429, body: JSON.stringify(body("rate_limit_exceeded")), headers: { ...JSON_TYPE, ...limits } };
    expect(await failure(client(server.url).chat("Hi"))).toMatchObject({ retryAfterMs: 62_500 });
    answer.headers = { ...answer.headers, "retry-after": "2" };
    expect(await failure(client(server.url).chat("Hi"))).toMatchObject({ retryAfterMs: 2000 });
  });

  test("an error under status 200", async () => {
    expect(await failure(whole("chat", body("insufficient_quota")))).toMatchObject({ kind: "quota" });
    expect(await failure(streamed("chat", chunk({ content: "Par" }), { error: { message: "Boom", type: "server_error" } }))).toMatchObject({
      kind: "server",
      retryable: true,
      partial: { text: "Par" },
    });
  });
});
