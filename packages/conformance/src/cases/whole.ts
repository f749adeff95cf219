import { type CallOptions, type ChatResult } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothFailures, bothWays, collect, failure } from "../expect.ts";
import { contentType, inTurn, joined, says, type Case, type Kit, type Responder } from "../kit.ts";
import { HELLO, SCHEMA, TIME, TWO_CALLS, WEATHER } from "../samples.ts";
import type { Answer } from "../wire.ts";
import { runnable, untilResults } from "./tool-loop.ts";

/** Only what is known to be complete may run, count as whole, or be returned. */
export const wholeCases: readonly Case[] = [
  { name: "cut-calls-do-not-run", run: cutCalls },
  { name: "unknown-end-counts", run: unknownEnd },
  { name: "finish-reasons-in-any-case", run: anyCase },
  { name: "complete-is-whole", run: complete },
  { name: "output-cut", run: outputCut },
  { name: "step-limit", run: stepLimit },
  { name: "other-framing", run: otherFraming },
  { name: "half-characters", run: halfCharacters },
];

/** The tools of the samples, which note that they ran. */
function noting(ran: string[]): CallOptions {
  const note = (name: string) => () => `${name} ${ran.push(name)}`;
  return { tools: [runnable(WEATHER, note("get_weather")), runnable(TIME, note("get_time"))] };
}

/** The vendor's words for an answer that was cut or refused. */
function endsTooEarly({ wire }: Kit): string[] {
  return wire.finishes.filter(({ means }) => means === "length" || means === "content-filter").map(({ raw }) => raw);
}

async function cutCalls(kit: Kit): Promise<void> {
  const [whole, last] = TWO_CALLS.toolCalls!;
  const inputs = kit.wire.inputIsText ? [last!.input, "", '{"city":"Os'] : [last!.input];
  for (const finish of endsTooEarly(kit)) {
    for (const input of inputs) {
      const ran: string[] = [];
      const answer: Answer = { toolCalls: [whole!, { ...last!, input }], finish };
      await using served = await kit.serve(untilResults(answer));
      for (const [how, result] of await bothWays(served.llm, "Weather and time?", noting(ran)))
        assertNothingRuns(result, `${how}, ${finish}`);
      const error = await failure(
        served.llm.complete("Weather and time?", noting(ran)),
        `complete() for an answer that ends with ${finish}`,
      );
      assert.ok(
        ["incomplete-output", "content-filter"].includes(error.kind),
        `complete() should not take it for an answer (${error.kind})`,
      );
      assert.deepEqual(ran, [], `${finish}: no tool of an answer that was cut may run`);
      assert.equal(served.calls.length, 3, `${finish}: there should be no further step`);
    }
  }
}

function assertNothingRuns({ toolCalls, toolResults, finishReason, steps }: ChatResult, how: string): void {
  assert.ok(["length", "content-filter"].includes(finishReason), `${how}: the finish reason should stay (${finishReason})`);
  assert.equal(steps.length, 1, `${how}: the loop should end there`);
  assert.deepEqual(toolResults, [], `${how}: there should be no results`);
  assert.equal(toolCalls.length, 2, `${how}: the calls should be told`);
  for (const { invalid, toolName } of toolCalls)
    assert.equal(invalid?.kind, "incomplete-output", `${how}: ${toolName} should say why it did not run`);
}

async function unknownEnd(kit: Kit): Promise<void> {
  const ran: string[] = [];
  await using served = await kit.serve(untilResults({ ...TWO_CALLS, finish: "made_up_reason" }));
  for (const [how, result] of await bothWays(served.llm, "Weather and time?", noting(ran))) {
    assert.equal(result.text, HELLO.text, `${how}: whole calls run, whatever the vendor calls the end`);
    assert.deepEqual(
      result.warnings.map(({ code }) => code),
      ["unknown-finish-reason"],
      `${how}: a word that nobody knows is told`,
    );
  }
  assert.deepEqual(ran.toSorted(), ["get_time", "get_time", "get_weather", "get_weather"], "each tool should run once a chat");
}

