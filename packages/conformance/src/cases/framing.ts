import assert from "node:assert/strict";
import { collect, essence, essentials, within } from "../expect.ts";
import { joined, says, writes, type Case, type Kit } from "../kit.ts";
import { RICH, TOOLS } from "../samples.ts";

export const framingCases: readonly Case[] = [
  { name: "stream-1-byte-writes", run: variant((body) => inBytes(body, 1)) },
  { name: "stream-7-byte-writes", run: variant((body) => inBytes(body, 7)) },
  { name: "stream-crlf", run: variant((body) => [body.replaceAll("\n", "\r\n")]) },
  { name: "stream-cr", run: variant((body) => [body.replaceAll("\n", "\r")]) },
  { name: "stream-crlf-split", run: variant((body) => body.replaceAll("\n", "\r\n").split(/(?<=\r)/)) },
  {
    name: "stream-comments",
    run: variant((body) => [`: first\n\n${body.replaceAll(/^(data|event):/gm, ": a comment: data: no\n:\n$1:")}`]),
  },
  { name: "stream-byte-order-mark", run: variant((body) => [`\uFEFF${body}`]) },
  { name: "stream-no-last-blank-line", run: variant((body) => [body.trimEnd()]) },
  { name: "stream-no-space-after-colon", run: variant((body) => [body.replaceAll(/^(data|event): /gm, "$1:")]) },
  { name: "stream-id-and-retry-lines", run: variant((body) => [body.replaceAll(/^data:/gm, "id: 7\nretry: 3000\nid\ndata:")]) },
  { name: "stream-multi-line-data", run: variant((body) => [body.replaceAll(/^data: (\{.*)$/gm, (_, json: string) => inLines(json))]) },
  { name: "stream-no-event-names", run: variant((body) => [body.replaceAll(/^event: .*\n/gm, "")]) },
  { name: "stream-noise", run: noise },
];

/** Line ends of the JSON between its tokens, where they mean nothing. */
function inLines(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 1).replaceAll(/^/gm, "data: ");
}

function inBytes(body: string, length: number): Uint8Array[] {
  const bytes = Buffer.from(body);
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) => bytes.subarray(at * length, (at + 1) * length));
}

/** The same stream, framed otherwise, must come to the same events and the same result. */
function variant(reframe: (body: string) => (string | Uint8Array)[]): Case["run"] {
  return (kit) => assertSame(kit, reframe(joined(kit.wire.stream(RICH))));
}

async function noise(kit: Kit): Promise<void> {
  const frames = kit.wire.stream(RICH).map((frame) => frame.text);
  await assertSame(kit, [`${kit.wire.noise.join("")}${frames.join(kit.wire.noise.join(""))}`]);
}

async function assertSame(kit: Kit, pieces: (string | Uint8Array)[]): Promise<void> {
  await using plain = await kit.serve(says(RICH));
  await using odd = await kit.serve(writes(pieces));
  const [expected, arrived] = [plain.llm.stream("hi", TOOLS), odd.llm.stream("hi", TOOLS)];
  const [before, events] = [await collect(expected), await within(collect(arrived), "The stream should end", 10_000)];
  const [first, second] = [essence(await expected.result), essence(await arrived.result)];
  assert.deepEqual(second, first, "the result should be the same");
  // The id of the request is in headers that this server does not send.
  const shown = (list: typeof events) => essentials(list).filter((event) => event.type !== "start");
  assert.deepEqual(shown(events), shown(before), "the events should be the same");
}
