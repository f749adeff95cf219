import { createContext, type ChatEvent, type Context, type LlmError, type Message } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothFailures, bothWays, collect, failure, within } from "../expect.ts";
import {
  inTurn,
  joined,
  LOOPBACK_ONLY,
  replies,
  says,
  unfinished,
  writes,
  type Case,
  type Kit,
  type Responder,
  type Served,
} from "../kit.ts";
import { HELLO, TOOLS, TWO_CALLS } from "../samples.ts";

export const resilienceCases: readonly Case[] = [
  { name: "retry-mid-stream", run: midStream },
  { name: "retry-deadline", run: deadline },
  { name: "retry-abort", run: abortWhileWaiting },
  { name: "rate-limit-reset", run: rateLimitReset },
  { name: "fallback", run: fallback },
  { name: "fallback-restart", run: fallbackRestart },
];

const SAID = "The kit says no.";

function busy(kit: Kit, headers: Record<string, string> = {}): Responder {
  return replies(503, kit.wire.error(503, SAID), headers);
}

/** What was said before the retry does not count: the caller is told, and only where that was asked for. */
async function midStream(kit: Kit): Promise<void> {
  const cut = writes(unfinished(kit.wire, HELLO));
  await using served = await kit.serve(inTurn(cut, says(HELLO)));
  const stream = served.llm.stream("hi", { retry: { maxAttempts: 2, midStream: true } });
  const events = await within(collect(stream), "The second attempt should answer");
  const at = events.findIndex(({ type }) => type === "retry");
  assert.ok(at !== -1, "a retry in mid-stream should be an event");
  assert.equal(textOf(events.slice(0, at)), HELLO.text, "what came before the retry should have been handed over");
  assert.equal(textOf(events.slice(at)), HELLO.text, "after the retry the answer should come anew, all of it");
  const { text, attempts } = await stream.result;
  assert.equal(text, HELLO.text, "the result should hold the second answer alone");
  assert.deepEqual(
    attempts.map(({ error }) => error?.kind),
    ["incomplete-stream", undefined],
    "both attempts should be on record",
  );
  await assertFinal(kit, cut, {});
  const reasoned = { reasoning: { text: "Let me think.", signature: "c2lnbmVk" } };
  const thinking = writes(unfinished(kit.wire, reasoned));
  await using thoughtful = await kit.serve(says({ ...HELLO, ...reasoned }));
  // Some vendors have reasoning of which this provider shows nothing: then nothing has reached the caller.
  if ((await thoughtful.llm.stream("hi").result).reasoning !== undefined) await assertFinal(kit, thinking, { hideReasoning: true });
}

/** Something has reached the caller, so the failure is final. */
async function assertFinal(kit: Kit, responder: Responder, options: { hideReasoning?: true }): Promise<void> {
  await using served = await kit.serve(responder);
  const stream = served.llm.stream("hi", { ...options, retry: { maxAttempts: 2 } });
  const error = await failure(stream.result, "A stream that is cut after its first delta");
  assert.equal(error.kind, "incomplete-stream", error.message);
  assert.equal(served.calls.length, 1, "after the first delta, hidden reasoning included, nothing should be sent again by itself");
}

function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === "text" ? event.text : "")).join("");
}

const TOTAL_MS = 900;
/** The shortest wait before a second attempt is half of that before core may try again: a deadline of each attempt's own would end no sooner. */
const SHORTEST_WAIT_MS = 240;

/** One deadline for all attempts: a wait that goes beyond it is not begun, and it ends the last attempt. */
async function deadline(kit: Kit): Promise<void> {
  await using slow = await kit.serve(busy(kit, { "retry-after": "20" }));
  for (const [how, error] of await bothFailures(slow.llm, "hi", "a wait beyond the deadline", { timeoutMs: 10_000, retry: {} }))
    assert.deepEqual([error.kind, error.retryAfterMs], ["overloaded", 20_000], `${how}: the vendor's failure, and not a timeout later`);
  assert.equal(slow.calls.length, 2, "a wait that the deadline would cut should not be begun");

  await using served = await kit.serve(inTurn(busy(kit), () => {}));
  let late = false;
  const timer = setTimeout(() => (late = true), TOTAL_MS + SHORTEST_WAIT_MS);
  const error = await failure(served.llm.stream("hi", { timeoutMs: TOTAL_MS, retry: {} }).result, "A call with a deadline");
  clearTimeout(timer);
  assert.deepEqual([error.kind, error.timeout, error.retryable], ["timeout", "total", false], error.message);
  assert.equal(late, false, "the deadline should count from the beginning of the call, not of its last attempt");
  assert.equal(error.attempts?.length, 2, "both attempts should be on record");
  await within(served.server.clientClosed(), "The socket should be closed");
}

async function abortWhileWaiting(kit: Kit): Promise<void> {
  await using served = await kit.serve(busy(kit, { "retry-after": "30" }));
  const controller = new AbortController();
  const reading = (async () => {
    for await (const event of served.llm.stream("hi", { signal: controller.signal, retry: {} })) {
      assert.ok(
        event.type === "retry" && event.delayMs >= 30_000,
        "the wait should be told before it begins, and be no shorter than asked",
      );
      controller.abort();
    }
  })();
  const error = await failure(within(reading, "An abort should end the wait at once"), "A call that is aborted while it waits");
  assert.equal(error.kind, "aborted", error.message);
  assert.equal(served.calls.length, 1, "nothing more should be sent");
}

