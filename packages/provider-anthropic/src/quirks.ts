import type { HistoryRules, ResultFiles, SchemaRules } from "@plurivox/core/provider";

/** The API's version, pinned so that a new SDK does not change what requests mean. https://platform.claude.com/docs/en/api/versioning (2026-10-21) */
export const VERSION = "2026-10-21";

/**
 * `VERSION` refuses sampling parameters for every model, even at their defaults; under this one the families up to 4.6 still take them.
 * https://platform.claude.com/docs/en/api/migration-2026-10-21 (2026-10-21), https://qiita.com/khronov/items/4dd5155b0db7f482ea64 (2026-11-07)
 */
export const SAMPLING_VERSION = "2023-06-01";
export const SAMPLING_FIELDS = ["temperature", "top_p", "top_k"] as const;

/**
 * API keys are taken here and as `Authorization: Bearer`, which is what SDK 1.x sends. This header is in the vendor's examples of plain HTTP, and is
 * the only one that older Anthropic-compatible servers know. https://platform.claude.com/docs/en/models/sonnet-5-5/migration-guide (2026-09-29),
 * https://qiita.com/Synthorai/items/01a0067e88747257a4e6 (2026-10)
 */
export const KEY_HEADER = "x-api-key";

/**
 * The vendor stopped to be asked again with what it has said so far.
 * https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons (2026-11)
 */
export const RESUMED: ReadonlySet<string> = new Set(["pause_turn", "compaction"]);

/**
 * What is billed beside the counts of an answer: summaries of what was said before. An advisor's
 * counts are left apart, because it is another model at its own price. SDK 1.11's
 * BetaIterationsUsage (2026-11-21)
 */
export const APART = "compaction";

/** Needs a beta, and a toolset for every server. https://platform.claude.com/docs/en/agents-and-tools/mcp-connector (read 2026-11-21) */
export const MCP_BETA = "mcp-client-2025-11-20";

/** The vendor's tools are named like their type without its date, but for these; sets of tools have no name. SDK 1.11's types (2026-11-21) */
export const TOOL_NAMES: Readonly<Record<string, string>> = {
  text_editor_20250124: "str_replace_editor",
  text_editor_20250429: "str_replace_based_edit_tool",
  text_editor_20250728: "str_replace_based_edit_tool",
};
export const NAMELESS_TOOL: RegExp = /_toolset(_\d{8})?$/;

/** What histories must be like. */
export const HISTORY: HistoryRules = {
  // https://github.com/tryAGI/Anthropic, openapi.yaml (2026), for both.
  toolCallIds: { takes: /^[a-zA-Z0-9_-]+$/ },
  toolNames: /^[\w-]{1,128}$/,
  // Only the host that wrote a thought without a signature takes it back:
  // https://github.com/NousResearch/hermes-agent/issues/16748 (2026-04-28)
  takesReasoning: ({ signature, type }, sameHost) => signature !== undefined || type !== undefined || sameHost,
  // "The final block in an assistant message cannot be `thinking`":
  // https://github.com/tailcallhq/forgecode/issues/2107 (2025-12-11)
  reasoningLeads: ({ type = REDACTED }) => type === REDACTED,
};
const REDACTED = "redacted_thinking";

/**
 * What schemas of `output_config.format` and strict tools may say; every object is closed, and
 * nothing refers to itself.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs, SDK 1.11's
 * lib/transform-json-schema (2026-11-21)
 */
const KEYWORDS: ReadonlySet<unknown> = new Set("enum const title description".split(" "));
const FORMATS: ReadonlySet<unknown> = new Set("date-time time date duration email hostname uri ipv4 ipv6 uuid".split(" "));
export const STRICT_SCHEMAS: SchemaRules = {
  takes: (keyword, value) =>
    KEYWORDS.has(keyword) || (keyword === "format" && FORMATS.has(value)) || (keyword === "minItems" && (value === 0 || value === 1)),
  optional: "kept",
  recursion: false,
};

/** Faults that share the type `invalid_request_error` are told apart by their words. https://github.com/anthropics/claude-code/issues/66297 (2026-06-08) */
export const NO_CREDIT: RegExp = /credit balance is too low/i;
/** A history that was changed before the thinking that it led to. https://platform.claude.com/docs/en/build-with-claude/thinking (2026-09-29) */
export const BOUND_THINKING: RegExp = /invalid `?signature`? in `?thinking`?/i;
/** Codes of 402 and 429 that no waiting will cure. SDK 1.11's core/error-classes (2026-11-21) */
export const SPEND_LIMIT: RegExp = /spend_limit_reached$|billing_unavailable$/;

/**
 * "Text, image, or document types", of which documents by their bytes are PDFs.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls (2026-11)
 */
export const RESULT_FILES: ResultFiles = { within: ["image", "document"], pdfOnly: true };
