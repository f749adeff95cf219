import { createContext, isLlmError, type CallOptions, type Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { nvidiaNim } from "../src/index.ts";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let message: Json = { role: "assistant", content: "{}" };
const server = await startLoopback((_request, response) => {
  response
    .setHeader("content-type", "application/json")
    .end(JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, message, finish_reason: "stop" }] }));
});
afterAll(() => server.close());
afterEach(() => void vi.unstubAllEnvs());

async function bodyOf(model: string, options: CallOptions = {}, messages: string | Message[] = "Hi"): Promise<Json> {
  await client(server.url, { model }).chat(messages, options);
  return server.requests.at(-1)!.body as Json;
}

describe("reasoning, as the family is told", () => {
  const on = { enable_thinking: true };
  const off = { enable_thinking: false };
  test.each<[model: string, reasoning: CallOptions["reasoning"], sent: Json]>([
    ["nvidia/nemotron-3-super-120b-a12b", undefined, {}],
    ["nvidia/nemotron-3-super-120b-a12b", "high", { chat_template_kwargs: on }],
    ["nvidia/nemotron-3-super-120b-a12b", "low", { chat_template_kwargs: { ...on, low_effort: true } }],
    ["nvidia/nemotron-3-super-120b-a12b", "none", { chat_template_kwargs: off }],
    ["nvidia/nemotron-3.5-lightning-30b-a3b", { budgetTokens: 99 }, { chat_template_kwargs: on, reasoning_budget: 99 }],
    ["deepseek-ai/deepseek-v3.2", "high", { chat_template_kwargs: { thinking: true } }],
    ["deepseek-ai/deepseek-v3.2", "none", { chat_template_kwargs: { thinking: false } }],
    ["deepseek-ai/deepseek-v4.1-flash", "max", { chat_template_kwargs: { thinking: true, reasoning_effort: "max" } }],
    ["moonshotai/kimi-k2.6", "low", { chat_template_kwargs: { thinking: true } }],
    ["z-ai/glm5", "high", { chat_template_kwargs: { enable_thinking: true, clear_thinking: false } }],
    ["qwen/qwen3.5-397b-a17b", "none", { chat_template_kwargs: off }],
    ["openai/gpt-oss-120b", "high", { reasoning_effort: "high" }],
    ["openai/gpt-oss-120b", "none", { reasoning_effort: "low" }],
    ["of/tomorrow", "high", { reasoning_effort: "high" }],
    ["of/tomorrow", { effort: "high", budgetTokens: 99 }, { reasoning_effort: "high", reasoning_budget: 99 }],
    ["meta/llama-3.1-8b-instruct", "high", {}],
  ])("%s with %j", async (model, reasoning, sent) => {
    const { model: _, messages, ...rest } = await bodyOf(model, { reasoning });
    expect(rest).toEqual(sent);
    expect(messages).toEqual([{ role: "user", content: "Hi" }]);
  });

  test.each<[model: string, reasoning: CallOptions["reasoning"], words: string]>([
    ["nvidia/llama-3.3-nemotron-super-49b-v1", "high", "detailed thinking on"],
    ["nvidia/llama-3.1-nemotron-ultra-253b-v1", "none", "detailed thinking off"],
    ["nvidia/llama-3.3-nemotron-super-49b-v1.5", "medium", "/think"],
    ["nvidia/nvidia-nemotron-nano-9b-v2", "none", "/no_think"],
  ])("%s with %j is told %s", async (model, reasoning, words) => {
    const turn = { role: "user" as const, content: "Hi" };
    const told = async (...lead: Message[]) => (await bodyOf(model, { reasoning }, [...lead, turn]))["messages"];
    expect(await told()).toEqual([{ role: "system", content: words }, turn]);
    expect(await told({ role: "system", content: "Be brief." })).toEqual([{ role: "system", content: `${words}\nBe brief.` }, turn]);
    const parts = ["Be brief.", "Be kind."].map((text) => ({ type: "text" as const, text }));
    expect(await told({ role: "system", content: parts })).toEqual([
      { role: "system", content: [{ type: "text", text: words }, ...parts] },
      turn,
    ]);
    expect((await bodyOf(model))["messages"]).toEqual([turn]);
  });

  test("a budget beside the words, and none for a family that has none", async () => {
    expect(await bodyOf("nvidia/nvidia-nemotron-nano-9b-v2", { reasoning: { budgetTokens: 99 } })).toMatchObject({
      max_thinking_tokens: 99,
      messages: [{ role: "system", content: "/think" }, {}],
    });
    const { warnings } = await client(server.url).chat("Hi", { model: "nvidia-nim/openai/gpt-oss-20b", reasoning: { budgetTokens: 99 } });
    expect(warnings).toMatchObject([{ feature: "reasoningBudget" }]);
    expect(server.requests.at(-1)!.body).not.toHaveProperty("reasoning_budget");
  });

  test("the caller's own words for the template come last", async () => {
    const options = {
      reasoning: "high",
      providerOptions: { "nvidia-nim": { chatTemplateKwargs: { enable_thinking: false, x: 1 } } },
    } as const;
    expect((await bodyOf("qwen/qwen3.5-397b-a17b", options))["chat_template_kwargs"]).toEqual({ enable_thinking: false, x: 1 });
    expect((await bodyOf("of/tomorrow", { ...options, reasoning: undefined }))["chat_template_kwargs"]).toEqual({
      enable_thinking: false,
      x: 1,
    });
  });

  test("it goes back in the field that it came in", async () => {
    message = { role: "assistant", content: "4", reasoning_content: "2 and 2" };
    const { messages, reasoning } = await client(server.url).chat("2+2?");
    expect(reasoning).toBe("2 and 2");
    message = { role: "assistant", content: "Yes" };
    const stored = JSON.parse(JSON.stringify(messages)) as Message[];
    const body = await bodyOf("z-ai/glm5", {}, [{ role: "user", content: "2+2?" }, ...stored, { role: "user", content: "Sure?" }]);
    expect((body["messages"] as Json[])[1]).toEqual({ role: "assistant", content: "4", reasoning_content: "2 and 2" });
  });
});

