import { isLlmError, type ChatEvent, type ChatResult, type LlmError } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { client, events, message, type SentBody } from "./support.ts";

type Json = Record<string, unknown>;

let status = 200;
let headers: Record<string, string> = {};
let reply = "";
const server = await startLoopback((_request, response) => {
  response
    .writeHead(status, { "content-type": reply.startsWith("event:") ? "text/event-stream" : "application/json", ...headers })
    .end(reply);
});
afterAll(() => server.close());
beforeEach(() => {
  status = 200;
  headers = {};
});

const llm = client(server.url, { model: "claude-opus-5-5" });

function whole(body: Json): Promise<ChatResult> {
  reply = JSON.stringify(body);
  return llm.chat("Hi");
}

function streamed(...list: Json[]): Promise<ChatResult> {
  reply = events(...list);
  return llm.stream("Hi").result;
}

async function errorOf(result: Promise<unknown>): Promise<LlmError> {
  const thrown: unknown = await result.then(
    () => new Error("It did not fail."),
    (error: unknown) => error,
  );
  if (!isLlmError(thrown)) throw thrown;
  return thrown;
}

const start = (fields: Json = {}) => ({ type: "message_start", message: message([], { stop_reason: null, ...fields }) });
const block = (index: number, content_block: Json) => ({ type: "content_block_start", index, content_block });
const delta = (index: number, type: string, fields: Json) => ({ type: "content_block_delta", index, delta: { type, ...fields } });
const stop = (index: number) => ({ type: "content_block_stop", index });
const end = (stop_reason: string | null, fields: Json = {}, usage: Json = { output_tokens: 9 }) => ({
  type: "message_delta",
  delta: { stop_reason, ...fields },
  usage,
});
const over = { type: "message_stop" };

