import type { ErrorFacts, ErrorKind } from "@plurivox/core/provider";
import { ERROR_KINDS, QUOTA_CODES, WEAK_ERROR_KINDS } from "./quirks.ts";

/** The fields that hosts use, in the order of OpenAI's own. */
interface ErrorBody {
  message?: unknown;
  detail?: unknown;
  error?: unknown;
  type?: unknown;
  code?: unknown;
  /**
   * MiniMax, under status 200; a good answer has a code of 0.
   * https://platform.minimax.io/docs/api-reference/errorcode (2026-11)
   */
  base_resp?: { status_code?: number; status_msg?: string } | null;
}

/** What an error means: an HTTP body, an event, or the `error` in either. Takes `{ error: { … } }`, the flat form, `{ error: "text" }`, `{ detail }` and bare text. */
export function errorFacts({ status, body }: { status?: number; headers?: Headers; body: unknown }): ErrorFacts {
  const error = errorOf(body);
  const code = wordOf(error.code);
  const type = wordOf(error.type);
  const message = messageOf(error);
  const told = status ?? statusOf(error.code);
  const weak = told === undefined && type !== undefined && Object.hasOwn(WEAK_ERROR_KINDS, type) ? WEAK_ERROR_KINDS[type] : undefined;
  return {
    kind: kindOf(code) ?? kindOf(type) ?? weak,
    message,
    code: code ?? type,
    status: told,
  };
}

function errorOf(body: unknown): ErrorBody {
  if (typeof body === "string") return { message: body.slice(0, 1000) };
  // Google's compatible endpoint wraps its error in an array.
  const whole = Array.isArray(body) ? body[0] : body;
  if (typeof whole !== "object" || whole === null) return {};
  const { error, base_resp: refused } = whole as ErrorBody;
  if (refused?.status_code) return { message: refused.status_msg, code: String(refused.status_code) };
  return typeof error === "object" && error !== null ? error : (whole as ErrorBody);
}

function messageOf({ message, detail, error }: ErrorBody): string | undefined {
  const said = [message, detail, error].find((words) => words !== undefined && words !== null);
  return said === undefined || typeof said === "string" ? said : JSON.stringify(said).slice(0, 1000);
}

/** Some hosts put the status in the place of a code, which tells nothing more. */
function wordOf(code: unknown): string | undefined {
  return typeof code === "string" && code !== "" && statusOf(code) === undefined ? code : undefined;
}

function statusOf(code: unknown): number | undefined {
  const number = typeof code === "string" ? Number(code) : code;
  return typeof number === "number" && number >= 400 && number < 600 ? number : undefined;
}

function kindOf(code: string | undefined): ErrorKind | undefined {
  if (code === undefined) return undefined;
  return Object.hasOwn(ERROR_KINDS, code) ? ERROR_KINDS[code] : QUOTA_CODES.test(code) ? "quota" : undefined;
}
