import type { WireStatusError } from "../wire.ts";

/** Type and code that OpenAI gives with a status. https://platform.openai.com/docs/guides/error-codes */
const BY_STATUS: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  401: ["invalid_request_error", "invalid_api_key"],
  404: ["invalid_request_error", "model_not_found"],
  429: ["requests", "rate_limit_exceeded"],
  503: ["service_unavailable_error", "server_is_overloaded"],
  529: ["service_unavailable_error", "server_is_overloaded"],
};

function body(message: string, type: string, code: string | null): string {
  return JSON.stringify({ error: { message, type, param: null, code } }, null, 4);
}

/** The body of an ordinary error, on both of OpenAI's wires. */
export function openaiError(status: number, message: string): string {
  const [type, code] = BY_STATUS[status] ?? [status >= 500 ? "server_error" : "invalid_request_error", null];
  return body(message, type, code);
}

/** Errors that mean more than their status says. */
export function openaiErrors(message: string): WireStatusError[] {
  return [
    {
      what: "a used-up quota",
      status: 429,
      kind: "quota",
      retryable: false,
      body: body(message, "insufficient_quota", "insufficient_quota"),
    },
    {
      what: "a prompt that is too long",
      status: 400,
      kind: "context-length",
      body: body(message, "invalid_request_error", "context_length_exceeded"),
    },
  ];
}
