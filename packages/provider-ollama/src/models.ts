import type { Capabilities, EmbedFamily, EmbedWire, ModelFamily } from "@plurivox/core/provider";

const TOOLS: Capabilities = { tools: true };
const THINKS: Capabilities = { tools: true, reasoning: true };
const THINKING = { capabilities: THINKS, reasonsByDefault: true } as const;

/**
 * What is known of models in the library; a server says the rest when it refuses. Windows are left to the server, because they differ from tag to tag.
 * https://docs.ollama.com/capabilities/thinking (read 2026-11-21); Gemma 3: https://github.com/louisho5/picobot/issues/6 (2026-02-12),
 * https://github.com/7shi/llm7shi, ollama.md; Qwen 3 Coder: https://github.com/ollama/ollama, model/renderers (read 2026-11-21).
 */
export const FAMILIES: readonly ModelFamily[] = [
  { prefix: "gpt-oss", ...THINKING, efforts: ["low", "medium", "high"] },
  { prefix: "gemma4", capabilities: { ...THINKS, imageInput: true } },
  { prefix: "gemma3", capabilities: { tools: false, reasoning: false, imageInput: true } },
  { prefix: "gemma3:1b", capabilities: { tools: false, reasoning: false } },
  { prefix: "gemma3:270m", capabilities: { tools: false, reasoning: false } },
  { prefix: "qwen3.6", ...THINKING },
  { prefix: "qwen3.5", ...THINKING },
  { prefix: "qwen3", ...THINKING },
  { prefix: "qwen3-vl", capabilities: { ...THINKS, imageInput: true } },
  { prefix: "qwen3-coder", capabilities: { tools: true, reasoning: false } },
  { prefix: "qwen2.5", capabilities: TOOLS },
  { prefix: "deepseek-v3.1", capabilities: THINKS },
  { prefix: "deepseek-r1", capabilities: { reasoning: true }, reasonsByDefault: true },
  { prefix: "llama3.3", capabilities: TOOLS },
  { prefix: "llama3.2", capabilities: TOOLS },
  { prefix: "llama3.2-vision", capabilities: { imageInput: true } },
  { prefix: "llama3.1", capabilities: TOOLS },
];

/**
 * What /api/chat has no words for. A `tool_choice` is ignored by the server: https://github.com/ollama/ollama/issues/17921 (2026-08-21).
 * Sounds go where images go, so they are left to the model.
 */
export const WIRE: Capabilities = {
  toolChoice: false,
  parallelToolCalls: false,
  documentInput: false,
  reasoningBudget: false,
  n: false,
  cache: false,
  user: false,
  metadata: false,
};

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type OllamaModel =
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

/** Of these nothing is known but that they embed, so a profile that names one means it. https://ollama.com/search?c=embedding (2026-11) */
const EMBED_FAMILIES: readonly EmbedFamily[] = [
  "nomic-embed-text",
  "embeddinggemma",
  "qwen3-embedding",
  "mxbai-embed-large",
  "snowflake-arctic-embed",
  "snowflake-arctic-embed2",
  "granite-embedding",
  "bge-m3",
  "bge-large",
  "all-minilm",
].map((prefix) => ({ prefix, capabilities: {} }));

/** What /api/embed has no words for: https://docs.ollama.com/api/embed (2026-11). It takes any number of inputs; the bound keeps its answers, which are texts, to some megabytes. */
export const EMBED_WIRE: Omit<EmbedWire, "load"> = {
  maxInputs: 512,
  families: EMBED_FAMILIES,
  capabilities: { inputType: false, user: false },
};

/** Ids of embedding models that are known here, for autocompletion; any other is sent as it stands. */
export type OllamaEmbedModel = "nomic-embed-text" | "embeddinggemma" | "qwen3-embedding" | "mxbai-embed-large" | "bge-m3" | "all-minilm";
