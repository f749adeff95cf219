import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { bothFailures, bothWays, collect, failure, settle } from "../expect.ts";
import { begin, inTurn, replies, says, unfinished, writes, type Case, type Kit } from "../kit.ts";
import { HELLO, RICH, TOOLS } from "../samples.ts";
import { ambience } from "../ambience.ts";
import { listen } from "../output.ts";

export const cleanlinessCases: readonly Case[] = [
  { name: "explain", run: explain },
  { name: "no-listener-left", run: noListenerLeft },
  { name: "no-unhandled-rejection", run: noUnhandledRejection },
  { name: "no-output", run: noOutput },
  { name: "no-ambient-environment", run: noAmbientEnvironment },
];

/** The dry run shows what the call then sends. */
async function explain(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const options = { ...TOOLS, toolChoice: kit.refuses("toolChoice") ? "auto" : "required", maxOutputTokens: 77 } as const;
  const { request, curl } = await served.llm.explain("Explain this.", options);
  assert.equal(served.server.requests.length, 0, "a dry run should send nothing");
  await served.llm.chat("Explain this.", options);
  const [sent] = served.requests;
  assert.deepEqual(request.body, sent!.body, "the body should be the one that is sent");
  assert.equal(request.method, sent!.method);
  assert.equal(new URL(request.url).pathname, sent!.path, "the path should be the one that is called");
  assert.ok(curl.includes("Explain this."), "the curl command should hold the body");
}

/** One signal for the life of a program, as servers have it. */
async function noListenerLeft(kit: Kit): Promise<void> {
  const { signal } = new AbortController();
  const half = unfinished(kit.wire, HELLO);
  await using good = await kit.serve(says(HELLO));
  await using bad = await kit.serve(inTurn(replies(500, ""), replies(200, "<html>"), writes(half)));
  await using open = await kit.serve((exchange) => begin(exchange, half.join("")));
  await bothWays(good.llm, "hi", { signal });
  for (let round = 0; round < 3; round++) await bothFailures(bad.llm, "hi", "the answer is none", { signal });
  for await (const event of open.llm.stream("hi", { signal })) if (event.type === "text") break;
  const cancelled = open.llm.stream("hi", { signal });
  const result = failure(cancelled.result, "A cancelled stream");
  await settle();
  cancelled.cancel();
  await result;
  open.llm.stream("never", { signal });
  await failure(good.llm.chat("hi", { signal, toolChoice: "required" }), "A call that is refused");
  assert.equal(getEventListeners(signal, "abort").length, 0, "a signal that is shared should keep no listener of a call that is over");
}

/** Errors reach whoever awaits them, and nobody else. */
async function noUnhandledRejection(kit: Kit): Promise<void> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const half = unfinished(kit.wire, HELLO);
    await using bad = await kit.serve(inTurn(replies(500, ""), writes(half), ({ response }) => void response.destroy()));
    for (let round = 0; round < 3; round++) await collect(bad.llm.stream("hi")).catch(() => {});
    await using open = await kit.serve((exchange) => begin(exchange, half.join("")));
    for await (const event of open.llm.stream("hi")) if (event.type === "text") break;
    open.llm.stream("hi", { signal: AbortSignal.abort() });
    await collect(open.llm.stream("hi", { signal: AbortSignal.abort() })).catch(() => {});
    await settle();
    assert.deepEqual(unhandled.map(String), [], "no error should be left unhandled where only the stream was read");
  } finally {
    process.off("unhandledRejection", note);
  }
}

async function noOutput(kit: Kit): Promise<void> {
  const written = await listen(async () => {
    await using served = await kit.serve(says(RICH));
    await bothWays(served.llm, "hi", { ...TOOLS, temperature: 0.5, onUnsupported: "ignore" });
    for (const { prefix } of kit.provider.families) await served.llm.with({ model: prefix }).chat("hi");
    for (const status of [400, 401, 404, 429, 500]) {
      await using bad = await kit.serve(replies(status, kit.wire.error(status, "no"), { deprecation: "true", warning: "299 - old" }));
      await bothFailures(bad.llm, "hi", `status ${status}`);
    }
    const oops = kit.wire.stream(HELLO).map(({ text }) => text.replace(/\{.*\}/s, "{oops"));
    await using broken = await kit.serve(inTurn(writes(oops), replies(200, "{oops")));
    await bothFailures(broken.llm, "hi", "no JSON");
    await using cut = await kit.serve(({ response }) => void response.destroy());
    await bothFailures(cut.llm, "hi", "a closed connection");
    await bothFailures(cut.llm, "hi", "a signal that was aborted before", { signal: AbortSignal.abort() });
    await settle();
  });
  assert.deepEqual(written, [], "no call should write anything");
}

async function noAmbientEnvironment(kit: Kit): Promise<void> {
  using junk = ambience(kit.env);
  await using served = await kit.serve(says(HELLO));
  const written = await listen(async () => void (await bothWays(served.llm, "hi")));
  assert.deepEqual(written, [], "no variable of the environment should make a call write anything");
  for (const { headers, path, body } of served.server.requests) {
    const found = junk.foundIn(JSON.stringify({ headers, path, body }));
    assert.deepEqual(found, [], "no variable of the environment should reach the wire");
  }
}
