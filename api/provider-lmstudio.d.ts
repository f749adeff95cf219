import { Provider } from "@plurivox/core/provider";
import { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
type LmStudioModel = "openai/gpt-oss-20b" | "qwen/qwen3-30b-a3b-2507" | "qwen/qwen3-4b-2507" | "google/gemma-3-1b";
type LmStudioEmbedModel = "text-embedding-nomic-embed-text-v1.5";
interface LmStudioModelsSettings {
  baseURL?: string;
  apiKey?: string;
  headers?: Record<string, string>;
  fetch?: typeof fetch;
  signal?: AbortSignal;
}
interface LmStudioInstance {
  id: string;
  contextLength?: number;
}
interface LmStudioModelInfo {
  key: string;
  type: "llm" | "embedding";
  maxContextLength?: number;
  instances: LmStudioInstance[];
  raw: Record<string, unknown>;
}
interface LmStudioLoadOptions {
  contextLength?: number;
  evalBatchSize?: number;
  flashAttention?: boolean;
  numExperts?: number;
  offloadKvCacheToGpu?: boolean;
}
interface LmStudioModels {
  list(): Promise<LmStudioModelInfo[]>;
  load(model: string, options?: LmStudioLoadOptions): Promise<LmStudioInstance>;
  unload(model: string): Promise<string[]>;
  contextLength(model: string): Promise<number | undefined>;
  countTokens(
    model: string,
    prompt:
      | string
      | readonly {
          role: string;
          content: unknown;
        }[],
  ): Promise<number>;
}
declare function lmstudioModels(settings?: LmStudioModelsSettings): LmStudioModels;
type LmStudioOptions = OpenAiWireOptions & {
  unloadOthers?: boolean;
  contextLength?: number;
  ttl?: number;
  draftModel?: string;
  repeatPenalty?: number;
};
interface LmStudioSettings {
  baseURL?: string;
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
declare function lmstudio({ api, baseURL }?: LmStudioSettings): Provider;
export {
  type LmStudioEmbedModel,
  type LmStudioInstance,
  type LmStudioLoadOptions,
  type LmStudioModel,
  type LmStudioModelInfo,
  type LmStudioModels,
  type LmStudioModelsSettings,
  type LmStudioOptions,
  type LmStudioSettings,
  lmstudio,
  lmstudioModels,
};
