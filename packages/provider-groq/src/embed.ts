import { defineEmbed, fromEmbedList, type EmbedAdapter, type EmbedCall } from "@plurivox/core/provider";

/** The body of POST /openai/v1/embeddings. */
interface EmbedRequest {
  model: string;
  input: string[];
  encoding_format: "float";
  user?: string;
}

function toRequest({ model, inputs, user }: EmbedCall): EmbedRequest {
  return { model, input: [...inputs], encoding_format: "float", ...(user !== undefined && { user }) };
}

export function toEmbedAdapter<Client>(send: (client: Client, body: EmbedRequest) => Promise<unknown>): EmbedAdapter {
  return defineEmbed({ untouched: true, toRequest, send, fromResponse: fromEmbedList });
}
