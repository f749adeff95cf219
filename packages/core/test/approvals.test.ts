import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  requireApproval,
  tool,
  type ApprovalPart,
  type CallOptions,
  type ChatEvent,
  type ChatResult,
  type Message,
  type Tool,
  type ToolRun,
} from "../src/index.ts";
import { createSigner } from "../src/tools/approval.ts";
import { ask, calling, collect, failure, ofType, said, scripted, type Scripted } from "./scripted.ts";
import { toyContext } from "./toy.ts";

const ANY = { type: "object" } as const;
const QUESTION: Message = { role: "user", content: "Clean up." };

/** Tools that say what they ran on. */
function house() {
  const ran: string[] = [];
  const make = (name: string, approval?: boolean) =>
    tool({
      name,
      input: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
      ...(approval !== undefined && { approval }),
      execute: (input) => {
        ran.push(`${name} ${(input as { path: string }).path}`);
        return "ran";
      },
    });
  const remove = make("remove", true);
  const look = make("look");
  return { ran, remove, look, tools: [remove, look] };
}

const removal = (id: string, path = id) => calling(id, "remove", { path });

function decision(result: ChatResult, index = 0, approved = true): ApprovalPart {
  const { toolCallId, token } = result.pendingApprovals![index]!;
  return { type: "approval", toolCallId, approved, token };
}

function outputs({ toolResults }: ChatResult): unknown[] {
  return toolResults.map(({ output }) => output);
}

describe("which calls need approval", () => {
  const rules: [string, (f: Tool) => { tool?: Partial<Tool>; options?: CallOptions }][] = [
    ["a tool's own word", () => ({ tool: { approval: true } })],
    ["a predicate of the tool", () => ({ tool: { approval: (input: { path: string }) => input.path === "b" } as Partial<Tool> })],
    ["an async one", () => ({ tool: { approval: async (input: { path: string }) => input.path === "b" } as Partial<Tool> })],
    ["a predicate of the call", () => ({ options: { approval: async ({ input }) => (input as { path: string }).path === "b" } })],
    ["a list of names", () => ({ options: { approval: requireApproval("other", "f") } })],
    [
      "a list of tools and predicates",
      (f) => ({
        options: {
          approval: requireApproval(
            () => false,
            async () => false,
            f,
          ),
        },
      }),
    ],
    ["a predicate that throws", () => ({ options: { approval: () => Promise.reject(new Error("no rule")) } })],
    ["a predicate that says neither", () => ({ options: { approval: () => "yes" as unknown as boolean } })],
  ];
  test.each(rules)("%s", async (_name, rule) => {
    const bare = tool({ name: "f", input: ANY, execute: () => "ran" });
    const { tool: more = {}, options = {} } = rule(bare);
    await using server = await scripted([[calling("c1", "f", { path: "b" })]]);
    const result = await server.llm.chat("Go.", { tools: [{ ...bare, ...more }], ...options });
    expect(result.toolResults).toMatchObject([{ isError: true }]);
    expect(result.text).toBe("Done.");
  });

  test("others run without", async () => {
    await using server = await scripted([[calling("c1", "f", { path: "a" })]]);
    const f = tool({ name: "f", input: ANY, approval: (input) => (input as { path: string }).path === "b", execute: () => "ran" });
    expect(outputs(await server.llm.chat("Go.", { tools: [f], approval: requireApproval("g") }))).toEqual(["ran"]);
  });

  test("a bad input is refused before anybody is asked", async () => {
    const { tools } = house();
    await using server = await scripted([[calling("c1", "remove", { file: "a" })]]);
    const events = await collect(server.llm.stream("Go.", { tools }));
    expect(ofType(events, "approval-request")).toEqual([]);
    expect(ofType(events, "tool-error")).toHaveLength(1);
  });
});

