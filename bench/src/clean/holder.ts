/** Holds many open streams in a process of its own, and says what they weigh once nothing moves any more. */
import { readerOf, type ClientName } from "../readers.ts";
import { sleep } from "./finding.ts";

export interface Weight {
  /** Heap, and what is outside of it, buffers among them: `external` counts those too. */
  bytes: number;
  rss: number;
}

const WIRE = "openai-chat";
const [client, base, streams] = process.argv.slice(2) as [ClientName, string, string];
const read = await readerOf(client, WIRE);

async function calm(): Promise<void> {
  for (;;) {
    const before = process.cpuUsage();
    await sleep(500);
    const { user, system } = process.cpuUsage(before);
    if (user + system < 20_000) return;
  }
}

async function weigh(): Promise<Weight> {
  await calm();
  globalThis.gc!();
  await sleep(50);
  globalThis.gc!();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { bytes: heapUsed + external, rss };
}

/** What code and its caches weigh is there after a few calls. */
for (let i = 0; i < 20; i++) await read(`${base}/many/20/0/${WIRE}`, true);
const before = await weigh();
for (let i = 0; i < Number(streams); i++)
  read(`${base}/hold/10/0/${WIRE}`, true).then(
    () => process.exit(1),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
const after = await weigh();
process.send!({ bytes: after.bytes - before.bytes, rss: after.rss - before.rss } satisfies Weight);
