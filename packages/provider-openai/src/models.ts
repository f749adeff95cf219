import type { Capabilities, EmbedFamily, Feature, ModelFamily, ReasoningEffort } from "@plurivox/core/provider";

const CLASSIC: Capabilities = {
  tools: true,
  toolChoice: true,
  parallelToolCalls: true,
  reasoning: false,
  temperature: true,
  topP: true,
  presencePenalty: true,
  frequencyPenalty: true,
  logprobs: true,
  stopSequences: true,
  seed: true,
  n: true,
  jsonMode: true,
};
const SEEING: Capabilities = { imageInput: true, documentInput: true, structuredOutput: true };
const REASONING: Capabilities = { tools: true, reasoning: true, ...SEEING };
const NO_AUDIO: Capabilities = { audioInput: false };
/** Any temperature and top_p but 1: https://community.openai.com/t/gpt-5-models-temperature/1337957, of o3 https://github.com/simonw/llm/pull/1370. */
const UNSAMPLED: Capabilities = { temperature: false, topP: false };
/** https://github.com/oracle/ai-optimizer/issues/240 */
const UNPENALIZED: Capabilities = { presencePenalty: false, frequencyPenalty: false };
/** The SDK's docstring; of gpt-5 https://github.com/huggingface/smolagents/pull/1662, of 5.1 and 5.2 1868 and 1895 there. */
const UNSTOPPABLE: Capabilities = { stopSequences: false };

/** Accepted at effort "none" alone. https://developers.openai.com/api/docs/guides/deployment-checklist (2026-11) */
const SAMPLING: readonly Feature[] = ["temperature", "topP"];
const SAMPLING_AND_LOGPROBS: readonly Feature[] = [...SAMPLING, "logprobs"];
/** "Function tools with reasoning_effort are not supported for … in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'." https://github.com/BerriAI/litellm/pull/34569 (2026-07) */
const TOOLS_TOO: readonly Feature[] = ["tools", ...SAMPLING_AND_LOGPROBS];

const LOW_TO_HIGH: readonly ReasoningEffort[] = ["low", "medium", "high"];
const TO_XHIGH: readonly ReasoningEffort[] = [...LOW_TO_HIGH, "xhigh"];
/** "max" is of responses alone. https://github.com/livekit/agents/pull/7169 (2026-09) */
const TO_MAX: readonly ReasoningEffort[] = [...TO_XHIGH, "max"];

const WIDE = { contextTokens: 1_050_000, maxOutputTokens: 128_000 };
const MIDDLE = { contextTokens: 400_000, maxOutputTokens: 128_000 };
const NARROW = { contextTokens: 128_000, maxOutputTokens: 16_384 };

