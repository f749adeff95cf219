import { createContext, isLlmError, type CallOptions, type ChatResult, type Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { openaiCompatible, type Compat } from "../src/index.ts";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let events: (object | string)[] = [];
const server = await startLoopback((request, response) => {
  const { stream } = request.body as { stream?: boolean };
  response.setHeader("content-type", stream ? "text/event-stream" : "application/json");
  if (!stream) response.end(JSON.stringify({ model: "m", choices: [{ message: { content: '{"ok":true}' }, finish_reason: "stop" }] }));
  else response.end(events.map((event) => (typeof event === "string" ? event : `data: ${JSON.stringify(event)}\n\n`)).join(""));
});
afterAll(() => server.close());

async function sent(compat: Compat, options: CallOptions = {}, messages: string | unknown[] = "Hi"): Promise<Json> {
  await client(server.url, {}, { compat }).chat(messages as Message[], options);
  return server.requests.at(-1)!.body as Json;
}

function streamed(...given: (object | string)[]): Promise<ChatResult> {
  events = given;
  return client(server.url).stream("Hi").result;
}

const DONE = "data: [DONE]\n\n";
const delta = (piece: object, finish_reason?: string) => ({ choices: [{ delta: piece, finish_reason }] });
const calls = (...tool_calls: object[]) => delta({ tool_calls });

describe("tool calls as hosts send them", () => {
  const two = [
    { toolName: "f", input: { a: 1 } },
    { toolName: "f", input: { a: 2 } },
  ];
  const fn = (text: unknown, name: string | undefined = "f") => ({ function: { ...(name && { name }), arguments: text } });

  test.each<[habit: string, pieces: object[]]>([
    ["all at index 0, with ids", [calls({ index: 0, id: "x", ...fn('{"a":1}') }), calls({ index: 0, id: "y", ...fn('{"a":2}') })]],
    [
      "all at index 0, with ids, in pieces",
      [
        calls({ index: 0, id: "x", ...fn('{"a"') }),
        calls({ index: 0, id: "x", ...fn(":1}") }),
        calls({ index: 0, id: "y", ...fn('{"a":2}') }),
      ],
    ],
    ["all at index 0, without ids", [calls({ index: 0, ...fn('{"a":1}') }), calls({ index: 0, ...fn('{"a":2}') })]],
    ["in one chunk, without index or id", [calls(fn('{"a":1}'), fn('{"a":2}'))]],
    [
      "without index, in pieces",
      [calls({ id: "x", ...fn('{"a"') }), calls({ function: { arguments: ":1}" } }), calls({ id: "y", ...fn('{"a":2}') })],
    ],
    ["the id null in words", [calls({ index: 0, id: "null", ...fn('{"a":1}') }), calls({ index: 1, id: "null", ...fn('{"a":2}') })]],
    [
      "the name in every piece",
      [
        calls({ index: 0, id: "x", ...fn('{"a"') }),
        calls({ index: 0, id: "x", ...fn(":1}") }),
        calls({ index: 1, id: "y", ...fn('{"a":') }),
        calls({ index: 1, ...fn("2}") }),
      ],
    ],
    ["the input as an object", [calls({ index: 0, id: "x", ...fn({ a: 1 }) }, { index: 1, id: "y", ...fn({ a: 2 }) })]],
    [
      "interleaved with text",
      [
        calls({ index: 0, id: "x", ...fn('{"a"') }),
        delta({ content: " " }),
        calls({ index: 1, id: "y", ...fn('{"a":2}') }),
        calls({ index: 0, function: { arguments: ":1}" } }),
      ],
    ],
  ])("%s", async (_, pieces) => {
    const { toolCalls, finishReason } = await streamed(...pieces, delta({}, "tool_calls"), DONE);
    expect(toolCalls).toMatchObject(two);
    expect(new Set(toolCalls.map(({ toolCallId }) => toolCallId)).size).toBe(2);
    for (const { toolCallId } of toolCalls) expect(toolCallId).toMatch(/^(x|y|call_\w+)$/);
    expect(finishReason).toBe("tool-calls");
  });

  test("another name is another call, without ids and inputs too", async () => {
    const { toolCalls } = await streamed(
      calls({ index: 0, ...fn("", "f") }),
      calls({ index: 0, ...fn("", "g") }),
      delta({}, "tool_calls"),
      DONE,
    );
    expect(toolCalls).toMatchObject([
      { toolName: "f", input: {} },
      { toolName: "g", input: {} },
    ]);
  });

  test("the one function call of 2023", async () => {
    expect(
      (
        await streamed(
          delta({ function_call: { name: "f", arguments: '{"a"' } }),
          delta({ function_call: { arguments: ":1}" } }),
          delta({}, "function_call"),
          DONE,
        )
      ).toolCalls,
    ).toMatchObject([two[0]]);
  });

  test("a signature on a call goes back with it", async () => {
    const extra_content = { google: { thought_signature: "abc" } };
    const { messages } = await streamed(calls({ index: 0, id: "x", ...fn("{}"), extra_content }), delta({}, "stop"), DONE);
    const body = await sent({}, {}, [{ role: "user", content: "Hi" }, ...messages, { role: "user", content: "Go on" }]);
    expect((body["messages"] as Json[])[1]).toMatchObject({ content: null, tool_calls: [{ id: "x", extra_content }] });
  });
});

describe("streams as hosts end them", () => {
  test("without a finish reason, but with [DONE]", async () => {
    expect(await streamed(delta({ content: "A" }), DONE)).toMatchObject({ text: "A", finishReason: "other" });
  });

  test("with a finish reason, but without [DONE]", async () => {
    expect(await streamed(delta({ content: "A" }, "stop"))).toMatchObject({ text: "A", finishReason: "stop" });
  });

  test("usage in every chunk counts once", async () => {
    const usage = (completion_tokens: number) => ({ usage: { prompt_tokens: 5, completion_tokens, total_tokens: 5 + completion_tokens } });
    const result = await streamed({ ...delta({ content: "A" }), ...usage(1) }, { ...delta({ content: "B" }, "stop"), ...usage(2) }, DONE);
    expect(result.usage).toEqual({ inputTokens: 5, outputTokens: 2, totalTokens: 7 });
  });

  test("reasoning that is counted beside the output is counted in", async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, completion_tokens_details: { reasoning_tokens: 20 } };
    expect((await streamed({ ...delta({ content: "A" }, "stop"), usage }, DONE)).usage).toEqual({
      inputTokens: 10,
      outputTokens: 25,
      totalTokens: 35,
      reasoningTokens: 20,
    });
  });

  test.each<[form: string, event: string, kind: string, words: string]>([
    ["an object", 'data: {"error":{"message":"Boom","code":503}}\n\n', "overloaded", "Boom"],
    ["under its own name", 'event: error\ndata: {"message":"Boom"}\n\n', "server", "Boom"],
    ["a string", 'data: {"error":"Boom"}\n\n', "server", "Boom"],
    ["with a code of its own", 'event: fault\ndata: {"error":{"message":"Boom","type":"overloaded_error"}}\n\n', "overloaded", "Boom"],
    ["of a request that is wrong", 'data: {"error":{"message":"Boom","type":"invalid_request_error"}}\n\n', "invalid-request", "Boom"],
    ["as FastAPI says it", 'event: error\ndata: {"detail":[{"msg":"Boom"}]}\n\n', "server", "Boom"],
  ])("an error, %s", async (_, event, kind, words) => {
    const error: unknown = await streamed(delta({ content: "Par" }), event).catch((thrown: unknown) => thrown);
    if (!isLlmError(error)) throw error;
    expect(error).toMatchObject({ kind, partial: { text: "Par" } });
    expect(error.message).toContain(words);
  });
});

