import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { startLoopback, writePieces, type Loopback } from "../../conformance/src/index.ts";
import type { CallMetrics, CallOptions, ChatEvent, LlmError } from "../src/index.ts";
import type { ChatDelta } from "../src/provider.ts";
import { retryAfterOf } from "../src/provider/errors.ts";
import { retryDelay, toRetryPolicy } from "../src/pipeline/retry.ts";
import { LlmError as LlmErrorClass } from "../src/error.ts";
import { sse, toyContext } from "./toy.ts";

const text: ChatDelta = { type: "text", text: "begun" };
const usage: ChatDelta = { type: "usage", usage: { inputTokens: 3 } };
const finish: ChatDelta = { type: "finish", finishReason: "stop" };
const once: CallOptions = { retry: false };

/** The error of a streamed and of a whole call against a server that answers so. */
async function errorsOf(
  answer: (response: ServerResponse) => void | Promise<void>,
  options: CallOptions = once,
): Promise<{ streamed: LlmError; whole: LlmError; server: Loopback }> {
  await using server = await startLoopback((_, response) => answer(response));
  const llm = toyContext(server.url).llm();
  const streamed = await llm.stream("hi", options).result.then(() => expect.unreachable(), asLlmError);
  const whole = await llm.chat("hi", options).then(() => expect.unreachable(), asLlmError);
  return { streamed, whole, server };
}

function asLlmError(error: unknown): LlmError {
  expect(error).toBeInstanceOf(LlmErrorClass);
  expect(JSON.stringify(error)).not.toContain("canary-key-123");
  return error as LlmError;
}

describe("a stream that goes wrong", () => {
  test("a clean end before a finish reason", async () => {
    const { streamed } = await errorsOf((response) => void response.end(sse(text, usage)));
    expect(streamed).toMatchObject({ kind: "incomplete-stream", retryable: true, partial: { text: "begun", usage: { inputTokens: 3 } } });
  });

  test("a clean end inside an event", async () => {
    const { streamed } = await errorsOf((response) => void response.end(sse(text) + 'data: {"type":"te'));
    expect(streamed).toMatchObject({ kind: "incomplete-stream", partial: { text: "begun" } });
  });

  test("a reset in the middle, with the cause kept", async () => {
    const { streamed, whole } = await errorsOf((response) => {
      response.write(sse(text), () => response.destroy());
    });
    expect(streamed).toMatchObject({ kind: "incomplete-stream", partial: { text: "begun" }, cause: expect.any(Error) as Error });
    expect(whole).toMatchObject({ kind: "connection", retryable: true });
  });

  test("a finish reason without a terminator, and a terminator without a finish reason, are ends", async () => {
    await using server = await startLoopback((request, response) => {
      response.end(JSON.stringify(request.body).includes("bare") ? sse(text, "[DONE]") : sse(text, finish));
    });
    const llm = toyContext(server.url).llm();
    expect(await llm.stream("hi").result).toMatchObject({ text: "begun", finishReason: "stop" });
    expect(await llm.stream("bare").result).toMatchObject({ text: "begun", finishReason: "other" });
  });

  test("an event that is not JSON", async () => {
    const { streamed } = await errorsOf((response) => void response.end(sse(text, "{oops", finish)));
    expect(streamed).toMatchObject({ kind: "invalid-response", partial: { text: "begun" } });
  });

  test("an error event, classified, with what had arrived", async () => {
    const error: ChatDelta = { type: "error", facts: { kind: "overloaded", message: "too busy, canary-key-123" } };
    const { streamed } = await errorsOf((response) => void response.end(sse(text, error)));
    expect(streamed).toMatchObject({ kind: "overloaded", retryable: true, partial: { text: "begun" } });
  });

  test("events before a fault in the same chunk are delivered first", async () => {
    await using server = await startLoopback((_, response) => void response.end(sse(text, "{oops")));
    const seen: ChatEvent[] = [];
    const read = async () => {
      for await (const event of toyContext(server.url).llm().stream("hi", once)) seen.push(event);
    };
    await expect(read()).rejects.toMatchObject({ kind: "invalid-response" });
    expect(seen.map(({ type }) => type)).toEqual(["start", "text-start", "text"]);
  });

  test("what came last is delivered before the error that nothing more came", async () => {
    await using server = await startLoopback((_, response) => void response.end(sse(text).trimEnd()));
    const seen: ChatEvent[] = [];
    const read = async () => {
      for await (const event of toyContext(server.url).llm().stream("hi", once)) seen.push(event);
    };
    await expect(read()).rejects.toMatchObject({ kind: "incomplete-stream", partial: { text: "begun" } });
    expect(seen.map(({ type }) => type)).toEqual(["start", "text-start", "text"]);
  });

  test.each([
    ["a JSON error", '{"error":{"message":"quota is gone"}}', "quota is gone"],
    ["HTML", "<!doctype html><title>Login</title>", "Login"],
    ["nothing", "", "an empty body"],
    ["some other JSON", '{"hello":1}', "hello"],
  ])("200 with %s says what came", async (_, body, words) => {
    const { streamed, whole } = await errorsOf((response) => void response.end(body));
    expect(streamed.message).toContain(words);
    expect(whole.message).toContain(words === "hello" ? "no deltas" : words);
    expect(streamed.kind).toBe(words.startsWith("quota") ? "server" : "invalid-response");
  });

  test("the right body under an odd content type works, in 1-byte writes too", async () => {
    await using server = await startLoopback(async (_, response) => {
      response.setHeader("content-type", "application/json");
      await writePieces(
        response,
        Array.from(Buffer.from(sse(text, finish)), (byte) => Uint8Array.of(byte)),
      );
    });
    expect(await toyContext(server.url).llm().stream("hi").result).toMatchObject({ text: "begun" });
  });
});

