import { isLlmError, type ChatResult, type LlmError } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { client, type Json } from "./support.ts";

let status = 200;
let headers: Record<string, string> = {};
let reply = "";
const server = await startLoopback((_request, response) => {
  const type = /^(event|data):/.test(reply) ? "text/event-stream" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers }).end(reply);
});
afterAll(() => server.close());
beforeEach(() => {
  status = 200;
  headers = {};
});

const llm = client(server.url);
const chunk = (delta: Json, finish: string | null = null, more: Json = {}): Json => ({
  id: "c1",
  model: "m",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});

function whole(message: Json, more: Json = {}): Promise<ChatResult> {
  reply = JSON.stringify({ id: "c1", model: "m", choices: [{ index: 0, message, finish_reason: "stop" }], ...more });
  return llm.chat("Hi");
}

function streamed(...chunks: Json[]): Promise<ChatResult> {
  reply = `${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("")}data: [DONE]\n\n`;
  return llm.stream("Hi").result;
}

async function failure(result: Promise<unknown>): Promise<LlmError> {
  const thrown: unknown = await result.catch((error: unknown) => error);
  if (!isLlmError(thrown)) throw new Error("It did not fail.");
  return thrown;
}

describe("answers", () => {
  const search = { index: 0, type: "search", arguments: '{"query":"x"}' };
  const found = { results: [{ url: "https://a.example/", title: "A", content: "About a", score: 0.9 }, { url: "https://b.example/" }] };
  const browser = { index: 1, type: "function", name: "browser.open", arguments: "" };
  const pages = [
    { url: "https://a.example/", title: "A" },
    { url: "https://c.example/", title: "C" },
  ];
  const hoped = {
    text: "Well.",
    reasoning: "Let me look.",
    finishReason: "stop",
    toolCalls: [
      { toolCallId: "c1-0", toolName: "search", input: { query: "x" }, providerExecuted: true },
      { toolCallId: "c1-1", toolName: "browser.open", input: {}, providerExecuted: true },
    ],
    toolResults: [
      { toolCallId: "c1-0", toolName: "search", output: { output: "Title: A", search_results: found } },
      { toolCallId: "c1-1", toolName: "browser.open", output: { browser_results: pages } },
    ],
    sources: [
      { type: "source", url: "https://a.example/", title: "A", text: "About a" },
      { type: "source", url: "https://b.example/" },
      { type: "source", url: "https://c.example/", title: "C" },
    ],
  };

  test("tools that Groq ran, whole", async () => {
    const executed_tools = [
      { ...search, output: "Title: A", search_results: found },
      { ...browser, browser_results: pages },
    ];
    expect(await whole({ content: "Well.", reasoning: "Let me look.", executed_tools })).toMatchObject(hoped);
  });

  test("tools that Groq ran, streamed: first the call, then the same with its result", async () => {
    const result = await streamed(
      chunk({ role: "assistant", reasoning: "Let me " }),
      chunk({ reasoning: "look." }),
      chunk({ executed_tools: [{ ...search, output: null, search_results: { results: [] } }] }),
      chunk({ executed_tools: [{ ...search, output: "Title: A", search_results: found }] }),
      chunk({ executed_tools: [browser] }),
      chunk({
        executed_tools: [
          { ...search, output: "Title: A", search_results: found },
          { ...browser, browser_results: pages },
        ],
      }),
      chunk({ content: "Well." }),
      chunk({}, "stop"),
    );
    expect(result).toMatchObject(hoped);
    expect(result.messages[0]!.content).toMatchObject(
      ["reasoning", "tool-call", "tool-result", "source", "source", "tool-call", "tool-result", "source", "text"].map((type) => ({ type })),
    );
  });

  test("citations name documents and tool results", async () => {
    const annotations = [
      { type: "document_citation", document_citation: { document_id: "d1", start_index: 0, end_index: 4 } },
      { type: "function_citation", function_citation: { tool_call_id: "t1", start_index: 0, end_index: 4 } },
    ];
    expect((await whole({ content: "Well.", annotations })).sources).toEqual([
      { type: "source", documentId: "d1", providerMetadata: { groq: { annotation: annotations[0] } } },
      { type: "source", documentId: "t1", providerMetadata: { groq: { annotation: annotations[1] } } },
    ]);
    expect((await streamed(chunk({ content: "Well." }), chunk({ annotations }), chunk({}, "stop"))).sources).toHaveLength(2);
  });

  test("usage is where it is, and absent where it is not", async () => {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 5,
      total_tokens: 14,
      queue_time: 0.1,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };
    const counted = { inputTokens: 9, outputTokens: 5, totalTokens: 14, cacheReadTokens: 4, reasoningTokens: 3 };
    expect((await whole({ content: "A" }, { usage, x_groq: { usage: { dram_cached_tokens: 1 } } })).usage).toEqual(counted);
    expect((await streamed(chunk({ content: "A" }), chunk({}, "stop", { x_groq: { id: "r", usage } }))).usage).toEqual(counted);
    expect((await streamed(chunk({ content: "A" }), chunk({}, "stop"), { choices: [], usage })).usage).toEqual(counted);
    expect((await streamed(chunk({ content: "A" }), chunk({}, "stop", { x_groq: { id: "r" } }))).usage).toEqual({});
    expect((await whole({ content: "A" }, { x_groq: { usage: { dram_cached_tokens: 1 } } })).usage).toEqual({});
  });

  test("the tier that was used", async () => {
    expect((await whole({ content: "A" }, { service_tier: "flex" })).providerMetadata).toEqual({ groq: { serviceTier: "flex" } });
  });

  test.each([
    ["stop", "stop"],
    ["length", "length"],
    ["made_up", "other"],
  ])("%s means %s", async (raw, finishReason) => {
    expect(await streamed(chunk({ content: "A" }), chunk({}, raw))).toMatchObject({ finishReason, rawFinishReason: raw });
  });
});

