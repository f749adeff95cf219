import { Readable } from "node:stream";
import { wires } from "../wires/index.ts";
import { sleep, type Finding } from "./finding.ts";
import { startVendor } from "./server.ts";

const TOTAL = 40_000_000;
const TARGET = 8_000_000;

/** Bytes that a server gets rid of while the reader of its stream thinks about the second event. */
export async function backpressure(): Promise<Finding> {
  const piece = wires["openai-chat"].stream(100).slice(0, -3).join("");
  let written = 0;
  function* pieces(): Generator<string> {
    for (; written < TOTAL; written += piece.length) yield piece;
  }
  await using vendor = await startVendor((_request, response) => Readable.from(pieces(), { highWaterMark: 1 }).pipe(response));
  let texts = 0;
  let found = 0;
  for await (const event of vendor.llm.stream("hi")) {
    if (event.type !== "text" || ++texts < 2) continue;
    await sleep(1500);
    found = written;
    break;
  }
  return {
    what: `written of ${TOTAL / 1e6} MB while the reader sleeps on one event`,
    found: `${(found / 1e6).toFixed(1)} MB`,
    target: `${TARGET / 1e6} MB`,
    met: found <= TARGET,
  };
}
