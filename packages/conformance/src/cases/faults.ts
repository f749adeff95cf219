import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { failure, within } from "../expect.ts";
import { begin, joined, unfinished, writes, type Case, type Kit } from "../kit.ts";
import { HELLO, RICH, TOOLS } from "../samples.ts";

export const faultCases: readonly Case[] = [
  { name: "stream-10-mb-event", run: bigEvent },
  { name: "stream-endless-line", run: endlessLine },
  { name: "stream-terminator-missing", run: terminatorMissing },
  { name: "stream-cut-cleanly", run: cutCleanly },
  { name: "stream-cut-by-reset", run: cutByReset },
  { name: "stream-cut-inside-an-event", run: cutInside },
  { name: "stream-malformed-json", run: malformed },
  { name: "stream-error", run: streamError },
];

async function bigEvent(kit: Kit): Promise<void> {
  const text = "0123456789abcdef".repeat(640 * 1024);
  const body = joined(kit.wire.stream({ text, pieceLength: Number.POSITIVE_INFINITY }));
  await using served = await kit.serve(writes([body]));
  const result = await within(served.llm.stream("hi").result, "An event of 10 MB should be read in linear time", 4_000);
  assert.equal(result.text.length, text.length, "the whole text should arrive");
  assert.ok(result.text === text, "the text should be unchanged");
}

/** More than any reader may hold back. */
const ENDLESS_BYTES = 256 * 1024 * 1024;

async function endlessLine(kit: Kit): Promise<void> {
  const piece = Buffer.alloc(1024 * 1024, "a");
  let written = 0;
  await using served = await kit.serve(async (exchange) => {
    const { response } = exchange;
    const closed = new Promise((close) => response.once("close", close));
    await begin(exchange, kit.wire.framing === "sse" ? 'data: {"text":"' : '{"text":"');
    while (!response.destroyed && written < ENDLESS_BYTES) {
      written += piece.length;
      if (!response.write(piece)) await Promise.race([new Promise((drained) => response.once("drain", drained)), closed]);
    }
    response.end();
  });
  const error = await failure(served.llm.stream("hi").result, "A line that never ends");
  assert.equal(error.kind, "invalid-response", "a line that never ends is no event");
  assert.ok(written < ENDLESS_BYTES, "a reader should give up before it holds 256 MB");
}

async function terminatorMissing(kit: Kit): Promise<void> {
  const frames = kit.wire.stream(HELLO).filter(({ part }) => part !== "end");
  await using served = await kit.serve(writes([joined(frames)]));
  const result = await within(served.llm.stream("hi").result, "The stream should end");
  assert.equal(result.text, HELLO.text, "an answer with a finish reason is whole, also without the terminator");
  assert.equal(result.finishReason, "stop");
}

/** After every event before the finish reason. */
async function cutCleanly(kit: Kit): Promise<void> {
  const frames = unfinished(kit.wire, RICH);
  for (let kept = 1; kept <= frames.length; kept++) {
    await using served = await kit.serve(writes([frames.slice(0, kept).join("")]));
    const error = await failure(served.llm.stream("hi", TOOLS).result, `A stream that ends after ${kept} of ${frames.length} events`);
    assert.equal(error.kind, "incomplete-stream", `after ${kept} events: ${error.message}`);
    assert.equal(error.retryable, true, "it may be sent again");
    const { text = "" } = error.partial ?? {};
    assert.ok(RICH.text!.startsWith(text), "what had arrived should be kept");
    if (kept === frames.length) assert.equal(text, RICH.text, "all of what had arrived should be kept");
  }
  await using served = await kit.serve(writes(unfinished(kit.wire, HELLO)));
  const error = await failure(served.llm.stream("hi").result, "A text that ends without a finish reason");
  assert.equal(error.partial?.text, HELLO.text, "the text that had arrived should be kept");
}

async function cutByReset(kit: Kit): Promise<void> {
  const frames = unfinished(kit.wire, HELLO);
  const cuts: [what: string, cut: (socket: Socket) => void, tail: string][] = [
    ["closed", (socket) => socket.destroy(), ""],
    ["reset", (socket) => socket.resetAndDestroy(), ""],
    ["closed inside an event", (socket) => socket.destroy(), 'data: {"half'],
    ["reset inside an event", (socket) => socket.resetAndDestroy(), 'data: {"half'],
  ];
  for (const [what, cut, tail] of cuts) {
    let socket: Socket | undefined;
    await using served = await kit.serve(async (exchange) => {
      socket = exchange.response.socket!;
      await begin(exchange, frames.join("") + tail);
    });
    const stream = served.llm.stream("hi");
    const reading = (async () => {
      let text = "";
      for await (const piece of stream.textStream) if ((text += piece) === HELLO.text) cut(socket!);
    })();
    const error = await failure(reading, `A connection that is ${what}`);
    assert.equal(error.kind, "incomplete-stream", `a connection that is ${what}: ${error.message}`);
    assert.equal(error.retryable, true, "it may be sent again");
    assert.equal(error.partial?.text, HELLO.text, "what had arrived should be kept");
    assert.ok(error.cause !== undefined, "the cause should be kept");
    assert.equal(await stream.result.catch((thrown: unknown) => thrown), error, "the reader and `result` should get the same error");
  }
}

async function cutInside(kit: Kit): Promise<void> {
  const frames = unfinished(kit.wire, RICH);
  for (const [index, text] of frames.entries()) {
    const at = Math.floor(text.length / 2);
    await using served = await kit.serve(writes([frames.slice(0, index).join("") + text.slice(0, at)]));
    const error = await failure(served.llm.stream("hi", TOOLS).result, `A stream that ends inside its event ${index}`);
    assert.equal(error.kind, "incomplete-stream", `inside event ${index}: ${error.message}`);
    assert.equal(error.retryable, true, `inside event ${index}: it may be sent again`);
  }
}

async function malformed(kit: Kit): Promise<void> {
  const frames = kit.wire.stream(HELLO);
  const first = frames.findIndex(({ part }) => part === "content");
  const last = frames.findIndex(({ part }) => part === "finish");
  for (const at of [first, last]) {
    const broken = frames.map((frame, index) => (index === at ? frame.text.replace(/\{.*\}/s, '{"oops": }') : frame.text));
    await using served = await kit.serve(writes([broken.join("")]));
    const error = await failure(served.llm.stream("hi").result, "A stream with an event that is not JSON");
    assert.equal(error.kind, "invalid-response", `an event that is not JSON is never passed over: ${error.message}`);
    if (at === last) assert.equal(error.partial?.text, HELLO.text, "what had arrived should be kept");
  }
}

async function streamError(kit: Kit): Promise<void> {
  const begun = unfinished(kit.wire, HELLO).join("");
  for (const { what, frame, kind, retryable = true } of kit.wire.streamErrors("The kit stops here.")) {
    for (const [before, tail] of [
      [begun, ""],
      [begun, joined(kit.wire.stream(HELLO).filter(({ part }) => part === "end"))],
      ["", ""],
    ] as const) {
      await using served = await kit.serve(writes([before + frame + tail]));
      const error = await failure(served.llm.stream("hi").result, `A stream with ${what}`);
      assert.equal(error.kind, kind, `a stream with ${what}: ${error.message}`);
      assert.equal(error.retryable, retryable, `whether to send it again, for ${what}`);
      assert.match(error.message, /The kit stops here\./, "the error should say what the vendor said");
      if (before !== "") assert.equal(error.partial?.text, HELLO.text, "what had arrived should be kept");
    }
  }
}
