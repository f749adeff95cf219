import { LlmError } from "../error.ts";
import type { ChatAdapter, Provider } from "./contract.ts";
import type { EmbedAdapter } from "./embed.ts";

/** Checks a provider's shape once, where it is made, and freezes it. Throws `configuration`. */
export function defineProvider(provider: Provider): Provider {
  if (!/^[a-z][a-z0-9-]*$/.test(provider.id)) {
    throw new LlmError(
      "configuration",
      `A provider's id must be lower-case letters, digits and dashes; this one is ${JSON.stringify(provider.id)}.`,
    );
  }
  return Object.freeze({ ...provider });
}

/** Loads once: an import that is asked for again walks through the module loader each time. What fails is tried again. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}

/** Gives an adapter its vendor types while it is written, and forgets them for the contract. */
export function defineChat<Client, Body, Reply, Chunk>(adapter: ChatAdapter<Client, Body, Reply, Chunk>): ChatAdapter {
  return adapter;
}

/** The same for embeddings. */
export function defineEmbed<Client, Body, Reply>(adapter: EmbedAdapter<Client, Body, Reply>): EmbedAdapter {
  return adapter;
}
