import type { Capabilities, EmbedFamily, EmbedWire, ModelFamily, ReasoningEffort } from "@plurivox/core/provider";

/** A family with what only this vendor's requests depend on. */
export interface GeminiFamily extends ModelFamily {
  /** Thinks by a budget of tokens, which stands here for each effort, and not by a level. */
  budgets?: Readonly<Partial<Record<ReasoningEffort, number>>>;
  /** Wants no signatures on function calls. */
  beforeGemini3?: true;
}

const GEMINI: Capabilities = {
  tools: true,
  toolChoice: true,
  imageInput: true,
  documentInput: true,
  audioInput: true,
  structuredOutput: true,
  jsonMode: true,
  temperature: true,
  topP: true,
  topK: true,
  stopSequences: true,
  seed: true,
};
const NO_PENALTIES: Capabilities = { presencePenalty: false, frequencyPenalty: false };
const GEMINI_2_5: Capabilities = { ...GEMINI, ...NO_PENALTIES, reasoning: true, reasoningBudget: true, n: true };
const GEMINI_3: Capabilities = { ...GEMINI, ...NO_PENALTIES, reasoning: true, n: false };
/** Takes sampling parameters and ignores them. */
const UNSAMPLED: Capabilities = { ...GEMINI_3, temperature: false, topP: false, topK: false };
const GEMINI_4: Capabilities = { ...UNSAMPLED, reasoningBudget: false };

const LEVELS: readonly ReasoningEffort[] = ["low", "medium", "high"];
const MINIMAL_TOO: readonly ReasoningEffort[] = ["minimal", ...LEVELS];

/** As the vendor's OpenAI-compatible API counts them, from the least to the most that a family takes. */
const BUDGETS = { minimal: 512, low: 1024, medium: 8192, high: 24_576 };
const PRO_BUDGETS = { ...BUDGETS, minimal: 128, max: 32_768 };
const FLASH_BUDGETS = { none: 0, ...BUDGETS };

const SIZE = { contextTokens: 1_048_576, maxOutputTokens: 65_536 };
/** Up to Gemini 2.5 "function calling with a response mime type 'application/json' is unsupported": https://github.com/googleapis/js-genai/issues (2026). */
const BEFORE_GEMINI_3 = {
  beforeGemini3: true,
  resultFiles: { videos: true, pdfOnly: true },
  notWithTools: ["structuredOutput", "jsonMode"],
} as const;
const OLD = { ...SIZE, ...BEFORE_GEMINI_3 } as const;
const FLASH_2_5 = { ...OLD, capabilities: GEMINI_2_5, budgets: FLASH_BUDGETS, efforts: effortsOf(FLASH_BUDGETS) } as const;
const FLASH_3 = { ...SIZE, capabilities: GEMINI_3, efforts: MINIMAL_TOO, reasonsByDefault: true } as const;
const FLASH_3_6 = { ...FLASH_3, capabilities: UNSAMPLED };
const FLASH_3_7 = { ...FLASH_3_6, efforts: LEVELS };
const PRO_3 = { ...FLASH_3, efforts: LEVELS };

function effortsOf(budgets: Partial<Record<ReasoningEffort, number>>): readonly ReasoningEffort[] {
  return Object.keys(budgets) as ReasoningEffort[];
}

/**
 * What each family can do. From SDK 3.1's types, the recordings, and, read on 2026-11-21: https://ai.google.dev/gemini-api/docs/thinking,
 * …/whats-new-gemini-3.6, …/openai (budgets), https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/thinking,
 * …/models/guides/gemini-3-5-flash, …/gemini-3-8-flash, …/gemini-4-argon, https://github.com/google-gemini/cookbook/issues/1290 (penalties),
 * https://github.com/ENTERPILOT/GoModel/pull/863 (n), https://github.com/GoogleCloudPlatform/generative-ai/issues/2947 (logprobs),
 * https://dev.to/aihubmix/gemini-4-neon-migration-default-high-thinking-400-errors-and-the-65k-cap-45gj.
 */
