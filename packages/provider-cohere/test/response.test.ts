import { isLlmError, type ChatEvent, type ChatResult, type LlmError } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client, events, reply, type Json } from "./support.ts";

let answer: { status?: number; body: string } = { body: "" };
const server = await startLoopback((_request, response) => {
  response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(answer.body);
});
afterAll(() => server.close());

function whole(message: Json, fields?: Json): Promise<ChatResult> {
  answer = { body: JSON.stringify(reply(message, fields)) };
  return client(server.url).chat("Hi");
}

function streamed(...list: Json[]): Promise<ChatResult> {
  answer = { body: events(...list) };
  return client(server.url).stream("Hi").result;
}

async function fails(status: number, body: unknown): Promise<LlmError> {
  answer = { status, body: typeof body === "string" ? body : JSON.stringify(body) };
  const thrown: unknown = await client(server.url)
    .chat("Hi")
    .catch((error: unknown) => error);
  if (!isLlmError(thrown)) throw thrown;
  return thrown;
}

const START = { type: "message-start", id: "chat_1", delta: { message: { role: "assistant" } } };
const END = { type: "message-end", delta: { finish_reason: "COMPLETE", usage: { tokens: { input_tokens: 5, output_tokens: 2 } } } };
const content = (said: Json, index = 0, more: Json = {}) => ({
  type: "content-delta",
  index,
  delta: { message: { content: said } },
  ...more,
});
const plan = (text: string) => ({ type: "tool-plan-delta", delta: { message: { tool_plan: text } } });
const callStart = (index: number, id: string, name: string) => ({
  type: "tool-call-start",
  index,
  delta: { message: { tool_calls: { id, type: "function", function: { name, arguments: "" } } } },
});
const callDelta = (index: number, text: string) => ({
  type: "tool-call-delta",
  index,
  delta: { message: { tool_calls: { function: { arguments: text } } } },
});

