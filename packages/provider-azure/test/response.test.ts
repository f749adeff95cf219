import { isLlmError, type ChatResult } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let answer: { status?: number; headers?: Record<string, string>; body: object | (object | string)[]; later?: object } = {
  body: {},
};
const server = await startLoopback((request, response) => {
  const { status = 200, headers = {}, body: first, later } = answer;
  const body = request.method === "GET" ? later! : first;
  const isStream = Array.isArray(body);
  response.writeHead(status, { "content-type": isStream ? "text/event-stream" : "application/json", ...headers });
  const text = (event: object | string) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`;
  response.end(isStream ? body.map(text).join("") : JSON.stringify(body));
});
afterAll(() => server.close());

const llm = (api: "chat" | "responses" = "chat") => client({ baseURL: server.url, api });

function streamed(...events: (object | string)[]): Promise<ChatResult> {
  answer = { body: [...events, "[DONE]"] };
  return llm().stream("Hi").result;
}

async function failure(status: number, error: unknown, headers: Record<string, string> = {}) {
  answer = { status, headers, body: { error } };
  const thrown: unknown = await llm()
    .chat("Hi")
    .catch((reason: unknown) => reason);
  if (!isLlmError(thrown)) throw thrown;
  return thrown;
}

const safe = { filtered: false, severity: "safe" };
const delta = (piece: Json, more: Json = {}) => ({ id: "c", model: "m", choices: [{ index: 0, delta: piece, ...more }] });

describe("content filters", () => {
  const filterResult = { hate: safe, violence: { filtered: true, severity: "high" }, jailbreak: { filtered: true, detected: true } };

  test("a refused prompt says for what", async () => {
    const error = await failure(400, {
      message: "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      type: null,
      param: "prompt",
      code: "content_filter",
      status: 400,
      innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: filterResult },
    });
    expect(error).toMatchObject({ kind: "content-filter", status: 400, retryable: false });
    expect(error.message).toContain("Filtered for: violence, jailbreak.");
  });

  test("so does one that is refused in the stream, on either wire", async () => {
    answer = {
      body: [
        delta({ content: "Par" }),
        { error: { message: "Filtered", code: "content_filter", innererror: { content_filter_result: filterResult } } },
      ],
    };
    await expect(llm().stream("Hi").result).rejects.toMatchObject({
      kind: "content-filter",
      message: expect.stringContaining("violence, jailbreak"),
      partial: { text: "Par" },
    });
    const response = {
      status: "failed",
      error: { code: "content_filter", message: "Filtered" },
      content_filters: [{ blocked: true, source_type: "prompt", content_filter_results: filterResult }],
    };
    answer = { body: [{ type: "response.failed", response }] };
    await expect(llm("responses").stream("Hi").result).rejects.toMatchObject({
      kind: "content-filter",
      message: expect.stringContaining("violence, jailbreak"),
    });
  });

  test("an answer that was cut keeps what was found, and nothing of what was not", async () => {
    const result = await streamed(
      {
        id: "",
        model: "",
        choices: [],
        prompt_filter_results: [
          { prompt_index: 0, content_filter_results: { hate: safe, jailbreak: { filtered: false, detected: true } } },
        ],
      },
      delta({ content: "Once" }, { content_filter_results: { hate: safe } }),
      delta({ content: " upon" }, { content_filter_results: { hate: { filtered: false, severity: "low" } } }),
      delta({}, { finish_reason: "content_filter", content_filter_results: { violence: { filtered: true, severity: "high" } } }),
    );
    expect(result).toMatchObject({ text: "Once upon", finishReason: "content-filter", rawFinishReason: "content_filter" });
    expect(result.providerMetadata).toEqual({
      azure: {
        promptFilter: { jailbreak: { filtered: false, detected: true } },
        contentFilter: { hate: { filtered: false, severity: "low" }, violence: { filtered: true, severity: "high" } },
      },
    });
    await expect(
      (async () => {
        answer = { body: { choices: [{ message: { content: "Once" }, finish_reason: "content_filter" }] } };
        return llm().complete("Hi");
      })(),
    ).rejects.toMatchObject({ kind: "content-filter" });
  });

  test("a clean answer has none of it", async () => {
    answer = {
      body: {
        id: "c",
        model: "m",
        choices: [{ message: { content: "Hi" }, finish_reason: "stop", content_filter_results: { hate: safe } }],
        prompt_filter_results: [{ content_filter_results: { hate: safe } }],
      },
    };
    expect((await llm().chat("Hi")).providerMetadata).toBeUndefined();
  });

  test("the asynchronous filter reports beside the text, and after the end", async () => {
    const late = (results: Json, reason: string | null = null) => ({
      id: "",
      model: "",
      object: "",
      created: 0,
      choices: [
        {
          index: 0,
          finish_reason: reason,
          logprobs: null,
          content_filter_results: results,
          content_filter_offsets: { check_offset: 44, start_offset: 44, end_offset: 198 },
        },
      ],
    });
    const result = await streamed(
      delta({ role: "assistant", content: "Fine" }, { content_filter_results: {} }),
      late({ hate: safe }),
      delta({}, { finish_reason: "stop", content_filter_results: {} }),
      late({ protected_material_code: { filtered: false, detected: true } }),
    );
    expect(result).toMatchObject({ text: "Fine", finishReason: "stop" });
    expect(result.providerMetadata).toEqual({ azure: { contentFilter: { protected_material_code: { filtered: false, detected: true } } } });
  });

  test("of a response", async () => {
    answer = {
      body: {
        status: "incomplete",
        incomplete_details: { reason: "content_filter" },
        output: [{ type: "message", id: "m", content: [{ type: "output_text", text: "Once" }] }],
        content_filters: [
          { source_type: "prompt", content_filter_results: { hate: safe } },
          { source_type: "completion", content_filter_results: { violence: { filtered: true, severity: "high" } } },
        ],
      },
    };
    expect(await llm("responses").chat("Hi")).toMatchObject({
      text: "Once",
      finishReason: "content-filter",
      providerMetadata: { azure: { contentFilter: { violence: { filtered: true, severity: "high" } } } },
    });
  });
});

test("an answer that is made in the background is asked for below the same address", async () => {
  const reply = (status: string, output: Json[] = []) => ({ id: "resp_1", status, background: true, output });
  answer = {
    body: reply("queued"),
    later: reply("completed", [{ type: "message", id: "m", content: [{ type: "output_text", text: "Hello" }] }]),
  };
  const azure = client({ baseURL: `${server.url}/openai/v1`, api: "responses", apiVersion: "preview" });
  const { text } = await azure.chat("Hi", { providerOptions: { azure: { background: true } } });
  expect(text).toBe("Hello");
  const { method, path, headers } = server.requests.at(-1)!;
  expect([method, path]).toEqual(["GET", "/openai/v1/responses/resp_1?api-version=preview"]);
  expect(headers["api-key"]).toBe("0123456789abcdef");
});

describe("on your data", () => {
  const context = {
    intent: '["plans"]',
    citations: [
      { title: "Plans", url: "https://example.com/plans.pdf", filepath: "plans.pdf", chunk_id: "0", content: "Silver and gold." },
      { title: null, url: null, filepath: "notes.md", chunk_id: "1", content: "Notes." },
    ],
  };
  const sources = [
    { type: "source", url: "https://example.com/plans.pdf", title: "Plans", documentId: "plans.pdf", text: "Silver and gold." },
    { type: "source", documentId: "notes.md", text: "Notes." },
  ];

  test("citations are sources, streamed and whole", async () => {
    const result = await streamed(
      delta({ role: "assistant", context }),
      delta({ content: "Two [doc1][doc2]." }, { end_turn: false }),
      delta({}, { finish_reason: "stop", end_turn: true }),
    );
    expect(result).toMatchObject({ text: "Two [doc1][doc2].", sources });
    answer = {
      body: {
        choices: [
          { index: 0, finish_reason: "stop", message: { role: "assistant", content: "Two [doc1][doc2].", end_turn: true, context } },
        ],
      },
    };
    expect(await llm().chat("Hi")).toMatchObject({ text: "Two [doc1][doc2].", sources });
  });
});

describe("other vendors' models", () => {
  test("reasoning is read, and sent back as it came", async () => {
    const result = await streamed(delta({ reasoning_content: "Hm." }), delta({ content: "Yes" }), delta({}, { finish_reason: "stop" }));
    expect(result).toMatchObject({ reasoning: "Hm.", text: "Yes" });
    answer = { body: { choices: [{ message: { content: "Go" }, finish_reason: "stop" }] } };
    const stored = JSON.parse(JSON.stringify(result.messages)) as typeof result.messages;
    await llm().chat([{ role: "user", content: "Hi" }, ...stored, { role: "user", content: "Go on" }]);
    expect((server.requests.at(-1)!.body as { messages: Json[] }).messages[1]).toEqual({
      role: "assistant",
      content: "Yes",
      reasoning_content: "Hm.",
    });
  });
});

describe("errors", () => {
  test.each<[status: number, error: Json, expected: Json]>([
    [
      404,
      { type: "invalid_request_error", code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." },
      { kind: "not-found", retryable: false, hint: expect.stringContaining("azureDeployment") },
    ],
    [404, { code: "404", message: "Resource not found" }, { kind: "not-found", hint: expect.stringContaining("apiVersion") }],
    [401, { code: "401", message: "Access denied" }, { kind: "authentication", hint: expect.stringContaining("base URL") }],
    [
      401,
      { code: "PermissionDenied", message: "The principal lacks the required data action." },
      { kind: "permission", retryable: false, hint: expect.stringContaining("Cognitive Services OpenAI User") },
    ],
    [403, { code: "403", message: "Access denied due to Virtual Network/Firewall rules." }, { kind: "permission" }],
    [429, { code: "RateLimitReached", message: "Your requests have exceeded the rate limit." }, { kind: "rate-limit", retryable: true }],
    [429, { code: "insufficient_quota", message: "You exceeded your current quota." }, { kind: "quota", retryable: false }],
    [
      400,
      { code: "unsupported_parameter", message: "Unsupported parameter: 'max_tokens'." },
      { kind: "invalid-request", retryable: false },
    ],
    [400, { code: "context_length_exceeded", message: "Too long." }, { kind: "context-length" }],
    [408, { code: "Timeout", message: "The operation was timeout." }, { kind: "timeout", retryable: true }],
    [500, { code: "InternalServerError", message: "Boom" }, { kind: "server", retryable: true }],
    [503, { code: "ServiceUnavailable", message: "Overloaded" }, { kind: "overloaded", retryable: true }],
  ])("%i %o", async (status, error, expected) => {
    const thrown = await failure(status, error);
    expect(thrown).toMatchObject({ status, provider: "azure", ...expected });
    expect(thrown.message).toContain(String(error["message"]).replace(/\.$/, ""));
  });

  test("a wait is as long as the service says, to the millisecond", async () => {
    const error = { code: "429", message: "Slow down" };
    expect(await failure(429, error, { "retry-after": "1", "retry-after-ms": "250" })).toMatchObject({ retryAfterMs: 250 });
    expect(await failure(429, error, { "retry-after": "7" })).toMatchObject({ retryAfterMs: 7000 });
  });

  test("an error of a gateway is no object", async () => {
    answer = { status: 401, body: { statusCode: 401, message: "Access denied due to missing subscription key." } };
    await expect(llm().chat("Hi")).rejects.toMatchObject({ kind: "authentication", message: expect.stringContaining("subscription key") });
  });
});
