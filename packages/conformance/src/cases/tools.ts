import type { ChatEvent, ChatResult } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothWays, brief, collect, within } from "../expect.ts";
import { says, type Case, type Kit } from "../kit.ts";
import { TIME, TOOLS, TWO_CALLS, WEATHER } from "../samples.ts";

export const toolCases: readonly Case[] = [
  { name: "tool-definitions", run: definitions },
  { name: "tool-call", run: toolCall },
  { name: "tool-call-without-input", run: withoutInput },
  { name: "tool-input-in-pieces", run: inputInPieces },
  { name: "tool-calls-parallel", run: (kit) => twoCalls(kit, false) },
  { name: "tool-calls-interleaved", run: (kit) => twoCalls(kit, true) },
  { name: "tool-call-after-text", run: afterText },
  { name: "tool-input-not-json", run: notJson },
  { name: "tool-input-prototype", run: prototype },
  { name: "tool-input-deep", run: deep },
];

async function definitions(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: "no tool needed" }));
  await bothWays(served.llm, "hi", TOOLS);
  for (const { tools } of served.calls) {
    assert.deepEqual(
      tools.map(({ name, description }) => [name, description]),
      [WEATHER, TIME].map((tool) => [tool.function.name, tool.function.description]),
      "names and descriptions of the tools should arrive, in order",
    );
    const schema = tools[0]!.schema as { type?: string; properties?: Record<string, object>; required?: string[] };
    assert.equal(schema.type, "object", "the input of a tool is an object");
    assert.deepEqual(Object.keys(schema.properties ?? {}), ["city", "days"], "the properties of the input should arrive");
    assert.deepEqual(schema.properties?.["city"], { type: "string", description: "Its name" }, "each with its schema");
    assert.deepEqual(schema.required, ["city"], "an optional property should stay optional where strict mode was not asked for");
  }
  await bothWays(served.llm, "hi", { tools: [{ type: "function", function: { name: "now" } }] });
  assert.equal(served.calls.at(-1)!.tools[0]!.schema["type"], "object", "a tool without parameters takes an empty object");
}

async function toolCall(kit: Kit): Promise<void> {
  const call = { id: "call_w1", name: "get_weather", input: '{"city": "Zürich \\"ZH\\"", "days": 2}' };
  await using served = await kit.serve(says({ toolCalls: [call] }));
  for (const [how, result] of await bothWays(served.llm, "Weather?", TOOLS)) {
    assert.deepEqual(
      result.toolCalls,
      [{ toolCallId: "call_w1", toolName: "get_weather", input: { city: 'Zürich "ZH"', days: 2 } }],
      `${how}: the call with its id, name and parsed input`,
    );
    assert.equal(result.finishReason, "tool-calls", `${how}: the finish reason`);
    assert.equal(result.text, "", `${how}: a tool call is no text`);
  }
  const events = (await collect(served.llm.stream("Weather?", TOOLS))).filter((event) => event.type.startsWith("tool-call"));
  assert.deepEqual(
    [events[0]?.type, events.at(-1)?.type],
    ["tool-call-start", "tool-call"],
    "the call should start, grow and end in events",
  );
  const grown = events.map((event) => (event.type === "tool-call-delta" ? event.inputText : "")).join("");
  const written = kit.wire.lacks?.includes("input-in-pieces") ? "" : call.input;
  assert.equal(grown, written, "the deltas should add up to the input as the model wrote it");
}

async function withoutInput(kit: Kit): Promise<void> {
  for (const input of ["", "{}"]) {
    await using served = await kit.serve(says({ toolCalls: [{ id: "call_n", name: "get_time", input }] }));
    for (const [how, { toolCalls }] of await bothWays(served.llm, "Time?", TOOLS))
      assert.deepEqual(toolCalls[0]?.input, {}, `${how}: a call whose input is ${JSON.stringify(input)} has an empty object as input`);
  }
}

/** An input is over when the vendor says so, and never because what has come of it would do: this one would after "{\"days\":1" for a reader that closes what is open. */
async function inputInPieces(kit: Kit): Promise<void> {
  const input = '{"days":10,"city":"} ]\\"}{"}';
  for (const pieceLength of [1, 2, 8, 9, 10]) {
    await using served = await kit.serve(says({ toolCalls: [{ id: "callPiece", name: "get_weather", input }], pieceLength }));
    const events = await collect(served.llm.stream("Weather?", TOOLS));
    const ended = events.filter((event) => event.type === "tool-call");
    assert.deepEqual(
      ended.map((event) => event.input),
      [JSON.parse(input)],
      `a call should end once, with all of its input, in pieces of ${pieceLength}`,
    );
    const last = events.findLastIndex(({ type }) => type === "tool-call-delta");
    assert.ok(last < events.indexOf(ended[0]!), `a call should end after its last piece, in pieces of ${pieceLength}`);
  }
}