describe("answers", () => {
  test("a plan is reasoning, marked, once", async () => {
    const list = [
      START,
      plan("I will"),
      plan(" look."),
      callStart(0, "look_1", "look"),
      callDelta(0, "{}"),
      { type: "tool-call-end", index: 0 },
    ];
    const end = { ...END, delta: { ...END.delta, finish_reason: "TOOL_CALL" } };
    const expected = [
      { type: "reasoning", text: "I will look.", providerMetadata: { cohere: { tool_plan: true } } },
      { type: "tool-call", toolCallId: "look_1", toolName: "look", input: {} },
    ];
    expect((await streamed(...list, end)).messages[0]!.content).toEqual(expected);
    const call = { id: "look_1", type: "function", function: { name: "look", arguments: "{}" } };
    expect((await whole({ tool_plan: "I will look.", tool_calls: [call] })).messages[0]!.content).toEqual(expected);
  });

  test("thoughts and texts of several blocks stay apart", async () => {
    const result = await streamed(
      START,
      content({ thinking: "Hm" }),
      content({ text: "A" }, 1),
      content({ text: "B" }, 2),
      content({ text: "C" }, 2),
      END,
    );
    expect(result.messages[0]!.content).toEqual([
      { type: "reasoning", text: "Hm" },
      { type: "text", text: "A" },
      { type: "text", text: "BC" },
    ]);
  });

  test("a call is over when the vendor says so, and only then", async () => {
    answer = {
      body: events(START, callStart(0, "a_1", "a"), callDelta(0, "{}"), callStart(1, "b_1", "b"), { type: "tool-call-end", index: 0 }, END),
    };
    const order: string[] = [];
    for await (const event of client(server.url).stream("Hi")) if (event.type.startsWith("tool-call")) order.push(nameOf(event));
    expect(order).toEqual(["tool-call-start a", "tool-call-start b", "tool-call-delta a", "tool-call a", "tool-call b"]);
  });

  test("a second call at an index, or without one, is a second call", async () => {
    const noIndex = (event: Json): Json => ({ ...event, index: undefined });
    for (const at of [(event: Json): Json => event, noIndex]) {
      const pieces = [
        callStart(0, "a_1", "a"),
        callDelta(0, '{"n":1}'),
        callStart(0, "a_1", "a"),
        callDelta(0, '{"n":'),
        callDelta(0, "2}"),
      ];
      const { toolCalls } = await streamed(START, ...pieces.map(at), END);
      expect(toolCalls.map(({ input }) => input)).toEqual([{ n: 1 }, { n: 2 }]);
      expect(toolCalls[0]!.toolCallId).not.toBe(toolCalls[1]!.toolCallId);
    }
  });

  test("arguments of null are none", async () => {
    const call = { id: "now_1", type: "function", function: { name: "now", arguments: "null" } };
    expect((await whole({ tool_calls: [call] })).toolCalls[0]!.input).toEqual({});
    expect((await streamed(START, callStart(0, "now_1", "now"), callDelta(0, "null"), END)).toolCalls[0]!.input).toEqual({});
    const inside = [callDelta(0, '{"a":'), callDelta(0, "null"), callDelta(0, "}")];
    expect((await streamed(START, callStart(0, "now_1", "now"), ...inside, END)).toolCalls[0]!.input).toEqual({ a: null });
  });

  test("text that holds the terminator's word is text", async () => {
    const text = 'It ends with "data: [DONE]": [DONE]';
    expect((await streamed(START, content({ text }), content({ text: "[DONE]" }), END)).text).toBe(`${text}[DONE]`);
  });

  test("sources: what is cited, and where", async () => {
    const data = { title: "Facts", snippet: "Ruby is red.", url: "https://example.com/facts" };
    const citations = [
      {
        start: 0,
        end: 4,
        text: "Ruby",
        type: "TEXT_CONTENT",
        sources: [
          { type: "document", id: "d:0", document: data },
          { type: "tool", id: "https://example.com/tool", tool_output: { content: "red" } },
        ],
      },
      { start: 5, end: 7, text: "is", sources: [{ type: "tool", id: "look_1:0" }, { type: "made-up" }] },
      { start: 8, end: 9, text: "a" },
    ];
    const first = { cohere: { start: 0, end: 4, text: "Ruby", type: "TEXT_CONTENT" } };
    const second = { cohere: { start: 5, end: 7, text: "is" } };
    const expected = [
      { type: "source", documentId: "d:0", url: data.url, title: "Facts", text: "Ruby is red.", providerMetadata: first },
      { type: "source", documentId: "https://example.com/tool", url: "https://example.com/tool", text: "red", providerMetadata: first },
      { type: "source", documentId: "look_1:0", providerMetadata: second },
      { type: "source", providerMetadata: second },
    ];
    expect((await whole({ content: [{ type: "text", text: "Ruby is a" }], citations })).sources).toEqual(expected);
    const cited = citations.map((citation, index) => ({ type: "citation-start", index, delta: { message: { citations: citation } } }));
    const result = await streamed(START, content({ text: "Ruby " }), ...cited, content({ text: "is a" }), END);
    expect(result.sources).toEqual(expected);
    expect(result.text).toBe("Ruby is a");
  });

  test("logprobs", async () => {
    const items = [
      { text: "Hel", token_ids: [1, 2], logprobs: [-0.5, -0.25] },
      { text: "lo", token_ids: [3], logprobs: [-1] },
      { text: "!", token_ids: [4] },
    ];
    const expected = [
      { token: "Hel", logprob: -0.75 },
      { token: "lo", logprob: -1 },
    ];
    expect((await whole({ content: [{ type: "text", text: "Hello!" }] }, { logprobs: items })).logprobs).toEqual(expected);
    const pieces = items.map((logprobs) => content({ text: logprobs.text }, 0, { logprobs }));
    expect((await streamed(START, ...pieces, END)).logprobs).toEqual(expected);
  });
});

describe("usage", () => {
  test("is what the model read and wrote, images and all; what is billed is kept beside it", async () => {
    const usage = {
      billed_units: { input_tokens: 267, output_tokens: 66 },
      tokens: { input_tokens: 34, output_tokens: 70, reasoning_tokens: 0, image_tokens: 259 },
      cached_tokens: 16,
    };
    const result = await whole({ content: [] }, { usage });
    expect(result.usage).toEqual({ inputTokens: 293, outputTokens: 70, totalTokens: 363, cacheReadTokens: 16, reasoningTokens: 0 });
    expect(result.providerMetadata).toEqual({ cohere: { billed_units: usage.billed_units } });
  });

  test("is what is billed where nothing else is told, and what is no count is ignored", async () => {
    const billed_units = { input_tokens: 5, output_tokens: 2 };
    expect((await whole({ content: [] }, { usage: { billed_units } })).usage).toEqual({ inputTokens: 5, outputTokens: 2, totalTokens: 7 });
    const odd = { tokens: { input_tokens: -1, output_tokens: 2 }, cached_tokens: "3" };
    expect((await whole({ content: [] }, { usage: odd })).usage).toEqual({ outputTokens: 2 });
  });

  test.for([null, undefined, {}, { tokens: null, cached_tokens: null }, { tokens: { input_tokens: null } }])(
    "of %j is unknown, never 0",
    async (usage) => {
      expect((await whole({ content: [] }, { usage })).usage).toEqual({});
    },
  );
});

