import type { ErrorKind } from "@plurivox/core/provider";
import type { EmbedCompat } from "@plurivox/provider-openai-compatible";

/**
 * `stream_options`: some NIMs never answer a stream that is asked for its usage (https://github.com/HKUDS/DeepTutor/pull/420, 2026-04); those for
 * images refuse it (https://github.com/langchain-ai/langchain-nvidia, chat_models.py, 2026-11). NVIDIA's own endpoints answer most others, and tell
 * no usage without it (recorded 2025-01; https://github.com/kittors/CliRelay/pull/658, 2026-07).
 */
export const STREAM_USAGE = false;

/** Where each option goes in the body. `chatTemplateKwargs` is joined with what reasoning needs. */
export const CHAT_OPTIONS: Readonly<Record<string, string>> = { minTokens: "min_tokens", repetitionPenalty: "repetition_penalty" };

/**
 * "'input_type' parameter is required for asymmetric models": https://github.com/decolua/9router/issues/1378 (2026-05). Which of them are asymmetric nobody lists,
 * and the others take it too. 50 at once, and "NONE" because the vendor would cut in silence, as NVIDIA's own client does it:
 * https://reference.langchain.com/python/langchain-nvidia-ai-endpoints/embeddings/NVIDIAEmbeddings (2026-11).
 */
export const EMBED: EmbedCompat = {
  maxInputs: 50,
  inputTypes: { query: "query", document: "passage", otherwise: "document" },
  body: { truncate: "NONE" },
  options: { truncate: "truncate" },
};

/** Retired models. https://github.com/hgmzhn/manga-translator-ui/issues/78 (2026-02) */
export const KIND_BY_STATUS: Readonly<Record<number, ErrorKind>> = { 410: "not-found" };

/** All workers of a model are busy, under any status. https://github.com/QuantumNous/new-api/issues/6619 (2026-08) */
export const BUSY: RegExp = /\bResourceExhausted\b/;

/** The catalog lists models that not every account may call, and some that are gone. https://github.com/Alishahryar1/free-claude-code/issues/956 (2026-07) */
export const NOT_SERVED: RegExp = /not found for account/i;
