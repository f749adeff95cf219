/**
 * `pnpm bench`: what Plurivox costs, as ratios to a bare reader in the same round. Each client runs in a process of its own against an
 * upstream in another; rounds are interleaved, so that whatever else the machine does hits all clients alike.
 * `--quick` takes under a minute; `--json <file>` also writes the numbers.
 */
import { fork, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { once } from "node:events";
import { parseArgs } from "node:util";
import type { Cost, Round } from "./client.ts";
import { coldImports } from "./imports.ts";
import type { ClientName } from "./readers.ts";
import { bundleSizes } from "./sizes.ts";
import { WIRES, type WireName } from "./wires.ts";

interface Scenario {
  name: string;
  what: string;
  round(base: string): Round;
  clients: readonly ClientName[];
  wires: readonly WireName[];
  /** What the measure is divided by for its absolute figure, and its unit. */
  per: number;
  unit: string;
  measure: "cpuMs" | "memoryBytes";
}

interface Row {
  scenario: string;
  wire: WireName;
  client: ClientName;
  /** Median of the rounds, in the scenario's unit. */
  value: number;
  unit: string;
  /** To the floor of the same round: median, least, most. */
  ratio: [number, number, number];
}

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "string" }, only: { type: "string" } },
});
const quick = flags.quick;
const ROUNDS = quick ? 5 : 15;
const EVENTS = quick ? 10_000 : 20_000;
const PACKETS = quick ? 1_000 : 3_000;
const CALLS = quick ? 100 : 300;
const STREAMS = quick ? 300 : 1_000;
const BIG = 10_000_000;
const ALL: readonly ClientName[] = ["floor", "sdk", "plurivox"];

const scenarios: readonly Scenario[] = [
  {
    name: "many",
    what: "CPU per event, many events a packet",
    round: (base) => ({ base: `${base}/many/${EVENTS}`, stream: true, calls: 1, concurrency: 1 }),
    clients: ALL,
    wires: WIRES,
    per: EVENTS / 1000,
    unit: "µs",
    measure: "cpuMs",
  },
  {
    name: "one",
    what: "CPU per event, one event a packet",
    round: (base) => ({ base: `${base}/one/${PACKETS}`, stream: true, calls: 1, concurrency: 1 }),
    clients: ALL,
    wires: WIRES,
    per: PACKETS / 1000,
    unit: "µs",
    measure: "cpuMs",
  },
  {
    name: "whole",
    what: "CPU per whole call",
    round: (base) => ({ base: `${base}/whole/500`, stream: false, calls: CALLS, concurrency: 1, expected: 500 }),
    clients: ALL,
    wires: WIRES,
    per: CALLS / 1000,
    unit: "µs",
    measure: "cpuMs",
  },
  {
    name: "big",
    what: "CPU for one 10 MB event",
    round: (base) => ({ base: `${base}/big/${BIG}`, stream: true, calls: 1, concurrency: 1, expected: BIG }),
    clients: ALL,
    wires: quick ? ["openai-chat"] : WIRES,
    per: 1,
    unit: "ms",
    measure: "cpuMs",
  },
  {
    name: "slow",
    what: `memory a stream, ${STREAMS} slow streams at once`,
    round: (base) => ({ base: `${base}/slow/20/50`, stream: true, calls: STREAMS, concurrency: STREAMS }),
    clients: ["floor", "plurivox"],
    wires: ["openai-chat"],
    per: STREAMS * 1024,
    unit: "KiB",
    measure: "memoryBytes",
  },
];

const here = (file: string) => new URL(file, import.meta.url).pathname;
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

async function start(file: string, args: string[]): Promise<{ child: ChildProcess; first: unknown }> {
  const child = fork(here(file), args, {
    execArgv: ["--expose-gc", "--conditions=@plurivox/source"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [first] = (await once(child, "message")) as [unknown];
  return { child, first };
}

async function ask(child: ChildProcess, round: Round): Promise<Cost> {
  child.send(round);
  const [answer] = (await once(child, "message")) as [Cost | { error: string }];
  if ("error" in answer) throw new Error(answer.error);
  return answer;
}

async function measure(scenario: Scenario, wire: WireName, base: string): Promise<Row[]> {
  const children = await Promise.all(scenario.clients.map((client) => start("client.ts", [client, wire]).then(({ child }) => child)));
  try {
    const round = scenario.round(base);
    const rounds = scenario.name === "slow" ? 3 : ROUNDS;
    for (let warm = 0; warm < (scenario.name === "slow" ? 1 : 3); warm++) for (const child of children) await ask(child, round);
    const costs: number[][] = scenario.clients.map(() => []);
    for (let i = 0; i < rounds; i++) {
      for (const [index, child] of children.entries()) costs[index]!.push((await ask(child, round))[scenario.measure] / scenario.per);
    }
    return scenario.clients.map((client, index) => {
      const ratios = costs[index]!.map((cost, i) => cost / costs[0]![i]!);
      return {
        scenario: scenario.name,
        wire,
        client,
        value: median(costs[index]!),
        unit: scenario.unit,
        ratio: [median(ratios), Math.min(...ratios), Math.max(...ratios)],
      };
    });
  } finally {
    for (const child of children) child.disconnect();
  }
}

function print(rows: readonly Row[]): void {
  for (const { wire, client, value, unit, ratio } of rows) {
    const [middle, least, most] = ratio.map((number) => number.toFixed(2));
    console.log(
      `  ${wire.padEnd(17)} ${client.padEnd(9)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(4)} ${middle!.padStart(6)} × floor  (${least} to ${most})`,
    );
  }
}

const { child: upstream, first } = await start("upstream.ts", []);
const base = `http://127.0.0.1:${(first as { port: number }).port}`;
const rows: Row[] = [];
console.log(
  `Node ${process.version}, ${quick ? "quick" : "full"}: medians of ${ROUNDS} interleaved rounds, each client in its own process`,
);
for (const scenario of scenarios) {
  if (flags.only !== undefined && !flags.only.split(",").includes(scenario.name)) continue;
  console.log(`\n${scenario.what}`);
  for (const wire of scenario.wires) {
    const measured = await measure(scenario, wire, base);
    print(measured);
    rows.push(...measured);
  }
}
upstream.disconnect();
const imports = flags.only === undefined || flags.only.includes("import") ? coldImports(quick ? 7 : 15) : [];
const sizes = flags.only === undefined || flags.only.includes("size") ? await bundleSizes() : [];
if (flags.json !== undefined)
  writeFileSync(flags.json, `${JSON.stringify({ node: process.version, quick, rows, imports, sizes }, undefined, 2)}\n`);
