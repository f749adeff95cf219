import { Provider } from "@plurivox/core/provider";
import { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
type OpenRouterModel =
  | "openrouter/auto"
  | "anthropic/claude-opus-5"
  | "anthropic/claude-sonnet-4.6"
  | "anthropic/claude-haiku-4.5"
  | "deepseek/deepseek-chat"
  | "deepseek/deepseek-r1"
  | "google/gemini-3.6-flash"
  | "google/gemini-2.5-flash"
  | "google/gemini-2.5-flash-lite"
  | "meta-llama/llama-3.3-70b-instruct:free"
  | "moonshotai/kimi-k2.5"
  | "openai/gpt-5.4-nano"
  | "openai/gpt-5-nano"
  | "openai/gpt-4.1"
  | "openai/gpt-4.1-mini"
  | "openai/gpt-4o"
  | "openai/gpt-4o-mini"
  | "perplexity/sonar"
  | "qwen/qwen3-30b-a3b-instruct-2507"
  | "x-ai/grok-4.1-fast"
  | "z-ai/glm-5-turbo"
  | "z-ai/glm-4.6";
type OpenRouterEmbedModel =
  | "openai/text-embedding-3-small"
  | "openai/text-embedding-3-large"
  | "google/gemini-embedding-001"
  | "qwen/qwen3-embedding-8b";
type OpenRouterRouting = {
  order?: string[];
  only?: string[];
  ignore?: string[];
  allowFallbacks?: boolean;
  dataCollection?: "allow" | "deny";
  zdr?: boolean;
  requireParameters?: boolean;
  quantizations?: string[];
  sort?:
    | "price"
    | "throughput"
    | "latency"
    | {
        by?: string;
        partition?: "model" | "none";
      };
  maxPrice?: {
    prompt?: number | string;
    completion?: number | string;
    image?: number | string;
    request?: number | string;
  };
  preferredMaxLatency?: number | Record<string, number>;
  preferredMinThroughput?: number | Record<string, number>;
  enforceDistillableText?: boolean;
};
type OpenRouterOptions = OpenAiWireOptions & {
  provider?: OpenRouterRouting;
  models?: string[];
  plugins?: {
    id: string;
    [setting: string]: unknown;
  }[];
  transforms?: string[];
  route?: "fallback" | "sort";
  reasoningEnabled?: boolean;
  reasoningExclude?: boolean;
  minP?: number;
  topA?: number;
  repetitionPenalty?: number;
  sessionId?: string;
  trace?: Record<string, unknown>;
  imageConfig?: Record<string, unknown>;
  stopServerToolsWhen?: Record<string, unknown>[];
  debug?: {
    echoUpstreamBody?: boolean;
  };
};
interface OpenRouterSettings {
  baseURL?: string;
  api?: OpenAiApi;
  appName?: string;
  appUrl?: string;
}
declare module "@plurivox/core" {
  interface KnownModels {
    openrouter: OpenRouterModel;
  }
  interface KnownEmbedModels {
    openrouter: OpenRouterEmbedModel;
  }
  interface ProviderOptions {
    openrouter?: OpenRouterOptions;
  }
}
declare function openrouter(settings?: OpenRouterSettings): Provider;
export {
  type OpenRouterEmbedModel,
  type OpenRouterModel,
  type OpenRouterOptions,
  type OpenRouterRouting,
  type OpenRouterSettings,
  openrouter,
};
