import type { EmbedFamily, ModelFamily } from "@plurivox/core/provider";

/** No table: what a model can do depends on the host that answers, and OpenRouter leaves out whatever that one does not take. */
export const FAMILIES: readonly ModelFamily[] = [];

/** Some of several hundred, out of recorded traffic (2026-11). Every other `vendor/model` is taken too. */
export type OpenRouterModel =
  | "openrouter/auto"
  | "anthropic/claude-opus-5"
  | "anthropic/claude-sonnet-4.6"
  | "anthropic/claude-haiku-4.5"
  | "deepseek/deepseek-chat"
  | "deepseek/deepseek-r1"
  | "google/gemini-3.6-flash"
  | "google/gemini-2.5-flash"
  | "google/gemini-2.5-flash-lite"
  | "meta-llama/llama-3.3-70b-instruct:free"
  | "moonshotai/kimi-k2.5"
  | "openai/gpt-5.4-nano"
  | "openai/gpt-5-nano"
  | "openai/gpt-4.1"
  | "openai/gpt-4.1-mini"
  | "openai/gpt-4o"
  | "openai/gpt-4o-mini"
  | "perplexity/sonar"
  | "qwen/qwen3-30b-a3b-instruct-2507"
  | "x-ai/grok-4.1-fast"
  | "z-ai/glm-5-turbo"
  | "z-ai/glm-4.6";

/** Of these nothing is known but that they embed, so a profile that names one means it. */
export const EMBED_FAMILIES: readonly EmbedFamily[] = [
  "openai/text-embedding",
  "google/gemini-embedding",
  "qwen/qwen3-embedding",
  "mistralai/mistral-embed",
  "baai/bge",
].map((prefix) => ({ prefix, capabilities: {} }));

/** Some of several dozen: https://openrouter.ai/models?output_modalities=embeddings (2026-11). Every other `vendor/model` is taken too. */
export type OpenRouterEmbedModel =
  | "openai/text-embedding-3-small"
  | "openai/text-embedding-3-large"
  | "google/gemini-embedding-001"
  | "qwen/qwen3-embedding-8b";
