import { afterAll, beforeEach, describe, expect, test } from "vitest";
import {
  cohereEmbed,
  googleBatchEmbed,
  mistralEmbeddings,
  ollamaEmbed,
  openaiEmbeddings,
  openrouterEmbeddings,
  startLoopback,
  type EmbedSpeech,
  type ReceivedEmbed,
  type ReceivedRequest,
} from "../../conformance/src/index.ts";
import { createContext, isLlmError, providers, type LLM, type LlmError } from "../src/index.ts";

/** What a call for embeddings looks like when it arrives at each provider. */
interface Row {
  prefix: string;
  speech: EmbedSpeech;
  base?: string;
  path: string;
  keyHeader?: string;
  /** Asked for where nobody names a model. */
  defaultModel?: string;
}

const ROWS: Readonly<Record<string, Row>> = {
  openai: { prefix: "OPENAI", speech: openaiEmbeddings, base: "/v1", path: "/v1/embeddings", defaultModel: "text-embedding-3-small" },
  "openai-compatible": { prefix: "OPENAI_COMPATIBLE", speech: openaiEmbeddings, base: "/any/v1", path: "/any/v1/embeddings" },
  azure: { prefix: "AZURE", speech: openaiEmbeddings, path: "/openai/v1/embeddings", keyHeader: "api-key" },
  google: {
    prefix: "GOOGLE",
    speech: googleBatchEmbed,
    path: "/v1beta/models/vectors-of-google:batchEmbedContents",
    keyHeader: "x-goog-api-key",
    defaultModel: "gemini-embedding-001",
  },
  mistral: { prefix: "MISTRAL", speech: mistralEmbeddings, path: "/v1/embeddings", defaultModel: "mistral-embed" },
  cohere: { prefix: "COHERE", speech: cohereEmbed, path: "/v2/embed", defaultModel: "embed-v4.0" },
  groq: { prefix: "GROQ", speech: openaiEmbeddings, path: "/openai/v1/embeddings", defaultModel: "nomic-embed-text-v1_5" },
  ollama: { prefix: "OLLAMA", speech: ollamaEmbed, path: "/api/embed" },
  openrouter: { prefix: "OPENROUTER", speech: openrouterEmbeddings, base: "/api/v1", path: "/api/v1/embeddings" },
  lmstudio: { prefix: "LMSTUDIO", speech: openaiEmbeddings, base: "/v1", path: "/v1/embeddings" },
  "nvidia-nim": { prefix: "NVIDIA_NIM", speech: openaiEmbeddings, base: "/v1", path: "/v1/embeddings" },
};
const IDS = Object.keys(ROWS);

type Env = Record<string, string | undefined>;

/** The wire that the server speaks now. */
let speech: EmbedSpeech = openaiEmbeddings;
let received: ReceivedRequest[] = [];
const server = await startLoopback((request, response) => {
  received.push(request);
  if (!speech.path.test(request.path)) return void response.writeHead(404).end();
  const { inputs } = speech.read(request);
  response.end(speech.answer({ vectors: inputs.map((_, index) => ({ index, values: [index, 1] })) }));
});
afterAll(() => server.close());
beforeEach(() => {
  received = [];
});

/** All variables of all families: a call may only use those of one. */
function everything(): Env {
  const env: Env = { PLURIVOX_NO_NETWORK: "1", ANTHROPIC_API_KEY: "key-of-anthropic", ANTHROPIC_BASE_URL: server.url };
  for (const [id, { prefix, base = "" }] of Object.entries(ROWS)) {
    env[`${prefix}_API_KEY`] = `key-of-${id}`;
    env[`${prefix}_MODEL`] = `model-of-${id}`;
    env[`${prefix}_EMBED_MODEL`] = `vectors-of-${id}`;
    env[`${prefix}_BASE_URL`] = `${server.url}${base}`;
  }
  return env;
}

async function arrives(llm: LLM, id: string): Promise<{ request: ReceivedRequest; call: ReceivedEmbed }> {
  speech = ROWS[id]!.speech;
  const { embeddings, provider } = await llm.embed(["a", "b"], { retry: false });
  expect([provider, embeddings]).toEqual([
    id,
    [
      [0, 1],
      [1, 1],
    ],
  ]);
  expect(received).toHaveLength(1);
  const request = received.pop()!;
  return { request, call: speech.read(request) };
}

function expectOnly(id: string, { request, call }: Awaited<ReturnType<typeof arrives>>): void {
  const { path, keyHeader = "authorization" } = ROWS[id]!;
  expect([id, request.path, call.model]).toEqual([id, path, `vectors-of-${id}`]);
  expect(request.headers[keyHeader]).toBe(`${keyHeader === "authorization" ? "Bearer " : ""}key-of-${id}`);
  expect(JSON.stringify(request.headers).match(/key-of-[\w-]+/g)).toEqual([`key-of-${id}`]);
}

async function failureOf(act: () => unknown): Promise<LlmError> {
  const error: unknown = await Promise.resolve()
    .then(act)
    .catch((thrown: unknown) => thrown);
  if (!isLlmError(error)) throw new Error(`It should have failed with an LlmError: ${String(error)}`);
  return error;
}

test("there is a row for every provider but the one without embeddings", () => {
  const ids = providers().map(({ id }) => id);
  expect(ids.filter((id) => !IDS.includes(id))).toEqual(["anthropic"]);
  expect(IDS.filter((id) => !ids.includes(id))).toEqual([]);
});