describe("a whole response that goes wrong", () => {
  test.each(['{"deltas":[{"type":"text","te', '{"deltas":[', "[", "null", '"text"', "12"])(
    "%s is an error, never a result",
    async (body) => {
      const { whole } = await errorsOf((response) => void response.end(body));
      expect(whole).toMatchObject({ kind: "invalid-response" });
    },
  );

  test("half a body", async () => {
    const { whole } = await errorsOf((response) => {
      response.setHeader("content-length", 1000);
      response.write('{"deltas":[]', () => response.destroy());
    });
    expect(whole).toMatchObject({ kind: "connection", retryable: true });
  });
});

describe("statuses", () => {
  test.each([
    [400, "invalid-request", false],
    [401, "authentication", false],
    [402, "quota", false],
    [403, "permission", false],
    [404, "not-found", false],
    [413, "invalid-request", false],
    [422, "invalid-request", false],
    [429, "rate-limit", true],
    [500, "server", true],
    [502, "server", true],
    [503, "overloaded", true],
    [504, "server", true],
    [529, "overloaded", true],
  ])("%i is %s, with JSON, HTML and an empty body", async (status, kind, retryable) => {
    for (const body of ['{"error":{"message":"said canary-key-123 so"}}', "<html>oh</html>", ""]) {
      const { streamed, whole } = await errorsOf((response) => {
        response.statusCode = status;
        response.setHeader("request-id", "req-9");
        response.end(body);
      });
      for (const error of [streamed, whole]) {
        expect(error).toMatchObject({
          kind,
          retryable,
          status,
          requestId: "req-9",
          provider: "toy",
          model: "toy-1",
          cause: expect.any(Error) as Error,
        });
        if (body.startsWith("{")) expect(error.message).toContain("said [redacted] so");
      }
    }
  });

  test("a proxy's HTML page is told by its title", async () => {
    const { whole } = await errorsOf(
      (response) => void response.writeHead(502).end("<html><title>502 Bad Gateway</title><body>long</body></html>"),
    );
    expect(whole.message).toContain('[toy] 502: an HTML page, "502 Bad Gateway". A gateway');
  });

  test("a secret that the caller's own headers carry, and the vendor echoes, is taken out too", async () => {
    const { whole } = await errorsOf((response) => void response.writeHead(401).end('{"error":{"message":"bad Basic abcdef123"}}'), {
      retry: false,
      headers: { authorization: "Basic abcdef123" },
    });
    expect(whole.message).toContain("bad [redacted]");
  });

  test("a redirect to another origin is not followed, the key does not travel", async () => {
    await using other = await startLoopback((_, response) => void response.end("{}"));
    const { streamed } = await errorsOf((response) => {
      response.writeHead(307, { location: `${other.url}/x?key=secret` });
      response.end();
    });
    expect(streamed).toMatchObject({ kind: "invalid-response", status: 307 });
    expect(streamed.message).not.toContain("secret");
    expect(other.requests).toHaveLength(0);
  });

  test("a redirect within the origin is followed with its body", async () => {
    await using server = await startLoopback((request, response) => {
      if (request.path === "/chat") response.writeHead(308, { location: "/v2/chat" }).end();
      else response.end(sse(text, finish));
    });
    expect(await toyContext(server.url).llm().stream("hi").result).toMatchObject({ text: "begun" });
    expect(server.requests[1]!.body).toEqual(server.requests[0]!.body);
  });

  test("nobody listens", async () => {
    const server = await startLoopback(() => {});
    await server.close();
    const error = await toyContext(server.url)
      .llm()
      .chat("hi", once)
      .then(() => expect.unreachable(), asLlmError);
    expect(error).toMatchObject({ kind: "connection", retryable: true, message: expect.stringContaining("ECONNREFUSED") as string });
  });

  test("no address but loopback is called in tests", async () => {
    const error = await toyContext("https://api.example.com", { env: { PLURIVOX_NO_NETWORK: "1" } })
      .llm()
      .chat("hi", once)
      .then(() => expect.unreachable(), asLlmError);
    expect(error).toMatchObject({ kind: "configuration", message: expect.stringContaining("PLURIVOX_NO_NETWORK") as string });
  });
});

