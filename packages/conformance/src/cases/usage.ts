import type { Usage } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothWays, collect } from "../expect.ts";
import { says, type Case, type Kit } from "../kit.ts";
import { HELLO, TWO_CALLS } from "../samples.ts";

export const usageCases: readonly Case[] = [
  { name: "usage", run: usage },
  { name: "usage-absent", run: usageAbsent },
  { name: "usage-cumulative", run: (kit) => usageAt(kit, "every") },
  { name: "usage-after-finish", run: (kit) => usageAt(kit, "after") },
  { name: "finish-reasons", run: finishReasons },
  { name: "finish-reason-unknown", run: finishReasonUnknown },
];

const COUNTED: Required<Omit<Usage, "estimated">> = {
  inputTokens: 100,
  outputTokens: 50,
  totalTokens: 150,
  cacheReadTokens: 40,
  cacheWriteTokens: 10,
  reasoningTokens: 20,
};

/** What of it the vendor tells. */
function told(kit: Kit): Usage {
  return Object.fromEntries(kit.wire.counts.map((count) => [count, COUNTED[count]]));
}

async function usage(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: "Hello", usage: told(kit) }));
  for (const [how, result] of await bothWays(served.llm, "hi")) {
    assert.deepEqual(result.usage, told(kit), `${how}: input with what was cached, output with what was reasoned`);
    assert.deepEqual(result.metrics.usage, told(kit), `${how}: the metrics should have the same`);
    assert.deepEqual(result.attempts[0]?.usage, told(kit), `${how}: the attempt should have the same`);
  }
  const events = await collect(served.llm.stream("hi"));
  const counted = events.filter((event) => event.type === "usage");
  assert.deepEqual(
    counted.map((event) => event.usage),
    [told(kit)],
    "a stream should tell the usage once",
  );
}

async function usageAbsent(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: "Hello" }));
  for (const [how, result] of await bothWays(served.llm, "hi")) {
    assert.deepEqual(result.usage, {}, `${how}: what the vendor did not count is absent, never 0`);
    assert.equal(result.cost, undefined, `${how}: there is no cost where nothing was counted`);
  }
}

async function usageAt(kit: Kit, at: "every" | "after"): Promise<void> {
  await using served = await kit.serve(says({ text: "Hello, this takes a few events.", usage: told(kit), usageAt: at }));
  const { usage: counted, text, finishReason } = await served.llm.stream("hi").result;
  assert.deepEqual(counted, told(kit), at === "every" ? "counts that grow are counted once" : "usage after the finish reason counts");
  assert.equal(text, "Hello, this takes a few events.");
  assert.equal(finishReason, "stop");
}

async function finishReasons(kit: Kit): Promise<void> {
  for (const { raw, means } of kit.wire.finishes) {
    await using served = await kit.serve(says({ ...(means === "tool-calls" ? TWO_CALLS : HELLO), finish: raw }));
    for (const [how, result] of await bothWays(served.llm, "hi")) {
      assert.equal(result.finishReason, means, `${how}: the vendor's ${raw}`);
      assert.equal(result.rawFinishReason, raw, `${how}: the vendor's own word should be kept`);
    }
  }
}

async function finishReasonUnknown(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ ...HELLO, finish: "made_up_reason" }));
  for (const [how, result] of await bothWays(served.llm, "hi")) {
    assert.equal(result.finishReason, "other", `${how}: a reason that nobody knows is "other"`);
    assert.equal(result.rawFinishReason, "made_up_reason", `${how}: the vendor's own word should be kept`);
    assert.equal(result.text, HELLO.text, `${how}: the text`);
  }
}