/** Where no header asks for a wait, the limit that is used up tells. */
async function rateLimitReset(kit: Kit): Promise<void> {
  const room = { "x-ratelimit-remaining-tokens": "99000", "x-ratelimit-reset-tokens": "2h0m0s" };
  const told: [headers: Record<string, string>, asked: number][] = [
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s", ...room }, 360_000],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2m59.56s", ...room }, 179_560],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "850ms", ...room }, 850],
    [
      { ...room, "x-ratelimit-remaining-tokens": "0", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s" },
      7_200_000,
    ],
    [{ "retry-after": "7", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" }, 7_000],
  ];
  for (const [headers, asked] of told) {
    await using served = await kit.serve(replies(429, kit.wire.error(429, SAID), headers));
    for (const [how, error] of await bothFailures(served.llm, "hi", "a used-up limit", { retry: { maxWaitMs: 100 } }))
      assert.deepEqual([error.kind, error.retryAfterMs], ["rate-limit", asked], `${how}: ${JSON.stringify(headers)}`);
    assert.equal(served.calls.length, 2, "a wait longer than maxWaitMs should fail at once, without a second attempt");
  }
  await using served = await kit.serve(replies(429, kit.wire.error(429, SAID), told[1]![0]));
  for await (const event of served.llm.stream("hi", { retry: { maxWaitMs: 600_000 } })) {
    assert.ok(event.type === "retry" && event.delayMs >= 179_560, "the wait should never be shorter than the limit takes");
    break;
  }
}

/** Calls the first server, and the second where that fails. */
function chained(kit: Kit, first: Served, second: Served): Context {
  const profiles = {
    default: { ...kit.settings, baseURL: first.server.url, fallback: ["other"] },
    other: { ...kit.settings, baseURL: second.server.url },
  };
  return createContext({ providers: [kit.provider], profiles, env: LOOPBACK_ONLY });
}

const HISTORY: Message[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather and time?" },
  {
    role: "assistant",
    content: TWO_CALLS.toolCalls!.map(({ id, name, input }) => ({
      type: "tool-call" as const,
      toolCallId: id,
      toolName: name,
      input: JSON.parse(input) as unknown,
    })),
  },
  {
    role: "tool",
    content: TWO_CALLS.toolCalls!.map(({ id, name }) => ({ type: "tool-result" as const, toolCallId: id, toolName: name, output: "fine" })),
  },
];

/** Before the first delta nobody but the record has to know. */
async function fallback(kit: Kit): Promise<void> {
  const { wire } = kit;
  const head = joined(wire.stream(HELLO).filter(({ part }) => part === "head"));
  const failures: [what: string, responder: Responder, kind: LlmError["kind"]][] = [
    ["a vendor that is busy", busy(kit), "overloaded"],
    ["a key that is refused", replies(401, wire.error(401, SAID)), "authentication"],
    ["a stream that ends before it says anything", writes([head]), head === "" ? "invalid-response" : "incomplete-stream"],
  ];
  for (const [what, responder, kind] of failures) {
    await using first = await kit.serve(responder);
    await using second = await kit.serve(says(HELLO));
    await using context = chained(kit, first, second);
    const stream = context.llm().stream(HISTORY, TOOLS);
    const events = await within(collect(stream), "The second profile should answer");
    assert.deepEqual([...new Set(events.map(({ type }) => type))].filter(isAboutFailures), [], `${what}: nothing to tell of`);
    assert.equal(events.filter(({ type }) => type === "start").length, 1, `${what}: one beginning`);
    const { text, attempts, warnings } = await stream.result;
    assert.equal(text, HELLO.text, `${what}: the answer of the second profile`);
    assert.deepEqual(
      attempts.map(({ error }) => error?.kind),
      [kind, undefined],
      `${what}: both attempts should be on record`,
    );
    assert.equal(warnings[0]?.code, "fallback", `${what}: the result should say that a profile was left`);
    assert.deepEqual(second.calls, first.calls, `${what}: the second profile should get the whole call, history and tools included`);
  }
  await using wrong = await kit.serve(replies(400, wire.error(400, SAID)));
  await using second = await kit.serve(says(HELLO));
  await using context = chained(kit, wrong, second);
  for (const [how, error] of await bothFailures(context.llm(), "hi", "a call that is wrong"))
    assert.equal(error.kind, "invalid-request", `${how}: what is wrong with the call is wrong everywhere`);
  assert.equal(second.calls.length, 0, "a call that is wrong should not be sent elsewhere");
}

function isAboutFailures(type: ChatEvent["type"]): boolean {
  return type === "fallback" || type === "retry";
}

/** After the first delta the consumer has to be told to begin anew. */
async function fallbackRestart(kit: Kit): Promise<void> {
  const other = { text: "Something else entirely." };
  await using first = await kit.serve(({ call, ...rest }) =>
    (call.stream ? writes(unfinished(kit.wire, HELLO)) : busy(kit))({ call, ...rest }),
  );
  await using second = await kit.serve(says(other));
  await using context = chained(kit, first, second);
  const stream = context.llm().stream("hi");
  const events = await within(collect(stream), "The second profile should answer");
  const at = events.findIndex(({ type }) => type === "fallback");
  const event = events[at];
  assert.ok(event?.type === "fallback", "after the first delta a fallback should be an event");
  assert.deepEqual([event.from, event.to, event.restart, event.error.kind], ["default", "other", true, "incomplete-stream"]);
  assert.equal(textOf(events.slice(0, at)), HELLO.text, "what came before should have been handed over");
  assert.equal(textOf(events.slice(at)), other.text, "after the event the answer should come anew");
  assert.equal((await stream.result).text, other.text, "the result should hold the second answer alone");
  await using fresh = chained(kit, first, second);
  for (const [how, { text }] of await bothWays(fresh.llm(), "hi")) assert.equal(text, other.text, `${how}: the second profile's answer`);
}
