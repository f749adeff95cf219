import type { ErrorKind } from "../error.ts";

/** `fromBeginning`: the answer begins inside, without the start tag. */
export interface ReasoningTag {
  start: string;
  end: string;
  fromBeginning?: boolean;
}

/** Milliseconds. `headersMs`: until the response headers, 60,000 streamed and 600,000 whole. `firstByteMs`: from there to the first byte, as `idleMs`. `idleMs`: between bytes, 120,000. */
export interface Timeouts {
  headersMs?: number;
  firstByteMs?: number;
  idleMs?: number;
}

/** `maxAttempts` counts the first one too, default 3. `maxWaitMs`: the longest wait that a vendor may ask for, default 60,000. */
export interface RetrySettings {
  maxAttempts?: number;
  maxWaitMs?: number;
  /**
   * Also retries after the first delta has reached the caller. The answer then begins anew: a `retry` event after text, reasoning or a tool call means
   * that what came before it does not count. Default false.
   */
  midStream?: boolean;
  /** Attempts for one kind of failure, in place of `maxAttempts`; 1 for none beside the first. Also for kinds that are not retried by themselves. */
  kinds?: Partial<Record<ErrorKind, number>>;
}

/** A further profile, or a model id, and the failures after which it is tried. Default: those that another model or vendor may not have. */
export interface FallbackSettings {
  profile: string;
  on?: readonly ErrorKind[];
}

/** What to do when the model's table says that it does not support something: throw, drop it and warn, make up for it, or drop it. */
export type UnsupportedPolicy = "error" | "warn" | "emulate" | "ignore";
