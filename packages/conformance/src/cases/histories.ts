import type { CallOptions, Message } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothWays } from "../expect.ts";
import { says, type Case, type Kit } from "../kit.ts";
import { HELLO, PNG, TIME, WEATHER } from "../samples.ts";
import type { ReceivedCall } from "../wire.ts";
import { callsIn, resultsIn, runnable, untilResults } from "./tool-loop.ts";

/** Every request is valid as a whole, also with a history or tools that come from elsewhere. */
export const historyCases: readonly Case[] = [
  { name: "history-mended", run: mended },
  { name: "tool-schema-bare", run: bareSchemas },
  { name: "tool-result-picture", run: picture },
];

const question = (content: string): Message => ({ role: "user", content });
const calling = (toolCallId: string, toolName: string, input: unknown): Message => ({
  role: "assistant",
  content: [{ type: "tool-call", toolCallId, toolName, input }],
});
const result = (toolCallId: string, output: unknown): Message => ({
  role: "tool",
  content: [{ type: "tool-result", toolCallId, toolName: "get_time", output }],
});

/**
 * The history has an id that is used twice, a call that was interrupted, a call that was cut,
 * a result without a call, and an empty answer.
 */
const BROKEN: Message[] = [
  question("One?"),
  calling("call_0", "get_time", { city: "Osaka" }),
  result("call_0", "nine"),
  { role: "assistant", content: [{ type: "text", text: "" }] },
  question("Two?"),
  calling("call_0", "get_time", '{"city":"Os'),
  question("Three?"),
  result("call_9", "never asked"),
  calling("call_0", "get_time", { city: "Bern" }),
  result("call_0", "ten"),
  question("And now?"),
];

async function mended(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const options: CallOptions = { tools: [TIME] };
  for (const [how, { warnings }] of await bothWays(served.llm, BROKEN, options)) {
    const codes = warnings.map(({ code }) => code);
    for (const code of ["messages-left-out", "tool-results-added", "tool-results-left-out", "tool-ids-changed", "tool-inputs-changed"])
      assert.ok(codes.includes(code), `${how}: the warning ${code} should tell what was mended (${codes.join(", ")})`);
  }
  const [first, second] = served.calls as [ReceivedCall, ReceivedCall];
  assert.deepEqual(second.items, first.items, "the same history should be sent in the same way each time");
  const calls = callsIn(first);
  assert.equal(new Set(calls.map(({ id }) => id)).size, 3, "no two calls should share an id");
  for (const { id, input } of calls) {
    assert.ok(kit.wire.toolCallId.test(id), `the id ${id} should be one that the vendor takes`);
    assert.ok(typeof input === "object" && input !== null, `the input ${JSON.stringify(input)} should be an object`);
  }
  const results = resultsIn(first);
  assert.deepEqual(
    results.map(({ id }) => id),
    calls.map(({ id }) => id),
    "each call should have one result, in order",
  );
  assert.match(results[0]!.text, /nine/);
  assert.match(results[1]!.text, /interrupted/, "a call that was interrupted should say so");
  assert.match(results[2]!.text, /ten/);
  assert.ok(!JSON.stringify(first.items).includes("never asked"), "a result without a call should be left out");
  for (const { id } of calls) {
    const at = first.items.findIndex((item) => item.type === "tool-call" && item.id === id);
    assert.equal(first.items[at + 1]?.type, "tool-result", "each result should stand right behind its call");
  }
}

const UNION = {
  anyOf: [
    { type: "object", properties: { kind: { const: "a" }, a: { type: "string" } }, required: ["kind", "a"] },
    { type: "object", properties: { kind: { const: "b" }, b: { type: "integer" } }, required: ["kind", "b"] },
  ],
};

async function bareSchemas(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const shapes: (object | undefined)[] = [{ type: "object" }, {}, undefined, UNION];
  const tools = shapes.map((parameters, index) => ({
    type: "function" as const,
    function: { name: `tool_${index}`, ...(parameters && { parameters }) },
  }));
  await bothWays(served.llm, "hi", { tools });
  for (const { tools: received } of served.calls) {
    assert.equal(received.length, shapes.length, "every tool should arrive");
    for (const { name, schema } of received) {
      assert.equal(schema["type"], "object", `${name}: vendors refuse a schema whose root is no object`);
      assert.equal(typeof schema["properties"], "object", `${name}: vendors refuse an object without properties`);
      for (const word of ["anyOf", "oneOf", "allOf"]) assert.ok(!(word in schema), `${name}: vendors refuse ${word} at the root`);
    }
    assert.deepEqual(
      Object.keys(received[3]!.schema["properties"] as object).toSorted(),
      ["a", "b", "kind"],
      "a union keeps all that it names",
    );
  }
}

async function picture(kit: Kit): Promise<void> {
  const base64 = Buffer.from(PNG).toString("base64");
  const call = { id: "callOne01", name: "get_weather", input: '{"city":"Bern"}' };
  await using served = await kit.serve(untilResults({ toolCalls: [call] }));
  const look = runnable(WEATHER, () => ({
    content: [
      { type: "text", text: "Sunny." },
      { type: "image", data: base64, mimeType: "image/png" },
    ],
  }));
  await bothWays(served.llm, "Weather?", { tools: [look] });
  const answered = served.calls.filter(({ items }) => items.some(({ type }) => type === "tool-result"));
  assert.equal(answered.length, 2, "the results should arrive, streamed and whole");
  for (const { items } of answered) {
    const texts = items.flatMap((item) => ("text" in item ? [item.text] : [])).join("\n");
    assert.match(texts, /Sunny\./, "the text that the tool returned");
    assert.ok(!texts.includes(base64), "a picture should never be sent as text");
    const pictures = items.flatMap((item) => (item.type === "image" ? [item] : item.type === "tool-result" ? (item.files ?? []) : []));
    assert.deepEqual(
      pictures.map((file) => file.base64),
      kit.refuses("imageInput") ? [] : [base64],
      "a picture should arrive once, where the model sees pictures",
    );
  }
}
