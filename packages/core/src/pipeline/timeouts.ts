import { LlmError } from "../error.ts";
import type { Timeouts } from "../model/policy.ts";

/** The longest delay that setTimeout takes; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** A deadline for each wait of an attempt. One timer, re-armed only when it fires, so that a wait costs a clock reading. */
export interface Watch {
  /** Starts a phase with `ms` to go. */
  start(phase: string, ms: number): void;
  /** Waiting begins: the phase's time starts anew. */
  resume(): void;
  /** Waiting is over: a consumer that takes its time is no timeout. */
  pause(): void;
  stop(): void;
}

/** Calls `onTimeout` with the phase and its length in ms when its time is up. */
export function watch(onTimeout: (phase: string, ms: number) => void): Watch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let phase = "";
  let limit = Number.POSITIVE_INFINITY;
  let since = 0;
  let waiting = true;

  function arm(ms: number): void {
    timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(check, Math.min(Math.max(ms, 0), LONGEST_DELAY));
  }
  function check(): void {
    const left = waiting ? since + limit - performance.now() : limit;
    if (left <= 0) onTimeout(phase, limit);
    else arm(left);
  }
  return {
    start(name, ms) {
      clearTimeout(timer);
      phase = name;
      limit = ms;
      since = performance.now();
      waiting = true;
      arm(ms);
    },
    resume() {
      since = performance.now();
      waiting = true;
    },
    pause() {
      waiting = false;
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
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
