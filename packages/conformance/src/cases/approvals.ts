import { createContext, type CallOptions, type ChatEvent, type ChatResult, type Context, type Message, type Tool } from "@plurivox/core";
import assert from "node:assert/strict";
import { failure, within, type How } from "../expect.ts";
import { LOOPBACK_ONLY, type Case, type Kit, type Served } from "../kit.ts";
import { HELLO, TIME, TWO_CALLS, WEATHER } from "../samples.ts";
import { callsIn, resultsIn, runnable, untilResults } from "./tool-loop.ts";

export const approvalCases: readonly Case[] = [
  { name: "tool-loop-approvals", run: inStream },
  { name: "tool-loop-paused", run: paused },
  { name: "tool-loop-forged", run: forged },
];

const QUESTION: Message = { role: "user", content: "Weather and time?" };
const SECRET = "kit-approval-secret-31c0";

/** Tools that need approval, and which of them have run. */
function guarded(): { ran: string[]; tools: Tool[] } {
  const ran: string[] = [];
  const tools = [WEATHER, TIME].map((sample) => ({
    ...runnable(sample, () => {
      ran.push(sample.function.name);
      return "fine";
    }),
    approval: true,
  }));
  return { ran, tools };
}

async function inStream(kit: Kit): Promise<void> {
  await using served = await kit.serve(untilResults(TWO_CALLS));
  const { ran, tools } = guarded();
  const stream = served.llm.stream([QUESTION], { tools });
  const reading = (async () => {
    for await (const event of stream) if (event.type === "approval-request") decide(event);
  })();
  await within(reading, "A stream whose calls are decided on should go on", 10_000);
  const { text, toolResults } = await stream.result;
  assert.deepEqual(ran, ["get_weather"], "the call that was approved should run, and no other");
  assert.deepEqual(
    toolResults.map(({ isError }) => isError),
    [undefined, true],
    "the call that was rejected should have an error as its result",
  );
  assert.equal(text, HELLO.text, "the chat should go on");
  assertTold(served, [/^"?fine"?$|fine/, /Not now\./]);

  const result = await served.llm.chat([QUESTION], { tools });
  assert.deepEqual(ran, ["get_weather"], "where nobody can approve a call, none should run");
  assert.deepEqual([result.text, result.pendingApprovals], [HELLO.text, undefined], "and the chat should go on");
  assertTold(served, [/approve/, /approve/]);
}

function decide(event: Extract<ChatEvent, { type: "approval-request" }>): void {
  if (event.toolName === "get_weather") event.approve();
  else event.reject("Not now.");
}

/** The model knows of each call what came of it. */
function assertTold(served: Served, words: readonly RegExp[]): void {
  const results = resultsIn(served.calls.at(-1)!);
  assert.deepEqual(
    results.map(({ id }) => id),
    TWO_CALLS.toolCalls!.map(({ id }) => id),
    "each call should get its result, in order",
  );
  for (const [index, pattern] of words.entries()) assert.match(results[index]!.text, pattern, "the model should be told what came of it");
}

/** Another process, or the same one later. */
function another(kit: Kit, { server }: Served, approvalSecret: string): Context {
  const profiles = { default: { ...kit.settings, baseURL: server.url } };
  return createContext({ providers: [kit.provider], profiles, env: LOOPBACK_ONLY, approvalSecret });
}

async function ask(context: Context, how: How, messages: Message[], options: CallOptions): Promise<ChatResult> {
  const llm = context.llm();
  const answer = how === "whole" ? llm.chat(messages, options) : llm.stream(messages, options).result;
  return within(answer, `${how}: the call should end`, 10_000);
}

/** What was stored of a call that waits for decisions, and came back. */
interface Stored {
  messages: Message[];
  pending: NonNullable<ChatResult["pendingApprovals"]>;
}

async function pause(kit: Kit, served: Served, how: How, tools: Tool[]): Promise<Stored> {
  await using context = another(kit, served, SECRET);
  const before = served.calls.length;
  const { messages, pendingApprovals = [] } = await ask(context, how, [QUESTION], { tools, approvals: "pause" });
  assert.deepEqual(
    pendingApprovals.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, input })),
    TWO_CALLS.toolCalls!.map(({ id, name, input }) => ({ id, name, input: JSON.parse(input) as unknown })),
    `${how}: the calls that wait for a decision should be handed back`,
  );
  assert.equal(served.calls.length - before, 1, `${how}: nothing more should be sent before they are decided on`);
  return JSON.parse(JSON.stringify({ messages: [QUESTION, ...messages], pending: pendingApprovals })) as Stored;
}

/** The first call approved, the others not. */
function decided({ messages, pending }: Stored): Message[] {
  const content = pending.map(({ toolCallId, token }, index) => ({
    type: "approval" as const,
    toolCallId,
    token,
    ...(index === 0 ? { approved: true } : { approved: false, reason: "Not now." }),
  }));
  return [...messages, { role: "tool", content }];
}

async function paused(kit: Kit): Promise<void> {
  await using served = await kit.serve(untilResults(TWO_CALLS));
  for (const how of ["streamed", "whole"] as const) {
    const { ran, tools } = guarded();
    const stored = await pause(kit, served, how, tools);
    assert.deepEqual(ran, [], `${how}: nothing should run before it is approved`);
    await using later = another(kit, served, SECRET);
    const { text } = await ask(later, how, decided(stored), { tools, approvals: "pause" });
    assert.deepEqual(ran, ["get_weather"], `${how}: the call that was approved should run, and no other`);
    assert.equal(text, HELLO.text, `${how}: the answer to the results`);
    assert.deepEqual(
      callsIn(served.calls.at(-1)!),
      TWO_CALLS.toolCalls!.map(({ id, name, input }) => ({ id, name, input: JSON.parse(input) as unknown })),
      `${how}: the calls should go back as they came`,
    );
    assertTold(served, [/fine/, /Not now\./]);
    assert.doesNotMatch(JSON.stringify(served.requests.at(-1)!.body), /"approval"|"token":/, `${how}: no vendor knows of decisions`);
  }
}

/** A client may send anything: a decision is worth something for the call alone that it was asked about. */
async function forged(kit: Kit): Promise<void> {
  await using served = await kit.serve(untilResults(TWO_CALLS));
  const { ran, tools } = guarded();
  const stored = await pause(kit, served, "streamed", tools);
  const changed = (what: "messages" | "pending", from: string, to: string): Stored => {
    const before = JSON.stringify(stored[what]);
    assert.ok(before.includes(from), `${from} should be in what was stored`);
    return { ...stored, [what]: JSON.parse(before.replaceAll(from, to)) as unknown };
  };
  const { token } = stored.pending[0]!;
  const forgeries: [what: string, stored: Stored, secret: string][] = [
    ["a token that was changed", changed("pending", token, `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`), SECRET],
    ["another input", changed("messages", "Zürich", "Geneva"), SECRET],
    ["another tool", changed("messages", "get_weather", "get_time"), SECRET],
    ["a secret that is none of ours", stored, "another-secret"],
  ];
  const before = served.calls.length;
  for (const [what, forgery, secret] of forgeries) {
    await using context = another(kit, served, secret);
    for (const how of ["streamed", "whole"] as const) {
      const error = await failure(ask(context, how, decided(forgery), { tools, approvals: "pause" }), `${how}: ${what}`);
      assert.equal(error.kind, "invalid-request", `${how}: ${what}: ${error.message}`);
    }
  }
  assert.deepEqual([ran, served.calls.length - before], [[], 0], "nothing should run, and nothing be sent");
}
