import type { ErrorKind, LlmError } from "../error.ts";
import type { Fallback } from "./plan.ts";

const DEFAULT_KINDS: ReadonlySet<ErrorKind> = new Set([
  "authentication",
  "permission",
  "not-found",
  "context-length",
  "content-filter",
  "rate-limit",
  "quota",
  "overloaded",
  "server",
  "connection",
  "timeout",
  "incomplete-stream",
  "invalid-response",
  "unsupported",
]);
/** Failures of the place and not of the call: whoever comes next would meet them too. */
const OF_THE_PLACE: ReadonlySet<ErrorKind> = new Set([
  "authentication",
  "rate-limit",
  "quota",
  "overloaded",
  "server",
  "connection",
  "timeout",
]);
const REST_MS = 30_000;

/** Whether a failure of one profile is a reason to try `next`. The call's own deadline is none: nothing is left for another. */
export function leadsTo(next: Fallback, error: LlmError): boolean {
  if (error.timeout === "total") return false;
  return next.on === undefined ? DEFAULT_KINDS.has(error.kind) : next.on.includes(error.kind);
}

/** Profiles of one context that failed a while ago and are passed over until they have rested. `now`: milliseconds by any clock. */
export interface Resting {
  rest(profile: string, error: LlmError): void;
  rests(profile: string): boolean;
}

export function createResting(now: () => number = () => performance.now()): Resting {
  const until = new Map<string, number>();
  return {
    rest(profile, { kind, retryAfterMs }) {
      if (OF_THE_PLACE.has(kind)) until.set(profile, now() + (retryAfterMs ?? REST_MS));
    },
    rests: (profile) => (until.get(profile) ?? 0) > now(),
  };
}
