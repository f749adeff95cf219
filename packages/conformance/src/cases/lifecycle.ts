import type { CallMetrics, ChatEvent, ChatStream } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothFailures, collect, essence, essentials, failure, settle, within } from "../expect.ts";
import { begin, says, unfinished, type Case, type Kit, type Served } from "../kit.ts";
import { HELLO, RICH, TOOLS } from "../samples.ts";

export const lifecycleCases: readonly Case[] = [
  { name: "events", run: events },
  { name: "result-alone", run: resultAlone },
  { name: "text-stream", run: textStream },
  { name: "on-delta", run: onDelta },
  { name: "tee", run: tee },
  { name: "never-iterated", run: neverIterated },
  { name: "break", run: breaks },
  { name: "cancel", run: (kit) => cancelled(kit, (stream) => stream.cancel("enough")) },
  { name: "dispose", run: (kit) => cancelled(kit, (stream) => void stream[Symbol.asyncDispose]()) },
  { name: "abort", run: abort },
  { name: "abort-before-the-answer", run: abortBeforeAnswer },
  { name: "pre-abort", run: preAbort },
  { name: "concurrent", run: concurrent },
];

async function events(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(RICH));
  const stream = served.llm.stream("hi", TOOLS);
  const all = await collect(stream);
  const result = await stream.result;
  assert.equal(all[0]?.type, "start", "the first event");
  assert.deepEqual(
    all.slice(-2).map(({ type }) => type),
    ["step", "done"],
    "the last events",
  );
  const last = all.at(-1)!;
  assert.ok(last.type === "done" && last.result === result, "the last event should hold the result");
  const said = (type: "text" | "reasoning") => all.map((event) => (event.type === type ? event.text : "")).join("");
  assert.equal(said("text"), result.text, "the text events should add up to the text");
  assert.equal(said("reasoning"), result.reasoning ?? "", "the reasoning events should add up to the reasoning");
  const whole = await served.llm.chat("hi", TOOLS);
  assert.deepEqual(essence(result), essence(whole), "a stream and a whole response should come to the same");
}

async function resultAlone(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(RICH));
  const stream = served.llm.stream("hi", TOOLS);
  const [first, second] = await within(Promise.all([stream.result, stream.result]), "`result` should drain the stream");
  assert.equal(first, second, "`result` is one result");
  assert.equal(first.text, RICH.text);
  assert.equal(served.calls.length, 1, "one call should be sent");
  assert.throws(() => stream[Symbol.asyncIterator](), "a stream that `result` has drained cannot be read");
}

async function textStream(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(RICH));
  let text = "";
  for await (const piece of served.llm.stream("hi", TOOLS).textStream) text += piece;
  assert.equal(text, RICH.text, "the text stream should hold the text, all of it and nothing else");
}

async function onDelta(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(RICH));
  const pieces: string[] = [];
  const { text } = await served.llm.chat("hi", { ...TOOLS, onDelta: (piece) => void pieces.push(piece) });
  assert.equal(served.calls[0]?.stream, true, "onDelta should use the streaming wire");
  assert.ok(pieces.length > 1, "the text should come in pieces");
  assert.equal(pieces.join(""), text, "which add up to the text");
}

async function tee(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(RICH));
  const [left, right] = served.llm.stream("hi", TOOLS).tee();
  const [first, second] = await within(Promise.all([collect(left), collect(right)]), "Both branches should end");
  assert.deepEqual(essentials(first), essentials(second), "both branches should get every event");
  assert.equal((await left.result).text, RICH.text);
  assert.equal(served.calls.length, 1, "one call should be sent for both");

  await using open = await stalling(kit);
  const [one, two] = open.llm.stream("hi").tee();
  for await (const event of one) if (event.type === "text") break;
  for await (const event of two) if (event.type === "text") break;
  await within(open.server.clientClosed(), "When both branches were left, the socket should be closed");
}

/** A server that sends half an answer and then waits. */
async function stalling(kit: Kit): Promise<Served> {
  return kit.serve((exchange) => begin(exchange, unfinished(kit.wire, HELLO).join("")));
}

async function neverIterated(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const signal = new AbortController().signal;
  const stream = served.llm.stream("never", { signal });
  await settle();
  await served.llm.chat("asked");
  assert.deepEqual(
    served.calls.map(({ items }) => items[0]?.type === "text" && items[0].text),
    ["asked"],
    "a stream that nobody reads should send nothing",
  );
  stream.cancel();
}