describe("in a stream", () => {
  /** Reads to the end and decides what is asked. */
  async function reading(stream: AsyncIterable<ChatEvent>, decide: (event: Extract<ChatEvent, { type: "approval-request" }>) => void) {
    const events: ChatEvent[] = [];
    for await (const event of stream) {
      events.push(event);
      if (event.type === "approval-request") decide(event);
    }
    return events;
  }

  test("by the event, in any order, once and for all", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1"), removal("c2"), removal("c3"), calling("c4", "look", { path: "c4" })]]);
    const stream = server.llm.stream("Go.", { tools });
    const asked: Extract<ChatEvent, { type: "approval-request" }>[] = [];
    const events = await reading(stream, (event) => {
      asked.push(event);
      if (asked.length < 3) return;
      asked[2]!.approve();
      asked[2]!.reject("too late");
      asked[1]!.reject("not that one");
      asked[1]!.approve();
      asked[0]!.approve();
      asked[0]!.approve();
    });
    expect(asked.map(({ toolCallId, input, token, job }) => [toolCallId, input, typeof token, job])).toEqual([
      ["c1", { path: "c1" }, "string", 0],
      ["c2", { path: "c2" }, "string", 1],
      ["c3", { path: "c3" }, "string", 2],
    ]);
    expect(outputs(await stream.result)).toEqual(["ran", expect.stringContaining("not that one"), "ran", "ran"]);
    expect(ran.toSorted()).toEqual(["look c4", "remove c1", "remove c3"]);
    expect(events.map(({ type }) => type).lastIndexOf("approval-request")).toBeLessThan(
      events.findIndex(({ type }) => type === "tool-error"),
    );
  });

  test("by the iterator's next", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1"), removal("c2")]]);
    const reader = server.llm.stream("Go.", { tools })[Symbol.asyncIterator]();
    let word: "approve" | "reject" | undefined = "approve";
    for (let step = await reader.next(word); !step.done; step = await reader.next(word)) {
      word = step.value.type !== "approval-request" ? undefined : step.value.toolCallId === "c1" ? "reject" : "approve";
    }
    expect(ran).toEqual(["remove c2"]);
  });

  test("an answer may come later, while others read on and other tools run", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1"), calling("c2", "look", { path: "c2" })]]);
    const seen: ChatEvent[] = [];
    for await (const event of server.llm.stream("Go.", { tools })) {
      if (event.type !== "approval-request" && event.type !== "tool-result") continue;
      seen.push(event);
      if (seen.length !== 2) continue;
      expect(ran).toEqual(["look c2"]);
      ofType(seen, "approval-request")[0]!.approve();
    }
    expect(ran).toEqual(["look c2", "remove c1"]);
  });

  test("what nobody answers ends with the stream", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1")], [removal("c2")]]);
    const stream = server.llm.stream("Go.", { tools });
    for await (const event of stream) if (event.type === "approval-request") break;
    expect(await failure(stream.result)).toMatchObject({ kind: "aborted" });
    const stop = new AbortController();
    const waiting = server.llm.stream("Go.", { tools, signal: stop.signal });
    const error = await failure(reading(waiting, () => setImmediate(() => stop.abort())));
    expect(error).toMatchObject({ kind: "aborted" });
    expect(await failure(waiting.result)).toBe(error);
    expect(ran).toEqual([]);
  });

  test.each<[string, (stream: ReturnType<Scripted["llm"]["stream"]>) => Promise<unknown>]>([
    ["result alone", (stream) => stream.result],
    [
      "textStream",
      async (stream) => {
        let text = "";
        for await (const piece of stream.textStream) text += piece;
        expect(text).toBe("Done.");
      },
    ],
    ["two branches that nobody looks at", (stream) => Promise.all(stream.tee().map(({ result }) => result))],
  ])("with %s nobody can decide: rejected, or by the callback", async (_name, read) => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1")], [said("Done.")], [removal("c2")], [said("Done.")]]);
    await read(server.llm.stream("Go.", { tools }));
    expect(ran).toEqual([]);
    await read(server.llm.stream("Go.", { tools, approve: () => true }));
    expect(ran).toEqual(["remove c2"]);
  });

  test("either branch of tee() may decide, whoever reads the other", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1")], [said("Done.")], [removal("c2")]]);
    const [left, right] = server.llm.stream("Go.", { tools }).tee();
    const whole = left.result;
    for await (const event of right) {
      // So that the branch that nobody looks at is ahead, and pulls for both.
      await new Promise((resolve) => setImmediate(resolve));
      if (event.type === "approval-request") event.approve();
    }
    expect((await whole).toolResults).toMatchObject([{ output: "ran" }]);
    expect(ran).toEqual(["remove c1"]);
    const [one, two] = server.llm.stream("Go.", { tools }).tee();
    await Promise.all([collect(one), reading(two, (event) => event.approve())]);
    expect(ran).toEqual(["remove c1", "remove c2"]);
  });

  test("through middleware; one that takes the result decides nothing", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1")], [said("Done.")], [removal("c2")]]);
    const context = toyContext(server.url);
    context.use((_call, next) => next());
    await reading(context.llm().stream("Go.", { tools }), (event) => event.approve());
    expect(ran).toEqual(["remove c1"]);
    context.use((_call, next) => next().result);
    const stream = context.llm().stream("Go.", { tools });
    expect(ofType(await reading(stream, (event) => event.approve()), "approval-request")).toEqual([]);
    expect(outputs(await stream.result)).toEqual([expect.stringContaining("Nobody was there")]);
  });

  test("a reader who leaves it to the callback", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1"), removal("c2")]]);
    const stream = server.llm.stream("Go.", { tools, approve: ({ toolCallId }) => toolCallId === "c2" });
    await collect(stream);
    expect(ran).toEqual(["remove c2"]);
  });
});

