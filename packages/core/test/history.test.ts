// What is sent of a history, whoever wrote it and however it was broken. The toy's request is the
// call itself, so a dry run shows what was made of it.
import { describe, expect, test } from "vitest";
import { createContext, type CallOptions, type LlmError, type Message, type ToolCallPart, type ToolResultPart } from "../src/index.ts";
import type { ChatCall, ChatWire } from "../src/provider.ts";
import { toy } from "./toy.ts";

const HOST = "127.0.0.1:4321";

/**
 * Of a toy with these rules: the messages that are sent, the codes of its warnings, and all of the
 * call.
 */
async function sent(messages: readonly unknown[], rules: Partial<ChatWire> = {}, options: CallOptions = {}) {
  const { llm } = createContext({
    providers: [toy({ chat: { ...toy().chat!, ...rules } })],
    profiles: { default: { provider: "toy", model: "toy-1", baseURL: `http://${HOST}`, apiKey: "k" } },
    env: {},
  });
  const { request, dropped } = await llm().explain(messages as Message[], options);
  const body = request.body as ChatCall;
  return { messages: body.messages, codes: dropped.map(({ code }) => code), warnings: dropped, body };
}

const user = (content = "Go on."): Message => ({ role: "user", content });
const call = (toolCallId: string, more: Partial<ToolCallPart> = {}): ToolCallPart => ({
  type: "tool-call",
  toolCallId,
  toolName: "f",
  input: {},
  ...more,
});
const answer = (...content: Exclude<Extract<Message, { role: "assistant" }>["content"], string>): Message => ({
  role: "assistant",
  content,
});
const result = (toolCallId: string, output: unknown = "ok"): ToolResultPart => ({ type: "tool-result", toolCallId, toolName: "f", output });
const results = (...content: ToolResultPart[]): Message => ({ role: "tool", content });
const interrupted = (toolCallId: string): ToolResultPart => ({
  ...result(toolCallId, "This call was interrupted; it has no result."),
  isError: true,
});

describe("pairs of calls and results", () => {
  const cases: [what: string, history: unknown[], sent: unknown[], codes: string[]][] = [
    ["whole", [user(), answer(call("a")), results(result("a"))], [user(), answer(call("a")), results(result("a"))], []],
    [
      "in several messages",
      [user(), answer(call("a"), call("b")), results(result("a")), results(result("b"))],
      [user(), answer(call("a"), call("b")), results(result("a")), results(result("b"))],
      [],
    ],
    [
      "a call without a result",
      [answer(call("a")), user()],
      [answer(call("a")), results(interrupted("a")), user()],
      ["tool-results-added"],
    ],
    [
      "one of two",
      [answer(call("a"), call("b")), results(result("b")), user()],
      [answer(call("a"), call("b")), results(interrupted("a"), result("b")), user()],
      ["tool-results-added"],
    ],
    ["a result without a call", [results(result("a")), user()], [user()], ["tool-results-left-out"]],
    [
      "a second result",
      [answer(call("a")), results(result("a"), result("a", 2)), user()],
      [answer(call("a")), results(result("a")), user()],
      ["tool-results-left-out"],
    ],
    [
      "a result in front of its call",
      [user(), results(result("a")), answer(call("a"))],
      [user(), answer(call("a")), results(interrupted("a"))],
      ["tool-results-added", "tool-results-left-out"],
    ],
    [
      "a user's message between",
      [answer(call("a")), user(), results(result("a"))],
      [answer(call("a")), results(result("a")), user()],
      ["tool-results-moved"],
    ],
    [
      "behind the next answer",
      [answer(call("a")), answer(call("b")), results(result("a"), result("b")), user()],
      [answer(call("a")), results(result("a")), answer(call("b")), results(result("b")), user()],
      ["tool-results-moved"],
    ],
    [
      "in another order",
      [answer(call("a"), call("b")), results(result("b"), result("a")), user()],
      [answer(call("a"), call("b")), results(result("a"), result("b")), user()],
      [],
    ],
    [
      "in the answer itself",
      [user(), answer(call("a"), result("a"))],
      [user(), answer(call("a")), results(result("a"))],
      ["tool-results-moved"],
    ],
  ];
  test.each(cases)("%s", async (_, history, wanted, codes) => {
    const { messages, codes: told } = await sent(history);
    expect(messages).toEqual(wanted);
    expect(told).toEqual(codes);
  });

  test("in OpenAI's shape too", async () => {
    const openai = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
    const { messages, codes } = await sent([
      user(),
      { role: "assistant", content: null, tool_calls: [openai("a"), openai("b")] },
      user("Wait."),
      { role: "tool", tool_call_id: "b", content: "ok" },
    ]);
    expect(messages).toEqual([user(), answer(call("a"), call("b")), results(interrupted("a"), result("b")), user("Wait.")]);
    expect(codes).toEqual(["tool-results-added", "tool-results-moved"]);
  });

  test("results whose calls the vendor holds stay", async () => {
    const held = [results(result("a")), user()];
    const options = { providerOptions: { toy: { goesOnFrom: "x" } } };
    expect(await sent(held, { heldBy: ["goesOnFrom"] }, options)).toMatchObject({ messages: held, codes: [] });
    expect((await sent(held, { heldBy: ["goesOnFrom"] })).codes).toEqual(["tool-results-left-out"]);
  });

  test("half pairs of a vendor's own tools are left alone at home, and left out elsewhere", async () => {
    const ran = { providerExecuted: true as const, providerMetadata: { toy: { type: "search" } } };
    const paused = { ...answer({ type: "text", text: "I look." }, call("s", ran)), provider: "toy" };
    expect(await sent([user(), paused])).toMatchObject({ messages: [user(), paused], codes: [] });
    const foreign = { ...answer({ type: "text", text: "I look." }, call("s", { providerExecuted: true })), provider: "other" };
    const { messages, codes } = await sent([user(), foreign]);
    expect(messages[1]!.content).toEqual([{ type: "text", text: "I look." }]);
    expect(codes).toEqual(["vendor-tools-left-out"]);
  });

  test("a call in a form of the vendor's own gets no result that is made up", async () => {
    const own = answer(call("a", { input: "screen", providerMetadata: { toy: { item: 1 } } }));
    expect(await sent([own, user()], { callForm: () => "own" })).toMatchObject({ messages: [own, user()], codes: [] });
  });

  test("a history of ten thousand messages is mended in a moment", async () => {
    const turns = Array.from({ length: 3_000 }, (_, at) => [answer(call("same")), user(), results(result("same", at))]).flat();
    const begun = performance.now();
    const { messages } = await sent(turns);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(messages.map(({ role }) => role).slice(0, 6)).toEqual(["assistant", "tool", "user", "assistant", "tool", "user"]);
  });
});

