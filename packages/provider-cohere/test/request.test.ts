import { createContext, isLlmError, type CallOptions, type Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { cohere } from "../src/index.ts";
import { client, reply, type Json } from "./support.ts";

const server = await startLoopback((_request, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(reply({ content: [{ type: "text", text: "{}" }] })));
});
afterAll(() => server.close());

interface Body extends Json {
  messages: Json[];
}

async function body(messages: string | Message[], options: CallOptions = {}): Promise<Body> {
  await client(server.url).chat(messages, { model: "cohere/command-a-plus-05-2026", ...options });
  return server.requests.at(-1)!.body as Body;
}

const failure = (options: CallOptions, messages: string | Message[] = "Hi") =>
  body(messages, options).then(
    () => undefined,
    (thrown: unknown) => (isLlmError(thrown) ? thrown : undefined),
  );
const fn = (name: string, more: Json = {}) => ({
  type: "function" as const,
  function: { name, parameters: { type: "object", properties: {} }, ...more },
});
const user = (content: Extract<Message, { role: "user" }>["content"]): Message => ({ role: "user", content });

describe("where calls go", () => {
  test("as the SDK sends them, with the key and in JSON", async () => {
    await body("Hi", { headers: { "x-team": "blue" } });
    const { path, headers, method } = server.requests.at(-1)!;
    expect([method, path]).toEqual(["POST", "/v2/chat"]);
    expect(headers).toMatchObject({
      authorization: "Bearer co-test",
      "content-type": "application/json",
      accept: "application/json",
      "x-team": "blue",
      "user-agent": expect.stringContaining("cohere-ai/"),
    });
  });

  test.for(["", "/", "/v1", "/v2", "/v2/"])("a base URL that ends with %j", async (end) => {
    await client(server.url + end).chat("Hi");
    expect(server.requests.at(-1)!.path).toBe("/v2/chat");
    await client(`${server.url}/proxy${end}`).chat("Hi");
    expect(server.requests.at(-1)!.path).toBe("/proxy/v2/chat");
  });

  test.for([
    [{ CO_API_KEY: "vendors" }, "Bearer vendors"],
    [{ CO_API_KEY: "vendors", COHERE_API_KEY: "ours" }, "Bearer ours"],
  ] as const)("the key of %j", async ([env, sent]) => {
    const profiles = { default: { provider: "cohere", baseURL: server.url } };
    await createContext({ providers: [cohere()], profiles, env: { ...env, PLURIVOX_NO_NETWORK: "1" } })
      .llm()
      .chat("Hi");
    expect(server.requests.at(-1)!.headers["authorization"]).toBe(sent);
  });

  test("fields that the SDK does not know, at any depth", async () => {
    const extra = { x_new: { camelCase: 1, snake_case: [{ toolCallId: "t" }] }, raw_prompting: true };
    expect(await body("Hi", { extraBody: extra })).toMatchObject(extra);
  });
});

describe("messages", () => {
  test("instructions stay where they are", async () => {
    const sent = await body([user("A"), { role: "system", content: [{ type: "text", text: "Be quick." }] }, user("B")], {
      system: "Be kind.",
    });
    expect(sent.messages).toEqual([
      { role: "system", content: "Be kind." },
      { role: "user", content: "A" },
      { role: "system", content: [{ type: "text", text: "Be quick." }] },
      { role: "user", content: "B" },
    ]);
  });

  test("images by URL, bytes, base64 and data: URL", async () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const base64 = Buffer.from(png).toString("base64");
    const url = `data:image/png;base64,${base64}`;
    const { messages } = await body([
      user([
        { type: "image", url: "https://example.com/cat", providerMetadata: { cohere: { detail: "low" }, openai: { detail: "high" } } },
        { type: "image", data: png },
        { type: "file", base64, mediaType: "image/png" },
        { type: "image", url },
      ]),
    ]);
    const image = (address: string, more: Json = {}) => ({ type: "image_url", image_url: { url: address, ...more } });
    expect(messages[0]!["content"]).toEqual([image("https://example.com/cat", { detail: "low" }), image(url), image(url), image(url)]);
  });

  test("what is no image is refused, with what to do", async () => {
    const id = await failure({}, [user([{ type: "image", url: "file-id:1" }])]);
    expect(id).toMatchObject({ kind: "unsupported", message: expect.stringContaining("files by id") as string });
    const video = await failure({}, [user([{ type: "file", base64: "AAAA", mediaType: "video/mp4" }])]);
    expect(video).toMatchObject({ kind: "unsupported", message: expect.stringContaining("not video/mp4") as string });
    const pdf = await failure({}, [user([{ type: "file", base64: "JVBERi0=" }])]);
    expect(pdf).toMatchObject({ kind: "unsupported", message: expect.stringContaining("documentInput") as string });
  });

  test("an answer of nothing is left out", async () => {
    const sent = await body([user("A"), { role: "assistant", content: "" }, { role: "assistant", content: [] }, user("B")]);
    expect(sent.messages.map(({ role }) => role)).toEqual(["user", "user"]);
  });
});

