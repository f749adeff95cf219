import type { LLM } from "@plurivox/core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  anthropicMessages,
  cohereChat,
  googleGenerateContent,
  groqChat,
  mistralChat,
  ollamaChat,
  openaiChat,
  openaiResponses,
  openrouterChat,
  startLoopback,
  type Loopback,
  type ReceivedCall,
  type ReceivedRequest,
  type Wire,
} from "../../conformance/src/index.ts";
import { createContext, isLlmError, providers, type LlmError } from "../src/index.ts";

/** What a call of each provider looks like when it arrives. */
interface Row {
  /** Of its variables, such as OPENAI_API_KEY. */
  prefix: string;
  wire: Wire;
  /** Below the address that `<PREFIX>_BASE_URL` names. */
  base?: string;
  path: string;
  keyHeader: string;
}

const BEARER = "authorization";

const ROWS: Readonly<Record<string, Row>> = {
  openai: { prefix: "OPENAI", wire: openaiResponses, base: "/v1", path: "/v1/responses", keyHeader: BEARER },
  "openai-compatible": {
    prefix: "OPENAI_COMPATIBLE",
    wire: openaiChat,
    base: "/any/v1",
    path: "/any/v1/chat/completions",
    keyHeader: BEARER,
  },
  azure: { prefix: "AZURE", wire: openaiResponses, path: "/openai/v1/responses", keyHeader: "api-key" },
  anthropic: { prefix: "ANTHROPIC", wire: anthropicMessages, path: "/v1/messages", keyHeader: "x-api-key" },
  google: {
    prefix: "GOOGLE",
    wire: googleGenerateContent,
    path: "/v1beta/models/model-of-google:generateContent",
    keyHeader: "x-goog-api-key",
  },
  mistral: { prefix: "MISTRAL", wire: mistralChat, path: "/v1/chat/completions", keyHeader: BEARER },
  cohere: { prefix: "COHERE", wire: cohereChat, path: "/v2/chat", keyHeader: BEARER },
  groq: { prefix: "GROQ", wire: groqChat, path: "/openai/v1/chat/completions", keyHeader: BEARER },
  ollama: { prefix: "OLLAMA", wire: ollamaChat, path: "/api/chat", keyHeader: BEARER },
  openrouter: { prefix: "OPENROUTER", wire: openrouterChat, base: "/api/v1", path: "/api/v1/chat/completions", keyHeader: BEARER },
  lmstudio: { prefix: "LMSTUDIO", wire: openaiChat, base: "/v1", path: "/v1/chat/completions", keyHeader: BEARER },
  "nvidia-nim": { prefix: "NVIDIA_NIM", wire: openaiChat, base: "/v1", path: "/v1/chat/completions", keyHeader: BEARER },
};

type Env = Record<string, string | undefined>;

let server: Loopback;
/** The wire that the server speaks now. */
let wire: Wire = openaiChat;
let received: ReceivedRequest[] = [];

beforeAll(async () => {
  server = await startLoopback((request, response) => {
    response.setHeader("content-type", "application/json");
    if (!wire.path.test(request.path)) return void response.writeHead(404).end(wire.error(404, `There is no ${request.path}.`));
    received.push(request);
    response.end(wire.whole({ text: `by ${wire.name}` }));
  });
});
beforeEach(() => {
  received = [];
});
afterAll(() => server.close());

/** Calls, and says what arrived. */
async function arrives(llm: LLM, speaking: Wire): Promise<{ request: ReceivedRequest; call: ReceivedCall; key: string }> {
  wire = speaking;
  const before = received.length;
  expect(await llm.complete("hi", { retry: false })).toBe(`by ${speaking.name}`);
  expect(received.length).toBe(before + 1);
  const request = received.at(-1)!;
  const key = ["api-key", "x-api-key", "x-goog-api-key", BEARER].map((name) => request.headers[name]).find((value) => value !== undefined);
  return { request, call: speaking.read(request), key: key?.replace("Bearer ", "") ?? "" };
}

const contextOf = (env: Env, options: Parameters<typeof createContext>[0] = {}) =>
  createContext({ ...options, env: Object.assign(env, { PLURIVOX_NO_NETWORK: "1" }) });

async function failureOf(act: () => unknown): Promise<LlmError> {
  const error = await Promise.resolve()
    .then(act)
    .catch((thrown: unknown) => thrown);
  if (!isLlmError(error)) throw new Error(`It should have failed with an LlmError: ${String(error)}`);
  return error;
}

