import { createContext, type CallOptions, type Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { openaiCompatible, type PresetName } from "../src/index.ts";
import { PRESETS } from "../src/presets.ts";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

const server = await startLoopback((_request, response) => {
  const message = { role: "assistant", content: '{"ok":true}' };
  response.setHeader("content-type", "application/json").end(JSON.stringify({ model: "m", choices: [{ message, finish_reason: "stop" }] }));
});
afterAll(() => server.close());

/** How a host shows on the wire; what is absent is as with any host. */
interface Ways {
  url: string;
  /** Variables of the key, beside the one with the preset's name. */
  keys?: string[];
  keyless?: true;
  limit?: "max_completion_tokens";
  /** What asks for much reasoning, and for none. */
  high?: Json;
  none?: Json;
  schema?: false;
  object?: false;
  strict?: false;
  /** Fields that must not be there. */
  without?: string[];
  /** What an assistant's message with a call, and one without, holds for reasoning that is lost. */
  lost?: [call: Json, words: Json];
}

const ANY = { high: { reasoning_effort: "high" }, none: { reasoning_effort: "none" } };
const THINKING = { high: { thinking: { type: "enabled" }, reasoning_effort: "high" }, none: { thinking: { type: "disabled" } } };
const ENABLE = { high: { enable_thinking: true }, none: { enable_thinking: false } };
const TEMPLATE = {
  high: { chat_template_kwargs: { enable_thinking: true } },
  none: { chat_template_kwargs: { enable_thinking: false } },
};

const HOSTS: Record<PresetName, Ways> = {
  baseten: { url: "https://inference.baseten.co/v1" },
  cerebras: {
    url: "https://api.cerebras.ai/v1",
    limit: "max_completion_tokens",
    without: ["presence_penalty", "frequency_penalty", "parallel_tool_calls"],
  },
  chutes: { url: "https://llm.chutes.ai/v1", ...TEMPLATE },
  dashscope: { url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", ...ENABLE },
  deepinfra: { url: "https://api.deepinfra.com/v1/openai" },
  deepseek: {
    url: "https://api.deepseek.com",
    ...THINKING,
    schema: false,
    strict: false,
    lost: [{ reasoning_content: "" }, { reasoning_content: "" }],
  },
  fireworks: { url: "https://api.fireworks.ai/inference/v1" },
  huggingface: { url: "https://router.huggingface.co/v1", keys: ["HF_TOKEN"] },
  hyperbolic: { url: "https://api.hyperbolic.xyz/v1" },
  moonshot: {
    url: "https://api.moonshot.ai/v1",
    limit: "max_completion_tokens",
    none: { thinking: { type: "disabled" } },
    lost: [{ reasoning_content: "." }, {}],
  },
  nebius: { url: "https://api.tokenfactory.nebius.com/v1" },
  novita: { url: "https://api.novita.ai/openai/v1", ...ENABLE },
  perplexity: {
    url: "https://api.perplexity.ai",
    object: false,
    strict: false,
    without: ["tools", "tool_choice", "parallel_tool_calls", "stop", "seed", "logprobs", "top_logprobs"],
  },
  sambanova: { url: "https://api.sambanova.ai/v1" },
  siliconflow: { url: "https://api.siliconflow.com/v1", ...ENABLE },
  together: {
    url: "https://api.together.ai/v1",
    high: { reasoning: { enabled: true }, reasoning_effort: "high" },
    none: { reasoning: { enabled: false } },
  },
  venice: { url: "https://api.venice.ai/api/v1" },
  vercel: {
    url: "https://ai-gateway.vercel.sh/v1",
    keys: ["AI_GATEWAY_API_KEY"],
    high: { reasoning: { effort: "high" } },
    none: { reasoning: { effort: "none" } },
  },
  xai: { url: "https://api.x.ai/v1", limit: "max_completion_tokens" },
  zai: { url: "https://api.z.ai/api/paas/v4", keys: ["ZHIPU_API_KEY"], ...THINKING },
  jan: { url: "http://127.0.0.1:1337/v1", keyless: true },
  "llama-cpp": { url: "http://127.0.0.1:8080/v1", keyless: true, ...TEMPLATE },
  lmstudio: { url: "http://127.0.0.1:1234/v1", keyless: true, object: false },
  sglang: { url: "http://127.0.0.1:30000/v1", keyless: true, ...TEMPLATE },
  vllm: { url: "http://127.0.0.1:8000/v1", keyless: true },
};

const REASONING_FIELDS = ["reasoning_effort", "reasoning", "thinking", "enable_thinking", "chat_template_kwargs"];
const SCHEMA = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };

const EVERYTHING: CallOptions = {
  tools: [{ type: "function", function: { name: "f", parameters: SCHEMA, strict: true } }],
  toolChoice: "auto",
  parallelToolCalls: false,
  output: { schema: SCHEMA },
  maxOutputTokens: 9,
  stopSequences: ["END"],
  seed: 7,
  logprobs: 2,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  reasoning: "high",
  onUnsupported: "ignore",
};
const FIELDS = ["tools", "parallel_tool_calls", "stop", "seed", "logprobs", "top_logprobs", "presence_penalty", "frequency_penalty"];

const picked = (body: Json, fields: readonly string[]) =>
  Object.fromEntries(fields.flatMap((name) => (name in body ? [[name, body[name]]] : [])));

describe.each(Object.entries(HOSTS) as [PresetName, Ways][])("%s", (preset, ways) => {
  async function sent(options: CallOptions, messages: string | Message[] = "Hi"): Promise<Json> {
    await client(server.url, {}, { preset }).chat(messages as Message[], options);
    return server.requests.at(-1)!.body as Json;
  }

  test("is where it says, under its own name", async () => {
    const context = createContext({ providers: [openaiCompatible({ preset })], env: {}, profiles: { default: `${preset}/some/model` } });
    expect(context.llm().label).toBe(`${preset}/some/model`);
    const { request } = await context.llm().explain("Hi");
    expect([request.url, (request.body as Json)["model"]]).toEqual([`${ways.url}/chat/completions`, "some/model"]);
  });

  test("reads its own key and nobody else's", async () => {
    const profiles = { default: { provider: preset, model: "m", retry: false as const } };
    const provider = openaiCompatible({ preset, baseURL: server.url });
    const call = (env: Record<string, string>) =>
      createContext({ providers: [provider], env: { PLURIVOX_NO_NETWORK: "1", ...env }, profiles })
        .llm()
        .chat("Hi");
    for (const name of [`${preset.replaceAll("-", "_").toUpperCase()}_API_KEY`, ...(ways.keys ?? [])]) {
      await call({ [name]: `key-in-${name}`, OPENAI_API_KEY: "sk-other" });
      expect(server.requests.at(-1)!.headers["authorization"]).toBe(`Bearer key-in-${name}`);
    }
    const keyless = call({ OPENAI_API_KEY: "sk-other" });
    if (!ways.keyless) return expect(keyless).rejects.toMatchObject({ kind: "configuration", hint: expect.stringContaining("_API_KEY") });
    await keyless;
    return expect(server.requests.at(-1)!.headers).not.toHaveProperty("authorization");
  });

  test("is asked in its own way", async () => {
    const body = await sent(EVERYTHING);
    const { limit = "max_tokens", high = ANY.high, without = [] } = ways;
    expect(picked(body, ["max_tokens", "max_completion_tokens"])).toEqual({ [limit]: 9 });
    expect(picked(body, REASONING_FIELDS)).toEqual(high);
    expect(Object.keys(picked(body, FIELDS))).toEqual(FIELDS.filter((name) => !without.includes(name)));
    expect(JSON.stringify([body["tools"], body["response_format"]]).includes('"strict"')).toBe(ways.strict !== false);
    if (ways.schema === false) expect(JSON.stringify(body["tools"])).toContain('"name":"answer"');
    else expect(body["response_format"]).toMatchObject({ type: "json_schema", json_schema: { schema: SCHEMA } });

    const plain = await sent({ reasoning: "none", output: "json" });
    expect(picked(plain, REASONING_FIELDS)).toEqual(ways.none ?? ANY.none);
    expect(plain["response_format"]).toEqual(ways.object === false ? undefined : { type: "json_object" });
  });

  test("gets its reasoning back, and what it wants where that is lost", async () => {
    const own = { reasoning_content: "Hm" };
    const call = { type: "tool-call" as const, toolCallId: "call_1", toolName: "f", input: {} };
    const thought = { type: "reasoning" as const, text: "Hm", providerMetadata: { [preset]: { field: "reasoning_content" } } };
    const result: Message = { role: "tool", content: [{ type: "tool-result", toolCallId: "call_1", toolName: "f", output: "1" }] };
    const body = await sent({}, [
      { role: "user", content: "Hi" },
      { role: "assistant", provider: preset, content: [thought, call] },
      result,
      { role: "assistant", provider: "someone-else", content: [{ type: "reasoning", text: "Theirs" }, call] },
      result,
      { role: "assistant", content: "Words" },
      { role: "user", content: "Go on" },
    ]);
    const said = (body["messages"] as Json[]).filter(({ role }) => role === "assistant");
    const [lostWithCall, lostWithWords] = ways.lost ?? [{}, {}];
    expect(said.map((message) => picked(message, ["reasoning_content", "reasoning"]))).toEqual([own, lostWithCall, lostWithWords]);
  });
});

describe("presets", () => {
  test("each is tested above", () => {
    expect(Object.keys(HOSTS).toSorted()).toEqual(Object.keys(PRESETS).toSorted());
  });

  test("can be renamed, moved and changed, field by field", async () => {
    const mine = openaiCompatible({ preset: "deepseek", id: "deepseek-eu", baseURL: server.url, compat: { jsonSchema: true } });
    const env = { DEEPSEEK_EU_API_KEY: "key-of-mine", DEEPSEEK_API_KEY: "key-of-theirs", PLURIVOX_NO_NETWORK: "1" };
    const { llm } = createContext({ providers: [mine], env, profiles: { default: "deepseek-eu/m" } });
    await llm().chat("Hi", { output: { schema: SCHEMA }, reasoning: "none" });
    expect(server.requests.at(-1)).toMatchObject({
      headers: { authorization: "Bearer key-of-mine" },
      body: { thinking: { type: "disabled" }, response_format: { type: "json_schema", json_schema: { schema: SCHEMA } } },
    });
    expect(JSON.stringify(server.requests.at(-1)!.body)).not.toContain("strict");
  });

  test("what a host lacks is refused where it would change the meaning, and said where it would not", async () => {
    const llm = client(server.url, {}, { preset: "perplexity" });
    const tools = EVERYTHING.tools!;
    await expect(llm.chat("Hi", { tools })).rejects.toMatchObject({ kind: "unsupported", message: expect.stringContaining("tools") });
    const { warnings } = await llm.chat("Hi", { seed: 7, stopSequences: ["END"] });
    expect(warnings.map(({ feature }) => feature)).toEqual(["stopSequences", "seed"]);
    expect(llm.capabilities).toMatchObject({ tools: false, jsonMode: false });
    expect(llm.capabilities["structuredOutput"]).toBeUndefined();
  });
});

describe("what hosts found", () => {
  const hit = (url: string, title: string) => ({ url, title, snippet: `About ${title}`, date: "2026-01-01" });
  const chunk = (content: string, more: Json = {}) => ({ choices: [{ delta: { content } }], ...more });

  test.each<[host: PresetName, chunks: Json[], sources: Json[]]>([
    [
      "perplexity",
      [
        chunk("A", {
          citations: ["https://a", "https://b"],
          search_results: [hit("https://a", "A"), hit("https://b", "B"), { url: "", title: "a.docx" }],
        }),
        chunk("B", { citations: ["https://a", "https://b", "https://c"], search_results: [hit("https://a", "A")] }),
      ],
      [
        { type: "source", url: "https://a", title: "A", text: "About A" },
        { type: "source", url: "https://b", title: "B", text: "About B" },
        { type: "source", documentId: "a.docx", title: "a.docx" },
        { type: "source", url: "https://c" },
      ],
    ],
    ["xai", [chunk("A"), chunk("", { citations: ["https://a", null, "https://a"] })], [{ type: "source", url: "https://a" }]],
    [
      "venice",
      [chunk("A", { venice_parameters: { web_search_citations: [{ url: "https://a", title: "A", content: "Text" }] } })],
      [{ type: "source", url: "https://a", title: "A", text: "Text" }],
    ],
  ])("%s", async (preset, chunks, sources) => {
    const body = [...chunks, { choices: [{ delta: {}, finish_reason: "stop" }] }].map((one) => `data: ${JSON.stringify(one)}\n\n`).join("");
    await using host = await startLoopback((_request, response) => void response.setHeader("content-type", "text/event-stream").end(body));
    const result = await client(host.url, {}, { preset }).stream("Hi").result;
    expect(result.sources).toEqual(sources);
  });

  test("DeepSeek counts what it found in its cache", async () => {
    const usage = { prompt_tokens: 20, completion_tokens: 3, total_tokens: 23, prompt_cache_hit_tokens: 12, prompt_cache_miss_tokens: 8 };
    const body = JSON.stringify({ choices: [{ message: { content: "A" }, finish_reason: "stop" }], usage });
    await using host = await startLoopback((_request, response) => void response.setHeader("content-type", "application/json").end(body));
    const result = await client(host.url, {}, { preset: "deepseek" }).chat("Hi");
    expect(result.usage).toEqual({ inputTokens: 20, outputTokens: 3, totalTokens: 23, cacheReadTokens: 12 });
  });
});
