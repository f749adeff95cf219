import { tool, type CallOptions, type ChatResult, type Tool } from "@plurivox/core";
import type { Usage } from "@plurivox/core/provider";
import assert from "node:assert/strict";
import { bothWays, collect, within } from "../expect.ts";
import { says, type Case, type Kit, type Responder } from "../kit.ts";
import { HELLO, TIME, TWO_CALLS, WEATHER } from "../samples.ts";
import type { Answer, AnswerReasoning, ReceivedCall, ReceivedItem } from "../wire.ts";

export const toolLoopCases: readonly Case[] = [
  { name: "tool-loop", run: loop },
  { name: "tool-loop-errors", run: errors },
  { name: "tool-loop-history", run: history },
];

/** The calls first; once their results have arrived, the answer. */
export function untilResults(first: Answer, then: Answer = HELLO): Responder {
  return (exchange) => says(exchange.call.items.some(({ type }) => type === "tool-result") ? then : first)(exchange);
}

/** A tool of the samples, to be run. */
export function runnable({ function: { name, description, parameters } }: typeof WEATHER, execute: Tool["execute"] & object): Tool {
  return tool({ name, input: parameters as Record<string, unknown>, execute, ...(description !== undefined && { description }) });
}

export function callsIn({ items }: ReceivedCall): Omit<Extract<ReceivedItem, { type: "tool-call" }>, "type">[] {
  return items.flatMap((item) => (item.type === "tool-call" ? [{ id: item.id, name: item.name, input: item.input }] : []));
}

export function resultsIn({ items }: ReceivedCall): Extract<ReceivedItem, { type: "tool-result" }>[] {
  return items.filter((item) => item.type === "tool-result");
}

/** As they were written. */
const CALLS = TWO_CALLS.toolCalls!.map(({ id, name, input }) => ({ id, name, input: JSON.parse(input) as unknown }));
export const SKY = { sky: "clear", warm: true };
const CLOCK = "half past nine";
const USAGE: Usage = { inputTokens: 30, outputTokens: 11, totalTokens: 41 };
const HIDDEN = "kit-tool-context-7c1f";

async function loop(kit: Kit): Promise<void> {
  await using served = await kit.serve(untilResults({ ...TWO_CALLS, usage: USAGE }));
  for (const streamed of [true, false]) {
    const how = streamed ? "streamed" : "whole";
    const ran: unknown[] = [];
    const [both, here] = [Promise.withResolvers<void>(), { count: 0 }];
    // Neither is done before the other has begun.
    const meet = () => (++here.count === 2 ? both.resolve() : undefined, both.promise);
    const tools = [
      runnable(WEATHER, async (input, { toolContext, toolCallId }) => {
        await meet();
        ran.push(["weather", input, toolCallId, (toolContext as { secret: string }).secret]);
        return SKY;
      }),
      runnable(TIME, async (input, { toolContext, toolCallId }) => {
        await meet();
        ran.push(["time", input, toolCallId, (toolContext as { secret: string }).secret]);
        return CLOCK;
      }),
    ];
    const options: CallOptions = { tools, toolContext: { secret: HIDDEN } };
    const before = served.calls.length;
    const running = streamed ? served.llm.stream("Weather and time?", options).result : served.llm.chat("Weather and time?", options);
    const result = await within(running, `${how}: both tools should run at the same time, and the chat go on`, 10_000);
    assert.deepEqual(
      ran.toSorted(),
      [
        ["time", { city: "Osaka" }, "callTwo02", HIDDEN],
        ["weather", { city: "Zürich", days: 2 }, "callOne01", HIDDEN],
      ],
      `${how}: each tool should run once, on its own input and with the caller's context`,
    );
    assertLoop(kit, result, how);
    assert.equal(served.calls.length - before, 2, `${how}: one call for the question and one for the results`);
    assertToldBack(served.calls.at(-1)!, how);
  }
  for (const { headers, body, path } of served.requests)
    assert.ok(!JSON.stringify([headers, body, path]).includes(HIDDEN), "the context of the tools should be in no request");
}

function assertLoop({ wire }: Kit, result: ChatResult, how: string): void {
  const ids = ["callOne01", "callTwo02"];
  const outputs = [
    { toolCallId: "callOne01", toolName: "get_weather", output: SKY },
    { toolCallId: "callTwo02", toolName: "get_time", output: CLOCK },
  ];
  assert.equal(result.text, HELLO.text, `${how}: the answer to the results`);
  assert.equal(result.finishReason, "stop", `${how}: the finish reason is that of the last step`);
  assert.deepEqual(
    result.toolCalls.map(({ toolCallId }) => toolCallId),
    ids,
    `${how}: the calls of all steps`,
  );
  assert.deepEqual(result.toolResults, outputs, `${how}: the results, in the order of the calls`);
  assert.deepEqual(
    result.steps.map(({ text, finishReason, toolResults }) => [text, finishReason, toolResults]),
    [
      ["", "tool-calls", outputs],
      [HELLO.text, "stop", []],
    ],
    `${how}: the steps`,
  );
  assert.deepEqual(
    result.messages.map(({ role }) => role),
    ["assistant", "tool", "assistant"],
    `${how}: what to append to the history`,
  );
  for (const count of wire.counts) {
    const [first, second] = [USAGE[count], HELLO.usage![count]];
    if (first !== undefined && second !== undefined) assert.equal(result.usage[count], first + second, `${how}: ${count} of both steps`);
  }
}

