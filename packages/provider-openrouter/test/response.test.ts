import { isLlmError, type ChatResult, type LlmError, type Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test, vi } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let answer: { status?: number; headers?: Record<string, string>; body: string } = { body: "" };
const server = await startLoopback((_request, response) => {
  const type = answer.body.startsWith("data:") || answer.body.startsWith(":") ? "text/event-stream" : "application/json";
  response.writeHead(answer.status ?? 200, { "content-type": type, ...answer.headers }).end(answer.body);
});
afterAll(() => server.close());

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const chunk = (delta: Json, more: Json = {}) =>
  event({ id: "g", provider: "Azure", choices: [{ index: 0, delta, finish_reason: null }], ...more });
const last = (more: Json = {}) =>
  event({
    id: "g",
    provider: "Azure",
    choices: [{ index: 0, delta: { content: "" }, finish_reason: "stop", native_finish_reason: "end_turn" }],
    ...more,
  }) + "data: [DONE]\n\n";

function streamed(...events: string[]): Promise<ChatResult> {
  answer = { body: events.join("") };
  return client(server.url).stream("Hi").result;
}

function whole(message: Json, more: Json = {}): Promise<ChatResult> {
  answer = {
    body: JSON.stringify({
      id: "g",
      provider: "Azure",
      choices: [{ message, finish_reason: "stop", native_finish_reason: "STOP" }],
      ...more,
    }),
  };
  return client(server.url).chat("Hi");
}

async function failure(promise: Promise<unknown>): Promise<LlmError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isLlmError(error)) throw new Error("There should be an LlmError.", { cause: error });
  return error;
}

/** What the assistant's message becomes in the next request, after a turn through JSON. */
async function sentBack({ messages }: ChatResult): Promise<Json> {
  const stored = JSON.parse(JSON.stringify(messages)) as Message[];
  answer = { body: JSON.stringify({ choices: [{ message: { content: "ok" }, finish_reason: "stop" }] }) };
  await client(server.url).chat([{ role: "user", content: "Hi" }, ...stored, { role: "user", content: "Go on" }]);
  return (server.requests.at(-1)!.body as { messages: Json[] }).messages[1]!;
}

describe("what an answer cost", () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

  test.each<[what: string, more: Json, cost: number | undefined]>([
    ["what OpenRouter says", { cost: 0.25, is_byok: false, cost_details: { upstream_inference_cost: 0.25 } }, 0.25],
    [
      "with a key of one's own, the host's price too",
      { cost: 0.0125, is_byok: true, cost_details: { upstream_inference_cost: 0.25 } },
      0.2625,
    ],
    ["with a key of one's own and no price", { cost: 0.0125, is_byok: true, cost_details: null }, 0.0125],
    ["nothing", { cost: 0 }, 0],
    ["unknown", { cost: null }, undefined],
  ])("%s", async (_, more, cost) => {
    const expected = cost === undefined ? undefined : { totalUsd: cost, source: "provider-reported" };
    const { cost: whole_, usage: counted } = await whole({ content: "A" }, { usage: { ...usage, ...more } });
    expect(whole_).toEqual(expected);
    expect(counted).toEqual({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
    expect((await streamed(chunk({ content: "A" }), last({ usage: { ...usage, ...more } }))).cost).toEqual(expected);
  });
});

test("who answered, and why its model stopped", async () => {
  expect((await whole({ content: "A" })).providerMetadata).toMatchObject({ openrouter: { provider: "Azure", nativeFinishReason: "STOP" } });
  const result = await streamed(": OPENROUTER PROCESSING\n\n", chunk({ content: "A" }), ": OPENROUTER PROCESSING\n\n", last());
  expect(result).toMatchObject({ text: "A", providerMetadata: { openrouter: { provider: "Azure", nativeFinishReason: "end_turn" } } });
});

test("sources and pictures", async () => {
  const annotations = [{ type: "url_citation", url_citation: { url: "https://example.com", title: "T", content: "C" } }];
  const images = [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }];
  for (const result of [
    await whole({ content: "A", annotations, images }),
    await streamed(chunk({ content: "A", annotations }), chunk({ images }), last()),
  ]) {
    expect(result.sources).toEqual([{ type: "source", url: "https://example.com", title: "T", text: "C" }]);
    expect(result.files).toEqual([{ type: "image", url: "data:image/png;base64,iVBORw0KGgo=" }]);
    expect(await sentBack(result)).toEqual({ role: "assistant", content: "A", images });
  }
});