test("output by schema, images, and the vendor's options", async () => {
  message = { role: "assistant", content: "{}" };
  const body = await bodyOf(
    "nvidia/nemotron-3.5-super-vl-120b-a12b",
    {
      output: { type: "object", properties: {} },
      topK: 5,
      maxOutputTokens: 9,
      providerOptions: { "nvidia-nim": { minTokens: 2, repetitionPenalty: 1.1 } },
      extraBody: { nvext: { guided_choice: ["a"] } },
    },
    [{ role: "user", content: [{ type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) }] }],
  );
  expect(body).toMatchObject({
    response_format: { type: "json_schema" },
    top_k: 5,
    max_tokens: 9,
    min_tokens: 2,
    repetition_penalty: 1.1,
    nvext: { guided_choice: ["a"] },
    messages: [{ content: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw==" } }] }],
  });
});

describe("streams", () => {
  const asked = async (streamUsage?: boolean) => {
    await client(server.url, {}, streamUsage === undefined ? {} : { streamUsage })
      .stream("Hi")
      .result.catch(() => undefined);
    return server.requests.at(-1)!.body;
  };

  test("are not asked for their usage, unless that is wanted", async () => {
    expect(await asked()).toMatchObject({ stream: true });
    expect(await asked()).not.toHaveProperty("stream_options");
    expect(await asked(true)).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  test("a server that never answers who asks for usage answers us", async () => {
    await using silent = await startLoopback((request, response) => {
      if ((request.body as Json)["stream_options"] !== undefined) return;
      response.setHeader("content-type", "text/event-stream");
      response.end('data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    expect((await client(silent.url).stream("Hi").result).text).toBe("Hi");
  });
});

describe("the key", () => {
  const llm = (env: Record<string, string>, profile: Json = {}) =>
    createContext({
      providers: [nvidiaNim()],
      profiles: { default: { provider: "nvidia-nim", retry: false, ...profile } },
      env: { PLURIVOX_NO_NETWORK: "1", ...env },
    }).llm();
  const sentAs = async (env: Record<string, string>, profile: Json = {}) => {
    await llm(env, { baseURL: server.url, ...profile }).chat("Hi");
    return server.requests.at(-1)!.headers["authorization"];
  };

  test("is either variable's, and none for a NIM of one's own", async () => {
    expect(await sentAs({ NVIDIA_NIM_API_KEY: "a", NVIDIA_API_KEY: "b" })).toBe("Bearer a");
    expect(await sentAs({ NVIDIA_API_KEY: "b" })).toBe("Bearer b");
    expect(await sentAs({})).toBeUndefined();
  });

  test("is missed before anything is sent to NVIDIA", async () => {
    const failure: unknown = await llm({})
      .chat("Hi")
      .catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    expect(failure).toMatchObject({ kind: "configuration", retryable: false });
    expect(failure.hint).toContain("NVIDIA_NIM_API_KEY or NVIDIA_API_KEY");
  });

  test("of OpenAI's never goes to NVIDIA", async () => {
    for (const name of ["OPENAI_API_KEY", "OPENAI_CUSTOM_HEADERS", "OPENAI_ORG_ID"]) vi.stubEnv(name, "x-ambient: ambient");
    expect(await sentAs({ OPENAI_API_KEY: "ambient" })).toBeUndefined();
    expect(JSON.stringify(server.requests.at(-1)!.headers)).not.toContain("ambient");
  });
});

test("the default model, and the wire of NIM 2", async () => {
  await client(server.url).chat("Hi");
  expect(server.requests.at(-1)!.body).toMatchObject({ model: "nvidia/nemotron-3-super-120b-a12b" });
  await client(server.url, {}, { api: "responses" })
    .chat("Hi")
    .catch(() => undefined);
  expect(server.requests.at(-1)!.path).toBe("/responses");
});
