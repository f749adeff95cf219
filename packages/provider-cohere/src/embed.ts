import { defineEmbed, inputUsage, toInputType, type EmbedAdapter, type EmbedAnswer, type EmbedCall } from "@plurivox/core/provider";
import type { CohereOptions } from "./options.ts";
import { INPUT_TYPES } from "./quirks.ts";

/** The body of POST /v2/embed; a field left undefined is not sent. */
interface EmbedRequest {
  model: string;
  texts: readonly string[];
  input_type: string;
  embedding_types: ["float"];
  output_dimension: number | undefined;
  truncate: string;
  priority: number | undefined;
}

/** In the order of the texts. */
interface EmbedReply {
  embeddings?: { float?: unknown[] | null } | null;
  meta?: { billed_units?: { input_tokens?: number } | null } | null;
}

function toRequest({ model, inputs, dimensions, inputType = "document", providerOptions }: EmbedCall): EmbedRequest {
  const { truncate = "NONE", priority } = providerOptions as CohereOptions;
  return {
    model,
    texts: inputs,
    input_type: toInputType(inputType, INPUT_TYPES),
    embedding_types: ["float"],
    output_dimension: dimensions,
    truncate,
    priority,
  };
}

function fromResponse({ embeddings, meta }: EmbedReply): EmbedAnswer {
  return {
    vectors: (embeddings?.float ?? []).map((values) => ({ values })),
    usage: inputUsage(meta?.billed_units?.input_tokens),
  };
}

export function toEmbedAdapter<Client>(send: (client: Client, body: EmbedRequest) => Promise<unknown>): EmbedAdapter {
  return defineEmbed({ untouched: true, toRequest, send, fromResponse });
}
