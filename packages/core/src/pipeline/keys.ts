import { isLlmError } from "../error.ts";
import type { ApiKey } from "../model/limits.ts";
import type { Destination } from "./plan.ts";

/** A key that was used, to say how it did. */
export interface PickedKey {
  key(): Promise<string | undefined>;
  /** Says how it went. True where another key may do better: this one rests now. */
  failed(error: unknown): boolean;
}

/** Several keys of one profile, used in turn by weight. One that the vendor refuses rests; a transient rate limit is no reason. */
export interface KeyPool {
  readonly size: number;
  pick(): PickedKey;
}

/** How long a key rests: the key itself is bad, or its account is empty. Milliseconds. */
const REST_MS = { authentication: 600_000, quota: 300_000 } as const;

interface Slot {
  key: ApiKey | undefined;
  weight: number;
  /** Of the smooth weighted round-robin: https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1 (2012-05). */
  current: number;
  restsUntil: number;
}

/** `now`: milliseconds by any clock. */
export function createKeyPool(keys: Destination["apiKeys"], now: () => number = () => performance.now()): KeyPool {
  const slots = keys.map((entry): Slot => {
    const { key, weight = 1 } = typeof entry === "object" ? entry : { key: entry };
    return { key, weight, current: 0, restsUntil: 0 };
  });

  /** The next in turn; where all rest, the one that is up first. */
  function next(): Slot {
    const awake = slots.filter(({ restsUntil }) => restsUntil <= now());
    if (awake.length === 0) return slots.reduce((first, slot) => (slot.restsUntil < first.restsUntil ? slot : first));
    const total = awake.reduce((sum, { weight }) => sum + weight, 0);
    for (const slot of awake) slot.current += slot.weight;
    const best = awake.reduce((first, slot) => (slot.current > first.current ? slot : first));
    best.current -= total;
    return best;
  }

  return {
    size: slots.length,
    pick() {
      const slot = next();
      return {
        key: async () => (typeof slot.key === "function" ? slot.key() : slot.key),
        failed(error) {
          if (!isLlmError(error, "authentication") && !isLlmError(error, "quota")) return false;
          const rest = error.kind === "quota" ? (error.retryAfterMs ?? REST_MS.quota) : REST_MS.authentication;
          slot.restsUntil = now() + rest;
          return slots.some(({ restsUntil }) => restsUntil <= now());
        },
      };
    },
  };
}

const pools = new WeakMap<Destination["apiKeys"], KeyPool>();

/** The pool of a profile's keys. It lives as long as their list: a profile that gets a new list begins anew, and calls in flight keep the old one. */
export function poolOf({ apiKeys }: Pick<Destination, "apiKeys">): KeyPool {
  const pool = pools.get(apiKeys) ?? createKeyPool(apiKeys);
  pools.set(apiKeys, pool);
  return pool;
}
