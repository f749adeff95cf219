import { createResting, type Resting } from "./fallback.ts";
import { MemoryLimitStore } from "./limit-store.ts";
import { createLimiter, type Limiter } from "./limit.ts";
import type { Target } from "./plan.ts";

/** What the calls of one context share. */
export interface Shared {
  limiter: Limiter;
  resting: Resting;
}

const contexts = new WeakMap<object, Shared>();

export function sharedOf({ home, limitStore }: Target): Shared {
  const known = contexts.get(home);
  if (known !== undefined) return known;
  const shared = { limiter: createLimiter(limitStore ?? new MemoryLimitStore()), resting: createResting() };
  contexts.set(home, shared);
  return shared;
}
