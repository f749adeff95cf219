import type { Provider } from "@plurivox/core/provider";
import type { Compat } from "./compat.ts";
import type { EmbedCompat } from "./embed.ts";

/** Hosts that are known by name: those that others run, then servers of one's own. */
export type PresetName =
  | "baseten"
  | "cerebras"
  | "chutes"
  | "dashscope"
  | "deepinfra"
  | "deepseek"
  | "fireworks"
  | "huggingface"
  | "hyperbolic"
  | "moonshot"
  | "nebius"
  | "novita"
  | "perplexity"
  | "sambanova"
  | "siliconflow"
  | "together"
  | "venice"
  | "vercel"
  | "xai"
  | "zai"
  | "jan"
  | "llama-cpp"
  | "lmstudio"
  | "sglang"
  | "vllm";

/** Its name is the provider id, so its key is also looked for in `<NAME>_API_KEY`. */
export interface Preset {
  baseURL: string;
  auth: NonNullable<Provider["auth"]>;
  env?: Provider["env"];
  compat?: Compat;
  embed?: EmbedCompat;
}

const hosted = (baseURL: string, compat?: Compat): Preset => ({ baseURL, auth: "required", compat });
/** A server of one's own leaves reasoning in its tags unless it was started with a parser for it: https://docs.vllm.ai/en/latest/features/reasoning_outputs.html (2026-11). */
const local = (baseURL: string, compat?: Compat): Preset => ({ baseURL, auth: "optional", compat: { reasoningTags: "usual", ...compat } });

