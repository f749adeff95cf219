import type { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
import type { OpenAiEmbedModel, OpenAiModel } from "./models.ts";

/** `providerOptions.openai`: what OpenAI's wires have beside the common options. Anything else goes through `extraBody`. */
export type OpenAiOptions = OpenAiWireOptions;

/** Settings of `openai`, all optional. */
export interface OpenAiSettings {
  /** The wire of profiles that name none. Default "responses". */
  api?: OpenAiApi;
  /** Default https://api.openai.com/v1, or OPENAI_BASE_URL. */
  baseURL?: string;
}

declare module "@plurivox/core" {
  interface KnownModels {
    openai: OpenAiModel;
  }
  interface KnownEmbedModels {
    openai: OpenAiEmbedModel;
  }
  interface ProviderOptions {
    openai?: OpenAiOptions;
  }
}
