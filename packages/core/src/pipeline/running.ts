import { abortedError, type LlmError } from "../error.ts";
import { link } from "../http/signals.ts";
import type { Warning } from "../model/chat.ts";
import type { Outlet } from "../stream/handover.ts";
import type { Resting } from "./fallback.ts";
import type { Limiter } from "./limit.ts";
import type { LoadedFiles } from "./media.ts";
import type { CallRecord } from "./meter.ts";
import type { Destination } from "./plan.ts";
import { timeoutError, Watch } from "./timeouts.ts";

/** What ends a call from outside: the caller's signal, the context's end, the total timeout, the stream's cancel. */
export interface CallSignal {
  readonly signal: AbortSignal;
  /** Milliseconds left of the total. */
  left(): number;
  abort(reason: LlmError): void;
  close(): void;
}

export function callSignal({ provider, options, begin }: Destination): CallSignal {
  const running = begin();
  const controller = new AbortController();
  const { timeoutMs = Number.POSITIVE_INFINITY } = options;
  const started = performance.now();
  const timer = new Watch((phase, ms) => controller.abort(timeoutError(phase, ms, provider.id)));
  timer.start("total", timeoutMs);
  const unlink = link(options.signal, controller, (from) => abortedError(from.reason, provider.id));
  const unstop = link(running.signal, controller, (from) => abortedError(from.reason, provider.id));
  return {
    signal: controller.signal,
    left: () => timeoutMs - (performance.now() - started),
    abort: (reason) => controller.abort(reason),
    close() {
      timer.stop();
      unlink();
      unstop();
      running.end();
    },
  };
}

/** What a call carries from one step to the next. */
export interface Run {
  outlet: Outlet;
  signal: CallSignal;
  record: CallRecord;
  limiter: Limiter;
  resting: Resting;
  stream: boolean;
  /** Of the fallbacks, how many were left behind: a call stays where it was answered. */
  passed: number;
  /** Told that a profile was left for the next. */
  warnings: Warning[];
  files: LoadedFiles;
  started: boolean;
}
