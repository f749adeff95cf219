import { wires } from "../wires/index.ts";
import { median, type Finding } from "./finding.ts";
import { startVendor } from "./server.ts";

const TARGET_MS = 100;
const WAYS = ["break", "cancel()", "abort"] as const;

/** Milliseconds from giving a stream up to the server seeing its socket close. */
export async function closing(rounds: number): Promise<Finding[]> {
  let closed = Promise.withResolvers<number>();
  const begun = wires["openai-chat"].stream(3).slice(0, 4).join("");
  await using vendor = await startVendor((_request, response) => {
    response.socket!.once("close", () => closed.resolve(performance.now()));
    response.write(begun);
  });

  async function giveUp(way: (typeof WAYS)[number]): Promise<number> {
    closed = Promise.withResolvers();
    const controller = new AbortController();
    const stream = vendor.llm.stream("hi", { signal: controller.signal });
    let started = 0;
    try {
      for await (const event of stream) {
        if (event.type !== "text" || started > 0) continue;
        started = performance.now();
        if (way === "break") break;
        if (way === "abort") controller.abort();
        else stream.cancel();
      }
    } catch {
      // An aborted stream says so where it is read.
    }
    return (await closed.promise) - started;
  }

  const findings: Finding[] = [];
  for (const way of WAYS) {
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) times.push(await giveUp(way));
    const most = Math.max(...times);
    findings.push({
      what: `${way}: until the server sees the socket close, ${rounds} times`,
      found: `${median(times).toFixed(1)} ms, at most ${most.toFixed(1)} ms`,
      target: `${TARGET_MS} ms`,
      met: most <= TARGET_MS,
    });
  }
  return findings;
}
