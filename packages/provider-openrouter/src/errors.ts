import type { ErrorFacts, Provider } from "@plurivox/core/provider";
import { errorFacts as factsOfAnyHost } from "@plurivox/provider-openai-compatible";
import { ERROR_TYPES, RESET_HEADER } from "./quirks.ts";

/** https://openrouter.ai/docs/api/reference/errors-and-debugging (2026-11). */
interface Metadata {
  error_type?: string;
  /** The host that was asked, and what it said: its own error body, as text. */
  provider_name?: string | null;
  raw?: unknown;
  /** Why moderation refused the input. */
  reasons?: unknown;
  headers?: Record<string, string>;
}

/** What OpenRouter's errors mean, those of the hosts behind it included: HTTP bodies and chunks alike. */
export function errorFacts(from: Parameters<Provider["errorFacts"]>[0]): ErrorFacts {
  const facts = factsOfAnyHost(from);
  const metadata = metadataOf(from.body);
  if (metadata === undefined) return facts;
  const { error_type: type } = metadata;
  const reasons = Array.isArray(metadata.reasons) ? metadata.reasons : [];
  const known = type !== undefined && Object.hasOwn(ERROR_TYPES, type) ? ERROR_TYPES[type] : undefined;
  const upstream = upstreamFacts(metadata, facts.status);
  return {
    ...facts,
    kind: reasons.length > 0 ? "content-filter" : (known ?? upstream?.kind ?? facts.kind),
    message: toMessage(upstream?.message ?? facts.message, metadata.provider_name, reasons),
    code: type ?? facts.code,
    retryAfterMs: facts.retryAfterMs ?? untilReset(metadata, from.headers),
  };
}

function metadataOf(body: unknown): Metadata | undefined {
  return (body as { error?: { metadata?: Metadata | null } } | null)?.error?.metadata ?? undefined;
}

function upstreamFacts({ raw }: Metadata, status: number | undefined): ErrorFacts | undefined {
  if (raw === undefined || raw === null || raw === "") return undefined;
  return factsOfAnyHost({ status, body: parsed(raw) });
}

function parsed(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

function toMessage(said: string | undefined, host: string | null | undefined, reasons: readonly unknown[]): string | undefined {
  if (said === undefined) return undefined;
  const why = reasons.length === 0 ? "" : ` (${reasons.join(", ")})`;
  return `${host && !said.includes(host) ? `${host}: ` : ""}${said}${why}`;
}

function untilReset({ headers: limits }: Metadata, headers: Headers | undefined): number | undefined {
  const reset = Number(limits?.[RESET_HEADER]);
  return Number.isNaN(reset) || headers?.has("retry-after") ? undefined : Math.max(0, reset - Date.now());
}
