import type { ErrorKind, Feature, SchemaRules } from "@plurivox/core/provider";

/** The SDK adds this path by itself, and everybody else's base URL for Groq ends with it. SDK 1.6 (2026-11-21) */
export const SDK_PATH: RegExp = /\/openai\/v1$/;

/** Their ids begin with Groq's own name, which in "groq/compound" already names the provider. https://console.groq.com/docs/compound/systems (2026-11) */
export const OWN_SYSTEM: RegExp = /^compound(-mini)?$/;

/** JSON mode is refused where no message says "JSON". https://console.groq.com/docs/structured-outputs (2026-11) */
export const JSON_WORD = "Answer with JSON.";

/** The names of JSON schemas. SDK 1.6's types (2026-11-21) */
export const SCHEMA_NAME: { forbidden: RegExp; maxLength: number } = { forbidden: /[^\w-]/g, maxLength: 64 };

/**
 * Strict schemas name every property as required and close every object. Which bounds of values
 * they may hold is not said, so none are sent. https://console.groq.com/docs/structured-outputs
 * (2026-11)
 */
export const STRICT_SCHEMAS: SchemaRules = { takes: (keyword) => /^(title|description|enum)$/.test(keyword), optional: "widened" };

/** https://console.groq.com/docs/errors (2026-11) and recorded refusals. */
export const KIND_BY_CODE: Readonly<Record<string, ErrorKind>> = {
  invalid_api_key: "authentication",
  model_not_found: "not-found",
  model_decommissioned: "not-found",
  // Somebody of the account has to accept the model's terms first.
  model_terms_required: "permission",
  organization_restricted: "permission",
  context_length_exceeded: "context-length",
  rate_limit_exceeded: "rate-limit",
  // Under status 498, which is Groq's own: the flex tier has no room. https://console.groq.com/docs/flex-processing (2026-11)
  capacity_exceeded: "overloaded",
};

/** The account's own spend limit: by https://console.groq.com/docs/spend-limits (2026-11) the first, seen since 2026-07 are others. */
export const SPENT: RegExp = /^blocked_api_access$|^spend_/;

/**
 * The model wrote what Groq could not read, or what does not fit the schema, and Groq answers 400; `failed_generation` is what it wrote.
 * Asked again, it often does better. https://github.com/pydantic/pydantic-ai/pull/2774 (2025-09)
 */
export const FAILED_GENERATION: ReadonlySet<string> = new Set(["tool_use_failed", "json_validate_failed", "output_parse_failed"]);

/** JSON mode together with tools, and schemas in streams, are refused. https://github.com/vercel/ai/pull/16540 (2026-07) */
export const NOT_TOGETHER: RegExp = /(json mode|response.?format|structured output).*(tool|stream)/i;

/** "Streaming and tool use are not currently supported with Structured Outputs": https://console.groq.com/docs/structured-outputs (2026-11). JSON mode alike. */
export const NOT_WITH_TOOLS: readonly Feature[] = ["structuredOutput", "jsonMode"];
