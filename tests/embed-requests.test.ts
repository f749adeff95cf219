import { startLoopback } from "@plurivox/conformance";
import { azure, createContext, google, type EmbedOptions, type ProfileSettings } from "plurivox";
import { afterAll, describe, expect, test } from "vitest";

type Sizes = { outputDimensionality?: number } | undefined;

/** Vertex AI's answers, where its paths are called; to all else an error, because only the request matters. */
const server = await startLoopback(({ path, body }, response) => {
  const { instances, parameters, embedContentConfig } = body as Record<"parameters" | "embedContentConfig", Sizes> & {
    instances?: object[];
  };
  const length = parameters?.outputDimensionality ?? embedContentConfig?.outputDimensionality ?? (instances ? 2 : 1);
  const valuesOf = (...first: number[]) => Array.from({ length }, (_, at) => first[at] ?? 0);
  const predictions = instances?.map((_, at) => ({
    embeddings: { values: valuesOf(at, 1), statistics: { token_count: 3, truncated: false } },
  }));
  const single = { embedding: { values: valuesOf(7) }, usageMetadata: { promptTokenCount: 5 } };
  if (path.endsWith(":predict")) response.end(JSON.stringify({ predictions }));
  else if (path.endsWith(":embedContent")) response.end(JSON.stringify(single));
  else response.writeHead(500).end();
});
afterAll(() => server.close());

const INPUTS = ["one", "two"];

/** What arrives of a call with these options. */
async function sent(
  model: string,
  options: EmbedOptions = {},
  providers: Parameters<typeof createContext>[0] = {},
  profile: ProfileSettings = {},
) {
  const before = server.requests.length;
  const context = createContext({ ...providers, env: { PLURIVOX_NO_NETWORK: "1" } });
  const llm = context.llm({ embedding: model, retry: false, ...profile });
  await llm
    .with({ embedding: { model, baseURL: server.url, apiKey: "some-key" } })
    .embed(INPUTS, options)
    .catch((error: unknown) => error);
  return server.requests.slice(before).map(({ path, body }) => ({ path, body }));
}

describe("each provider's own words", () => {
  test("openai and azure ask for base64, others for numbers", async () => {
    const body = { input: INPUTS, encoding_format: "base64", dimensions: 8, user: "u" };
    const options = { dimensions: 8, user: "u" };
    expect(await sent("openai/text-embedding-3-small", options)).toEqual([
      { path: "/embeddings", body: { ...body, model: "text-embedding-3-small" } },
    ]);
    expect(await sent("azure/vectors", options, { providers: [azure()] })).toEqual([
      { path: "/openai/v1/embeddings", body: { ...body, model: "vectors" } },
    ]);
    expect(await sent("openai-compatible/vectors", options)).toEqual([
      { path: "/embeddings", body: { ...body, model: "vectors", encoding_format: "float" } },
    ]);
  });

  test("openrouter: what texts are for, and which hosts may answer", async () => {
    const options: EmbedOptions = {
      inputType: "document",
      providerOptions: { openrouter: { provider: { dataCollection: "deny" }, route: "fallback" } },
    };
    expect(await sent("openrouter/qwen/qwen3-embedding-8b", options)).toEqual([
      {
        path: "/embeddings",
        body: {
          model: "qwen/qwen3-embedding-8b",
          input: INPUTS,
          encoding_format: "float",
          input_type: "search_document",
          provider: { data_collection: "deny" },
        },
      },
    ]);
  });

  test("nvidia-nim: passages unless it is said, and nothing is cut", async () => {
    const body = { model: "nvidia/nv-embed-v1", input: INPUTS, encoding_format: "float", input_type: "passage", truncate: "NONE" };
    expect(await sent("nvidia-nim/nvidia/nv-embed-v1")).toEqual([{ path: "/embeddings", body }]);
    const options: EmbedOptions = { inputType: "query", providerOptions: { "nvidia-nim": { truncate: "END" } } };
    expect((await sent("nvidia-nim/nvidia/nv-embed-v1", options))[0]!.body).toEqual({ ...body, input_type: "query", truncate: "END" });
  });

  test("cohere: documents unless it is said, and nothing is cut", async () => {
    const body = { model: "embed-v4.0", texts: INPUTS, input_type: "search_document", embedding_types: ["float"], truncate: "NONE" };
    expect(await sent("cohere/embed-v4.0")).toEqual([{ path: "/v2/embed", body }]);
    const options: EmbedOptions = {
      inputType: "clustering",
      dimensions: 256,
      providerOptions: { cohere: { truncate: "START", priority: 3 } },
    };
    expect((await sent("cohere/embed-v4.0", options))[0]!.body).toEqual({
      ...body,
      input_type: "clustering",
      output_dimension: 256,
      truncate: "START",
      priority: 3,
    });
  });

  test("mistral and groq", async () => {
    expect(await sent("mistral/codestral-embed", { dimensions: 64 })).toEqual([
      { path: "/v1/embeddings", body: { model: "codestral-embed", input: INPUTS, encoding_format: "float", output_dimension: 64 } },
    ]);
    expect(await sent("groq/nomic-embed-text-v1_5", { user: "u" })).toEqual([
      { path: "/openai/v1/embeddings", body: { model: "nomic-embed-text-v1_5", input: INPUTS, encoding_format: "float", user: "u" } },
    ]);
  });

  test("ollama: nothing is cut unless it is said", async () => {
    const body = { model: "bge-m3", input: INPUTS, truncate: false };
    expect(await sent("ollama/bge-m3")).toEqual([{ path: "/api/embed", body }]);
    const own = { truncate: true, keepAlive: "1h", numCtx: 8192, parameters: { num_gpu: 1 } };
    expect((await sent("ollama/bge-m3", { dimensions: 128, providerOptions: { ollama: own } }))[0]!.body).toEqual({
      ...body,
      truncate: true,
      dimensions: 128,
      keep_alive: "1h",
      options: { num_ctx: 8192, num_gpu: 1 },
    });
  });
});