describe("reasoning", () => {
  const history = (result: ChatResult) => [
    { role: "user", content: "Hi" },
    ...(JSON.parse(JSON.stringify(result.messages)) as Message[]),
    { role: "user", content: "Go on" },
  ];
  const assistantIn = (body: Json) => (body["messages"] as Json[])[1];

  test.each(["reasoning_content", "reasoning"])("%s is read, and sent back in the same field", async (field) => {
    const result = await streamed(delta({ [field]: "Hm" }), delta({ [field]: "m." }), delta({ content: "Yes" }, "stop"), DONE);
    expect(result).toMatchObject({ reasoning: "Hmm.", text: "Yes" });
    expect(assistantIn(await sent({}, {}, history(result)))).toEqual({ role: "assistant", content: "Yes", [field]: "Hmm." });
    expect(assistantIn(await sent({ reasoningReplay: "thoughts" }, {}, history(result)))).toMatchObject({ thoughts: "Hmm." });
    expect(assistantIn(await sent({ reasoningReplay: "none" }, {}, history(result)))).toEqual({ role: "assistant", content: "Yes" });
  });

  test("blocks are put together and sent back", async () => {
    const block = (more: object) => ({ type: "reasoning.text", index: 0, ...more });
    const result = await streamed(
      delta({ reasoning: "Hm", reasoning_details: [block({ text: "Hm" })] }),
      delta({ reasoning: "m.", reasoning_details: [block({ text: "m." })] }),
      delta({ content: "Yes" }),
      delta({ reasoning_details: [block({ signature: "sig" })] }),
      delta({ reasoning_details: [{ type: "reasoning.encrypted", index: 0, data: "x" }] }, "stop"),
      DONE,
    );
    expect(result).toMatchObject({ reasoning: "Hmm.", text: "Yes" });
    const { reasoning_details } = assistantIn(await sent({}, {}, history(result)))!;
    expect(reasoning_details).toEqual([block({ text: "Hmm.", signature: "sig" }), { type: "reasoning.encrypted", index: 0, data: "x" }]);
  });

  test("what another vendor's model thought is left out", async () => {
    const messages = [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        provider: "deepseek",
        content: [
          { type: "reasoning", text: "Hm" },
          { type: "text", text: "Yes" },
        ],
      },
      { role: "user", content: "Go on" },
    ];
    expect(assistantIn(await sent({}, {}, messages))).toEqual({ role: "assistant", content: "Yes" });
  });

  test.each<[form: Compat["reasoningRequest"], body: object, off: object]>([
    ["effort", { reasoning_effort: "high" }, { reasoning_effort: "none" }],
    ["object", { reasoning: { effort: "high" } }, { reasoning: { effort: "none" } }],
    ["thinking", { thinking: { type: "enabled" }, reasoning_effort: "high" }, { thinking: { type: "disabled" } }],
    ["enable-thinking", { enable_thinking: true }, { enable_thinking: false }],
    ["chat-template", { chat_template_kwargs: { enable_thinking: true } }, { chat_template_kwargs: { enable_thinking: false } }],
    ["none", {}, {}],
  ])("is asked for as %s", async (reasoningRequest, body, off) => {
    const plain = { model: "local", messages: [{ role: "user", content: "Hi" }] };
    expect(await sent({ reasoningRequest }, { reasoning: "high" })).toEqual({ ...plain, ...body });
    expect(await sent({ reasoningRequest }, { reasoning: "none" })).toEqual({ ...plain, ...off });
  });
});

