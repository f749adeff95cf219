import type { CallOptions, Message, ToolChoice } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothWays } from "../expect.ts";
import { inTurn, says, type Case, type Kit } from "../kit.ts";
import { HELLO, TOOLS, TWO_CALLS } from "../samples.ts";
import type { ReceivedItem } from "../wire.ts";

export const toolHistoryCases: readonly Case[] = [
  { name: "tool-results", run: toolResults },
  { name: "tool-choice", run: toolChoice },
  { name: "tool-parallel-off", run: parallelOff },
  { name: "tool-ids-foreign", run: foreignIds },
];

type Call = Extract<ReceivedItem, { type: "tool-call" }>;
type Result = Extract<ReceivedItem, { type: "tool-result" }>;

function callsOf(items: readonly ReceivedItem[]): Call[] {
  return items.filter((item) => item.type === "tool-call");
}

function resultsOf(items: readonly ReceivedItem[]): Result[] {
  return items.filter((item) => item.type === "tool-result");
}

async function toolResults(kit: Kit): Promise<void> {
  await using served = await kit.serve(inTurn(says(TWO_CALLS), says(HELLO)));
  const question: Message = { role: "user", content: "Weather and time?" };
  const { messages } = await served.llm.stream([question], TOOLS).result;
  const results: Message = {
    role: "tool",
    content: [
      { type: "tool-result", toolCallId: "callOne01", toolName: "get_weather", output: { sky: "clear", warm: true } },
      { type: "tool-result", toolCallId: "callTwo02", toolName: "get_time", output: "the clock is broken", isError: true },
    ],
  };
  for (const [how, { text }] of await bothWays(served.llm, [question, ...messages, results], TOOLS))
    assert.equal(text, HELLO.text, `${how}: the answer to the results`);
  for (const { items } of served.calls.slice(1)) {
    assert.deepEqual(
      callsOf(items).map(({ id, name, input }) => ({ id, name, input })),
      TWO_CALLS.toolCalls!.map(({ id, name, input }) => ({ id, name, input: JSON.parse(input) as unknown })),
      "the calls should go back as they came",
    );
    const arrived = resultsOf(items);
    assert.deepEqual(
      arrived.map(({ id }) => id),
      ["callOne01", "callTwo02"],
      "each call should get its result, in order",
    );
    assert.deepEqual(JSON.parse(arrived[0]!.text), { sky: "clear", warm: true }, "a result that is data should arrive as JSON");
    assert.match(arrived[1]!.text, /the clock is broken/, "a result that is a text should arrive as it stands");
    assert.ok(
      items.findIndex((item) => item.type === "tool-result") > items.findLastIndex((item) => item.type === "tool-call"),
      "results should follow their calls",
    );
  }
}

async function toolChoice(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const choices: ToolChoice[] = ["auto", "none", "required", { toolName: "get_time" }];
  for (const choice of choices) {
    await bothWays(served.llm, "hi", { ...TOOLS, toolChoice: choice });
    for (const { toolChoice: arrived, tools } of served.calls.slice(-2)) {
      if (typeof choice === "object" && kit.wire.lacks?.includes("tool-by-name")) {
        const names = tools.map(({ name }) => name);
        assert.deepEqual([arrived, names], ["required", [choice.toolName]], "one tool should be chosen by leaving out the others");
        continue;
      }
      assert.deepEqual(choice === "auto" ? (arrived ?? "auto") : arrived, choice, `toolChoice ${JSON.stringify(choice)} should arrive`);
      assert.equal(tools.length, 2, "the tools should arrive with any choice, because the history may call them");
    }
  }
}

async function parallelOff(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  for (const options of [{}, { toolChoice: "required" }] satisfies CallOptions[]) {
    await bothWays(served.llm, "hi", { ...TOOLS, ...options, parallelToolCalls: false });
    for (const { parallelToolCalls } of served.calls.slice(-2))
      assert.equal(parallelToolCalls, false, `parallelToolCalls: false should arrive, also with ${JSON.stringify(options)}`);
  }
}

/** A history from another vendor: its ids may be too long here, or hold characters that are refused. */
async function foreignIds(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const ids = ["call:1/ü x", "call:1/ü y", `${"long".repeat(40)}1`, `${"long".repeat(40)}2`];
  await bothWays(
    served.llm,
    [
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        provider: "elsewhere",
        content: ids.map((toolCallId) => ({
          type: "tool-call" as const,
          toolCallId,
          toolName: "get_weather",
          input: { city: toolCallId },
        })),
      },
      {
        role: "tool",
        content: ids.map((toolCallId) => ({ type: "tool-result" as const, toolCallId, toolName: "get_weather", output: toolCallId })),
      },
    ],
    TOOLS,
  );
  for (const { items } of served.calls) {
    const calls = callsOf(items);
    for (const { id } of calls) assert.match(id, kit.wire.toolCallId, `the id ${JSON.stringify(id)} is none that this vendor takes`);
    assert.equal(new Set(calls.map(({ id }) => id)).size, ids.length, "calls with different ids should stay different");
    assert.deepEqual(
      resultsOf(items).map(({ id, text }) => [id, text]),
      calls.map(({ id, input }) => [id, (input as { city: string }).city]),
      "a result should keep to its call",
    );
  }
}