describe("google", () => {
  const options: EmbedOptions = { dimensions: 768, inputType: "query" };
  const content = (text: string) => ({ parts: [{ text }] });

  test("the Gemini API takes all at once", async () => {
    const one = { model: "models/gemini-embedding-001", taskType: "RETRIEVAL_QUERY", outputDimensionality: 768 };
    expect(await sent("google/gemini-embedding-001", options)).toEqual([
      {
        path: "/v1beta/models/gemini-embedding-001:batchEmbedContents",
        body: { requests: INPUTS.map((text) => ({ ...one, content: content(text) })) },
      },
    ]);
    const [request] = await sent("google/gemini-embedding-001", { providerOptions: { google: { autoTruncate: false } } });
    expect((request!.body as { requests: object[] }).requests[0]).toMatchObject({ embedContentConfig: { autoTruncate: false } });
  });

  const vertex = { providers: [google({ vertexai: { project: "p", location: "eu" } })] };
  const base = "/v1beta1/projects/p/locations/eu/publishers/google/models/";

  test("Vertex AI predicts with older models, one or many at once, and cuts nothing", async () => {
    const parameters = { autoTruncate: false, outputDimensionality: 768 };
    const instance = (text: string) => ({ content: text, task_type: "RETRIEVAL_QUERY" });
    const single = await sent("google/gemini-embedding-001", options, vertex);
    expect(single.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual(
      INPUTS.map((text) => ({ path: `${base}gemini-embedding-001:predict`, body: { instances: [instance(text)], parameters } })),
    );
    expect(await sent("google/text-embedding-005", options, vertex)).toEqual([
      { path: `${base}text-embedding-005:predict`, body: { instances: INPUTS.map(instance), parameters } },
    ]);
  });

  test("Vertex AI asks newer models one by one", async () => {
    const asked = await sent("google/gemini-embedding-2", { dimensions: 768 }, vertex);
    expect(asked).toHaveLength(2);
    expect(asked.find(({ body }) => JSON.stringify(body).includes("one"))).toEqual({
      path: `${base}gemini-embedding-2:embedContent`,
      body: { content: content("one"), embedContentConfig: { autoTruncate: false, outputDimensionality: 768 } },
    });
  });

  test("Vertex AI's answers are read, in both forms", async () => {
    const { llm } = createContext({ ...vertex, env: { PLURIVOX_NO_NETWORK: "1" } });
    const ask = (model: string) => llm({ embedding: { provider: "google", model, baseURL: server.url, apiKey: "token" } }).embed(INPUTS);
    expect(await ask("text-embedding-005")).toMatchObject({
      embeddings: [
        [0, 1],
        [1, 1],
      ],
      usage: { inputTokens: 6 },
    });
    expect(await ask("gemini-embedding-2")).toMatchObject({ embeddings: [[7], [7]], usage: { inputTokens: 10 } });
  });
});

test("what only an embedding model is named for embeds with it, also where a provider has no default", async () => {
  for (const model of [
    "ollama/bge-m3",
    "azure/text-embedding-3-small",
    "openrouter/openai/text-embedding-3-small",
    "nvidia-nim/nvidia/nv-embed-v1",
  ]) {
    const before = server.requests.length;
    const llm = createContext({ env: { PLURIVOX_NO_NETWORK: "1" } }).llm({ model, baseURL: server.url, apiKey: "some-key", retry: false });
    await llm.embed("hi").catch((error: unknown) => error);
    expect(server.requests.slice(before).map(({ body }) => (body as { model: string }).model)).toEqual([
      model.slice(model.indexOf("/") + 1),
    ]);
  }
});
