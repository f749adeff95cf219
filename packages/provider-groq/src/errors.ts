import type { ErrorFacts, ErrorKind } from "@plurivox/core/provider";
import { FAILED_GENERATION, KIND_BY_CODE, NOT_TOGETHER, SPENT } from "./quirks.ts";

interface ErrorBody {
  message?: string;
  type?: string;
  code?: string | null;
  failed_generation?: string;
  /** Only in a stream, where there is no other. */
  status_code?: number;
}

/** What an error means: an HTTP body, or an event. A body that is not the vendor's, such as a proxy's HTML, says nothing here: its status does. */
export function errorFacts(from: { status?: number; headers?: Headers; body: unknown }): ErrorFacts {
  const error = errorOf(from.body);
  const code = error.code || error.type;
  const status = from.status ?? error.status_code;
  const kind = kindOf(code, status);
  return {
    kind,
    message: error.message,
    code,
    status,
    retryable: kind === "invalid-response" || undefined,
    hint: hintFor(error, status),
  };
}

function errorOf(body: unknown): ErrorBody {
  if (typeof body !== "object" || body === null) return typeof body === "string" ? { message: body.slice(0, 1000) } : {};
  const { error } = body as { error?: ErrorBody | string };
  return typeof error === "string" ? { message: error } : (error ?? (body as ErrorBody));
}

function kindOf(code: string | undefined, status: number | undefined): ErrorKind | undefined {
  if (code === undefined) return undefined;
  if (FAILED_GENERATION.has(code)) return "invalid-response";
  if (SPENT.test(code) || (code === "rate_limit_exceeded" && status === 413)) return "quota";
  return Object.hasOwn(KIND_BY_CODE, code) ? KIND_BY_CODE[code] : undefined;
}

function hintFor({ message = "", failed_generation: written }: ErrorBody, status: number | undefined): string | undefined {
  if (written) return `The model wrote ${JSON.stringify(written.slice(0, 500))}. Send the call again, or make plainer what is wanted.`;
  if (NOT_TOGETHER.test(message)) return `Ask for the output with mode: "prompt".`;
  if (status === 413) return "The request alone is above the account's tokens per minute: shorten it, or raise the limit.";
  return undefined;
}
