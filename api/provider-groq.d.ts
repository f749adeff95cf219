import { Provider } from "@plurivox/core/provider";
type GroqModel =
  | "openai/gpt-oss-120b"
  | "openai/gpt-oss-20b"
  | "openai/gpt-oss-safeguard-20b"
  | "qwen/qwen3.8-27b"
  | "qwen/qwen3.6-27b"
  | "qwen/qwen3-32b"
  | "llama-3.3-70b-versatile"
  | "llama-3.1-8b-instant"
  | "meta-llama/llama-4-scout-17b-16e-instruct"
  | "meta-llama/llama-4-maverick-17b-128e-instruct"
  | "moonshotai/kimi-k2-instruct-0905"
  | "compound"
  | "compound-mini";
type GroqEmbedModel = "nomic-embed-text-v1_5";
type GroqOptions = {
  serviceTier?: "auto" | "on_demand" | "flex" | "performance";
  reasoningFormat?: "parsed" | "raw" | "hidden";
  includeReasoning?: boolean;
  documents?: GroqDocument[];
  citationOptions?: "enabled" | "disabled";
  searchSettings?: {
    includeDomains?: string[];
    excludeDomains?: string[];
    includeImages?: boolean;
    country?: string;
  };
  compoundCustom?: {
    models?: {
      answeringModel?: string;
      reasoningModel?: string;
    };
    tools?: {
      enabledTools?: string[];
      wolframSettings?: {
        authorization?: string;
      };
    };
  };
  disableToolValidation?: boolean;
};
type GroqDocument = {
  id?: string;
  source:
    | {
        type: "text";
        text: string;
      }
    | {
        type: "json";
        data: Record<string, unknown>;
      };
};
interface GroqSettings {
  baseURL?: string;
}
declare module "@plurivox/core" {
  interface KnownModels {
    groq: GroqModel;
  }
  interface KnownEmbedModels {
    groq: GroqEmbedModel;
  }
  interface ProviderOptions {
    groq?: GroqOptions;
  }
}
declare function groq({ baseURL }?: GroqSettings): Provider;
export { type GroqDocument, type GroqEmbedModel, type GroqModel, type GroqOptions, type GroqSettings, groq };
