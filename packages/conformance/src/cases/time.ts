import assert from "node:assert/strict";
import { bothFailures, failure, within } from "../expect.ts";
import { begin, unfinished, type Case, type Kit } from "../kit.ts";
import { HELLO } from "../samples.ts";

export const timeCases: readonly Case[] = [
  { name: "slow-reader", run: slowReader },
  { name: "timeout-headers", run: timeoutHeaders },
  { name: "timeout-first-byte", run: timeoutFirstByte },
  { name: "timeout-idle", run: timeoutIdle },
];

/** What the kernel may hold for both sides of a connection is far below it. */
const FLOOD_BYTES = 128 * 1024 * 1024;
const STALLED_MS = 200;

async function slowReader(kit: Kit): Promise<void> {
  const frame = kit.wire.stream({ text: "x".repeat(100_000), pieceLength: Number.POSITIVE_INFINITY });
  const head = frame.slice(
    0,
    frame.findIndex(({ part }) => part === "content"),
  );
  const event = frame.find(({ text }) => text.includes("xxx"))!.text;
  const stalled = Promise.withResolvers<boolean>();
  await using served = await kit.serve(async (exchange) => {
    const { response } = exchange;
    await begin(exchange, head.map(({ text }) => text).join(""));
    for (let written = 0; written < FLOOD_BYTES; written += event.length) {
      if (response.write(event)) continue;
      const drained = await Promise.race([
        new Promise<true>((drain) => response.once("drain", () => drain(true))),
        new Promise<false>((late) => setTimeout(() => late(false), STALLED_MS).unref()),
      ]);
      if (!drained) return stalled.resolve(true);
    }
    stalled.resolve(false);
  });
  for await (const { type } of served.llm.stream("hi")) {
    if (type !== "text") continue;
    const waits = await within(stalled.promise, "The server should have to wait for a reader that does not read", 20_000);
    assert.ok(waits, "events should be pulled, not piled up: a reader that stopped has taken in 128 MB");
    break;
  }
  await within(served.server.clientClosed(), "The socket should be closed");
}

async function timeoutHeaders(kit: Kit): Promise<void> {
  await using served = await kit.serve(() => {});
  for (const [how, error] of await bothFailures(served.llm, "hi", "no headers come", { timeouts: { headersMs: 40 } }))
    assert.deepEqual([error.kind, error.timeout, error.retryable], ["timeout", "headers", true], `${how}: ${error.message}`);
  await within(served.server.clientClosed(), "The socket should be closed");
}

async function timeoutFirstByte(kit: Kit): Promise<void> {
  await using served = await kit.serve((exchange) => begin(exchange, ""));
  for (const [how, error] of await bothFailures(served.llm, "hi", "no byte comes", { timeouts: { firstByteMs: 40 } }))
    assert.deepEqual([error.kind, error.timeout, error.retryable], ["timeout", "first-byte", true], `${how}: ${error.message}`);
  await within(served.server.clientClosed(), "The socket should be closed");
}

async function timeoutIdle(kit: Kit): Promise<void> {
  await using served = await kit.serve((exchange) => begin(exchange, unfinished(kit.wire, HELLO).join("")));
  const error = await failure(served.llm.stream("hi", { timeouts: { idleMs: 40 } }).result, "A stream that stops");
  assert.deepEqual([error.kind, error.timeout, error.retryable], ["timeout", "idle", true], error.message);
  assert.equal(error.partial?.text, HELLO.text, "what had arrived should be kept");
  await within(served.server.clientClosed(), "The socket should be closed");
}
