import type { Capabilities, EmbedWire, ModelFamily, ReasoningEffort } from "@plurivox/core/provider";

/** A family with what only Groq's requests depend on. */
export interface GroqFamily extends ModelFamily {
  /** Writes its reasoning into its text unless it is told where else. */
  thinksAloud?: true;
  /** Efforts by Groq's word for them, where that is another. */
  effortWords?: Readonly<Partial<Record<ReasoningEffort, string>>>;
  /** Schemas are enforced while the model writes, if they are strict. */
  constrained?: true;
}

/** What Groq has no words for, or takes from nobody. https://console.groq.com/docs/openai (2026-11), SDK 1.6's docstrings (2026-11-21) */
export const WIRE: Capabilities = {
  // Texts and data go into `providerOptions.groq.documents`.
  documentInput: false,
  audioInput: false,
  reasoningBudget: false,
  topK: false,
  n: false,
  presencePenalty: false,
  frequencyPenalty: false,
  logprobs: false,
  metadata: false,
};

const COMMON: Capabilities = { temperature: true, topP: true, stopSequences: true, seed: true, user: true };
const CALLING: Capabilities = { ...COMMON, tools: true, toolChoice: true, parallelToolCalls: true, jsonMode: true };
const READING: Capabilities = { ...CALLING, imageInput: false, reasoning: false };
const SEEING: Capabilities = { ...CALLING, imageInput: true };

const WIDE = { contextTokens: 131_072 };
const GPT_OSS = {
  ...WIDE,
  maxOutputTokens: 65_536,
  capabilities: { ...CALLING, imageInput: false, reasoning: true, structuredOutput: true },
  reasonsByDefault: true,
  efforts: ["low", "medium", "high"],
} as const;
const QWEN_3 = {
  ...WIDE,
  maxOutputTokens: 40_960,
  capabilities: { ...CALLING, imageInput: false, reasoning: true, structuredOutput: false },
  reasonsByDefault: true,
  thinksAloud: true,
  // It can only be switched.
  efforts: ["none", "medium"],
  effortWords: { medium: "default" },
} as const;
const LLAMA_4 = { ...WIDE, maxOutputTokens: 8192, capabilities: { ...SEEING, reasoning: false, structuredOutput: true } } as const;
/** They search and compute by themselves, and take no tools of the caller's: https://github.com/FerroxLabs/wayland-core/pull/54 (2026-06) */
const COMPOUND = { ...WIDE, maxOutputTokens: 8192, capabilities: { ...COMMON, tools: false, imageInput: false } } as const;
const DISTILLED = {
  ...WIDE,
  capabilities: { ...CALLING, imageInput: false, reasoning: true },
  reasonsByDefault: true,
  thinksAloud: true,
} as const;

/**
 * What each family can do here. From https://console.groq.com/docs/models, …/docs/reasoning, …/docs/structured-outputs, …/docs/vision,
 * …/docs/tool-use and the model pages, SDK 1.6's docstrings, and recorded answers and refusals; read on 2026-11-21.
 */
export const FAMILIES: readonly GroqFamily[] = [
  { prefix: "openai/gpt-oss", ...GPT_OSS, constrained: true },
  { prefix: "openai/gpt-oss-safeguard", ...GPT_OSS },
  { prefix: "qwen/qwen3", ...QWEN_3 },
  {
    prefix: "qwen/qwen3.6",
    ...WIDE,
    capabilities: { ...SEEING, reasoning: true },
    reasonsByDefault: true,
    thinksAloud: true,
    efforts: QWEN_3.efforts,
    effortWords: QWEN_3.effortWords,
  },
  {
    prefix: "qwen/qwen3.8",
    ...WIDE,
    capabilities: { ...SEEING, reasoning: true },
    reasonsByDefault: true,
    thinksAloud: true,
    efforts: ["none", "low", "medium", "high"],
  },
  { prefix: "llama-3.3", ...WIDE, maxOutputTokens: 32_768, capabilities: { ...READING, structuredOutput: false } },
  { prefix: "llama-3.1", ...WIDE, maxOutputTokens: 131_072, capabilities: { ...READING, structuredOutput: false } },
  { prefix: "meta-llama/llama-4", ...LLAMA_4 },
  { prefix: "moonshotai/kimi-k2", contextTokens: 262_144, maxOutputTokens: 16_384, capabilities: { ...READING, structuredOutput: true } },
  { prefix: "compound", ...COMPOUND },
  { prefix: "groq/compound", ...COMPOUND },
  { prefix: "deepseek-r1-distill", ...DISTILLED },
  { prefix: "qwen-qwq", ...DISTILLED },
];

/** Small, fast and cheap, and still able to reason, to call tools and to keep to a schema. */
export const DEFAULT_MODEL: GroqModel = "openai/gpt-oss-20b";

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type GroqModel =
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

/** SDK 1.6's types, and the description of the API at https://console.groq.com/docs/api-reference#embeddings (2026-11): no dimensions, 2,048 inputs. */
export const EMBED_WIRE: Omit<EmbedWire, "load"> & { defaultModel: GroqEmbedModel } = {
  // The only one that the SDK's types name.
  defaultModel: "nomic-embed-text-v1_5",
  maxInputs: 2048,
  capabilities: { dimensions: false, inputType: false },
};

/** Ids of embedding models that are known here, for autocompletion; any other is sent as it stands. */
export type GroqEmbedModel = "nomic-embed-text-v1_5";
