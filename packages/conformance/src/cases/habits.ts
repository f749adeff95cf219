import type { CallOptions, ChatResult, FunctionTool, Message } from "@plurivox/core";
import assert from "node:assert/strict";
import { brief, collect, failure, within } from "../expect.ts";
import { replies, says, writes, type Case, type Kit, type Responder } from "../kit.ts";
import { HELLO } from "../samples.ts";
import type { Habit, HabitResult } from "../wire.ts";

export const habitCases: readonly Case[] = [{ name: "habits", run: habits }];

async function habits(kit: Kit): Promise<void> {
  for (const habit of kit.wire.habits ?? []) {
    for (const [how, responder, streamed] of answers(habit)) await assertMeans(kit, habit, how, responder, streamed);
  }
}

/** Each of its forms, a stream also byte by byte. */
function answers({ what, stream, whole }: Habit): [how: string, responder: Responder, streamed: boolean][] {
  const out: [string, Responder, boolean][] = [];
  if (stream !== undefined) {
    out.push([`${what}, streamed`, writes([stream]), true]);
    out.push([`${what}, streamed byte by byte`, writes(Array.from(Buffer.from(stream), (byte) => Uint8Array.of(byte))), true]);
  }
  if (whole !== undefined) out.push([`${what}, whole`, replies(200, whole), false]);
  return out;
}

async function assertMeans(kit: Kit, { means }: Habit, how: string, responder: Responder, streamed: boolean): Promise<void> {
  await using served = await kit.serve((exchange) => {
    const isFollowUp = exchange.call.items.some(({ type }) => type === "tool-result");
    return isFollowUp ? says(HELLO)(exchange) : responder(exchange);
  });
  const options = toolsOf(means);
  const call = streamed ? served.llm.stream("hi", options).result : served.llm.chat("hi", options);
  if ("error" in means) {
    const error = await failure(call, how);
    assert.deepEqual([error.kind, error.retryable], [means.error, means.retryable], `${how}: ${error.message}`);
    return;
  }
  const result = await within(call, `${how}: the call should end`).catch((error: unknown) => assert.fail(`${how}: ${brief(error)}`));
  assertResult(result, means, how);
  if (streamed) await assertEvents(kit, responder, means, how);
  if (means.calls === undefined) return;
  await served.llm.chat([{ role: "user", content: "hi" }, ...result.messages, resultsOf(result)], options);
  const { items } = served.calls.at(-1)!;
  const [sent, answered] = (["tool-call", "tool-result"] as const).map((wanted) =>
    items.flatMap((item) => (item.type === wanted && "id" in item ? [item.id] : [])),
  );
  assert.equal(sent!.length, means.calls.length, `${how}: each call should go back`);
  for (const id of sent!) assert.match(id, kit.wire.toolCallId, `${how}: the id ${JSON.stringify(id)} is none that goes back`);
  assert.deepEqual(answered, sent, `${how}: each result should keep to its call`);
}

function assertResult(result: ChatResult, { text = "", reasoning, calls = [], finish, usage }: HabitResult, how: string): void {
  assert.equal(result.text, text, `${how}: the text`);
  assert.equal(result.reasoning, reasoning, `${how}: the reasoning`);
  assert.deepEqual(
    result.toolCalls.map(({ toolName, input }) => ({ name: toolName, input })),
    calls.map(({ name, input }) => ({ name, input })),
    `${how}: the calls, each with its own input`,
  );
  const ids = result.toolCalls.map(({ toolCallId }) => toolCallId);
  assert.ok(new Set(ids).size === ids.length && ids.every((id) => id && id !== "null"), `${how}: ids of their own, not ${ids.join()}`);
  for (const [at, { id }] of calls.entries()) if (id !== undefined) assert.equal(ids[at], id, `${how}: the id that the vendor gave`);
  assert.equal(result.finishReason, finish ?? (calls.length > 0 ? "tool-calls" : "stop"), `${how}: the finish reason`);
  if (usage !== undefined) assert.deepEqual(result.usage, usage, `${how}: the usage`);
}

/** The events tell of the same calls and the same text, each once. */
async function assertEvents(kit: Kit, responder: Responder, means: HabitResult, how: string): Promise<void> {
  await using served = await kit.serve(responder);
  const events = await within(collect(served.llm.stream("hi", toolsOf(means))), `${how}: the stream should end`);
  const said = events.map((event) => (event.type === "text" ? event.text : "")).join("");
  assert.equal(said, means.text ?? "", `${how}: the text of the events`);
  for (const type of ["tool-call-start", "tool-call"] as const)
    assert.equal(events.filter((event) => event.type === type).length, means.calls?.length ?? 0, `${how}: one ${type} a call`);
}

function toolsOf(means: Habit["means"]): CallOptions {
  const names = "error" in means ? [] : (means.calls ?? []).map(({ name }) => name);
  if (names.length === 0) return {};
  const tools = [...new Set(names)].map((name): FunctionTool => ({ type: "function", function: { name } }));
  return { tools };
}

function resultsOf({ toolCalls }: ChatResult): Message {
  return {
    role: "tool",
    content: toolCalls.map(({ toolCallId, toolName }) => ({ type: "tool-result", toolCallId, toolName, output: "fine" })),
  };
}