async function twoCalls(kit: Kit, interleaved: boolean): Promise<void> {
  await using served = await kit.serve(says(interleaved ? { ...TWO_CALLS, interleaved } : TWO_CALLS));
  for (const [how, result] of await bothWays(served.llm, "Weather and time?", TOOLS)) assertTwoCalls(result, how);
}

function assertTwoCalls({ toolCalls, finishReason }: ChatResult, how: string): void {
  assert.deepEqual(
    toolCalls,
    [
      { toolCallId: "callOne01", toolName: "get_weather", input: { city: "Zürich", days: 2 } },
      { toolCallId: "callTwo02", toolName: "get_time", input: { city: "Osaka" } },
    ],
    `${how}: both calls, in order, each with its own input`,
  );
  assert.equal(finishReason, "tool-calls", `${how}: the finish reason`);
}

async function afterText(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: "Let me look. ", ...TWO_CALLS }));
  for (const [how, result] of await bothWays(served.llm, "Weather?", TOOLS)) {
    assert.equal(result.text, "Let me look. ", `${how}: the text before the calls`);
    assertTwoCalls(result, how);
    const [message] = result.messages;
    assert.ok(message?.role === "assistant" && typeof message.content !== "string", `${how}: the answer is one assistant message of parts`);
    assert.deepEqual(
      message.content.map((part) => part.type),
      ["text", "tool-call", "tool-call"],
      `${how}: the parts of the message, in order`,
    );
  }
  const order: string[] = [];
  for (const { type } of await collect(served.llm.stream("Weather?", TOOLS))) if (order.at(-1) !== type) order.push(type);
  const shown = order.filter((type) => /^(text|tool)/.test(type));
  const grows = !kit.wire.lacks?.includes("input-in-pieces");
  const call = ["tool-call-start", ...(grows ? ["tool-call-delta"] : []), "tool-call"];
  const sorted: ChatEvent["type"][] = ["text-start", "text", "text-end"];
  assert.deepEqual(shown.slice(0, 3), sorted, "the text should end before the first call begins");
  assert.deepEqual([...new Set(shown.slice(3))].toSorted(), call.toSorted(), "only events of calls should follow");
}

/** A model that writes no JSON has made a mistake that it can be told of: the call is over, not broken. */
async function notJson(kit: Kit): Promise<void> {
  const input = '{"city": "Zür';
  await using served = await kit.serve(says({ toolCalls: [{ id: "call_x", name: "get_weather", input }, ...TWO_CALLS.toolCalls!] }));
  const streamed = await within(served.llm.stream("hi", TOOLS).result, "The stream should end");
  const results = kit.wire.inputIsText ? [streamed, await served.llm.chat("hi", TOOLS)] : [streamed];
  for (const { toolCalls } of results) {
    assert.equal(toolCalls.length, 3, `the broken call and the two after it; there are ${brief(toolCalls)}`);
    assert.equal(toolCalls[0]!.input, input, "the input of the broken call is the text that the model wrote");
    assert.equal(toolCalls[0]!.invalid?.kind, "tool", "`invalid` says what is wrong with it");
    assert.equal(toolCalls[1]!.invalid, undefined, "the call after it is sound");
  }
}

async function prototype(kit: Kit): Promise<void> {
  const input = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"city":"Rome"}';
  await using served = await kit.serve(says({ toolCalls: [{ id: "call_p", name: "get_weather", input }] }));
  for (const [how, { toolCalls, messages }] of await bothWays(served.llm, "hi", TOOLS)) {
    assert.equal((toolCalls[0]!.input as { city: string }).city, "Rome", `${how}: the input`);
    await served.llm.chat(
      [
        { role: "user", content: "hi" },
        ...messages,
        { role: "tool", content: [{ type: "tool-result", toolCallId: "call_p", toolName: "get_weather", output: JSON.parse(input) }] },
      ],
      TOOLS,
    );
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined, `${how}: no prototype should be polluted`);
  }
}

/** Answered or refused, but over, and not by a stack that overflows somewhere. */
async function deep(kit: Kit): Promise<void> {
  const depth = 100_000;
  const input = `{"city":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  await using served = await kit.serve(says({ toolCalls: [{ id: "call_d", name: "get_weather", input }], pieceLength: 10_000 }));
  const ended = await within(
    served.llm.stream("hi", TOOLS).result.then(
      () => "LlmError",
      (error: unknown) => (error as Error).name,
    ),
    "A deeply nested input should end the call",
  );
  assert.equal(ended, "LlmError", "a deeply nested input should be returned, or be an LlmError");
}
