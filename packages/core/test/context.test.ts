import { inspect } from "node:util";
import { describe, expect, expectTypeOf, test } from "vitest";
import { startLoopback } from "../../conformance/src/index.ts";
import { createContext, type ContextOptions, type LlmError, type Message, type ProfileInput, type ProfileSettings } from "../src/index.ts";
import type { Provider } from "../src/provider.ts";
import { sse, toy, toyContext } from "./toy.ts";

const url = "http://127.0.0.1:1";
const other = (): Provider => ({
  ...toy(),
  id: "other-one",
  families: [
    { prefix: "toy-plain", capabilities: {} },
    { prefix: "solo", capabilities: {} },
  ],
  baseURL: url,
  defaultModel: "solo-1",
});

function context<const P extends Record<string, ProfileInput>>(options: ContextOptions<P>) {
  return createContext({ providers: [{ ...toy(), baseURL: url } as Provider, other()], env: {}, ...options });
}

function thrown(action: () => unknown): LlmError {
  try {
    action();
  } catch (error) {
    return error as LlmError;
  }
  return expect.unreachable("it should have thrown");
}

describe("profiles", () => {
  test("a string is a model, split at the first slash; with a provider, the model is taken whole", () => {
    const { llm } = context({ profiles: { default: "toy/org/name", whole: { provider: "toy", model: "toy/x" } } });
    expect(llm().label).toBe("toy/org/name");
    expect(llm()).toMatchObject({ provider: "toy", model: "org/name", profile: "default" });
    expect(llm("whole").model).toBe("toy/x");
  });

  test("an unknown name lists the known ones", () => {
    const { llm } = context({ profiles: { fast: "toy/a", slow: "toy/b" } });
    expect(thrown(() => llm("fats"))).toMatchObject({ kind: "configuration", message: expect.stringContaining("fast, slow") as string });
  });

  test("an unknown provider lists the known ones", () => {
    const { llm } = context({ profiles: { default: "tyo/a", named: { provider: "nope", model: "x" } } });
    for (const name of ["default", "named"])
      expect(thrown(() => llm(name))).toMatchObject({
        kind: "configuration",
        message: expect.stringContaining("toy, other-one") as string,
      });
  });

  test("a bare model finds the one provider that claims it; otherwise the error names the candidates", () => {
    const { llm } = context({ profiles: { solo: "solo-7", both: "toy-plain", none: "nobody" } });
    expect(llm("solo").label).toBe("other-one/solo-7");
    expect(thrown(() => llm("both")).message).toContain("toy, other-one");
    expect(thrown(() => llm("none")).message).toContain("no provider's table has it");
  });

  test("with nothing configured the error says which variables would do", () => {
    expect(thrown(() => context({}).llm())).toMatchObject({
      kind: "configuration",
      message: expect.stringMatching(/LLM_PROVIDER.*toy, other-one/) as string,
    });
  });

  test("settings are stored in a profile, or create it; shared by all who use it", () => {
    const shared = context({ profiles: { default: "toy/a" } });
    const before = shared.llm();
    shared.llm("default", { model: "toy/b" });
    expect(before.model).toBe("b");
    expect(shared.llm("new", { model: "toy/c", temperature: 0 }).label).toBe("toy/c");
    expect(shared.llm("new").label).toBe("toy/c");
    expect(shared.profiles()["new"]).toEqual({ model: "toy/c", temperature: 0 });
    expect(thrown(() => shared.llm("modelless", { temperature: 0 }))).toMatchObject({ kind: "configuration" });
    expect(Object.keys(shared.profiles())).not.toContain("modelless");
  });

  test("one-off and derived clients store nothing", () => {
    const shared = context({ profiles: { default: { model: "toy/a", baseURL: "http://127.0.0.1:2", apiKey: "k" } } });
    expect(shared.llm({ model: "other-one/x" }).label).toBe("other-one/x");
    expect(shared.llm().with({ model: "b" }).label).toBe("toy/b");
    expect(shared.llm().with({ model: "other-one/x" }).label).toBe("other-one/x");
    expect(shared.profiles()).toEqual({ default: { model: "toy/a", baseURL: "http://127.0.0.1:2", apiKey: "[redacted]" } });
  });

  test("a layer that names another provider leaves the connection behind", async () => {
    const { llm } = context({
      profiles: { default: { model: "toy/a", baseURL: "http://127.0.0.1:2", apiKey: "toy-secret-key", headers: { "x-toy": "1" } } },
    });
    const same = await llm().explain("hi", { model: "b" });
    expect(same.request).toMatchObject({ url: "http://127.0.0.1:2/chat", headers: { "x-toy": "1" }, body: { model: "b" } });
    const moved = await llm().explain("hi", { model: "other-one/b" });
    expect(moved.request.url).toBe(`${url}/chat`);
    expect(moved.request.headers).not.toHaveProperty("x-toy");
  });

  test.each(["nonsense", "ftp://host", ""])("the base URL %j is refused before anything is sent", (baseURL) => {
    const error = thrown(() => createContext({ providers: [toy()], env: {}, profiles: { default: { model: "toy/a", baseURL } } }).llm());
    expect(error.kind).toBe("configuration");
  });

  test("names of profiles and models are typed, and stay open", () => {
    const { llm } = context({ profiles: { fast: "toy/a" } });
    expectTypeOf(llm).toBeCallableWith("fast");
    expectTypeOf(llm).toBeCallableWith("any other");
    expectTypeOf(llm).toBeCallableWith({ model: "toy/a" });
  });
});

