import { CASE_NAMES } from "@plurivox/conformance";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 120_000 });

test("the kit runs under node:test", async () => {
  const file = new URL("./conformance.node-test.ts", import.meta.url).pathname;
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const child = spawn(process.execPath, ["--test", "--test-reporter=tap", "--conditions=@plurivox/source", file], { env });
  const [printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(printed)?.[1]);
  expect(count("fail"), `${printed.match(/^ *not ok .*$/gm)?.join("\n")}${complaint}`).toBe(0);
  expect(count("skipped")).toBe(1);
  expect(count("pass")).toBe(CASE_NAMES.length - 1);
  expect(printed).toMatch(/tool-calls-interleaved — skipped: content blocks come one after the other on this wire/);
});
