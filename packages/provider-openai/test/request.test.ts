import type { CallOptions, LLM, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const WEATHER = { type: "function" as const, function: { name: "weather", parameters: CITY } };

const ANSWERS: Record<string, object> = {
  "/chat/completions": {
    id: "c1",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
  },
  "/responses": { id: "r1", model: "m", status: "completed", output: [] },
};
const server = await startLoopback(
  ({ path }, response) => void response.setHeader("content-type", "application/json").end(JSON.stringify(ANSWERS[path])),
);
afterAll(() => server.close());

/** The body that a call sends. */
async function sent(api: "chat" | "responses", messages: string | unknown[], options: CallOptions = {}): Promise<Json> {
  const llm: LLM = client(server.url, { api, model: api === "chat" ? "gpt-4.1" : "gpt-6-luna" });
  await llm.chat(messages as Message[], options);
  return server.requests.at(-1)!.body as Json;
}

describe("what is refused only while the model reasons", () => {
  const chat = client(server.url, { api: "chat" });

  test("the error says what to set, and the other wire where that takes it", async () => {
    await expect(chat.chat("Hi", { tools: [WEATHER] })).rejects.toMatchObject({
      kind: "unsupported",
      message:
        '[openai] model "gpt-6-luna" takes no tools on chat completions while it reasons. Set reasoning: "none", or api: "responses".',
    });
    const { request, dropped } = await chat.explain("Hi", { tools: [WEATHER], reasoning: "none", temperature: 1 });
    expect(request.body).toMatchObject({ reasoning_effort: "none", temperature: 1, tools: [{}] });
    expect(dropped).toEqual([]);
  });

  test('"emulate" turns reasoning off, with a warning', async () => {
    for (const reasoning of [undefined, "high"] as const) {
      const { request, dropped } = await chat.explain("Hi", { tools: [WEATHER], reasoning, onUnsupported: "emulate" });
      expect(request.body).toMatchObject({ reasoning_effort: "none", tools: [{}] });
      expect(dropped).toMatchObject([{ code: "reasoning-off", feature: "tools" }]);
    }
    const always = client(server.url, { api: "chat", model: "gpt-6.1-sol" });
    await expect(always.chat("Hi", { tools: [WEATHER], onUnsupported: "emulate" })).rejects.toMatchObject({
      message: expect.stringContaining('Remove it, use api: "responses" or another model'),
    });
  });

  test("a warning says that it is the reasoning", async () => {
    const { dropped } = await client(server.url).explain("Hi", { temperature: 1 });
    expect(dropped).toMatchObject([
      { code: "unsupported", message: expect.stringMatching(/while it reasons; it was left out. Set reasoning: "none"/) },
    ]);
    await expect(client(server.url).chat("Hi", { temperature: 1, onUnsupported: "error" })).rejects.toMatchObject({
      message: expect.stringContaining('takes no temperature on responses while it reasons. Set reasoning: "none".'),
    });
  });
});

describe("chat", () => {
  test("says only what was asked", async () => {
    expect(await sent("chat", "Hello")).toEqual({ model: "gpt-4.1", messages: [{ role: "user", content: "Hello" }] });
  });

  test("instructions are the developer's where the model reasons", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hello" },
    ];
    expect((await sent("chat", messages, { model: "openai/gpt-4o" }))["messages"]).toMatchObject([{ role: "system" }, {}]);
    expect((await sent("chat", messages, { model: "openai/o4-mini" }))["messages"]).toMatchObject([
      { role: "developer", content: "Be brief." },
      {},
    ]);
    expect((await sent("chat", messages, { model: "openai/gpt-9" }))["messages"]).toMatchObject([{ role: "system" }, {}]);
  });

  test("limits, sampling and the rest keep their meaning", async () => {
    const body = await sent("chat", "Hello", {
      maxOutputTokens: 9,
      temperature: 0,
      topP: 0.5,
      stopSequences: ["X"],
      seed: 1,
      n: 2,
      presencePenalty: 1,
      frequencyPenalty: 2,
      logprobs: 3,
      user: "u",
      metadata: { a: "b" },
      providerOptions: { openai: { store: true } },
      parallelToolCalls: true,
      tools: [WEATHER],
      cache: { key: "k" },
    });
    expect(body).toMatchObject({
      max_completion_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      stop: ["X"],
      seed: 1,
      n: 2,
      presence_penalty: 1,
      frequency_penalty: 2,
      logprobs: true,
      top_logprobs: 3,
      user: "u",
      metadata: { a: "b" },
      parallel_tool_calls: true,
      prompt_cache_key: "k",
    });
    expect(await sent("chat", "Hello", { metadata: { a: "b" } })).not.toHaveProperty("metadata");
    expect(await sent("chat", "Hello", { metadata: { a: "b" }, extraBody: { store: true } })).toHaveProperty("metadata");
    expect(await sent("responses", "Hello", { metadata: { a: "b" } })).toHaveProperty("metadata");
    for (const api of ["chat", "responses"] as const)
      expect(await sent(api, "Hello", { parallelToolCalls: false })).not.toHaveProperty("parallel_tool_calls");
    expect(await sent("chat", "Hello", { logprobs: true })).not.toHaveProperty("top_logprobs");
  });

  test("media in every form", async () => {
    const parts = [
      { type: "text", text: "Look" },
      { type: "image", url: "https://example.com/a.png", providerMetadata: { openai: { detail: "low" } } },
      { type: "image_url", image_url: { url: "https://example.com/b.png", detail: "high" } },
      { type: "image", data: Uint8Array.from(Buffer.from(PNG, "base64")) },
      { type: "image", url: `data:image/png;base64,${PNG}` },
      { type: "file", base64: "JVBERi0xLjQ=", filename: "a.pdf" },
      { type: "file", base64: "JVBERi0xLjQ=" },
      { type: "file", url: "file-id:file-1" },
      { type: "file", base64: "UklGRiQAAABXQVZF", mediaType: "audio/wav" },
      { type: "file", base64: "SUQzBAAAAAAA" },
    ];
    const body = await sent("chat", [{ role: "user", content: parts }], { model: "openai/gpt-9" });
    const pdf = "data:application/pdf;base64,JVBERi0xLjQ=";
    expect((body["messages"] as Json[])[0]!["content"]).toEqual([
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
      { type: "image_url", image_url: { url: "https://example.com/b.png", detail: "high" } },
      { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
      { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
      { type: "file", file: { file_data: pdf, filename: "a.pdf" } },
      { type: "file", file: { file_data: pdf, filename: "document" } },
      { type: "file", file: { file_id: "file-1" } },
      { type: "input_audio", input_audio: { data: "UklGRiQAAABXQVZF", format: "wav" } },
      { type: "input_audio", input_audio: { data: "SUQzBAAAAAAA", format: "mp3" } },
    ]);
  });

  test("a document by URL is loaded, under the guards of loading", async () => {
    const call = sent("chat", [{ role: "user", content: [{ type: "file", url: "http://127.0.0.1:9/a.pdf" }] }]);
    await expect(call).rejects.toMatchObject({ kind: "invalid-request", message: expect.stringContaining("127.0.0.1") as string });
  });

  test("a history with tools, a refusal and foreign reasoning", async () => {
    const body = await sent("chat", [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "Hm" },
          { type: "text", text: "A" },
          { type: "text", text: "B" },
          { type: "tool-call", toolCallId: "c1", toolName: "weather", input: { city: "Oslo" } },
          { type: "tool-call", toolCallId: "c2", toolName: "code", input: "1 + 1", providerMetadata: { openai: { custom: true } } },
          { type: "tool-call", toolCallId: "s1", toolName: "web_search", input: {}, providerExecuted: true },
        ],
      },
      {
        role: "tool",
        content: [
          { type: "tool-result", toolCallId: "c1", toolName: "weather", output: { degrees: 3 } },
          { type: "tool-result", toolCallId: "c2", toolName: "code", output: "2" },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "No.", refusal: true }] },
      { role: "user", content: "Why?" },
    ]);
    expect(body["messages"]).toEqual([
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: "AB",
        tool_calls: [
          { id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
          { id: "c2", type: "custom", custom: { name: "code", input: "1 + 1" } },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: '{"degrees":3}' },
      { role: "tool", tool_call_id: "c2", content: "2" },
      { role: "assistant", content: null, refusal: "No." },
      { role: "user", content: "Why?" },
    ]);
  });

  test("an id that is too long is replaced alike in call and result", async () => {
    const id = "x".repeat(41);
    const body = await sent("chat", [
      { role: "assistant", content: [{ type: "tool-call", toolCallId: id, toolName: "weather", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: id, toolName: "weather", output: 1 }] },
    ]);
    const [call, result] = body["messages"] as [{ tool_calls: [{ id: string }] }, { tool_call_id: string }];
    expect(result.tool_call_id).toBe(call.tool_calls[0].id);
    expect(result.tool_call_id.length).toBeLessThanOrEqual(40);
  });

  test("tool choice in all forms", async () => {
    const custom = { type: "provider" as const, provider: "openai", name: "custom", options: { name: "code" } };
    const choose = async (toolChoice: CallOptions["toolChoice"]) =>
      (await sent("chat", "Hi", { tools: [WEATHER, custom], toolChoice }))["tool_choice"];
    expect(await choose("auto")).toBe("auto");
    expect(await choose("none")).toBe("none");
    expect(await choose("required")).toBe("required");
    expect(await choose({ toolName: "weather" })).toEqual({ type: "function", function: { name: "weather" } });
    expect(await choose({ toolName: "custom" })).toEqual({ type: "custom", custom: { name: "code" } });
    expect(await sent("chat", "Hi", { toolChoice: "auto" })).not.toHaveProperty("tool_choice");
  });

  test("strict is said only when asked for, and closes the schema", async () => {
    const tool = (strict?: boolean) => ({ type: "function" as const, function: { name: "weather", parameters: CITY, strict } });
    const body = await sent("chat", "Hi", { tools: [tool(), tool(true), tool(false)] });
    expect((body["tools"] as { function: Json }[]).map(({ function: fn }) => fn)).toEqual([
      { name: "weather", parameters: CITY },
      { name: "weather", parameters: { ...CITY, additionalProperties: false }, strict: true },
      { name: "weather", parameters: CITY, strict: false },
    ]);
  });

  test("options go where the wire has them", async () => {
    const body = await sent("chat", "Hi", {
      providerOptions: {
        openai: {
          serviceTier: "flex",
          verbosity: "low",
          logitBias: { 5: 1 },
          webSearchOptions: { searchContextSize: "low" },
          previousResponseId: "r",
        },
      },
    });
    expect(body).toMatchObject({
      service_tier: "flex",
      verbosity: "low",
      logit_bias: { 5: 1 },
      web_search_options: { search_context_size: "low" },
    });
    expect(body).not.toHaveProperty("previous_response_id");
  });
});