describe("the environment", () => {
  test("LLM_PROVIDER with its family makes the default profile, read at each call", () => {
    const env: Record<string, string> = { LLM_PROVIDER: "other-one", OTHER_ONE_MODEL: "m1", OTHER_ONE_BASE_URL: "http://127.0.0.1:9/" };
    const { llm } = context({ env });
    const client = llm();
    expect(client.label).toBe("other-one/m1");
    env["OTHER_ONE_MODEL"] = "m2";
    expect(client.label).toBe("other-one/m2");
    delete env["OTHER_ONE_MODEL"];
    expect(client.label).toBe("other-one/solo-1");
    env["LLM_PROVIDER"] = "nobody";
    expect(thrown(() => llm())).toMatchObject({ kind: "configuration" });
  });

  test("any field of any profile, under what code says", () => {
    const env = {
      LLM_PROVIDER: "other-one",
      PLURIVOX__PROFILES__FAST__TIMEOUT_MS: "5000",
      PLURIVOX__PROFILES__FAST__TEMPERATURE: "0.5",
      PLURIVOX__PROFILES__FAST__BASE_URL: "http://127.0.0.1:3",
      PLURIVOX__PROFILES__FAST__TIMEOUTS__IDLE_MS: "7",
      PLURIVOX__PROFILES__FAST__API_KEY: "123456",
      PLURIVOX__PROFILES__FROM_ENV__MODEL: "toy/e",
      PLURIVOX__PROFILES__FROM_ENV__STOP_SEQUENCES: '["a"]',
      PLURIVOX__PROFILES__FROM_ENV__PROVIDER_OPTIONS__OTHER_ONE__SOME_FIELD: "1",
    };
    const shared = context({ env, profiles: { fast: { model: "toy/a", temperature: 0 } } });
    expect(shared.profiles()).toEqual({
      fast: {
        model: "toy/a",
        temperature: 0,
        timeoutMs: 5000,
        baseURL: "http://127.0.0.1:3",
        timeouts: { idleMs: 7 },
        apiKey: "[redacted]",
      },
      from_env: { model: "toy/e", stopSequences: ["a"], providerOptions: { "other-one": { someField: 1 } } },
    });
    expect(shared.llm("fast").label).toBe("toy/a");
    expect(shared.llm("from_env").label).toBe("toy/e");
    expect(shared.llm().label).toBe("other-one/solo-1");
  });

  test("prototype names in the environment and in profiles pollute nothing", () => {
    const env = {
      PLURIVOX__PROFILES____PROTO____MODEL: "toy/x",
      PLURIVOX__PROFILES__A____PROTO____POLLUTED: "1",
      PLURIVOX__PROFILES__A__CONSTRUCTOR__PROTOTYPE__POLLUTED: "1",
    };
    const shared = context({
      env,
      profiles: JSON.parse('{"__proto__": {"model": "toy/x", "polluted": 1}, "a": "toy/a"}') as Record<string, ProfileInput>,
    });
    shared.profiles();
    shared.llm("a");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("keys", () => {
  const bearer = async (settings: ProfileSettings, env: Record<string, string> = {}) => {
    await using server = await startLoopback((_, response) => void response.end(sse({ type: "finish", finishReason: "stop" })));
    await createContext({ providers: [toy()], env, profiles: { default: { model: "toy/a", baseURL: server.url, ...settings } } })
      .llm()
      .stream("hi").result;
    return server.requests[0]!.headers["authorization"];
  };

  test("come from the profile, a function, or the provider's variable", async () => {
    expect(await bearer({ apiKey: "from-profile" }, { TOY_API_KEY: "from-env" })).toBe("Bearer from-profile");
    expect(await bearer({ apiKey: async () => "from-function" })).toBe("Bearer from-function");
    expect(await bearer({}, { TOY_API_KEY: "from-env" })).toBe("Bearer from-env");
  });

  test("a missing one is an error that names the variable, before anything is sent", async () => {
    await using server = await startLoopback((_, response) => void response.end());
    const llm = createContext({ providers: [toy()], env: {}, profiles: { default: { model: "toy/a", baseURL: server.url } } }).llm();
    const expected = { kind: "configuration", provider: "toy", message: expect.stringContaining("TOY_API_KEY") as string };
    await expect(llm.chat("hi")).rejects.toMatchObject(expected);
    await expect(llm.stream("hi").result).rejects.toMatchObject(expected);
    expect(server.requests).toHaveLength(0);
  });

  test("rotate at run time: of a profile, of a provider, of a model", async () => {
    await using server = await startLoopback((_, response) => void response.end(sse({ type: "finish", finishReason: "stop" })));
    const at = { baseURL: server.url, provider: "toy" };
    const shared = createContext({
      providers: [toy()],
      env: {},
      profiles: { a: { ...at, model: "m1", apiKey: "old-a" }, b: { ...at, model: "m2" }, c: { ...at, model: "m3", apiKey: "old-c" } },
    });
    const keyOf = async (name: string) => {
      await shared.llm(name).stream("hi").result;
      return server.requests.at(-1)!.headers["authorization"];
    };
    shared.setKey({ provider: "toy", apiKey: "all" });
    expect([await keyOf("a"), await keyOf("b"), await keyOf("c")]).toEqual(["Bearer all", "Bearer all", "Bearer all"]);
    shared.setKey({ provider: "toy", model: "m2", apiKey: "just-m2" });
    shared.setKey({ provider: "toy", apiKey: "just-a", profile: "a" });
    expect([await keyOf("a"), await keyOf("b"), await keyOf("c")]).toEqual(["Bearer just-a", "Bearer just-m2", "Bearer all"]);
    shared.setKey({ provider: "toy", model: "m9", apiKey: "k9", profile: "new" });
    expect(shared.profiles()["new"]).toEqual({ provider: "toy", model: "m9", apiKey: "[redacted]" });
    expect(thrown(() => shared.setKey({ provider: "elsewhere", apiKey: "x", profile: "a" }))).toMatchObject({ kind: "configuration" });
  });

  test("are not seen by any inspection", async () => {
    const canary = "canary-key-123";
    const shared = toyContext(url, {
      profiles: { default: { model: "toy/a", baseURL: url, apiKey: canary, headers: { "x-api-key": canary, cookie: canary } } },
    });
    const llm = shared.llm();
    const explained = await llm.explain("hi", { headers: { authorization: `Basic ${canary}` } });
    const error = await llm.chat("hi", { retry: false }).catch((caught: unknown) => caught);
    for (const seen of [shared, llm, shared.profiles(), explained, error]) {
      expect(inspect(seen, { depth: 20, showHidden: true })).not.toContain(canary);
      expect(JSON.stringify(seen) ?? "").not.toContain(canary);
    }
  });
});

describe("bad input is an error before anything is sent", () => {
  const llm = () => toyContext(url).llm();
  test.each<[string, unknown, Record<string, unknown>, string]>([
    ["no messages", [], {}, "messages"],
    ["not messages", 7, {}, "messages"],
    ["a role", [{ role: "robot", content: "x" }], {}, "messages[0].role"],
    ["no content", [{ role: "user" }], {}, "messages[0].content"],
    ["a part", [{ role: "user", content: [{ type: "vidoe" }] }], {}, "messages[0].content[0].type"],
    ["a part's text", [{ role: "user", content: [{ type: "text", text: 3 }] }], {}, "messages[0].content[0].text"],
    ["a file without a source", [{ role: "user", content: [{ type: "image" }] }], {}, "messages[0].content[0]"],
    ["a file with two sources", [{ role: "user", content: [{ type: "image", url: "x", base64: "y" }] }], {}, "url and base64"],
    ["a file's url", [{ role: "user", content: [{ type: "image", url: "ftp://x" }] }], {}, "http:"],
    ["only system messages", [{ role: "system", content: "x" }], {}, "system"],
    ["a tool message", [{ role: "tool", content: "x" }], {}, "messages[0].content"],
    ["tool calls", [{ role: "assistant", tool_calls: [{}] }], {}, "messages[0].tool_calls[0]"],
    ["temperature", "hi", { temperature: -1 }, "temperature"],
    ["maxOutputTokens", "hi", { maxOutputTokens: 0 }, "maxOutputTokens"],
    ["n", "hi", { n: 1.5 }, "n must"],
    ["a tool", "hi", { tools: [{ type: "function" }] }, "tools[0]"],
    ["a forced tool without tools", "hi", { toolChoice: "required" }, "no tools"],
    [
      "a forced tool of another name",
      "hi",
      { tools: [{ type: "function", function: { name: "f" } }], toolChoice: { toolName: "g" } },
      '"g"',
    ],
    ["a vendor tool of another vendor", "hi", { tools: [{ type: "provider", provider: "elsewhere", name: "search" }] }, "elsewhere"],
  ])("%s", async (_, input, options, words) => {
    const error = (await llm()
      .chat(input as string, options)
      .catch((caught: unknown) => caught)) as LlmError;
    expect(error.name).toBe("LlmError");
    expect(error.message).toContain(words);
    expect(["invalid-request", "unsupported"]).toContain(error.kind);
  });

  test("stream() throws for bad configuration; all else arrives on the stream", async () => {
    expect(thrown(() => llm().stream("hi", { model: "nowhere/x", baseURL: "no url" } as never)).kind).toBe("configuration");
    const stream = llm().stream([]);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ kind: "invalid-request" });
    await expect(stream.result).rejects.toMatchObject({ kind: "invalid-request" });
  });

  test("a history that grows after the call began is sent as it was", async () => {
    await using server = await startLoopback(
      (_, response) => void response.end(JSON.stringify({ deltas: [{ type: "finish", finishReason: "stop" }] })),
    );
    const history: Message[] = [{ role: "user", content: "one" }];
    const answer = toyContext(server.url).llm().chat(history);
    history.push({ role: "user", content: "two" });
    await answer;
    expect((server.requests[0]!.body as { messages: unknown[] }).messages).toHaveLength(1);
  });

  test("OpenAI's message shapes are accepted", async () => {
    const history = [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "what" },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
        ],
      },
      { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"a":1}' } }] },
      { role: "tool", tool_call_id: "c1", content: "a cat" },
    ];
    const { request } = await llm().explain(history as never);
    expect((request.body as { messages: unknown }).messages).toEqual([
      { role: "system", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "what" },
          { type: "image", url: "data:image/png;base64,AAAA", providerMetadata: { openai: { detail: "low" } } },
        ],
      },
      { role: "assistant", content: [{ type: "tool-call", toolCallId: "c1", toolName: "look", input: { a: 1 } }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "c1", toolName: "look", output: "a cat" }] },
    ]);
  });
});