/** Reasons by default, and on chat completions not together with tools. */
const GPT_5_5 = {
  ...WIDE,
  capabilities: REASONING,
  reasonsByDefault: true,
  efforts: ["none", ...TO_XHIGH],
  apis: { chat: { notWhileReasoning: TOOLS_TOO }, responses: { notWhileReasoning: SAMPLING } },
} as const satisfies Partial<ModelFamily>;
const GPT_5_6 = {
  ...GPT_5_5,
  capabilities: { ...REASONING, ...NO_AUDIO },
  apis: { chat: GPT_5_5.apis.chat, responses: { notWhileReasoning: SAMPLING, efforts: ["none", ...TO_MAX] } },
} as const;
const GPT_6 = {
  ...GPT_5_6,
  apis: { ...GPT_5_6.apis, responses: { ...GPT_5_6.apis.responses, notWhileReasoning: SAMPLING_AND_LOGPROBS } },
} as const;
/** Cannot be told not to reason. https://developers.openai.com/api/docs/guides/latest-model?model=gpt-6.1-sol (2026-11) */
const ALWAYS = {
  ...WIDE,
  capabilities: { ...REASONING, ...NO_AUDIO, ...UNSAMPLED, logprobs: false },
  reasonsByDefault: true,
  efforts: TO_XHIGH,
  apis: { chat: { capabilities: { tools: false } }, responses: { efforts: TO_MAX } },
} as const;
/** Does not reason unless it is told to. */
const GPT_5_4 = { ...GPT_5_5, reasonsByDefault: false } as const;
const GPT_5_2 = {
  ...MIDDLE,
  capabilities: { ...REASONING, ...UNSTOPPABLE },
  efforts: ["none", ...TO_XHIGH],
  apis: { chat: { notWhileReasoning: SAMPLING_AND_LOGPROBS }, responses: { notWhileReasoning: SAMPLING } },
} as const;
const GPT_5 = {
  ...MIDDLE,
  capabilities: { ...REASONING, ...UNSAMPLED, ...UNPENALIZED, ...UNSTOPPABLE },
  reasonsByDefault: true,
  efforts: ["minimal", ...LOW_TO_HIGH],
} as const;
const PRO = {
  capabilities: { tools: true, reasoning: true, imageInput: true, ...UNSAMPLED },
  reasonsByDefault: true,
  efforts: ["medium", "high", "xhigh"],
} as const;
const CODEX = {
  ...MIDDLE,
  capabilities: { tools: true, reasoning: true, imageInput: true },
  reasonsByDefault: true,
  efforts: TO_XHIGH,
} as const;
const O_SERIES = {
  contextTokens: 200_000,
  maxOutputTokens: 100_000,
  capabilities: { tools: true, reasoning: true, imageInput: true, structuredOutput: true, ...UNSAMPLED },
  reasonsByDefault: true,
  efforts: LOW_TO_HIGH,
  // https://github.com/UKGovernmentBEIS/inspect_ai/issues/1023, https://github.com/langchain-ai/langchain/issues/29704
  apis: { chat: { capabilities: { parallelToolCalls: false } } },
} as const;
const O1_EARLY = { contextTokens: 128_000, capabilities: { reasoning: true, imageInput: false, ...UNSAMPLED } } as const;
const AUDIO = { ...NARROW, capabilities: { tools: true, reasoning: false, audioInput: true } } as const;
/** https://github.com/vercel/ai/pull/5647 */
const SEARCH = { ...NARROW, capabilities: { reasoning: false, structuredOutput: true, ...UNSAMPLED, ...UNPENALIZED } } as const;
const UNSCHEMED: Capabilities = { structuredOutput: false };
const UNKNOWN = { capabilities: {} } as const;

/**
 * What each family can do: from the SDK's docstrings (7.57), https://developers.openai.com/api/docs/models, recorded traffic and refusals on file, read on
 * 2026-11-21 with every link above and below. Families of which nothing is known stand here too where a shorter prefix would lend them what is not theirs.
 */
