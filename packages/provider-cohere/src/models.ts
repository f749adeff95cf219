import type { Capabilities, EmbedFamily, EmbedWire, ModelFamily, ReasoningEffort } from "@plurivox/core/provider";

/** What Chat takes for every model. */
const CHAT: Capabilities = {
  temperature: true,
  topP: true,
  topK: true,
  stopSequences: true,
  seed: true,
  presencePenalty: true,
  frequencyPenalty: true,
  logprobs: true,
};
const TOOLS: Capabilities = { tools: true, toolChoice: true };
const JSON_OUTPUT: Capabilities = { jsonMode: true, structuredOutput: true };
/** Older than the vendor's first model that reasons, of August 2025. */
const BEFORE_REASONING: Capabilities = { ...CHAT, reasoning: false };
const TEXT_ONLY: Capabilities = { imageInput: false };

const EFFORTS: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high"];
const REASONING: Capabilities = { reasoning: true, reasoningBudget: true };
const REASONS = { reasonsByDefault: true, efforts: EFFORTS } as const;
const SMALL = { contextTokens: 128_000, maxOutputTokens: 4000 } as const;
/** A tool call could not yet be forced. */
const COMMAND_R: Capabilities = { ...BEFORE_REASONING, ...TEXT_ONLY, ...JSON_OUTPUT, tools: true, toolChoice: false };

/**
 * What each family can do. From the types of SDK 8.1, recorded answers of /v1/models, and the vendor's pages, read on 2026-11-21:
 * https://docs.cohere.com/docs/models, …/docs/command-a-plus, …/docs/command-a-vision ("Limitations"), …/docs/structured-outputs, …/docs/reasoning,
 * …/docs/north-mini-code-1.0.
 */
export const FAMILIES: readonly ModelFamily[] = [
  {
    prefix: "command-a-plus",
    contextTokens: 128_000,
    maxOutputTokens: 64_000,
    capabilities: { ...CHAT, ...TOOLS, ...JSON_OUTPUT, ...REASONING, imageInput: true },
    ...REASONS,
  },
  {
    prefix: "command-a-reasoning",
    contextTokens: 256_000,
    maxOutputTokens: 32_000,
    capabilities: { ...CHAT, ...TOOLS, ...REASONING, ...TEXT_ONLY },
    ...REASONS,
  },
  {
    prefix: "command-a-vision",
    contextTokens: 128_000,
    maxOutputTokens: 8000,
    capabilities: { ...BEFORE_REASONING, imageInput: true, tools: false },
  },
  { prefix: "command-a-translate", contextTokens: 8000, maxOutputTokens: 8000, capabilities: { ...CHAT, ...TEXT_ONLY } },
  {
    prefix: "command-a-03",
    contextTokens: 288_000,
    maxOutputTokens: 8192,
    capabilities: { ...BEFORE_REASONING, ...TOOLS, ...JSON_OUTPUT, ...TEXT_ONLY },
  },
  { prefix: "command-r7b", ...SMALL, capabilities: { ...BEFORE_REASONING, ...TOOLS, ...TEXT_ONLY } },
  { prefix: "command-r-plus", ...SMALL, capabilities: COMMAND_R },
  { prefix: "command-r", ...SMALL, capabilities: COMMAND_R },
  {
    prefix: "north-mini-code",
    contextTokens: 256_000,
    maxOutputTokens: 64_000,
    capabilities: { ...CHAT, ...TOOLS, ...JSON_OUTPUT, ...REASONING, ...TEXT_ONLY },
    ...REASONS,
  },
  { prefix: "north-small-translate", contextTokens: 16_000, maxOutputTokens: 16_000, capabilities: { ...CHAT, ...TEXT_ONLY } },
];

/**
 * The vendor knows no efforts, only a budget: the lower ones think for a share of the output. From "high" on there is no limit, which is what the vendor
 * recommends. https://docs.cohere.com/docs/reasoning (read 2026-11-21)
 */
export const BUDGET_SHARE: Readonly<Partial<Record<ReasoningEffort, number>>> = { minimal: 0.05, low: 0.15, medium: 0.3 };

/** What Chat has no words for. */
export const WIRE: Capabilities = {
  parallelToolCalls: false,
  documentInput: false,
  audioInput: false,
  n: false,
  cache: false,
  user: false,
  metadata: false,
};

/** The newest, and the only one that sees, reasons and calls tools. */
export const DEFAULT_MODEL: CohereModel = "command-a-plus-05-2026";

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type CohereModel =
  | "command-a-plus-05-2026"
  | "command-a-reasoning-08-2025"
  | "command-a-vision-07-2025"
  | "command-a-translate-08-2025"
  | "command-a-03-2025"
  | "command-r7b-12-2024"
  | "command-r-plus-08-2024"
  | "command-r-08-2024"
  | "north-mini-code-1-0"
  | "north-small-translate-1-0";

/** `output_dimension` "is only available for embed-v4 and newer models": SDK 8.1's types (2026-11). */
const EMBED_FAMILIES: readonly EmbedFamily[] = [
  { prefix: "embed-v4.0", capabilities: { dimensions: true } },
  { prefix: "embed-english", capabilities: { dimensions: false } },
  { prefix: "embed-multilingual", capabilities: { dimensions: false } },
];

/** "Maximum number of texts per call is 96": SDK 8.1's types (2026-11). */
export const EMBED_WIRE: Omit<EmbedWire, "load"> & { defaultModel: CohereEmbedModel } = {
  defaultModel: "embed-v4.0",
  families: EMBED_FAMILIES,
  maxInputs: 96,
  capabilities: { user: false },
};

/** Ids of embedding models that are known here, for autocompletion; any other is sent as it stands. */
export type CohereEmbedModel =
  | "embed-v4.0"
  | "embed-multilingual-v3.0"
  | "embed-multilingual-light-v3.0"
  | "embed-english-v3.0"
  | "embed-english-light-v3.0";
