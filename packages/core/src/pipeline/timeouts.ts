import { LlmError } from "../error.ts";
import type { Timeouts } from "../model/policy.ts";

/** The longest delay that setTimeout takes; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** A deadline for each wait of an attempt. One timer, re-armed only when it fires, so that a wait costs a clock reading. */
export class Watch {
  readonly #onTimeout: (phase: string, ms: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #phase = "";
  #limit = Number.POSITIVE_INFINITY;
  #since = 0;
  #waiting = true;

  /** `onTimeout` is told the phase and its length in ms when its time is up. */
  constructor(onTimeout: (phase: string, ms: number) => void) {
    this.#onTimeout = onTimeout;
  }

  /** Starts a phase with `ms` to go. */
  start(phase: string, ms: number): void {
    clearTimeout(this.#timer);
    this.#phase = phase;
    this.#limit = ms;
    this.resume();
    this.#arm(ms);
  }

  /** Waiting begins: the phase's time starts anew. */
  resume(): void {
    this.#since = performance.now();
    this.#waiting = true;
  }

  /** Waiting is over: a consumer that takes its time is no timeout. */
  pause(): void {
    this.#waiting = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    if (ms === Number.POSITIVE_INFINITY) this.#timer = undefined;
    else this.#timer = setTimeout(() => this.#check(), Math.min(Math.max(ms, 0), LONGEST_DELAY));
  }

  #check(): void {
    const left = this.#waiting ? this.#since + this.#limit - performance.now() : this.#limit;
    if (left <= 0) this.#onTimeout(this.#phase, this.#limit);
    else this.#arm(left);
  }
}

const DEFAULT_IDLE_MS = 120_000;
const DEFAULT_HEADERS_MS = { streamed: 60_000, whole: 600_000 };

export function toTimeouts({ headersMs, firstByteMs, idleMs = DEFAULT_IDLE_MS }: Timeouts = {}, streamed: boolean): Required<Timeouts> {
  return { headersMs: headersMs ?? DEFAULT_HEADERS_MS[streamed ? "streamed" : "whole"], firstByteMs: firstByteMs ?? idleMs, idleMs };
}

const WHAT: Readonly<Record<string, string>> = {
  total: "The call took longer than",
  headers: "No response headers came within",
  "first-byte": "No byte of the response came within",
  idle: "No byte came for",
};
const SETTING: Readonly<Record<string, string>> = {
  total: "timeoutMs",
  headers: "timeouts.headersMs",
  "first-byte": "timeouts.firstByteMs",
  idle: "timeouts.idleMs",
};

/** A total timeout ends the call for good; the others may be retried. */
export function timeoutError(phase: string, ms: number, provider: string): LlmError {
  return new LlmError("timeout", `${WHAT[phase]} ${ms} ms.`, {
    provider,
    timeout: phase,
    retryable: phase !== "total",
    hint: `Raise ${SETTING[phase]} if that is too short.`,
  });
}