test("a file that was read goes back, so that it is not read and paid for again", async () => {
  const file = { type: "file", file: { hash: "h", name: "a.pdf", content: [{ type: "text", text: "Hello" }] } };
  for (const result of [
    await whole({ content: "A", annotations: [file] }),
    await streamed(chunk({ content: "A", annotations: [file] }), last()),
  ])
    expect(await sentBack(result)).toEqual({ role: "assistant", content: "A", annotations: [file] });
});

describe("reasoning", () => {
  const text = (more: Json) => ({ type: "reasoning.text", format: "anthropic-claude-v1", index: 0, ...more });
  const summary = (more: Json) => ({ type: "reasoning.summary", format: "openai-responses-v1", index: 0, ...more });
  const hidden = { type: "reasoning.encrypted", format: "openai-responses-v1", id: "rs_1", index: 0, data: "gAAA" };
  const ran = (index: number) => ({
    type: "reasoning.server_tool_call",
    index,
    tool_call_id: `c${index}`,
    tool_name: "openrouter:fusion",
    arguments: "{}",
    result: "ok",
  });
  const think = (...reasoning_details: Json[]) =>
    chunk({ reasoning: reasoning_details.map((one) => one["text"] ?? one["summary"] ?? "").join("") || null, reasoning_details });

  test.each<[what: string, pieces: string[], blocks: Json[], words: string | undefined]>([
    [
      "text, signed at its end",
      [think(text({ text: "Hm" })), think(text({ text: "m" })), think(text({ signature: "s" }))],
      [text({ text: "Hmm", signature: "s" })],
      "Hmm",
    ],
    [
      "a summary, and what is behind it",
      [think(summary({ summary: "Hm" })), think(summary({ summary: "m" })), think(hidden)],
      [summary({ summary: "Hmm" }), hidden],
      "Hmm",
    ],
    ["nothing to see", [think(hidden)], [hidden], undefined],
    [
      "several blocks, in their order",
      [
        think(text({ text: "A" })),
        think(text({ text: "B", index: 1 })),
        think(text({ signature: "s", index: 1 })),
        think({ ...hidden, index: 2 }),
      ],
      [text({ text: "A" }), text({ text: "B", index: 1, signature: "s" }), { ...hidden, index: 2 }],
      "AB",
    ],
    [
      "several in one chunk",
      [think(summary({ summary: "A" }), summary({ summary: "B", index: 1 }), hidden, { ...hidden, id: "rs_2" })],
      [summary({ summary: "A" }), summary({ summary: "B", index: 1 }), hidden, { ...hidden, id: "rs_2" }],
      "AB",
    ],
    ["tools that OpenRouter ran", [think(ran(0)), think(ran(0))], [ran(0), ran(0)], undefined],
  ])("%s", async (_, pieces, blocks, words) => {
    const result = await streamed(...pieces, chunk({ content: "Yes" }), last());
    expect([result.reasoning, result.text]).toEqual([words, "Yes"]);
    const back = await sentBack(result);
    expect(back["reasoning_details"]).toEqual(blocks);
    expect(back["reasoning"]).toBe(words);
    expect(
      (await sentBack(await whole({ content: "Yes", reasoning: words ?? null, reasoning_details: blocks })))["reasoning_details"],
    ).toEqual(blocks);
  });

  test("a signature that comes after the text, and before a tool call", async () => {
    const call = { tool_calls: [{ index: 0, id: "t1", function: { name: "weather", arguments: "{}" } }] };
    const result = await streamed(
      think(text({ text: "Hm" })),
      chunk({ content: "Let me see" }),
      think(text({ signature: "s" })),
      chunk(call),
      last(),
    );
    expect(result.toolCalls).toMatchObject([{ toolCallId: "t1" }]);
    expect(await sentBack(result)).toMatchObject({
      content: "Let me see",
      reasoning: "Hm",
      reasoning_details: [text({ text: "Hm", signature: "s" })],
    });
  });

  test("what is kept back is marked so", async () => {
    const { messages } = await streamed(think(hidden), chunk({ content: "Yes" }), last());
    expect(messages).toMatchObject([{ content: [{ type: "reasoning", text: "", redacted: true }, { type: "text" }] }]);
  });
});

