import type { ErrorKind } from "@plurivox/core/provider";
import type { Compat, EmbedCompat } from "@plurivox/provider-openai-compatible";

/** https://learn.microsoft.com/azure/ai-foundry/openai/how-to/reasoning (2026-11). */
export const COMPAT: Compat = {
  // Reasoning models refuse max_tokens; the others take either name, but for versions of before 2024-09: https://github.com/BerriAI/litellm/issues/8855.
  tokenLimit: "max_completion_tokens",
  // Every model takes "system", and those that reason read it as "developer". What a deployment holds, its name does not tell.
  systemRole: "system",
  // As OpenAI's own.
  toolCallIds: { takes: /^.{1,40}$/s },
  // "The 'metadata' parameter is only allowed when 'store' is enabled":
  // https://github.com/tmc/langchaingo/issues/1484 (2026-03-16).
  needsOption: { metadata: "store" },
  // As OpenAI's own, of which this is a copy:
  // https://learn.microsoft.com/azure/ai-foundry/openai/how-to/responses (2026-11).
  resultFiles: true,
  topK: false,
  strict: "shape",
};

/** As OpenAI's own: https://learn.microsoft.com/azure/ai-foundry/openai/reference (2026-11). Which model a deployment holds, its name does not tell. */
export const EMBED: EmbedCompat = { encoding: "base64", maxTokens: 300_000 };

/** The dated API of a URL that needs one where nothing says which: the last that was generally available. https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle (2026-11). */
export const LAST_DATED_VERSION = "2024-10-21";

/** Before it, responses was not among the dated APIs; v1 has it. https://learn.microsoft.com/azure/ai-foundry/openai/how-to/responses (2026-11). */
export const RESPONSES_SINCE = "2025-03-01-preview";

/** The only version of the model inference API that is in use. https://learn.microsoft.com/rest/api/aifoundry/modelinference (2026-11). */
export const INFERENCE_VERSION = "2024-05-01-preview";

/** v1 refuses dates: "api-version query parameter is not allowed when using /v1 path", https://github.com/pydantic/pydantic-ai/issues/5066 (2026-04). Others name its features. */
export const DATED: RegExp = /^\d{4}-\d{2}-\d{2}/;

/** Entra's tokens are JSON Web Tokens; an Azure key is letters and digits. https://learn.microsoft.com/entra/identity-platform/access-tokens (2026-11). */
export const JSON_WEB_TOKEN: RegExp = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** Codes that only Azure has. https://learn.microsoft.com/azure/ai-foundry/openai/how-to/troubleshooting (2026-11). */
export const CODES: Readonly<Record<string, { kind: ErrorKind; hint?: string }>> = {
  DeploymentNotFound: {
    kind: "not-found",
    hint: "Name the deployment, not the model: set azureDeployment in the profile. A new one takes some minutes.",
  },
  PermissionDenied: { kind: "permission", hint: 'Give the identity the role "Cognitive Services OpenAI User" on this resource.' },
  RateLimitReached: { kind: "rate-limit" },
  ResponsibleAIPolicyViolation: { kind: "content-filter" },
};

/** What to do about an error whose code is its status. */
export const STATUS_HINTS: Readonly<Record<number, string>> = {
  401: "Check that the key, or the token, is of the resource that the base URL names.",
  404: "Check the base URL and apiVersion: older versions lack responses, and the v1 API (no apiVersion) has everything.",
};
