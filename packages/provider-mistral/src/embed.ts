import { defineEmbed, type EmbedAdapter, type EmbedAnswer, type EmbedCall } from "@plurivox/core/provider";

/** The body of POST /v1/embeddings. */
interface EmbedRequest {
  model: string;
  input: string[];
  encoding_format: "float";
  output_dimension?: number;
}

interface EmbedReply {
  data?: { index?: number; embedding?: unknown }[] | null;
  model?: string;
  usage?: { prompt_tokens?: number; total_tokens?: number } | null;
}

function toRequest({ model, inputs, dimensions }: EmbedCall): EmbedRequest {
  return {
    model,
    input: [...inputs],
    encoding_format: "float",
    ...(dimensions !== undefined && { output_dimension: dimensions }),
  };
}

function fromResponse({ data, model, usage }: EmbedReply): EmbedAnswer {
  const { prompt_tokens: inputTokens, total_tokens: totalTokens } = usage ?? {};
  return {
    vectors: (data ?? []).map(({ index, embedding }) => ({ index, values: embedding })),
    model,
    usage: {
      ...(typeof inputTokens === "number" && { inputTokens }),
      ...(typeof totalTokens === "number" && { totalTokens }),
    },
  };
}

export function toEmbedAdapter<Client>(send: (client: Client, body: EmbedRequest) => Promise<unknown>): EmbedAdapter {
  return defineEmbed({ untouched: true, toRequest, send, fromResponse });
}