export const FAMILIES: readonly ModelFamily[] = [
  { prefix: "gpt-6-astra", ...ALWAYS, capabilities: { ...ALWAYS.capabilities, ...UNSTOPPABLE } },
  { prefix: "gpt-6.1-sol", ...ALWAYS },
  // Whether it reasons by default is not known.
  {
    prefix: "gpt-6.1-terra",
    ...GPT_6,
    reasonsByDefault: undefined,
    apis: { ...GPT_6.apis, chat: { notWhileReasoning: SAMPLING_AND_LOGPROBS } },
  },
  { prefix: "gpt-6-sol", ...GPT_6 },
  { prefix: "gpt-6-luna", ...GPT_6 },
  { prefix: "gpt-5.6", ...GPT_5_6 },
  { prefix: "gpt-5.6-cyber", ...MIDDLE, ...UNKNOWN },
  { prefix: "gpt-5.5", ...GPT_5_5 },
  { prefix: "gpt-5.5-pro", ...WIDE, ...PRO },
  { prefix: "gpt-5.4", ...GPT_5_4 },
  { prefix: "gpt-5.4-mini", ...GPT_5_4, ...MIDDLE },
  { prefix: "gpt-5.4-nano", ...GPT_5_4, ...MIDDLE },
  // https://github.com/withceleste/celeste-python/pull/394 (2026-09), as of 5.2-pro.
  { prefix: "gpt-5.4-pro", ...WIDE, ...PRO, capabilities: { ...PRO.capabilities, ...UNSCHEMED } },
  { prefix: "gpt-5.3-codex", ...CODEX, efforts: undefined },
  { prefix: "gpt-5.3-codex-spark", ...CODEX, contextTokens: 128_000, maxOutputTokens: 32_000 },
  { prefix: "gpt-5.3-chat-latest", ...NARROW, capabilities: { tools: true, imageInput: true } },
  { prefix: "gpt-5.2", ...GPT_5_2 },
  { prefix: "gpt-5.2-pro", ...MIDDLE, ...PRO, capabilities: { ...PRO.capabilities, ...UNSCHEMED } },
  { prefix: "gpt-5.2-codex", ...CODEX },
  // https://github.com/egoist/chatwise-releases/issues/1257 (2026-02)
  { prefix: "gpt-5.2-chat-latest", ...NARROW, capabilities: { imageInput: true }, efforts: ["medium"] },
  { prefix: "gpt-5.1", ...GPT_5_2, efforts: ["none", ...LOW_TO_HIGH] },
  { prefix: "gpt-5.1-codex", ...CODEX, efforts: LOW_TO_HIGH },
  { prefix: "gpt-5.1-codex-max", ...CODEX },
  { prefix: "gpt-5.1-chat-latest", ...NARROW, capabilities: { imageInput: true } },
  { prefix: "gpt-5.1-mini", ...UNKNOWN },
  { prefix: "gpt-5", ...GPT_5 },
  // https://github.com/vllm-project/vllm/pull/23319
  { prefix: "gpt-5-mini", ...GPT_5, apis: { responses: { capabilities: { logprobs: false } } } },
  // https://community.openai.com/t/gpt-5-nano-accepted-parameters/1355086
  {
    prefix: "gpt-5-chat-latest",
    ...NARROW,
    capabilities: { ...CLASSIC, tools: false, parallelToolCalls: undefined, logprobs: false, imageInput: true, ...UNSCHEMED },
  },
  { prefix: "gpt-5-pro", ...PRO, contextTokens: 400_000, capabilities: { ...PRO.capabilities, structuredOutput: true }, efforts: ["high"] },
  { prefix: "gpt-5-codex", ...CODEX, efforts: LOW_TO_HIGH },
  { prefix: "gpt-5-search-api", ...UNKNOWN },
  { prefix: "gpt-4.1", contextTokens: 1_047_576, maxOutputTokens: 32_768, capabilities: { ...CLASSIC, ...SEEING } },
  { prefix: "gpt-4o", ...NARROW, capabilities: { ...CLASSIC, ...SEEING } },
  { prefix: "gpt-4o-2024-05-13", ...NARROW, maxOutputTokens: 4096, capabilities: { ...CLASSIC, ...SEEING, structuredOutput: undefined } },
  // https://github.com/pollinations/pollinations/issues/2588
  { prefix: "gpt-4o-audio-preview", ...AUDIO, capabilities: { ...AUDIO.capabilities, imageInput: false } },
  { prefix: "gpt-4o-mini-audio-preview", ...AUDIO, capabilities: { ...AUDIO.capabilities, imageInput: false } },
  { prefix: "gpt-4o-search-preview", ...SEARCH },
  { prefix: "gpt-4o-mini-search-preview", ...SEARCH },
  // https://github.com/langgenius/dify-official-plugins/pull/1541, https://github.com/web-infra-dev/midscene/issues/259
  { prefix: "chatgpt-4o-latest", ...NARROW, capabilities: { ...CLASSIC, tools: false, imageInput: true, ...UNSCHEMED } },
  { prefix: "gpt-audio", ...AUDIO },
  { prefix: "o1", ...O_SERIES },
  // https://github.com/SillyTavern/SillyTavern/pull/3470, https://github.com/typedef-ai/fenic/pull/207
  { prefix: "o1-mini", ...O1_EARLY, maxOutputTokens: 65_536, capabilities: { ...O1_EARLY.capabilities, ...UNSCHEMED } },
  { prefix: "o1-preview", ...O1_EARLY, maxOutputTokens: 32_768 },
  { prefix: "o3", ...O_SERIES, capabilities: { ...O_SERIES.capabilities, ...UNPENALIZED, ...UNSTOPPABLE } },
  // https://github.com/browser-use/browser-use/issues/283
  { prefix: "o3-mini", ...O_SERIES, capabilities: { ...O_SERIES.capabilities, ...UNPENALIZED, imageInput: false } },
  { prefix: "o3-deep-research", ...O_SERIES, capabilities: { reasoning: true, imageInput: true } },
  // https://github.com/confident-ai/deepeval/pull/2184
  {
    prefix: "o4-mini",
    ...O_SERIES,
    capabilities: { ...O_SERIES.capabilities, ...UNSTOPPABLE },
    apis: { chat: { capabilities: { parallelToolCalls: false, logprobs: false } } },
  },
  { prefix: "o4-mini-deep-research", ...O_SERIES, capabilities: { reasoning: true, imageInput: true } },
  // https://langfa.st/models/gpt-4-turbo, https://github.com/idootop/mi-gpt/issues/142
  { prefix: "gpt-4-turbo", ...NARROW, maxOutputTokens: 4096, capabilities: { ...CLASSIC, imageInput: true, ...UNSCHEMED } },
  { prefix: "gpt-4-1106-preview", ...NARROW, maxOutputTokens: 4096, capabilities: { ...CLASSIC, ...UNSCHEMED } },
  { prefix: "gpt-4-0125-preview", ...NARROW, maxOutputTokens: 4096, capabilities: { ...CLASSIC, ...UNSCHEMED } },
  { prefix: "gpt-4", contextTokens: 8192, maxOutputTokens: 8192, capabilities: { ...CLASSIC, jsonMode: false, ...UNSCHEMED } },
  { prefix: "gpt-4-32k", contextTokens: 32_768, capabilities: { ...CLASSIC, jsonMode: false, ...UNSCHEMED } },
  { prefix: "gpt-4-vision-preview", ...NARROW, maxOutputTokens: 4096, capabilities: { imageInput: true, reasoning: false, ...UNSCHEMED } },
  { prefix: "gpt-3.5-turbo", contextTokens: 16_385, maxOutputTokens: 4096, capabilities: { ...CLASSIC, ...UNSCHEMED } },
  {
    prefix: "codex-mini-latest",
    ...CODEX,
    contextTokens: 200_000,
    maxOutputTokens: 100_000,
    capabilities: { tools: true, reasoning: true },
    efforts: undefined,
  },
];

