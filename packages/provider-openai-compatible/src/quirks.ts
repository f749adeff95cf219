import type { ErrorKind } from "@plurivox/core/provider";

/** Codes and types of error bodies. https://developers.openai.com/docs/guides/error-codes (2026-11). */
export const ERROR_KINDS: Readonly<Record<string, ErrorKind>> = {
  invalid_api_key: "authentication",
  authentication_error: "authentication",
  permission_error: "permission",
  unsupported_country_region_territory: "permission",
  model_not_found: "not-found",
  context_length_exceeded: "context-length",
  // llama.cpp, https://github.com/ggml-org/llama.cpp/pull/15780 (2025-09).
  exceed_context_size_error: "context-length",
  content_filter: "content-filter",
  content_policy_violation: "content-filter",
  image_content_policy_violation: "content-filter",
  invalid_prompt: "content-filter",
  cyber_policy: "content-filter",
  bio_policy: "content-filter",
  misalignment_policy_violation: "content-filter",
  insufficient_quota: "quota",
  // https://github.com/promptfoo/promptfoo/issues/10855 (2026-09): no Retry-After, and waiting does not help.
  credit_balance_exhausted: "quota",
  rate_limit_exceeded: "rate-limit",
  rate_limit_error: "rate-limit",
  server_is_overloaded: "overloaded",
  service_unavailable_error: "overloaded",
  overloaded_error: "overloaded",
  // Under status 429 since 2026, 503 before.
  slow_down: "overloaded",
};

/** `organization_spend_limit_exceeded` and its kin, of the same source; `rate_limit_exceeded` is in the table above. */
export const QUOTA_CODES: RegExp = /_limit_exceeded$|^billing_/;

/** Says too little beside a status; in a stream, where there is none, it is all there is. */
export const WEAK_ERROR_KINDS: Readonly<Record<string, ErrorKind>> = {
  invalid_request_error: "invalid-request",
  server_error: "server",
};

/** `response_format: { type: "json_object" }` is refused when no message says "JSON". https://developers.openai.com/api/docs/guides/structured-outputs#json-mode (2026-11). */
export const JSON_WORD = "Answer with JSON.";

/** The names of JSON schemas: letters, digits, "_" and "-", 64 at most. */
export const SCHEMA_NAME: { forbidden: RegExp; maxLength: number } = { forbidden: /[^\w-]/g, maxLength: 64 };

/** `file` needs a name. https://developers.openai.com/api/docs/guides/file-inputs (2026-11). */
export const DEFAULT_FILENAME = "document";

/** Audio by the `format` that the wire knows it by; else the second half of the media type. */
export const AUDIO_FORMATS: Readonly<Record<string, string>> = { "audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/wave": "wav" };

/** Streamed audio is always raw PCM, 16 bits. https://community.openai.com/t/waiting-for-gpt-4o-audio-preview/970884 (2024-10). */
export const RAW_AUDIO = "audio/pcm";
