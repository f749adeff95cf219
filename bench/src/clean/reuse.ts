import { getEventListeners } from "node:events";
import { wires } from "../wires/index.ts";
import { sleep, type Finding } from "./finding.ts";
import { startVendor } from "./server.ts";

const STREAMS = 20;
const TARGET = 2;
const wire = wires["openai-chat"];

/** Connections that streams need which are read to their end, one after the other. `lateMs`: the body ends that much after the terminator. */
export async function reuse(lateMs: number): Promise<Finding> {
  const body = wire.stream(5).join("");
  await using vendor = await startVendor((_request, response) => {
    response.write(body);
    if (lateMs === 0) response.end();
    else setTimeout(() => response.end(), lateMs);
  });
  for (let i = 0; i < STREAMS; i++) {
    await vendor.llm.stream("hi").result;
    // The rest of the body is read beside the caller, who goes on at once: the next call of a real program comes later.
    await sleep(2 * lateMs);
  }
  const made = vendor.connections();
  return {
    what: `connections of ${STREAMS} streams${lateMs === 0 ? "" : `, each body ending ${lateMs} ms after the terminator`}`,
    found: String(made),
    target: String(TARGET),
    met: made <= TARGET,
  };
}

/** Listeners that calls leave on the signal which they share. */
export async function listeners(calls: number): Promise<Finding> {
  const streamed = wire.stream(5).join("");
  await using vendor = await startVendor((_request, response) => response.end(streamed));
  const { signal } = new AbortController();
  for (let i = 0; i < calls; i += 10) {
    await Promise.all(Array.from({ length: 10 }, () => vendor.llm.stream("hi", { signal }).result));
  }
  // `result` is there a moment before the call has put its things away.
  await sleep(50);
  const left = getEventListeners(signal, "abort").length;
  return { what: `listeners on a shared signal after ${calls} calls`, found: String(left), target: "0", met: left === 0 };
}