describe("ids", () => {
  const turn = (output: unknown) => [answer(call("call_0")), results(result("call_0", output)), user()];
  const idsOf = (messages: readonly Message[]) =>
    messages.flatMap(({ content }) =>
      typeof content === "string" ? [] : (content as { toolCallId?: string }[]).flatMap((part) => part.toolCallId ?? []),
    );

  test("that begin anew in each answer are unique, alike in call and result, and the same at every later turn", async () => {
    const rules = { toolCallIds: { takes: /^[a-z0-9_]{6,9}$/, length: 9 } };
    const history = [...turn(1), ...turn(2), ...turn(3)];
    const { messages, codes } = await sent(history, rules);
    const ids = idsOf(messages);
    expect(new Set(ids).size).toBe(3);
    expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2], ids[4], ids[4]]);
    expect(ids[0]).toBe("call_0");
    expect(ids.every((id) => rules.toolCallIds.takes.test(id))).toBe(true);
    expect(messages.flatMap(({ role, content }) => (role === "tool" ? (content[0] as ToolResultPart).output : []))).toEqual([1, 2, 3]);
    expect(codes).toEqual(["tool-ids-changed"]);
    for (const end of [3, 6]) expect((await sent(history.slice(0, end), rules)).messages).toEqual(messages.slice(0, end));
  });

  test("where an earlier turn was interrupted, the result is the later one's", async () => {
    const { messages } = await sent([answer(call("call_0")), user(), ...turn("late")]);
    expect(messages.filter(({ role }) => role === "tool").map(({ content }) => (content as ToolResultPart[])[0]!.output)).toEqual([
      "This call was interrupted; it has no result.",
      "late",
    ]);
  });

  test("twice in one answer, results belong by their order", async () => {
    const { messages } = await sent([
      answer(call("x", { input: { n: 1 } }), call("x", { input: { n: 2 } })),
      results(result("x", 1), result("x", 2)),
      user(),
    ]);
    const [first, second] = messages as [Message, Message];
    expect((second.content as ToolResultPart[]).map(({ toolCallId, output }) => [toolCallId, output])).toEqual(
      (first.content as ToolCallPart[]).map(({ toolCallId, input }) => [toolCallId, (input as { n: number }).n]),
    );
    expect(new Set(idsOf(messages)).size).toBe(2);
  });

  test("that are empty, or not as the vendor takes them", async () => {
    const { messages, codes } = await sent([answer(call(""), call("a b")), results(result(""), result("a b")), user()], {
      toolCallIds: { takes: /^[\w-]+$/ },
    });
    const ids = idsOf(messages);
    expect(ids.every((id) => /^[a-z0-9]{13}$/.test(id))).toBe(true);
    expect(ids.slice(0, 2)).toEqual(ids.slice(2));
    expect(codes).toEqual(["tool-ids-changed"]);
  });
});

