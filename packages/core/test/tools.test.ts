import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { startLoopback } from "../../conformance/src/index.ts";
import { createContext, isLlmError, runTools, tool, type ChatEvent, type Message, type Tool } from "../src/index.ts";
import { ask, calling, collect, failure, ofType, said, scripted } from "./scripted.ts";
import { sse, toy, toyContext } from "./toy.ts";

const ANY = { type: "object" } as const;
const ROADS = ["streamed", "whole"];

const weather = tool({
  name: "get_weather",
  description: "Current weather for a city",
  input: z.object({ city: z.string() }),
  execute: ({ city }) => ({ city, temperature: 22 }),
});

/** A tool that does what the test says. */
function does(name: string, execute: NonNullable<Tool["execute"]>, more: Partial<Tool> = {}): Tool {
  return tool({ name, input: ANY, execute: execute as () => unknown, ...(more as object) });
}

function resultsIn(messages: readonly Message[]) {
  return messages.flatMap(({ role, content }) => (role === "tool" ? content : []));
}

describe("schemas", () => {
  const inputs = {
    zod: tool({
      name: "f",
      input: z.object({ city: z.string(), days: z.number().optional() }),
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ city: string; days?: number | undefined }>();
        return input;
      },
    }),
    valibot: tool({
      name: "f",
      input: toStandardJsonSchema(v.object({ city: v.string(), days: v.optional(v.number()) })),
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ city: string; days?: number | undefined }>();
        return input;
      },
    }),
    arktype: tool({
      name: "f",
      input: type({ city: "string", "days?": "number" }),
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ city: string; days?: number }>();
        return input;
      },
    }),
    "JSON Schema": tool({
      name: "f",
      input: { type: "object", properties: { city: { type: "string" }, days: { type: "number" } }, required: ["city"] },
      execute: (input) => {
        expectTypeOf(input).toEqualTypeOf<unknown>();
        return input;
      },
    }),
  };

  test.each(Object.entries(inputs))("%s: the model gets the schema, the function a checked input", async (_name, f) => {
    await using server = await scripted([[calling("c1", "f", { city: "Ulm" })], [calling("c2", "f", { city: 1 })]]);
    const { toolResults } = await server.llm.chat("Go.", { tools: [f as Tool] });
    const [sent] = server.sent(0).tools;
    expect(sent).toMatchObject({
      name: "f",
      inputSchema: { type: "object", properties: { city: { type: "string" }, days: { type: "number" } }, required: ["city"] },
    });
    expect(toolResults).toEqual([
      { toolCallId: "c1", toolName: "f", output: { city: "Ulm" } },
      { toolCallId: "c2", toolName: "f", output: expect.stringContaining("city") as string, isError: true },
    ]);
  });

  test("a transformation is done before the function is called", async () => {
    await using server = await scripted([[calling("c1", "f", { at: "2026-01-02" })]]);
    const f = tool({
      name: "f",
      input: z.object({ at: z.string().pipe(z.coerce.date()) }),
      execute: ({ at }) => at.getUTCFullYear(),
    });
    expect((await server.llm.chat("Go.", { tools: [f] })).toolResults).toMatchObject([{ output: 2026 }]);
  });

  test("one that cannot say what it is, is an error before anything is sent", async () => {
    await using server = await scripted([]);
    const f = tool({ name: "f", input: v.object({}), execute: () => 1 });
    expect(await failure(server.llm.chat("Go.", { tools: [f] }))).toMatchObject({ kind: "schema" });
    expect(await failure(server.llm.chat("Go.", { tools: [{ name: "g" } as unknown as Tool] }))).toMatchObject({
      kind: "invalid-request",
    });
    expect(server.requests).toHaveLength(0);
  });
});