describe("structured output", () => {
  const format = async (schema: object, api: "chat" | "responses" = "chat") => {
    const body = await sent(api, "Hi", { output: { schema: schema as Json } }).catch(() => server.requests.at(-1)!.body as Json);
    return (api === "chat" ? (body["response_format"] as Json)["json_schema"] : (body["text"] as Json)["format"]) as Json;
  };

  test("strict where the schema can be", async () => {
    const closed = { ...CITY, additionalProperties: false };
    expect(await format(CITY)).toEqual({ name: "answer", strict: true, schema: closed });
    expect(await format(CITY, "responses")).toEqual({ type: "json_schema", name: "answer", strict: true, schema: closed });
    const nested = {
      type: "object",
      properties: { all: { type: "array", items: { anyOf: [CITY, { type: "null" }] } } },
      required: ["all"],
      $defs: { city: CITY },
    };
    expect(await format(nested)).toMatchObject({
      strict: true,
      schema: { properties: { all: { items: { anyOf: [closed, { type: "null" }] } } }, $defs: { city: closed } },
    });
    expect(await format({ ...CITY, $schema: "x", properties: { city: { type: "string", default: "Oslo" } } })).toMatchObject({
      schema: { properties: { city: { type: "string" } } },
    });
  });

  test.each([
    ["an open object", { ...CITY, additionalProperties: true }],
    ["a free-form object", { type: "object", properties: { any: { type: "object" } }, required: ["any"] }],
    ["anything at all", { type: "object", properties: { any: {} }, required: ["any"] }],
  ])("not strict, and unchanged, with %s", async (_, schema) => {
    expect(await format(schema)).toEqual({ name: "answer", strict: false, schema });
  });

  test.each<[string, Json, Json]>([
    ["an optional property", { ...CITY, required: [] }, { ...CITY, properties: { city: { type: ["string", "null"] } } }],
    [
      "a keyword that strict mode lacks",
      { ...CITY, properties: { city: { type: "string", minLength: 1 } } },
      { ...CITY, properties: { city: { type: "string", description: "{minLength: 1}" } } },
    ],
  ])("strict with %s", async (_, schema, sentAs) => {
    expect(await format(schema)).toEqual({ name: "answer", strict: true, schema: { ...sentAs, additionalProperties: false } });
  });

  test("what is no object is asked for inside one", async () => {
    const value = { type: "array", items: { type: "string" } };
    expect(await format(value)).toEqual({
      name: "answer",
      strict: true,
      schema: { type: "object", properties: { value }, required: ["value"], additionalProperties: false },
    });
  });

  test("JSON mode says JSON where nobody else does", async () => {
    const json = (messages: string | unknown[], api: "chat" | "responses" = "chat") =>
      sent(api, messages, { output: "json" }).catch(() => server.requests.at(-1)!.body as Json);
    expect(await json("Give me json")).toMatchObject({
      response_format: { type: "json_object" },
      messages: [{ role: "user", content: "Give me json" }],
    });
    expect(await json("Give me data")).toMatchObject({ messages: [{ role: "system", content: "Answer with JSON." }, { role: "user" }] });
    expect(await json("Give me data", "responses")).toMatchObject({
      text: { format: { type: "json_object" } },
      input: [{ role: "developer" }, { role: "user" }],
    });
  });
});