describe("inputs and names", () => {
  test.each([
    ["text that is no JSON", '{"path": "a', { input: '{"path": "a' }],
    ["text that holds an object", '{"path": "a"}', { path: "a" }],
    ["a list", [1], { input: [1] }],
    ["a number", 7, { input: 7 }],
    ["false", false, { input: false }],
  ])("%s", async (_, input, wanted) => {
    const { messages, codes } = await sent([answer(call("a", { input })), results(result("a")), user()]);
    expect((messages[0]!.content as ToolCallPart[])[0]!.input).toEqual(wanted);
    expect(codes).toEqual(["tool-inputs-changed"]);
  });

  test("no input is an empty one, and text stays where it is text by nature", async () => {
    const textual = { providerMetadata: { toy: { custom: true } } };
    const history = [
      answer(call("a", { input: undefined }), call("b", { input: "print(1)", ...textual })),
      results(result("a"), result("b")),
      user(),
    ];
    const { messages, codes } = await sent(history, { callForm: ({ custom }) => (custom === true ? "text" : "function") });
    expect((messages[0]!.content as ToolCallPart[]).map(({ input }) => input)).toEqual([{}, "print(1)"]);
    expect(codes).toEqual([]);
  });

  const cycle: Record<string, unknown> = {};
  cycle["self"] = { cycle };
  test.each([
    ["a BigInt", answer(call("a", { input: { n: [1n] } })), "messages[1].content[0].input"],
    ["a cycle", answer(call("a", { input: cycle })), "messages[1].content[0].input"],
    ["a BigInt in a result", results(result("a", { n: 1n })), "messages[1].content[0].output"],
  ])("%s is refused by its path", async (_, message, path) => {
    const error = await sent([user(), message], {}, { system: "Be brief." }).catch((thrown: unknown) => thrown as LlmError);
    expect(error).toMatchObject({ kind: "invalid-request" });
    expect((error as LlmError).message).toContain(path);
  });

  const fn = (name: string) => ({ type: "function" as const, function: { name, parameters: { type: "object", properties: {} } } });
  test.each<[name: string, sent: RegExp, tools?: string[]]>([
    ["", /^unknown_tool$/],
    ["get weather!", /^get_weather_$/],
    ["a".repeat(80), /^a{64}$/],
    ["天气", /^unknown_tool$/],
    ["get weather", /^get_weather_[a-z0-9]{13}$/, ["get_weather"]],
    ["my.tool", /^my\.tool$/, ["my.tool"]],
  ])("the name %j", async (toolName, wanted, tools = []) => {
    const { messages, codes } = await sent(
      [answer(call("a", { toolName })), results({ ...result("a"), toolName }), user()],
      {},
      { tools: tools.map(fn) },
    );
    const names = messages.slice(0, 2).map(({ content }) => (content as ToolCallPart[])[0]!.toolName);
    expect(names[0]).toMatch(wanted);
    expect(names[1]).toBe(names[0]);
    expect(codes).toEqual(names[0] === toolName ? [] : ["tool-names-changed"]);
  });

  test("no name at all, in OpenAI's shape", async () => {
    const calls = [{ id: "a", type: "function", function: { name: null, arguments: "{}" } }];
    const history = [user(), { role: "assistant", content: null, tool_calls: calls }, { role: "tool", tool_call_id: "a", content: "ok" }];
    const { messages, codes } = await sent(history);
    expect(messages.slice(1).map(({ content }) => (content as ToolCallPart[])[0]!.toolName)).toEqual(["unknown_tool", "unknown_tool"]);
    expect(codes).toEqual(["tool-names-changed"]);
  });

  test("names by the vendor's rule, none like another tool's", async () => {
    const toolNames = /^[a-z_][\w.-]{0,63}$/i;
    const names = ["1st", "a b", "a?b", "a_b", "a.b", "a b"];
    const { messages } = await sent([answer(...names.map((toolName, at) => call(`c${at}`, { toolName }))), user()], { toolNames });
    const given = (messages[0]!.content as ToolCallPart[]).map(({ toolName }) => toolName);
    expect(given.every((name) => toolNames.test(name))).toBe(true);
    expect(new Set(given).size).toBe(5);
    expect(given[5]).toBe(given[1]);
  });
});

