import { isLlmError, type CallOptions, type ChatResult, type Message } from "@plurivox/core";
import { startLoopback, type ReceivedRequest } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client, message, type SentBody } from "./support.ts";

type Json = Record<string, unknown>;

const server = await startLoopback((_request, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(message([{ type: "text", text: "{}" }])));
});
afterAll(() => server.close());

async function call(
  messages: string | Message[],
  options: CallOptions = {},
): Promise<{ body: SentBody; request: ReceivedRequest; result: ChatResult }> {
  const result = await client(server.url).chat(messages, { model: "anthropic/claude-opus-4-6", ...options });
  const request = server.requests.at(-1)!;
  return { body: request.body as SentBody, request, result };
}

const body = async (messages: string | Message[], options?: CallOptions) => (await call(messages, options)).body;
const failure = (options: CallOptions, messages: string | Message[] = "Hi") =>
  call(messages, options).then(
    () => undefined,
    (thrown: unknown) => (isLlmError(thrown) ? thrown : undefined),
  );
const fn = (name: string, more: Json = {}) => ({
  type: "function" as const,
  function: { name, parameters: { type: "object", properties: {} }, ...more },
});
const text = (words: string) => ({ type: "text", text: words });

describe("messages", () => {
  test("leading system messages stand apart", async () => {
    const sent = await body(
      [
        { role: "system", content: "One" },
        { role: "system", content: [{ type: "text", text: "Two" }] },
        { role: "user", content: "Hi" },
      ],
      { system: "Zero" },
    );
    expect(sent["system"]).toEqual([text("Zero"), text("One"), text("Two")]);
    expect(sent.messages).toEqual([{ role: "user", content: [text("Hi")] }]);
  });

  const late: Message[] = [
    { role: "user", content: "A" },
    { role: "assistant", content: "B" },
    { role: "system", content: "Be kind." },
    { role: "user", content: "C" },
    { role: "assistant", content: "D" },
    { role: "system", content: "Be quick." },
  ];

  test("later ones keep their role where the family takes them, behind the user's turn", async () => {
    expect((await body(late, { model: "anthropic/claude-opus-5-5" })).messages).toEqual([
      { role: "user", content: [text("A")] },
      { role: "assistant", content: [text("B")] },
      { role: "user", content: [text("C")] },
      { role: "system", content: [text("Be kind.")] },
      { role: "assistant", content: [text("D")] },
      { role: "user", content: [text("<system>\nBe quick.\n</system>")] },
    ]);
  });

  test.for(["claude-sonnet-5", "claude-haiku-4-5", "some-unknown-model"])("are told in the user's turn by %s", async (model) => {
    expect((await body(late, { model: `anthropic/${model}` })).messages).toEqual([
      { role: "user", content: [text("A")] },
      { role: "assistant", content: [text("B")] },
      { role: "user", content: [text("<system>\nBe kind.\n</system>"), text("C")] },
      { role: "assistant", content: [text("D")] },
      { role: "user", content: [text("<system>\nBe quick.\n</system>")] },
    ]);
  });

  test.for(["claude-opus-5-5", "claude-opus-4-6"])("an instruction never parts a tool's call from its result (%s)", async (model) => {
    const sent = await body(
      [
        { role: "user", content: "A" },
        { role: "assistant", content: [{ type: "tool-call", toolCallId: "t1", toolName: "f", input: {} }] },
        { role: "system", content: "Hurry." },
        { role: "tool", content: [{ type: "tool-result", toolCallId: "t1", toolName: "f", output: "ok" }] },
      ],
      { model: `anthropic/${model}` },
    );
    expect(sent.messages[2]).toMatchObject({
      role: "user",
      content: [{ type: "tool_result" }, ...(model === "claude-opus-4-6" ? [{ type: "text" }] : [])],
    });
    expect(JSON.stringify(sent.messages)).toContain("Hurry.");
  });

  test("results of tools come first in one turn, whatever they are", async () => {
    const sent = await body([
      { role: "user", content: "A" },
      {
        role: "assistant",
        content: [
          { type: "tool-call", toolCallId: "functions.f:0", toolName: "f", input: { x: 1 } },
          { type: "tool-call", toolCallId: "functions.f:1", toolName: "f", input: "{ broken" },
          { type: "tool-call", toolCallId: "t3", toolName: "f", input: {} },
          { type: "tool-call", toolCallId: "t4", toolName: "f", input: {} },
        ],
      },
      { role: "user", content: "Wait" },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "functions.f:0", toolName: "f", output: { n: [1] } }] },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            toolCallId: "functions.f:1",
            toolName: "f",
            isError: true,
            output: [
              { type: "text", text: "see" },
              { type: "image", base64: "iVBORw0K", mediaType: "image/png" },
            ],
          },
          { type: "tool-result", toolCallId: "t3", toolName: "f", output: undefined },
          { type: "tool-result", toolCallId: "t4", toolName: "f", output: [{ type: "other" }] },
        ],
      },
    ]);
    const [calls, results] = [sent.messages[1]!.content, sent.messages[2]!.content];
    const ids = calls.map(({ id }) => String(id));
    expect(ids.every((id) => /^[a-zA-Z0-9_-]+$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(4);
    expect(calls.map(({ input }) => input)).toEqual([{ x: 1 }, { input: "{ broken" }, {}, {}]);
    expect(results).toEqual([
      { type: "tool_result", tool_use_id: ids[0], content: '{"n":[1]}' },
      {
        type: "tool_result",
        tool_use_id: ids[1],
        is_error: true,
        // Where a result is an error, the vendor takes nothing but text in it.
        content: "see\n\n(picture 1 follows in the next message)",
      },
      { type: "tool_result", tool_use_id: "t3" },
      { type: "tool_result", tool_use_id: "t4", content: '[{"type":"other"}]' },
      text('Picture 1, which the tool "f" returned:'),
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0K" } },
      text("Wait"),
    ]);
  });

  const own = { anthropic: { signature: "s" } };
  const turn = (...before: object[]) =>
    [
      { role: "user", content: "A" },
      { role: "assistant", content: [...before, { type: "tool-call", toolCallId: "t1", toolName: "f", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "t1", toolName: "f", output: "ok" }] },
    ] as Message[];
  const signed = { type: "reasoning", text: "Hm.", providerMetadata: own };

  test.for<[what: string, model: string, reasoning: CallOptions["reasoning"], messages: Message[], thinks: boolean]>([
    ["begun elsewhere", "claude-haiku-4-5", "high", turn(), false],
    ["begun elsewhere with words", "claude-haiku-4-5", "high", turn(text("I look.")), false],
    ["begun here", "claude-haiku-4-5", "high", turn(signed), true],
    ["that is over", "claude-haiku-4-5", "high", [...turn(), { role: "assistant", content: "So." }, { role: "user", content: "B" }], true],
    ["begun elsewhere", "claude-opus-4-6", "high", turn(), true],
    ["begun elsewhere", "claude-opus-4-6", { budgetTokens: 2000 }, turn(), false],
    ["begun elsewhere", "some-unknown-model", { budgetTokens: 2000 }, turn(), false],
  ])("a turn %s: %s with %j", async ([, model, reasoning, messages, thinks]) => {
    const { body: sent, result } = await call(messages, { model: `anthropic/${model}`, reasoning });
    expect(sent["thinking"] !== undefined).toBe(thinks);
    expect(result.warnings.map(({ code }) => code)).toEqual(thinks ? [] : ["reasoning-paused"]);
  });

  test("a fallback in the middle of a running loop does not think either", async () => {
    const messages = turn({ type: "reasoning", text: "Theirs.", providerMetadata: { openai: {} } });
    const { body: sent, result } = await call(messages, { model: "anthropic/claude-sonnet-4-5", reasoning: "low" });
    expect(sent["thinking"]).toBeUndefined();
    expect(result.warnings.map(({ code }) => code)).toEqual(["reasoning-left-out", "reasoning-paused"]);
  });

  test("thoughts that nobody signed go back to the host that wrote them, and nowhere else", async () => {
    const thought = (host?: string): Message => ({
      role: "assistant",
      provider: "anthropic",
      ...(host !== undefined && { host }),
      content: [
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "So." },
      ],
    });
    const on = (said: Message) => call([{ role: "user", content: "A" }, said, { role: "user", content: "B" }]);
    const { body: home } = await on(thought(new URL(server.url).host));
    expect(home.messages[1]!.content).toEqual([{ type: "thinking", thinking: "Hm.", signature: "" }, text("So.")]);
    for (const host of [undefined, "api.example.com"]) {
      const { body: away, result } = await on(thought(host));
      expect(away.messages[1]!.content).toEqual([text("So.")]);
      expect(result.warnings.map(({ code }) => code)).toEqual(["reasoning-left-out"]);
    }
  });

  test("what such a host answered names it, so that its thoughts find their way back", async () => {
    const thinking = { type: "thinking", thinking: "Hm." };
    await using host = await startLoopback((_request, response) => {
      response.setHeader("content-type", "application/json").end(JSON.stringify(message([thinking, { type: "text", text: "So." }])));
    });
    const first = await client(host.url, { model: "some-model" }).chat("A");
    const history: Message[] = [{ role: "user", content: "A" }, ...first.messages, { role: "user", content: "B" }];
    await client(host.url, { model: "some-model" }).chat(JSON.parse(JSON.stringify(history)) as Message[]);
    expect((host.requests.at(-1)!.body as SentBody).messages[1]!.content).toEqual([{ ...thinking, signature: "" }, text("So.")]);
    const { result } = await call(history);
    expect(result.warnings.map(({ code }) => code)).toEqual(["reasoning-left-out"]);
  });

  test("texts of white space and turns of nothing are left out", async () => {
    const sent = await body([
      { role: "user", content: "A" },
      { role: "assistant", content: "\n\n" },
      {
        role: "user",
        content: [
          { type: "text", text: "" },
          { type: "text", text: " B " },
        ],
      },
    ]);
    expect(sent.messages).toEqual([{ role: "user", content: [text("A"), text(" B ")] }]);
  });

  test("images and documents, from everywhere", async () => {
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
    const sent = await body([
      {
        role: "user",
        content: [
          { type: "image", url: "https://example.com/a.jpg" },
          { type: "image", base64: "iVBORw0K" },
          { type: "image", data: png },
          { type: "image", url: "data:image/gif;base64,R0lGOA==" },
          { type: "image", url: "file-id:file_1" },
          { type: "file", url: "https://example.com/a.pdf" },
          {
            type: "file",
            base64: "JVBERi0=",
            filename: "a.pdf",
            providerMetadata: { anthropic: { citations: { enabled: true }, cache_control: { type: "ephemeral" } } },
          },
          { type: "file", data: new TextEncoder().encode("grüß"), mediaType: "text/csv" },
          { type: "file", data: new TextEncoder().encode("{}"), mediaType: "application/json" },
          { type: "file", url: "file-id:file_2", filename: "b.pdf" },
          { type: "file", url: "file-id:file_3", providerMetadata: { anthropic: { type: "container_upload", file_id: "file_3" } } },
        ],
      },
    ]);
    expect(sent.messages[0]!.content).toEqual([
      { type: "image", source: { type: "url", url: "https://example.com/a.jpg" } },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0K" } },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw==" } },
      { type: "image", source: { type: "base64", media_type: "image/gif", data: "R0lGOA==" } },
      { type: "image", source: { type: "file", file_id: "file_1" } },
      { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
        title: "a.pdf",
        citations: { enabled: true },
        cache_control: { type: "ephemeral" },
      },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "grüß" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "{}" } },
      { type: "document", source: { type: "file", file_id: "file_2" }, title: "b.pdf" },
      { type: "container_upload", file_id: "file_3" },
    ]);
  });

  test.for(["audio/wav", "video/mp4"])("%s is refused before it is sent", async (mediaType) => {
    const before = server.requests.length;
    expect(await failure({}, [{ role: "user", content: [{ type: "file", base64: "AAAA", mediaType }] }])).toMatchObject({
      kind: "unsupported",
    });
    expect(server.requests.length).toBe(before);
  });

  test("what another vendor thought, searched and drew stays behind; what it said does not", async () => {
    const sent = await body([
      { role: "user", content: "A" },
      {
        role: "assistant",
        provider: "openai",
        content: [
          { type: "reasoning", text: "secret", providerMetadata: { openai: { id: "rs_1" } } },
          { type: "reasoning", text: "", redacted: true },
          {
            type: "tool-call",
            toolCallId: "ws_1",
            toolName: "web_search",
            input: {},
            providerExecuted: true,
            providerMetadata: { openai: { block: {} } },
          },
          { type: "tool-result", toolCallId: "ws_1", toolName: "web_search", output: [] },
          { type: "source", url: "https://example.com" },
          { type: "image", base64: "iVBORw0K" },
          { type: "text", text: "B", providerMetadata: { openai: { id: "msg_1" } } },
        ],
      },
      { role: "user", content: "C" },
    ]);
    expect(sent.messages[1]).toEqual({ role: "assistant", content: [text("B")] });
  });

  test("a tool loop goes on in its sandbox", async () => {
    const answer: Message = {
      role: "assistant",
      provider: "anthropic",
      providerMetadata: { anthropic: { container: { id: "container_9", expires_at: "2026-11-21T00:00:00Z" } } },
      content: [
        {
          type: "tool-call",
          toolCallId: "t1",
          toolName: "f",
          input: {},
          providerMetadata: { anthropic: { caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" } } },
        },
      ],
    };
    const result: Message = { role: "tool", content: [{ type: "tool-result", toolCallId: "t1", toolName: "f", output: "ok" }] };
    const sent = await body([{ role: "user", content: "A" }, answer, result]);
    expect(sent["container"]).toBe("container_9");
    expect(sent.messages[1]!.content[0]).toMatchObject({ caller: { type: "code_execution_20260120", tool_id: "srvtoolu_1" } });
    expect(await body([{ role: "user", content: "A" }, answer, result, { role: "user", content: "B" }])).not.toHaveProperty("container");
  });
});