async function anyCase(kit: Kit): Promise<void> {
  for (const { raw, means } of kit.wire.finishes.filter((finish) => finish.means === "length" || finish.means === "stop")) {
    const other = raw === raw.toLowerCase() ? raw.toUpperCase() : raw.toLowerCase();
    await using served = await kit.serve(says({ ...HELLO, finish: other }));
    for (const [how, result] of await bothWays(served.llm, "hi")) assert.equal(result.finishReason, means, `${how}: ${other} is ${raw}`);
  }
}

async function complete(kit: Kit): Promise<void> {
  const length = kit.wire.finishes.find(({ means }) => means === "length")?.raw;
  assert.ok(length !== undefined, "every wire has a word for an answer that was cut");
  await using served = await kit.serve(says({ ...HELLO, finish: length }));
  const error = await failure(served.llm.complete("hi"), "complete() for an answer that was cut");
  assert.equal(error.kind, "incomplete-output", "half an answer is none");
  assert.equal(error.partial?.text, HELLO.text, "the text is kept");
  assert.equal(await served.llm.complete("hi", { maxOutputTokens: 7 }), HELLO.text, "a limit that the call set itself is no failure");
}

async function outputCut(kit: Kit): Promise<void> {
  const text = JSON.stringify({ city: "Zürich", population: 436_551 });
  for (const finish of endsTooEarly(kit)) {
    for (const said of [text, text.slice(0, 12)]) {
      await using served = await kit.serve(says({ text: said, finish }));
      for (const [how, error] of await bothFailures(served.llm, "A city?", `data that ends with ${finish}`, {
        output: { schema: SCHEMA, mode: "prompt" },
      })) {
        assert.ok(["incomplete-output", "content-filter"].includes(error.kind), `${how}: data that was cut is none (${error.kind})`);
        assert.equal(error.partial?.text, said, `${how}: the text is kept`);
      }
    }
  }
}

async function stepLimit(kit: Kit): Promise<void> {
  let step = 0;
  const calling: Responder = (exchange) => {
    const call = { id: `stepOne0${step++ % 10}`, name: "get_time", input: '{"city":"Osaka"}' };
    return says(exchange.call.tools.length > 0 ? { toolCalls: [call] } : HELLO)(exchange);
  };
  await using served = await kit.serve(calling);
  const options = { ...noting([]), maxSteps: 2 };
  for (const [how, { steps, warnings }] of await bothWays(served.llm, "Weather and time?", options)) {
    assert.equal(steps.length, 2, `${how}: the chat should end after two steps`);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["max-steps"],
      `${how}: and say so`,
    );
  }
  assert.equal((await failure(served.llm.complete("hi", options), "complete() without an answer")).kind, "incomplete-output");
  const { text, warnings } = await served.llm.chat("Weather and time?", { ...options, atStepLimit: "answer" });
  assert.equal(text, HELLO.text, "one more step without tools should bring the answer");
  assert.deepEqual(warnings, [], "and nothing to warn of");
}

/** Some servers stream what was asked for whole, and the other way round. */
async function otherFraming(kit: Kit): Promise<void> {
  const crossed: Responder = ({ wire, call, response }) => {
    response.setHeader("content-type", contentType(wire, !call.stream));
    response.end(call.stream ? wire.whole(TWO_CALLS, call) : joined(wire.stream(TWO_CALLS, call)));
  };
  await using served = await kit.serve(crossed);
  const inputs = TWO_CALLS.toolCalls!.map(({ input }) => JSON.parse(input) as unknown);
  for (const [how, { toolCalls, finishReason }] of await bothWays(served.llm, "Weather and time?")) {
    assert.deepEqual(
      toolCalls.map(({ input }) => input),
      inputs,
      `${how}: the right answer in the other framing`,
    );
    assert.equal(finishReason, "tool-calls", `${how}: its end`);
  }
}

async function halfCharacters(kit: Kit): Promise<void> {
  const text = "a 👋🏽 b 🧩";
  await using served = await kit.serve(inTurn(says({ text, pieceLength: 0.5 })));
  const events = await collect(served.llm.stream("hi"));
  const pieces = events.flatMap((event) => (event.type === "text" ? [event.text] : []));
  assert.equal(pieces.join(""), text, "the text should be whole");
  for (const piece of pieces) assert.ok(piece.isWellFormed(), `no piece should hold half a character (${JSON.stringify(piece)})`);
}