describe("by callback", () => {
  test.each<[string, CallOptions["approve"], boolean]>([
    ["true", () => true, true],
    ["an async yes", async () => ({ approved: true }), true],
    ["false", () => false, false],
    ["a no with a reason", () => ({ approved: false, reason: "Too risky." }), false],
    ["nothing at all", (() => {}) as never, false],
    ["a text", (() => "no") as never, false],
    ["an error", () => Promise.reject(new Error("the terminal is gone")), false],
  ])("%s", async (_name, approve, approved) => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1")]]);
    const result = await server.llm.chat("Go.", { tools, approve: approve! });
    expect(ran).toHaveLength(approved ? 1 : 0);
    expect(result.toolResults).toMatchObject([approved ? { output: "ran" } : { isError: true }]);
    if (_name.includes("reason")) expect(outputs(result)[0]).toContain("Too risky.");
  });

  test("one question at a time, in the order of the calls", async () => {
    const { tools } = house();
    await using server = await scripted([[removal("c1"), removal("c2"), removal("c3")]]);
    let asking = 0;
    const order: string[] = [];
    await server.llm.chat("Go.", {
      tools,
      async approve({ toolCallId, toolName, input }) {
        expect(++asking).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        asking--;
        order.push(toolCallId);
        expect([toolName, input]).toEqual(["remove", { path: toolCallId }]);
        return true;
      },
    });
    expect(order).toEqual(["c1", "c2", "c3"]);
  });

  test("one that never answers ends with the call", async () => {
    const { tools } = house();
    await using server = await scripted([[removal("c1")]]);
    const stop = new AbortController();
    const running = server.llm.chat("Go.", {
      tools,
      signal: stop.signal,
      approve: () => {
        setImmediate(() => stop.abort());
        return new Promise(() => {});
      },
    });
    expect(await failure(running)).toMatchObject({ kind: "aborted" });
  });
});