function assertToldBack(call: ReceivedCall, how: string): void {
  assert.deepEqual(callsIn(call), CALLS, `${how}: the calls should go back as they came`);
  const results = resultsIn(call);
  assert.deepEqual(
    results.map(({ id }) => id),
    CALLS.map(({ id }) => id),
    `${how}: each call should get its result, in order`,
  );
  assert.deepEqual(JSON.parse(results[0]!.text), SKY, `${how}: a result that is data should arrive as JSON`);
  assert.match(results[1]!.text, /half past nine/, `${how}: a result that is a text should arrive as it stands`);
  assert.deepEqual(
    call.tools.map(({ name }) => name),
    ["get_weather", "get_time"],
    `${how}: the tools should go along with the results`,
  );
}

/** A model can make good what it is told of. */
async function errors(kit: Kit): Promise<void> {
  let ran = 0;
  const weather = runnable(WEATHER, () => ++ran);
  const time = runnable(TIME, () => {
    throw new Error("the clock is broken");
  });
  const calls = [
    { id: "callBad01", name: "get_weather", input: '{"city":5}' },
    { id: "callBad02", name: "get_time", input: '{"city":"Osaka"}' },
    { id: "callBad03", name: "get_lost", input: "{}" },
  ];
  await using served = await kit.serve(untilResults({ toolCalls: calls }));
  for (const [how, { text, toolResults }] of await bothWays(served.llm, "hi", { tools: [weather, time] })) {
    assert.equal(text, HELLO.text, `${how}: the chat should go on`);
    assert.deepEqual(
      toolResults.map(({ toolCallId, isError }) => [toolCallId, isError]),
      calls.map(({ id }) => [id, true]),
      `${how}: each call should have an error as its result`,
    );
  }
  assert.equal(ran, 0, "a tool should not run on an input that does not fit its schema");
  for (const call of [served.calls[1]!, served.calls[3]!]) assertTold(call, [/city/, /the clock is broken/, /get_lost/]);
  const events = await collect(served.llm.stream("hi", { tools: [weather, time] }));
  assert.deepEqual(
    events.flatMap((event) => (event.type === "tool-error" ? [event.toolCallId] : [])).toSorted(),
    calls.map(({ id }) => id),
    "each failure should be an event",
  );
  if (kit.wire.cannot["tool-input-not-json"] !== undefined) return;
  await using broken = await kit.serve(untilResults({ toolCalls: [{ id: "callBad04", name: "get_weather", input: '{"city": "Zür' }] }));
  const { text } = await within(broken.llm.stream("hi", { tools: [weather] }).result, "The stream should end", 10_000);
  assert.equal(text, HELLO.text, "the chat should go on after an input that is no JSON");
  assertTold(broken.calls[1]!, [/JSON/]);
}

function assertTold(call: ReceivedCall, words: readonly RegExp[]): void {
  const results = resultsIn(call);
  assert.equal(results.length, words.length, "each call should get its result");
  for (const [index, pattern] of words.entries()) assert.match(results[index]!.text, pattern, "the model should be told what was wrong");
}

const THOUGHT: AnswerReasoning = { text: "Zürich first.\nThen Osaka — 大阪.", signature: "RXJ1Q2tJ/+signed-by-the-kit==" };

/** The vendor refuses results for calls that were changed, or whose reasoning was. */
async function history(kit: Kit): Promise<void> {
  const tools = [runnable(WEATHER, () => SKY), runnable(TIME, () => CLOCK)];
  await using served = await kit.serve(untilResults({ reasoning: THOUGHT, text: "Let me look.", ...TWO_CALLS }));
  for (const [how, { text }] of await bothWays(served.llm, "Weather and time?", { tools })) {
    assert.equal(text, HELLO.text, `${how}: the answer to the results`);
    const call = served.calls[how === "streamed" ? 1 : 3]!;
    // Where no vendor wants it back, a host may still take it as a text.
    const wanted = kit.wire.cannot["reasoning-round-trip"] === undefined;
    const sent = call.items.flatMap((item) => (item.type === "reasoning" ? [[item.text, item.signature]] : []));
    const signature = wanted && !kit.wire.lacks?.includes("signature") ? THOUGHT.signature : undefined;
    if (wanted || sent.length > 0)
      assert.deepEqual(
        sent,
        [[THOUGHT.text, signature]],
        `${how}: the reasoning should go back once, with what the vendor wants back of it`,
      );
    const types = call.items.map(({ type }) => type).filter((type, index, all) => type !== "text" && type !== all[index - 1]);
    assert.deepEqual(
      types,
      [...(sent.length > 0 ? ["reasoning"] : []), "tool-call", "tool-result"],
      `${how}: the reasoning, the calls and their results, in order`,
    );
    assertToldBack(call, how);
    assert.ok(
      call.items.some((item) => item.type === "text" && item.role === "assistant" && item.text === "Let me look."),
      `${how}: what was said along with the calls`,
    );
  }
}
