import type { OllamaEmbedModel, OllamaModel } from "./models.ts";

/**
 * `providerOptions.ollama`: what only this vendor has. Anything else goes into `parameters`, or, where it is a field of the request itself,
 * into `extraBody`, both in the vendor's own words.
 */
export type OllamaOptions = {
  /** Tokens of the context window. Default: sized from the prompt and what is expected of the answer; a larger one than before makes the server load the model anew. */
  numCtx?: number;
  /** Tokens that may come out, where `maxOutputTokens` does not say: -1 is without limit. */
  numPredict?: number;
  /** How long the model stays in memory after the call: "10m", seconds, 0 for not at all, -1 for ever. The server's default is 5 minutes. */
  keepAlive?: string | number;
  /** Overrules `reasoning`: on, off, or one of the model's own levels. */
  think?: boolean | "low" | "medium" | "high" | "max" | (string & {});
  /** Tokens less likely than this share of the likeliest are left out. */
  minP?: number;
  /** Above 1, what was said before becomes less likely; `repeatLastN` is how many tokens back that looks. */
  repeatPenalty?: number;
  repeatLastN?: number;
  /**
   * false: a history that does not fit into the window is an error. By default the server drops its oldest messages. Of embeddings: true cuts texts that are too
   * long, which by default are an error.
   */
  truncate?: boolean;
  /** false: an answer that fills the window ends. By default the server forgets the beginning and goes on. */
  shift?: boolean;
  /** Further parameters of the model, such as `num_gpu`. https://docs.ollama.com/modelfile#valid-parameters-and-values */
  parameters?: Record<string, unknown>;
};

export interface OllamaSettings {
  /** Default: "http://127.0.0.1:11434". Models in the cloud, without a server of one's own: "https://ollama.com". */
  baseURL?: string;
}

declare module "@plurivox/core" {
  interface KnownModels {
    ollama: OllamaModel;
  }
  interface KnownEmbedModels {
    ollama: OllamaEmbedModel;
  }
  interface ProviderOptions {
    ollama?: OllamaOptions;
  }
}