describe("timeouts", () => {
  const timesOut = (options: CallOptions, answer: (response: ServerResponse) => void) => errorsOf(answer, { retry: false, ...options });

  test("headers", async () => {
    const { streamed, whole } = await timesOut({ timeouts: { headersMs: 30 } }, () => {});
    expect([streamed, whole]).toMatchObject([
      { kind: "timeout", timeout: "headers", retryable: true },
      { kind: "timeout", timeout: "headers", retryable: true },
    ]);
  });

  test("first byte", async () => {
    const { streamed, whole } = await timesOut({ timeouts: { firstByteMs: 30 } }, (response) => response.flushHeaders());
    expect([streamed.timeout, whole.timeout]).toEqual(["first-byte", "first-byte"]);
  });

  test("idle, with what had arrived", async () => {
    const { streamed, whole } = await timesOut({ timeouts: { idleMs: 30 } }, (response) => void response.write(sse(text)));
    expect(streamed).toMatchObject({ timeout: "idle", partial: { text: "begun" } });
    expect(whole.timeout).toBe("idle");
  });

  test("total, over a dripping stream", async () => {
    const { streamed } = await timesOut({ timeoutMs: 400 }, (response) => {
      const drip = setInterval(() => response.write(sse({ type: "text", text: "." })), 5);
      response.on("close", () => clearInterval(drip));
    });
    expect(streamed).toMatchObject({ kind: "timeout", timeout: "total", retryable: false });
    expect(streamed.partial!.text.length).toBeGreaterThan(1);
  });
});

