import { describe, expect, test } from "vitest";
import { startLoopback, type Loopback } from "../../conformance/src/index.ts";
import { isLlmError, type ChatEvent, type ChatResult, type LLM } from "../src/index.ts";
import type { ChatDelta } from "../src/provider.ts";
import { sse, toyContext } from "./toy.ts";

const words: ChatDelta[] = [
  { type: "text", text: "Hel" },
  { type: "text", text: "lo" },
  { type: "usage", usage: { inputTokens: 3, outputTokens: 2 } },
  { type: "finish", finishReason: "stop", rawFinishReason: "done" },
];

/** A server that streams these deltas at once. */
async function serving(...deltas: (ChatDelta | string)[]): Promise<Loopback & { llm: LLM }> {
  const server = await startLoopback((_, response) => {
    response.setHeader("content-type", "text/event-stream");
    response.setHeader("x-request-id", "req-1");
    response.end(sse(...deltas));
  });
  return Object.assign(server, { llm: toyContext(server.url).llm() });
}

/** A server that writes one delta and then nothing. */
async function stalling(): Promise<Loopback & { llm: LLM }> {
  const server = await startLoopback((_, response) => {
    response.setHeader("content-type", "text/event-stream");
    response.write(sse({ type: "text", text: "begun" }));
  });
  return Object.assign(server, { llm: toyContext(server.url).llm() });
}

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The error that a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error,
  );
}

