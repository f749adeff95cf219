import { LlmError, type ErrorKind, type LlmErrorDetails } from "../error.ts";
import type { ErrorFacts, Provider } from "./contract.ts";
import { isOverflow } from "./overflow.ts";
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

/** What to do about an error of a kind. */
const HINTS: Readonly<Partial<Record<ErrorKind, string>>> = {
  authentication: "Check the API key of this profile.",
  permission: "The key may not use this model or feature; check the account's access.",
  "not-found": "Check the model id and the base URL.",
  "invalid-request": "Check the options, messages and tools of the call: llm.explain() shows the request.",
  "rate-limit": "Wait, lower the rate, or raise the account's limits.",
  quota: "Check the account's plan and billing.",
  overloaded: "The vendor is overloaded; try again later or name another model.",
  server: "The fault is the vendor's: try again later, or name another model in `fallback`.",
  timeout: "Send the call again, ask for a shorter answer, or stream it.",
  "context-length": "Shorten the messages or texts, lower maxOutputTokens, or use a model with a larger context window.",
  "content-filter": "The vendor's content filter refused this; change the prompt.",
};

/** What to do about a status that says more than its kind. */
const STATUS_HINTS: Readonly<Record<number, string>> = {
  405: "Check the base URL: nothing at this address takes such a request.",
  408: "The request took too long to arrive: send it again, or send less.",
  409: "Something else that the vendor is doing is in the way: send the call again.",
  410: "The model or address is gone: check the model id and the base URL.",
  413: "The request is too large: send less, or send files by URL or file id.",
  415: "Check the base URL and the headers: the server takes no JSON here.",
  502: "A gateway had no good answer from the vendor: try again later, or name another model in `fallback`.",
  504: "A gateway waited too long for the vendor: send the call again, ask for a shorter answer, or stream it.",
};

/**
 * Kinds that a refused prompt may come as. What is sure, such as a rate limit or a bad key, stays.
 */
const UNSURE: ReadonlySet<ErrorKind> = new Set(["invalid-request", "server", "overloaded", "unsupported", "invalid-response"]);

function kindOf({ kind, code, message }: ErrorFacts, status: number | undefined): ErrorKind {
  const told = kind ?? kindByStatus(status);
  return UNSURE.has(told) && isOverflow(code, message) ? "context-length" : told;
}

function kindByStatus(status: number | undefined): ErrorKind {
  if (status === undefined) return "server";
  return KIND_BY_STATUS[status] ?? (status >= 500 ? "server" : "invalid-request");
}

/** The provider's own hint is about the kind that it found. */
function hintOf(facts: ErrorFacts, kind: ErrorKind, status: number | undefined): string | undefined {
  if (kind === "context-length") return facts.contextHint ?? (facts.kind === kind ? facts.hint : undefined) ?? HINTS[kind];
  if (facts.hint !== undefined) return facts.hint;
  const ofStatus = status !== undefined && kindByStatus(status) === kind ? STATUS_HINTS[status] : undefined;
  return ofStatus ?? HINTS[kind];
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

/**
 * What a provider makes of an error. Where it finds no words, because a gateway answers in a form
 * of its own, core looks for them. A body too odd for the provider, such as one nested deeper than
 * a stack, leaves what status and headers tell.
 */
export function factsOf(provider: Provider, from: Parameters<Provider["errorFacts"]>[0]): ErrorFacts {
  try {
    const facts = provider.errorFacts(from);
    const said = typeof facts.message === "string" ? facts.message.trim() : "";
    return { ...facts, message: said || wordsIn(from.body, 3) };
  } catch {
    return {};
  }
}

/** Fields in which servers put the words of an error, or what holds them. */
const WORDS = ["error", "message", "detail", "msg", "errors", "error_message"];

/** The first words of an error body in any form, found no deeper than `depth`. */
function wordsIn(body: unknown, depth: number): string | undefined {
  if (typeof body === "string") return body.slice(0, 1000) || undefined;
  if (typeof body !== "object" || body === null || depth === 0) return undefined;
  const places = Array.isArray(body)
    ? body.slice(0, 1)
    : WORDS.map((name) => (Object.hasOwn(body, name) ? body[name as never] : undefined));
  for (const place of places) {
    const words = wordsIn(place, depth - 1);
    if (words !== undefined) return words;
  }
  return undefined;
}

/** One classification for every vendor: the provider's facts, completed by what status and headers tell. */
export function toLlmError(facts: ErrorFacts, known: LlmErrorDetails & { headers?: Headers }): LlmError {
  const { headers, ...details } = known;
  const status = facts.status ?? known.status;
  const kind = kindOf(facts, status);
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
    retryable: kind === "context-length" ? false : facts.retryable,
    hint: hintOf(facts, kind, status),
  });
}

/** A proxy's HTML page says what it has to say in its title. */
function readable(message: string | undefined): string | undefined {
  if (message === undefined || !/^<[!?a-z]/i.test(message)) return message;
  const title = /<title>([^<]{1,200})/i.exec(message.slice(0, 2000))?.[1]?.trim();
  return title === undefined ? "an HTML page" : `an HTML page, "${title}"`;
}

function sentence(text: string): string {
  return /[.!?)]$/.test(text) ? text : `${text}.`;
}
