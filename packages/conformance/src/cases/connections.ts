import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { settle, within } from "../expect.ts";
import { begin, joined, says, type Case, type Exchange, type Kit } from "../kit.ts";
import { HELLO } from "../samples.ts";

export const connectionCases: readonly Case[] = [
  { name: "concurrent-1000", run: thousand },
  { name: "keep-alive", run: keepAlive },
];

const MANY = 1_000;

/** All are open before the first goes on, so that none can pass for another, and all share one signal, as in a server. */
async function thousand(kit: Kit): Promise<void> {
  const open: (() => void)[] = [];
  await using served = await kit.serve(async (exchange) => {
    const { call, response, wire } = exchange;
    const [item] = call.items;
    const frames = wire.stream({ text: `to ${item?.type === "text" ? item.text : "nothing"}`, pieceLength: 10 }, call);
    const half = Math.ceil(frames.length / 2);
    await begin(exchange, joined(frames.slice(0, half)));
    open.push(() => void response.end(joined(frames.slice(half))));
    if (open.length === MANY) for (const goOn of open) goOn();
  });
  const { signal } = new AbortController();
  const timeouts = { headersMs: 15_000, firstByteMs: 15_000, idleMs: 15_000 };
  const questions = Array.from({ length: MANY }, (_, index) => `question ${index}`);
  const answers = await within(
    Promise.all(questions.map((question) => served.llm.stream(question, { signal, timeouts }).result)),
    `${MANY} streams at once should end`,
    20_000,
  );
  assert.deepEqual(
    answers.map(({ text }) => text),
    questions.map((question) => `to ${question}`),
    "each stream should get its own text, all of it",
  );
  await settle();
  assert.equal(getEventListeners(signal, "abort").length, 0, "a signal that is shared should keep no listener of a call that is over");
}

const AFTER_THE_END_MS = 20;
const IN_A_ROW = 20;

/** A connection whose answer has ended is used again, also where the server closes the body a moment after its last event. */
async function keepAlive(kit: Kit): Promise<void> {
  for (const late of [false, true]) {
    let over = Promise.withResolvers<void>();
    const sockets = new Set<object | null>();
    await using served = await kit.serve((exchange) => {
      sockets.add(exchange.response.socket);
      exchange.response.once("finish", () => over.resolve());
      return late ? endsLate(exchange) : says(HELLO)(exchange);
    });
    for (let round = 0; round < IN_A_ROW; round++) {
      const { text } = await within(served.llm.stream("hi").result, "The stream should end");
      assert.equal(text, HELLO.text);
      await over.promise;
      await settle();
      over = Promise.withResolvers<void>();
    }
    const what = late ? `whose bodies end ${AFTER_THE_END_MS} ms after their last event` : "that end well";
    assert.ok(sockets.size <= 2, `${IN_A_ROW} streams in a row, ${what}, should share a connection or two; they took ${sockets.size}`);
  }
}

async function endsLate(exchange: Exchange): Promise<void> {
  const { wire, call, response } = exchange;
  await begin(exchange, joined(wire.stream(HELLO, call)));
  setTimeout(() => response.end(), AFTER_THE_END_MS);
}