describe("half-way", () => {
  const asking = (answers: unknown[]) =>
    tool({
      name: "f",
      input: ANY,
      async execute(_input: unknown, { approve }: ToolRun) {
        const approved = await approve("Really?");
        answers.push(approved);
        return approved ? "went on" : "stopped";
      },
    });

  test("a tool asks, and goes on with the answer", async () => {
    const answers: unknown[] = [];
    await using server = await scripted([[calling("c1", "f"), calling("c2", "f")]]);
    const stream = server.llm.stream("Go.", { tools: [asking(answers)] });
    for await (const event of stream) {
      if (event.type !== "approval-request") continue;
      expect(event.reason).toBe("Really?");
      if (event.toolCallId === "c1") event.approve();
      else event.reject();
    }
    expect(outputs(await stream.result)).toEqual(["went on", "stopped"]);
    expect(answers.toSorted()).toEqual([false, true]);
  });

  test("by callback; false where nobody can answer; a tool error where that would be a pause", async () => {
    const answers: unknown[] = [];
    const tools = [asking(answers)];
    await using server = await scripted([
      [calling("c1", "f")],
      [said("Done.")],
      [calling("c2", "f")],
      [said("Done.")],
      [calling("c3", "f")],
    ]);
    expect(outputs(await server.llm.chat("Go.", { tools, approve: () => true }))).toEqual(["went on"]);
    expect(outputs(await server.llm.chat("Go.", { tools }))).toEqual(["stopped"]);
    const paused = await server.llm.chat("Go.", { tools, approvals: "pause" });
    expect(paused.toolResults).toMatchObject([{ isError: true, output: expect.stringContaining("cannot be paused") as string }]);
    expect(paused.pendingApprovals).toBeUndefined();
  });

  test("the time that an answer takes is not the tool's", async () => {
    await using server = await scripted([[calling("c1", "f")]]);
    const result = await server.llm.chat("Go.", {
      tools: [asking([])],
      toolTimeoutMs: 20,
      approve: () => new Promise((resolve) => setTimeout(resolve, 60, true)),
    });
    expect(outputs(result)).toEqual(["went on"]);
  });

  test("one that asks and does not wait harms nobody", async () => {
    const stop = new AbortController();
    const f = tool({
      name: "f",
      input: ANY,
      execute(_input: unknown, { approve }: ToolRun) {
        void approve();
        setImmediate(() => stop.abort());
        return new Promise(() => {});
      },
    });
    await using server = await scripted([[calling("c1", "f")]]);
    const running = server.llm.chat("Go.", { tools: [f], signal: stop.signal, approve: () => new Promise(() => {}) });
    expect(await failure(running)).toMatchObject({ kind: "aborted" });
  });
});

