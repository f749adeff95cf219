/**
 * `pnpm bench`: what Plurivox costs, as ratios to a bare reader in the same round. Each client runs in a process of its own against an
 * upstream in another; rounds are interleaved, so that whatever else the machine does hits all clients alike. On a machine that others use
 * too, the least of each client's rounds says more than the median: noise only ever adds.
 *
 * Beside the bare reader stand the vendors' own SDKs, which the workspace has anyway. Libraries like this one are not compared here: none is
 * among its dependencies.
 *
 * `--quick` takes less than a minute where nothing else runs. `--only many,one,whole,big,slow,object,clean,import,size` and `--wires anthropic,…` measure less, `--rounds <n>` more often;
 * `--json <file>` also writes the numbers.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { cleanliness } from "./cleanliness.ts";
import type { Cost, Round } from "./client.ts";
import { coldImports } from "./imports.ts";
import { partialObjects } from "./objects.ts";
import type { ClientName } from "./readers.ts";
import { scenariosOf, type Scenario } from "./scenarios.ts";
import { bundleSizes } from "./sizes.ts";
import type { WireName } from "./wires/index.ts";

interface Row {
  scenario: string;
  wire: WireName;
  client: ClientName;
  /** Of the rounds, in the scenario's unit. */
  median: number;
  least: number;
  unit: string;
  toFloor: Ratio;
  /** Absent in rows of the SDK, and where it has none. */
  toSdk?: Ratio;
}

/** Of this client's cost to another's in the same round: the median, the range, and what the least of all rounds says. */
interface Ratio {
  median: number;
  lowest: number;
  highest: number;
  leasts: number;
}

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    wires: { type: "string" },
    rounds: { type: "string" },
    json: { type: "string" },
  },
});
const { quick } = flags;
const rounds = Number(flags.rounds ?? (quick ? 5 : 15));
const warmUps = quick ? 5 : 3;

const named = (list: string | undefined, name: string) => list === undefined || list.split(",").includes(name);
const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

async function start(file: string, args: string[]): Promise<{ child: ChildProcess; first: unknown }> {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: ["--expose-gc", "--conditions=@plurivox/source"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [first] = (await once(child, "message")) as [unknown];
  return { child, first };
}

async function ask(child: ChildProcess, round: Round): Promise<number> {
  child.send(round);
  const [answer] = (await once(child, "message")) as [Cost | { error: string }];
  if ("error" in answer) throw new Error(answer.error);
  return answer.cpuMs;
}

/** One process for each client and wire, kept for all scenarios. */
const children = new Map<string, ChildProcess>();

async function childOf(client: ClientName, wire: WireName): Promise<ChildProcess> {
  const name = `${client} ${wire}`;
  const child = children.get(name) ?? (await start("client.ts", [client, wire])).child;
  children.set(name, child);
  return child;
}

async function measure(scenario: Scenario, wire: WireName, base: string): Promise<Row[]> {
  const clients = scenario.clients(wire);
  const processes = await Promise.all(clients.map((client) => childOf(client, wire)));
  const round = scenario.round(base);
  round.base += `/${wire}`;
  for (let i = 0; i < (scenario.warmUps ?? warmUps); i++) for (const child of processes) await ask(child, round);
  const costs: number[][] = clients.map(() => []);
  for (let i = 0; i < rounds; i++)
    for (const [index, child] of processes.entries()) costs[index]!.push((await ask(child, round)) / scenario.per);
  const ratio = (own: readonly number[], other: ClientName): Ratio => {
    const others = costs[clients.indexOf(other)]!;
    const ratios = own.map((one, i) => one / others[i]!);
    return {
      median: median(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
      leasts: Math.min(...own) / Math.min(...others),
    };
  };
  return clients.map((client, index) => {
    const cost = costs[index]!;
    return {
      scenario: scenario.name,
      wire,
      client,
      median: median(cost),
      least: Math.min(...cost),
      unit: scenario.unit,
      toFloor: ratio(cost, "floor"),
      ...(client === "plurivox" && clients.includes("sdk") && { toSdk: ratio(cost, "sdk") }),
    };
  });
}

function print({ wire, client, median: middle, least, unit, toFloor, toSdk }: Row): void {
  const figure = `${middle.toFixed(2).padStart(9)} ${unit}, least ${least.toFixed(2).padStart(8)}`;
  const against = client === "floor" ? [] : [`${words(toFloor)} × floor`];
  if (toSdk !== undefined) against.push(`${words(toSdk)} × sdk`);
  console.log(`  ${wire.padEnd(17)} ${client.padEnd(9)} ${figure} ${against.join(",  ")}`);
}

function words({ median: middle, lowest, highest, leasts }: Ratio): string {
  return `${middle.toFixed(2).padStart(6)} (${lowest.toFixed(2)} to ${highest.toFixed(2)}, leasts ${leasts.toFixed(2)})`;
}

const { child: upstream, first } = await start("upstream.ts", []);
const base = `http://127.0.0.1:${(first as { port: number }).port}`;
const rows: Row[] = [];
console.log(
  `Node ${process.version}, ${quick ? "quick" : "full"}: medians of ${rounds} interleaved rounds, each client in its own process`,
);
for (const scenario of scenariosOf(quick)) {
  if (!named(flags.only, scenario.name)) continue;
  console.log(`\n${scenario.what}`);
  for (const wire of scenario.wires.filter((name) => named(flags.wires, name))) {
    const measured = await measure(scenario, wire, base);
    measured.forEach(print);
    rows.push(...measured);
  }
}
for (const child of children.values()) child.disconnect();
const objects = named(flags.only, "object") ? partialObjects() : undefined;
const findings = named(flags.only, "clean") ? await cleanliness(base, quick) : [];
upstream.disconnect();
const imports = named(flags.only, "import") ? coldImports(quick ? 3 : 15) : [];
const sizes = named(flags.only, "size") ? await bundleSizes() : [];
if (flags.json !== undefined)
  writeFileSync(flags.json, `${JSON.stringify({ node: process.version, quick, rows, objects, findings, imports, sizes }, undefined, 2)}\n`);