describe("events", () => {
  test("come in order, with starts and ends derived, and the result is whole", async () => {
    await using server = await serving(
      { type: "metadata", id: "resp-1", model: "toy-1-dated" },
      { type: "reasoning", text: "Let me " },
      { type: "reasoning", text: "see." },
      { type: "reasoning", text: "", providerMetadata: { toy: { signature: "s1" } } },
      ...words,
    );
    const stream = server.llm.stream("hi");
    const events = await collect(stream);
    expect(events.map(({ type }) => type)).toEqual([
      "start",
      "reasoning-start",
      "reasoning",
      "reasoning",
      "reasoning-end",
      "text-start",
      "text",
      "text",
      "text-end",
      "usage",
      "step",
      "done",
    ]);
    expect(events[0]).toEqual({ type: "start", provider: "toy", model: "toy-1", requestId: "req-1" });
    const result = await stream.result;
    expect(events.at(-1)).toEqual({ type: "done", result });
    expect(result).toMatchObject({
      text: "Hello",
      reasoning: "Let me see.",
      finishReason: "stop",
      rawFinishReason: "done",
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      provider: "toy",
      model: "toy-1",
      responseModel: "toy-1-dated",
      responseId: "resp-1",
      requestId: "req-1",
      messages: [
        {
          role: "assistant",
          provider: "toy",
          content: [
            { type: "reasoning", text: "Let me see.", providerMetadata: { toy: { signature: "s1" } } },
            { type: "text", text: "Hello" },
          ],
        },
      ],
    });
    expect(result.metrics).toMatchObject({ label: "toy/toy-1", profile: "default", cancelled: false, attempts: 1, requestId: "req-1" });
    expect(result.metrics.ttftMs).toBeGreaterThan(0);
    expect(result.metrics.durationMs).toBeGreaterThanOrEqual(result.metrics.ttftMs!);
    expect(result.metrics.tokensPerSecond).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(result.messages))).toEqual(result.messages);
  });

  test("a whole response gives the same result as the stream", async () => {
    const deltas: ChatDelta[] = [{ type: "tool-call", toolCallId: "c1", toolName: "f", inputText: '{"a":1}' }, ...words];
    await using server = await startLoopback((request, response) => {
      response.end((request.body as { stream: boolean }).stream ? sse(...deltas) : JSON.stringify({ deltas }));
    });
    const llm = toyContext(server.url).llm();
    const timeless = ({ metrics: _m, attempts: _a, raw: _r, ...rest }: ChatResult) => rest;
    const whole = await llm.chat("hi");
    expect(timeless(whole)).toEqual(timeless(await llm.stream("hi").result));
    expect(whole.raw).toEqual({ deltas });
    expect(whole.toolCalls).toEqual([{ toolCallId: "c1", toolName: "f", input: { a: 1 } }]);
    expect(whole.finishReason).toBe("tool-calls");
  });

  test("interleaved tool calls, text between them, input parsed only at the end", async () => {
    await using server = await serving(
      { type: "text", text: "a" },
      { type: "tool-call", part: 0, toolCallId: "x", toolName: "f", inputText: '{"n":' },
      { type: "tool-call", part: 1, toolCallId: "y", toolName: "g", inputText: "[]" },
      { type: "text", text: "b" },
      { type: "tool-call", part: 0, inputText: "1}" },
      { type: "tool-call", part: 1, inputText: "", end: true },
      { type: "finish", finishReason: "stop" },
    );
    const stream = server.llm.stream("hi");
    const events = await collect(stream);
    const calls = events.filter((event) => event.type.startsWith("tool-call"));
    expect(calls.map((event) => `${event.type} ${(event as { toolCallId: string }).toolCallId}`)).toEqual([
      "tool-call-start x",
      "tool-call-delta x",
      "tool-call-start y",
      "tool-call-delta y",
      "tool-call-delta x",
      "tool-call x",
      "tool-call y",
    ]);
    const result = await stream.result;
    expect(result.text).toBe("ab");
    expect(result.toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ["f", { n: 1 }],
      ["g", []],
    ]);
  });

  test("tool input that is not JSON keeps its text and says so", async () => {
    await using server = await serving(
      { type: "tool-call", toolName: "f", inputText: "{oops" },
      { type: "finish", finishReason: "tool-calls" },
    );
    const { toolCalls } = await server.llm.stream("hi").result;
    expect(toolCalls).toMatchObject([{ toolName: "f", input: "{oops", invalid: { kind: "tool", toolName: "f" } }]);
    expect(toolCalls[0]!.toolCallId).toMatch(/^call_[0-9a-f]{24}$/);
  });

  test("refusals are told apart from text", async () => {
    await using server = await serving({ type: "text", text: "No.", refusal: true }, { type: "finish", finishReason: "stop" });
    const stream = server.llm.stream("hi");
    expect((await collect(stream)).map(({ type }) => type)).toEqual(["start", "refusal", "step", "done"]);
    expect(await stream.result).toMatchObject({
      text: "",
      refusal: "No.",
      messages: [{ content: [{ type: "text", text: "No.", refusal: true }] }],
    });
  });

  test("hidden reasoning stays in the messages only", async () => {
    await using server = await serving({ type: "reasoning", text: "hm" }, ...words);
    const stream = server.llm.stream("hi", { hideReasoning: true });
    expect((await collect(stream)).some(({ type }) => type.startsWith("reasoning"))).toBe(false);
    const result = await stream.result;
    expect(result.reasoning).toBeUndefined();
    expect(result.messages[0]).toMatchObject({
      content: [
        { type: "reasoning", text: "hm" },
        { type: "text", text: "Hello" },
      ],
    });
  });

  test("several answers carry their index", async () => {
    await using server = await serving(
      { type: "text", text: "one", choice: 0 },
      { type: "text", text: "two", choice: 1 },
      { type: "finish", finishReason: "stop", choice: 1 },
      { type: "finish", finishReason: "length", choice: 0 },
    );
    const stream = server.llm.stream("hi", { n: 2 });
    const texts = (await collect(stream)).filter((event) => event.type === "text");
    expect(texts).toEqual([
      { type: "text", text: "one", choice: 0 },
      { type: "text", text: "two", choice: 1 },
    ]);
    expect((await stream.result).choices).toMatchObject([
      { index: 0, text: "one", finishReason: "length" },
      { index: 1, text: "two", finishReason: "stop" },
    ]);
  });

  test("raw events only where asked for", async () => {
    await using server = await serving(...words);
    const raw = (await collect(server.llm.stream("hi", { includeRaw: true }))).filter(({ type }) => type === "raw");
    expect(raw.map((event) => (event as { raw: unknown }).raw)).toEqual(words);
  });

  test("usage that nobody sent is absent, the last of several values wins", async () => {
    await using none = await serving({ type: "text", text: "x" }, { type: "finish", finishReason: "stop" });
    expect((await none.llm.stream("hi").result).usage).toEqual({});
    await using twice = await serving(
      { type: "usage", usage: { inputTokens: 5, outputTokens: 1 } },
      { type: "text", text: "x" },
      { type: "finish", finishReason: "stop" },
      { type: "usage", usage: { outputTokens: 9, reasoningTokens: 4 } },
    );
    expect((await twice.llm.stream("hi").result).usage).toEqual({ inputTokens: 5, outputTokens: 9, reasoningTokens: 4, totalTokens: 14 });
  });
});