describe("tools", () => {
  const tools = [
    fn("a"),
    fn("b", { strict: true, description: "Does b" }),
    { type: "provider" as const, provider: "anthropic", name: "text_editor_20250728", options: { max_characters: 9 } },
  ];

  test("functions, the vendor's own, and sets of them", async () => {
    const sets = [
      { type: "provider" as const, provider: "anthropic", name: "computer_toolset_20260801" },
      { type: "provider" as const, provider: "anthropic", name: "web_fetch_20260318" },
      { type: "function" as const, function: { name: "c" } },
    ];
    expect((await body("Hi", { tools: [...tools, ...sets] }))["tools"]).toEqual([
      { name: "a", input_schema: { type: "object", properties: {} } },
      { name: "b", description: "Does b", strict: true, input_schema: { type: "object", properties: {}, additionalProperties: false } },
      { type: "text_editor_20250728", name: "str_replace_based_edit_tool", max_characters: 9 },
      { type: "computer_toolset_20260801" },
      { type: "web_fetch_20260318", name: "web_fetch" },
      { name: "c", input_schema: { type: "object", properties: {} } },
    ]);
  });

  const choices: [options: CallOptions, expected: unknown][] = [
    [{ tools }, undefined],
    [{ tools, toolChoice: "auto" }, { type: "auto" }],
    [{ tools, toolChoice: "none" }, { type: "none" }],
    [{ tools, toolChoice: "none", parallelToolCalls: false }, { type: "none" }],
    [{ tools, toolChoice: "required" }, { type: "any" }],
    [
      { tools, toolChoice: "required", parallelToolCalls: false },
      { type: "any", disable_parallel_tool_use: true },
    ],
    [
      { tools, toolChoice: { toolName: "b" } },
      { type: "tool", name: "b" },
    ],
    [
      { tools, toolChoice: { toolName: "b" }, parallelToolCalls: false },
      { type: "tool", name: "b", disable_parallel_tool_use: true },
    ],
    [
      { tools, toolChoice: { toolName: "text_editor_20250728" } },
      { type: "tool", name: "str_replace_based_edit_tool" },
    ],
    [
      { tools, parallelToolCalls: false },
      { type: "auto", disable_parallel_tool_use: true },
    ],
    [{ tools, parallelToolCalls: true }, undefined],
    [{ toolChoice: "none", parallelToolCalls: false }, undefined],
  ];
  test.for(choices)("choice %#", async ([options, expected]) => {
    expect((await body("Hi", options))["tool_choice"]).toEqual(expected);
  });

  const forced: [model: string, options: CallOptions, refused: boolean][] = [
    ["claude-opus-5-5", {}, true],
    ["claude-fable-5-2-20261101", {}, true],
    ["claude-fable-5-20260609", {}, false],
    ["claude-haiku-5-5", {}, false],
    ["claude-opus-4-6", { reasoning: "high" }, false],
    ["claude-haiku-4-5", { reasoning: "high" }, true],
    ["claude-haiku-4-5", { reasoning: "none" }, false],
    ["claude-from-next-year", { reasoning: "high" }, false],
  ];
  test.for(forced)("%s may refuse a forced call", async ([model, options, refused]) => {
    const error = await failure({ ...options, model: `anthropic/${model}`, tools, toolChoice: "required" });
    expect(error?.kind).toBe(refused ? "unsupported" : undefined);
  });
});

