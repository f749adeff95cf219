import type { ErrorKind, FinishReason, ResultFiles } from "@plurivox/core/provider";

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

/** Since Gemini 3, but not by address. https://ai.google.dev/gemini-api/docs/function-calling#multimodal (2026-11), SDK 3.1's types */
export const RESULT_FILES: ResultFiles = { within: ["image", "document"], videos: true, bytesOnly: true, pdfOnly: true };

/** Schemas are JSON Schema, less what is not here; nothing may stand beside a $ref. SDK 3.1's types, responseJsonSchema (2026-11-21) */
export const KEYWORDS: ReadonlySet<string> = new Set(
  "$id $ref $anchor type format title description enum minItems maxItems minimum maximum required propertyOrdering".split(" "),
);
/** Of what cannot be said, these mean nothing to a model. */
export const MOOT_KEYWORDS: ReadonlySet<string> = new Set(["$schema", "$comment"]);

/** SDK 3.1's types and the description of v1beta, which has more (2026-11-21) */
const BY_REASON: readonly [FinishReason, reasons: string][] = [
  ["stop", "STOP"],
  ["length", "MAX_TOKENS CONTINUATION"],
  ["content-filter", "SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION"],
  ["error", "UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS MISSING_THOUGHT_SIGNATURE"],
];
export const FINISH_REASONS: Readonly<Record<string, FinishReason>> = Object.fromEntries(
  BY_REASON.flatMap(([finishReason, reasons]) => reasons.split(" ").map((reason) => [reason, finishReason])),
);
/** The model slipped, and says something else when it is asked again. https://github.com/google-gemini/gemini-cli/pull/12965 (2025-11-12) */
export const SLIPS: ReadonlySet<string> = new Set(["MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE"]);

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
/** https://github.com/google-gemini/gemini-cli/issues/6678 (2025-08-20) */
export const TOO_LONG: RegExp = /exceeds the maximum number of tokens/i;
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
