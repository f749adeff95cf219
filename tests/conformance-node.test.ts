import { expect, test, vi } from "vitest";
import { runOnNode } from "./support/node-test.ts";

vi.setConfig({ testTimeout: 120_000 });

// The other providers are in `slow`.
test("the kit runs under node:test", async () => {
  const printed = await runOnNode(["provider-anthropic"], 1);
  expect(printed).toMatch(/tool-calls-interleaved — skipped: content blocks come one after the other on this wire/);
});
