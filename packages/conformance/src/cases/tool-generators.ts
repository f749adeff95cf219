import type { ChatEvent } from "@plurivox/core";
import assert from "node:assert/strict";
import { collect, failure, within } from "../expect.ts";
import { begin, inTurn, says, unfinished, type Case, type Kit } from "../kit.ts";
import { HELLO, WEATHER } from "../samples.ts";
import type { Answer } from "../wire.ts";
import { runnable, SKY, untilResults } from "./tool-loop.ts";

export const toolGeneratorCases: readonly Case[] = [
  { name: "tool-loop-generator", run: generator },
  { name: "tool-loop-abort", run: aborted },
];

const WEATHER_CALL: Answer = { toolCalls: [{ id: "callGen01", name: "get_weather", input: '{"city":"Rome"}' }] };

async function generator(kit: Kit): Promise<void> {
  const weather = runnable(WEATHER, async function* () {
    yield "looking out";
    yield { half: true };
    return SKY;
  });
  await using served = await kit.serve(untilResults(WEATHER_CALL));
  const stream = served.llm.stream("Weather?", { tools: [weather] });
  const events = await within(collect(stream), "The stream should end", 10_000);
  const told: (ChatEvent["type"] | unknown[])[] = [];
  for (const event of events) {
    if (event.type === "tool-stream" || event.type === "tool-result") told.push([event.type, event.toolCallId, event.output, event.job]);
    if (event.type === "tool-call" || event.type === "done" || (event.type === "text" && told.at(-1) !== "text")) told.push(event.type);
  }
  assert.deepEqual(
    told,
    [
      "tool-call",
      ["tool-stream", "callGen01", "looking out", 0],
      ["tool-stream", "callGen01", { half: true }, 0],
      ["tool-result", "callGen01", SKY, 0],
      "text",
      "done",
    ],
    "what a tool yields should be told between its call and its result",
  );
  for (const { toolResults, text } of [await stream.result, await served.llm.chat("Weather?", { tools: [weather] })]) {
    assert.deepEqual([toolResults[0]?.output, text], [SKY, HELLO.text], "what a tool returns is its result");
  }
}

/** The tool itself reads a stream of the same vendor: whoever leaves closes that too. */
async function aborted(kit: Kit): Promise<void> {
  const answers = inTurn(says(WEATHER_CALL), (exchange) => begin(exchange, unfinished(kit.wire, HELLO).join("")), says(HELLO));
  await using served = await kit.serve(answers);
  let cleaned = false;
  const weather = runnable(WEATHER, async function* (_, { signal }) {
    try {
      for await (const event of served.llm.stream("inner", { signal })) yield event;
    } finally {
      cleaned = true;
    }
  });
  const controller = new AbortController();
  const reading = (async () => {
    const stream = served.llm.stream("Weather?", { tools: [weather], signal: controller.signal });
    for await (const event of stream) if (event.type === "tool-stream" && isText(event.output)) controller.abort();
  })();
  const error = await failure(reading, "A chat that is aborted while its tool runs");
  assert.equal(error.kind, "aborted", error.message);
  assert.equal(cleaned, true, "the generator's `finally` should have run");
  await within(served.server.clientClosed(), "The socket of the tool's own call should be closed");
  assert.equal(served.calls.length, 2, "nothing more should be sent");
  assert.equal((await served.llm.chat("hi")).text, HELLO.text, "the next call should be answered");
}

function isText(event: unknown): boolean {
  return (event as ChatEvent).type === "text";
}
