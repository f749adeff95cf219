import {
  findFamily,
  type Capabilities,
  type ChatCall,
  type Feature,
  type ModelFamily,
  type ReasoningEffort,
} from "@plurivox/core/provider";

/** A family with what only this vendor's requests depend on. */
export interface ClaudeFamily extends ModelFamily {
  /** How it is told to think: by itself, or with a budget of tokens. */
  thinks?: "adaptive" | "budget";
  /** What switches thinking off, in a family that thinks by default and can be told not to. */
  off?: "disabled" | "between_tools";
  /** Takes no `output_config.effort`. */
  noEffort?: true;
  /** Takes role "system" between the other messages. */
  lateSystem?: true;
  /** Refuses temperature and top_p together. */
  oneSampler?: true;
}

const CLAUDE: Capabilities = {
  tools: true,
  toolChoice: true,
  parallelToolCalls: true,
  imageInput: true,
  stopSequences: true,
  cache: true,
  user: true,
};
const SINCE_4: Capabilities = { ...CLAUDE, documentInput: true, reasoning: true };
const SINCE_4_5: Capabilities = { ...SINCE_4, structuredOutput: true };
const SINCE_4_7: Capabilities = { ...SINCE_4_5, reasoningBudget: false, temperature: false, topP: false, topK: false };

const LEVELS: readonly ReasoningEffort[] = ["low", "medium", "high", "xhigh", "max"];
/** While it thinks, a model refuses sampling but for a temperature of 1 and a top_p from 0.95; with a budget, forced tool calls too. */
const WHILE_THINKING: readonly Feature[] = ["temperature", "topP", "topK"];
const WITH_BUDGET: readonly Feature[] = ["toolChoice", ...WHILE_THINKING];

const WIDE = { contextTokens: 1_000_000, maxOutputTokens: 128_000 };
const NARROW = { contextTokens: 200_000, maxOutputTokens: 64_000 };
const OPUS_4_7 = { ...WIDE, capabilities: SINCE_4_7, thinks: "adaptive", efforts: ["none", ...LEVELS] } as const;
const CLAUDE_5 = { ...OPUS_4_7, reasonsByDefault: true, lateSystem: true, efforts: LEVELS } as const;
const UNFORCED = { ...CLAUDE_5, capabilities: { ...SINCE_4_7, toolChoice: false } } as const;
const DISABLED = { off: "disabled", efforts: ["none", ...LEVELS] } as const;
const BETWEEN_TOOLS = { off: "between_tools", efforts: ["none", ...LEVELS] } as const;
const CLAUDE_4_6 = {
  ...WIDE,
  capabilities: SINCE_4_5,
  thinks: "adaptive",
  efforts: ["none", "low", "medium", "high", "max"],
  notWhileReasoning: WHILE_THINKING,
  oneSampler: true,
} as const;
const OPUS_4_5 = { ...NARROW, capabilities: SINCE_4_5, thinks: "budget", notWhileReasoning: WITH_BUDGET, oneSampler: true } as const;
const CLAUDE_4_5 = { ...OPUS_4_5, noEffort: true } as const;
const CLAUDE_4 = {
  ...NARROW,
  capabilities: { ...SINCE_4, structuredOutput: false },
  thinks: "budget",
  noEffort: true,
  notWhileReasoning: WITH_BUDGET,
} as const;
const CLAUDE_3 = { contextTokens: 200_000, capabilities: { ...CLAUDE, reasoning: false, structuredOutput: false } } as const;

/**
 * What each family can do. From SDK 1.11's types, the vendor's model pages and migration guides, and a recorded answer of /v1/models, read on 2026-11-21:
 * https://platform.claude.com/docs/en/models/sonnet-5-5/migration-guide, …/build-with-claude/thinking-troubleshooting, …/build-with-claude/effort,
 * …/build-with-claude/mid-conversation-system-messages, …/build-with-claude/structured-outputs.
 */
