import { defineEmbed, inputUsage, toInputType, type EmbedAdapter, type EmbedAnswer, type EmbedCall } from "@plurivox/core/provider";
import type { GoogleOptions } from "./options.ts";
import { INPUT_TYPES, isPredicted } from "./quirks.ts";

/** A body, and what of Google's it is for. */
interface EmbedRequest {
  /** Goes into the URL. */
  model: string;
  method: "batchEmbedContents" | "embedContent" | "predict";
  [field: string]: unknown;
}

/** The part of the client that is needed here. */
interface Sender {
  post(model: string, method: string, body: object): Promise<unknown>;
}

/** Of the Gemini API; of Vertex AI's `embedContent`; of its `predict`. */
interface EmbedReply {
  embeddings?: { values?: unknown }[] | null;
  embedding?: { values?: unknown } | null;
  usageMetadata?: { promptTokenCount?: number } | null;
  predictions?: { embeddings?: { values?: unknown; statistics?: { token_count?: number } } }[] | null;
}

function toRequest(call: EmbedCall, vertexai: boolean): EmbedRequest {
  const { model, inputs, dimensions, providerOptions } = call;
  const taskType = call.inputType === undefined ? undefined : toInputType(call.inputType, INPUT_TYPES);
  const { autoTruncate } = providerOptions as GoogleOptions;
  const content = (text: string) => ({ parts: [{ text }] });
  if (!vertexai) {
    const embedContentConfig = autoTruncate === undefined ? undefined : { autoTruncate };
    const name = model.includes("/") ? model : `models/${model}`;
    const common = { model: name, taskType, outputDimensionality: dimensions, embedContentConfig };
    return { model, method: "batchEmbedContents", requests: inputs.map((text) => ({ ...common, content: content(text) })) };
  }
  const config = { autoTruncate: autoTruncate ?? false, outputDimensionality: dimensions };
  if (isPredicted(model))
    return { model, method: "predict", instances: inputs.map((text) => ({ content: text, task_type: taskType })), parameters: config };
  return { model, method: "embedContent", content: content(inputs[0]!), embedContentConfig: { ...config, taskType } };
}

function fromResponse({ embeddings, embedding, usageMetadata, predictions }: EmbedReply): EmbedAnswer {
  if (predictions) return fromPredictions(predictions);
  const vectors = embeddings ?? (embedding ? [embedding] : []);
  return { vectors: vectors.map(({ values }) => ({ values })), usage: inputUsage(usageMetadata?.promptTokenCount) };
}

function fromPredictions(predictions: NonNullable<EmbedReply["predictions"]>): EmbedAnswer {
  const counts = predictions.flatMap(({ embeddings }) => embeddings?.statistics?.token_count ?? []);
  const told = counts.length === predictions.length;
  return {
    vectors: predictions.map(({ embeddings }) => ({ values: embeddings?.values })),
    usage: told ? inputUsage(counts.reduce((sum, count) => sum + count, 0)) : undefined,
  };
}

export function toEmbedAdapter(vertexai: boolean): EmbedAdapter {
  return defineEmbed({
    untouched: true,
    toRequest: (call) => toRequest(call, vertexai),
    send: (client: Sender, { model, method, ...body }: EmbedRequest) => client.post(model, method, body),
    fromResponse,
  });
}
