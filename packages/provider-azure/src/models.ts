import type { EmbedFamily, ModelFamily } from "@plurivox/core/provider";

/** Reasons always, and takes no sampling. */
const ALWAYS = { capabilities: { reasoning: true, temperature: false, topP: false }, reasonsByDefault: true } as const;
/** Reasons unless it is told not to, and takes no sampling while it does. */
const UNLESS = { capabilities: { reasoning: true }, reasonsByDefault: true, notWhileReasoning: ["temperature", "topP"] } as const;
const WHEN_TOLD = { ...UNLESS, reasonsByDefault: false } as const;
const UNKNOWN = { capabilities: {} } as const;

/**
 * Which of OpenAI's models reason, and what they refuse then: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/reasoning (2026-11). No more than
 * that, because a deployment may be named like a model and hold another: what is said here changes how a call is asked for, and stops none. Other
 * vendors' models are not in it: of them nothing has to be known.
 */
export const FAMILIES: readonly ModelFamily[] = [
  { prefix: "gpt-6", ...UNLESS },
  { prefix: "gpt-6-sol", ...UNLESS },
  { prefix: "gpt-6-luna", ...UNLESS },
  { prefix: "gpt-6-astra", ...ALWAYS },
  { prefix: "gpt-6.1-sol", ...ALWAYS },
  { prefix: "gpt-6.1-terra", ...UNLESS },
  { prefix: "gpt-5.6", ...UNLESS },
  { prefix: "gpt-5.5", ...UNLESS },
  { prefix: "gpt-5.4", ...WHEN_TOLD },
  { prefix: "gpt-5.3-codex", ...UNLESS },
  { prefix: "gpt-5.2", ...WHEN_TOLD },
  { prefix: "gpt-5.2-codex", ...UNLESS },
  { prefix: "gpt-5.2-chat", ...UNKNOWN },
  { prefix: "gpt-5.1", ...WHEN_TOLD },
  { prefix: "gpt-5.1-codex", ...UNLESS },
  { prefix: "gpt-5.1-chat", ...UNKNOWN },
  { prefix: "gpt-5", ...ALWAYS },
  { prefix: "gpt-5-codex", ...UNLESS },
  { prefix: "gpt-5-chat", ...UNKNOWN },
  { prefix: "codex-mini", ...UNLESS },
  { prefix: "o1", ...ALWAYS },
  { prefix: "o3", ...ALWAYS },
  { prefix: "o4-mini", ...ALWAYS },
];

/** Models that can be deployed, for autocompletion; a deployment's own name is as good. */
export type AzureModel =
  | "gpt-6.1-sol"
  | "gpt-6-luna"
  | "gpt-5.6-luna"
  | "gpt-5.5"
  | "gpt-5.4"
  | "gpt-5.4-mini"
  | "gpt-5.2"
  | "gpt-5.1"
  | "gpt-5.1-codex-mini"
  | "gpt-5"
  | "gpt-5-mini"
  | "gpt-5-nano"
  | "gpt-4.1"
  | "gpt-4.1-mini"
  | "gpt-4.1-nano"
  | "gpt-4o"
  | "gpt-4o-mini"
  | "o3-mini"
  | "o4-mini"
  | "codex-mini"
  | "grok-4-1-fast-non-reasoning";

/** Of these nothing is known but that they embed, so a profile that names one means it. */
export const EMBED_FAMILIES: readonly EmbedFamily[] = [
  "text-embedding-3-small",
  "text-embedding-3-large",
  "text-embedding-ada-002",
  "Cohere-embed",
  "embed-v-4-0",
].map((prefix) => ({ prefix, capabilities: {} }));

/** Embedding models that can be deployed, for autocompletion; a deployment's own name is as good. */
export type AzureEmbedModel =
  | "text-embedding-3-small"
  | "text-embedding-3-large"
  | "text-embedding-ada-002"
  | "Cohere-embed-v3-english"
  | "embed-v-4-0";