describe("ends", () => {
  test.for([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop"],
    ["MAX_TOKENS", "length"],
    ["TOOL_CALL", "stop"],
    ["NEW_REASON", "other"],
  ])("%s is %s", async ([raw, means]) => {
    const result = await whole({ content: [{ type: "text", text: "A" }] }, { finish_reason: raw });
    expect([result.finishReason, result.rawFinishReason]).toEqual([means, raw]);
  });

  test.for(["ERROR", "TIMEOUT", "error"])("%s is a failure, and keeps what came", async (raw) => {
    const error: unknown = await whole({ content: [{ type: "text", text: "Half" }] }, { finish_reason: raw }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ kind: "server", retryable: true, partial: { text: "Half" } });
  });

  test("an end with an error fails the call, and keeps what came", async () => {
    const delta = { finish_reason: "ERROR", usage: {}, error: "invalid tool generation", error_type: "INVALID_TOOL_GENERATION" };
    const error: unknown = await streamed(START, content({ text: "Half" }), { type: "message-end", delta }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ kind: "server", retryable: true, partial: { text: "Half" } });
    expect(String(error)).toContain("invalid tool generation (INVALID_TOOL_GENERATION)");
  });

  test("null and missing things are not fatal", async () => {
    const nothing = { content: null, tool_calls: null, citations: null, tool_plan: null };
    expect((await whole(nothing)).text).toBe("");
    const hollow = [
      "content-start",
      "content-delta",
      "content-end",
      "tool-plan-delta",
      "tool-call-delta",
      "tool-call-start",
      "citation-start",
      "debug",
      "new",
    ];
    const result = await streamed(
      ...hollow.map((type) => ({ type })),
      { type: "new", message: "hello" },
      { new: 1 },
      START,
      content({ text: "A" }),
      END,
    );
    expect([result.text, result.finishReason]).toEqual(["A", "stop"]);
  });

  test("a type of content without a name here is passed over", async () => {
    expect(
      (
        await whole({
          content: [
            { type: "new", new: 1 },
            { type: "text", text: "A" },
          ],
        })
      ).text,
    ).toBe("A");
  });
});

describe("errors", () => {
  test.for([
    [400, { message: "invalid request: temperature must be between 0 and 2" }, "invalid-request", false],
    [400, { error_type: "TOO_MANY_TOKENS", message: "too many tokens: size limit exceeded by 25836 tokens." }, "context-length", false],
    [400, { message: "too many tokens: max tokens must be less than or equal to 4096, the maximum output" }, "invalid-request", false],
    [401, { message: "invalid api token" }, "authentication", false],
    [402, { message: "Please add or update your payment method" }, "quota", false],
    [404, { message: "model 'x' not found" }, "not-found", false],
    [422, { message: "unknown field: parameter 'strict' is not a valid field." }, "invalid-request", false],
    [429, { message: "You are using a Trial key, which is limited to 40 API calls / minute." }, "rate-limit", true],
    [429, { message: "You are using a Trial key, which is limited to 1000 API calls / month." }, "quota", false],
    [429, { message: "trial token rate limit exceeded, limit is 100000 tokens per minute" }, "rate-limit", true],
    [498, { message: "the request was blocked" }, "content-filter", false],
    [499, { message: "request cancelled" }, "server", true],
    [500, { message: "internal server error" }, "server", true],
    [503, {}, "overloaded", true],
  ] as const)("%i %j", async ([status, body, kind, retryable]) => {
    const error = await fails(status, { id: "error-1", ...body });
    expect(error).toMatchObject({ kind, status, retryable, requestId: "error-1" });
    expect(error.message).toContain("message" in body ? body.message : String(status));
  });

  test("output that the vendor refuses together with tools has a way out", async () => {
    const error = await fails(400, { message: "invalid request: response_format is not supported with RAG." });
    expect(error.hint).toContain('mode: "prompt"');
  });

  test.for(["<html>Bad gateway</html>", "", "[]", '"no"', '{"message":{"a":1}}'])("a body that is not the vendor's: %s", async (body) => {
    expect(await fails(502, body)).toMatchObject({ kind: "server", status: 502, retryable: true });
  });

  test.for([{ id: "1", message: "no such thing" }, { hello: "world" }, { message: null }])("%j under 200 is no answer", async (body) => {
    const error = await fails(200, body);
    expect(error).toMatchObject({ kind: "invalid-response" });
    expect(error.message).toContain(typeof body.message === "string" ? body.message : "no message");
  });

  test.for([{ id: "1", message: "it broke" }, { type: "error", message: "it broke" }, { error: "it broke" }])(
    "%j in the middle of a stream",
    async (event) => {
      const error: unknown = await streamed(START, content({ text: "Half" }), event as Json, END).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: "server", partial: { text: "Half" } });
      expect(String(error)).toContain("it broke");
    },
  );
});

function nameOf(event: ChatEvent): string {
  return `${event.type} ${"toolName" in event ? event.toolName : ""}`;
}
