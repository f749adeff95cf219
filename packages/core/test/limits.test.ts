import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startLoopback, type Handler, type Loopback } from "../../conformance/src/loopback.ts";
import { createContext, isLlmError, type Limits, type LLM, type LlmError } from "../src/index.ts";
import { Gate } from "../src/pipeline/gate.ts";
import { MemoryLimitStore } from "../src/pipeline/limit-store.ts";
import { untilReset } from "../src/provider/rate-limits.ts";
import { sse, toy } from "./toy.ts";

const ANSWER = sse(
  { type: "text", text: "Hello" },
  { type: "usage", usage: { inputTokens: 40, outputTokens: 20 } },
  { type: "finish", finishReason: "stop" },
  "[DONE]",
);

let server: Loopback;
let handle: Handler;
beforeAll(async () => {
  server = await startLoopback((...received) => handle(...received));
});
afterAll(() => server.close());
beforeEach(() => {
  handle = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(ANSWER);
});

function client(limits: Limits, more: object = {}): LLM {
  const profiles = { default: { provider: "toy", model: "m", baseURL: server.url, apiKey: "k", retry: false as const, limits, ...more } };
  return createContext({ providers: [toy()], env: {}, profiles }).llm();
}

const failure = (call: PromiseLike<unknown>): Promise<LlmError> =>
  Promise.resolve(call).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => (isLlmError(error) ? error : expect.unreachable(String(error))),
  );

describe("the store in memory", () => {
  test("no 60 seconds hold more requests than allowed", () => {
    let now = 0;
    const store = new MemoryLimitStore(() => now);
    const limits = { requestsPerMinute: 2 };
    expect(store.take("g", 1, limits)).toBe(0);
    now = 10_000;
    expect(store.take("g", 1, limits)).toBe(0);
    expect(store.take("g", 1, limits)).toBe(50_000);
    expect(store.take("another", 1, limits)).toBe(0);
    now = 60_000;
    expect(store.take("g", 1, limits)).toBe(0);
    expect(store.take("g", 1, limits)).toBe(10_000);
  });

  test("nor more tokens, as estimated and then as used", () => {
    let now = 0;
    const store = new MemoryLimitStore(() => now);
    const limits = { tokensPerMinute: 100 };
    expect(store.take("g", 60, limits)).toBe(0);
    now = 1_000;
    expect(store.take("g", 60, limits)).toBe(59_000);
    store.correct("g", -40);
    expect(store.take("g", 60, limits)).toBe(0);
    store.correct("g", 500);
    now = 60_999;
    expect(store.take("g", 1, limits)).toBe(1);
    now = 61_000;
    expect(store.take("g", 1, limits)).toBe(0);
  });

  test("what is larger than a minute's tokens goes alone", () => {
    const store = new MemoryLimitStore(() => 0);
    expect(store.take("g", 500, { tokensPerMinute: 100 })).toBe(0);
    expect(store.take("g", 1, { tokensPerMinute: 100 })).toBe(60_000);
  });

  test("a vendor's word holds everything back", () => {
    let now = 0;
    const store = new MemoryLimitStore(() => now);
    store.block("g", 5_000);
    store.block("g", 1_000);
    expect(store.take("g", 1, {})).toBe(5_000);
    now = 5_000;
    expect(store.take("g", 1, {})).toBe(0);
  });

  test("reservations count as long as they last, and a day ends at midnight UTC", () => {
    let now = 0;
    const store = new MemoryLimitStore(() => now);
    const budget = { tokensPerDay: 100, tokensTotal: 150 };
    expect(store.reserve("g", { least: 10, most: 70 }, budget)).toBe(70);
    expect(store.reserve("g", { least: 10, most: 70 }, budget)).toBe(30);
    expect(store.reserve("g", { least: 1, most: 1 }, budget)).toBe(0);
    store.spend("g", 70, { tokens: 20, output: 5 });
    store.spend("g", 30, { tokens: 60, output: 15 });
    expect(store.spending("g")).toEqual({ day: 80, total: 80, reserved: 0, averageOutput: 10 });
    now = 86_400_000;
    expect(store.reserve("g", { least: 10, most: 100 }, budget)).toBe(70);
  });
});