describe("answers", () => {
  const reasons: [raw: string, finishReason: string][] = [
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["refusal", "content-filter"],
    ["pause_turn", "stop"],
    ["compaction", "stop"],
    ["MAX_TOKENS", "length"],
    ["something_new", "other"],
  ];
  test.for(reasons)("%s means %s, whole and streamed", async ([raw, finishReason]) => {
    const expected = { finishReason, rawFinishReason: raw, text: "A" };
    expect(await whole(message([{ type: "text", text: "A" }], { stop_reason: raw }))).toMatchObject(expected);
    expect(
      await streamed(start(), block(0, { type: "text", text: "" }), delta(0, "text_delta", { text: "A" }), stop(0), end(raw), over),
    ).toMatchObject(expected);
  });

  test("a refusal says why", async () => {
    const stop_details = { type: "refusal", category: "cyber", explanation: "That is not allowed." };
    const expected = { finishReason: "content-filter", refusal: "That is not allowed.", text: "" };
    expect(await whole(message([], { stop_reason: "refusal", stop_details }))).toMatchObject(expected);
    expect(await streamed(start(), end("refusal", { stop_details }), over)).toMatchObject(expected);
    const silent = await whole(
      message([], { stop_reason: "refusal", stop_details: { type: "refusal", category: null, explanation: null } }),
    );
    expect(silent.refusal).toBeUndefined();
  });

  test("parallel calls, interleaved, with no input, ready input and broken input", async () => {
    const result = await streamed(
      start(),
      block(0, { type: "tool_use", id: "t0", name: "a", input: {} }),
      block(1, { type: "tool_use", id: "t1", name: "b", input: {} }),
      delta(0, "input_json_delta", { partial_json: "" }),
      delta(1, "input_json_delta", { partial_json: '{"x":' }),
      stop(0),
      delta(1, "input_json_delta", { partial_json: "1}" }),
      stop(1),
      block(2, { type: "tool_use", id: "t2", name: "c", input: { y: 2 }, caller: { type: "direct" } }),
      stop(2),
      block(3, { type: "tool_use", id: "t3", name: "d", input: {} }),
      delta(3, "input_json_delta", { partial_json: '{"z":' }),
      stop(3),
      end("tool_use"),
      over,
    );
    expect(result.finishReason).toBe("tool-calls");
    expect(result.toolCalls).toMatchObject([
      { toolCallId: "t0", toolName: "a", input: {} },
      { toolCallId: "t1", toolName: "b", input: { x: 1 } },
      { toolCallId: "t2", toolName: "c", input: { y: 2 } },
      { toolCallId: "t3", toolName: "d", input: '{"z":', invalid: expect.anything() },
    ]);
  });

  describe("blocks of hosts that number them otherwise", () => {
    const think = { type: "thinking", thinking: "" };
    const say = { type: "text", text: "" };
    const use = (id: string, name: string) => ({ type: "tool_use", id, name, input: {} });
    const input = (index: number, partial_json: string) => delta(index, "input_json_delta", { partial_json });
    const came = [
      [block(0, think), delta(0, "thinking_delta", { thinking: "Hmm" }), delta(0, "thinking_delta", { thinking: "." })],
      [delta(0, "signature_delta", { signature: "sig" }), stop(0)],
      [block(1, say), delta(1, "text_delta", { text: "I look" }), delta(1, "text_delta", { text: " it up." }), stop(1)],
      [block(2, use("t0", "get")), input(2, '{"x":'), input(2, "1}"), stop(2)],
      [block(3, use("t1", "get")), input(3, '{"x":'), input(3, "2}"), stop(3)],
    ].flat();
    const without = (event: Json, field: string) => Object.fromEntries(Object.entries(event).filter(([name]) => name !== field));
    const isStop = ({ type }: Json) => type === "content_block_stop";
    test.for<[how: string, Json[]]>([
      ["as the vendor does", came],
      ["always 0", came.map((event) => ({ ...event, index: 0 }))],
      ["not at all", came.map((event) => without(event, "index"))],
      ["only where they begin", came.map((event) => (event.type === "content_block_start" ? event : without(event, "index")))],
      [
        "from 1, but for their beginning",
        came.map((event) => (event.type === "content_block_start" ? event : { ...event, index: event.index + 1 })),
      ],
      ["the same again for the same kind", came.map((event) => ({ ...event, index: Math.min(event.index, 2) }))],
      ["always 0, and never end them", came.filter((event) => !isStop(event)).map((event) => ({ ...event, index: 0 }))],
      ["and never end them", came.filter((event) => !isStop(event))],
      ["and end them all at the end", [...came.filter((event) => !isStop(event)), ...came.filter(isStop)]],
      ["and sign when the block is over", [...came.slice(0, 3), came[4]!, came[3]!, ...came.slice(5)]],
      ["and begin words without a word", came.filter(({ type, index }) => type !== "content_block_start" || index > 1)],
    ])("%s", async ([, list]) => {
      const result = await streamed(start(), ...list, end("tool_use"), over);
      expect(result).toMatchObject({ text: "I look it up.", reasoning: "Hmm.", finishReason: "tool-calls" });
      expect(result.messages[0]!.content).toMatchObject([
        { type: "reasoning", text: "Hmm.", providerMetadata: { anthropic: { signature: "sig" } } },
        { type: "text", text: "I look it up." },
        { type: "tool-call", toolCallId: "t0", input: { x: 1 } },
        { type: "tool-call", toolCallId: "t1", input: { x: 2 } },
      ]);
    });

    test("ready input, redacted thoughts and citations of blocks that never end", async () => {
      const citation = { type: "web_search_result_location", url: "https://a.example/", title: "A", cited_text: "q", encrypted_index: "e" };
      const result = await streamed(
        start(),
        block(0, { type: "redacted_thinking", data: "xyz" }),
        block(0, say),
        delta(0, "text_delta", { text: "Cited." }),
        delta(0, "citations_delta", { citation }),
        block(0, { type: "tool_use", id: "t0", name: "get", input: { x: 1 } }),
        end("tool_use"),
        over,
      );
      expect(result).toMatchObject({ text: "Cited.", sources: [{ url: "https://a.example/" }], toolCalls: [{ input: { x: 1 } }] });
      await llm.chat([{ role: "user", content: "Hi" }, ...result.messages, { role: "user", content: "Go on" }]).catch(() => undefined);
      expect((server.requests.at(-1)!.body as SentBody).messages[1]!.content).toMatchObject([
        { type: "redacted_thinking", data: "xyz" },
        { type: "text", text: "Cited.", citations: [citation] },
        { type: "tool_use", id: "t0", input: { x: 1 } },
      ]);
    });

    test("words round a tool of the vendor's are paragraphs; texts side by side are one", async () => {
      const search = { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "q" } };
      const found = { type: "web_search_tool_result", tool_use_id: "s1", content: [] };
      const words = (text: string) => ({ type: "text", text });
      const content = [words("I look it up."), search, found, words("It is "), words("4.")];
      for (const result of [
        await whole(message(content)),
        await streamed(start(), ...content.flatMap((each) => [block(0, each), stop(0)]), end("end_turn"), over),
      ])
        expect(result).toMatchObject({ text: "I look it up.\n\nIt is 4.", finishReason: "stop" });
    });

    test.for(["max_tokens", "pause_turn", "end_turn"])("a tool of the vendor's that was interrupted by %s is no fault", async (reason) => {
      const search = { type: "server_tool_use", id: "s1", name: "web_search", input: {} };
      const results = [
        await streamed(start(), block(0, search), input(0, '{"query": "pa'), end(reason), over),
        await streamed(start(), block(0, search), end(reason), over),
        await whole(message([search], { stop_reason: reason })),
        await whole(message([search, { type: "web_search_tool_result", tool_use_id: "s1", content: null }], { stop_reason: reason })),
        await whole(
          message([
            { ...search, type: "mcp_tool_use" },
            { type: "mcp_tool_result", tool_use_id: "s1", content: "words" },
          ]),
        ),
      ];
      for (const { toolCalls } of results) expect(toolCalls).toMatchObject([{ toolCallId: "s1", providerExecuted: true }]);
    });
  });

  test("blocks, deltas and events that nobody knows go by, and what was in the blocks goes back", async () => {
    const result = await streamed(
      start({ container: { id: "container_1" } }),
      { type: "ping" },
      { type: "brand_new", index: 3 },
      block(0, { type: "compaction", content: null }),
      delta(0, "compaction_delta", { content: "summary" }),
      stop(0),
      block(1, { type: "text", text: "" }),
      delta(1, "brand_new_delta", { more: 1 }),
      delta(1, "text_delta", { text: "A" }),
      delta(7, "brand_new_delta", {}),
      stop(1),
      stop(7),
      end("stop_sequence", { stop_sequence: "END" }),
      over,
    );
    expect(result).toMatchObject({
      text: "A",
      providerMetadata: { anthropic: { container: { id: "container_1" }, stop_sequence: "END" } },
    });
    expect(result.reasoning).toBeUndefined();
    await llm.chat([{ role: "user", content: "Hi" }, ...result.messages, { role: "user", content: "Go on" }]).catch(() => undefined);
    const sent = server.requests.at(-1)!.body as SentBody;
    expect(sent.messages[1]!.content).toEqual([
      { type: "compaction", content: "summary" },
      { type: "text", text: "A" },
    ]);
  });

  test("raw events stay as they came", async () => {
    const citation = {
      type: "char_location",
      cited_text: "q",
      document_index: 0,
      document_title: "T",
      start_char_index: 0,
      end_char_index: 1,
    };
    const came = [
      start(),
      block(0, { type: "text", text: "", citations: [] }),
      delta(0, "citations_delta", { citation }),
      stop(0),
      end("end_turn"),
      over,
    ];
    reply = events(...came);
    const seen: ChatEvent[] = [];
    for await (const event of llm.stream("Hi", { includeRaw: true })) seen.push(event);
    expect(seen.flatMap((event) => (event.type === "raw" ? [event.raw] : []))).toEqual(came);
    expect(seen.find(({ type }) => type === "source")).toMatchObject({ source: { title: "T", documentId: "0", text: "q" } });
  });

  test("an answer that is all in its first event", async () => {
    const content = [{ type: "tool_use", id: "t1", name: "roll", input: { player: 1 } }];
    const result = await streamed({ type: "message_start", message: message(content, { stop_reason: "tool_use" }) }, over);
    expect(result).toMatchObject({
      finishReason: "tool-calls",
      usage: { inputTokens: 10, outputTokens: 5 },
      toolCalls: [{ toolCallId: "t1", input: { player: 1 } }],
    });
  });

  test("usage: the last count wins, null keeps the earlier, absent stays absent", async () => {
    const usage = { input_tokens: 10, output_tokens: 1, cache_creation_input_tokens: 3, cache_read_input_tokens: 4 };
    const result = await streamed(
      start({ usage }),
      end(null, {}, { output_tokens: 5, input_tokens: 20, cache_read_input_tokens: null }),
      end("end_turn", {}, { output_tokens: 7, output_tokens_details: { thinking_tokens: 2 } }),
      over,
    );
    expect(result.usage).toEqual({
      inputTokens: 27,
      outputTokens: 7,
      totalTokens: 34,
      cacheReadTokens: 4,
      cacheWriteTokens: 3,
      reasoningTokens: 2,
    });
    expect((await whole(message([], { usage: undefined }))).usage).toEqual({});
    expect((await whole(message([]))).usage).toEqual({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
  });

  test("usage: a 0 takes nothing back, writes that last an hour are told, what is no count is ignored", async () => {
    const cache_creation = { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 };
    const usage = { input_tokens: 10, output_tokens: 1, cache_creation_input_tokens: 300, cache_read_input_tokens: 40, cache_creation };
    const zeros = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: null };
    const expected = {
      inputTokens: 350,
      outputTokens: 7,
      totalTokens: 357,
      cacheReadTokens: 40,
      cacheWriteTokens: 300,
      cacheWrite1hTokens: 200,
    };
    expect((await streamed(start({ usage }), end("end_turn", {}, { ...zeros, output_tokens: 7 }), over)).usage).toEqual(expected);
    expect((await whole(message([], { usage: { ...usage, output_tokens: 7 } }))).usage).toEqual(expected);
    // Hosts that know the counts only at the end begin with nothing but zeros.
    const late = await streamed(
      start({ usage: { input_tokens: 0, output_tokens: 0 } }),
      end("end_turn", {}, { ...usage, output_tokens: 7 }),
      over,
    );
    expect(late.usage).toEqual(expected);
    const odd = { input_tokens: -3, output_tokens: "7", cache_read_input_tokens: Number.NaN };
    expect((await whole(message([], { usage: odd }))).usage).toEqual({});
  });

  test("usage: a summary of the conversation is billed beside the answer, an advisor by its own price", async () => {
    const iteration = (type: string, input: number, output: number, more: Json = {}) => ({
      type,
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      ...more,
    });
    const compaction = iteration("compaction", 180_000, 3500, {
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 5 },
    });
    const advice = iteration("advisor_message", 2543, 18, { model: "claude-opus-4-8" });
    const usage = {
      input_tokens: 23_000,
      output_tokens: 1000,
      iterations: [compaction, iteration("message", 23_000, 1000), advice],
    };
    const expected = {
      inputTokens: 203_025,
      outputTokens: 4500,
      totalTokens: 207_525,
      cacheReadTokens: 20,
      cacheWriteTokens: 5,
      cacheWrite1hTokens: 5,
    };
    expect((await whole(message([], { usage }))).usage).toEqual(expected);
    const first = { input_tokens: 23_000, output_tokens: 1 };
    expect((await streamed(start({ usage: first }), end("end_turn", {}, usage), over)).usage).toEqual(expected);
    const paused = { input_tokens: 0, output_tokens: 0, iterations: [compaction] };
    expect(
      (await whole(message([{ type: "compaction", content: "s" }], { usage: paused, stop_reason: "compaction" }))).usage,
    ).toMatchObject({
      inputTokens: 180_025,
      outputTokens: 3500,
    });
  });

  test("failed tools of the vendor are marked", async () => {
    const result = await whole(
      message([
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
        {
          type: "web_search_tool_result",
          tool_use_id: "srvtoolu_1",
          content: { type: "web_search_tool_result_error", error_code: "unavailable" },
        },
        { type: "mcp_tool_use", id: "mcptoolu_1", name: "ask", server_name: "w", input: {} },
        { type: "mcp_tool_result", tool_use_id: "mcptoolu_1", is_error: true, content: [] },
      ]),
    );
    expect(result.toolResults).toMatchObject([
      { toolName: "web_search", isError: true },
      { toolName: "ask", isError: true },
    ]);
    expect(result.toolCalls).toMatchObject([{ providerExecuted: true }, { providerExecuted: true }]);
    expect(result.finishReason).toBe("stop");
  });
});