test("there is a row for every provider", () => {
  expect(Object.keys(ROWS)).toEqual(providers().map(({ id }) => id));
});

test("LLM_PROVIDER and the variables of its family switch everything, for one client, at each call", async () => {
  const env: Env = {};
  for (const [id, { prefix, base = "" }] of Object.entries(ROWS)) {
    env[`${prefix}_API_KEY`] = `key-of-${id}`;
    env[`${prefix}_MODEL`] = `model-of-${id}`;
    env[`${prefix}_BASE_URL`] = `${server.url}${base}`;
  }
  env["LLM_PROVIDER"] = "openai";
  const llm = contextOf(env).llm();
  for (const [id, { wire: speaking, path, keyHeader }] of Object.entries(ROWS)) {
    env["LLM_PROVIDER"] = id;
    expect(llm.label).toBe(`${id}/model-of-${id}`);
    const { request, call } = await arrives(llm, speaking);
    expect([id, request.path]).toEqual([id, path]);
    expect([id, request.headers[keyHeader]]).toEqual([id, `${keyHeader === BEARER ? "Bearer " : ""}key-of-${id}`]);
    expect([id, call.model]).toEqual([id, `model-of-${id}`]);
    // Nobody else's key is on the way.
    const keys = JSON.stringify(request.headers).match(/key-of-[\w-]+/g);
    expect(keys).toEqual([`key-of-${id}`]);
  }
});

describe("the vendors' own names", () => {
  const own: readonly [id: string, env: (url: string) => Env, key: string, path?: string, model?: string][] = [
    ["google", (url) => ({ GEMINI_API_KEY: "theirs", GOOGLE_BASE_URL: url }), "theirs"],
    [
      "google",
      (url) => ({ GEMINI_API_KEY: "theirs", GOOGLE_GEMINI_BASE_URL: url, GEMINI_MODEL: "gemini-x" }),
      "theirs",
      "/v1beta/models/gemini-x:generateContent",
      "gemini-x",
    ],
    ["cohere", (url) => ({ CO_API_KEY: "theirs", COHERE_BASE_URL: url }), "theirs"],
    ["nvidia-nim", (url) => ({ NVIDIA_API_KEY: "theirs", NVIDIA_NIM_BASE_URL: `${url}/v1` }), "theirs"],
    [
      "azure",
      (url) => ({ AZURE_OPENAI_API_KEY: "theirs", AZURE_OPENAI_ENDPOINT: url, AZURE_MODEL: "m" }),
      "theirs",
      "/openai/v1/responses",
    ],
    [
      "azure",
      (url) => ({ AZURE_OPENAI_API_KEY: "theirs", AZURE_OPENAI_ENDPOINT: url, AZURE_MODEL: "m", OPENAI_API_VERSION: "2025-04-01-preview" }),
      "theirs",
      "/openai/responses?api-version=2025-04-01-preview",
    ],
    ["ollama", (url) => ({ OLLAMA_HOST: url.replace("http://", ""), OLLAMA_MODEL: "m" }), ""],
    ["lmstudio", (url) => ({ LM_API_TOKEN: "theirs", LMSTUDIO_BASE_URL: `${url}/v1`, LMSTUDIO_MODEL: "m" }), "theirs"],
    [
      "openai-compatible",
      (url) => ({ OPENAI_API_KEY: "theirs", OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: "openais" }),
      "theirs",
      "/v1/chat/completions",
      "openais",
    ],
  ];

  test.each(own)("%s, %o", async (id, env, key, path, model) => {
    const arrived = await arrives(contextOf({ LLM_PROVIDER: id, ...env(server.url) }).llm(), ROWS[id]!.wire);
    expect(arrived.key).toBe(key);
    if (path !== undefined) expect(arrived.request.path).toBe(path);
    if (model !== undefined) expect(arrived.call.model).toBe(model);
  });

  test.each(own.filter(([, , key]) => key !== ""))("%s: the house's own name of the key comes first", async (id, env) => {
    const set = { LLM_PROVIDER: id, ...env(server.url), [`${ROWS[id]!.prefix}_API_KEY`]: "ours" };
    expect((await arrives(contextOf(set).llm(), ROWS[id]!.wire)).key).toBe("ours");
  });
});