describe("the gate", () => {
  const entry = (more: object = {}) => ({
    take: () => 0,
    maxConcurrent: 1,
    maxWaitMs: 10_000,
    signal: new AbortController().signal,
    tooLong: (ms?: number) => new Error(`too long: ${ms}`),
    ...more,
  });

  test("lets through in order, one when one leaves", async () => {
    const gate = new Gate();
    const order: number[] = [];
    await gate.enter(entry());
    const others = [1, 2, 3].map((number) => gate.enter(entry()).then(() => order.push(number)));
    for (const [index, other] of others.entries()) {
      expect(order).toHaveLength(index);
      gate.leave();
      await other;
    }
    expect(order).toEqual([1, 2, 3]);
  });

  test("one that gives up leaves the row, and nobody behind it waits for it", async () => {
    const gate = new Gate();
    const stop = new AbortController();
    await gate.enter(entry());
    const first = gate.enter(entry({ signal: stop.signal }));
    const second = gate.enter(entry());
    stop.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    gate.leave();
    await second;
  });

  test("a wait that would be too long is refused at once, and the next may go", async () => {
    const gate = new Gate();
    const first = gate.enter(entry({ take: () => 20_000 }));
    const second = gate.enter(entry());
    await expect(first).rejects.toThrow("too long: 20000");
    await second;
  });

  test("patience ends also behind others", async () => {
    const gate = new Gate();
    await gate.enter(entry());
    await expect(gate.enter(entry({ maxWaitMs: 5 }))).rejects.toThrow("too long: undefined");
  });

  test("a short wait is waited for, by asking once more", async () => {
    const gate = new Gate();
    const waits = [5, 0];
    let asked = 0;
    await gate.enter(entry({ take: () => waits[asked++] }));
    expect(asked).toBe(2);
  });

  test("a store that fails refuses who asked, and lets the next ask", async () => {
    const gate = new Gate();
    const failing = gate.enter(entry({ take: () => Promise.reject(new Error("no store")) }));
    const next = gate.enter(entry());
    await expect(failing).rejects.toThrow("no store");
    await next;
  });
});

describe("limits of a profile", () => {
  test("requests beyond the minute's are a rate-limit error that says when, once waiting would take too long", async () => {
    const llm = client({ requestsPerMinute: 2, maxWaitMs: 100 });
    await llm.stream("Hi").result;
    await llm.stream("Hi").result;
    const requests = server.requests.length;
    const error = await failure(llm.stream("Hi").result);
    expect(error).toMatchObject({ kind: "rate-limit", retryable: false });
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(server.requests).toHaveLength(requests);
  });

  test("no more at the same time than allowed, in the order of the calls, across profiles of a group", async () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    handle = async (request, response) => {
      most = Math.max(most, ++running);
      order.push((request.body as { messages: { content: string }[] }).messages[0]!.content);
      await new Promise(setImmediate);
      running--;
      response.writeHead(200, { "content-type": "text/event-stream" }).end(ANSWER);
    };
    const limits = { group: "account", maxConcurrent: 1 };
    const settings = { provider: "toy", model: "m", baseURL: server.url, apiKey: "k", limits };
    const context = createContext({ providers: [toy()], env: {}, profiles: { a: settings, b: settings } });
    const names = ["1", "2", "3", "4", "5", "6"];
    await Promise.all(names.map((name, index) => context.llm(index % 2 === 0 ? "a" : "b").stream(name).result));
    expect(most).toBe(1);
    expect(order).toEqual(names);
  });

  test("a place is free again after a failure, a break and an abort", async () => {
    const llm = client({ maxConcurrent: 1, maxWaitMs: 5_000 });
    handle = (_request, response) => void response.writeHead(500).end("{}");
    await failure(llm.stream("Hi").result);
    handle = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).write(ANSWER.slice(0, 40));
    for await (const event of llm.stream("Hi")) if (event.type === "text") break;
    await failure(llm.stream("Hi", { signal: AbortSignal.abort() }).result);
    handle = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(ANSWER);
    expect((await llm.stream("Hi").result).text).toBe("Hello");
  });

  test("waiting ends with the caller's signal", async () => {
    const stop = new AbortController();
    const llm = client({ maxConcurrent: 1 });
    handle = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).write(ANSWER.slice(0, 40));
    const first = llm.stream("Hi");
    await first[Symbol.asyncIterator]().next();
    const second = failure(llm.stream("Hi", { signal: stop.signal }).result);
    stop.abort();
    expect(await second).toMatchObject({ kind: "aborted" });
    first.cancel();
    await failure(first.result);
  });

  test("what a vendor's headers say holds the next call back", async () => {
    handle = (_request, response) => {
      const headers = { "content-type": "text/event-stream", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "90s" };
      response.writeHead(200, headers).end(ANSWER);
    };
    const llm = client({ maxWaitMs: 50 });
    await llm.stream("Hi").result;
    expect(await failure(llm.stream("Hi").result)).toMatchObject({ kind: "rate-limit" });
  });
});

