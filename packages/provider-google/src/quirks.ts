import type { ErrorKind, ResultFiles, SchemaRules } from "@plurivox/core/provider";

/** Has what "v1", the SDK's default, has not yet, and is all that many proxies know. https://ai.google.dev/gemini-api/docs/api-versions (read 2026-11-21) */
export const API_VERSION = "v1beta";
export const VERTEX_API_VERSION = "v1beta1";
export const VERSION_AT_END: RegExp = /\/(v\d+(?:(?:alpha|beta)\d*)?)$/;

export const HOST = "https://generativelanguage.googleapis.com";
/** Hosts of Vertex AI, by location: SDK 3.1's ApiClient (2026-11-21) */
export function vertexHost(location: string): string {
  if (location === "global") return "https://aiplatform.googleapis.com";
  return /^(us|eu)$/.test(location) ? `https://aiplatform.${location}.rep.googleapis.com` : `https://${location}-aiplatform.googleapis.com`;
}

/** Where uploaded files are, which requests name by address. https://ai.google.dev/api/files (2026) */
export const FILES: string = `${HOST}/v1beta/`;

/** Text under types that are refused is taken as plain text. https://github.com/QuantumNous/new-api/pull/1139 (2025-06-02) */
export const ONLY_AS_TEXT: RegExp = /[/+](json|yaml|toml|sql)$/;

/**
 * Takes the place of a signature in calls that were not made by Gemini 3 or later, which would refuse them without one.
 * https://ai.google.dev/gemini-api/docs/thought-signatures (read 2026-11-21)
 */
export const NO_SIGNATURE = "skip_thought_signature_validator";

/**
 * Since Gemini 3, but not by address.
 * https://ai.google.dev/gemini-api/docs/function-calling#multimodal (2026-11), SDK 3.1's types
 */
export const RESULT_FILES: ResultFiles = { within: ["image", "document"], videos: true, bytesOnly: true, pdfOnly: true };

/**
 * The rule for names of functions, in declarations and in calls.
 * https://github.com/google-gemini/gemini-cli/issues/6704 (2025-08-21)
 */
export const TOOL_NAMES: RegExp = /^[a-z_][\w.-]{0,63}$/i;

/** Schemas are JSON Schema, less what is not here; nothing may stand beside a $ref. SDK 3.1's types, responseJsonSchema (2026-11-21) */
const KEYWORDS = /^(\$anchor|format|title|description|minItems|maxItems|minimum|maximum|propertyOrdering)$/;
export const STRICT_SCHEMAS: SchemaRules = {
  takes: (keyword, value) => (keyword === "enum" ? (value as unknown[]).every((one) => typeof one !== "boolean") : KEYWORDS.test(keyword)),
  optional: "kept",
  open: true,
  tuples: true,
  always: true,
};

/** The model slipped, and says something else when it is asked again. https://github.com/google-gemini/gemini-cli/pull/12965 (2025-11-12) */
export const SLIPS: ReadonlySet<string> = new Set(["MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE"]);

/**
 * A candidate with one of these says something, also without parts. One that stops and says nothing
 * is a slip of the vendor's, which does better when it is asked again:
 * https://github.com/google-gemini/gemini-cli/issues/28351 (2026-07-13). Some proxies stop before
 * the first words too: https://github.com/Chevey339/kelivo/issues/1003 (2026-09-08).
 */
export const SAYS_SOMETHING = ["groundingMetadata", "urlContextMetadata", "citationMetadata", "continuationToken"] as const;

/** The name under which a tool is asked for, by that under which it reports: "GOOGLE_SEARCH_WEB" is `googleSearch`. SDK 3.1's ToolType (2026-11-21) */
export function toolNameOf(toolType: string): string {
  const words = toolType.toLowerCase().replace(/_(web|image)$/, "");
  return words.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Where the vendor's word says more than the status. https://ai.google.dev/gemini-api/docs/troubleshooting (read 2026-11-21) */
export const KIND_BY_CODE: Readonly<Record<string, ErrorKind>> = {
  API_KEY_INVALID: "authentication",
  FAILED_PRECONDITION: "permission",
  DEADLINE_EXCEEDED: "timeout",
  CANCELLED: "server",
};
/** Of a quota that does not come back within a minute. https://github.com/google-gemini/gemini-cli/issues/8437 (2025-09-14) */
export const LONG_QUOTA: RegExp = /PerDay/;
/** https://github.com/JeffOtano/roni/pull/125 (2026-04-14) */
export const NO_CREDIT: RegExp = /credits are depleted/i;
/** https://github.com/googleapis/python-genai/issues/867 (2025-05-27) */
export const TOOLS_AND_OUTPUT: RegExp = /(function calling|tool use) with a response mime type/i;
/** https://ai.google.dev/gemini-api/docs/thought-signatures (read 2026-11-21) */
export const UNSIGNED: RegExp = /missing a `?thought_signature/i;

/** What texts to embed are for. SDK 3.1's types (2026-11) */
export const INPUT_TYPES = { query: "RETRIEVAL_QUERY", document: "RETRIEVAL_DOCUMENT" } as const;

/** Which embedding models of Vertex AI are asked by `predict`, and not by `embedContent`, which takes one text at a time. SDK 3.1's tIsVertexEmbedContentModel (2026-11) */
export function isPredicted(model: string): boolean {
  return model.endsWith("gemini-embedding-001") || !/gemini|maas/.test(model);
}
