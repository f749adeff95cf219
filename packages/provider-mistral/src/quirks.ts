import type { ErrorKind, ResultFiles, SchemaRules, ToolCallIdRule } from "@plurivox/core/provider";

/** https://github.com/openclaw/openclaw/issues/57672 (2026-03-30): code 3280, "must be a-z, A-Z, 0-9, with a length of 9". */
export const TOOL_CALL_IDS: ToolCallIdRule = { takes: /^[a-zA-Z0-9]{9}$/, length: 9 };

/**
 * "Missing `additionalProperties: False` in object schema":
 * https://github.com/mistralai/client-ts/issues/107 (2025-06-05).
 */
export const STRICT_SCHEMAS: SchemaRules = { takes: () => true, optional: "kept" };

/**
 * A tool's message takes every chunk that a user's takes.
 * https://github.com/mistralai/platform-docs-public, openapi-public-doc.yaml, ToolMessage (2026)
 */
export const RESULT_FILES: ResultFiles = { within: ["image", "document", "audio"] };

/**
 * Instructions have to come first: "Unexpected role 'system' after role 'assistant'". Later ones are told in a user's message, so marked.
 * https://github.com/swarmauri/swarmauri-sdk/issues/162 (2024-08-21), https://github.com/MODSetter/SurfSense/issues/287 (2025-08-24)
 */
export const asInstruction = (text: string): string => `<system>\n${text}\n</system>`;

/** JSON mode wants the model to be told of it in words too. https://github.com/mistralai/platform-docs-public, openapi-public-doc.yaml (2026) */
export const JSON_WORD = "Answer with JSON.";

/** "top_p must be 1 when using greedy sampling", where it has no effect anyway. https://github.com/devoxx/DevoxxGenieIDEAPlugin/issues/338 (2024-11-19) */
export const GREEDY_TOP_P = 1;

/** Documents go to a reader of PDF and office files (recorded, 2026-08); what is a text already needs none and goes as one. */
export const TEXT_MEDIA: RegExp = /^text\/|[/+](json|xml|yaml)$/;

/** Names a request in the headers of every answer. https://github.com/0xPlaygrounds/rig, its recorded answers of this vendor (2026-08) */
export const REQUEST_ID_HEADER = "mistral-correlation-id";

/**
 * Types of errors that say more than their status: an unknown model comes with 400, a vendor without capacity with 429.
 * https://github.com/raycast/extensions/issues/31107 (2026-09-14), https://github.com/continuedev/continue/issues/6185 (2025-06-18)
 */
export const KIND_BY_TYPE: Readonly<Record<string, ErrorKind>> = {
  invalid_model: "not-found",
  rate_limited: "rate-limit",
  service_tier_capacity_exceeded: "overloaded",
};

/**
 * What to do about errors that do not say it. Before 2026-08, and with some models still, a user's message may not follow a tool's.
 * https://github.com/zed-industries/zed/issues/37021 (2026-04-29), https://github.com/diegosouzapw/OmniRoute/issues/7638 (2026-07-17)
 */
export const HINTS: readonly [words: RegExp, hint: string][] = [
  [/unexpected role 'user' after role 'tool'/i, "Let the model answer to the tools' results first, or use a newer model."],
  [/unauthorized/i, "Check the API key of this profile, and the quota of its plan: the vendor says the same when that is used up."],
];