describe("reading a stream", () => {
  test("nothing is sent before the first pull, and never for a stream that is not read", async () => {
    await using server = await serving(...words);
    const unread = server.llm.stream("hi");
    const iterator = server.llm.stream("hi")[Symbol.asyncIterator]();
    expect(server.requests).toHaveLength(0);
    await iterator.next();
    expect(server.requests).toHaveLength(1);
    await iterator.return!();
    await unread[Symbol.asyncDispose]();
    expect(await failure(unread.result)).toMatchObject({ kind: "aborted" });
    expect(server.requests).toHaveLength(1);
  });

  test("result alone drains; an iterator taken after that throws", async () => {
    await using server = await serving(...words);
    const stream = server.llm.stream("hi");
    expect((await stream.result).text).toBe("Hello");
    expect(await failure(collect(stream))).toMatchObject({ kind: "configuration" });
    expect(await stream.result).toBe(await stream.result);
  });

  test("result and iteration side by side", async () => {
    await using server = await serving(...words);
    const stream = server.llm.stream("hi");
    const [result, events] = await Promise.all([stream.result, collect(stream)]);
    expect(events.at(-1)).toEqual({ type: "done", result });
  });

  test("whoever asks for several events at once gets them in order, and an end for each that there is none for", async () => {
    await using server = await serving(...words);
    const events = server.llm.stream("hi")[Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 12 }, () => events.next()));
    const types = steps.map((step) => (step.done ? "end" : step.value.type));
    expect(types).toEqual(["start", "text-start", "text", "text", "text-end", "usage", "step", "done", "end", "end", "end", "end"]);
  });

  test("of several who wait, the first is told the error", async () => {
    await using server = await serving({ type: "text", text: "half" });
    const events = server.llm.stream("hi")[Symbol.asyncIterator]();
    const steps = await Promise.allSettled(Array.from({ length: 6 }, () => events.next()));
    expect(steps.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(steps[3]).toMatchObject({ reason: { kind: "incomplete-stream" } });
    expect(steps.slice(4)).toEqual([5, 6].map(() => ({ status: "fulfilled", value: { value: undefined, done: true } })));
  });

  test("textStream gives the text", async () => {
    await using server = await serving({ type: "reasoning", text: "hm" }, ...words);
    const pieces: string[] = [];
    for await (const text of server.llm.stream("hi").textStream) pieces.push(text);
    expect(pieces).toEqual(["Hel", "lo"]);
  });

  test("onDelta gets the text in order, is awaited, and streams for chat() too", async () => {
    await using server = await serving(...words);
    const heard: string[] = [];
    const onDelta = async (text: string) => {
      await Promise.resolve();
      heard.push(text);
    };
    const result = await server.llm.chat("hi", { onDelta });
    expect(result.text).toBe("Hello");
    expect(heard).toEqual(["Hel", "lo"]);
    expect(server.requests[0]!.body).toMatchObject({ stream: true });
    const stream = server.llm.stream("hi", { onDelta });
    await stream.result;
    expect(heard).toEqual(["Hel", "lo", "Hel", "lo"]);
  });

  test("an onDelta that throws aborts the call and is the cause", async () => {
    await using server = await serving(...words);
    const oops = new Error("oops");
    const error = await failure(
      server.llm.chat("hi", {
        onDelta: () => {
          throw oops;
        },
      }),
    );
    expect(error).toMatchObject({ kind: "aborted", cause: oops });
  });

  test("tee gives both branches everything", async () => {
    await using server = await serving(...words);
    const [left, right] = server.llm.stream("hi").tee();
    const [a, b] = await Promise.all([collect(left), collect(right)]);
    expect(a).toEqual(b);
    expect(await left.result).toBe(await right.result);
    expect(server.requests).toHaveLength(1);
  });

  test("the faster branch of a tee waits for the slower after 64 events", async () => {
    const many = Array.from({ length: 200 }, (_, index): ChatDelta => ({ type: "text", text: `${index} ` }));
    await using server = await serving(...many, { type: "finish", finishReason: "stop" });
    const [fast, slow] = server.llm.stream("hi").tee();
    const seen: ChatEvent[] = [];
    const reading = (async () => {
      for await (const event of fast) seen.push(event);
    })();
    const slowly = slow[Symbol.asyncIterator]();
    for (let i = 0; i < 10; i++) await slowly.next();
    await new Promise((settled) => setImmediate(settled));
    expect(seen.length).toBeLessThanOrEqual(75);
    await slowly.return!();
    await reading;
    expect(seen.at(-1)).toMatchObject({ type: "done" });
  });

  test("a tee is aborted when both branches are cancelled, not before", async () => {
    await using server = await stalling();
    const [left, right] = server.llm.stream("hi").tee();
    for await (const event of left) if (event.type === "text") break;
    expect(server.openSockets).toBe(1);
    for await (const event of right) if (event.type === "text") break;
    await server.clientClosed();
    expect(await failure(left.result)).toMatchObject({ kind: "aborted" });
    expect(await failure(right.result)).toMatchObject({ kind: "aborted" });
  });
});