describe("what a model does not support", () => {
  const plain = () => toyContext(url, { model: "toy-plain-2" }).llm();
  const tools = [{ type: "function" as const, function: { name: "f" } }];

  test("features that change the meaning are errors, tuning ones are dropped with a warning", async () => {
    await expect(plain().chat("hi", { tools })).rejects.toMatchObject({
      kind: "unsupported",
      message: '[toy] model "toy-plain-2" does not support tools. Remove it, use another model, or set onUnsupported: "warn".',
    });
    const { request, dropped, supported } = await plain().explain("hi", { seed: 1, temperature: 1 });
    expect(request.body).toMatchObject({ temperature: 1 });
    expect(request.body).not.toHaveProperty("seed");
    expect(dropped).toMatchObject([{ code: "unsupported", feature: "seed", provider: "toy" }]);
    expect(supported).toEqual(["temperature"]);
  });

  test("the policy overrules both", async () => {
    await expect(plain().explain("hi", { seed: 1, onUnsupported: "error" })).rejects.toMatchObject({ kind: "unsupported" });
    const warned = await plain().explain("hi", { tools, onUnsupported: "warn" });
    expect(warned.request.body).toMatchObject({ tools: [] });
    expect(warned.dropped).toMatchObject([{ feature: "tools" }]);
    expect((await plain().explain("hi", { tools, seed: 1, onUnsupported: "ignore" })).dropped).toEqual([]);
  });

  test("an unknown model is refused nothing", async () => {
    const { request, dropped } = await toyContext(url, { model: "toy-new" }).llm().explain("hi", { tools, seed: 1, topK: 3 });
    expect(request.body).toMatchObject({ seed: 1, topK: 3, tools: [{ name: "f" }] });
    expect(dropped).toEqual([]);
  });

  test("what is refused only while the model reasons", async () => {
    const thinker = toyContext(url, { model: "toy-thinker" }).llm();
    expect((await thinker.explain("hi", { temperature: 1 })).dropped).toMatchObject([{ feature: "temperature" }]);
    expect((await thinker.explain("hi", { temperature: 1, reasoning: "low" })).dropped).toMatchObject([{ feature: "temperature" }]);
  });

  test("an effort that the model lacks is rounded, with a warning", async () => {
    const thinker = toyContext(url, { model: "toy-thinker" }).llm();
    const { request, dropped } = await thinker.explain("hi", { reasoning: "medium" });
    expect(request.body).toMatchObject({ reasoning: { effort: "high" } });
    expect(dropped).toMatchObject([{ code: "rounded", feature: "reasoning" }]);
  });

  test("structured output falls to words, and is parsed either way", async () => {
    await using server = await startLoopback(
      (_, response) =>
        void response.end(
          JSON.stringify({
            deltas: [
              { type: "text", text: '```json\n{"a":1}\n```' },
              { type: "finish", finishReason: "stop" },
            ],
          }),
        ),
    );
    const schema = { type: "object", properties: { a: { type: "number" } } };
    const result = await toyContext(server.url, { model: "toy-plain" }).llm().chat("hi", { output: schema });
    expect(result.output).toEqual({ a: 1 });
    expect(result.warnings).toMatchObject([{ code: "emulated", feature: "structuredOutput" }]);
    expect(server.requests[0]!.body).toMatchObject({
      messages: [{ role: "system", content: expect.stringContaining('"a":{"type":"number"}') as string }, { role: "user" }],
    });
    await expect(plain().chat("hi", { output: { schema, mode: "native" } })).rejects.toMatchObject({ kind: "unsupported" });
  });

  test("an answer that is no JSON where JSON was asked for keeps its text", async () => {
    await using server = await startLoopback(
      (_, response) =>
        void response.end(
          JSON.stringify({
            deltas: [
              { type: "text", text: "Sure!" },
              { type: "finish", finishReason: "stop" },
            ],
          }),
        ),
    );
    await expect(toyContext(server.url).llm().chat("hi", { output: "json" })).rejects.toMatchObject({
      kind: "invalid-output",
      partial: { text: "Sure!" },
    });
  });
});