async function breaks(kit: Kit): Promise<void> {
  await using served = await stalling(kit);
  const metrics: CallMetrics[] = [];
  served.context.on("metrics", (measured) => void metrics.push(measured));
  const stream = served.llm.stream("hi");
  let text = "";
  for await (const event of stream) {
    if (event.type === "text") text += event.text;
    if (text === HELLO.text) break;
  }
  await within(served.server.clientClosed(), "After `break`, the socket should be closed");
  await assertAborted(stream, HELLO.text!);
  assert.equal(metrics[0]?.cancelled, true, "the metrics should say that the call was cancelled");
}

async function assertAborted(stream: ChatStream, text: string): Promise<void> {
  const error = await failure(stream.result, "`result` of a stream that was left");
  assert.equal(error.kind, "aborted", "`result` of a stream that was left");
  assert.equal(error.partial?.text, text, "what had arrived should be kept");
}

async function cancelled(kit: Kit, cancel: (stream: ChatStream) => void): Promise<void> {
  await using served = await stalling(kit);
  const stream = served.llm.stream("hi");
  const seen: ChatEvent[] = [];
  await within(
    (async () => {
      for await (const event of stream) {
        seen.push(event);
        if (event.type === "text") cancel(stream);
      }
    })().catch(() => {}),
    "A reader should end when its stream is cancelled",
  );
  assert.ok(
    seen.some(({ type }) => type === "text"),
    "the reader should have got the first text",
  );
  await within(served.server.clientClosed(), "The socket of a cancelled stream should be closed");
  const error = await failure(stream.result, "`result` of a cancelled stream");
  assert.equal(error.kind, "aborted");
}

async function abort(kit: Kit): Promise<void> {
  await using served = await stalling(kit);
  const controller = new AbortController();
  const reason = new Error("the user has left");
  const stream = served.llm.stream("hi", { signal: controller.signal });
  let text = "";
  const reading = (async () => {
    for await (const piece of stream.textStream) if ((text += piece) === HELLO.text) controller.abort(reason);
  })();
  // A text stream may simply end when its stream is cancelled; `result` tells.
  await within(
    reading.catch(() => {}),
    "A reader should end when the signal is aborted",
  );
  await assertAborted(stream, HELLO.text!);
  const error = await failure(stream.result, "`result` of an aborted stream");
  assert.equal(error.cause, reason, "the error should keep the reason");
  await within(served.server.clientClosed(), "After an abort, the socket should be closed");
}

async function abortBeforeAnswer(kit: Kit): Promise<void> {
  for (const how of ["streamed", "whole"] as const) {
    for (const headers of [false, true]) {
      const arrived = Promise.withResolvers<void>();
      await using served = await kit.serve(async (exchange) => {
        if (headers) await begin(exchange, "");
        arrived.resolve();
      });
      const controller = new AbortController();
      const options = { signal: controller.signal };
      const call = how === "streamed" ? served.llm.stream("hi", options).result : served.llm.chat("hi", options);
      call.catch(() => {});
      await within(arrived.promise, "The request should arrive");
      controller.abort();
      const what = `a ${how} call, aborted ${headers ? "after" : "before"} the headers`;
      const error = await failure(call, what);
      assert.equal(error.kind, "aborted", `${what}: ${error.message}`);
      await within(served.server.clientClosed(), `The socket of ${what}, should be closed`);
    }
  }
}

async function preAbort(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const signal = AbortSignal.abort(new Error("too late"));
  for (const [how, error] of await bothFailures(served.llm, "hi", "the signal was aborted before", { signal }))
    assert.equal(error.kind, "aborted", `${how}: the kind`);
  assert.equal(served.server.connections, 0, "nothing should be sent for a signal that was aborted before");
}

async function concurrent(kit: Kit): Promise<void> {
  await using served = await kit.serve((exchange) => {
    const [item] = exchange.call.items;
    return says({ text: `answer to ${item?.type === "text" ? item.text : "nothing"}` })(exchange);
  });
  const questions = Array.from({ length: 50 }, (_, index) => `question ${index}`);
  const answers = await within(
    Promise.all(questions.map((question, index) => (index % 2 === 0 ? served.llm.chat(question) : served.llm.stream(question).result))),
    "50 calls at once should end",
    10_000,
  );
  assert.deepEqual(
    answers.map(({ text }) => text),
    questions.map((question) => `answer to ${question}`),
    "each call should get its own answer",
  );
}