test("openai-compatible falls back to OPENAI_* one by one, and OpenAI never to its", async () => {
  const env: Env = {
    LLM_PROVIDER: "openai-compatible",
    OPENAI_API_KEY: "openais",
    OPENAI_MODEL: "openais-model",
    OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
    OPENAI_COMPATIBLE_BASE_URL: `${server.url}/v1`,
  };
  const llm = contextOf(env).llm();
  const first = await arrives(llm, openaiChat);
  expect([first.key, first.call.model]).toEqual(["openais", "openais-model"]);
  env["OPENAI_COMPATIBLE_MODEL"] = "its-model";
  env["OPENAI_COMPATIBLE_API_KEY"] = "its";
  const second = await arrives(llm, openaiChat);
  expect([second.key, second.call.model]).toEqual(["its", "its-model"]);
  delete env["OPENAI_API_KEY"];
  env["LLM_PROVIDER"] = "openai";
  expect((await failureOf(() => llm.chat("hi"))).message).toContain("Set OPENAI_API_KEY");
});

describe("PLURIVOX__PROFILES__…", () => {
  test("makes profiles, field by field and level by level", async () => {
    const fast = "PLURIVOX__PROFILES__FAST__";
    const env: Env = {
      [`${fast}MODEL`]: "anthropic/claude-sonnet-4-6",
      [`${fast}API_KEY`]: "nested",
      [`${fast}BASE_URL`]: server.url,
      [`${fast}TEMPERATURE`]: "0.5",
      [`${fast}MAX_OUTPUT_TOKENS`]: "77",
      [`${fast}SYSTEM`]: "12",
      [`${fast}STOP_SEQUENCES`]: '["END"]',
      [`${fast}PROVIDER_OPTIONS__ANTHROPIC__INFERENCE_GEO`]: "eu",
    };
    const context = contextOf(env);
    const { call, key, request } = await arrives(context.llm("fast"), anthropicMessages);
    expect([key, call.model, call.system]).toEqual(["nested", "claude-sonnet-4-6", "12"]);
    expect(call.settings).toMatchObject({ temperature: 0.5, maxOutputTokens: 77, stopSequences: ["END"] });
    expect(request.body).toMatchObject({ inference_geo: "eu" });
    expect(context.profiles()).toMatchObject({ fast: { temperature: 0.5, apiKey: expect.not.stringContaining("nested") as string } });
  });

  test("is read at each call, also of profiles from code", async () => {
    const env: Env = { GROQ_API_KEY: "k", PLURIVOX__PROFILES__MY_FAST__BASE_URL: server.url };
    const llm = contextOf(env, { profiles: { "my-fast": "groq/some-model" } }).llm("my-fast");
    expect((await arrives(llm, groqChat)).call.settings.temperature).toBeUndefined();
    env["PLURIVOX__PROFILES__MY_FAST__TEMPERATURE"] = "0.25";
    env["GROQ_API_KEY"] = "rotated";
    const { call, key } = await arrives(llm, groqChat);
    expect([call.settings.temperature, key]).toEqual([0.25, "rotated"]);
  });

  test("a timeout from there is a timeout", async () => {
    const silent = await startLoopback(() => {});
    try {
      const env: Env = {
        LLM_PROVIDER: "cohere",
        CO_API_KEY: "k",
        COHERE_BASE_URL: silent.url,
        PLURIVOX__PROFILES__DEFAULT__TIMEOUTS__HEADERS_MS: "20",
        PLURIVOX__PROFILES__DEFAULT__RETRY: "false",
      };
      expect((await failureOf(() => contextOf(env).llm().chat("hi"))).kind).toBe("timeout");
    } finally {
      await silent.close();
    }
  });
});

test("call over code over PLURIVOX__… over the family", async () => {
  const nested = "PLURIVOX__PROFILES__DEFAULT__";
  const family: Env = { LLM_PROVIDER: "mistral", MISTRAL_API_KEY: "family", MISTRAL_MODEL: "family", MISTRAL_BASE_URL: server.url };
  const first = await arrives(contextOf({ ...family }).llm(), mistralChat);
  expect([first.call.model, first.key]).toEqual(["family", "family"]);

  const named: Env = {
    ...family,
    [`${nested}MODEL`]: "mistral/nested",
    [`${nested}API_KEY`]: "nested",
    [`${nested}TEMPERATURE`]: "0.1",
    [`${nested}SEED`]: "1",
    [`${nested}TOP_P`]: "0.1",
  };
  const second = await arrives(contextOf({ ...named }).llm(), mistralChat);
  expect([second.call.model, second.key, second.call.settings.temperature]).toEqual(["nested", "nested", 0.1]);

  const code = { default: { model: "mistral/code", apiKey: "code", temperature: 0.2, seed: 2 } };
  const llm = contextOf({ ...named }, { profiles: code }).llm();
  const third = await arrives(llm, mistralChat);
  expect([third.call.model, third.key]).toEqual(["code", "code"]);
  expect(third.call.settings).toMatchObject({ temperature: 0.2, seed: 2, topP: 0.1 });

  wire = mistralChat;
  await llm.chat("hi", { model: "mistral/call", temperature: 0.3 });
  const fourth = mistralChat.read(received.at(-1)!);
  expect(fourth.model).toBe("call");
  expect(fourth.settings).toMatchObject({ temperature: 0.3, seed: 2, topP: 0.1 });
});

