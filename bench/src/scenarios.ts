import type { Round } from "./client.ts";
import type { ClientName } from "./readers.ts";
import { WIRES, type WireName } from "./wires/index.ts";
import { each, wordAt } from "./wires/wire.ts";

export interface Scenario {
  name: string;
  what: string;
  /** `base` ends in nothing; the wire is added. */
  round(base: string): Round;
  wires: readonly WireName[];
  clients(wire: WireName): readonly ClientName[];
  /** Rounds that do not count. Default: as many as it takes to have the code of reading optimised. */
  warmUps?: number;
  /** What the measure is divided by for its absolute figure, and its unit. */
  per: number;
  unit: string;
}

const BIG = 10_000_000;
const ALL: readonly ClientName[] = ["floor", "sdk", "plurivox"];
/** A quick run measures these: OpenAI's, which many hosts are called with, and the one whose margins are known to be narrowest. */
const QUICK: readonly WireName[] = ["openai-chat", "openai-responses", "anthropic"];

export function scenariosOf(quick: boolean): readonly Scenario[] {
  const events = quick ? 6_000 : 20_000;
  const packets = quick ? 1_500 : 3_000;
  const calls = quick ? 40 : 300;
  const slow = quick ? { calls: 100, pauseMs: 15 } : { calls: 1_000, pauseMs: 50 };
  const wires = quick ? QUICK : WIRES;
  const clients = () => ALL;
  return [
    {
      name: "many",
      what: "CPU per event, many events a packet",
      round: (base) => ({ base: `${base}/many/${events}/0`, stream: true, calls: 1, concurrency: 1 }),
      wires,
      clients,
      per: events / 1000,
      unit: "µs",
    },
    {
      name: "one",
      what: "CPU per event, one event a packet",
      round: (base) => ({ base: `${base}/one/${packets}/0`, stream: true, calls: 1, concurrency: 1 }),
      wires,
      clients,
      per: packets / 1000,
      unit: "µs",
    },
    {
      name: "whole",
      what: "CPU per whole call",
      round: (base) => ({ base: `${base}/whole/500/0`, stream: false, calls, concurrency: 1, expected: 500 }),
      wires,
      clients,
      per: calls / 1000,
      unit: "µs",
    },
    {
      name: "big",
      warmUps: 1,
      what: "CPU for one 10 MB event",
      round: (base) => ({ base: `${base}/big/${BIG}/0`, stream: true, calls: 1, concurrency: 1, expected: BIG }),
      wires: quick ? ["openai-chat"] : WIRES,
      clients,
      per: 1,
      unit: "ms",
    },
    {
      name: "slow",
      warmUps: 2,
      what: `CPU a stream, ${slow.calls} slow streams of 20 events at once, each read whole`,
      round: (base) => ({
        base: `${base}/slow/20/${slow.pauseMs}`,
        stream: true,
        calls: slow.calls,
        concurrency: slow.calls,
        expected: each(20, wordAt).join("").length,
      }),
      wires: ["openai-chat"],
      clients: () => ["floor", "plurivox"],
      per: slow.calls / 1000,
      unit: "µs",
    },
  ];
}