describe("nothing to send", () => {
  const thought = (metadata: object = {}) => ({ type: "reasoning" as const, text: "Hm.", providerMetadata: { toy: { ...metadata } } });

  test("empty messages, and such as hold reasoning or sources alone, are left out", async () => {
    const history = [
      { role: "system", content: " " },
      user(),
      { role: "assistant", content: "\n" },
      answer({ type: "text", text: "" }, thought()),
      answer({ type: "source", url: "https://example.com" }),
      answer({ type: "text", text: "So." }, thought()),
      user(),
    ];
    const { messages, codes, warnings } = await sent(history);
    expect(messages).toEqual([user(), history[5], user()]);
    expect(codes).toEqual(["messages-left-out"]);
    expect(warnings[0]!.message).toMatch(/: 4\.$/);
  });

  test("reasoning that must lead to something goes where it leads to nothing", async () => {
    const rules = { reasoningLeads: ({ type }: Readonly<Record<string, unknown>>) => type === undefined };
    const compacted = answer(thought({ type: "compaction" }));
    const goesOn = [answer(thought()), answer(call("a")), results(result("a"))];
    const { messages, codes } = await sent(
      [user(), answer({ type: "text", text: "So." }, thought()), user(), compacted, user(), answer(thought()), user(), ...goesOn],
      rules,
    );
    expect(messages).toEqual([user(), answer({ type: "text", text: "So." }), user(), compacted, user(), user(), ...goesOn]);
    expect(codes).toEqual(["reasoning-left-out", "messages-left-out"]);
  });

  test("a history of which nothing is left is an error", async () => {
    const error = await sent([{ role: "assistant", content: "" }]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "invalid-request" });
  });

  test("settings of tools without tools, and what needs an option", async () => {
    const options: CallOptions = { parallelToolCalls: false, toolChoice: "auto", metadata: { a: "b" } };
    const { body, codes } = await sent([user()], { needsOption: { metadata: "store" } }, options);
    expect(body).not.toHaveProperty("parallelToolCalls");
    expect(body).not.toHaveProperty("toolChoice");
    expect(body).not.toHaveProperty("metadata");
    expect(codes).toEqual(["needs-option"]);
    const stored = { ...options, providerOptions: { toy: { store: true } } };
    expect(await sent([user()], { needsOption: { metadata: "store" } }, stored)).toMatchObject({
      body: { metadata: { a: "b" } },
      codes: [],
    });
  });
});

describe("reasoning", () => {
  const thought = (metadata?: object) => ({
    type: "reasoning" as const,
    text: "Hm.",
    ...(metadata !== undefined && { providerMetadata: { toy: { ...metadata } } }),
  });
  const unsigned = {
    takesReasoning: ({ signature }: Readonly<Record<string, unknown>>, sameHost: boolean) => signature !== undefined || sameHost,
  };

  test.each([
    ["signed", thought({ signature: "s" }), undefined, true],
    ["unsigned, from the same host", thought(), HOST, true],
    ["unsigned, from another host", thought(), "api.example.com", false],
    ["unsigned, from nobody knows where", thought(), undefined, false],
  ])("%s", async (_, part, host, stays) => {
    const said = {
      role: "assistant",
      provider: "toy",
      ...(host !== undefined && { host }),
      content: [part, { type: "text", text: "So." }],
    };
    const { messages, codes } = await sent([said, user()], unsigned);
    expect((messages[0]!.content as unknown[]).length).toBe(stays ? 2 : 1);
    expect(codes).toEqual(stays ? [] : ["reasoning-left-out"]);
  });

  test("another provider's stays behind, and so do its signatures", async () => {
    const text = { type: "text", text: "So.", providerMetadata: { other: { deep: [{ thoughtSignature: "s" }] } } };
    const said = { role: "assistant", provider: "other", content: [thought(), text] };
    expect((await sent([{ ...said, content: [{ type: "reasoning", text: "Hm." }, text] }, user()])).codes).toEqual([
      "reasoning-left-out",
      "signatures-left-out",
    ]);
  });

  test.each([
    ["begun elsewhere", [answer(call("a")), results(result("a"))], true],
    ["begun with reasoning", [answer(thought(), call("a")), results(result("a"))], false],
    ["of text alone", [answer({ type: "text", text: "Hm" })], false],
    ["that is over", [answer(call("a")), results(result("a")), answer({ type: "text", text: "So." }), user()], false],
    ["of two answers in a row", [answer(thought(), { type: "text", text: "I" }), answer(call("a")), results(result("a"))], false],
  ])("of a turn %s", async (_, turn, paused) => {
    const { body, codes } = await sent([user(), ...turn], { turnNeedsReasoning: () => true }, { reasoning: "low" });
    expect(codes).toEqual(paused ? ["reasoning-paused"] : []);
    expect(body.reasoning).toEqual(paused ? undefined : { effort: "low" });
  });
});
