/** One client in a process of its own: does a round when it is told to and reports what that cost. */
import { readerOf, type ClientName } from "./readers.ts";
import type { WireName } from "./wires.ts";

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
  wallMs: number;
  /** The largest growth of the heap and of buffers during the round. */
  memoryBytes: number;
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

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function run({ base, stream, calls, concurrency, expected }: Round): Promise<Cost> {
  globalThis.gc?.();
  const before = memory();
  let most = before;
  const sampling = concurrency > 1 ? setInterval(() => (most = Math.max(most, memory())), 20) : undefined;
  const cpu = process.cpuUsage();
  const started = performance.now();
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
  clearInterval(sampling);
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - started, memoryBytes: most - before };
}