describe("tools", () => {
  const call = { type: "tool-call" as const, toolCallId: "look_1", toolName: "look", input: { at: 1 } };
  const sentCall = { id: "look_1", type: "function", function: { name: "look", arguments: '{"at":1}' } };
  const plan = { type: "reasoning" as const, text: "I will look.", providerMetadata: { cohere: { tool_plan: true } } };
  const thought = { type: "reasoning" as const, text: "Hm." };
  const said = { type: "text" as const, text: "Let me see." };
  const turn = async (content: Extract<Message, { role: "assistant" }>["content"], options?: CallOptions) =>
    (await body([user("A"), { role: "assistant", provider: "cohere", content }], options)).messages[1];

  test("a plan goes back as the plan, thoughts as thoughts", async () => {
    expect(await turn([plan, call])).toEqual({ role: "assistant", tool_plan: "I will look.", tool_calls: [sentCall] });
    const thinking = [{ type: "thinking", thinking: "Hm." }];
    expect(await turn([thought, call])).toEqual({ role: "assistant", content: thinking, tool_calls: [sentCall] });
    expect(await turn([thought, said])).toEqual({ role: "assistant", content: [...thinking, said] });
  });

  test("what was said beside calls is sent as their plan, because texts are refused there", async () => {
    expect(await turn([said, call])).toEqual({ role: "assistant", tool_plan: "Let me see.", tool_calls: [sentCall] });
    expect(await turn([plan, said, call])).toMatchObject({ tool_plan: "I will look.\nLet me see." });
  });

  test.for([{ model: "cohere/command-a-03-2025" }, { reasoning: "none" }] satisfies CallOptions[])(
    "thoughts become the plan, or are left out, with %j",
    async (options) => {
      expect(await turn([thought, call], options)).toEqual({ role: "assistant", tool_plan: "Hm.", tool_calls: [sentCall] });
      expect(await turn([thought, said], options)).toEqual({ role: "assistant", content: [said] });
    },
  );

  test("input that was no JSON goes back as JSON", async () => {
    const wrapped = JSON.stringify({ input: '{"at": ' });
    expect(await turn([{ ...call, input: '{"at": ' }])).toMatchObject({ tool_calls: [{ function: { arguments: wrapped } }] });
    expect(await turn([{ ...call, input: undefined }])).toMatchObject({ tool_calls: [{ function: { arguments: "{}" } }] });
  });

  test("results: texts, data, documents that can be cited", async () => {
    const documents = [
      { type: "document", document: { id: "https://example.com/a", data: { title: "A", text: "a" } } },
      { type: "text", text: "b" },
    ];
    const outputs: [output: unknown, sent: unknown][] = [
      ["plain", "plain"],
      [{ ok: [1] }, '{"ok":[1]}'],
      [undefined, ""],
      [[], "[]"],
      [documents, documents],
      [[{ type: "document" }], '[{"type":"document"}]'],
    ];
    const content = outputs.map(([output], at) => ({ type: "tool-result" as const, toolCallId: `look_${at}`, toolName: "look", output }));
    const calls = content.map(({ toolCallId, toolName }) => ({ type: "tool-call" as const, toolCallId, toolName, input: {} }));
    const { messages } = await body([user("A"), { role: "assistant", content: calls }, { role: "tool", content }]);
    expect(messages.slice(2)).toEqual(outputs.map(([, sent], at) => ({ role: "tool", tool_call_id: `look_${at}`, content: sent })));
  });

  test.for([
    ["auto", undefined, 2],
    ["none", "NONE", 2],
    ["required", "REQUIRED", 2],
    [{ toolName: "b" }, "REQUIRED", 1],
  ] as const)("choice %j", async ([toolChoice, sent, count]) => {
    const { tools, tool_choice } = (await body("Hi", { tools: [fn("a"), fn("b")], toolChoice })) as {
      tools?: { function: Json }[];
      tool_choice?: string;
    };
    expect(tool_choice).toBe(sent);
    expect(tools!.at(-1)!.function["name"]).toBe("b");
    expect(tools!.length).toBe(count);
  });

  test("strictness is asked for all together, never on a tool", async () => {
    expect((await body("Hi", { tools: [fn("a"), fn("b")] }))["strict_tools"]).toBeUndefined();
    const strict = await body("Hi", { tools: [fn("a"), fn("b", { strict: true })] });
    expect(strict["strict_tools"]).toBe(true);
    expect(JSON.stringify(strict["tools"])).not.toContain("strict");
    const off = { tools: [fn("a", { strict: true })], providerOptions: { cohere: { strictTools: false } } };
    expect((await body("Hi", off))["strict_tools"]).toBe(false);
  });

  test("what cannot be said is refused or warned of", async () => {
    const forced = await failure({ model: "cohere/command-r-08-2024", tools: [fn("a")], toolChoice: "required" });
    expect(forced).toMatchObject({ kind: "unsupported" });
    expect(await failure({ model: "cohere/command-a-vision-07-2025", tools: [fn("a")] })).toMatchObject({ kind: "unsupported" });
    expect(await failure({ tools: [{ type: "provider", provider: "cohere", name: "web" }] })).toMatchObject({ kind: "unsupported" });
    const { warnings } = await client(server.url).chat("Hi", { tools: [fn("a")], parallelToolCalls: false });
    expect(warnings.map(({ feature }) => feature)).toEqual(["parallelToolCalls"]);
  });
});

