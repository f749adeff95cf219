import type { ErrorKind } from "@plurivox/core/provider";
import type { Compat, EmbedCompat } from "@plurivox/provider-openai-compatible";

/** https://openrouter.ai/docs/api/reference/overview, and the description of the API in github.com/OpenRouterTeam/typescript-sdk (2026-11). */
export const COMPAT: Compat = {
  // Beside it go `reasoning_details`, which hold the same and what the model's vendor signed.
  reasoningFields: ["reasoning", "reasoning_content"],
  // https://openrouter.ai/docs/use-cases/reasoning-tokens (2026-11): effort or max_tokens, not both.
  reasoningRequest: "object",
  // https://openrouter.ai/docs/features/multimodal/pdfs (2026-11).
  documentUrls: true,
};

/** The same description, createEmbeddings (2026-11); what a request cost stands in recorded answers (2026-08). */
export const EMBED: EmbedCompat = {
  inputTypes: { query: "search_query", document: "search_document" },
  costField: "cost",
  options: { provider: "provider" },
};

/** Where each option of OpenRouter's own goes in the body. Usage and cost come by themselves since 2026, so `usage: { include: true }` is no option. */
export const CHAT_OPTIONS: Readonly<Record<string, string>> = {
  provider: "provider",
  models: "models",
  plugins: "plugins",
  transforms: "transforms",
  route: "route",
  reasoningEnabled: "reasoning.enabled",
  reasoningExclude: "reasoning.exclude",
  minP: "min_p",
  topA: "top_a",
  repetitionPenalty: "repetition_penalty",
  sessionId: "session_id",
  trace: "trace",
  imageConfig: "image_config",
  stopServerToolsWhen: "stop_server_tools_when",
  debug: "debug",
};

/** The headers of https://openrouter.ai/docs/app-attribution (2026-11). */
export const ATTRIBUTION = { name: "X-Title", url: "HTTP-Referer" } as const;

/** `error.metadata.error_type`, ApiErrorType in the same description. Those that say no more than the status are left out. */
export const ERROR_TYPES: Readonly<Record<string, ErrorKind>> = {
  context_length_exceeded: "context-length",
  authentication: "authentication",
  permission_denied: "permission",
  payment_required: "quota",
  rate_limit_exceeded: "rate-limit",
  provider_overloaded: "overloaded",
  provider_unavailable: "server",
  not_found: "not-found",
  content_policy_violation: "content-filter",
  refusal: "content-filter",
  server: "server",
  timeout: "timeout",
};

/** When a limit that OpenRouter set is over, in milliseconds since 1970. Stands in the error, not in the response's own headers. Recorded (2025-08). */
export const RESET_HEADER = "X-RateLimit-Reset";
