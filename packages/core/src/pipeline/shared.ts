import { createResting, type Resting } from "./fallback.ts";
import { MemoryLimitStore } from "./limit-store.ts";
import { createLimiter, type Limiter } from "./limit.ts";
import { createSigner, type Signer } from "../tools/approval.ts";
import type { Destination } from "./plan.ts";

/** What the calls of one context share. */
export interface Shared {
  limiter: Limiter;
  resting: Resting;
  signer: Signer;
}

const contexts = new WeakMap<object, Shared>();

export function sharedOf({ home, limitStore, approvalSecret }: Destination): Shared {
  const known = contexts.get(home);
  if (known !== undefined) return known;
  const shared = {
    limiter: createLimiter(limitStore ?? new MemoryLimitStore()),
    resting: createResting(),
    signer: createSigner(approvalSecret),
  };
  contexts.set(home, shared);
  return shared;
}