export const FAMILIES: readonly ClaudeFamily[] = [
  { prefix: "claude-opus-5-5", ...UNFORCED },
  { prefix: "claude-sonnet-5-5", ...UNFORCED, ...BETWEEN_TOOLS },
  { prefix: "claude-haiku-5-5", ...CLAUDE_5, ...DISABLED },
  { prefix: "claude-fable-5-2", ...UNFORCED },
  { prefix: "claude-mythos-5-2", ...UNFORCED },
  { prefix: "claude-fable-5-1", ...UNFORCED },
  { prefix: "claude-mythos-5-1", ...UNFORCED },
  { prefix: "claude-fable-5", ...CLAUDE_5 },
  { prefix: "claude-mythos-5", ...CLAUDE_5 },
  { prefix: "claude-opus-5", ...CLAUDE_5, ...DISABLED },
  { prefix: "claude-sonnet-5", ...CLAUDE_5, ...DISABLED, lateSystem: undefined },
  { prefix: "claude-opus-4-8", ...OPUS_4_7, lateSystem: true },
  { prefix: "claude-opus-4-7", ...OPUS_4_7 },
  { prefix: "claude-opus-4-6", ...CLAUDE_4_6 },
  { prefix: "claude-sonnet-4-6", ...CLAUDE_4_6 },
  { prefix: "claude-opus-4-5", ...OPUS_4_5, efforts: ["none", "low", "medium", "high"] },
  { prefix: "claude-haiku-4-5", ...CLAUDE_4_5 },
  { prefix: "claude-sonnet-4-5", ...CLAUDE_4_5 },
  { prefix: "claude-opus-4-1", ...CLAUDE_4, capabilities: SINCE_4_5, maxOutputTokens: 32_000 },
  { prefix: "claude-opus-4", ...CLAUDE_4, maxOutputTokens: 32_000 },
  { prefix: "claude-sonnet-4", ...CLAUDE_4 },
  { prefix: "claude-3-7-sonnet", ...CLAUDE_4 },
  { prefix: "claude-3-5-sonnet", ...CLAUDE_3, maxOutputTokens: 8192 },
  { prefix: "claude-3-5-haiku", ...CLAUDE_3, maxOutputTokens: 8192 },
  { prefix: "claude-3", ...CLAUDE_3, maxOutputTokens: 4096 },
];

/** `max_tokens` is required. For a model outside the table: all since Claude 3.5 take as much, and a cut answer says so, while too high a value is refused. */
export const FALLBACK_MAX_TOKENS = 8192;

/** Families that take only budgets think for a share of `max_tokens`. The least budget: https://platform.claude.com/docs/en/build-with-claude/thinking (2026-11-21) */
export const BUDGET_SHARE = { minimal: 0.05, low: 0.15, medium: 0.3, high: 0.5, xhigh: 0.7, max: 0.8 } as const;
export const MIN_BUDGET = 1024;

/**
 * "Expected `thinking` or `redacted_thinking`, but found `tool_use`": what thinks by a budget wants
 * its own thinking in front of the calls of a turn. https://github.com/mastra-ai/mastra/issues/7799
 * (2025-09-12)
 */
export function turnNeedsReasoning({ model, reasoning }: ChatCall): boolean {
  const family = findFamily(FAMILIES, model);
  return family?.thinks === "budget" || (reasoning?.budgetTokens !== undefined && family?.capabilities.reasoningBudget !== false);
}

/** What the Messages API has no words for. */
export const WIRE: Capabilities = {
  audioInput: false,
  jsonMode: false,
  seed: false,
  n: false,
  presencePenalty: false,
  frequencyPenalty: false,
  logprobs: false,
  metadata: false,
};

/** Small, fast and cheap, and still able to do everything. */
export const DEFAULT_MODEL: AnthropicModel = "claude-haiku-5-5";

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type AnthropicModel =
  | "claude-fable-5-2"
  | "claude-fable-5-1"
  | "claude-fable-5"
  | "claude-mythos-5-2"
  | "claude-mythos-5-1"
  | "claude-mythos-5"
  | "claude-opus-5-5"
  | "claude-opus-5"
  | "claude-opus-4-8"
  | "claude-opus-4-7"
  | "claude-opus-4-6"
  | "claude-opus-4-5"
  | "claude-opus-4-5-20251101"
  | "claude-opus-4-1"
  | "claude-sonnet-5-5"
  | "claude-sonnet-5"
  | "claude-sonnet-4-6"
  | "claude-sonnet-4-5"
  | "claude-sonnet-4-5-20250929"
  | "claude-haiku-5-5"
  | "claude-haiku-4-5"
  | "claude-haiku-4-5-20251001";