describe("errors", () => {
  const error = (code: number, more: Json = {}) => ({ error: { code, message: "Boom", ...more } });

  test.each<[status: number, body: Json, expected: Json, words: string]>([
    [400, error(400), { kind: "invalid-request" }, "Boom"],
    [401, error(401), { kind: "authentication" }, "Boom"],
    [402, error(402), { kind: "quota", retryable: false }, "Boom"],
    [403, error(403), { kind: "permission" }, "Boom"],
    [
      403,
      error(403, { metadata: { reasons: ["violence", "self-harm"], flagged_input: "…", provider_name: "OpenAI" } }),
      { kind: "content-filter", retryable: false },
      "OpenAI: Boom (violence, self-harm)",
    ],
    [404, error(404), { kind: "not-found" }, "Boom"],
    [408, error(408), { kind: "timeout", retryable: true }, "Boom"],
    [429, error(429), { kind: "rate-limit", retryable: true }, "Boom"],
    [502, error(502, { metadata: { provider_name: "Novita" } }), { kind: "server", retryable: true }, "Novita: Boom"],
    [503, error(503), { kind: "overloaded", retryable: true }, "Boom"],
    [400, error(400, { metadata: { error_type: "context_length_exceeded" } }), { kind: "context-length" }, "Boom"],
    [502, error(502, { metadata: { error_type: "provider_overloaded" } }), { kind: "overloaded" }, "Boom"],
    [
      400,
      error(400, { metadata: { provider_name: "Azure", raw: '{"error":{"message":"Too long","code":"context_length_exceeded"}}' } }),
      { kind: "context-length" },
      "Azure: Too long",
    ],
    [
      400,
      error(400, { metadata: { provider_name: "Azure", raw: { error: { message: "No such thing" } } } }),
      { kind: "invalid-request" },
      "Azure: No such thing",
    ],
    [502, error(502, { metadata: { provider_name: "Azure", raw: "upstream is gone" } }), { kind: "server" }, "Azure: upstream is gone"],
    [403, error(403, { metadata: { reasons: "violence", error_type: "constructor" } }), { kind: "permission" }, "Boom"],
    [502, error(502, { metadata: null }), { kind: "server" }, "Boom"],
  ])("status %i with %j", async (status, body, expected, words) => {
    answer = { status, body: JSON.stringify(body) };
    const thrown = await failure(client(server.url).chat("Hi"));
    expect(thrown).toMatchObject({ ...expected, status, provider: "openrouter" });
    expect(thrown.message).toContain(words);
  });

  test("the wait until a limit of OpenRouter's is over", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_790_000_000_000 });
    try {
      const metadata = { headers: { "X-RateLimit-Limit": "20", "X-RateLimit-Reset": "1790000042000" } };
      answer = { status: 429, body: JSON.stringify(error(429, { metadata })) };
      expect(await failure(client(server.url).chat("Hi"))).toMatchObject({ kind: "rate-limit", retryAfterMs: 42_000 });
      answer.headers = { "retry-after": "7" };
      expect(await failure(client(server.url).chat("Hi"))).toMatchObject({ retryAfterMs: 7000 });
    } finally {
      vi.useRealTimers();
    }
  });

  test("in the middle of a stream, with what came before", async () => {
    const choices = [{ index: 0, delta: { content: "" }, finish_reason: "error" }];
    const thrown = await failure(
      streamed(chunk({ content: "Par" }), event({ id: "g", choices, ...error(402, { metadata: { provider_name: "Azure" } }) })),
    );
    expect(thrown).toMatchObject({ kind: "quota", status: 402, partial: { text: "Par" } });
    expect(thrown.message).toContain("Azure: Boom");
    const named = await failure(streamed(chunk({ content: "Par" }), event({ choices, error: { code: "server_error", message: "Boom" } })));
    expect(named).toMatchObject({ kind: "server", retryable: true, partial: { text: "Par" } });
  });

  test("in a whole answer with a good status", async () => {
    answer = { body: JSON.stringify(error(502, { metadata: { raw: "gone", provider_name: "Azure" } })) };
    expect(await failure(client(server.url).chat("Hi"))).toMatchObject({ kind: "server", message: expect.stringContaining("Azure: gone") });
    answer = { body: JSON.stringify({ id: "g", choices: [{ message: { content: "Par" }, finish_reason: "error", ...error(429) }] }) };
    expect(await failure(client(server.url).chat("Hi"))).toMatchObject({ kind: "rate-limit", retryable: true });
  });
});
