/** One client in a process of its own: does a round when it is told to and reports what that cost. */
import { readerOf, type ClientName } from "./readers.ts";
import type { WireName } from "./wires/index.ts";

export interface Round {
  base: string;
  stream: boolean;
  calls: number;
  /** At the same time; 1 is one after the other. */
  concurrency: number;
  /** Characters of text that each call must bring. */
  expected?: number;
}

export interface Cost {
  cpuMs: number;
}

const [client, wire] = process.argv.slice(2) as [ClientName, WireName];
const read = await readerOf(client, wire);

process.on("message", (round: Round) => {
  run(round).then(
    (cost) => process.send!(cost),
    (error: unknown) => process.send!({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit());
process.send!("ready");

async function run({ base, stream, calls, concurrency, expected }: Round): Promise<Cost> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  let left = calls;
  const worker = async () => {
    while (left-- > 0) {
      const characters = await read(base, stream);
      if (expected !== undefined && characters !== expected)
        throw new Error(`${client} on ${wire} read ${characters} characters, not ${expected}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000 };
}
