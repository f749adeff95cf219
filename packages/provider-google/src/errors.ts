import type { ErrorFacts, ErrorKind } from "@plurivox/core/provider";
import * as quirks from "./quirks.ts";

/** One of google.rpc's details, told apart by `@type`. */
interface Detail {
  reason?: string;
  retryDelay?: string;
  violations?: { quotaId?: string; quotaValue?: string }[];
}
interface ErrorBody {
  error?: { code?: number; message?: string; status?: string; details?: Detail[] } | string | null;
}

/** What an error body or event means; some come in a list. A body that is not the vendor's, such as a proxy's HTML, says nothing here: its status does. */
export function errorFacts({ status, body }: { status?: number; body: unknown }): ErrorFacts {
  const { error } = ((Array.isArray(body) ? body[0] : body) as ErrorBody | null | undefined) ?? {};
  if (typeof error !== "object" || error === null) return { message: error ?? "" };
  const { message = "" } = error;
  const details = Array.isArray(error.details) ? error.details : [];
  const code = details.find(({ reason }) => reason !== undefined)?.reason ?? error.status;
  return {
    kind: kindOf(code, message, details),
    message,
    code,
    status: status ?? (typeof error.code === "number" ? error.code : undefined),
    retryAfterMs: toMs(details.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay),
    hint: hintFor(message),
  };
}

function kindOf(code: string | undefined, message: string, details: readonly Detail[]): ErrorKind | undefined {
  const violations = details.flatMap((detail) => detail.violations ?? []);
  const spent = violations.some(({ quotaId = "", quotaValue }) => quirks.LONG_QUOTA.test(quotaId) || quotaValue === "0");
  if (spent || quirks.NO_CREDIT.test(message)) return "quota";
  return code !== undefined && Object.hasOwn(quirks.KIND_BY_CODE, code) ? quirks.KIND_BY_CODE[code] : undefined;
}

/** "34.07s" */
function toMs(duration: string | undefined): number | undefined {
  const seconds = Number.parseFloat(duration ?? "");
  return seconds >= 0 ? Math.round(seconds * 1000) : undefined;
}

function hintFor(message: string): string | undefined {
  if (quirks.TOOLS_AND_OUTPUT.test(message))
    return 'Up to Gemini 2.5, tools and `output` exclude each other: use a newer model, or ask for the output with mode: "prompt".';
  if (quirks.UNSIGNED.test(message)) return "Send the answers of earlier calls back as they came, with their providerMetadata.";
  return undefined;
}
