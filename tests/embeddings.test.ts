import { createContext, google, isLlmError, type EmbeddingSettings, type EmbedOptions, type ErrorKind, type LLM } from "plurivox";
import { afterAll, describe, expect, test } from "vitest";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "./support/recordings.ts";
import { faultOf, haveSpecs } from "./support/specs.ts";

type Json = Record<string, unknown>;

const FOLDERS = "openai-embeddings azure-openai google mistral cohere ollama openrouter openai-compatible-other".split(" ");
const all = FOLDERS.flatMap((folder) => loadRecordings(folder, "embed"));

/** Older wires, which nothing here speaks. */
const NOT_SPOKEN: Readonly<Record<string, string>> = {
  "cohere.rig.embeddings-embed_search_query_smoke.0-ea45df18": "version 1 of Embed",
  "ollama.openllmetry.test_embeddings-test_ollama_embeddings_legacy": "/api/embeddings, which /api/embed replaced",
};
const isSpoken = ({ id }: Recording) => !Object.keys(NOT_SPOKEN).some((left) => id.startsWith(left));
const spoken = all.filter(isSpoken);
const answered = spoken.filter(({ response }) => response.status === 200);
const failed = spoken.filter(({ response }) => response.status !== 200);

const PROVIDER_OF: Record<string, string> = {
  "openai-embeddings": "openai",
  "azure-openai": "azure",
  "openai-compatible-other": "openai-compatible",
};

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const bodyOf = ({ request }: Recording) => request.body as Json;
const isVertex = ({ request }: Recording) => request.url.includes("aiplatform");

/** The recorded inputs. Tokens, pictures and empty texts, which `embed` does not take, become a text. */
function inputsOf(recording: Recording): string[] {
  const body = bodyOf(recording);
  const given = body["input"] ?? body["texts"] ?? body["requests"] ?? body["instances"];
  return (Array.isArray(given) ? (given as unknown[]) : [given]).map((one) => textIn(one) ?? "something else");
}

function textIn(input: unknown): string | undefined {
  if (typeof input === "string") return input || undefined;
  if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
  const content = (input as Json)["content"];
  if (typeof content === "string") return content;
  const parts = list((content as Json)["parts"]);
  return parts.length === 1 ? String(parts[0]!["text"]) : undefined;
}

/** Our request can be the same. Dimensions below 1 are refused before anything is sent. */
const canBeSent = (recording: Recording) =>
  !inputsOf(recording).includes("something else") && !(Number(bodyOf(recording)["dimensions"]) < 1);

