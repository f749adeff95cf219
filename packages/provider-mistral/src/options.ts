import type { MistralEmbedModel, MistralModel } from "./models.ts";

/**
 * `providerOptions.mistral`: what only this vendor has. Anything else goes into `extraBody`, in the vendor's own words. An image's `detail`
 * ("low", "high", "auto") goes into that part's `providerMetadata.mistral`.
 */
export type MistralOptions = {
  /** Puts the vendor's own prompt for safe answers in front of the conversation. */
  safePrompt?: boolean;
  /** Requests with the same key are routed to the same cache. The same as `cache: { key }`. */
  promptCacheKey?: string;
  /** "auto" uses priority capacity where the account has some. */
  serviceTier?: "auto" | "standard_only";
  /** Text that most of the answer will repeat, which makes it faster. */
  prediction?: string;
  /** "reasoning" puts the vendor's prompt for native reasoning models in front. Models that take `reasoning` refuse it. */
  promptMode?: "reasoning";
  /** What to check the conversation for, in the vendor's own words: `[{ block_on_error: true, moderation_llm_v2: { … } }]`. */
  guardrails?: Record<string, unknown>[];
};

export interface MistralSettings {
  /** Default: "https://api.mistral.ai". "https://api.eu.mistral.ai" and "https://api.us.mistral.ai" keep requests in their region. */
  baseURL?: string;
}

declare module "@plurivox/core" {
  interface KnownModels {
    mistral: MistralModel;
  }
  interface KnownEmbedModels {
    mistral: MistralEmbedModel;
  }
  interface ProviderOptions {
    mistral?: MistralOptions;
  }
}
