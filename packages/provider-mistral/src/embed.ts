import { defineEmbed, fromEmbedList, type EmbedAdapter, type EmbedCall } from "@plurivox/core/provider";

/** The body of POST /v1/embeddings. */
interface EmbedRequest {
  model: string;
  input: string[];
  encoding_format: "float";
  output_dimension?: number;
}

function toRequest({ model, inputs, dimensions }: EmbedCall): EmbedRequest {
  return {
    model,
    input: [...inputs],
    encoding_format: "float",
    ...(dimensions !== undefined && { output_dimension: dimensions }),
  };
}

export function toEmbedAdapter<Client>(send: (client: Client, body: EmbedRequest) => Promise<unknown>): EmbedAdapter {
  return defineEmbed({ untouched: true, toRequest, send, fromResponse: fromEmbedList });
}
