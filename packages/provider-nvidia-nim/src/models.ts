import type { Capabilities, EmbedFamily, ModelFamily } from "@plurivox/core/provider";

/** A family with how it is told to reason; absent: by `reasoning_effort`, as most servers are. */
export interface NimFamily extends ModelFamily {
  /** By the first words of its instructions. */
  words?: { on: string; off: string };
  /** By `chat_template_kwargs`. `low`: beside `on`, for little reasoning. */
  kwargs?: { on: Json; off: Json; low?: Json };
  /** The efforts above go along as a kwarg too. */
  effortKwarg?: string;
  /** The field that limits its reasoning. */
  budgetField?: string;
}

type Json = Readonly<Record<string, unknown>>;

const CALLING: Capabilities = { tools: true, structuredOutput: true };
const REASONING: Capabilities = { ...CALLING, reasoning: true, reasoningBudget: false };
const TEXT: Capabilities = { imageInput: false };

/** https://docs.nvidia.com/nim/large-language-models/latest/reasoning-model.html (2026-11) */
const DETAILED = { capabilities: { ...REASONING, ...TEXT }, words: { on: "detailed thinking on", off: "detailed thinking off" } } as const;
/** https://docs.nvidia.com/rag/2.5.0/enable-nemotron-thinking.html (2026-11) */
const SLASHED = { capabilities: { ...REASONING, ...TEXT }, reasonsByDefault: true, words: { on: "/think", off: "/no_think" } } as const;
/**
 * `reasoning_effort` changes nothing in them: https://huggingface.co/nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8/discussions/12 (2026).
 * The budget: NVIDIA's examples at https://build.nvidia.com (2026).
 */
const NEMOTRON_3 = {
  capabilities: { ...REASONING, reasoningBudget: true },
  reasonsByDefault: true,
  efforts: ["none", "low", "high"],
  kwargs: { on: { enable_thinking: true }, off: { enable_thinking: false }, low: { low_effort: true } },
  budgetField: "reasoning_budget",
} as const;
/** NVIDIA's examples at https://build.nvidia.com (2026): DeepSeek and Kimi are told so, Qwen and GLM as below. */
const THINKING = { capabilities: { ...REASONING }, kwargs: { on: { thinking: true }, off: { thinking: false } } } as const;
/** https://github.com/apmantza/pi-free/issues/217 (2026-06) */
const DEEPSEEK_4 = {
  ...THINKING,
  capabilities: { ...REASONING, ...TEXT },
  efforts: ["none", "high", "max"],
  effortKwarg: "reasoning_effort",
} as const;
const QWEN = {
  capabilities: { ...REASONING },
  reasonsByDefault: true,
  kwargs: { on: { enable_thinking: true }, off: { enable_thinking: false } },
} as const;
/** It is to see what it thought before: https://github.com/anomalyco/opencode/issues/13584 (2026-02) */
const GLM = {
  ...QWEN,
  reasonsByDefault: undefined,
  kwargs: { on: { enable_thinking: true, clear_thinking: false }, off: { enable_thinking: false } },
} as const;

/**
 * What each family can do on NVIDIA's endpoints, from the sources above, https://docs.nvidia.com/nim/large-language-models (2026-11) and the table of
 * NVIDIA's own client, https://github.com/langchain-ai/langchain-nvidia (data/_profiles.py); read on 2026-11-21. A name of your own for a model is
 * another id, of which nothing is known here.
 */
