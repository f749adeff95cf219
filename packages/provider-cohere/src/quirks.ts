import type { ErrorKind, Feature, ResultFiles, SchemaRules } from "@plurivox/core/provider";

/** Others' SDKs want the version in the base URL; the path that is called here has it already. SDK 8.1 drops a "/v1" too (2026-11-21) */
export const VERSION_SUFFIX: RegExp = /\/v[12]$/;

/** Arguments of some calls to tools that take none. https://github.com/vercel/ai, packages/cohere/src/cohere-chat-language-model.ts (read 2026-11-21) */
export const NO_ARGUMENTS = "null";

/**
 * What schemas may say; every object names what it requires.
 * https://docs.cohere.com/docs/structured-outputs (read 2026-11-29)
 */
const FORMATS = /^(date-time|uuid|date|time)$/;
export const STRICT_SCHEMAS: SchemaRules = {
  takes: (keyword, value) => (keyword === "format" ? FORMATS.test(String(value)) : /^(title|description|enum|const)$/.test(keyword)),
  optional: "kept",
  closed: true,
  someRequired: true,
};

/** In JSON mode a model that no message tells to write JSON may never stop. https://docs.cohere.com/docs/structured-outputs#json-mode (read 2026-11-21) */
export const JSON_WORD = "Answer with one JSON object.";

/**
 * What the statuses of this vendor mean. 498: the prompt breaks the usage guidelines; 499: the call was cancelled on the way, and may be sent again.
 * https://docs.cohere.com/reference/errors, https://github.com/cohere-ai/cohere-developer-experience/pull/189 (2024-10-10)
 */
export const KIND_BY_STATUS: Readonly<Record<number, ErrorKind>> = { 498: "content-filter", 499: "server" };

/** A trial key's limit of calls a month, which no waiting will cure. https://docs.cohere.com/docs/rate-limits (read 2026-11-21) */
export const MONTHLY: RegExp = /\bmonth\b|\bmonthly\b/i;
/** `response_format` is refused beside tools and documents. SDK 8.1's types, https://docs.cohere.com/reference/errors (read 2026-11-21) */
export const NOT_WITH_OUTPUT: RegExp = /response_format.* not supported/;

/** `response_format` is "not supported when used in combinations with the documents or tools parameters": https://docs.cohere.com/reference/chat (2026-11). */
export const NOT_WITH_TOOLS: readonly Feature[] = ["structuredOutput", "jsonMode"];

/** What texts to embed are for; the newer models insist on one. https://docs.cohere.com/reference/embed (2026-11) */
export const INPUT_TYPES = { query: "search_query", document: "search_document" } as const;

/**
 * A tool's result is text or documents of text, and a user sends images:
 * https://docs.cohere.com/reference/chat (2026-11).
 */
export const RESULT_FILES: ResultFiles = { texts: true };
