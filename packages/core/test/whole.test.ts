// What is done with what was read: only what is known to be complete runs, counts as whole, or is
// returned.
import { describe, expect, test } from "vitest";
import { isLlmError, runTools, tool, type ChatEvent, type LlmError } from "../src/index.ts";
import type { ChatDelta } from "../src/provider.ts";
import { ask, calling, collect, ofType, said, scripted } from "./scripted.ts";

const finish = (rawFinishReason: string): ChatDelta => ({ type: "finish", rawFinishReason });

async function failure(call: PromiseLike<unknown>): Promise<LlmError> {
  return Promise.resolve(call).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => (isLlmError(error) ? error : expect.unreachable(String(error))),
  );
}

/** A tool that notes each run. */
function pay(ran: unknown[]) {
  return tool({ name: "pay", input: { type: "object" }, execute: (input) => void ran.push(input) });
}

describe.each(["streamed", "whole"])("%s", (how) => {
  describe.each(["length", "MAX_TOKENS", "content_filter", "sensitive"])("an answer that ends with %s", (word) => {
    test.each(["", '{"amount":', '{"amount":1}'])("runs no call with the input %j", async (input) => {
      const ran: unknown[] = [];
      await using server = await scripted([[calling("c0", "pay", { amount: 2 }), calling("c1", "pay", input), finish(word)]]);
      const result = await ask(server.llm, how, { tools: [pay(ran)] });
      expect(ran).toEqual([]);
      expect(server.requests).toHaveLength(1);
      expect(result.toolCalls.map(({ invalid }) => invalid?.kind)).toEqual(["incomplete-output", "incomplete-output"]);
      expect(result).toMatchObject({ toolResults: [], rawFinishReason: word });
      expect(await runTools(result, [pay(ran)])).toEqual([]);
      expect(ran).toEqual([]);
    });
  });

  test.each([
    ["insufficient_system_resource", "overloaded"],
    ["network_error", "server"],
    ["abort", "server"],
    ["error", "server"],
    ["ERROR", "server"],
    ["TIMEOUT", "server"],
    ["OTHER", "server"],
    ["UNEXPECTED_TOOL_CALL", "server"],
  ])("an answer that ends with %s has failed", async (word, kind) => {
    const ran: unknown[] = [];
    await using server = await scripted([[said("Half an"), calling("c1", "pay"), finish(word)]]);
    const error = await failure(ask(server.llm, how, { tools: [pay(ran)] }));
    expect(error).toMatchObject({ kind, retryable: true, partial: { text: "Half an" } });
    expect(error.message).toContain(word);
    expect(ran).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test("a failure of which nothing came yet is tried again", async () => {
    await using server = await scripted([[finish("insufficient_system_resource")], [said("Hello")]]);
    expect(await ask(server.llm, how, { retry: { maxAttempts: 2 } })).toMatchObject({
      text: "Hello",
      attempts: [{ error: { kind: "overloaded" } }, {}],
    });
  });

  test("a word that no table has is a good end, with a warning", async () => {
    const ran: unknown[] = [];
    await using server = await scripted([
      [calling("c1", "pay"), finish("bored")],
      [said("Paid."), finish("bored")],
    ]);
    const result = await ask(server.llm, how, { tools: [pay(ran)] });
    expect(ran).toEqual([{}]);
    expect(result).toMatchObject({ text: "Paid.", finishReason: "other", rawFinishReason: "bored" });
    expect(result.warnings).toMatchObject([{ code: "unknown-finish-reason", provider: "toy" }]);
  });

  test("the steps of an answer in which the vendor paused are one answer", async () => {
    const paused = (...deltas: ChatDelta[]): ChatDelta[] => [
      ...deltas,
      { type: "finish", finishReason: "stop", rawFinishReason: "pause_turn", resume: true },
    ];
    await using server = await scripted([
      paused({ type: "reasoning", text: "One." }, said("I look it up.")),
      paused(said("Still looking.")),
      [{ type: "reasoning", text: "Two." }, said("It is 4.")],
    ]);
    const result = await ask(server.llm, how, {});
    expect(result).toMatchObject({ text: "I look it up.\n\nStill looking.\n\nIt is 4.", reasoning: "One.\n\nTwo." });
    expect(result.steps.map(({ text }) => text)).toEqual(["I look it up.", "Still looking.", "It is 4."]);
  });

  test("parts of their own are paragraphs, pieces of one text are not", async () => {
    await using server = await scripted([
      [
        { type: "reasoning", part: "s0", text: "**A**" },
        { type: "reasoning", part: "s1", text: "**B**", paragraph: true },
        { type: "text", part: 0, text: "I look " },
        { type: "text", part: 1, text: "it up." },
        calling("c1", "look"),
        { type: "text", part: 2, text: "It is 4." },
        { type: "tool-call", part: "c1", end: true },
        { type: "text", part: 2, text: " Yes." },
      ],
    ]);
    const result = await ask(server.llm, how, {});
    expect(result).toMatchObject({ text: "I look it up.\n\nIt is 4. Yes.", reasoning: "**A**\n\n**B**" });
  });

  test("a call whose result stands in the same answer is the vendor's own", async () => {
    const ran: unknown[] = [];
    await using server = await scripted([
      [calling("v1", "pay"), { type: "tool-result", toolCallId: "v1", output: "paid" }, calling("c1", "pay", { amount: 1 })],
    ]);
    const result = await ask(server.llm, how, { tools: [pay(ran)] });
    expect(ran).toEqual([{ amount: 1 }]);
    expect(result.toolCalls).toMatchObject([{ toolCallId: "v1", providerExecuted: true }, { toolCallId: "c1" }]);
    expect(result.toolResults).toMatchObject([{ toolCallId: "v1", output: "paid" }, { toolCallId: "c1" }]);
  });

  test("two calls of one answer never share an id", async () => {
    const ran: unknown[] = [];
    const same = (part: number, amount: number): ChatDelta => ({
      type: "tool-call",
      part,
      toolCallId: "call_0",
      toolName: "pay",
      inputText: `{"amount":${amount}}`,
    });
    await using server = await scripted([[same(0, 1), same(1, 2)]]);
    const { toolCalls, toolResults } = await ask(server.llm, how, { tools: [pay(ran)] });
    expect(new Set(toolCalls.map(({ toolCallId }) => toolCallId)).size).toBe(2);
    expect(toolResults.map(({ toolCallId }) => toolCallId)).toEqual(toolCalls.map(({ toolCallId }) => toolCallId));
    expect(ran).toEqual([{ amount: 1 }, { amount: 2 }]);
  });

  describe("the end of maxSteps", () => {
    const endless = Array.from({ length: 30 }, (_, at) => [calling(`c${at}`, "pay")]);

    test("is told after 20 steps", async () => {
      await using server = await scripted(endless);
      const result = await ask(server.llm, how, { tools: [pay([])] });
      expect(result.steps).toHaveLength(20);
      expect(result.warnings).toMatchObject([{ code: "max-steps" }]);
    });

    test('is one more step without tools where atStepLimit is "answer"', async () => {
      await using server = await scripted(endless.slice(0, 2));
      const result = await ask(server.llm, how, { tools: [pay([])], maxSteps: 2, atStepLimit: "answer" });
      expect(result).toMatchObject({ text: "Done.", warnings: [] });
      expect(result.steps).toHaveLength(3);
      expect([server.sent(1).tools.length, server.sent(2).tools.length]).toEqual([1, 0]);
    });

    test("is no end where the last step called nothing, or stopWhen ended it", async () => {
      await using server = await scripted([[calling("c", "pay")], [said("Paid.")]]);
      expect((await ask(server.llm, how, { tools: [pay([])], maxSteps: 2 })).warnings).toEqual([]);
      await using other = await scripted(endless);
      expect((await ask(other.llm, how, { tools: [pay([])], maxSteps: 1, stopWhen: () => true })).warnings).toEqual([]);
    });
  });
});

describe("complete()", () => {
  test("gives the text of a whole answer, and of one that stops at the call's own limit", async () => {
    await using server = await scripted([
      [said("All"), finish("end")],
      [said("Ha"), finish("length")],
      [said("Ha"), finish("length")],
    ]);
    expect(await server.llm.complete("Hi")).toBe("All");
    expect(await server.llm.complete("Hi", { maxOutputTokens: 2 })).toBe("Ha");
    expect(await failure(server.llm.complete("Hi"))).toMatchObject({ kind: "incomplete-output", partial: { text: "Ha" } });
  });

  test.each<[what: string, answer: ChatDelta[]]>([
    ["a full context is not the call's own limit", [said("Ha"), finish("model_context_window_exceeded")]],
    ["a limit before the first word", [{ type: "reasoning", text: "Hm" }, finish("length")]],
    ["a call that was cut", [said("Ha"), calling("c1", "pay", ""), finish("length")]],
    ["a call that nothing here runs", [said("Ha"), calling("c1", "unknown"), finish("tool_calls")]],
  ])("throws incomplete-output: %s", async (_, answer) => {
    await using server = await scripted([answer]);
    const elsewhere = { type: "function", function: { name: "unknown" } } as const;
    const error = await failure(server.llm.complete("Hi", { maxOutputTokens: 2, tools: [elsewhere] }));
    expect(error.kind).toBe("incomplete-output");
  });

  test("throws it at the end of maxSteps, and what the filter stopped is content-filter", async () => {
    await using server = await scripted([[calling("a", "pay")], [calling("b", "pay")], [said("Ha"), finish("safety")]]);
    expect((await failure(server.llm.complete("Hi", { tools: [pay([])], maxSteps: 2 }))).kind).toBe("incomplete-output");
    expect((await failure(server.llm.complete("Hi"))).kind).toBe("content-filter");
  });
});

describe("characters that were cut in two", () => {
  const halves = (type: "text" | "reasoning"): ChatDelta[] =>
    [..."a👋b"].flatMap((letter) => letter.split("")).map((text) => ({ type, text }));

  test("wait for their second half, in every event and for onDelta", async () => {
    await using server = await scripted([[...halves("reasoning"), ...halves("text")], halves("text")]);
    const events = await collect(server.llm.stream("Hi"));
    const pieces = [...ofType(events, "text"), ...ofType(events, "reasoning")].map(({ text }) => text);
    expect(pieces).toEqual(["a", "👋", "b", "a", "👋", "b"]);
    const told: string[] = [];
    await server.llm.chat("Hi", { onDelta: (text) => void told.push(text) });
    expect(told).toEqual(["a", "👋", "b"]);
  });

  test("are told as they came where the other half never comes", async () => {
    await using server = await scripted([[said("a\ud83d"), { type: "reasoning", text: "b" }]]);
    const result = await server.llm.stream("Hi").result;
    expect(result.text).toBe("a\ud83d");
  });
});

test("calls of the program's own are told when the answer is known to be whole, and not before", async () => {
  await using server = await scripted([
    [calling("c1", "pay", { amount: 1 }), { type: "tool-call", part: "c1", end: true }, said("So be it."), finish("length")],
  ]);
  const events: ChatEvent[] = await collect(server.llm.stream("Hi", { executeTools: false, tools: [pay([])] }));
  expect(events.map(({ type }) => type).filter((type) => type.startsWith("t"))).toEqual([
    "tool-call-start",
    "tool-call-delta",
    "text-start",
    "text",
    "text-end",
    "tool-call",
  ]);
  expect(ofType(events, "tool-call")[0]!.invalid).toMatchObject({ kind: "incomplete-output" });
});
