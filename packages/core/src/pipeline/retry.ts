import type { ErrorKind, LlmError } from "../error.ts";
import type { RetrySettings } from "../model/policy.ts";

export type RetryPolicy = Required<RetrySettings>;

const BASE_MS = 500;
const MAX_BACKOFF_MS = 8_000;

export function toRetryPolicy(retry: false | RetrySettings | undefined): RetryPolicy {
  if (retry === false) return { maxAttempts: 1, maxWaitMs: 0, midStream: false, kinds: {} };
  return { maxAttempts: 3, maxWaitMs: 60_000, midStream: false, kinds: {}, ...defined(retry ?? {}) };
}

function defined(retry: RetrySettings): RetrySettings {
  return Object.fromEntries(Object.entries(retry).filter(([, value]) => value !== undefined));
}

function attemptsFor(kind: ErrorKind, retryable: boolean, { kinds, maxAttempts }: RetryPolicy): number {
  return kinds[kind] ?? (retryable ? maxAttempts : 1);
}

/**
 * Milliseconds to wait before the next attempt, undefined for none. Never shorter than the vendor asks; a vendor that asks for more
 * than `maxWaitMs`, or more than is left of the total, gets no second attempt: waiting would only hide the failure.
 */
export function retryDelay(
  error: LlmError,
  attempt: number,
  policy: RetryPolicy,
  leftMs: number,
  random: number = Math.random(),
): number | undefined {
  if (attempt >= attemptsFor(error.kind, error.retryable, policy)) return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (asked > policy.maxWaitMs) return undefined;
  const backoff = Math.min(BASE_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
  const delay = Math.max(asked, backoff / 2) + (random * backoff) / 2;
  return delay < leftMs ? delay : undefined;
}