describe("compat", () => {
  const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

  test("fields and roles", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ];
    expect(await sent({}, { maxOutputTokens: 9, topK: 3 }, messages)).toMatchObject({
      max_tokens: 9,
      top_k: 3,
      messages: [{ role: "system" }, {}],
    });
    expect(
      await sent(
        { tokenLimit: "max_completion_tokens", systemRole: "developer", extraBody: { cache: true } },
        { maxOutputTokens: 9 },
        messages,
      ),
    ).toMatchObject({ max_completion_tokens: 9, cache: true, messages: [{ role: "developer" }, {}] });
    expect(await sent({ topK: false }, { topK: 3 })).not.toHaveProperty("top_k");
  });

  test("stream_options where they may be sent", async () => {
    events = [delta({ content: "A" }, "stop"), DONE];
    await client(server.url).stream("Hi").result;
    expect(server.requests.at(-1)!.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    await client(server.url, {}, { compat: { streamUsage: false } }).stream("Hi").result;
    expect(server.requests.at(-1)!.body).not.toHaveProperty("stream_options");
  });

  test("hosts without JSON Schema answer by a tool, and in words where a tool cannot be forced", async () => {
    const body = await sent({ jsonSchema: false }, { output: { schema: CITY, validate: false } });
    expect(body).not.toHaveProperty("response_format");
    expect(body).toMatchObject({
      tools: [{ function: { name: "answer", parameters: CITY } }],
      tool_choice: { function: { name: "answer" } },
    });
    const words = await sent({ jsonSchema: false, lacks: ["toolChoice"] }, { output: { schema: CITY, validate: false } });
    expect(words).not.toHaveProperty("tools");
    expect(JSON.stringify(words["messages"])).toContain("JSON Schema");
  });

  test("hosts that know no strict hear nothing of it", async () => {
    const tool = { type: "function" as const, function: { name: "f", parameters: CITY, strict: true } };
    expect(JSON.stringify(await sent({ strict: false }, { tools: [tool], output: { schema: CITY, validate: false } }))).not.toContain(
      "strict",
    );
  });

  test("ids by the host's rule, alike in call and result", async () => {
    const history = ["call_1", "call_2"].flatMap((id) => [
      { role: "assistant", content: [{ type: "tool-call", toolCallId: id, toolName: "f", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: id, toolName: "f", output: 1 }] },
    ]);
    const body = await sent({ toolCallIds: { takes: /^[a-zA-Z0-9]{9}$/, length: 9 } }, {}, history);
    const ids = (body["messages"] as { tool_call_id?: string; tool_calls?: { id: string }[] }[]).map(
      (message) => message.tool_call_id ?? message.tool_calls![0]!.id,
    );
    expect(ids[0]).toMatch(/^[a-z0-9]{9}$/);
    expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test("a host's own tools are sent in its own words", async () => {
    const tools = [
      { type: "provider" as const, provider: "openai-compatible", name: "web_search", options: { web_search: { enable: true } } },
    ];
    expect((await sent({}, { tools }))["tools"]).toEqual([{ type: "web_search", web_search: { enable: true } }]);
  });
});

describe("settings", () => {
  const profiles = { default: { provider: "openai-compatible", model: "m", retry: false as const } };

  test("falls back to OpenAI's variables, and needs no key", async () => {
    const env = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: "sk-env", OPENAI_MODEL: "from-env", PLURIVOX_NO_NETWORK: "1" };
    await createContext({ providers: [openaiCompatible()], profiles: { default: { provider: "openai-compatible" } }, env })
      .llm()
      .chat("Hi");
    expect(server.requests.at(-1)).toMatchObject({
      path: "/chat/completions",
      headers: { authorization: "Bearer sk-env" },
      body: { model: "from-env" },
    });
    await createContext({ providers: [openaiCompatible({ baseURL: server.url })], profiles, env: { PLURIVOX_NO_NETWORK: "1" } })
      .llm()
      .chat("Hi");
    expect(server.requests.at(-1)!.headers).not.toHaveProperty("authorization");
  });

  test("under another id OpenAI's key stays at home", async () => {
    const provider = openaiCompatible({ id: "vllm", baseURL: server.url });
    const env = { OPENAI_API_KEY: "sk-env", PLURIVOX_NO_NETWORK: "1" };
    await createContext({ providers: [provider], profiles: { default: "vllm/m" }, env })
      .llm()
      .chat("Hi");
    expect(server.requests.at(-1)!.headers).not.toHaveProperty("authorization");
  });

  test("without a base URL it says what is missing", () => {
    const call = () => createContext({ providers: [openaiCompatible()], profiles, env: {} }).llm();
    expect(call).toThrow(/baseURL/);
  });
});

describe("errors under status 200", () => {
  test.each<[host: string, body: object]>([
    ["MiniMax", { id: "x", choices: null, base_resp: { status_code: 2013, status_msg: "invalid params, context window exceeds limit" } }],
    ["older vLLM", { object: "error", message: "This model's maximum context length is 4096 tokens.", type: "BadRequestError", code: 400 }],
  ])("of %s", async (_, body) => {
    const told = { kind: "context-length", retryable: false };
    await expect(streamed(body)).rejects.toMatchObject(told);
    await using other = await startLoopback((_request, response) => void response.end(JSON.stringify(body)));
    await expect(client(other.url).chat("Hi")).rejects.toMatchObject(told);
  });
});
