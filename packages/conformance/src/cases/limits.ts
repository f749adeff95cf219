import type { CallOptions } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothFailures, bothWays, collect } from "../expect.ts";
import { says, type Case, type Kit, type Responder } from "../kit.ts";
import { HELLO, TOOLS } from "../samples.ts";

export const limitCases: readonly Case[] = [
  { name: "choices", run: choices },
  { name: "vendor-tools", run: vendorTools },
];

/** A model that gives one answer a call: the tested one, or else another of the same vendor. */
function modelOfOneAnswer(kit: Kit): string | undefined {
  if (kit.refuses("n")) return kit.model;
  return kit.provider.families.find(({ prefix }) => kit.family(prefix)?.capabilities.n === false)?.prefix;
}

const TWO: CallOptions = { n: 2 };
const EMULATED: CallOptions = { n: 2, onUnsupported: "emulate" };

/** Several answers are several calls where the vendor gives one a call, but only if somebody says so. */
async function choices(kit: Kit): Promise<void> {
  const model = modelOfOneAnswer(kit);
  if (!kit.refuses("n")) await once(kit);
  if (model === undefined) return;
  await using served = await kit.serve(oneAndTwo());
  const llm = served.llm.with({ model });
  for (const [how, error] of await bothFailures(llm, "hi", "two answers", TWO))
    assert.equal(error.kind, "unsupported", `${how}: ${error.message}`);
  assert.equal(served.calls.length, 0, "nothing should be sent");

  for (const [how, result] of await bothWays(llm, "hi", EMULATED)) {
    assert.deepEqual(result.choices?.map(({ text }) => text).toSorted(), ["one", "two"], `${how}: each answer is a choice`);
    assert.equal(result.text, result.choices?.[0]?.text, `${how}: the first of them is the answer`);
    assert.equal(result.usage.inputTokens, 24, `${how}: the usage of both calls`);
    assert.deepEqual(
      result.warnings.map(({ code, feature }) => [code, feature]),
      [["emulated", "n"]],
      `${how}: the result should say that more calls were made`,
    );
  }
  assert.equal(served.calls.length, 4, "each answer should be a call of its own");
  await llm.stream("hi").result;
  for (const index of [0, 1])
    assert.deepEqual(served.requests[index]!.body, served.requests.at(-1)!.body, "and ask for nothing but one answer");

  await using streaming = await kit.serve(oneAndTwo());
  const texts = ["", ""];
  for (const event of await collect(streaming.llm.with({ model }).stream("hi", EMULATED)))
    if (event.type === "text") texts[event.choice ?? 0] += event.text;
  assert.deepEqual(texts.toSorted(), ["one", "two"], "each delta should say which answer it belongs to");
}

/** The answers take turns. */
function oneAndTwo(): Responder {
  let count = 0;
  return (exchange) => says({ ...HELLO, text: ++count % 2 === 1 ? "one" : "two" })(exchange);
}

/** A vendor that can give several is asked once. */
async function once(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ ...HELLO, text: "the one", others: ["or the other"] }));
  for (const options of [TWO, EMULATED])
    for (const [how, { text, choices: all = [], messages }] of await bothWays(served.llm, "hi", options)) {
      const told = all.map((choice) => [choice.index, choice.text, choice.finishReason]);
      assert.deepEqual(
        told,
        [
          [0, "the one", "stop"],
          [1, "or the other", "stop"],
        ],
        `${how}: both answers, each whole`,
      );
      assert.equal(text, "the one", `${how}: the first of them is the answer`);
      assert.deepEqual(messages, all[0]!.messages, `${how}: which goes into the history alone`);
    }
  assert.equal(served.calls.length, 4, "both should be asked for in one call");
  const texts = ["", ""];
  for (const event of await collect(served.llm.stream("hi", TWO))) if (event.type === "text") texts[event.choice ?? 0] += event.text;
  assert.deepEqual(texts, ["the one", "or the other"], "each delta should say which answer it belongs to");
}

/** A tool that a vendor runs is that vendor's alone. */
async function vendorTools(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const foreign = { type: "provider", provider: "someone-else", name: "search_the_moon" } as const;
  for (const options of [{ tools: [foreign] }, { tools: [...TOOLS.tools!, foreign], onUnsupported: "warn" }] satisfies CallOptions[])
    for (const [how, error] of await bothFailures(served.llm, "hi", "a tool of another vendor", options)) {
      assert.equal(error.kind, "unsupported", `${how}: ${error.message}`);
      assert.match(error.message, /search_the_moon.*someone-else/, `${how}: the message should name it`);
    }
  assert.equal(served.calls.length, 0, "nothing should be sent");
}
