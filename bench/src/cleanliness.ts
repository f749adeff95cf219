/** What a call leaves behind, and what it holds while it waits. */
import { backpressure } from "./clean/backpressure.ts";
import { closing } from "./clean/closing.ts";
import type { Finding } from "./clean/finding.ts";
import { memory } from "./clean/memory.ts";
import { listeners, reuse } from "./clean/reuse.ts";

export type { Finding } from "./clean/finding.ts";

/** `base`: the upstream of the other measures. Prints as it goes; a target that is missed is only said, for this is no test. */
export async function cleanliness(base: string, quick: boolean): Promise<Finding[]> {
  console.log("\nwhat calls hold, and leave behind");
  const findings: Finding[] = [];
  for (const measure of [
    () => closing(quick ? 20 : 50),
    () => reuse(0),
    () => reuse(20),
    () => listeners(quick ? 300 : 1000),
    backpressure,
    () => memory(base, quick ? 300 : 1000),
  ]) {
    for (const finding of [await measure()].flat()) {
      const { what, found, target, met } = finding;
      console.log(`  ${met ? "✓" : "✗"} ${what}: ${found} (target ${target})`);
      findings.push(finding);
    }
  }
  return findings;
}
