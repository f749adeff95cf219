/** A limit that vendors report, such as "requests" or "input-tokens", and what is said of it. */
const HEADER = /(?:^|-)ratelimit-(?:(remaining|reset)(?:-([a-z-]+))?|([a-z-]+)-(remaining|reset))$/;
const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
/** A bare number above this is a time, not a duration: seconds since 1970 from here on, milliseconds since 1970 a thousand times that. */
const EPOCH_SECONDS = 1_000_000_000;

/**
 * Milliseconds until every limit that is used up has room again, 0 where none is. Reads `x-ratelimit-remaining-requests` and `…-reset-…` in all orders and
 * with any vendor's prefix; resets as "6m0s", seconds, an ISO date, or a time since 1970.
 */
export function untilReset(headers: Headers, now: number = Date.now()): number {
  const limits = new Map<string, { remaining?: string; reset?: string }>();
  for (const [name, value] of headers) {
    const match = HEADER.exec(name);
    if (match === null) continue;
    const [, first, of, before, second] = match;
    const limit = of ?? before ?? "";
    limits.set(limit, { ...limits.get(limit), [(first ?? second)!]: value });
  }
  let longest = 0;
  for (const { remaining, reset } of limits.values())
    if (remaining !== undefined && Number(remaining) <= 0 && reset !== undefined) longest = Math.max(longest, toMs(reset, now));
  return longest;
}

function toMs(reset: string, now: number): number {
  const number = Number(reset);
  if (number >= EPOCH_SECONDS * 1000) return number - now;
  if (number >= EPOCH_SECONDS) return number * 1000 - now;
  if (Number.isFinite(number)) return number * 1000;
  const date = reset.includes("-") ? Date.parse(reset) : Number.NaN;
  if (!Number.isNaN(date)) return date - now;
  const parts = [...reset.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
}