describe("budgets", () => {
  test("the total is used up by what was used", async () => {
    const llm = client({ budget: { tokensTotal: 100 } });
    await llm.stream("Hi").result;
    await llm.stream("Hi").result;
    const requests = server.requests.length;
    const error = await failure(llm.stream("Hi").result);
    expect(error).toMatchObject({ kind: "budget", retryable: false });
    expect(error.message).toContain("tokensTotal");
    expect(server.requests).toHaveLength(requests);
  });

  test("calls at the same time cannot use more than is left: what they may use is reserved", async () => {
    const llm = client({ budget: { tokensPerDay: 100 } }, { maxOutputTokens: 30 });
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => llm.stream("Hi").result));
    const done = calls.filter(({ status }) => status === "fulfilled");
    expect(done).toHaveLength(3);
    for (const call of calls) if (call.status === "rejected") expect(call.reason).toMatchObject({ kind: "budget" });
  });

  test("a call that asks for too much is refused", async () => {
    const error = await failure(client({ budget: { tokensPerCall: 50 } }).stream("Hi", { maxOutputTokens: 60 }).result);
    expect(error).toMatchObject({ kind: "budget" });
    expect(error.message).toContain("tokensPerCall");
  });

  test("retries count: a call's own budget ends them", async () => {
    handle = (_request, response) => {
      const failed = sse({ type: "usage", usage: { inputTokens: 40, outputTokens: 20 } }, { type: "error", facts: { kind: "server" } });
      response.writeHead(200, { "content-type": "text/event-stream" }).end(failed);
    };
    const llm = client({ budget: { tokensPerCall: 50 } }, { retry: { maxAttempts: 5 } });
    const error = await failure(llm.stream("Hi").result);
    expect(error).toMatchObject({ kind: "budget" });
    expect(error.attempts).toHaveLength(1);
  });

  test("a reservation is given back when the call fails", async () => {
    handle = (_request, response) => void response.writeHead(500).end("{}");
    const llm = client({ budget: { tokensTotal: 100 } }, { maxOutputTokens: 80 });
    for (let i = 0; i < 3; i++) expect(await failure(llm.stream("Hi").result)).toMatchObject({ kind: "server" });
  });

  test("a vendor that does not say what it used is taken to have used the prompt and what came", async () => {
    const silent = sse({ type: "text", text: "x".repeat(160) }, { type: "finish", finishReason: "stop" }, "[DONE]");
    handle = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(silent);
    const llm = client({ budget: { tokensTotal: 120 } }, { maxOutputTokens: 60 });
    const { usage, metrics } = await llm.stream("Hi").result;
    expect([usage, metrics.usage]).toEqual([{}, {}]);
    await llm.stream("Hi", { maxOutputTokens: 50 }).result;
    expect(await failure(llm.stream("Hi").result)).toMatchObject({ kind: "budget" });
  });

  test("a store that fails afterwards ends neither the call nor the process", async () => {
    const limitStore = new MemoryLimitStore();
    limitStore.spend = () => Promise.reject(new Error("gone")) as never;
    limitStore.correct = () => {
      throw new Error("gone");
    };
    const profiles = { default: { provider: "toy", model: "m", baseURL: server.url, apiKey: "k", limits: { requestsPerMinute: 9 } } };
    const llm = createContext({ providers: [toy()], env: {}, profiles, limitStore }).llm();
    expect((await llm.stream("Hi").result).text).toBe("Hello");
    await new Promise(setImmediate);
  });

  test("dollars are refused as long as there are no prices", async () => {
    expect(await failure(client({ budget: { usdTotal: 1 } }).stream("Hi").result)).toMatchObject({ kind: "configuration" });
  });
});

describe("a vendor's rate-limit headers", () => {
  test.each([
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" }, 360_000],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms" }, 120],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30.5s" }, 90_500],
    [{ "x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": "120ms" }, 0],
    [{ "vendor-ratelimit-input-tokens-remaining": "0", "vendor-ratelimit-input-tokens-reset": "2026-11-21T00:00:10Z" }, 10_000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" }, 30_000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Date.parse("2026-11-21T00:00:05Z")) }, 5_000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Date.parse("2026-11-21T00:00:05Z") / 1000) }, 5_000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon" }, 0],
    [{ "content-type": "text/plain" }, 0],
  ])("%o", (headers, ms) => {
    expect(untilReset(new Headers(headers as Record<string, string>), Date.parse("2026-11-21T00:00:00Z"))).toBe(ms);
  });
});
