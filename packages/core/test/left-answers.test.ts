import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startLoopback, type Handler, type Loopback } from "../../conformance/src/index.ts";
import { isLlmError, tool, type CallMetrics, type CallOptions, type Limits, type LlmError, type ProfileSettings } from "../src/index.ts";
import type { ChatDelta } from "../src/provider.ts";
import { sse, toyContext } from "./toy.ts";

let server: Loopback;
let handle: Handler;
let metrics: CallMetrics[];
beforeAll(async () => {
  server = await startLoopback((...received) => handle(...received));
});
afterAll(() => server.close());
beforeEach(() => {
  metrics = [];
});

const WORDS = "A few words of an answer that is left. ".repeat(4);
const text: ChatDelta = { type: "text", text: WORDS };
const PROMPT = "p".repeat(400);
/** By rule of thumb, a quarter of the characters. */
const ESTIMATED = { inputTokens: 100, outputTokens: WORDS.length / 4, totalTokens: 100 + WORDS.length / 4, estimated: true };

const begun = (response: ServerResponse, ...deltas: (ChatDelta | string)[]): boolean =>
  response.writeHead(200, { "content-type": "text/event-stream" }).write(sse(...deltas));

/** The answer begins and never ends. */
const begins =
  (...deltas: ChatDelta[]): Handler =>
  (_request, response) =>
    void begun(response, ...deltas);

function client(limits?: Limits, more: ProfileSettings = {}) {
  const profile = { provider: "toy", model: "toy-1", baseURL: server.url, apiKey: "canary-key-123", retry: false as const, ...more };
  const context = toyContext(server.url, { profiles: { default: { ...profile, ...(limits && { limits }) } } });
  context.on("metrics", (measured) => void metrics.push(measured));
  return context.llm();
}

const failure = (call: PromiseLike<unknown>): Promise<LlmError> =>
  Promise.resolve(call).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => (isLlmError(error) ? error : expect.unreachable(String(error))),
  );

/** Reads until the first event of a type, and leaves. */
async function leave(llm: ReturnType<typeof client>, type = "text", options: CallOptions = {}): Promise<LlmError> {
  const stream = llm.stream(PROMPT, options);
  const failed = failure(stream.result);
  for await (const event of stream) if (event.type === type) break;
  return failed;
}

describe("an answer that was left counts as what came of it", () => {
  const ways: [how: string, handler: Handler, run: (llm: ReturnType<typeof client>) => Promise<LlmError>][] = [
    ["by break", begins(text), (llm) => leave(llm)],
    [
      "by cancel",
      begins(text),
      async (llm) => {
        const stream = llm.stream(PROMPT);
        const failed = failure(stream.result);
        const reader = stream[Symbol.asyncIterator]();
        for (let next = await reader.next(); next.value?.type !== "text";) next = await reader.next();
        stream.cancel();
        return failed;
      },
    ],
    [
      "by a signal",
      begins(text),
      async (llm) => {
        const stop = new AbortController();
        return failure(llm.stream(PROMPT, { signal: stop.signal, onDelta: () => stop.abort() }).result);
      },
    ],
    ["by a timeout", begins(text), (llm) => failure(llm.stream(PROMPT, { timeouts: { idleMs: 30 } }).result)],
    ["by the deadline", begins(text), (llm) => failure(llm.stream(PROMPT, { timeoutMs: 200 }).result)],
    [
      "by the network",
      (_request, response) => {
        begun(response, text);
        setImmediate(() => response.destroy());
      },
      (llm) => failure(llm.stream(PROMPT).result),
    ],
    ["by the vendor", (_request, response) => (begun(response, text), void response.end()), (llm) => failure(llm.stream(PROMPT).result)],
    [
      "by an error",
      (_request, response) => {
        begun(response, text, { type: "error", facts: { kind: "server", message: "Bad day" } });
        response.end();
      },
      (llm) => failure(llm.stream(PROMPT).result),
    ],
  ];
  test.each(ways)("%s", async (_, handler, run) => {
    handle = handler;
    const error = await run(client());
    expect(error.partial?.text).toBe(WORDS);
    expect(error.partial?.usage).toEqual(ESTIMATED);
    expect(error.attempts).toMatchObject([{ usage: ESTIMATED }]);
    expect(metrics).toMatchObject([{ usage: ESTIMATED, kind: "chat" }]);
  });

  test("of all that the model wrote: reasoning, a refusal, the input of a tool call, and every choice", async () => {
    const words = "w".repeat(40);
    const written: ChatDelta[] = [
      { type: "reasoning", text: words },
      { type: "text", text: words, refusal: true },
      { type: "tool-call", part: "a", toolCallId: "a", toolName: "f", inputText: words },
      { type: "tool-call", part: "b", toolCallId: "b", toolName: "f", input: { a: "w".repeat(32) } },
      { type: "text", text: words, choice: 1 },
      { type: "text", text: "!" },
    ];
    handle = begins(...written);
    const { partial } = await leave(client(), "text", { n: 2 });
    const before = partial!.usage.outputTokens!;
    handle = begins(...written.slice(0, 4), { type: "text", text: "!" });
    expect([before, (await leave(client())).partial!.usage.outputTokens]).toEqual([51, 41]);
  });

  test("what the vendor has told is kept, and what it had told of the output is no less than what came", async () => {
    const input = { inputTokens: 7, cacheReadTokens: 3 };
    handle = begins({ type: "usage", usage: { ...input, outputTokens: 1 } }, text);
    const outputTokens = WORDS.length / 4;
    const { partial } = await leave(client());
    expect(partial!.usage).toEqual({ ...input, outputTokens, totalTokens: 7 + outputTokens, estimated: true });
    handle = begins({ type: "usage", usage: { ...input, outputTokens: 900 } }, text);
    expect((await leave(client())).partial!.usage).toEqual({ ...input, outputTokens: 900 });
  });

  test("what the vendor told of an answer that it finished stands", async () => {
    const usage = { inputTokens: 7, outputTokens: 2 };
    handle = begins(text, { type: "usage", usage }, { type: "finish", finishReason: "stop" });
    const error = await failure(client().stream(PROMPT, { timeouts: { idleMs: 30 } }).result);
    expect(error.partial!.usage).toEqual(usage);
  });

  test("of which nothing came, nothing is known", async () => {
    handle = (_request, response) => void response.writeHead(500).end();
    expect((await failure(client().chat(PROMPT))).attempts![0]).not.toHaveProperty("usage");
    handle = begins({ type: "metadata", id: "x" });
    const error = await failure(client().stream(PROMPT, { timeouts: { idleMs: 30 } }).result);
    expect(error.attempts![0]).not.toHaveProperty("usage");
    handle = begins({ type: "usage", usage: { inputTokens: 9 } });
    expect((await failure(client().stream(PROMPT, { timeouts: { idleMs: 30 } }).result)).attempts).toMatchObject([
      { usage: { inputTokens: 9 } },
    ]);
  });

  test("the sum with a second attempt is an estimate too", async () => {
    const told = { inputTokens: 100, outputTokens: 5, totalTokens: 105 };
    let requests = 0;
    handle = (_request, response) => {
      if (requests++ === 0) begun(response, text);
      else begun(response, text, { type: "usage", usage: told }, { type: "finish", finishReason: "stop" });
      response.end();
    };
    const { usage, attempts, metrics: own } = await client(undefined, { retry: { midStream: true, maxAttempts: 2 } }).stream(PROMPT).result;
    const outputTokens = ESTIMATED.outputTokens + 5;
    expect(usage).toEqual({ inputTokens: 200, outputTokens, totalTokens: 200 + outputTokens, estimated: true });
    expect(own.usage).toEqual(usage);
    expect(attempts.map((attempt) => attempt.usage)).toEqual([ESTIMATED, told]);
  });
});