test("a stronger layer that goes elsewhere takes no key and no address along", async () => {
  const env: Env = {
    LLM_PROVIDER: "openai",
    OPENAI_API_KEY: "openais",
    OPENAI_BASE_URL: "http://127.0.0.1:1",
    ANTHROPIC_BASE_URL: server.url,
  };
  const llm = contextOf(env).llm();
  const elsewhere = await failureOf(() => llm.chat("hi", { model: "anthropic/claude-x" }));
  expect(elsewhere.message).toContain("Set ANTHROPIC_API_KEY");
  env["ANTHROPIC_API_KEY"] = "anthropics";
  const { key } = await arrives(llm.with({ model: "anthropic/claude-x" }), anthropicMessages);
  expect(key).toBe("anthropics");
});

describe("bare model names", () => {
  test.each([
    ["gpt-6-luna", "openai"],
    ["o3-mini", "openai"],
    ["claude-haiku-5-5", "anthropic"],
    ["gemini-3.8-flash", "google"],
    ["mistral-medium-3-5", "mistral"],
    ["codestral-latest", "mistral"],
    ["command-a-plus-05-2026", "cohere"],
    ["llama-3.3-70b-versatile", "groq"],
    ["qwen3:8b", "ollama"],
    ["gpt-oss:20b", "ollama"],
  ])("%s is %s's", (model, id) => {
    expect(contextOf({}, { profiles: { default: model } }).llm().label).toBe(`${id}/${model}`);
  });

  test("one that several have names them, and one that nobody has says so", async () => {
    const ambiguous = await failureOf(() => contextOf({}, { profiles: { default: "deepseek-r1-distill-llama-70b" } }).llm());
    expect([ambiguous.kind, ambiguous.message]).toEqual([
      "configuration",
      expect.stringMatching(/several providers have it: groq, ollama/),
    ]);
    const unknown = await failureOf(() => contextOf({}, { profiles: { default: "made-up" } }).llm());
    expect([unknown.kind, unknown.message]).toEqual(["configuration", expect.stringMatching(/no provider's table has it.*provider/s)]);
  });

  test("a name with slashes is whole where the provider is given", async () => {
    const { llm } = contextOf({ OPENROUTER_API_KEY: "k", OPENROUTER_BASE_URL: `${server.url}/api/v1` });
    const model = "deepseek/deepseek-v4-flash";
    expect((await arrives(llm({ provider: "openrouter", model }), openrouterChat)).call.model).toBe(model);
    expect((await arrives(llm({ model: `openrouter/${model}` }), openrouterChat)).call.model).toBe(model);
  });
});

test("with nothing at all, the error says which variables would do", async () => {
  const { kind, message } = await failureOf(() => contextOf({}).llm());
  expect(kind).toBe("configuration");
  expect(message).toContain("LLM_PROVIDER");
  for (const id of Object.keys(ROWS)) expect(message).toContain(id);
  const { message: next } = await failureOf(() => contextOf({ LLM_PROVIDER: "made-up" }).llm());
  expect(next).toMatch(/There is no provider "made-up"\. Known providers: openai, /);
  for (const [id, { prefix }] of Object.entries(ROWS)) {
    const optional = ["openai-compatible", "ollama", "lmstudio", "nvidia-nim"].includes(id);
    const env: Env = { LLM_PROVIDER: id, [`${prefix}_BASE_URL`]: server.url, [`${prefix}_MODEL`]: "m" };
    if (!optional) expect((await failureOf(() => contextOf(env).llm().chat("hi"))).message).toContain(`Set ${prefix}_API_KEY`);
  }
  const { message: noModel } = await failureOf(() => contextOf({ LLM_PROVIDER: "ollama" }).llm());
  expect(noModel).toContain("Set OLLAMA_MODEL");
});