describe("complete", () => {
  const answering = async (reply: object[], options = {}) => {
    await using server = await startLoopback((_, response) => void response.end(JSON.stringify({ deltas: reply })));
    return await toyContext(server.url)
      .llm()
      .complete("hi", { retry: false, ...options });
  };

  test("gives the text", async () => {
    expect(
      await answering([
        { type: "text", text: "yes" },
        { type: "finish", finishReason: "stop" },
      ]),
    ).toBe("yes");
  });

  test("throws for a filtered or declined answer, and for one cut at a limit that nobody set", async () => {
    await expect(answering([{ type: "finish", finishReason: "content-filter" }])).rejects.toMatchObject({ kind: "content-filter" });
    await expect(
      answering([
        { type: "text", text: "No.", refusal: true },
        { type: "finish", finishReason: "stop" },
      ]),
    ).rejects.toMatchObject({ kind: "content-filter" });
    const cut = [
      { type: "text", text: "half" },
      { type: "finish", finishReason: "length" },
    ];
    await expect(answering(cut)).rejects.toMatchObject({ kind: "incomplete-output", partial: { text: "half" } });
    expect(await answering(cut, { maxOutputTokens: 9 })).toBe("half");
  });
});

describe("close", () => {
  test("drains what runs, aborts what does not end, and refuses what comes later", async () => {
    await using server = await startLoopback((request, response) => {
      if (JSON.stringify(request.body).includes("stall")) response.write(sse({ type: "text", text: "begun" }));
      else response.end(sse({ type: "text", text: "done" }, { type: "finish", finishReason: "stop" }));
    });
    const shared = toyContext(server.url);
    const fine = shared.llm().stream("fine").result;
    const stalled = shared
      .llm()
      .stream("stall")
      .result.catch((error: unknown) => error);
    const unread = shared.llm().stream("never read");
    while (server.requests.length < 2) await new Promise((later) => setImmediate(later));
    await shared.close({ drainMs: 50 });
    expect((await fine).text).toBe("done");
    expect(await stalled).toMatchObject({ kind: "aborted", partial: { text: "begun" } });
    await expect(unread.result).rejects.toMatchObject({ kind: "configuration" });
    await expect(shared.llm().chat("hi")).rejects.toMatchObject({
      kind: "configuration",
      message: expect.stringContaining("closed") as string,
    });
  });
});