test("an abort does not wait for a key function", async () => {
  const hangs = toyContext("http://127.0.0.1:1", {
    profiles: { default: { provider: "toy", model: "m", baseURL: "http://127.0.0.1:1", apiKey: () => new Promise<string>(() => {}) } },
  });
  await expect(hangs.llm().chat("hi", { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ kind: "aborted" });
});

describe("retries", () => {
  test("a failure before the first delta is tried again, told by an event and recorded", async () => {
    let calls = 0;
    await using server = await startLoopback((_, response) => {
      calls++;
      if (calls === 1) response.writeHead(503, { "retry-after-ms": "1" }).end();
      else if (calls === 2) response.end();
      else response.end(sse(text, finish));
    });
    const stream = toyContext(server.url)
      .llm()
      .stream("hi", { retry: { maxAttempts: 3 } });
    const events: ChatEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(["retry", "retry", "start", "text-start", "text", "text-end", "step", "done"]);
    expect(events[0]).toMatchObject({ attempt: 1, error: { kind: "overloaded" } });
    const result = await stream.result;
    expect(result.attempts.map((attempt) => attempt.error?.kind)).toEqual(["overloaded", "invalid-response", undefined]);
    expect(result.metrics.attempts).toBe(3);
  });

  test("a failed attempt frees its socket before the wait", async () => {
    let calls = 0;
    await using server = await startLoopback((_, response) => {
      if (++calls === 1) response.write(sse({ type: "error", facts: { kind: "overloaded", retryAfterMs: 200 } }));
      else response.end(sse(text, finish));
    });
    const stream = toyContext(server.url).llm().stream("hi");
    for await (const event of stream) {
      if (event.type === "retry") await server.clientClosed();
      expect(event.type === "retry" || calls === 2).toBe(true);
    }
  });

  test("never after the first delta", async () => {
    const { streamed, server } = await errorsOf((response) => void response.end(sse({ type: "reasoning", text: "hm" })), {
      hideReasoning: true,
    });
    expect(streamed).toMatchObject({ kind: "incomplete-stream" });
    expect(server.requests.filter((request) => (request.body as { stream: boolean }).stream)).toHaveLength(1);
  });

  test("an abort ends the wait at once", async () => {
    await using server = await startLoopback((_, response) => void response.writeHead(429, { "retry-after": "30" }).end());
    const controller = new AbortController();
    const stream = toyContext(server.url).llm().stream("hi", { signal: controller.signal });
    const read = async () => {
      for await (const event of stream) if (event.type === "retry") setImmediate(() => controller.abort());
    };
    await expect(read()).rejects.toMatchObject({ kind: "aborted", attempts: [{ error: { kind: "rate-limit", retryAfterMs: 30_000 } }] });
  });

  test("a vendor that asks for more than maxWaitMs fails at once and says how long", async () => {
    const { whole } = await errorsOf((response) => void response.writeHead(429, { "retry-after": "3600" }).end(), {});
    expect(whole).toMatchObject({ kind: "rate-limit", retryAfterMs: 3_600_000 });
    expect(whole.attempts).toHaveLength(1);
  });

  test("never waits shorter than asked, nor longer than is left", () => {
    const error = new LlmErrorClass("rate-limit", "x", { retryAfterMs: 900 });
    const policy = toRetryPolicy(undefined);
    for (const random of [0, 0.5, 1]) expect(retryDelay(error, 1, policy, Number.POSITIVE_INFINITY, random)).toBeGreaterThanOrEqual(900);
    expect(retryDelay(error, 1, policy, 800)).toBeUndefined();
    expect(retryDelay(error, 3, policy, Number.POSITIVE_INFINITY)).toBeUndefined();
    expect(retryDelay(new LlmErrorClass("authentication", "x"), 1, policy, Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  test("Retry-After in all its forms", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(retryAfterOf(new Headers({ "retry-after": "3" }), now)).toBe(3000);
    expect(retryAfterOf(new Headers({ "retry-after": "0.5" }), now)).toBe(500);
    expect(retryAfterOf(new Headers({ "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT" }), now)).toBe(7000);
    expect(retryAfterOf(new Headers({ "retry-after-ms": "20", "retry-after": "3" }), now)).toBe(20);
    expect(retryAfterOf(new Headers({ "retry-after": "soon" }), now)).toBeUndefined();
    expect(retryAfterOf(new Headers(), now)).toBeUndefined();
  });
});

test("metrics are told once for every call, however it ended", async () => {
  await using server = await startLoopback((request, response) => {
    const body = JSON.stringify(request.body);
    if (body.includes("fail")) response.writeHead(401).end();
    else if (body.includes("stall")) response.write(sse(text));
    else response.end(sse(text, finish));
  });
  const context = toyContext(server.url);
  const seen: CallMetrics[] = [];
  const mine: CallMetrics[] = [];
  const off = context.on("metrics", (metrics) => seen.push(metrics));
  const llm = context.llm();
  llm.on("metrics", (metrics) => mine.push(metrics));
  await llm.stream("fine").result;
  await llm.stream("fail").result.catch(() => {});
  for await (const event of llm.stream("stall")) if (event.type === "text") break;
  expect(seen).toMatchObject([
    { cancelled: false },
    { cancelled: false, error: { kind: "authentication" } },
    { cancelled: true, error: { kind: "aborted" } },
  ]);
  expect(mine).toEqual(seen);
  off();
  await llm.stream("fine").result;
  expect(seen).toHaveLength(3);
  expect(mine).toHaveLength(4);
});