describe("reasoning", () => {
  const summarized = { type: "adaptive", display: "summarized" };
  const cases: [model: string, reasoning: CallOptions["reasoning"], thinking: unknown, effort: unknown][] = [
    ["claude-haiku-5-5", undefined, undefined, undefined],
    ["claude-haiku-5-5", "high", summarized, "high"],
    ["claude-haiku-5-5", {}, summarized, undefined],
    ["claude-haiku-5-5", "none", { type: "disabled" }, undefined],
    ["claude-haiku-5-5", "minimal", summarized, "low"],
    ["claude-haiku-5-5", { budgetTokens: 2000 }, summarized, undefined],
    ["claude-sonnet-5-5", "none", { type: "between_tools" }, undefined],
    ["claude-opus-5-5", "none", summarized, "low"],
    ["claude-opus-5-5", "max", summarized, "max"],
    ["claude-opus-4-8", "none", undefined, undefined],
    ["claude-opus-4-8", "xhigh", summarized, "xhigh"],
    ["claude-sonnet-4-6", "xhigh", summarized, "max"],
    ["claude-sonnet-4-6", { budgetTokens: 3000 }, { type: "enabled", budget_tokens: 3000 }, undefined],
    ["claude-opus-4-5", "max", { type: "enabled", budget_tokens: 32_000 }, "high"],
    ["claude-haiku-4-5", "low", { type: "enabled", budget_tokens: 9600 }, undefined],
    ["claude-haiku-4-5", { effort: "low", budgetTokens: 5000 }, { type: "enabled", budget_tokens: 5000 }, undefined],
    ["claude-haiku-4-5", "none", undefined, undefined],
    ["claude-3-5-haiku-20241022", "high", undefined, undefined],
    ["claude-from-next-year", "minimal", summarized, "low"],
    ["claude-from-next-year", "none", { type: "disabled" }, undefined],
    ["claude-from-next-year", { budgetTokens: 9000 }, { type: "enabled", budget_tokens: 9000 }, undefined],
  ];
  test.for(cases)("%s, %j", async ([model, reasoning, thinking, effort]) => {
    const sent = await body("Hi", { model: `anthropic/${model}`, reasoning });
    expect(sent["thinking"]).toEqual(thinking);
    expect((sent["output_config"] as Json | undefined)?.["effort"]).toBe(effort);
  });

  test("a budget never falls below the vendor's least", async () => {
    const sent = await body("Hi", { model: "anthropic/claude-haiku-4-5", reasoning: "low", maxOutputTokens: 3000 });
    expect(sent["thinking"]).toEqual({ type: "enabled", budget_tokens: 1024 });
  });
});

