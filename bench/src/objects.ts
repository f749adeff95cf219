/** What partial objects cost: the incremental parser, fed piece by piece, for an answer and for one that is sixteen times as long. */
import { partialJson } from "../../packages/core/src/stream/partial-json.ts";

const PIECE = 4;
const SHORT = 2_000;
const LONG = 32_000;

/** An answer of so many pieces: rows of text, numbers and flags. */
function answer(pieces: number): string[] {
  const rows: string[] = [];
  for (let length = 12; length < pieces * PIECE;) {
    const row = JSON.stringify({ id: rows.length, name: `row number ${rows.length}`, done: rows.length % 2 === 0, tags: ["a", "b"] });
    rows.push(row);
    length += row.length + 1;
  }
  const text = `{"rows":[${rows.join()}]}`;
  return Array.from({ length: Math.ceil(text.length / PIECE) }, (_, index) => text.slice(index * PIECE, (index + 1) * PIECE));
}

/** The least CPU of several rounds, in microseconds a piece. */
function cost(pieces: readonly string[]): number {
  const rounds = Array.from({ length: 12 }, () => {
    const cpu = process.cpuUsage();
    const json = partialJson();
    for (const piece of pieces) json.push(piece);
    const { user, system } = process.cpuUsage(cpu);
    if (!json.complete) throw new Error("The parser did not reach the end.");
    return (user + system) / pieces.length;
  });
  return Math.min(...rounds);
}

/** Prints both, and how much more a piece of the long answer costs: 1 where the parser is linear. */
export function partialObjects(): { shortUs: number; longUs: number; ratio: number } {
  const [shortUs, longUs] = [cost(answer(SHORT)), cost(answer(LONG))];
  const ratio = longUs / shortUs;
  console.log("\nCPU a piece of structured output, as it grows");
  console.log(`  ${SHORT} pieces ${shortUs.toFixed(2).padStart(8)} µs`);
  console.log(`  ${LONG} pieces ${longUs.toFixed(2).padStart(7)} µs ${ratio.toFixed(2).padStart(7)} × the short one's`);
  return { shortUs, longUs, ratio };
}
