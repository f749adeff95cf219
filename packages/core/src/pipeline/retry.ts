import type { LlmError } from "../error.ts";
import type { RetrySettings } from "../model/chat.ts";

export interface RetryPolicy {
  maxAttempts: number;
  maxWaitMs: number;
}

const BASE_MS = 500;
const MAX_BACKOFF_MS = 8_000;

export function toRetryPolicy(retry: false | RetrySettings | undefined): RetryPolicy {
  if (retry === false) return { maxAttempts: 1, maxWaitMs: 0 };
  return { maxAttempts: retry?.maxAttempts ?? 3, maxWaitMs: retry?.maxWaitMs ?? 60_000 };
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
  if (!error.retryable || attempt >= policy.maxAttempts) return undefined;
  const asked = error.retryAfterMs ?? 0;
  if (asked > policy.maxWaitMs) return undefined;
  const backoff = Math.min(BASE_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
  const delay = Math.max(asked, backoff / 2) + (random * backoff) / 2;
  return delay < leftMs ? delay : undefined;
}
