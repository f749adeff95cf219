import type { Compat, EmbedCompat } from "@plurivox/provider-openai-compatible";

/** OpenAI's own way with the wires it made. https://developers.openai.com/api/reference/resources/chat (2026-11). */
export const COMPAT: Compat = {
  // o-series and later refuse max_tokens; everything since gpt-3.5-turbo takes the new name.
  tokenLimit: "max_completion_tokens",
  // "With o1 models and newer, use developer messages"; older ones know only system.
  systemRole: "by-model",
  // Chat completions neither shows reasoning nor takes any back.
  reasoningFields: [],
  reasoningReplay: "none",
  // "string too long. Expected a string with maximum length 40": https://github.com/vercel/ai/issues/5171 (2026-07).
  toolCallIds: { takes: /^.{1,40}$/s },
  // "The 'metadata' parameter is only allowed when 'store' is enabled":
  // https://github.com/tmc/langchaingo/issues/1484 (2026-03-16).
  needsOption: { metadata: "store" },
  // Text, images and files in `function_call_output`:
  // https://developers.openai.com/api/reference/resources/responses (2026-11).
  resultFiles: true,
  topK: false,
};

/** "A maximum of 300,000 tokens summed across all inputs in a single request": https://developers.openai.com/api/reference/resources/embeddings (2026-11). */
export const EMBED: EmbedCompat = { encoding: "base64", maxTokens: 300_000 };
