import type { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
import type { LmStudioEmbedModel, LmStudioModel } from "./models.ts";

/** `providerOptions.lmstudio`. Anything else goes into `extraBody`. */
export type LmStudioOptions = OpenAiWireOptions & {
  /**
   * Unloads all other models before the call, those of embeddings too. What they are answering just then is cut off, so this is for a program that has
   * LM Studio to itself. Needs LM Studio 0.4.
   */
  unloadOthers?: boolean;
  /**
   * Tokens. Loads the model anew before the call where it is not loaded with that much room; it then stays in memory until it is unloaded. That takes as
   * long as it takes: `timeouts.headersMs` is for the wait. Needs LM Studio 0.4.
   */
  contextLength?: number;
  /** Chat only: seconds without a call after which a model that this call loads is unloaded again. Default: 3,600. A model that is loaded already keeps its own. */
  ttl?: number;
  /** Chat only: a smaller model that guesses what this one will say. */
  draftModel?: string;
  /** Chat only. */
  repeatPenalty?: number;
};

/** Settings of `lmstudio`, all optional. */
export interface LmStudioSettings {
  /** Default http://127.0.0.1:1234/v1, or LMSTUDIO_BASE_URL. */
  baseURL?: string;
  /** The wire of profiles that name none. Default "chat". */
  api?: OpenAiApi;
}

declare module "@plurivox/core" {
  interface KnownModels {
    lmstudio: LmStudioModel;
  }
  interface KnownEmbedModels {
    lmstudio: LmStudioEmbedModel;
  }
  interface ProviderOptions {
    lmstudio?: LmStudioOptions;
  }
}
