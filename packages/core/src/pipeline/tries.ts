import type { LlmError } from "../error.ts";
import { poolOf, type KeyPool, type PickedKey } from "./keys.ts";
import type { Destination } from "./plan.ts";
import { retryDelay, type RetryPolicy } from "./retry.ts";

/** The attempts of one request: which key each gets, and whether another may follow. */
export class Tries {
  readonly #keys: KeyPool;
  readonly #policy: RetryPolicy;
  #picked: PickedKey | undefined;
  #made = 0;
  #otherKeys = 0;

  constructor(target: Pick<Destination, "apiKeys">, policy: RetryPolicy) {
    this.#keys = poolOf(target);
    this.#policy = policy;
  }

  /** The next attempt's key. */
  next(): PickedKey["key"] {
    this.#made++;
    this.#picked = this.#keys.pick();
    return this.#picked.key;
  }

  /** Milliseconds from a failed attempt to the next, undefined for none. A key that was refused rests, and another of the pool takes its place at once. */
  delayAfter(error: LlmError, leftMs: number): number | undefined {
    const another = this.#picked?.failed(error) && this.#policy.maxAttempts > 1 && this.#otherKeys < this.#keys.size - 1;
    if (another) this.#otherKeys++;
    return another ? 0 : retryDelay(error, this.#made - this.#otherKeys, this.#policy, leftMs);
  }
}
