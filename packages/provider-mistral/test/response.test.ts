import { isLlmError, type ChatEvent, type ChatResult, type LlmError } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { chunk, client, completion, events, type Json, type SentBody } from "./support.ts";

let status = 200;
let headers: Record<string, string> = {};
let reply = "";
const server = await startLoopback((_request, response) => {
  response
    .writeHead(status, { "content-type": reply.startsWith("data:") ? "text/event-stream" : "application/json", ...headers })
    .end(reply);
});
afterAll(() => server.close());
beforeEach(() => {
  status = 200;
  headers = {};
});

const llm = client(server.url, { model: "mistral-large-4" });

function whole(body: Json): Promise<ChatResult> {
  reply = JSON.stringify(body);
  return llm.chat("Hi");
}

function streamed(...list: unknown[]): Promise<ChatResult> {
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

/** What is sent when an answer, stored as JSON, goes on. */
async function replayed({ messages }: ChatResult): Promise<SentBody["messages"]> {
  const stored = JSON.parse(JSON.stringify(messages)) as typeof messages;
  await llm.chat([{ role: "user", content: "Hi" }, ...stored, { role: "user", content: "Go on" }]).catch(() => undefined);
  return (server.requests.at(-1)!.body as SentBody).messages.slice(1, -1);
}

const text = (words: string) => ({ type: "text", text: words });
const thinking = (words: string, fields: Json = {}) => ({ type: "thinking", thinking: words === "" ? [] : [text(words)], ...fields });
const call = (index: number | undefined, id: string | undefined, name: string | undefined, args: unknown) => ({
  index,
  id,
  type: "function",
  function: { name, arguments: args },
});

describe("answers", () => {
  const reasons: [raw: string, finishReason: string][] = [
    ["stop", "stop"],
    ["length", "length"],
    ["model_length", "length"],
    ["something_new", "other"],
  ];
  test.for(reasons)("%s means %s, whole and streamed", async ([raw, finishReason]) => {
    const expected = { finishReason, rawFinishReason: raw, text: "A" };
    expect(await whole(completion({ content: "A" }, {}, raw))).toMatchObject(expected);
    expect(await streamed(chunk({ role: "assistant", content: "A" }), chunk({ content: "" }, raw))).toMatchObject(expected);
  });

  test("error is a failure, and keeps what came", async () => {
    const expected = { kind: "server", retryable: true, partial: { text: "Half" } };
    expect(await errorOf(whole(completion({ content: "Half" }, {}, "error")))).toMatchObject(expected);
    expect(await errorOf(streamed(chunk({ content: "Half" }), chunk({ content: "" }, "error")))).toMatchObject(expected);
  });

  test("thoughts with their signatures, and what they lead to, go back as they came", async () => {
    const content = [thinking("First.", { signature: "sig-1", closed: true }), thinking("Second.", { closed: true }), text("A")];
    const sent = [{ role: "assistant", content: [thinking("First.", { signature: "sig-1" }), thinking("Second."), text("A")] }];
    const result = await whole(completion({ content }));
    expect(result).toMatchObject({ reasoning: "First.Second.", text: "A" });
    expect(await replayed(result)).toEqual(sent);
    const pieces = ["Fir", "st."].map((piece) => chunk({ content: [thinking(piece)] }));
    const signed = chunk({ content: [thinking("", { signature: "sig-1" })] });
    const rest = [chunk({ content: [thinking("Second.", { closed: true }), text("A")] }), chunk({ content: "" }, "stop")];
    expect(await replayed(await streamed(...pieces, signed, ...rest))).toEqual(sent);
    const late = await streamed(...pieces, chunk({ content: "A" }), signed, chunk({ content: "B" }, "stop"));
    expect(await replayed(late)).toEqual([{ role: "assistant", content: [thinking("First.", { signature: "sig-1" }), text("AB")] }]);
  });

  test("references become sources, stay where they were, and go back", async () => {
    const reference = { type: "reference", reference_ids: [0, "b"] };
    const tool = { type: "tool_reference", tool: "web_search", title: "Page", url: "https://example.com", description: "About" };
    const thought = { type: "thinking", thinking: [text("Hm"), tool] };
    const documents = [{ documentId: "0" }, { documentId: "b" }];
    const expected = {
      text: "It won [yes].",
      reasoning: "Hm",
      sources: [{ url: "https://example.com", title: "Page", text: "About" }, ...documents],
    };
    const result = await whole(completion({ content: [thought, text("It won "), reference, text("[yes].")] }));
    expect(result).toMatchObject(expected);
    const sent = [{ role: "assistant", content: [thinking("Hm"), text("It won "), reference, text("[yes].")] }];
    expect(await replayed(result)).toEqual(sent);
    const parts = [chunk({ content: [thought] }), chunk({ content: "It won " }), chunk({ content: [reference] })];
    const same = await streamed(...parts, chunk({ content: "[yes]." }, "stop"));
    expect(same).toMatchObject(expected);
    expect(await replayed(same)).toEqual(sent);
  });

  test("calls: arguments as text or data, ids that are none, all at one index or without any", async () => {
    const calls = [
      call(0, "aaaaaaaa1", "a", '{"x":1}'),
      call(0, "null", "a", { y: [2] }),
      call(undefined, undefined, "b", "{}"),
      call(undefined, "", "b", '{"z":3}'),
    ];
    const expected = [
      { toolCallId: "aaaaaaaa1", toolName: "a", input: { x: 1 } },
      { toolName: "a", input: { y: [2] } },
      { toolName: "b", input: {} },
      { toolName: "b", input: { z: 3 } },
    ];
    const results = [
      await whole(completion({ content: "", tool_calls: calls }, {}, "tool_calls")),
      await streamed(chunk({ content: "", tool_calls: calls }, "tool_calls")),
      await streamed(...calls.map((each) => chunk({ tool_calls: [each] })), chunk({}, "tool_calls")),
    ];
    for (const result of results) {
      expect(result.toolCalls).toMatchObject(expected);
      const ids = result.toolCalls.map(({ toolCallId }) => toolCallId);
      expect(new Set(ids).size).toBe(4);
      for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
      expect(result.warnings).toEqual([]);
      expect((await replayed(result))[0]!["tool_calls"]).toMatchObject(ids.map((id) => ({ id })));
    }
  });

  test("calls in pieces, in turns, with and without ids and names", async () => {
    const result = await streamed(
      chunk({ tool_calls: [call(0, "aaaaaaaa1", "a", "")] }),
      chunk({ tool_calls: [call(1, "bbbbbbbb2", "b", '{"y":'), call(0, undefined, "", '{"x":')] }),
      chunk({ tool_calls: [call(0, "aaaaaaaa1", undefined, "1}"), call(1, "bbbbbbbb2", "b", "2}")] }),
      chunk({ content: null }, "tool_calls"),
    );
    expect(result.toolCalls).toMatchObject([
      { toolCallId: "aaaaaaaa1", toolName: "a", input: { x: 1 } },
      { toolCallId: "bbbbbbbb2", toolName: "b", input: { y: 2 } },
    ]);
  });

  test("what tools of the vendor's answered is no text", async () => {
    const messages = [
      { role: "assistant", content: "", tool_calls: [call(0, "aaaaaaaa1", "web_search", "{}")] },
      { role: "tool", tool_call_id: "aaaaaaaa1", content: "found" },
      { role: "assistant", content: "A" },
    ];
    const result = await whole(completion({}, { choices: [{ index: 0, finish_reason: "stop", messages }] }));
    expect(result.text).toBe("A");
    expect(result.finishReason).toBe("stop");
    expect(result.toolCalls).toMatchObject([{ toolCallId: "aaaaaaaa1", toolName: "web_search", providerExecuted: true }]);
    expect(result.toolResults).toMatchObject([{ toolCallId: "aaaaaaaa1", toolName: "web_search", output: "found" }]);
  });

  test("several answers, taking turns", async () => {
    const at = (index: number, content: string, reason: string | null = null) => ({
      id: "1",
      choices: [{ index, delta: { content }, finish_reason: reason }],
    });
    reply = events(at(0, "A"), at(1, "x"), at(1, "y", "length"), at(0, "B", "stop"));
    const { text: first, choices } = await llm.stream("Hi", { n: 2 }).result;
    expect(first).toBe("AB");
    expect(choices).toMatchObject([
      { text: "AB", finishReason: "stop" },
      { text: "xy", finishReason: "length" },
    ]);
  });

  test("chunks, events and fields that nobody knows go by", async () => {
    const brandNew = { type: "brand_new", payload: 1 };
    const result = await streamed({ object: "brand.new" }, chunk({ content: [brandNew, text("A")] }), chunk({ brand_new: 1 }, "stop"));
    expect(result.text).toBe("A");
    expect(await whole({ choices: [{ message: { content: [brandNew, text("A")] } }] })).toMatchObject({ text: "A", usage: {} });
  });

  test("usage: absent stays absent, sound is input, both names of cached tokens", async () => {
    const usageOf = async (usage: Json | undefined) => (await whole(completion({ content: "A" }, { usage }))).usage;
    expect(await usageOf(undefined)).toEqual({});
    expect(await usageOf({ prompt_tokens: 9, completion_tokens: 1, total_tokens: 10, num_cached_tokens: 4 })).toEqual({
      inputTokens: 9,
      outputTokens: 1,
      totalTokens: 10,
      cacheReadTokens: 4,
    });
    const heard = {
      prompt_tokens: 11,
      completion_tokens: 15,
      total_tokens: 401,
      prompt_tokens_details: { audio_tokens: 375, cached_tokens: 9 },
    };
    expect(await usageOf(heard)).toMatchObject({ inputTokens: 386, cacheReadTokens: 9 });
    expect(await usageOf({ ...heard, total_tokens: 26 })).toMatchObject({ inputTokens: 11, totalTokens: 26 });
    const details = { completion_tokens_details: { reasoning_tokens: 8 } };
    const counted = {
      prompt_tokens: 1,
      completion_tokens: 9,
      total_tokens: 10,
      service_tier: "standard",
      prompt_audio_seconds: 5,
      ...details,
    };
    const result = await streamed(chunk({ content: "A" }), chunk({ content: "" }, "stop", { usage: counted }));
    expect(result.usage).toEqual({ inputTokens: 1, outputTokens: 9, totalTokens: 10, reasoningTokens: 8 });
    expect(result.providerMetadata).toEqual({ mistral: { serviceTier: "standard", promptAudioSeconds: 5 } });
  });

  test("log probabilities", async () => {
    const content = [{ token: "A", logprob: -0.1, top_logprobs: [{ token: "B", logprob: -2, bytes: [66] }] }];
    const choices = [{ index: 0, finish_reason: "stop", message: { content: "A" }, logprobs: { content } }];
    expect((await whole(completion({}, { choices }))).logprobs).toEqual([
      { token: "A", logprob: -0.1, top: [{ token: "B", logprob: -2 }] },
    ]);
  });

  test("raw events stay as they came", async () => {
    const came = [chunk({ content: [thinking("Hm", { closed: true })] }), chunk({ content: "A" }, "stop", { p: "abc" })];
    reply = events(...came);
    const seen: ChatEvent[] = [];
    for await (const event of llm.stream("Hi", { includeRaw: true })) seen.push(event);
    expect(seen.flatMap((event) => (event.type === "raw" ? [event.raw] : []))).toEqual(came);
  });
});

describe("errors", () => {
  const fault = (message: unknown, type = "invalid_request_error", code: string | null = null) => ({
    object: "error",
    message,
    type,
    param: null,
    code,
  });
  const unknown = { type: "extra_forbidden", loc: ["body", "top_k"], msg: "Extra inputs are not permitted", input: 1 };
  const cases: [status: number, body: unknown, expected: Partial<LlmError>, words: string][] = [
    [
      400,
      fault("Logprobs are not enabled", "invalid_request_invalid_args", "3051"),
      { kind: "invalid-request" },
      "Logprobs are not enabled (3051)",
    ],
    [400, fault("Invalid model: x", "invalid_model", "1500"), { kind: "not-found", retryable: false }, "Invalid model: x (1500)"],
    [
      400,
      fault("Prompt contains 300000 tokens, too large for model with 131072 maximum context length", "invalid_request_error", "3051"),
      { kind: "context-length" },
      "131072",
    ],
    [
      400,
      fault("Unexpected role 'user' after role 'tool'", "invalid_request_message_order", "3230"),
      { kind: "invalid-request", hint: "Let the model answer to the tools' results first, or use a newer model." },
      "Unexpected role",
    ],
    [401, { detail: "Unauthorized" }, { kind: "authentication", hint: expect.stringContaining("quota") as string }, "Unauthorized"],
    [401, { message: "Unauthorized", request_id: "req_9" }, { kind: "authentication", requestId: "req_9" }, "Unauthorized"],
    [403, fault("Not yours"), { kind: "permission" }, "Not yours"],
    [422, { detail: [unknown] }, { kind: "invalid-request" }, "body.top_k: Extra inputs are not permitted"],
    [422, fault({ detail: [unknown, unknown] }), { kind: "invalid-request" }, "permitted; body.top_k"],
    [422, { detail: [{}] }, { kind: "invalid-request" }, "?: ?"],
    [422, fault({ odd: 1 }), { kind: "invalid-request" }, '{"odd":1}'],
    [429, fault("Rate limit exceeded", "rate_limited", "1300"), { kind: "rate-limit", retryable: true }, "Rate limit exceeded"],
    [
      429,
      fault("Service tier capacity exceeded", "service_tier_capacity_exceeded", "3505"),
      { kind: "overloaded", retryable: true },
      "capacity",
    ],
    [429, fault("Slow", "constructor"), { kind: "rate-limit" }, "Slow"],
    [500, fault("Oops", "internal_server_error", "1000"), { kind: "server", retryable: true }, "Oops"],
    [502, "<html><title>Bad gateway</title></html>", { kind: "server", retryable: true }, "502"],
    [503, "", { kind: "overloaded", retryable: true }, "503"],
    [404, { message: "no Route matched with those values" }, { kind: "not-found" }, "no Route matched"],
    [400, { error: "plain words" }, { kind: "invalid-request" }, "plain words"],
    [400, { error: { message: "wrapped", code: 7 } }, { kind: "invalid-request" }, "wrapped (7)"],
  ];
  test.for(cases)("%i %j", async ([code, body, expected, words]) => {
    status = code;
    reply = typeof body === "string" ? body : JSON.stringify(body);
    const error = await errorOf(llm.chat("Hi"));
    expect(error).toMatchObject({ ...expected, status: code, provider: "mistral" });
    expect(error.message).toContain(words);
  });

  test("the vendor names the request in a header of its own", async () => {
    status = 500;
    headers = { "mistral-correlation-id": "correlation-1" };
    reply = JSON.stringify(fault("Oops"));
    expect((await errorOf(llm.chat("Hi"))).requestId).toBe("correlation-1");
  });

  test("in mid-stream: the kind, and what had come", async () => {
    const half = chunk({ role: "assistant", content: "Half" }, null, { usage: { prompt_tokens: 10 } });
    const ends: [end: string, expected: Partial<LlmError>][] = [
      [`data: ${JSON.stringify({ ...fault("Later", "rate_limited", "1300"), raw_status_code: 429 })}\n\n`, { kind: "rate-limit" }],
      [`data: ${JSON.stringify({ ...fault("Oops", "internal_server_error"), raw_status_code: 503 })}\n\n`, { kind: "overloaded" }],
      [`event: error\ndata: {"message":"Oops"}\n\n`, { kind: "server" }],
      [`data: {"error":{"message":"Oops","type":"service_tier_capacity_exceeded"}}\n\n`, { kind: "overloaded" }],
    ];
    for (const [end, expected] of ends) {
      reply = `data: ${JSON.stringify(half)}\n\n${end}`;
      const error = await errorOf(llm.stream("Hi").result);
      expect(error).toMatchObject({ ...expected, retryable: true, partial: { text: "Half", usage: { inputTokens: 10 } } });
    }
  });

  test("a stream that only stops is no answer; one whose end is known is", async () => {
    reply = `data: ${JSON.stringify(chunk({ content: "Half" }))}\n\n`;
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "incomplete-stream", partial: { text: "Half" } });
    reply = `data: ${JSON.stringify(chunk({ content: "Whole" }, "stop"))}\n\n`;
    expect((await llm.stream("Hi").result).text).toBe("Whole");
  });

  test("bodies that are no answer", async () => {
    for (const body of [{}, { choices: [] }, { choices: null }]) {
      reply = JSON.stringify(body);
      expect(await errorOf(llm.chat("Hi"))).toMatchObject({ kind: "invalid-response" });
    }
    reply = JSON.stringify(fault("Busy", "service_tier_capacity_exceeded"));
    expect(await errorOf(llm.chat("Hi"))).toMatchObject({ kind: "overloaded" });
    reply = `data: {"choices":[1]}\n\ndata: {"choices":"x"}\n\n`;
    expect(await errorOf(llm.stream("Hi").result)).toMatchObject({ kind: "incomplete-stream" });
  });
});
