import { Provider } from "@plurivox/core/provider";
interface OllamaModelsSettings {
  baseURL?: string;
  apiKey?: string;
  fetch?: typeof fetch;
  signal?: AbortSignal;
}
interface OllamaModelSummary {
  name: string;
  sizeBytes: number;
  digest: string;
  modifiedAt?: string;
  expiresAt?: string;
  vramBytes?: number;
  family?: string;
  parameterSize?: string;
  quantization?: string;
}
interface OllamaModelInfo {
  contextTokens?: number;
  capabilities: string[];
  raw: Record<string, unknown>;
}
interface OllamaPullProgress {
  status: string;
  digest?: string;
  completed?: number;
  total?: number;
}
interface OllamaModels {
  list(): Promise<OllamaModelSummary[]>;
  running(): Promise<OllamaModelSummary[]>;
  show(model: string): Promise<OllamaModelInfo>;
  pull(model: string): AsyncGenerator<OllamaPullProgress, void, undefined>;
  delete(model: string): Promise<void>;
}
declare function ollamaModels(settings?: OllamaModelsSettings): OllamaModels;
type OllamaModel =
  | "gpt-oss:20b"
  | "gpt-oss:120b"
  | "gpt-oss:20b-cloud"
  | "gpt-oss:120b-cloud"
  | "gemma4"
  | "gemma4:e4b"
  | "gemma4:31b"
  | "gemma3:4b"
  | "qwen3.6"
  | "qwen3.5"
  | "qwen3:4b"
  | "qwen3:8b"
  | "qwen3-vl:8b"
  | "qwen3-coder:30b"
  | "deepseek-v3.1:671b-cloud"
  | "deepseek-r1:8b"
  | "glm-5:cloud"
  | "llama3.3"
  | "llama3.2"
  | "llama3.1";
type OllamaEmbedModel = "nomic-embed-text" | "embeddinggemma" | "qwen3-embedding" | "mxbai-embed-large" | "bge-m3" | "all-minilm";
type OllamaOptions = {
  numCtx?: number;
  numPredict?: number;
  keepAlive?: string | number;
  think?: boolean | "low" | "medium" | "high" | "max" | (string & {});
  minP?: number;
  repeatPenalty?: number;
  repeatLastN?: number;
  truncate?: boolean;
  shift?: boolean;
  parameters?: Record<string, unknown>;
};
interface OllamaSettings {
  baseURL?: string;
}
declare module "@plurivox/core" {
  interface KnownModels {
    ollama: OllamaModel;
  }
  interface KnownEmbedModels {
    ollama: OllamaEmbedModel;
  }
  interface ProviderOptions {
    ollama?: OllamaOptions;
  }
}
declare function ollama({ baseURL }?: OllamaSettings): Provider;
export {
  type OllamaEmbedModel,
  type OllamaModel,
  type OllamaModelInfo,
  type OllamaModelSummary,
  type OllamaModels,
  type OllamaModelsSettings,
  type OllamaOptions,
  type OllamaPullProgress,
  type OllamaSettings,
  ollama,
  ollamaModels,
};