export const FAMILIES: readonly NimFamily[] = [
  { prefix: "nvidia/nemotron-3.5", ...NEMOTRON_3 },
  { prefix: "nvidia/nemotron-3", ...NEMOTRON_3, capabilities: { ...NEMOTRON_3.capabilities, ...TEXT } },
  { prefix: "nvidia/nemotron-3-nano-omni", ...NEMOTRON_3 },
  {
    prefix: "nvidia/nvidia-nemotron-nano-9b-v2",
    ...SLASHED,
    capabilities: { ...SLASHED.capabilities, reasoningBudget: true },
    budgetField: "max_thinking_tokens",
  },
  { prefix: "nvidia/llama-3.3-nemotron-super-49b-v1", ...DETAILED },
  { prefix: "nvidia/llama-3.3-nemotron-super-49b-v1.5", ...SLASHED },
  { prefix: "nvidia/llama-3.1-nemotron-ultra-253b-v1", ...DETAILED },
  { prefix: "nvidia/llama-3.1-nemotron-nano-8b-v1", ...DETAILED },
  { prefix: "deepseek-ai/deepseek-v3.1", ...THINKING },
  { prefix: "deepseek-ai/deepseek-v3.2", ...THINKING },
  { prefix: "deepseek-ai/deepseek-v4", ...DEEPSEEK_4 },
  { prefix: "deepseek-ai/deepseek-v4.1", ...DEEPSEEK_4 },
  { prefix: "moonshotai/kimi-k2.5", ...THINKING },
  { prefix: "moonshotai/kimi-k2.6", ...THINKING },
  { prefix: "z-ai/glm4.7", ...GLM },
  { prefix: "z-ai/glm5", ...GLM },
  { prefix: "z-ai/glm-5.1", ...GLM },
  { prefix: "qwen/qwen3.5", ...QWEN },
  { prefix: "openai/gpt-oss", capabilities: { ...REASONING, ...TEXT }, reasonsByDefault: true, efforts: ["low", "medium", "high"] },
  { prefix: "meta/llama-3.1", capabilities: { ...CALLING, ...TEXT, reasoning: false } },
  { prefix: "meta/llama-3.3", capabilities: { ...CALLING, ...TEXT, reasoning: false } },
];

/** For models outside of the table. */
export const BUDGET_FIELD = "reasoning_budget";

/** The one that every account can call, and able to do all that the others can with text. */
export const DEFAULT_MODEL: NvidiaNimModel = "nvidia/nemotron-3-super-120b-a12b";

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type NvidiaNimModel =
  | "nvidia/nemotron-3.5-super-vl-120b-a12b"
  | "nvidia/nemotron-3.5-lightning-30b-a3b"
  | "nvidia/nemotron-3-ultra-550b-a55b"
  | "nvidia/nemotron-3-super-120b-a12b"
  | "nvidia/nemotron-3-nano-30b-a3b"
  | "nvidia/nvidia-nemotron-nano-9b-v2"
  | "nvidia/llama-3.3-nemotron-super-49b-v1.5"
  | "nvidia/llama-3.1-nemotron-ultra-253b-v1"
  | "deepseek-ai/deepseek-v4.1-flash"
  | "deepseek-ai/deepseek-v4-pro"
  | "deepseek-ai/deepseek-v4-flash"
  | "moonshotai/kimi-k2.6"
  | "qwen/qwen3.5-397b-a17b"
  | "openai/gpt-oss-120b"
  | "openai/gpt-oss-20b"
  | "meta/llama-3.3-70b-instruct"
  | "meta/llama-3.1-8b-instruct";

/** Of these nothing is known but that they embed, so a profile that names one means it. */
export const EMBED_FAMILIES: readonly EmbedFamily[] = [
  "nvidia/llama-nemotron-embed",
  "nvidia/nemotron-3-embed",
  "nvidia/nv-embedqa",
  "nvidia/nv-embed",
  "baai/bge",
].map((prefix) => ({ prefix, capabilities: {} }));

/** Ids of embedding models that are known here, for autocompletion; any other is sent as it stands. https://build.nvidia.com (2026-11) */
export type NvidiaNimEmbedModel =
  | "nvidia/llama-nemotron-embed-1b-v2"
  | "nvidia/nemotron-3-embed-1b"
  | "nvidia/nv-embedqa-e5-v5"
  | "nvidia/nv-embed-v1"
  | "baai/bge-m3";