test("LLM_PROVIDER alone: its embeddings, with its own variables, for one client, at each call", async () => {
  const env = everything();
  env["LLM_PROVIDER"] = "openai";
  const llm = createContext({ env }).llm();
  for (const id of IDS) {
    env["LLM_PROVIDER"] = id;
    expectOnly(id, await arrives(llm, id));
  }
});

test.each([...IDS, "anthropic"])("EMBEDDING_PROVIDER switches the embeddings of a program that chats with %s", async (chats) => {
  const env = everything();
  env["LLM_PROVIDER"] = chats;
  const llm = createContext({ env }).llm();
  for (const id of IDS) {
    env["EMBEDDING_PROVIDER"] = id;
    expect(llm.provider).toBe(chats);
    expectOnly(id, await arrives(llm, id));
  }
});

test("EMBEDDING_PROVIDER without any LLM_PROVIDER", async () => {
  const env = everything();
  for (const id of IDS) {
    env["EMBEDDING_PROVIDER"] = id;
    expectOnly(id, await arrives(createContext({ env }).llm(), id));
  }
});

test("without <PROVIDER>_EMBED_MODEL: the provider's own, or an error that names the variable", async () => {
  for (const [id, { prefix, defaultModel }] of Object.entries(ROWS)) {
    const env = everything();
    env["EMBEDDING_PROVIDER"] = id;
    delete env[`${prefix}_EMBED_MODEL`];
    if (id === "openai-compatible") delete env["OPENAI_EMBED_MODEL"];
    const llm = createContext({ env }).llm();
    if (defaultModel !== undefined) expect((await arrives(llm, id)).call.model).toBe(defaultModel);
    else expect((await failureOf(() => llm.embed("a"))).message).toContain(`Set ${prefix}_EMBED_MODEL`);
  }
});

describe("the vendors' own names", () => {
  test("openai-compatible falls back to OPENAI_EMBED_MODEL, OpenAI never to its", async () => {
    const env: Env = { ...everything(), EMBEDDING_PROVIDER: "openai-compatible", OPENAI_COMPATIBLE_EMBED_MODEL: undefined };
    expect((await arrives(createContext({ env }).llm(), "openai-compatible")).call.model).toBe("vectors-of-openai");
    const other: Env = { ...everything(), EMBEDDING_PROVIDER: "openai", OPENAI_EMBED_MODEL: undefined };
    expect((await arrives(createContext({ env: other }).llm(), "openai")).call.model).toBe("text-embedding-3-small");
  });

  test("GEMINI_EMBED_MODEL", async () => {
    const env: Env = {
      GEMINI_API_KEY: "k",
      GOOGLE_BASE_URL: server.url,
      GEMINI_EMBED_MODEL: "gemini-embedding-2",
      EMBEDDING_PROVIDER: "google",
    };
    expect((await arrives(createContext({ env }).llm(), "google")).call.model).toBe("gemini-embedding-2");
  });

  test("Azure: a dated API, and its deployment", async () => {
    const env: Env = {
      EMBEDDING_PROVIDER: "azure",
      AZURE_OPENAI_API_KEY: "k",
      AZURE_OPENAI_ENDPOINT: server.url,
      AZURE_EMBED_MODEL: "my-vectors",
      OPENAI_API_VERSION: "2024-10-21",
    };
    const { request } = await arrives(createContext({ env }).llm(), "azure");
    expect(request.path).toBe("/openai/deployments/my-vectors/embeddings?api-version=2024-10-21");
  });

  test.each([
    ["/openai/deployments/vectors/embeddings?api-version=2024-10-21", "vectors"],
    ["/openai/deployments/chats/chat/completions?api-version=2024-10-21", "my-vectors"],
  ])("Azure: the target URI %s is of one deployment, and says for what", async (path, deployment) => {
    const env: Env = {
      EMBEDDING_PROVIDER: "azure",
      AZURE_API_KEY: "k",
      AZURE_BASE_URL: server.url + path,
      AZURE_EMBED_MODEL: "my-vectors",
    };
    const { request } = await arrives(createContext({ env }).llm(), "azure");
    expect(request.path).toBe(`/openai/deployments/${deployment}/embeddings?api-version=2024-10-21`);
  });
});

test("a vendor without embeddings says what to set; an unknown one lists those that are known", async () => {
  const env = everything();
  env["LLM_PROVIDER"] = "anthropic";
  const none = await failureOf(() => createContext({ env }).llm().embed("a"));
  expect([none.kind, none.provider]).toEqual(["unsupported", "anthropic"]);
  expect(none.message).toContain("EMBEDDING_PROVIDER");
  env["EMBEDDING_PROVIDER"] = "made-up";
  const unknown = await failureOf(() => createContext({ env }).llm().embed("a"));
  expect(unknown.kind).toBe("configuration");
  for (const id of IDS) expect(unknown.message).toContain(id);
  expect(received).toEqual([]);
});

test("a profile in code goes before EMBEDDING_PROVIDER", async () => {
  const env: Env = { ...everything(), LLM_PROVIDER: "anthropic", EMBEDDING_PROVIDER: "mistral" };
  const llm = createContext({ env, profiles: { default: { model: "anthropic/claude-x", embedModel: "cohere/vectors-of-cohere" } } }).llm();
  expectOnly("cohere", await arrives(llm, "cohere"));
});
