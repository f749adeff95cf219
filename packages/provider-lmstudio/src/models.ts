import type { EmbedFamily, ModelFamily } from "@plurivox/core/provider";

/** No table: a model's id says nothing of how its file was made, and LM Studio runs whatever it is given. */
export const FAMILIES: readonly ModelFamily[] = [];

/** Some that LM Studio's own documentation names (2026-11). Every other key of `lmstudioModels().list()` is taken too. */
export type LmStudioModel = "openai/gpt-oss-20b" | "qwen/qwen3-30b-a3b-2507" | "qwen/qwen3-4b-2507" | "google/gemma-3-1b";

/** Keys of embedding models begin so. Of them nothing is known but that, so a profile that names one means it. */
export const EMBED_FAMILIES: readonly EmbedFamily[] = ["text-embedding"].map((prefix) => ({ prefix, capabilities: {} }));

/** The one that LM Studio comes with: https://lmstudio.ai/docs/developer/openai-compat/embeddings (2026-11). */
export type LmStudioEmbedModel = "text-embedding-nomic-embed-text-v1.5";