describe.each(ROADS)("the loop, %s", (how) => {
  test("runs tools, tells the model, and gives everything back", async () => {
    await using server = await scripted([
      [said("Let me see."), calling("c1", "get_weather", { city: "Ulm" }), calling("c2", "get_weather", { city: "Bonn" })],
      [said("It is warm.")],
    ]);
    const result = await ask(server.llm, how, { tools: [weather] });
    const results = [
      { toolCallId: "c1", toolName: "get_weather", output: { city: "Ulm", temperature: 22 } },
      { toolCallId: "c2", toolName: "get_weather", output: { city: "Bonn", temperature: 22 } },
    ];
    expect(result).toMatchObject({
      text: "It is warm.",
      finishReason: "stop",
      toolResults: results,
      usage: { inputTokens: 20, outputTokens: 10, totalTokens: 30 },
      messages: [
        { role: "assistant" },
        { role: "tool", content: results.map((one) => ({ type: "tool-result", ...one })) },
        { role: "assistant" },
      ],
      steps: [
        { text: "Let me see.", finishReason: "tool-calls", toolResults: results, usage: { totalTokens: 15 } },
        { text: "It is warm.", finishReason: "stop", toolCalls: [] },
      ],
    });
    expect(result.attempts).toHaveLength(2);
    expect(server.sent(1).messages).toEqual([{ role: "user", content: "Go." }, ...result.messages.slice(0, 2)]);
    expect(JSON.parse(JSON.stringify(result.messages))).toEqual(result.messages);
  });

  test("what a tool does wrong is told to the model, in the order of the calls", async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const outcomes: [string, () => unknown, unknown, true?][] = [
      ["error", () => Promise.reject(new Error("broken")), 'The tool "error" failed: broken', true],
      ["thrower", () => nothing("just a text"), 'The tool "thrower" failed: just a text', true],
      ["object", () => nothing({ code: 5 }), 'The tool "object" failed: {"code":5}', true],
      ["strange", () => nothing(Object.create(null, { toJSON: { get: () => nothing(1) } })), expect.stringContaining("failed"), true],
      ["nothing", () => nothing(undefined), 'The tool "nothing" failed: undefined', true],
      ["void", () => undefined, null],
      ["function", () => () => 1, null],
      ["bigint", () => 1n, expect.stringContaining("BigInt"), true],
      ["circular", () => circular, expect.stringContaining("circular"), true],
      ["fine", () => 0, 0],
    ];
    const tools = outcomes.map(([name, execute]) => does(name, execute));
    await using server = await scripted([outcomes.map(([name], index) => calling(`c${index}`, name))]);
    const result = await ask(server.llm, how, { tools });
    expect(result.toolResults).toEqual(
      outcomes.map(([toolName, , output, isError], index) => ({ toolCallId: `c${index}`, toolName, output, ...(isError && { isError }) })),
    );
    expect(resultsIn(server.sent(1).messages)).toMatchObject(JSON.parse(JSON.stringify(result.toolResults)) as object[]);
    expect(result.text).toBe("Done.");
  });

  test("a bad input is told to the model, which may repair it", async () => {
    await using server = await scripted([
      [calling("c1", "get_weather", "{city:"), calling("c2", "get_weather", { town: "Ulm" }), calling("c3", "no_such_tool")],
      [calling("c4", "get_weather", { city: "Ulm" })],
    ]);
    const { toolResults, toolCalls } = await ask(server.llm, how, { tools: [weather] });
    expect(toolResults).toMatchObject([
      { toolCallId: "c1", isError: true, output: expect.stringContaining("not JSON") as string },
      { toolCallId: "c2", isError: true, output: expect.stringContaining("city") as string },
      { toolCallId: "c3", isError: true, output: expect.stringContaining("The tools are: get_weather") as string },
      { toolCallId: "c4", output: { temperature: 22 } },
    ]);
    expect(toolCalls[0]!.invalid).toMatchObject({ kind: "tool" });
  });

  test("calls run side by side, with a cap; results come in the order of the calls", async () => {
    let now = 0;
    let most = 0;
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const order: number[] = [];
    const f = does("f", async (input: { n: number }) => {
      most = Math.max(most, ++now);
      if (input.n > 0) gates[input.n - 1]!.resolve();
      await gates[input.n]!.promise;
      order.push(input.n);
      now--;
      return input.n;
    });
    gates[3]!.resolve();
    await using server = await scripted([[0, 1, 2, 3].map((n) => calling(`c${n}`, "f", { n }))]);
    const { toolResults } = await ask(server.llm, how, { tools: [f], maxConcurrency: 2 });
    expect(toolResults.map(({ output }) => output)).toEqual([0, 1, 2, 3]);
    expect(most).toBe(2);
    expect(order.indexOf(0)).toBeLessThan(order.indexOf(3));
  });

  test.each([0, -1, Number.NaN])("a cap of %s still runs them", async (maxConcurrency) => {
    await using server = await scripted([[calling("c1", "get_weather", { city: "Ulm" })]]);
    expect((await ask(server.llm, how, { tools: [weather], maxConcurrency })).toolResults).toHaveLength(1);
  });

  test("schemas of the vendor's style are mixed in, and their calls returned unrun", async () => {
    const remote = { type: "function" as const, function: { name: "remote", parameters: ANY } };
    await using server = await scripted([[calling("c1", "get_weather", { city: "Ulm" }), calling("c2", "remote")]]);
    const result = await ask(server.llm, how, { tools: [weather, remote, tool({ name: "later", input: ANY })] });
    expect(server.sent(0).tools.map(({ name }) => name)).toEqual(["get_weather", "remote", "later"]);
    expect(result).toMatchObject({
      finishReason: "tool-calls",
      toolCalls: [{ toolCallId: "c1" }, { toolCallId: "c2" }],
      toolResults: [{ toolCallId: "c1" }],
    });
    expect(server.requests).toHaveLength(1);
  });

  test("nothing runs with executeTools: false, with only foreign tools, or with n > 1", async () => {
    const call = [calling("c1", "get_weather", { city: "Ulm" })];
    await using server = await scripted([call, call, call]);
    const foreign = { type: "function" as const, function: { name: "get_weather", parameters: ANY } };
    for (const options of [{ tools: [weather], executeTools: false }, { tools: [foreign] }, { tools: [weather], n: 2 }]) {
      expect(await ask(server.llm, how, options)).toMatchObject({
        finishReason: "tool-calls",
        toolCalls: [{ toolCallId: "c1" }],
        toolResults: [],
      });
    }
    expect(server.requests).toHaveLength(3);
  });

  test("ends at maxSteps, its last tools run; ends where stopWhen says so", async () => {
    const call = (n: number) => [calling(`c${n}`, "get_weather", { city: "Ulm" })];
    await using server = await scripted([call(1), call(2), call(3), call(4), call(5)]);
    const limited = await ask(server.llm, how, { tools: [weather], maxSteps: 2 });
    expect(limited).toMatchObject({ finishReason: "tool-calls", toolResults: [{ toolCallId: "c1" }, { toolCallId: "c2" }] });
    expect(limited.steps).toHaveLength(2);
    const seen: number[] = [];
    const stopped = await ask(server.llm, how, {
      tools: [weather],
      stopWhen: async ({ steps }) => {
        seen.push(steps.length);
        return steps.at(-1)!.toolResults.some(({ toolCallId }) => toolCallId === "c4");
      },
    });
    expect(seen).toEqual([1, 2]);
    expect(stopped).toMatchObject({ finishReason: "tool-calls", toolResults: [{}, { toolCallId: "c4" }] });
  });

  test("a model that never stops calling is stopped after 20 steps", async () => {
    await using server = await scripted(Array.from({ length: 30 }, (_, n) => [calling(`c${n}`, "get_weather", { city: "Ulm" })]));
    expect((await ask(server.llm, how, { tools: [weather] })).steps).toHaveLength(20);
  });

  test("only the first step is forced to call a tool", async () => {
    const call = [calling("c1", "get_weather", { city: "Ulm" })];
    await using server = await scripted([call, [], call, [said("No.")]]);
    await ask(server.llm, how, { tools: [weather], toolChoice: "required" });
    await ask(server.llm, how, { tools: [weather], toolChoice: { toolName: "get_weather" } });
    expect([0, 1, 2, 3].map((n) => server.sent(n).toolChoice)).toEqual(["required", undefined, { toolName: "get_weather" }, undefined]);
  });

  test("two calls with one id each get their own result", async () => {
    const twice = ["Ulm", "Bonn"].map((city) => ({ ...calling("c1", "get_weather", { city }), part: city }));
    await using server = await scripted([twice]);
    const { toolResults } = await ask(server.llm, how, { tools: [weather] });
    expect(toolResults.map(({ output }) => (output as { city: string }).city)).toEqual(["Ulm", "Bonn"]);
  });

  test("tools that the vendor runs are left to it", async () => {
    await using server = await scripted([
      [
        { ...calling("s1", "web_search", { q: 1 }), providerExecuted: true } as never,
        { type: "tool-result", toolCallId: "s1", output: "found" },
        calling("c1", "get_weather", { city: "Ulm" }),
      ],
      [
        { ...calling("s2", "web_search", { q: 2 }), providerExecuted: true } as never,
        { type: "tool-result", toolCallId: "s2", output: "more" },
        said("So."),
      ],
    ]);
    const { toolResults, text } = await ask(server.llm, how, { tools: [weather] });
    expect(toolResults.map(({ toolCallId }) => toolCallId)).toEqual(["s1", "c1", "s2"]);
    expect(text).toBe("So.");
  });

  test("a turn that the vendor has paused goes on, within maxSteps", async () => {
    const paused = [said("a"), { type: "finish" as const, finishReason: "other" as const, resume: true as const }];
    await using server = await scripted([paused, [said("b")], paused, paused]);
    const result = await ask(server.llm, how, { tools: [weather] });
    expect(result.steps.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(server.sent(1).messages.at(-1)).toMatchObject({ role: "assistant", content: [{ type: "text", text: "a" }] });
    expect((await ask(server.llm, how, { maxSteps: 2 })).steps).toHaveLength(2);
    expect(server.requests).toHaveLength(4);
  });

  test("toolContext reaches the tools and no request", async () => {
    const secret = { user: "secret-user" };
    let run: unknown;
    const f = does("f", (_input: unknown, given: unknown) => void (run = given));
    await using server = await scripted([[calling("c1", "f")]]);
    await ask(server.llm, how, { tools: [f], toolContext: secret });
    expect(run).toMatchObject({ toolCallId: "c1", depth: 1, messages: [{ role: "user" }, { role: "assistant" }] });
    expect((run as { toolContext: unknown }).toolContext).toBe(secret);
    expect(JSON.stringify(server.requests)).not.toContain("secret-user");
  });

  test("keys of the prototype in an input pollute nothing", async () => {
    let seen: object = {};
    const f = does("f", (input: object) => void (seen = input));
    await using server = await scripted([[calling("c1", "f", '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')]]);
    await ask(server.llm, how, { tools: [f] });
    expect(Object.keys(seen)).toEqual(["__proto__", "constructor"]);
    expect("polluted" in {}).toBe(false);
  });

  test("an input of 100,000 levels is an error and no crash", async () => {
    const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    for (const input of [ANY, z.any(), { type: "object", properties: { a: { $ref: "#" } } }]) {
      await using server = await scripted([[calling("c1", "f", deep)]]);
      const f = tool({ name: "f", input: input as never, approval: true, execute: () => 1 });
      const settled = await ask(server.llm, how, { tools: [f], approve: () => true }).catch((error: unknown) => error);
      expect(isLlmError(settled)).toBe(true);
    }
  });

  test("a tool that never settles ends by its own time, or the call's for tools", async () => {
    const signals: AbortSignal[] = [];
    const hang = (_input: unknown, { signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise(() => {});
    };
    await using server = await scripted([[calling("c1", "own"), calling("c2", "other"), calling("c3", "endless")]]);
    const endless = does("endless", function* () {
      for (;;) yield 1;
    });
    const { toolResults } = await ask(server.llm, how, {
      tools: [does("own", hang, { timeoutMs: 5 }), does("other", hang), endless],
      toolTimeoutMs: 20,
    });
    expect(toolResults.map(({ output }) => output)).toEqual([
      'The tool "own" took longer than 5 ms.',
      'The tool "other" took longer than 20 ms.',
      'The tool "endless" took longer than 20 ms.',
    ]);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  test("no time is no limit", async () => {
    await using server = await scripted([[calling("c1", "f")]]);
    const f = does("f", () => new Promise((resolve) => setTimeout(resolve, 5, "late")), { timeoutMs: Number.POSITIVE_INFINITY });
    expect((await ask(server.llm, how, { tools: [f] })).toolResults).toMatchObject([{ output: "late" }]);
  });

  test("an abort reaches the tools and ends the call; what they throw after that is nobody's", async () => {
    const stop = new AbortController();
    const late = Promise.withResolvers<void>();
    let reason: unknown;
    const f = does("f", async (_input: unknown, { signal }: { signal: AbortSignal }) => {
      setImmediate(() => stop.abort(new Error("enough")));
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      reason = signal.reason;
      setImmediate(() => late.resolve());
      throw new Error("after the end");
    });
    await using server = await scripted([[calling("c1", "f"), calling("c2", "f")]]);
    const error = await failure(ask(server.llm, how, { tools: [f], signal: stop.signal }));
    expect(error).toMatchObject({ kind: "aborted", partial: { toolCalls: [{ toolCallId: "c1" }, { toolCallId: "c2" }] } });
    expect(reason).toMatchObject({ kind: "aborted" });
    await late.promise;
    expect(server.requests).toHaveLength(1);
  });

  test("the call's own deadline ends its tools", async () => {
    await using server = await scripted([[calling("c1", "f")]]);
    const error = await failure(ask(server.llm, how, { tools: [does("f", () => new Promise(() => {}))], timeoutMs: 200 }));
    expect(error).toMatchObject({ kind: "timeout", timeout: "total" });
  });

  test("a budget per call counts all steps", async () => {
    await using server = await scripted([[calling("c1", "get_weather", { city: "Ulm" })]]);
    const llm = server.llm.with({ limits: { budget: { tokensPerCall: 100 } }, maxOutputTokens: 20 });
    expect(await failure(ask(llm, how, { tools: [weather] }))).toMatchObject({ kind: "budget" });
    expect(server.requests).toHaveLength(1);
  });
});

describe("a stream", () => {
  test("tells of tools as they run: the call before its result, with its job and step", async () => {
    await using server = await scripted([
      [said("Hm."), calling("c1", "get_weather", { city: "Ulm" }), calling("c2", "get_weather", { town: 1 })],
      [calling("c3", "get_weather", { city: "Bonn" })],
    ]);
    const events = await collect(server.llm.stream("Go.", { tools: [weather] }));
    const told = events.flatMap((event) =>
      event.type === "tool-call" || event.type === "tool-result" || event.type === "tool-error"
        ? [`${event.type} ${event.toolCallId}${event.job === undefined ? "" : ` of job ${event.job}`}`]
        : event.type === "step"
          ? [`step ${event.step}`]
          : [],
    );
    expect(told).toEqual([
      "tool-call c1",
      "tool-call c2",
      "step 1",
      "tool-error c2 of job 1",
      "tool-result c1 of job 0",
      "tool-call c3",
      "step 2",
      "tool-result c3 of job 0",
      "step 3",
    ]);
    expect(ofType(events, "tool-error")[0]!.error).toMatchObject({ kind: "tool", toolCallId: "c2", toolName: "get_weather" });
    expect(ofType(events, "start")).toHaveLength(1);
  });

  test("is told of a result while other tools still run", async () => {
    const slow = Promise.withResolvers<string>();
    await using server = await scripted([[calling("c1", "slow"), calling("c2", "fast")]]);
    const tools = [does("slow", () => slow.promise), does("fast", () => "fast")];
    const order: string[] = [];
    for await (const event of server.llm.stream("Go.", { tools })) {
      if (event.type !== "tool-result") continue;
      order.push(event.toolName);
      slow.resolve("slow");
    }
    expect(order).toEqual(["fast", "slow"]);
  });

  test("gives every event once, in order, to those who ask several times at once", async () => {
    await using server = await scripted([
      [said("a"), said("b"), calling("c1", "get_weather", { city: "Ulm" })],
      [said("c"), said("d")],
    ]);
    const alone = (await collect(server.llm.stream("Go.", { tools: [weather] }))).map(({ type: name }) => name);
    await using again = await scripted([
      [said("a"), said("b"), calling("c1", "get_weather", { city: "Ulm" })],
      [said("c"), said("d")],
    ]);
    const reader = again.llm.stream("Go.", { tools: [weather] })[Symbol.asyncIterator]();
    const together: string[] = [];
    for (let over = false; !over;) {
      for (const step of await Promise.all([reader.next(), reader.next(), reader.next()])) {
        if (step.done) over = true;
        else together.push(step.value.type);
      }
    }
    expect(together).toEqual(alone);
  });

  test.each(["break", "cancel"])(
    "%s while tools run: their signal is aborted, what they clean up is done, the result says aborted",
    async (how) => {
      const cleaned: string[] = [];
      const begun = Promise.withResolvers<void>();
      const patient = does("patient", async (_input: unknown, { signal }: { signal: AbortSignal }) => {
        begun.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        cleaned.push("patient");
      });
      const streaming = does("streaming", async function* () {
        try {
          for (;;) yield "more";
        } finally {
          cleaned.push("streaming");
        }
      });
      await using server = await scripted([[calling("c1", "patient"), calling("c2", "streaming"), calling("c3", "streaming")]]);
      const stream = server.llm.stream("Go.", { tools: [patient, streaming] });
      for await (const event of stream) {
        if (event.type !== "tool-stream") continue;
        await begun.promise;
        if (how === "break") break;
        stream.cancel();
        expect(await failure(stream.result)).toMatchObject({ kind: "aborted" });
        break;
      }
      expect(await failure(stream.result)).toMatchObject({ kind: "aborted", partial: { toolCalls: [{}, {}, {}] } });
      expect(cleaned.toSorted()).toEqual(["patient", "streaming", "streaming"]);
      expect(server.requests).toHaveLength(1);
    },
  );

  test("break while another tool has more to tell: nobody is waited for", async () => {
    const gate = Promise.withResolvers<string>();
    const streaming = does("streaming", async function* () {
      for (;;) yield "more";
    });
    await using server = await scripted([[calling("c1", "streaming"), calling("c2", "waiting")]]);
    const stream = server.llm.stream("Go.", { tools: [streaming, does("waiting", () => gate.promise)] });
    for await (const event of stream) {
      if (event.type !== "tool-stream") continue;
      gate.resolve("told to nobody");
      await new Promise((resolve) => setImmediate(resolve));
      break;
    }
    expect(await failure(stream.result)).toMatchObject({ kind: "aborted" });
  });

  test("the context closes while a tool runs", async () => {
    await using server = await scripted([[calling("c1", "f"), calling("c2", "g")]]);
    const context = toyContext(server.url);
    const f = does("f", () => new Promise(() => {}));
    const g = does("g", () => void setImmediate(() => void context.close()));
    expect(await failure(context.llm().chat("Go.", { tools: [f, g] }))).toMatchObject({ kind: "aborted" });
    await context.close();
  });

  test("goes through middleware and tee", async () => {
    await using server = await scripted([[calling("c1", "get_weather", { city: "Ulm" })], [said("Warm.")]]);
    const context = toyContext(server.url);
    context.use((_call, next) => next());
    const [left, right] = context
      .llm()
      .stream("Go.", { tools: [weather] })
      .tee();
    const [seen, also, result] = await Promise.all([collect(left), collect(right), right.result]);
    expect(seen).toEqual(also);
    expect(ofType(seen, "tool-result")).toHaveLength(1);
    expect(result).toMatchObject({ text: "Warm.", toolResults: [{ toolCallId: "c1" }] });
  });

  test("onDelta hears the text of all steps", async () => {
    await using server = await scripted([[said("a"), calling("c1", "get_weather", { city: "Ulm" })], [said("b")]]);
    let heard = "";
    await server.llm.chat("Go.", { tools: [weather], onDelta: (text) => void (heard += text) });
    expect(heard).toBe("ab");
  });
});

describe("in the middle of a loop", () => {
  /** Whoever is asked for the second step fails first. */
  async function failingOnce(status: number): Promise<Awaited<ReturnType<typeof startLoopback>>> {
    let failed = false;
    return startLoopback((request, response) => {
      const second = (request.body as { messages: Message[] }).messages.some(({ role }) => role === "tool");
      if (second && !failed) {
        failed = true;
        response.writeHead(status).end("{}");
        return;
      }
      const deltas = second ? [said("Warm.")] : [said("Let me see."), calling("c1", "get_weather", { city: "Ulm" })];
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(sse(...deltas, { type: "usage", usage: { inputTokens: 1 } }, { type: "finish", finishReason: "stop" }, "[DONE]"));
    });
  }

  test("a step is tried again, also after text of the one before; the tools are not", async () => {
    let runs = 0;
    const counted = does("get_weather", () => ++runs);
    await using server = await failingOnce(503);
    const stream = toyContext(server.url)
      .llm()
      .stream("Go.", { tools: [counted], retry: { maxWaitMs: 1 } });
    const events = await collect(stream);
    expect(ofType(events, "retry")).toHaveLength(1);
    expect(ofType(events, "text").map(({ text }) => text)).toEqual(["Let me see.", "Warm."]);
    expect(await stream.result).toMatchObject({
      text: "Warm.",
      attempts: [{}, { error: { kind: "overloaded" } }, {}],
      usage: { inputTokens: 2 },
    });
    expect(runs).toBe(1);
  });

  test("a fallback takes the history over, and the call stays with it", async () => {
    await using server = await failingOnce(500);
    await using spare = await scripted([[calling("c2", "get_weather", { city: "Bonn" })], [said("Both warm.")]]);
    const context = createContext({
      providers: [toy(), toy({ id: "other" })],
      profiles: {
        default: { provider: "toy", model: "a", baseURL: server.url, apiKey: "k", retry: false, fallback: ["spare"] },
        spare: { provider: "other", model: "b", baseURL: spare.url, apiKey: "k" },
      },
      env: {},
    });
    const stream = context.llm().stream("Go.", { tools: [weather] });
    await collect(stream);
    const result = await stream.result;
    expect(result).toMatchObject({
      text: "Both warm.",
      provider: "other",
      toolResults: [{ toolCallId: "c1" }, { toolCallId: "c2" }],
      steps: [{ provider: "toy" }, { provider: "other" }, { provider: "other" }],
      warnings: [{ code: "fallback" }],
    });
    expect(spare.sent(0).messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(server.requests).toHaveLength(2);
  });

  test("an error in a later step says what had arrived, and the meter counts both", async () => {
    await using server = await failingOnce(400);
    const metrics: unknown[] = [];
    const llm = toyContext(server.url).llm();
    llm.on("metrics", (one) => metrics.push(one));
    expect(await failure(collect(llm.stream("Go.", { tools: [weather] })))).toMatchObject({ kind: "invalid-request", attempts: [{}, {}] });
    expect(metrics).toMatchObject([{ attempts: 2, error: { kind: "invalid-request" } }]);
  });
});

describe("generator tools", () => {
  const counting = does("counting", async function* (input: { to: number }) {
    for (let n = 1; n <= input.to; n++) yield n;
    return "counted";
  });

  test("yields are events as they happen, the return value is the result; a plain generator too", async () => {
    const plain = does("plain", function* () {
      const answer: unknown = yield Promise.resolve("promised");
      return Promise.resolve({ answer });
    });
    await using server = await scripted([[calling("c1", "counting", { to: 2 }), calling("c2", "plain")]]);
    const stream = server.llm.stream("Go.", { tools: [counting, plain] });
    const yielded = ofType(await collect(stream), "tool-stream");
    expect(yielded.filter(({ job }) => job === 0)).toEqual(
      [1, 2].map((output) => ({ type: "tool-stream", toolCallId: "c1", toolName: "counting", output, job: 0, depth: 1 })),
    );
    expect(yielded.filter(({ job }) => job === 1)).toMatchObject([{ toolCallId: "c2", output: "promised" }]);
    expect((await stream.result).toolResults.map(({ output }) => output)).toEqual(["counted", {}]);
  });

  test("run to their end where nobody listens", async () => {
    await using server = await scripted([[calling("c1", "counting", { to: 100_000 })]]);
    expect((await server.llm.chat("Go.", { tools: [counting] })).toolResults).toMatchObject([{ output: "counted" }]);
  });

  test("do not run ahead of their reader", async () => {
    let made = 0;
    const f = does("f", function* () {
      for (; made < 1_000; made++) yield made;
    });
    await using server = await scripted([[calling("c1", "f")]]);
    for await (const event of server.llm.stream("Go.", { tools: [f] })) {
      if (event.type !== "tool-stream") continue;
      await new Promise((resolve) => setImmediate(resolve));
      expect(event.output).toBe(made);
      if (made === 50) break;
    }
    expect(made).toBe(50);
  });

  test("on abort first the signal, then return()", async () => {
    const order: string[] = [];
    const f = does("f", async function* (_input: unknown, { signal }: { signal: AbortSignal }) {
      signal.addEventListener("abort", () => order.push("signal"));
      try {
        for (;;) yield 1;
      } finally {
        await Promise.resolve();
        order.push("finally");
      }
    });
    await using server = await scripted([[calling("c1", "f")]]);
    for await (const event of server.llm.stream("Go.", { tools: [f] })) if (event.type === "tool-stream") break;
    expect(order).toEqual(["signal", "finally"]);
  });

  test("one that does not listen is left after a short grace, also where its cleaning up throws", async () => {
    const deaf = does("deaf", async function* () {
      yield 1;
      await new Promise(() => {});
    });
    const dirty = does("dirty", function* () {
      try {
        for (;;) yield 1;
      } finally {
        nothing(new Error("while cleaning up"));
      }
    });
    const stop = new AbortController();
    await using server = await scripted([[calling("c1", "deaf"), calling("c2", "dirty")]]);
    const started = performance.now();
    const running = server.llm.chat("Go.", { tools: [deaf, dirty], signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    expect(await failure(running)).toMatchObject({ kind: "aborted" });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("one that throws, or whose promise fails, is a tool error like any other", async () => {
    await using server = await scripted([[calling("c1", "throws"), calling("c2", "rejects"), calling("c3", "hangs")]]);
    const tools = [
      does("throws", async function* () {
        yield 1;
        throw new Error("half-way");
      }),
      does("rejects", function* () {
        yield Promise.reject(new Error("promised"));
      }),
      does("hangs", function* () {
        yield new Promise(() => {});
      }),
    ];
    const { toolResults } = await server.llm.chat("Go.", { tools, toolTimeoutMs: 50 });
    expect(toolResults.map(({ output }) => output)).toEqual([
      'The tool "throws" failed: half-way',
      'The tool "rejects" failed: promised',
      'The tool "hangs" took longer than 50 ms.',
    ]);
  });

  test("a model inside a tool carries its depth, and ends with the tool's signal", async () => {
    await using inner = await scripted([[calling("d1", "leaf")], [said("From below.")]]);
    const depths: number[] = [];
    const leaf = does("leaf", (_input: unknown, { depth }: { depth: number }) => void depths.push(depth));
    const agent = does("agent", async function* (_input: unknown, run: { depth: number; signal: AbortSignal }) {
      depths.push(run.depth);
      const stream = inner.llm.stream("Go.", { tools: [leaf], signal: run.signal });
      for await (const event of stream) yield event;
      return (await stream.result).text;
    });
    await using server = await scripted([[calling("c1", "agent")]]);
    const stream = server.llm.stream("Go.", { tools: [agent] });
    const events = await collect(stream);
    const below = ofType(events, "tool-stream").map(({ output }) => output as ChatEvent);
    expect(below.filter(({ depth }) => depth === 1).length).toBe(below.filter(({ type: name }) => name !== "tool-stream").length);
    expect(events.filter(({ type: name }) => name !== "tool-stream").every(({ depth }) => depth === undefined)).toBe(true);
    expect(depths).toEqual([1, 2]);
    expect((await stream.result).toolResults).toMatchObject([{ output: "From below." }]);
  });
});

describe("runTools", () => {
  const remote = { type: "function" as const, function: { name: "remote" } };

  test("runs the calls of a result that came back unrun", async () => {
    await using server = await scripted([
      [
        calling("c1", "get_weather", { city: "Ulm" }),
        calling("c2", "get_weather", { town: 1 }),
        calling("c3", "remote"),
        calling("c4", "context"),
      ],
    ]);
    const context = does("context", (_input: unknown, run: { toolContext: unknown }) => run.toolContext);
    const tools = [weather, remote, context];
    const result = await server.llm.chat("Go.", { tools, executeTools: false });
    const stored = JSON.parse(JSON.stringify(result)) as typeof result;
    for (const one of [result, stored]) {
      const results = await runTools(one, tools, { toolContext: "mine" });
      expect(results).toEqual([
        { toolCallId: "c1", toolName: "get_weather", output: { city: "Ulm", temperature: 22 } },
        { toolCallId: "c2", toolName: "get_weather", output: expect.stringContaining("city") as string, isError: true },
        { toolCallId: "c4", toolName: "context", output: "mine" },
      ]);
    }
  });

  test("runs only those that have no result", async () => {
    await using server = await scripted([[calling("c1", "get_weather", { city: "Ulm" }), calling("c2", "remote")]]);
    const result = await server.llm.chat("Go.", { tools: [weather, remote] });
    const later = does("remote", () => "ran");
    expect(await runTools(result, [weather, later])).toEqual([{ toolCallId: "c2", toolName: "remote", output: "ran" }]);
  });

  test("rejects what needs approval, unless somebody decides", async () => {
    await using server = await scripted([[calling("c1", "f")]]);
    const f = does("f", () => "ran", { approval: true });
    const result = await server.llm.chat("Go.", { tools: [f], executeTools: false });
    expect(await runTools(result, [f])).toMatchObject([{ isError: true, output: expect.stringContaining("not approved") as string }]);
    expect(await runTools(result, [f], { approve: () => true })).toMatchObject([{ output: "ran" }]);
  });

  test("an abort ends it, and a cap and a time hold", async () => {
    await using server = await scripted([[calling("c1", "f")]]);
    const f = does("f", () => new Promise(() => {}));
    const result = await server.llm.chat("Go.", { tools: [f], executeTools: false });
    expect(await runTools(result, [f], { toolTimeoutMs: 5 })).toMatchObject([{ isError: true }]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 5);
    expect(await failure(runTools(result, [f], { signal: stop.signal }))).toMatchObject({ kind: "aborted" });
    expect(await failure(runTools(result, [f], { signal: stop.signal }))).toMatchObject({ kind: "aborted" });
  });
});

function nothing(thrown: unknown): never {
  throw thrown;
}
