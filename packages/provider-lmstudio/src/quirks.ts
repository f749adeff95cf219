import type { Capabilities } from "@plurivox/core/provider";

/** https://lmstudio.ai/docs/developer/openai-compat (2026-11). By number, because `localhost` may mean ::1, where LM Studio does not listen. */
export const BASE_URL = "http://127.0.0.1:1234/v1";

/** What of a base URL is not the server's: its own API lives beside OpenAI's. */
export const API_ROOT: RegExp = /(\/(api\/)?v\d+)?\/*$/;

/** Where each option goes in the body of a chat. https://lmstudio.ai/docs/api/ttl-and-auto-evict, …/speculative-decoding, …/openai-compat (2026-11). */
export const CHAT_OPTIONS: Readonly<Record<string, string>> = { ttl: "ttl", draftModel: "draft_model", repeatPenalty: "repeat_penalty" };

/** Taken without a word, and never answered: https://github.com/lmstudio-ai/lms/issues/60 (2026-06). */
export const CHAT_LACKS: Capabilities = { logprobs: false };

/** Responses ignores `text.format`: https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2403 (2026-09, LM Studio 0.4.23). */
export const RESPONSES_LACKS: Capabilities = { structuredOutput: false, jsonMode: false };

/**
 * "'response_format.type' must be 'json_schema' or 'text'": https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189. This schema means the same and
 * works: https://github.com/webai-at-home/webai-at-home/issues/219 (2026-08, LM Studio 0.4.20).
 */
export const ANY_JSON = { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } } as const;

/** "Unexpected endpoint or method. (GET /api/v1/models)", with status 200: https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1323 (2025-12). */
export const NO_ENDPOINT: RegExp = /unexpected endpoint/i;