describe("responses", () => {
  test("keeps nothing at the vendor, and asks for encrypted reasoning where the model is known to reason", async () => {
    expect(await sent("responses", "Hello")).toEqual({
      model: "gpt-6-luna",
      input: [{ role: "user", content: "Hello" }],
      store: false,
      include: ["reasoning.encrypted_content"],
    });
    expect(await sent("responses", "Hello", { model: "openai/gpt-4.1" })).not.toHaveProperty("include");
    expect(await sent("responses", "Hello", { model: "openai/gpt-9" })).not.toHaveProperty("include");
  });

  test.each([{ previousResponseId: "r" }, { conversation: "c" }, { background: true }, { store: true }])(
    "%o is stored",
    async (options) => {
      expect((await sent("responses", "Hello", { providerOptions: { openai: options } }))["store"]).not.toBe(false);
    },
  );

  test("options go where the wire has them", async () => {
    const body = await sent("responses", "Hi", {
      reasoning: { effort: "low", summary: "auto" },
      output: { schema: CITY },
      providerOptions: {
        openai: {
          verbosity: "low",
          reasoningContext: "all_turns",
          maxToolCalls: 2,
          include: ["file_search_call.results"],
          truncation: "auto",
          prediction: { type: "content", content: "x" },
        },
      },
    }).catch(() => server.requests.at(-1)!.body as Json);
    expect(body).toMatchObject({
      reasoning: { effort: "low", summary: "auto", context: "all_turns" },
      text: { verbosity: "low", format: { type: "json_schema" } },
      max_tool_calls: 2,
      truncation: "auto",
      include: ["file_search_call.results", "reasoning.encrypted_content"],
    });
    expect(body).not.toHaveProperty("prediction");
  });

  test("what the wire has no field for is left out with a warning", async () => {
    const llm = client(server.url, { model: "gpt-4.1" });
    const { warnings } = await llm.chat("Hi", { seed: 1, stopSequences: ["X"], presencePenalty: 1, frequencyPenalty: 1, topK: 3 });
    expect(warnings.map(({ feature }) => feature).toSorted()).toEqual([
      "frequencyPenalty",
      "presencePenalty",
      "seed",
      "stopSequences",
      "topK",
    ]);
    await expect(llm.chat("Hi", { n: 2 })).rejects.toMatchObject({ kind: "unsupported" });
    await expect(llm.chat([{ role: "user", content: [{ type: "file", base64: "UklGRiQAAABXQVZF" }] }])).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  test("media in every form", async () => {
    const parts = [
      { type: "image", url: "https://example.com/a.png" },
      { type: "image", base64: PNG, providerMetadata: { openai: { detail: "high" } } },
      { type: "image", url: "file-id:file-1" },
      { type: "file", url: "https://example.com/a.pdf" },
      { type: "file", base64: "JVBERi0xLjQ=", filename: "a.pdf" },
      { type: "file", url: "file-id:file-2" },
    ];
    expect((await sent("responses", [{ role: "user", content: parts }]))["input"]).toEqual([
      {
        role: "user",
        content: [
          { type: "input_image", detail: "auto", image_url: "https://example.com/a.png" },
          { type: "input_image", detail: "high", image_url: `data:image/png;base64,${PNG}` },
          { type: "input_image", detail: "auto", file_id: "file-1" },
          { type: "input_file", file_url: "https://example.com/a.pdf" },
          { type: "input_file", file_data: "data:application/pdf;base64,JVBERi0xLjQ=", filename: "a.pdf" },
          { type: "input_file", file_id: "file-2" },
        ],
      },
    ]);
  });

  test("tools and tool choice", async () => {
    const tools: CallOptions["tools"] = [
      { type: "function", function: { name: "weather", parameters: CITY } },
      { type: "function", function: { name: "strict", parameters: CITY, strict: true } },
      { type: "provider", provider: "openai", name: "web_search", options: { search_context_size: "low" } },
      { type: "provider", provider: "openai", name: "mcp", options: { server_label: "wiki", server_url: "https://example.com" } },
    ];
    const body = await sent("responses", "Hi", { tools, toolChoice: { toolName: "weather" }, parallelToolCalls: false });
    expect(body).toMatchObject({
      tools: [
        { type: "function", name: "weather", strict: false, parameters: CITY },
        { type: "function", name: "strict", strict: true, parameters: { ...CITY, additionalProperties: false } },
        { type: "web_search", search_context_size: "low" },
        { type: "mcp", server_label: "wiki" },
      ],
      tool_choice: { type: "function", name: "weather" },
      parallel_tool_calls: false,
    });
    const choose = async (toolChoice: CallOptions["toolChoice"]) => (await sent("responses", "Hi", { tools, toolChoice }))["tool_choice"];
    expect(await choose({ toolName: "web_search" })).toEqual({ type: "web_search" });
    expect(await choose({ toolName: "mcp" })).toEqual({ type: "mcp", server_label: "wiki" });
    expect(await choose("none")).toBe("none");
  });

  test("results go back in the item of their call", async () => {
    const call = (type: string, id: string) => ({
      type: "tool-call",
      toolCallId: id,
      toolName: "t",
      input: {},
      providerMetadata: { openai: { item: { type, id: `i${id}`, call_id: id } } },
    });
    const result = (id: string, output: unknown) => ({ type: "tool-result", toolCallId: id, toolName: "t", output });
    const body = await sent("responses", [
      {
        role: "assistant",
        content: [
          call("custom_tool_call", "1"),
          call("computer_call", "2"),
          call("apply_patch_call", "3"),
          call("shell_call", "4"),
          call("mcp_approval_request", "5"),
          { type: "tool-call", toolCallId: "6", toolName: "weather", input: {} },
        ],
      },
      {
        role: "tool",
        content: [
          result("1", "done"),
          result("2", { type: "computer_screenshot", image_url: "x" }),
          result("3", { status: "completed" }),
          result("4", [{ stdout: "" }]),
          result("5", { approve: true }),
          result("6", { degrees: 3 }),
        ],
      },
    ]);
    expect((body["input"] as Json[]).slice(-6)).toEqual([
      { type: "custom_tool_call_output", call_id: "1", output: "done" },
      { type: "computer_call_output", call_id: "2", output: { type: "computer_screenshot", image_url: "x" } },
      { type: "apply_patch_call_output", call_id: "3", status: "completed" },
      { type: "shell_call_output", call_id: "4", output: [{ stdout: "" }] },
      { type: "mcp_approval_response", approval_request_id: "5", approve: true },
      { type: "function_call_output", call_id: "6", output: '{"degrees":3}' },
    ]);
  });

  test("reasoning that came without its content is left out, and with it the ids that name it", async () => {
    const history = [
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "", providerMetadata: { openai: { item: { type: "reasoning", id: "rs_1", summary: [] } } } },
          { type: "text", text: "So", providerMetadata: { openai: { itemId: "msg_1", phase: "commentary" } } },
          {
            type: "tool-call",
            toolCallId: "c",
            toolName: "weather",
            input: {},
            providerMetadata: { openai: { item: { type: "function_call", id: "fc_1", call_id: "c", name: "weather" } } },
          },
        ],
      },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "c", toolName: "weather", output: 1 }] },
    ];
    expect((await sent("responses", history))["input"]).toEqual([
      { type: "message", role: "assistant", phase: "commentary", content: "So" },
      { type: "function_call", call_id: "c", name: "weather", arguments: "{}" },
      { type: "function_call_output", call_id: "c", output: "1" },
    ]);
    expect((await sent("responses", history, { providerOptions: { openai: { store: true } } }))["input"]).toMatchObject([
      { type: "reasoning", id: "rs_1" },
      { id: "msg_1" },
      { id: "fc_1" },
      {},
    ]);
  });

  test("another vendor's reasoning and tools are left out", async () => {
    const body = await sent("responses", [
      {
        role: "assistant",
        provider: "anthropic",
        content: [
          { type: "reasoning", text: "Hm", providerMetadata: { anthropic: { signature: "x" } } },
          { type: "tool-call", toolCallId: "s", toolName: "web_search", input: {}, providerExecuted: true },
          { type: "tool-result", toolCallId: "s", toolName: "web_search", output: [] },
          { type: "text", text: "Hi" },
        ],
      },
      { role: "user", content: "Go on" },
    ]);
    expect(body["input"]).toEqual([
      { type: "message", role: "assistant", content: "Hi" },
      { role: "user", content: "Go on" },
    ]);
  });
});

