import { ChatDelta, ChatWire, Connection, EmbedWire, ErrorFacts, Feature, Provider, ToolCallIdRule } from "@plurivox/core/provider";
type ReasoningRequest = "effort" | "object" | "enabled" | "thinking" | "thinking-off" | "enable-thinking" | "chat-template" | "none";
interface Compat {
  tokenLimit?: "max_tokens" | "max_completion_tokens";
  streamUsage?: boolean;
  systemRole?: "system" | "developer" | "by-model";
  reasoningFields?: readonly string[];
  reasoningReplay?: "as-read" | "none" | (string & {});
  lostReasoning?:
    | false
    | {
        text: string;
        onlyWithToolCalls?: true;
      };
  reasoningRequest?: ReasoningRequest;
  jsonSchema?: boolean;
  jsonObject?: boolean;
  strict?: boolean | "shape";
  parallelToolCalls?: boolean;
  toolCallIds?: ToolCallIdRule;
  needsOption?: NonNullable<ChatWire["needsOption"]>;
  topK?: boolean;
  documentUrls?: boolean;
  resultFiles?: boolean;
  reasoningTags?: NonNullable<ChatWire["reasoningTags"]>;
  lacks?: readonly Feature[];
  extraBody?: Readonly<Record<string, unknown>>;
}
type ReadExtras = (answer: object, out: ChatDelta[]) => void;
interface EmbedCompat extends Omit<EmbedWire, "load"> {
  encoding?: "float" | "base64";
  inputTypes?: {
    query: string;
    document: string;
    otherwise?: "query" | "document";
  };
  costField?: string;
  options?: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, unknown>>;
}
declare function errorFacts({ status, body }: { status?: number; headers?: Headers; body: unknown }): ErrorFacts;
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
type PresetName =
  | "baseten"
  | "cerebras"
  | "chutes"
  | "dashscope"
  | "deepinfra"
  | "deepseek"
  | "fireworks"
  | "huggingface"
  | "hyperbolic"
  | "moonshot"
  | "nebius"
  | "novita"
  | "perplexity"
  | "sambanova"
  | "siliconflow"
  | "together"
  | "venice"
  | "vercel"
  | "xai"
  | "zai"
  | "jan"
  | "llama-cpp"
  | "lmstudio"
  | "sglang"
  | "vllm";
type OpenAiApi = "chat" | "responses";
interface OpenAiProviderSettings
  extends
    Pick<Provider, "id" | "baseURL" | "auth" | "env" | "apiKey" | "claimsModels" | "defaultModel">,
    Partial<Pick<Provider, "families" | "errorFacts">> {
  api?: OpenAiApi;
  compat?: Compat;
  place?(to: Connection): Place | Promise<Place>;
  chatOptions?: Readonly<Record<string, string>>;
  readExtras?(): ReadExtras;
  embed?: EmbedCompat;
  adapt?(wire: ChatWire, api: OpenAiApi): ChatWire;
}
interface Place {
  headers: Record<string, string>;
  aim<
    Body extends {
      model?: unknown;
    },
  >(
    api: OpenAiApi | "embeddings",
    body: Body,
  ): {
    url: string;
    body: Body;
  };
}
declare function defineOpenAiProvider(settings: OpenAiProviderSettings): Provider;
interface OpenAiCompatibleSettings extends Partial<OpenAiProviderSettings> {
  preset?: PresetName;
}
declare function openaiCompatible({ preset, ...settings }?: OpenAiCompatibleSettings): Provider;
export {
  type Compat,
  type EmbedCompat,
  type OpenAiApi,
  type OpenAiCompatibleSettings,
  type OpenAiProviderSettings,
  type OpenAiWireOptions,
  type Place,
  type PresetName,
  type ReadExtras,
  type ReasoningRequest,
  defineOpenAiProvider,
  errorFacts,
  openaiCompatible,
};
