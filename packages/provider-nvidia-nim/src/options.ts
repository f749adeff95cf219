import type { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
import type { NvidiaNimEmbedModel, NvidiaNimModel } from "./models.ts";

/** `providerOptions["nvidia-nim"]`, for chat completions. Anything else goes into `extraBody`, such as `nvext` of the NIMs before 2.0. */
export type NvidiaNimOptions = OpenAiWireOptions & {
  /** For the model's chat template, over what the call's `reasoning` puts there. */
  chatTemplateKwargs?: Record<string, unknown>;
  /** Tokens that the answer has at least. */
  minTokens?: number;
  repetitionPenalty?: number;
  /** Embeddings only: which end of a text that is too long is cut off. Default "NONE": it is an error. */
  truncate?: "NONE" | "START" | "END";
};

/** Settings of `nvidiaNim`, all optional. */
export interface NvidiaNimSettings {
  /** Default "https://integrate.api.nvidia.com/v1", or NVIDIA_NIM_BASE_URL. */
  baseURL?: string;
  /** The wire of profiles that name none. Default "chat"; NIM 2.0 and later have "responses" too. */
  api?: OpenAiApi;
  /** true: streams are asked for their usage, which they do not tell otherwise. Default false, because some NIMs answer that with silence. */
  streamUsage?: boolean;
}

declare module "@plurivox/core" {
  interface KnownModels {
    "nvidia-nim": NvidiaNimModel;
  }
  interface KnownEmbedModels {
    "nvidia-nim": NvidiaNimEmbedModel;
  }
  interface ProviderOptions {
    "nvidia-nim"?: NvidiaNimOptions;
  }
}
