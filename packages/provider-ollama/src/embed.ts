import { defineEmbed, inputUsage, type EmbedAdapter, type EmbedAnswer, type EmbedCall } from "@plurivox/core/provider";
import type { EmbedRequest } from "ollama/browser";
import type { OllamaOptions } from "./options.ts";

/** In the order of the inputs. */
interface EmbedReply {
  embeddings?: unknown[] | null;
  model?: string;
  prompt_eval_count?: number;
}

/** The server cuts what does not fit the model unless it is told not to. https://docs.ollama.com/api/embed (2026-11) */
function toRequest({ model, inputs, dimensions, providerOptions }: EmbedCall): EmbedRequest {
  const { keepAlive, truncate = false, numCtx, parameters } = providerOptions as OllamaOptions;
  const options = { ...(numCtx !== undefined && { num_ctx: numCtx }), ...parameters };
  return {
    model,
    input: [...inputs],
    truncate,
    ...(dimensions !== undefined && { dimensions }),
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    ...(Object.keys(options).length > 0 && { options }),
  };
}

function fromResponse({ embeddings, model, prompt_eval_count: count }: EmbedReply): EmbedAnswer {
  return { vectors: (embeddings ?? []).map((values) => ({ values })), model, usage: inputUsage(count) };
}

export function toEmbedAdapter<Client>(send: (client: Client, body: EmbedRequest) => Promise<unknown>): EmbedAdapter {
  return defineEmbed({ toRequest, send, fromResponse });
}
