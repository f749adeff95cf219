import type { Message } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothWays, collect } from "../expect.ts";
import { inTurn, says, type Case, type Kit } from "../kit.ts";
import { HELLO, TOOLS, TWO_CALLS } from "../samples.ts";
import type { Answer, AnswerReasoning, ReceivedItem } from "../wire.ts";

export const reasoningCases: readonly Case[] = [
  { name: "reasoning", run: reasoning },
  { name: "reasoning-asked-for", run: askedFor },
  { name: "reasoning-hidden", run: hidden },
  { name: "reasoning-round-trip", run: (kit) => roundTrip(kit, THOUGHT) },
  { name: "reasoning-redacted", run: redacted },
  { name: "reasoning-foreign", run: foreign },
  { name: "reasoning-tags", run: tags },
];

const THOUGHT: AnswerReasoning = { text: "Zürich first.\nThen Osaka — 大阪.", signature: "RXJ1Q2tJ/+signed-by-the-kit==" };
const REDACTED: AnswerReasoning = { text: "", signature: "gAAAAB_kept-by-the-vendor==", redacted: true };

async function reasoning(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ ...HELLO, reasoning: THOUGHT }));
  for (const [how, result] of await bothWays(served.llm, "hi")) {
    assert.equal(result.reasoning, THOUGHT.text, `${how}: the reasoning`);
    assert.equal(result.text, HELLO.text, `${how}: the text should not hold the reasoning`);
  }
  const types: string[] = [];
  for (const { type } of await collect(served.llm.stream("hi")))
    if (/^(reasoning|text)/.test(type) && types.at(-1) !== type) types.push(type);
  assert.deepEqual(
    types,
    ["reasoning-start", "reasoning", "reasoning-end", "text-start", "text", "text-end"],
    "reasoning should end before the text begins",
  );
}

async function askedFor(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  await bothWays(served.llm, "hi", { reasoning: "high" });
  for (const call of served.calls) assert.equal(call.reasoning, true, "a call with reasoning should ask the vendor for it");
}

async function hidden(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ ...HELLO, reasoning: THOUGHT }));
  const events = await collect(served.llm.stream("hi", { hideReasoning: true }));
  assert.ok(!events.some(({ type }) => type.startsWith("reasoning")), "hidden reasoning should be in no event");
  for (const [how, result] of await bothWays(served.llm, "hi", { hideReasoning: true })) {
    assert.equal(result.reasoning, undefined, `${how}: hidden reasoning should not be in the result`);
    assert.match(JSON.stringify(result.messages), /Zürich first/, `${how}: it should stay in the messages, where the vendor wants it back`);
  }
}

/** The vendor refuses a history in which its own reasoning was changed. */
async function roundTrip(kit: Kit, thought: AnswerReasoning): Promise<void> {
  const answer: Answer = { reasoning: thought, text: "Let me look.", ...TWO_CALLS };
  await using served = await kit.serve(inTurn(says(answer), says(answer), says(HELLO)));
  for (const [how, { messages }] of await bothWays(served.llm, "Weather?", { ...TOOLS, hideReasoning: true })) {
    const stored = JSON.parse(JSON.stringify(messages)) as Message[];
    await served.llm.chat([{ role: "user", content: "Weather?" }, ...stored, results()], TOOLS);
    const { items } = served.calls.at(-1)!;
    const sent = items.filter((item) => item.type === "reasoning");
    assert.equal(sent.length, 1, `${how}: the reasoning should go back, once`);
    const signature = kit.wire.lacks?.includes("signature") ? undefined : thought.signature;
    assert.equal(sent[0]!.signature, signature, `${how}: with what the vendor wants back, unchanged`);
    assert.equal(sent[0]!.text, thought.text, `${how}: with its text, unchanged`);
    assert.ok(at(items, "reasoning") < at(items, "tool-call"), `${how}: before the calls that it led to`);
  }
}

function at(items: readonly ReceivedItem[], type: ReceivedItem["type"]): number {
  return items.findIndex((item) => item.type === type);
}

function results(): Message {
  return {
    role: "tool",
    content: TWO_CALLS.toolCalls!.map(({ id, name }) => ({ type: "tool-result", toolCallId: id, toolName: name, output: "fine" })),
  };
}

async function redacted(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ ...HELLO, reasoning: REDACTED }));
  for (const [how, result] of await bothWays(served.llm, "hi")) {
    assert.equal(result.reasoning ?? "", "", `${how}: reasoning that the vendor keeps to itself has no text`);
    assert.equal(result.text, HELLO.text, `${how}: the text`);
  }
  await roundTrip(kit, REDACTED);
}

/** Signatures are worth nothing to another vendor, and some refuse them. */
async function foreign(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  await bothWays(served.llm, [
    { role: "user", content: "Who are you?" },
    {
      role: "assistant",
      provider: "elsewhere",
      model: "their-model",
      providerMetadata: { elsewhere: { container: "foreign-secret-1" } },
      content: [
        { type: "reasoning", text: "I am someone.", providerMetadata: { elsewhere: { signature: "foreign-secret-2" } } },
        { type: "text", text: "Someone.", providerMetadata: { elsewhere: { id: "foreign-secret-3" } } },
      ],
    },
    { role: "user", content: "Really?" },
  ]);
  for (const [index, { items }] of served.calls.entries()) {
    assert.doesNotMatch(
      JSON.stringify(served.requests[index]!.body),
      /foreign-secret/,
      "what another vendor handed out should not be sent",
    );
    assert.deepEqual(
      items.flatMap((item) => (item.type === "text" ? [item.text] : [])).filter((text) => text !== "I am someone."),
      ["Who are you?", "Someone.", "Really?"],
      "what was said should be",
    );
  }
}

/** Models put their reasoning into tags; a stream cuts them anywhere. */
async function tags(kit: Kit): Promise<void> {
  const tag = { start: "<think>", end: "</think>" };
  const written: [text: string, reasoning: string | undefined, said: string, fromBeginning?: true][] = [
    ["<think>\nFirst this.\n</think>\n\nThen that.", "First this.\n", "Then that."],
    ["<think>\n\n</think>\n\nThen that.", undefined, "Then that."],
    ["<think>It never ends", "It never ends", ""],
    ["First this.</think>Then that.", "First this.", "Then that.", true],
    ["a < b, <thin> and </think>", undefined, "a < b, <thin> and </think>"],
  ];
  for (const [text, thought, said, fromBeginning] of written) {
    for (const pieceLength of [1, 3, Number.POSITIVE_INFINITY]) {
      await using served = await kit.serve(says({ text, pieceLength }));
      const options = { reasoningTags: [{ ...tag, ...(fromBeginning && { fromBeginning }) }] };
      for (const [how, result] of await bothWays(served.llm, "hi", options))
        assert.deepEqual(
          [result.reasoning, result.text],
          [thought, said],
          `${how}: ${JSON.stringify(text)} in pieces of ${pieceLength} characters`,
        );
    }
  }
}