describe.each(["streamed", "whole"])("paused, %s", (how) => {
  const pause = (server: Scripted, tools: Tool[], input: Message[] = [QUESTION]) => {
    if (how === "whole") return server.llm.chat(input, { tools, approvals: "pause" });
    return server.llm.stream(input, { tools, approvals: "pause" }).result;
  };

  test("the calls come back, what needs no approval has run, and the decisions are resumed", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1"), calling("c2", "look", { path: "c2" }), removal("c3")], [said("All done.")]]);
    const paused = await pause(server, tools);
    expect(paused).toMatchObject({
      finishReason: "tool-calls",
      pendingApprovals: [
        { toolCallId: "c1", toolName: "remove", input: { path: "c1" } },
        { toolCallId: "c3", toolName: "remove", input: { path: "c3" } },
      ],
      toolResults: [{ toolCallId: "c2", output: "ran" }],
    });
    expect(ran).toEqual(["look c2"]);
    expect(server.requests).toHaveLength(1);
    const stored = JSON.parse(JSON.stringify(paused)) as ChatResult;
    const decided: Message = { role: "tool", content: [decision(stored, 1), { ...decision(stored, 0, false), reason: "Keep it." }] };
    const resumed = await pause(server, tools, [QUESTION, ...stored.messages, decided]);
    expect(ran).toEqual(["look c2", "remove c3"]);
    expect(resumed).toMatchObject({
      text: "All done.",
      toolResults: [
        { toolCallId: "c1", isError: true },
        { toolCallId: "c3", output: "ran" },
      ],
    });
    expect(outputs(resumed)[0]).toContain("Keep it.");
    expect(resumed.messages.map(({ role }) => role)).toEqual(["tool", "assistant"]);
    const sent = server.sent(1).messages;
    expect(JSON.stringify(sent)).not.toContain("approval");
    expect(sent.flatMap(({ role, content }) => (role === "tool" ? content.map(({ toolCallId }) => toolCallId) : []))).toEqual([
      "c1",
      "c2",
      "c3",
    ]);
    // The conversation goes on with the decision in its past.
    const history = [QUESTION, ...stored.messages, decided, ...resumed.messages, QUESTION];
    expect((await pause(server, tools, history)).text).toBe("Done.");
    expect(ran).toHaveLength(2);
  });

  test("with some decisions, the others wait on", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1"), removal("c2")]]);
    const paused = await pause(server, tools);
    const history = [QUESTION, ...paused.messages, { role: "tool" as const, content: [decision(paused, 1)] }];
    const half = await pause(server, tools, history);
    expect(ran).toEqual(["remove c2"]);
    expect(half).toMatchObject({
      text: "",
      finishReason: "tool-calls",
      pendingApprovals: [{ toolCallId: "c1" }],
      toolResults: [{ toolCallId: "c2" }],
      steps: [],
    });
    expect(server.requests).toHaveLength(1);
    const rest = await pause(server, tools, [...history, ...half.messages, { role: "tool", content: [decision(half)] }]);
    expect(rest.text).toBe("Done.");
    expect(ran).toEqual(["remove c2", "remove c1"]);
  });

  test("what is undecided does not run because a rule has been left out", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1"), calling("c2", "look", { path: "c2" })]]);
    const paused = await server.llm.chat([QUESTION], { tools, approvals: "pause", approval: requireApproval("look") });
    const half = await pause(server, tools, [QUESTION, ...paused.messages, { role: "tool", content: [decision(paused)] }]);
    expect(half.pendingApprovals).toMatchObject([{ toolCallId: "c2" }]);
    expect(ran).toEqual(["remove c1"]);
  });

  test("without any decision the history is the model's", async () => {
    const { ran, tools } = house();
    await using server = await scripted([[removal("c1")]]);
    const paused = await pause(server, tools);
    await pause(server, tools, [QUESTION, ...paused.messages, { role: "user", content: "Never mind." }]);
    expect(ran).toEqual([]);
  });

  test("calls of others stay unrun, and a forced tool is not forced again", async () => {
    const { ran, remove } = house();
    const remote = { type: "function" as const, function: { name: "remote" } };
    await using server = await scripted([[removal("c1"), calling("c2", "remote")], [said("Done.")]]);
    const options = { tools: [remove, remote], approvals: "pause" as const, toolChoice: "required" as const };
    const paused = await ask(server.llm, "whole", options, [QUESTION]);
    const history: Message[] = [QUESTION, ...paused.messages, { role: "tool", content: [decision(paused)] }];
    const resumed = await ask(server.llm, how, options, history);
    expect(resumed).toMatchObject({ finishReason: "tool-calls", toolResults: [{ toolCallId: "c1" }], steps: [] });
    expect(server.requests).toHaveLength(1);
    expect(ran).toEqual(["remove c1"]);
    const theirs: Message = {
      role: "tool",
      content: [{ type: "tool-result", toolCallId: "c2", toolName: "remote", output: 1 }, decision(paused)],
    };
    await ask(server.llm, how, options, [QUESTION, ...paused.messages, theirs]);
    expect(server.sent(1)).not.toHaveProperty("toolChoice");
  });

  test("the answer is not read as data until it is there", async () => {
    const { tools } = house();
    await using server = await scripted([[removal("c1")], [said('{"a":1}')]]);
    const options = { tools, approvals: "pause" as const, output: "json" as const };
    const paused = await server.llm.chat([QUESTION], options);
    expect(paused).not.toHaveProperty("output");
    const history: Message[] = [QUESTION, ...paused.messages, { role: "tool", content: [decision(paused)] }];
    expect((await ask(server.llm, how, options, history)).output).toEqual({ a: 1 });
  });
});

test("a reader that answers the event keeps the call from pausing, one that reads on does not", async () => {
  const { ran, tools } = house();
  await using server = await scripted([[removal("c1"), removal("c2")]]);
  const stream = server.llm.stream([QUESTION], { tools, approvals: "pause" });
  for await (const event of stream) if (event.type === "approval-request" && event.toolCallId === "c2") event.approve();
  const result = await stream.result;
  expect(ran).toEqual(["remove c2"]);
  expect(result).toMatchObject({ pendingApprovals: [{ toolCallId: "c1" }], toolResults: [{ toolCallId: "c2", output: "ran" }] });
  await server.llm.chat([QUESTION, ...result.messages, { role: "tool", content: [decision(result)] }], { tools });
  expect(ran).toEqual(["remove c2", "remove c1"]);
});