test("results whose calls are in an earlier response are sent as they are", async () => {
  const result = { type: "tool-result", toolCallId: "call_1", toolName: "weather", output: "3" };
  const options = { providerOptions: { openai: { previousResponseId: "resp_1" } } };
  const { input } = (await sent("responses", [{ role: "tool", content: [result] }], options)) as { input: Json[] };
  expect(input).toEqual([{ type: "function_call_output", call_id: "call_1", output: "3" }]);
});

test("ids that begin anew are told apart, also where an item holds the id that came", async () => {
  const turn = (output: string) => [
    { role: "user", content: "Go" },
    {
      role: "assistant",
      provider: "openai",
      content: [
        {
          type: "tool-call",
          toolCallId: "call_0",
          toolName: "weather",
          input: {},
          providerMetadata: { openai: { item: { type: "function_call", call_id: "call_0", name: "weather" } } },
        },
      ],
    },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "call_0", toolName: "weather", output }] },
  ];
  const { input } = (await sent("responses", [...turn("1"), ...turn("2")])) as { input: Json[] };
  const ids = input.flatMap(({ call_id: id }) => (id === undefined ? [] : [id]));
  expect(ids).toEqual([ids[0], ids[0], ids[2], ids[2]]);
  expect(ids[0]).not.toBe(ids[2]);
});
