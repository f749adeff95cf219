import type { Capabilities, EmbedFamily, EmbedWire, ModelFamily, ReasoningEffort } from "@plurivox/core/provider";

const TEXT: Capabilities = {
  tools: true,
  toolChoice: true,
  parallelToolCalls: true,
  structuredOutput: true,
  jsonMode: true,
  temperature: true,
  topP: true,
  stopSequences: true,
  seed: true,
  presencePenalty: true,
  frequencyPenalty: true,
};
const VISION: Capabilities = { ...TEXT, imageInput: true, documentInput: true };
const HYBRID: Capabilities = { ...VISION, reasoning: true };

/** Thinks when it is told to, or not at all. */
const ON_OR_OFF: readonly ReasoningEffort[] = ["none", "high"];

const WIDE = { contextTokens: 262_144 };
const MEDIUM_3_5 = { ...WIDE, capabilities: HYBRID, efforts: ON_OR_OFF } as const;
const SMALL_4 = { ...WIDE, capabilities: { ...HYBRID, logprobs: false }, efforts: ON_OR_OFF } as const;
const LARGE_3 = { ...WIDE, capabilities: { ...VISION, reasoning: false } } as const;
const MINISTRAL_3 = { ...WIDE, capabilities: VISION } as const;

/**
 * What each family can do. https://docs.mistral.ai/inference/conversations/reasoning (2026-11), the model cards that
 * https://github.com/anomalyco/models.dev quotes (2026-10-06), probes of the live API (https://github.com/withceleste/celeste-python/pull/311, 2026-07-15;
 * https://github.com/dust-tt/dust/pull/27613, 2026-06-18) and recorded answers, among them the refusals of logprobs. Magistral was retired on
 * 2026-07-31; its ids lead to the hybrid models since (https://github.com/UKGovernmentBEIS/inspect_ai/pull/4711).
 */
export const FAMILIES: readonly ModelFamily[] = [
  {
    prefix: "mistral-large-4",
    contextTokens: 1_000_000,
    capabilities: HYBRID,
    efforts: ["none", "low", "medium", "high"],
    reasonsByDefault: true,
  },
  // Rows of their own and not one for "mistral-large", which would refuse reasoning to the next one too.
  { prefix: "mistral-large-latest", ...LARGE_3 },
  { prefix: "mistral-large-2512", ...LARGE_3 },
  { prefix: "mistral-medium-latest", ...MEDIUM_3_5 },
  { prefix: "mistral-medium-3-5", ...MEDIUM_3_5 },
  { prefix: "mistral-medium-3.5", ...MEDIUM_3_5 },
  { prefix: "mistral-medium-2604", ...MEDIUM_3_5 },
  { prefix: "mistral-medium", capabilities: VISION },
  { prefix: "mistral-small-latest", ...SMALL_4 },
  { prefix: "mistral-small-2603", ...SMALL_4 },
  { prefix: "mistral-small", capabilities: TEXT },
  { prefix: "magistral-medium", ...MEDIUM_3_5 },
  { prefix: "magistral-small", ...SMALL_4 },
  { prefix: "ministral-3b", ...MINISTRAL_3, capabilities: { ...VISION, logprobs: false } },
  { prefix: "ministral-8b", ...MINISTRAL_3 },
  { prefix: "ministral-14b", ...MINISTRAL_3 },
  { prefix: "codestral", capabilities: TEXT },
  { prefix: "devstral", ...WIDE, capabilities: TEXT },
  { prefix: "pixtral", capabilities: { ...TEXT, imageInput: true } },
  { prefix: "voxtral-small", capabilities: { ...TEXT, audioInput: true } },
  // Others' models that the vendor hosts: https://github.com/mistralai/mistral-vibe/issues/1117 (2026-09-21).
  { prefix: "zai-glm-5-3", capabilities: { ...TEXT, reasoning: true }, efforts: ["low", "high", "max"] },
  { prefix: "zai-glm-5-2", capabilities: { ...TEXT, reasoning: true }, efforts: ["high", "max"] },
];

/** What the wire has no words for; fields that it does not know are refused. https://github.com/Vali-98/ChatterUI/issues/143 (2024-12-14) */
export const WIRE: Capabilities = { topK: false, user: false, reasoningBudget: false };

/** Small, fast and cheap, and still able to see, to call tools and to reason. */
export const DEFAULT_MODEL: MistralModel = "mistral-small-latest";

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type MistralModel =
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

/** Vectors of mistral-embed have 1,024 numbers: https://docs.mistral.ai/capabilities/embeddings/text_embeddings (2026-11). Those of codestral-embed as many as are asked for (recorded). */
const EMBED_FAMILIES: readonly EmbedFamily[] = [
  { prefix: "codestral-embed", capabilities: { dimensions: true } },
  { prefix: "mistral-embed", capabilities: { dimensions: false } },
];

/**
 * "Too many inputs in request, split into more batches" above 512: https://github.com/raphaelmansuy/edgequake-llm/pull/74 (2026-05). "Too many tokens in batch.
 * Max is 16384": https://github.com/aurelio-labs/semantic-router/issues/297 (2024-05).
 */
export const EMBED_WIRE: Omit<EmbedWire, "load"> & { defaultModel: MistralEmbedModel } = {
  defaultModel: "mistral-embed",
  families: EMBED_FAMILIES,
  maxInputs: 512,
  maxTokens: 16_384,
  capabilities: { inputType: false, user: false },
};

/** Ids of embedding models that are known here, for autocompletion; any other is sent as it stands. */
export type MistralEmbedModel = "mistral-embed" | "codestral-embed";
