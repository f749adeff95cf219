import { Provider } from "@plurivox/core/provider";
type MistralModel =
  | "mistral-large-4"
  | "mistral-large-4-0"
  | "mistral-large-latest"
  | "mistral-large-2512"
  | "mistral-medium-latest"
  | "mistral-medium-3-5"
  | "mistral-medium-2604"
  | "mistral-medium-2508"
  | "mistral-small-latest"
  | "mistral-small-2603"
  | "mistral-small-2506"
  | "ministral-14b-latest"
  | "ministral-14b-2512"
  | "ministral-8b-latest"
  | "ministral-8b-2512"
  | "ministral-3b-latest"
  | "ministral-3b-2512"
  | "codestral-latest"
  | "codestral-2508"
  | "devstral-2512"
  | "magistral-medium-latest"
  | "magistral-small-latest"
  | "voxtral-small-latest"
  | "voxtral-small-2507"
  | "zai-glm-5-3"
  | "zai-glm-5-2";
type MistralEmbedModel = "mistral-embed" | "codestral-embed";
type MistralOptions = {
  safePrompt?: boolean;
  promptCacheKey?: string;
  serviceTier?: "auto" | "standard_only";
  prediction?: string;
  promptMode?: "reasoning";
  guardrails?: Record<string, unknown>[];
};
interface MistralSettings {
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
declare function mistral(settings?: MistralSettings): Provider;
export { type MistralEmbedModel, type MistralModel, type MistralOptions, type MistralSettings, mistral };