/**
 * Addresses, variables and ways of reasoning, where nothing else is named: https://github.com/anomalyco/models.dev/tree/dev/providers (2026-11), which cites
 * the hosts' own pages. What is not said here is as `Compat` has it by default. Nothing is told from a model's name: one host serves many vendors' models.
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  baseten: hosted("https://inference.baseten.co/v1"),

  // The penalties and parallel_tool_calls are refused with 400: https://hexdocs.pm/req_llm/cerebras.html (2026-11). Instructions have the role "system",
  // there is no "developer": https://inference-docs.cerebras.ai/resources/openai (2026-11).
  cerebras: hosted("https://api.cerebras.ai/v1", {
    tokenLimit: "max_completion_tokens",
    parallelToolCalls: false,
    lacks: ["presencePenalty", "frequencyPenalty"],
  }),

  // A vLLM or SGLang for each model: https://chutes.ai/docs/guides/reasoning-models (2026-08).
  chutes: hosted("https://llm.chutes.ai/v1", { reasoningRequest: "chat-template" }),

  // Outside China; there, https://dashscope.aliyuncs.com/compatible-mode/v1. https://www.alibabacloud.com/help/en/model-studio/deep-thinking (2026-06).
  // "batch size is invalid, it should not be larger than 10" for embeddings: https://github.com/memodb-io/memobase/issues/142 (2025-11).
  dashscope: {
    ...hosted("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", { reasoningRequest: "enable-thinking" }),
    embed: { maxInputs: 10 },
  },

  // https://docs.deepinfra.com/chat/reasoning (2026-06): reasoning_effort, with "none" to turn it off.
  deepinfra: hosted("https://api.deepinfra.com/v1/openai"),

  // Reasoning: https://api-docs.deepseek.com/guides/thinking_mode (2026-09). It has to come back with tool calls, and an assistant's message without any, as
  // another model's is, is refused: https://github.com/nowledge-co/nowledge-mem/issues/36 (2026-05). "This response_format type is unavailable now" for
  // schemas: https://github.com/llm-exe/llm-exe/issues/662 (2026-07). Strict tools only under /beta: https://api-docs.deepseek.com/guides/tool_calls (2026-09).
  deepseek: hosted("https://api.deepseek.com", {
    reasoningFields: ["reasoning_content"],
    reasoningRequest: "thinking",
    lostReasoning: { text: "" },
    jsonSchema: false,
    strict: false,
  }),

  // https://docs.fireworks.ai/guides/reasoning (2026-06).
  fireworks: hosted("https://api.fireworks.ai/inference/v1"),

  huggingface: { ...hosted("https://router.huggingface.co/v1"), env: { apiKey: ["HF_TOKEN"] } },

  // https://docs.litellm.ai/docs/providers/hyperbolic (2026-10).
  hyperbolic: hosted("https://api.hyperbolic.xyz/v1"),

  // "cannot specify both 'thinking' and 'reasoning_effort'": https://github.com/HKUDS/nanobot/issues/3939 (2026-05). "thinking is enabled but reasoning_content
  // is missing in assistant tool call message": https://github.com/continuedev/continue/issues/11600 (2026-03); a full stop is taken for it, nothing is not:
  // https://github.com/can1357/oh-my-pi/pull/1839 (2026-06). The limit: https://github.com/simstudioai/sim/pull/5716 (2026-07).
  moonshot: hosted("https://api.moonshot.ai/v1", {
    tokenLimit: "max_completion_tokens",
    reasoningFields: ["reasoning_content"],
    reasoningRequest: "thinking-off",
    lostReasoning: { text: ".", onlyWithToolCalls: true },
  }),

  nebius: hosted("https://api.tokenfactory.nebius.com/v1"),

  // https://novita.ai/docs/api-reference/model-apis-llm-create-chat-completion (2026-06).
  novita: hosted("https://api.novita.ai/openai/v1", { reasoningRequest: "enable-thinking" }),

  // Searches by itself and calls no tools; these are dropped in silence: https://docs.getbifrost.ai/providers/supported-providers/perplexity (2026-11).
  // `response_format` is "text", "json_schema" or "regex": https://github.com/567-labs/instructor/issues/1005 (2024-09), and has no `strict`:
  // https://github.com/theopenco/llmgateway/pull/1475 (2026-01).
  perplexity: hosted("https://api.perplexity.ai", {
    jsonObject: false,
    strict: false,
    parallelToolCalls: false,
    lacks: ["tools", "toolChoice", "stopSequences", "seed", "logprobs"],
  }),

  // https://docs.pipecat.ai/api-reference/server/services/llm/sambanova (2026-11).
  sambanova: hosted("https://api.sambanova.ai/v1"),

  // https://docs.siliconflow.com/en/api-reference/chat-completions/chat-completions (2026-06).
  // 413 for more than 64 texts to embed: https://github.com/apecloud/ApeRAG/pull/724 (2025-04).
  siliconflow: { ...hosted("https://api.siliconflow.com/v1", { reasoningRequest: "enable-thinking" }), embed: { maxInputs: 64 } },

  // https://docs.together.ai/docs/inference/chat/reasoning (2026-06).
  together: hosted("https://api.together.ai/v1", { reasoningRequest: "enabled" }),

  // https://docs.venice.ai (2026-11).
  venice: hosted("https://api.venice.ai/api/v1"),

  // https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions/advanced (2026-06).
  vercel: { ...hosted("https://ai-gateway.vercel.sh/v1", { reasoningRequest: "object" }), env: { apiKey: ["AI_GATEWAY_API_KEY"] } },

  // max_tokens is the old name: https://hexdocs.pm/req_llm/xai.html (2026-11).
  xai: hosted("https://api.x.ai/v1", { tokenLimit: "max_completion_tokens" }),

  // The coding plan has an address of its own, https://api.z.ai/api/coding/paas/v4. https://docs.z.ai/guides/capabilities/thinking (2026-06).
  zai: {
    ...hosted("https://api.z.ai/api/paas/v4", { reasoningFields: ["reasoning_content"], reasoningRequest: "thinking" }),
    env: { apiKey: ["ZHIPU_API_KEY"] },
  },

  // https://jan.ai/docs/local-api (2026-11): with the key that was entered there.
  jan: local("http://127.0.0.1:1337/v1"),

  // https://github.com/ggml-org/llama.cpp/tree/master/tools/server (2026-11).
  "llama-cpp": local("http://127.0.0.1:8080/v1", { reasoningRequest: "chat-template" }),

  // Schemas only: "'response_format.type' must be 'json_schema' or 'text'": https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189 (2024-11).
  lmstudio: local("http://127.0.0.1:1234/v1", { jsonObject: false }),

  // https://docs.sglang.ai/advanced_features/separate_reasoning.html (2026-11).
  sglang: local("http://127.0.0.1:30000/v1", { reasoningRequest: "chat-template" }),

  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html (2026-11).
  vllm: local("http://127.0.0.1:8000/v1"),
};

/** Where the provider of no preset looks beside its own variables. */
export const OWN_ENV: Provider["env"] = {
  apiKey: ["OPENAI_API_KEY"],
  baseURL: ["OPENAI_BASE_URL"],
  model: ["OPENAI_MODEL"],
  embedModel: ["OPENAI_EMBED_MODEL"],
};