describe("errors", () => {
  const body = (code: string | undefined, more: Json = {}) =>
    JSON.stringify({ error: { message: "It failed", type: "invalid_request_error", code, ...more } });

  test.each<[status: number, body: string, kind: string, retryable: boolean]>([
    [400, body(undefined), "invalid-request", false],
    [400, body("tool_use_failed", { failed_generation: "<function=f{}" }), "invalid-response", true],
    [400, body("json_validate_failed", { failed_generation: "{" }), "invalid-response", true],
    [400, body("output_parse_failed"), "invalid-response", true],
    [400, body("context_length_exceeded"), "context-length", false],
    [400, body("model_decommissioned"), "not-found", false],
    [400, body("model_terms_required"), "permission", false],
    [400, body("organization_restricted"), "permission", false],
    [400, body("blocked_api_access"), "quota", false],
    [400, body("spend_limit_reached"), "quota", false],
    [401, body("invalid_api_key"), "authentication", false],
    [403, body(undefined), "permission", false],
    [404, body("model_not_found"), "not-found", false],
    [413, body("rate_limit_exceeded", { type: "tokens" }), "quota", false],
    [413, body(undefined), "invalid-request", false],
    [422, body(undefined), "invalid-request", false],
    [429, body("rate_limit_exceeded", { type: "requests" }), "rate-limit", true],
    [498, body("capacity_exceeded"), "overloaded", true],
    [500, body(undefined, { type: "internal_server_error" }), "server", true],
    [503, JSON.stringify({ error: "It failed" }), "overloaded", true],
    [502, "<html><title>It failed</title></html>", "server", true],
    [500, "", "server", true],
  ])("%i %s is %s", async (code, text, kind, retryable) => {
    status = code;
    reply = text;
    headers = { "x-request-id": "req_1" };
    for (const error of [await failure(llm.chat("Hi")), await failure(llm.stream("Hi").result)]) {
      expect(error).toMatchObject({ kind, retryable, status: code, requestId: "req_1", provider: "groq" });
      if (text !== "") expect(error.message).toContain("It failed");
    }
  });

  test("what the model wrote is told, and what to do", async () => {
    status = 400;
    reply = body("tool_use_failed", { failed_generation: `<f>${"x".repeat(1000)}` });
    const { hint } = await failure(llm.chat("Hi"));
    expect(hint).toMatch(/^The model wrote "<f>x{497}"\. Send the call again/);
    reply = body(undefined, { message: "json mode cannot be combined with tool/function calling" });
    expect((await failure(llm.chat("Hi"))).hint).toContain('mode: "prompt"');
  });

  test.each<[headers: Record<string, string>, waitMs: number | undefined]>([
    [{ "retry-after": "7", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2m" }, 7000],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "7.66s" }, 7660],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2m59.56s" }, 179_560],
    [
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1h2m",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "120ms",
      },
      3_720_000,
    ],
    [{ "x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "2m" }, undefined],
  ])("%j is a wait of %s ms", async (given, waitMs) => {
    status = 429;
    headers = given;
    reply = body("rate_limit_exceeded");
    expect((await failure(llm.chat("Hi"))).retryAfterMs).toBe(waitMs);
  });

  test("in a stream, by event, by field, and in Groq's corner; what came before is kept", async () => {
    const text = (data: Json, event = "") =>
      `data: ${JSON.stringify(chunk({ content: "Well" }))}\n\n${event}data: ${JSON.stringify(data)}\n\n`;
    const inner = { message: "It failed", type: "invalid_request_error", code: "tool_use_failed", failed_generation: "", status_code: 400 };
    const cases: [string, Json][] = [
      [text({ error: inner }, "event: error\n"), { kind: "invalid-response", retryable: true, status: 400 }],
      [text({ error: inner }), { kind: "invalid-response", retryable: true, status: 400 }],
      [text({ error: { message: "It failed", status_code: 503 } }, "event: error\n"), { kind: "overloaded", retryable: true, status: 503 }],
      [text({ message: "It failed" }, "event: error\n"), { kind: "server", retryable: true }],
      [text(chunk({}, null, { x_groq: { id: "r", error: "It failed" } })), { kind: "server", retryable: true }],
    ];
    for (const [given, facts] of cases) {
      reply = given;
      const error = await failure(llm.stream("Hi").result);
      expect(error).toMatchObject({ ...facts, partial: { text: "Well" } });
      expect(error.message).toContain("It failed");
    }
  });

  test.each(["{}", '{"choices":[]}', '{"choices":null}', "[]"])("200 with %s is no answer", async (text) => {
    reply = text;
    expect((await failure(llm.chat("Hi"))).kind).toBe("invalid-response");
  });
});