export const FAMILIES: readonly GeminiFamily[] = [
  { prefix: "gemini-4", ...SIZE, capabilities: GEMINI_4, efforts: LEVELS, reasonsByDefault: true },
  { prefix: "gemini-3.8-flash", ...FLASH_3_7 },
  { prefix: "gemini-3.7-flash", ...FLASH_3_7 },
  { prefix: "gemini-3.6-flash", ...FLASH_3_6 },
  { prefix: "gemini-3.5-flash", ...FLASH_3, capabilities: { ...GEMINI_3, logprobs: false } },
  { prefix: "gemini-3.5-flash-lite", ...FLASH_3_6 },
  { prefix: "gemini-3.1-pro", ...PRO_3 },
  { prefix: "gemini-3.1-flash-lite", ...FLASH_3 },
  { prefix: "gemini-3-pro", ...PRO_3, efforts: ["low", "high"] },
  { prefix: "gemini-3-flash", ...FLASH_3 },
  {
    prefix: "gemini-2.5-pro",
    ...OLD,
    capabilities: GEMINI_2_5,
    budgets: PRO_BUDGETS,
    efforts: effortsOf(PRO_BUDGETS),
    reasonsByDefault: true,
  },
  { prefix: "gemini-2.5-flash", ...FLASH_2_5, reasonsByDefault: true },
  { prefix: "gemini-2.5-flash-lite", ...FLASH_2_5 },
  {
    prefix: "gemini-2.0-flash",
    contextTokens: 1_048_576,
    maxOutputTokens: 8192,
    capabilities: { ...GEMINI, presencePenalty: true, frequencyPenalty: true, reasoning: false, n: true },
    ...BEFORE_GEMINI_3,
  },
  // Of their sisters' traits these are known not to have all, and nobody says which.
  { prefix: "gemini-2.0-flash-thinking", capabilities: {}, ...BEFORE_GEMINI_3 },
  { prefix: "gemini-2.0-flash-exp-image-generation", capabilities: {}, ...BEFORE_GEMINI_3 },
  { prefix: "gemini-2.5-flash-image", capabilities: NO_PENALTIES, ...BEFORE_GEMINI_3 },
  { prefix: "gemini-3-pro-image", capabilities: NO_PENALTIES },
];

/** What generateContent has no words for. Caching goes on by itself, or by `providerOptions.google.cachedContent`. */
export const WIRE: Capabilities = { parallelToolCalls: false, cache: false, user: false, metadata: false };

/** Fast and cheap, and still able to do everything. */
export const DEFAULT_MODEL: GoogleModel = "gemini-3.8-flash";

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type GoogleModel =
  | "gemini-4-argon"
  | "gemini-4-carbon"
  | "gemini-4-hydrogen"
  | "gemini-4-neon"
  | "gemini-3.8-flash"
  | "gemini-3.7-flash"
  | "gemini-3.6-flash"
  | "gemini-3.5-flash"
  | "gemini-3.5-flash-lite"
  | "gemini-3.1-pro-preview"
  | "gemini-3.1-flash-lite"
  | "gemini-3.1-flash-image"
  | "gemini-3-pro-preview"
  | "gemini-3-pro-image"
  | "gemini-3-flash-preview"
  | "gemini-2.5-pro"
  | "gemini-2.5-flash"
  | "gemini-2.5-flash-lite"
  | "gemini-2.5-flash-image"
  | "gemini-2.0-flash"
  | "gemini-flash-latest"
  | "gemini-flash-lite-latest"
  | "gemini-pro-latest"
  | "gemini-nano-banana-2.1";

type GoogleEmbedWire = Omit<EmbedWire, "load"> & { defaultModel: GoogleEmbedModel };

/** A task in the request changes nothing in the vectors of gemini-embedding-2, which wants it in the text: https://github.com/embeddings-benchmark/mteb/pull/4851 (2026-06). */
const EMBED_FAMILIES: readonly EmbedFamily[] = [
  { prefix: "gemini-embedding-2", capabilities: { dimensions: true, inputType: false } },
  { prefix: "gemini-embedding-001", capabilities: { dimensions: true, inputType: true } },
];

/** "BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch": https://github.com/weaviate/weaviate/pull/11277 (2026-05). */
export const EMBED_WIRE: GoogleEmbedWire = {
  defaultModel: "gemini-embedding-001",
  families: EMBED_FAMILIES,
  maxInputs: 100,
  capabilities: { user: false },
};

/** One text at a time for the models of Gemini, 250 and 20,000 tokens for those before. https://docs.cloud.google.com/vertex-ai/generative-ai/docs/embeddings/get-text-embeddings (2026-11) */
export const VERTEX_EMBED_WIRE: GoogleEmbedWire = {
  defaultModel: "gemini-embedding-001",
  families: [
    ...EMBED_FAMILIES,
    { prefix: "text-embedding", capabilities: {}, maxInputs: 250 },
    { prefix: "text-multilingual-embedding", capabilities: {}, maxInputs: 250 },
  ],
  maxInputs: 1,
  maxTokens: 20_000,
  capabilities: { user: false },
};

/** Ids of embedding models that are known here, for autocompletion; any other is sent as it stands. */
export type GoogleEmbedModel = "gemini-embedding-001" | "gemini-embedding-2";