function clientOf(recording: Recording, server: string): LLM {
  const { provider: folder, model } = recording;
  const id = PROVIDER_OF[folder] ?? folder;
  const { pathname, searchParams } = new URL(recording.request.url);
  const deployment = /\/deployments\/([^/]+)\//.exec(pathname)?.[1];
  const embedding: EmbeddingSettings = {
    provider: id,
    model: model ?? String(bodyOf(recording)["model"]),
    baseURL: folder === "azure-openai" ? server : `${server}${pathname.replace(/\/(embeddings|v1beta.*|v2\/embed|api\/embed)$/, "")}`,
    apiKey: "some-key",
    retry: false,
    ...(deployment !== undefined && { azureDeployment: deployment, apiVersion: searchParams.get("api-version")! }),
  };
  const providers = isVertex(recording) ? [google({ vertexai: { project: "some-project" } })] : [];
  return createContext({ providers, profiles: { default: { embedding } }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

function optionsOf(recording: Recording): EmbedOptions {
  const body = bodyOf(recording);
  const [request = body] = [...list(body["requests"]), ...list(body["instances"])];
  const dimensions = body["dimensions"] ?? body["output_dimension"] ?? request["output_dimensionality"] ?? request["outputDimensionality"];
  const inputType = body["input_type"] ?? request["task_type"];
  return {
    ...(typeof dimensions === "number" && dimensions > 0 && { dimensions }),
    ...(typeof inputType === "string" && { inputType }),
  };
}

/** The vectors of an answer, read without the code under test. */
function vectorsIn(body: Json): number[][] {
  const { data, embeddings } = body as { data?: { index: number; embedding: number[] | string }[]; embeddings?: unknown };
  if (data !== undefined) {
    return data
      .toSorted((a, b) => a.index - b.index)
      .map(({ embedding }) =>
        typeof embedding === "string" ? [...new Float32Array(Uint8Array.from(Buffer.from(embedding, "base64")).buffer)] : embedding,
      );
  }
  if (!Array.isArray(embeddings)) return (embeddings as { float: number[][] }).float;
  return (embeddings as (number[] | { values: number[] })[]).map((one) => (Array.isArray(one) ? one : one.values));
}

function tokensIn(body: Json): number | undefined {
  const {
    usage,
    usageMetadata,
    meta,
    prompt_eval_count: count,
  } = body as {
    usage?: { prompt_tokens: number };
    usageMetadata?: { promptTokenCount: number };
    meta?: { billed_units: { input_tokens: number } };
    prompt_eval_count?: number;
  };
  return usage?.prompt_tokens ?? usageMetadata?.promptTokenCount ?? meta?.billed_units.input_tokens ?? count;
}

const KINDS: Record<number, ErrorKind> = {
  400: "invalid-request",
  401: "authentication",
  403: "permission",
  404: "not-found",
  501: "server",
};

describe.skipIf(!haveRecordings)("recorded embeddings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());

  test("are all here", () => {
    expect(all).toHaveLength(58);
    expect(all.filter((recording) => !isSpoken(recording))).toHaveLength(Object.keys(NOT_SPOKEN).length);
    expect([answered.length, failed.length]).toEqual([42, 14]);
  });

  test.for(answered)("$id", async (recording) => {
    server.serve(recording, 1_000);
    const inputs = inputsOf(recording);
    const body = JSON.parse(recording.response.body) as Json;
    const vectors = vectorsIn(body);
    const result = await clientOf(recording, server.url).embed(inputs, optionsOf(recording));
    expect(vectors).toHaveLength(inputs.length);
    expect(result.embeddings).toEqual(vectors);
    expect(result.usage.inputTokens).toBe(tokensIn(body));
    expect(result.responseModel).toBe(body["model"]);
    const cost = (body["usage"] as { cost?: number } | undefined)?.cost;
    expect(result.cost).toEqual(cost === undefined ? undefined : { totalUsd: cost, source: "provider-reported" });
    expect(result.warnings).toEqual([]);
    if (inputs.length === 1) expect((await clientOf(recording, server.url).embed(inputs[0]!)).embedding).toEqual(vectors[0]);
  });

  test.for(failed)("$id fails as it should", async (recording) => {
    server.serve(recording);
    const { status, body } = recording.response;
    const error: unknown = await clientOf(recording, server.url)
      .embed(inputsOf(recording), optionsOf(recording))
      .catch((thrown: unknown) => thrown);
    if (!isLlmError(error)) throw error;
    expect(error).toMatchObject({ kind: KINDS[status], status });
    const { error: inner, message = (inner as Json)["message"] } = JSON.parse(body) as Json;
    // A key that somebody's recorder has masked is a text like any other.
    expect(error.message).toContain(String(message).trim());
  });
});

/** Where each field of a recorded request stands in ours. */
function sameFields({ provider }: Recording, body: Json): Json {
  if (provider === "google") {
    const requests = [...list(body["requests"]), ...list(body["instances"])];
    const lengthOf = (one: Json) => one["outputDimensionality"] ?? one["output_dimensionality"];
    return { requests: requests.map((one) => [one["model"], textIn(one), lengthOf(one), one["task_type"]]) };
  }
  // A deployment is named by the address; what stands in the body is not read.
  const { model: named, input, texts, input_type: inputType, dimensions, output_dimension: length } = body;
  const given = input ?? texts;
  const model = provider === "azure-openai" ? undefined : named;
  return { model, inputs: Array.isArray(given) ? given : [given], inputType, length: dimensions ?? length ?? undefined };
}

const SPECS: Record<string, [file: string, schema: string]> = {
  openai: ["openai.openapi.yaml", "CreateEmbeddingRequest"],
  mistral: ["mistral.openapi.yaml", "EmbeddingRequest"],
  ollama: ["ollama.openapi.yaml", "EmbedRequest"],
  google: ["google-gemini.openapi.json", "BatchEmbedContentsRequest"],
};

describe.skipIf(!haveRecordings)("recorded requests for embeddings, rebuilt (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const asked = spoken.filter(canBeSent);

  test("are all here, but for a picture, tokens, an empty text and dimensions that are none", () => {
    expect(asked).toHaveLength(spoken.length - 4);
  });

  test.for(asked)("$id", { timeout: 30_000 }, async (recording) => {
    server.serve(recording);
    await clientOf(recording, server.url)
      .embed(inputsOf(recording), optionsOf(recording))
      .catch(() => {});
    const { path, body } = server.requests.at(-1)!;
    expect(sameFields(recording, body as Json)).toEqual(sameFields(recording, { input_type: undefined, ...bodyOf(recording) }));
    if (isVertex(recording)) return;
    const { pathname, search } = new URL(recording.request.url);
    expect(path).toBe(pathname + search);
    const [file, schema] = SPECS[PROVIDER_OF[recording.provider] ?? recording.provider] ?? [];
    if (haveSpecs && file !== undefined) expect(faultOf(file, schema!, body)).toBeUndefined();
  });
});
