import type { ErrorFacts } from "@plurivox/core/provider";
import { HINTS, KIND_BY_TYPE, REQUEST_ID_HEADER } from "./quirks.ts";

interface ErrorBody {
  message?: unknown;
  detail?: unknown;
  error?: unknown;
  type?: unknown;
  code?: unknown;
  raw_status_code?: unknown;
  request_id?: unknown;
}

/**
 * What an error body or event means: `{ object: "error", message, type, code }`, `{ detail }` of the request's validation, also inside `message`,
 * or the gateway's `{ message, request_id }`. A body that is not the vendor's, such as a proxy's HTML, says nothing here: its status does.
 */
export function errorFacts({ status, headers, body }: { status?: number; headers?: Headers; body: unknown }): ErrorFacts {
  const { message: said, detail, type, code, raw_status_code: raw, request_id: requestId } = errorOf(body);
  const message = toText(said ?? detail);
  const word = typeof code === "string" || typeof code === "number" ? String(code) : undefined;
  return {
    kind: typeof type === "string" && Object.hasOwn(KIND_BY_TYPE, type) ? KIND_BY_TYPE[type] : undefined,
    message,
    code: word ?? (typeof type === "string" ? type : undefined),
    status: status ?? (typeof raw === "number" ? raw : undefined),
    requestId: headers?.get(REQUEST_ID_HEADER) ?? (typeof requestId === "string" ? requestId : undefined),
    hint: HINTS.find(([words]) => words.test(message ?? ""))?.[1],
  };
}

/** Gateways of others wrap the error in an object, or make it a text. */
function errorOf(body: unknown): ErrorBody {
  if (typeof body !== "object" || body === null) return {};
  const { error } = body as ErrorBody;
  if (typeof error === "string") return { message: error };
  return typeof error === "object" && error !== null ? error : body;
}

/** A text, or what the validation of the request found wrong, one after the other. */
function toText(said: unknown): string | undefined {
  if (said === undefined || said === null || typeof said === "string") return said ?? undefined;
  const found = Array.isArray(said) ? said : (said as ErrorBody).detail;
  if (!Array.isArray(found)) return JSON.stringify(said).slice(0, 1000);
  return found.map((fault: { loc?: unknown[]; msg?: string }) => `${fault.loc?.join(".") ?? "?"}: ${fault.msg ?? "?"}`).join("; ");
}
