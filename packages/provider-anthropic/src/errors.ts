import type { ErrorFacts, ErrorKind } from "@plurivox/core/provider";
import { BOUND_THINKING, NO_CREDIT, SPEND_LIMIT } from "./quirks.ts";

const KIND_BY_TYPE: Readonly<Record<string, ErrorKind>> = {
  invalid_request_error: "invalid-request",
  authentication_error: "authentication",
  billing_error: "quota",
  permission_error: "permission",
  not_found_error: "not-found",
  request_too_large: "invalid-request",
  rate_limit_error: "rate-limit",
  timeout_error: "timeout",
  overloaded_error: "overloaded",
  api_error: "server",
};

interface ErrorBody {
  error?: { type?: string; message?: string; details?: { error_code?: string } | null } | null;
  request_id?: string | null;
}

/** What an error body or event means. A body that is not the vendor's, such as a proxy's HTML, says nothing here: its status does. */
export function errorFacts({ headers, body }: { headers?: Headers; body: unknown }): ErrorFacts {
  const { error, request_id } = typeof body === "object" && body !== null ? (body as ErrorBody) : {};
  const { type = "", message = typeof error === "string" ? error : "", details } = error ?? {};
  const code = details?.error_code ?? (type || undefined);
  const advice = headers?.get("x-should-retry");
  return {
    kind: kindOf(type, code, message),
    message,
    code,
    requestId: request_id ?? undefined,
    retryable: advice === "true" || (advice === "false" ? false : undefined),
    hint: hintFor(type, message),
  };
}

function kindOf(type: string, code: string | undefined, message: string): ErrorKind | undefined {
  if (NO_CREDIT.test(message) || (code !== undefined && SPEND_LIMIT.test(code))) return "quota";
  return Object.hasOwn(KIND_BY_TYPE, type) ? KIND_BY_TYPE[type] : undefined;
}

function hintFor(type: string, message: string): string | undefined {
  if (type === "request_too_large") return "A request may hold 32 MB: send large files by URL or file id.";
  if (BOUND_THINKING.test(message)) return "Earlier messages were changed: leave the history as it was, or drop its reasoning parts.";
  return undefined;
}