test.for([
  [undefined, undefined],
  ["none", { type: "disabled" }],
  ["minimal", { type: "enabled", token_budget: 3200 }],
  ["low", { type: "enabled", token_budget: 9600 }],
  ["medium", { type: "enabled", token_budget: 19_200 }],
  ["high", { type: "enabled" }],
  ["max", { type: "enabled" }],
  [{ budgetTokens: 500 }, { type: "enabled", token_budget: 500 }],
  [
    { effort: "low", budgetTokens: 500 },
    { type: "enabled", token_budget: 500 },
  ],
  [{}, { type: "enabled" }],
] as const)("reasoning %j", async ([reasoning, thinking]) => {
  expect((await body("Hi", { reasoning }))["thinking"]).toEqual(thinking);
});

test("reasoning of a part of the output that is asked for, and of a model that nobody knows", async () => {
  expect((await body("Hi", { reasoning: "low", maxOutputTokens: 1000 }))["thinking"]).toEqual({ type: "enabled", token_budget: 150 });
  const unknown = { model: "cohere/command-z", reasoning: "low" } as const;
  expect((await body("Hi", unknown))["thinking"]).toEqual({ type: "enabled" });
  expect((await body("Hi", { ...unknown, maxOutputTokens: 1000 }))["thinking"]).toEqual({ type: "enabled", token_budget: 150 });
  expect((await body("Hi", { model: "cohere/command-a-03-2025", reasoning: "none" }))["thinking"]).toBeUndefined();
});

describe("output", () => {
  const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };

  test("by a schema", async () => {
    const sent = await body("Hi", { output: { schema, validate: false } });
    expect(sent["response_format"]).toEqual({ type: "json_object", json_schema: schema });
    expect(sent.messages).toEqual([{ role: "user", content: "Hi" }]);
  });

  test("any JSON, of which a message must tell, or the model never ends", async () => {
    const silent = await body("Hi", { output: "json" });
    expect(silent["response_format"]).toEqual({ type: "json_object" });
    expect(silent.messages[0]).toEqual({ role: "system", content: "Answer with one JSON object." });
    expect((await body("Hi, in json", { output: "json" })).messages).toEqual([{ role: "user", content: "Hi, in json" }]);
  });
});

test("settings and the vendor's own options", async () => {
  const documents = ["plain", { id: "d", data: { title: "D", text: "d" } }];
  const { messages: _, ...sent } = await body("Hi", {
    maxOutputTokens: 9,
    temperature: 0,
    topK: 3,
    topP: 0.5,
    seed: 1,
    stopSequences: ["END"],
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    logprobs: 3,
    providerOptions: { cohere: { documents, citationMode: "FAST", safetyMode: "STRICT", priority: 2 } },
  });
  expect(sent).toEqual({
    model: "command-a-plus-05-2026",
    stream: false,
    max_tokens: 9,
    temperature: 0,
    k: 3,
    p: 0.5,
    seed: 1,
    stop_sequences: ["END"],
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
    logprobs: true,
    documents,
    citation_options: { mode: "FAST" },
    safety_mode: "STRICT",
    priority: 2,
  });
  expect((await body("Hi", { logprobs: false }))["logprobs"]).toBeUndefined();
});