describe("ending early", () => {
  test("break closes the socket; result rejects with what had arrived", async () => {
    await using server = await stalling();
    const stream = server.llm.stream("hi");
    for await (const event of stream) if (event.type === "text") break;
    await server.clientClosed();
    expect(await failure(stream.result)).toMatchObject({ kind: "aborted", partial: { text: "begun" } });
  });

  test("also where all of the answer had come already", async () => {
    await using server = await serving(...words);
    const left = server.llm.stream("hi");
    for await (const event of left) if (event.type === "text") break;
    expect(await failure(left.result)).toMatchObject({ kind: "aborted", partial: { text: "Hello" } });
    const controller = new AbortController();
    const stream = server.llm.stream("hi", { signal: controller.signal });
    const error = await failure(
      (async () => {
        for await (const event of stream) if (event.type === "text") controller.abort();
      })(),
    );
    expect(error).toMatchObject({ kind: "aborted", partial: { text: "Hello" } });
    expect(await failure(stream.result)).toBe(error);
  });

  test("cancel() ends a read that waits", async () => {
    await using server = await stalling();
    const stream = server.llm.stream("hi");
    const why = new Error("enough");
    const error = await failure(
      (async () => {
        for await (const event of stream) if (event.type === "text") setImmediate(() => stream.cancel(why));
      })(),
    );
    expect(error).toMatchObject({ kind: "aborted", cause: why, partial: { text: "begun" } });
    await server.clientClosed();
    expect(await failure(stream.result)).toBe(error);
  });

  test("cancel() between two reads is told to the next one", async () => {
    await using server = await stalling();
    const stream = server.llm.stream("hi");
    const error = await failure(
      (async () => {
        for await (const event of stream) if (event.type === "text") stream.cancel();
      })(),
    );
    expect(error).toMatchObject({ kind: "aborted" });
  });

  test("the caller's signal ends it, also while nobody pulls, and keeps no listener", async () => {
    await using server = await stalling();
    const controller = new AbortController();
    const stream = server.llm.stream("hi", { signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort();
    await server.clientClosed();
    expect(await failure(stream.result)).toMatchObject({ kind: "aborted" });
    expect(await failure(iterator.next())).toMatchObject({ kind: "aborted" });
    expect(await iterator.next()).toMatchObject({ done: true });
  });

  test("a signal that was aborted before sends nothing", async () => {
    await using server = await serving(...words);
    const signal = AbortSignal.abort(new Error("too late"));
    expect(await failure(server.llm.chat("hi", { signal }))).toMatchObject({ kind: "aborted" });
    expect(await failure(server.llm.stream("hi", { signal }).result)).toMatchObject({ kind: "aborted" });
    expect(server.requests).toHaveLength(0);
  });

  test("await using closes the socket", async () => {
    await using server = await stalling();
    {
      await using stream = server.llm.stream("hi");
      await stream[Symbol.asyncIterator]().next();
    }
    await server.clientClosed();
  });

  test("an ended stream leaves its connection for the next call", async () => {
    await using server = await serving(...words, "[DONE]");
    for (let i = 0; i < 5; i++) await server.llm.stream("hi").result;
    // The second call may start before the first connection is free again; after that there is always one.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test("a slow reader is no timeout", async () => {
    await using server = await serving(...words);
    const events: ChatEvent[] = [];
    for await (const event of server.llm.stream("hi", { timeouts: { idleMs: 40, firstByteMs: 40 } })) {
      events.push(event);
      if (event.type === "text-start") await new Promise((later) => setTimeout(later, 120));
    }
    expect(events.at(-1)).toMatchObject({ type: "done" });
  });

  test("isLlmError narrows by kind", async () => {
    await using server = await stalling();
    const error = await failure(server.llm.stream("hi", { timeouts: { idleMs: 30 }, retry: false }).result);
    expect(isLlmError(error)).toBe(true);
    expect(isLlmError(error, "timeout") && error.timeout).toBe("idle");
    expect(isLlmError(error, "aborted")).toBe(false);
    expect(isLlmError(new Error("x"))).toBe(false);
  });
});
