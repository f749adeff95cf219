import { Provider } from "@plurivox/core/provider";
import { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
type NvidiaNimModel =
  | "nvidia/nemotron-3.5-super-vl-120b-a12b"
  | "nvidia/nemotron-3.5-lightning-30b-a3b"
  | "nvidia/nemotron-3-ultra-550b-a55b"
  | "nvidia/nemotron-3-super-120b-a12b"
  | "nvidia/nemotron-3-nano-30b-a3b"
  | "nvidia/nvidia-nemotron-nano-9b-v2"
  | "nvidia/llama-3.3-nemotron-super-49b-v1.5"
  | "nvidia/llama-3.1-nemotron-ultra-253b-v1"
  | "deepseek-ai/deepseek-v4.1-flash"
  | "deepseek-ai/deepseek-v4-pro"
  | "deepseek-ai/deepseek-v4-flash"
  | "moonshotai/kimi-k2.6"
  | "qwen/qwen3.5-397b-a17b"
  | "openai/gpt-oss-120b"
  | "openai/gpt-oss-20b"
  | "meta/llama-3.3-70b-instruct"
  | "meta/llama-3.1-8b-instruct";
type NvidiaNimEmbedModel =
  | "nvidia/llama-nemotron-embed-1b-v2"
  | "nvidia/nemotron-3-embed-1b"
  | "nvidia/nv-embedqa-e5-v5"
  | "nvidia/nv-embed-v1"
  | "baai/bge-m3";
type NvidiaNimOptions = OpenAiWireOptions & {
  chatTemplateKwargs?: Record<string, unknown>;
  minTokens?: number;
  repetitionPenalty?: number;
  truncate?: "NONE" | "START" | "END";
};
interface NvidiaNimSettings {
  baseURL?: string;
  api?: OpenAiApi;
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
declare function nvidiaNim(settings?: NvidiaNimSettings): Provider;
export { type NvidiaNimEmbedModel, type NvidiaNimModel, type NvidiaNimOptions, type NvidiaNimSettings, nvidiaNim };