describe("a decision that is sent back", () => {
  const secret = { approvalSecret: "a secret of the server" };
  const deep = { path: "c1", options: { b: [1, { z: null, a: "ü" }], a: true } };

  /** A paused conversation, and what resuming it with this content comes to. */
  async function paused() {
    const { ran, tools } = house();
    const server = await scripted([[calling("c1", "remove", deep), removal("c2")]], secret);
    const result = JSON.parse(JSON.stringify(await server.llm.chat([QUESTION], { tools, approvals: "pause" }))) as ChatResult;
    const resume = (content: unknown[], messages: Message[] = result.messages) =>
      server.llm.chat([QUESTION, ...messages, { role: "tool", content } as Message], { tools, approvals: "pause" });
    return { ran, tools, server, result, resume, [Symbol.asyncDispose]: server.close };
  }

  /** The same history with a call in it changed. */
  function forged(messages: Message[], change: Record<string, unknown>): Message[] {
    return JSON.parse(JSON.stringify(messages), (_key, value: unknown) =>
      (value as { toolCallId?: string } | null)?.toolCallId === "c1" ? { ...(value as object), ...change } : value,
    ) as Message[];
  }

  const attacks: [string, (given: Awaited<ReturnType<typeof paused>>) => [unknown[], Message[]?]][] = [
    ["a token that is none", ({ result }) => [[{ ...decision(result), token: "AAAA" }]]],
    ["garbage", ({ result }) => [[{ ...decision(result), token: "%%% no base64 \u{1F600}" }]]],
    ["an empty token", ({ result }) => [[{ ...decision(result), token: "" }]]],
    ["no token", ({ result }) => [[{ ...decision(result), token: undefined }]]],
    ["a token of another type", ({ result }) => [[{ ...decision(result), token: { length: 32 } }]]],
    ["the token of another call", ({ result }) => [[{ ...decision(result), token: decision(result, 1).token }]]],
    ["an id of no call", ({ result }) => [[{ ...decision(result), toolCallId: "c9" }]]],
    ["an id of the prototype", ({ result }) => [[{ ...decision(result), toolCallId: "__proto__" }]]],
    ["another input", ({ result }) => [[decision(result)], forged(result.messages, { input: { path: "everything" } })]],
    ["an input more", ({ result }) => [[decision(result)], forged(result.messages, { input: { ...deep, force: true } })]],
    ["pairs for an object", ({ result }) => [[decision(result)], forged(result.messages, { input: pairs(deep) })]],
    ["another tool", ({ result }) => [[decision(result)], forged(result.messages, { toolName: "look" })]],
    ["another call slipped in beside it", ({ result }) => [[decision(result)], slippedIn(result.messages)]],
    ["another call after it", ({ result }) => [[decision(result)], [...result.messages, ...slippedIn(result.messages)]]],
    ["the same decision twice", ({ result }) => [[decision(result), decision(result)]]],
    ["a no and then a yes", ({ result }) => [[decision(result, 0, false), decision(result)]]],
    [
      "a call that has its result",
      ({ result }) => [[{ type: "tool-result", toolCallId: "c1", toolName: "remove", output: "ran" }, decision(result)]],
    ],
    ["no call at all", ({ result }) => [[decision(result)], []]],
    ["a conversation that has gone on", ({ result }) => [[decision(result)], [...result.messages, { role: "assistant", content: "So." }]]],
  ];

  function pairs(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(pairs);
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, pairs(inner)]);
  }

  function slippedIn(messages: Message[]): Message[] {
    const [{ content, ...rest }] = messages as [Extract<Message, { role: "assistant" }>];
    const more = { type: "tool-call" as const, toolCallId: "c3", toolName: "look", input: { path: "secrets" } };
    return [{ ...rest, content: [...(content as []), more] }];
  }

  test.each(attacks)("refused: %s", async (_name, attack) => {
    await using given = await paused();
    const [content, messages] = attack(given);
    expect(await failure(given.resume(content, messages))).toMatchObject({
      kind: "invalid-request",
      message: expect.stringContaining("approval") as string,
    });
    expect(given.ran).toEqual([]);
    expect(given.server.requests).toHaveLength(1);
  });

  test("refused: of another secret, of another context without one, after its result", async () => {
    await using given = await paused();
    const { result, server, tools, ran } = given;
    const history: Message[] = [QUESTION, ...result.messages, { role: "tool", content: [decision(result)] }];
    for (const options of [{ approvalSecret: "another" }, {}]) {
      const elsewhere = toyContext(server.url, options).llm();
      expect(await failure(elsewhere.chat(history, { tools }))).toMatchObject({ kind: "invalid-request" });
      expect(await failure(collect(elsewhere.stream(history, { tools })))).toMatchObject({ kind: "invalid-request" });
    }
    const resumed = await given.resume([decision(result), decision(result, 1, false)]);
    expect(ran).toEqual(["remove c1"]);
    const replay: Message[] = [...history, ...resumed.messages.slice(0, 1), { role: "tool", content: [decision(result)] }];
    expect(await failure(server.llm.chat(replay, { tools }))).toMatchObject({ kind: "invalid-request" });
    const later: Message[] = [...history, ...resumed.messages, { role: "tool", content: [decision(result)] }];
    expect(await failure(server.llm.chat(later, { tools }))).toMatchObject({ kind: "invalid-request" });
    expect(ran).toEqual(["remove c1"]);
  });

  test("taken: keys in another order, an approval that only truth makes one", async () => {
    await using given = await paused();
    const { result, ran } = given;
    const reordered = forged(result.messages, { input: { options: { a: true, b: [1, { a: "ü", z: null }] }, path: "c1" } });
    const half = await given.resume([{ ...decision(result), approved: "yes" }], reordered);
    expect(half).toMatchObject({ toolResults: [{ toolCallId: "c1", isError: true }], pendingApprovals: [{ toolCallId: "c2" }] });
    await given.resume([decision(result), decision(result, 1, false)], reordered);
    expect(ran).toEqual(["remove c1"]);
  });

  test("taken: one that was decided in a stream of another context with the same secret", async () => {
    await using given = await paused();
    const { result, tools, server, ran } = given;
    const decided: Message = { role: "tool", content: [decision(result), decision(result, 1, false)] };
    const stream = toyContext(server.url, secret)
      .llm()
      .stream([QUESTION, ...result.messages, decided], { tools });
    expect(ofType(await collect(stream), "tool-error")).toMatchObject([{ toolCallId: "c2" }]);
    expect(ran).toEqual(["remove c1"]);
  });

  test("explain leaves decisions out, as the call does", async () => {
    await using given = await paused();
    const { result, server, tools } = given;
    const { request } = await server.llm.explain([QUESTION, ...result.messages, { role: "tool", content: [decision(result)] }], { tools });
    expect(JSON.stringify(request.body)).not.toContain(decision(result).token);
  });

  test("taken in another process, with the same secret alone", async () => {
    await using given = await paused();
    const { result, server } = given;
    const history: Message[] = [QUESTION, ...result.messages, { role: "tool", content: [decision(result), decision(result, 1, false)] }];
    const script = fileURLToPath(new URL("./other-process.ts", import.meta.url));
    const elsewhere = async (approvalSecret: string) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        script,
        JSON.stringify({ url: server.url, approvalSecret, history }),
      ]);
      return JSON.parse(stdout) as unknown;
    };
    expect(await elsewhere(secret.approvalSecret)).toMatchObject({
      text: "Done.",
      toolResults: [
        { toolCallId: "c1", output: { removed: deep } },
        { toolCallId: "c2", isError: true },
      ],
    });
    expect(await elsewhere("another")).toMatchObject({ kind: "invalid-request" });
  }, 30_000);

  test("a token tells the calls of a turn apart, and one turn from another", async () => {
    const signer = createSigner("secret");
    const call = { toolCallId: "c1", toolName: "f", input: { a: 1 } };
    const other = { ...call, toolCallId: "c2" };
    const token = await signer.sign(call, [call, other]);
    expect(await signer.verify(call, [call, other], token)).toBe(true);
    expect(await signer.verify(other, [call, other], token)).toBe(false);
    expect(await signer.verify(call, [call], token)).toBe(false);
    expect(await createSigner("Secret").verify(call, [call, other], token)).toBe(false);
  });
});
