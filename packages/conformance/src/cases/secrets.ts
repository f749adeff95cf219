import type { CallMetrics, LlmError } from "@plurivox/core";
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { bothFailures, bothWays, failure, within } from "../expect.ts";
import { begin, CANARY_KEY, replies, says, unfinished, writes, type Case, type Kit, type Responder, type Served } from "../kit.ts";
import { startLoopback } from "../loopback.ts";
import { HELLO, SCHEMA } from "../samples.ts";

export const secretCases: readonly Case[] = [{ name: "no-key-anywhere", run: noKeyAnywhere }];

const ECHO = `Incorrect API key provided: ${CANARY_KEY}. Bearer ${CANARY_KEY}`;

async function noKeyAnywhere(kit: Kit): Promise<void> {
  await assertKeyTravels(kit);
  for (const [what, responder] of answers(kit)) {
    await using served = await kit.serve(responder);
    const metrics = watched(served);
    for (const [how, error] of await bothFailures(served.llm, "hi", what)) assertClean(`${what}, ${how}`, error, metrics);
  }
  await withoutAnswer(kit);
  await readings(kit);
}

/** Otherwise the search would prove nothing. */
async function assertKeyTravels(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  await bothWays(served.llm, "hi");
  for (const { headers, path, body } of served.server.requests) {
    assert.ok(JSON.stringify(headers).includes(CANARY_KEY), "the key should be sent in a header");
    assert.ok(!JSON.stringify([path, body]).includes(CANARY_KEY), "the key should not be in the URL or the body");
  }
}

/** Every way to answer badly, most of them with the key in what is said. */
function answers(kit: Kit): [what: string, responder: Responder][] {
  const { wire } = kit;
  const begun = unfinished(wire, HELLO).join("");
  const headers = { "www-authenticate": `Bearer realm="${CANARY_KEY}"`, "set-cookie": `key=${CANARY_KEY}` };
  return [
    ...[400, 401, 403, 404, 429, 500, 503].map((status): [string, Responder] => [
      `status ${status}`,
      replies(status, wire.error(status, ECHO), headers),
    ]),
    ["HTML under 401", replies(401, `<html>${ECHO}</html>`, headers)],
    ["an error under 200", replies(200, wire.error(401, ECHO), headers)],
    ["HTML under 200", replies(200, `<html>${ECHO}</html>`, headers)],
    ["half an answer", ({ call, ...rest }) => (call.stream ? writes([begun]) : replies(200, `{"half": "${ECHO}`))({ call, ...rest })],
    ["an event that is not JSON", writes([`${begun}data: {oops ${ECHO}\n\n`])],
    ...wire.streamErrors(ECHO).map(({ what, frame }): [string, Responder] => [what, writes([begun + frame])]),
    ["a closed connection", ({ response }) => void response.destroy()],
    ["a redirect", replies(302, "", { location: `https://elsewhere.invalid/?key=${CANARY_KEY}` })],
  ];
}

function watched(served: Served): CallMetrics[] {
  const metrics: CallMetrics[] = [];
  served.context.on("metrics", (measured) => void metrics.push(measured));
  return metrics;
}

async function withoutAnswer(kit: Kit): Promise<void> {
  await using served = await kit.serve((exchange) => begin(exchange, unfinished(kit.wire, HELLO).join("")));
  const metrics = watched(served);
  const nobody = await startLoopback(() => {});
  await nobody.close();
  const refused = served.llm.with({ baseURL: nobody.url });
  for (const [how, error] of await bothFailures(refused, "hi", "nobody listens")) assertClean(`connection refused, ${how}`, error, metrics);
  for (const [how, error] of await bothFailures(served.llm, "hi", "a timeout", { timeouts: { idleMs: 30 } }))
    assertClean(`timeout, ${how}`, error, metrics);
  const controller = new AbortController();
  const stream = served.llm.stream("hi", { signal: controller.signal });
  for await (const event of stream) {
    if (event.type === "text") controller.abort(new Error("enough"));
    if (controller.signal.aborted) break;
  }
  assertClean("an abort", await failure(stream.result, "An aborted stream"), metrics);
  const cast = served.llm.chat("hi", { toolChoice: "required" });
  assertClean("a refused call", await failure(cast, "A call that is refused"), metrics);
}

/** What shows a profile, a client or a call. */
async function readings(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: "no JSON" }));
  const { context, llm } = served;
  const explained = await llm.explain(`My key is ${CANARY_KEY}`, {
    headers: { authorization: `Bearer ${CANARY_KEY}`, "x-api-key": CANARY_KEY },
  });
  assertNotIn("explain()", explained.request.headers);
  assertNotIn(
    "the curl command's headers",
    explained.curl.split("\n").filter((line) => line.includes("-H ")),
  );
  assertNotIn("explain()'s URL", explained.request.url);
  assertNotIn("profiles()", context.profiles());
  assertNotIn("the context", context);
  assertNotIn("the client", llm);
  const result = await within(llm.chat("hi"), "The call should end");
  assertNotIn("a result", result);
  assertNotIn("an error of the output", await failure(llm.chat("hi", { output: SCHEMA }), "Output that is no JSON"));
}

function assertClean(what: string, error: LlmError, metrics: readonly CallMetrics[]): void {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    const place = depth === 0 ? `the error after ${what}` : `a cause of the error after ${what}`;
    assertNotIn(`the message of ${place}`, at.message);
    assertNotIn(`the stack of ${place}`, at.stack);
    assertNotIn(place, at);
  }
  assertNotIn(`the metrics of ${what}`, metrics);
}

function assertNotIn(place: string, value: unknown): void {
  const shown = [inspect(value, { depth: 10, showHidden: true, getters: true, maxStringLength: null }), toJson(value), String(value)];
  const found = shown.find((text) => text.includes(CANARY_KEY));
  if (found === undefined) return;
  const at = found.indexOf(CANARY_KEY);
  assert.fail(`The key is in ${place}: …${found.slice(Math.max(0, at - 120), at)}<the key>…`);
}

/** What a logger would write. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    // Something that refers to itself is in the inspection.
    return "";
  }
}
