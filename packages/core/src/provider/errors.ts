import { LlmError, type ErrorKind, type LlmErrorDetails } from "../error.ts";
import type { ErrorFacts, Provider } from "./contract.ts";
import { untilReset } from "./rate-limits.ts";

const KIND_BY_STATUS: Readonly<Record<number, ErrorKind>> = {
  400: "invalid-request",
  401: "authentication",
  402: "quota",
  403: "permission",
  404: "not-found",
  405: "invalid-request",
  408: "timeout",
  409: "server",
  413: "invalid-request",
  415: "invalid-request",
  422: "invalid-request",
  425: "server",
  429: "rate-limit",
  503: "overloaded",
  529: "overloaded",
};

const HINTS: Readonly<Partial<Record<ErrorKind, string>>> = {
  authentication: "Check the API key of this profile.",
  permission: "The key may not use this model or feature; check the account's access.",
  "not-found": "Check the model id and the base URL.",
  "rate-limit": "Wait, lower the rate, or raise the account's limits.",
  quota: "Check the account's plan and billing.",
  overloaded: "The vendor is overloaded; try again later or name another model.",
  "context-length": "Shorten the messages, or use a model with a larger context window.",
  "content-filter": "The vendor's content filter refused this; change the prompt.",
};

function kindOf(status: number | undefined): ErrorKind {
  if (status === undefined) return "server";
  return KIND_BY_STATUS[status] ?? (status >= 500 ? "server" : "invalid-request");
}

/** Milliseconds from `retry-after-ms`, or `retry-after` in seconds or as an HTTP date; undefined where neither says. */
export function retryAfterOf(headers: Headers, now: number = Date.now()): number | undefined {
  const ms = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (ms >= 0) return ms;
  const after = headers.get("retry-after");
  if (after === null) return undefined;
  const seconds = Number(after);
  if (after.trim() !== "" && seconds >= 0) return seconds * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** What a vendor asks for, or where it does not, until the limit that was hit has room again. */
function waitOf(headers: Headers, kind: ErrorKind): number | undefined {
  return retryAfterOf(headers) ?? (kind === "rate-limit" ? untilReset(headers) || undefined : undefined);
}

/** The first of the headers in which vendors name a request. */
export function requestIdOf(headers: Headers): string | undefined {
  return headers.get("x-request-id") ?? headers.get("request-id") ?? undefined;
}

/** What a provider makes of an error. A body too odd for it, such as one nested deeper than a stack, leaves what status and headers tell. */
export function factsOf(provider: Provider, from: Parameters<Provider["errorFacts"]>[0]): ErrorFacts {
  try {
    const facts = provider.errorFacts(from);
    return typeof facts.message === "string" ? facts : { ...facts, message: undefined };
  } catch {
    return {};
  }
}

/** One classification for every vendor: the provider's facts, completed by what status and headers tell. */
export function toLlmError(facts: ErrorFacts, known: LlmErrorDetails & { headers?: Headers }): LlmError {
  const { headers, ...details } = known;
  const status = facts.status ?? known.status;
  const kind = facts.kind ?? kindOf(status);
  const code = facts.code === undefined ? "" : ` (${facts.code})`;
  const said = readable(facts.message?.trim());
  const what = said
    ? `${status === undefined ? "" : `${status}: `}${said}${code}`
    : `The vendor answered ${status ?? "with an error"}${code}.`;
  return new LlmError(kind, sentence(what), {
    ...details,
    status,
    requestId: facts.requestId ?? known.requestId,
    retryAfterMs: facts.retryAfterMs ?? (headers === undefined ? undefined : waitOf(headers, kind)),
    retryable: facts.retryable,
    hint: facts.hint ?? HINTS[kind],
  });
}

/** A proxy's HTML page says what it has to say in its title. */
function readable(message: string | undefined): string | undefined {
  if (message === undefined || !message.startsWith("<")) return message;
  const title = /<title>([^<]{1,200})/i.exec(message.slice(0, 2000))?.[1]?.trim();
  return title === undefined ? "an HTML page" : `an HTML page, "${title}"`;
}

function sentence(text: string): string {
  return /[.!?)]$/.test(text) ? text : `${text}.`;
}
