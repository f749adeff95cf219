import { fork } from "node:child_process";
import { once } from "node:events";
import type { ClientName } from "../readers.ts";
import type { Finding } from "./finding.ts";
import type { Weight } from "./holder.ts";

const RATIO = 1.25;
const ABOVE = 16 * 1024;

async function hold(client: ClientName, base: string, streams: number): Promise<Weight> {
  const child = fork(new URL("holder.ts", import.meta.url), [client, base, String(streams)], {
    execArgv: ["--expose-gc", "--conditions=@plurivox/source"],
  });
  const [weight] = (await Promise.race([once(child, "message"), once(child, "exit")])) as [Weight | number];
  child.kill();
  if (typeof weight === "number") throw new Error(`${client} could not hold ${streams} streams`);
  return weight;
}

const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;

/** What a stream weighs that waits for its vendor, of very many at the same time. */
export async function memory(base: string, streams: number): Promise<Finding> {
  const bare = await hold("floor", base, streams);
  const own = await hold("plurivox", base, streams);
  const ratio = own.bytes / bare.bytes;
  const above = (own.bytes - bare.bytes) / streams;
  return {
    what: `memory a stream, ${streams} held open`,
    found: `${kib(own.bytes / streams)}, ${ratio.toFixed(2)} × bare fetch's ${kib(bare.bytes / streams)} (rss ${kib(own.rss / streams)}, ${kib(bare.rss / streams)})`,
    target: `${RATIO} ×, or ${kib(ABOVE)} above`,
    met: ratio <= RATIO || above <= ABOVE,
  };
}
