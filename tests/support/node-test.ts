import { CASE_NAMES } from "@plurivox/conformance";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect } from "vitest";

/** Runs the conformance tests of these packages with Node's own runner. `runs`: of the kit, for a provider with two wires runs it twice. Resolves to the report. */
export async function runOnNode(packages: readonly string[], runs: number): Promise<string> {
  const file = new URL("../conformance.node-test.ts", import.meta.url).pathname;
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const child = spawn(process.execPath, ["--test-reporter=tap", "--conditions=@plurivox/source", file, ...packages], { env });
  const [printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(printed)?.[1]);
  expect(count("fail"), `${printed.match(/^ *not ok .*$/gm)?.join("\n")}${complaint}`).toBe(0);
  expect(count("skipped")).toBe(printed.match(/^ok .* — skipped: .* # SKIP/gm)?.length ?? 0);
  expect(count("pass") + count("skipped")).toBe(runs * CASE_NAMES.length);
  return printed;
}