describe("budgets of answers that were left", () => {
  const each = ESTIMATED.totalTokens;

  test.each(["one after the other", "at the same time"])("a hundred streams, %s", async (how) => {
    handle = begins(text);
    const llm = client({ budget: { tokensTotal: 4_000 } });
    const all: LlmError[] = [];
    if (how === "at the same time")
      all.push(...(await Promise.all(Array.from({ length: 100 }, () => leave(llm).catch((error: LlmError) => error)))));
    else for (let i = 0; i < 100; i++) all.push(await leave(llm).catch((error: LlmError) => error));
    const passed = all.filter(({ kind }) => kind === "aborted").length;
    expect(passed).toBeGreaterThan(0);
    expect(passed * each).toBeLessThanOrEqual(4_000 + each);
    expect(all.filter(({ kind }) => kind === "budget")).toHaveLength(100 - passed);
    if (how === "one after the other") expect(passed).toBe(Math.ceil((4_000 - 100) / each));
  });

  test("whoever leaves before anything came uses nothing", async () => {
    handle = begins({ type: "metadata", id: "x" });
    const llm = client({ budget: { tokensTotal: 150 } });
    for (let i = 0; i < 5; i++) expect((await failure(llm.stream(PROMPT, { timeouts: { idleMs: 30 } }).result)).kind).toBe("timeout");
  });

  test("tokens of a minute are corrected by what came", async () => {
    handle = begins({ type: "text", text: "w".repeat(4_000) });
    const llm = client({ tokensPerMinute: 1_000, maxWaitMs: 50 });
    await leave(llm);
    expect((await failure(llm.stream("Hi").result)).kind).toBe("rate-limit");
  });

  test("the steps of a loop count under tokensPerCall, also where the vendor is silent", async () => {
    let steps = 0;
    handle = (_request, response) => {
      const call: ChatDelta = {
        type: "tool-call",
        part: "a",
        toolCallId: `c${steps++}`,
        toolName: "again",
        inputText: JSON.stringify({ a: "w".repeat(200) }),
      };
      begun(response, call, { type: "finish", finishReason: "tool-calls" });
      response.end();
    };
    const again = tool({ name: "again", description: "Again", input: { type: "object" }, execute: () => "more" });
    const error = await failure(client({ budget: { tokensPerCall: 1_000 } }).stream("Go", { tools: [again], maxSteps: 20 }).result);
    expect(error).toMatchObject({ kind: "budget" });
    expect(error.message).toContain("tokensPerCall");
    expect(steps).toBeLessThan(8);
  });
});

test("metrics say whose call it was, however it ended", async () => {
  const whose = { user: "u-1", metadata: { team: "search" } };
  handle = begins(text);
  await leave(client(), "text", whose);
  handle = (_request, response) => void response.writeHead(400).end();
  await failure(client().chat("Hi", whose));
  handle = (_request, response) => {
    begun(response, text, { type: "finish", finishReason: "stop" });
    response.end();
  };
  const result = await client().stream("Hi", whose).result;
  await client().stream("Hi").result;
  expect(metrics).toMatchObject([
    { kind: "chat", cancelled: true, ...whose },
    { kind: "chat", ...whose },
    { kind: "chat", ...whose },
    { kind: "chat" },
  ]);
  expect(result.metrics).toMatchObject({ kind: "chat", ...whose });
  expect(metrics[3]).not.toHaveProperty("metadata");
});
