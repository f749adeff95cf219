import { abortedError, type LlmError } from "../error.ts";
import { link } from "../http/signals.ts";
import type { Destination } from "./plan.ts";
import { timeoutError, watch } from "./timeouts.ts";

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
  const timer = watch((phase, ms) => controller.abort(timeoutError(phase, ms, provider.id)));
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