describe("the rest", () => {
  const limits: [model: string, options: CallOptions, expected: number][] = [
    ["claude-opus-5-5", {}, 128_000],
    ["claude-opus-4-1-20250805", {}, 32_000],
    ["claude-opus-4-1-20250805", { maxOutputTokens: 7 }, 7],
    ["claude-from-next-year", {}, 8192],
    ["claude-from-next-year", { reasoning: { budgetTokens: 10_000 } }, 18_192],
  ];
  test.for(limits)("%s has a limit of its own (%j)", async ([model, options, expected]) => {
    expect((await body("Hi", { ...options, model: `anthropic/${model}` }))["max_tokens"]).toBe(expected);
  });

  test("sampling, with the version that knows it, where the family takes it", async () => {
    const old = await call("Hi", { temperature: 0.3, topK: 5 });
    expect(old.body).toMatchObject({ temperature: 0.3, top_k: 5 });
    expect(old.request.headers["anthropic-version"]).toBe("2023-06-01");
    const both = await call("Hi", { temperature: 0, topP: 0.5 });
    expect(both.body).toMatchObject({ temperature: 0 });
    expect(both.body).not.toHaveProperty("top_p");
    const young = await call("Hi", { temperature: 0.3, topP: 0.5, topK: 5, model: "anthropic/claude-opus-5-5" });
    expect(Object.keys(young.body)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(temperature|top_)/)]));
    expect(young.request.headers["anthropic-version"]).toBe("2026-10-21");
    expect(young.result.warnings.map(({ feature }) => feature)).toEqual(["temperature", "topP", "topK"]);
    const thinking = await call("Hi", { temperature: 0.3, reasoning: "low" });
    expect(thinking.body).not.toHaveProperty("temperature");
    const extra = await call("Hi", { extraBody: { temperature: 0.4 } });
    expect(extra.request.headers["anthropic-version"]).toBe("2023-06-01");
  });

  test("what the wire has no words for is dropped with a warning, and several answers are an error", async () => {
    const { body: sent, result } = await call("Hi", {
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 1,
      logprobs: true,
      metadata: { a: "b" },
    });
    expect(Object.keys(sent).toSorted()).toEqual(["max_tokens", "messages", "model"]);
    expect(result.warnings.map(({ feature }) => feature)).toEqual(["seed", "presencePenalty", "frequencyPenalty", "logprobs", "metadata"]);
    expect(await failure({ n: 2 })).toMatchObject({ kind: "unsupported" });
  });

  test.for([
    ["auto", { type: "ephemeral" }],
    [{ ttl: "1h" }, { type: "ephemeral", ttl: "1h" }],
    ["none", undefined],
  ] as const)("cache %j", async ([cache, expected]) => {
    expect((await body("Hi", { cache }))["cache_control"]).toEqual(expected);
  });

  test("user, stop sequences and the vendor's own options", async () => {
    const { body: sent, request } = await call("Hi", {
      user: "u1",
      stopSequences: ["", "X"],
      providerOptions: {
        anthropic: {
          betas: ["one-2026-01-01"],
          serviceTier: "standard_only",
          inferenceGeo: "us",
          container: "c1",
          mcpServers: [{ name: "w", url: "https://example.com/mcp" }],
        },
      },
    });
    expect(sent).toMatchObject({
      metadata: { user_id: "u1" },
      stop_sequences: ["", "X"],
      service_tier: "standard_only",
      inference_geo: "us",
      container: "c1",
      mcp_servers: [{ type: "url", name: "w", url: "https://example.com/mcp" }],
      tools: [{ type: "mcp_toolset", mcp_server_name: "w" }],
    });
    expect(sent).not.toHaveProperty("betas");
    expect(request.headers["anthropic-beta"]).toBe("one-2026-01-01,mcp-client-2025-11-20");
  });

  test("a schema is cut down to what the vendor compiles, and loses nothing", async () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      description: "A pet",
      properties: {
        name: { type: "string", minLength: 2, format: "email" },
        tags: {
          type: "array",
          minItems: 3,
          uniqueItems: true,
          items: { type: "object", properties: { default: { type: "string", default: "x", format: "card" } } },
        },
        kind: { oneOf: [{ const: "cat" }, { $ref: "#/$defs/dog" }] },
      },
      required: ["name"],
      $defs: { dog: { type: "object", properties: {} } },
    };
    const sent = await body("Hi", { output: { schema, validate: false } });
    expect(sent["output_config"]).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          description: "A pet",
          properties: {
            name: { type: "string", format: "email", description: "{minLength: 2}" },
            tags: {
              type: "array",
              description: "{minItems: 3, uniqueItems: true}",
              items: {
                type: "object",
                additionalProperties: false,
                properties: { default: { type: "string", description: '{default: "x", format: "card"}' } },
              },
            },
            kind: { anyOf: [{ type: "string", const: "cat" }, { $ref: "#/$defs/dog" }] },
          },
          required: ["name"],
          additionalProperties: false,
          $defs: { dog: { type: "object", properties: {}, additionalProperties: false } },
        },
      },
    });
  });

  test("JSON of any shape is asked for in words, schemas of families without their own by a tool", async () => {
    const any = await body("Hi", { output: "json" });
    expect(any).not.toHaveProperty("output_config");
    expect(JSON.stringify(any["system"])).toContain("JSON");
    const old = await body("Hi", {
      output: { type: "object", properties: { a: { type: "string" } } },
      model: "anthropic/claude-sonnet-4-20250514",
    });
    expect(old).toMatchObject({ tools: [{ name: "answer" }], tool_choice: { type: "tool", name: "answer" } });
  });

  test("exactly one credential, and one version in the path", async () => {
    const { request } = await call("Hi", {});
    expect(request.path).toBe("/v1/messages");
    expect(request.headers).toMatchObject({ "x-api-key": "sk-ant-test", "anthropic-version": "2026-10-21" });
    expect(request.headers).not.toHaveProperty("authorization");
    await client(`${server.url}/v1`).chat("Hi", {
      headers: { Authorization: "Bearer token", "anthropic-version": "2023-06-01", "X-Mine": "1" },
    });
    const own = server.requests.at(-1)!;
    expect(own.path).toBe("/v1/messages");
    expect(own.headers).toMatchObject({ authorization: "Bearer token", "anthropic-version": "2023-06-01", "x-mine": "1" });
    expect(own.headers).not.toHaveProperty("x-api-key");
  });
});
