import { ModelFamily, Provider } from "@plurivox/core/provider";
type ReasoningRequest = "effort" | "object" | "thinking" | "enable-thinking" | "chat-template" | "none";
interface ToolCallIdRule {
  maxLength?: number;
  alphanumeric?: boolean;
}
interface Compat {
  tokenLimit?: "max_tokens" | "max_completion_tokens";
  streamUsage?: boolean;
  systemRole?: "system" | "developer" | "by-model";
  reasoningFields?: readonly string[];
  reasoningReplay?: "as-read" | "none" | (string & {});
  reasoningRequest?: ReasoningRequest;
  jsonSchema?: boolean;
  jsonObject?: boolean;
  strict?: boolean;
  parallelToolCalls?: boolean;
  toolCallIds?: ToolCallIdRule;
  topK?: boolean;
  extraBody?: Readonly<Record<string, unknown>>;
}
type OpenAiWireOptions = {
  serviceTier?: string;
  verbosity?: "low" | "medium" | "high";
  promptCacheKey?: string;
  promptCacheRetention?: "in_memory" | "24h";
  safetyIdentifier?: string;
  store?: boolean;
  logitBias?: Record<string, number>;
  prediction?: {
    type: "content";
    content: string;
  };
  modalities?: ("text" | "audio")[];
  audio?: {
    voice: string;
    format: string;
  };
  webSearchOptions?: {
    searchContextSize?: "low" | "medium" | "high";
    userLocation?: Record<string, unknown>;
  };
  previousResponseId?: string;
  conversation?: string;
  include?: string[];
  truncation?: "auto" | "disabled";
  background?: boolean;
  maxToolCalls?: number;
  reasoningContext?: "auto" | "current_turn" | "all_turns";
  reasoningMode?: "standard" | "pro";
};
declare module "@plurivox/core" {
  interface ProviderOptions {
    "openai-compatible"?: OpenAiWireOptions;
  }
}
type OpenAiApi = "chat" | "responses";
interface OpenAiProviderSettings {
  id: string;
  baseURL?: string;
  auth?: Provider["auth"];
  env?: Provider["env"];
  families?: readonly ModelFamily[];
  defaultModel?: string;
  api?: OpenAiApi;
  compat?: Compat;
}
declare function defineOpenAiProvider({ id, families, compat, api, ...settings }: OpenAiProviderSettings): Provider;
type OpenAiCompatibleSettings = Partial<OpenAiProviderSettings>;
declare function openaiCompatible(settings?: OpenAiCompatibleSettings): Provider;
export {
  type Compat,
  type OpenAiApi,
  type OpenAiCompatibleSettings,
  type OpenAiProviderSettings,
  type OpenAiWireOptions,
  type ReasoningRequest,
  type ToolCallIdRule,
  defineOpenAiProvider,
  openaiCompatible,
};