/** Small, fast and cheap, and still able to do everything. */
export const DEFAULT_MODEL: OpenAiModel = "gpt-6-luna";

/** Ids that are known here, for autocompletion; any other is sent as it stands. */
export type OpenAiModel =
  | "gpt-6.1-sol"
  | "gpt-6.1-terra"
  | "gpt-6-astra"
  | "gpt-6-sol"
  | "gpt-6-luna"
  | "gpt-5.6-sol"
  | "gpt-5.6-terra"
  | "gpt-5.6-luna"
  | "gpt-5.5"
  | "gpt-5.5-pro"
  | "gpt-5.4"
  | "gpt-5.4-mini"
  | "gpt-5.4-nano"
  | "gpt-5.4-pro"
  | "gpt-5.3-codex"
  | "gpt-5.2"
  | "gpt-5.2-pro"
  | "gpt-5.1"
  | "gpt-5"
  | "gpt-5-mini"
  | "gpt-5-nano"
  | "gpt-5-pro"
  | "gpt-4.1"
  | "gpt-4.1-mini"
  | "gpt-4.1-nano"
  | "gpt-4o"
  | "gpt-4o-mini"
  | "gpt-audio"
  | "gpt-audio-mini"
  | "o3"
  | "o3-pro"
  | "o3-deep-research"
  | "o4-mini"
  | "o4-mini-deep-research";

/** `dimensions` is "only supported in text-embedding-3 and later models": https://developers.openai.com/api/reference/resources/embeddings (2026-11). */
export const EMBED_FAMILIES: readonly EmbedFamily[] = [
  { prefix: "text-embedding-3", capabilities: { dimensions: true } },
  { prefix: "text-embedding-ada-002", capabilities: { dimensions: false } },
];

export const DEFAULT_EMBED_MODEL: OpenAiEmbedModel = "text-embedding-3-small";

/** Ids of embedding models that are known here, for autocompletion; any other is sent as it stands. */
export type OpenAiEmbedModel = "text-embedding-3-small" | "text-embedding-3-large" | "text-embedding-ada-002";