describe("errors", () => {
  const fault = (type: string, words: string, details?: Json) => ({
    type: "error",
    error: { type, message: words, details },
    request_id: "req_1",
  });
  const cases: [status: number, body: unknown, expected: Partial<LlmError>][] = [
    [400, fault("invalid_request_error", "messages: at least one"), { kind: "invalid-request", retryable: false }],
    [400, fault("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), { kind: "context-length" }],
    [
      400,
      fault("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
      { kind: "context-length" },
    ],
    [
      400,
      fault("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
      { kind: "quota", retryable: false },
    ],
    [401, fault("authentication_error", "invalid x-api-key"), { kind: "authentication" }],
    [402, fault("billing_error", "Pay first"), { kind: "quota" }],
    [403, fault("permission_error", "Not yours"), { kind: "permission" }],
    [404, fault("not_found_error", "model: x"), { kind: "not-found" }],
    [409, fault("conflict_error", "Again"), { kind: "server", retryable: true }],
    [413, fault("request_too_large", "Too big"), { kind: "invalid-request" }],
    [413, "<html>Too large</html>", { kind: "invalid-request" }],
    [429, fault("rate_limit_error", "Slow down"), { kind: "rate-limit", retryable: true }],
    [429, fault("rate_limit_error", "Spent", { error_code: "enforced_spend_limit_reached" }), { kind: "quota", retryable: false }],
    [500, fault("api_error", "Oops"), { kind: "server", retryable: true }],
    [503, "", { kind: "overloaded", retryable: true }],
    [504, fault("timeout_error", "Late"), { kind: "timeout", retryable: true }],
    [529, fault("overloaded_error", "Overloaded"), { kind: "overloaded", retryable: true }],
    [418, fault("teapot_error", "Short and stout"), { kind: "invalid-request" }],
    [400, { error: "plain words" }, { kind: "invalid-request" }],
  ];
  test.for(cases)("%i %j", async ([code, body, expected]) => {
    status = code;
    reply = typeof body === "string" ? body : JSON.stringify(body);
    const error = await errorOf(llm.chat("Hi"));
    expect(error).toMatchObject({ ...expected, status: code, provider: "anthropic" });
    const words = (body as { error?: { message?: string } }).error;
    if (words !== undefined) expect(error.message).toContain(typeof words === "string" ? words : words.message);
    if (typeof words === "object") expect(error.requestId).toBe("req_1");
  });

  test("the vendor's advice on sending again is taken", async () => {
    status = 500;
    headers = { "x-should-retry": "false" };
    reply = JSON.stringify(fault("api_error", "Never"));
    expect((await errorOf(llm.chat("Hi"))).retryable).toBe(false);
  });

  test("in mid-stream: the kind, and what had come", async () => {
    reply = events(
      start(),
      block(0, { type: "text", text: "" }),
      delta(0, "text_delta", { text: "Half" }),
      fault("overloaded_error", "Overloaded"),
    );
    const error = await errorOf(llm.stream("Hi").result);
    expect(error).toMatchObject({ kind: "overloaded", retryable: true, partial: { text: "Half", usage: { inputTokens: 10 } } });
    expect(error.partial?.usage).toMatchObject({ outputTokens: 1, estimated: true });
    reply = `data: {"error":{"type":"api_error","message":"Unnamed"}}\n\n`;
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "server" });
  });

  test("a stream that only stops is no answer; one whose end is known is", async () => {
    const half = [start(), block(0, { type: "text", text: "Half" })];
    reply = events(...half);
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "incomplete-stream", partial: { text: "Half" } });
    expect((await streamed(...half, end("end_turn"))).text).toBe("Half");
  });

  test("bodies that are no answer", async () => {
    reply = JSON.stringify({ id: "msg_1" });
    expect(await errorOf(llm.chat("Hi"))).toMatchObject({ kind: "invalid-response" });
    reply = JSON.stringify(fault("overloaded_error", "Under a 200"));
    expect(await errorOf(llm.chat("Hi"))).toMatchObject({ kind: "overloaded" });
    reply = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0}\n\n`;
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "invalid-response" });
  });
});
