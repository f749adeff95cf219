import { abortedError, isLlmError, LlmError, type Attempt as AttemptRecord } from "../error.ts";
import { link, sleep } from "../http/signals.ts";
import type { ChatEvent, ChatResult } from "../model/chat.ts";
import type { EventSource } from "../stream/event-reader.ts";
import { Attempt } from "./attempt.ts";
import { toMetrics, type CallRecord } from "./meter.ts";
import type { ChatPlan } from "./plan.ts";
import { finishReasonOf, toResult } from "./result.ts";
import { retryDelay } from "./retry.ts";
import { timeoutError, watch } from "./timeouts.ts";

/** Runs a call to its end and returns the result; the events on the way are not kept. */
export async function completeChat(plan: ChatPlan): Promise<ChatResult> {
  const events = runChat(plan, callSignal(plan));
  for (;;) {
    const step = await events.next();
    if (step.done) return step.value;
  }
}

/** The same call as a source of events. `onAbort` is told when something outside ends it, also while nobody pulls. */
export function openChat(plan: ChatPlan, onAbort: (reason: unknown) => void): EventSource {
  const call = callSignal(plan);
  const events = runChat(plan, call);
  call.signal.addEventListener("abort", () => onAbort(call.signal.reason), { once: true });
  return {
    pull: () => events.next().then((step) => (step.done ? undefined : step.value)),
    cancel: (reason) => call.abort(abortedError(reason, plan.target.provider.id)),
  };
}

/** What ends a call from outside: the caller's signal, the context's end, the total timeout, the stream's cancel. */
interface CallSignal {
  readonly signal: AbortSignal;
  /** Milliseconds left of the total. */
  left(): number;
  abort(reason: LlmError): void;
  close(): void;
}

function callSignal({ target, timeoutMs }: ChatPlan): CallSignal {
  const running = target.begin();
  const controller = new AbortController();
  const { id } = target.provider;
  const started = performance.now();
  const timer = watch((phase, ms) => controller.abort(timeoutError(phase, ms, id)));
  timer.start("total", timeoutMs);
  const unlink = link(target.options.signal, controller, (from) => abortedError(from.reason, id));
  const unstop = link(running.signal, controller, (from) => abortedError(from.reason, id));
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

/** One call from the first attempt to `done`: the only generator between the socket and the stream, one turn a network chunk. */
async function* runChat(plan: ChatPlan, call: CallSignal): AsyncGenerator<ChatEvent[], ChatResult> {
  const record: CallRecord = { plan, timestamp: Date.now(), started: performance.now(), attempts: [] };
  let attempt: Attempt | undefined;
  try {
    for (;;) {
      attempt = new Attempt(plan, call.signal);
      try {
        const next = await openBatches(plan, attempt, record);
        for (let batch = await next(); batch !== undefined; batch = await next()) yield batch;
        break;
      } catch (thrown) {
        const error = attempt.toError(thrown);
        // Now and not after the wait: a body that nobody reads holds its socket.
        attempt.close();
        record.attempts.push(toRecord(plan, attempt, error));
        const delayMs = attempt.assembler.begun ? undefined : retryDelay(error, record.attempts.length, plan.retry, call.left());
        if (delayMs === undefined) throw error;
        yield [{ type: "retry", attempt: record.attempts.length, delayMs, error }];
        await sleep(delayMs, call.signal);
      } finally {
        attempt.close();
      }
    }
    record.attempts.push(toRecord(plan, attempt));
    const result = toResult(plan, attempt, record);
    plan.target.onMetrics(result.metrics);
    yield [{ type: "done", result }];
    return result;
  } catch (thrown) {
    throw failed(thrown, attempt, record);
  } finally {
    call.close();
  }
}

/** Opens an attempt; the returned function gives its batches and notes when the first of them came. */
async function openBatches(plan: ChatPlan, attempt: Attempt, record: CallRecord): Promise<() => Promise<ChatEvent[] | undefined>> {
  await attempt.open();
  const { assembler, requestId } = attempt;
  const { onDelta } = plan.target.options;
  let head: ChatEvent[] = [
    { type: "start", provider: plan.target.provider.id, model: plan.target.model, ...(requestId !== undefined && { requestId }) },
  ];
  for (const warning of plan.warnings) head.push({ type: "warning", warning });
  let more = true;
  let over = false;
  return async () => {
    if (over) return undefined;
    const out = head;
    const opening = out.length;
    head = [];
    if (more) more = await attempt.next(out);
    if (more && out.length === opening) {
      // Nothing but the opening: it waits for what it opens, so that an attempt that fails before that leaves no trace.
      head = out;
      return [];
    }
    if (assembler.begun) record.ttftMs ??= performance.now() - record.started;
    // Where the answer is not complete, its end is an error: what came last is delivered before it.
    over = !more && (attempt.complete || out.length === 0);
    if (over) endStep(attempt, out);
    if (onDelta !== undefined) await tell(onDelta, out);
    return out;
  };
}

function endStep(attempt: Attempt, out: ChatEvent[]): void {
  attempt.end(out);
  const { assembler } = attempt;
  if (Object.keys(assembler.usage).length > 0) out.push({ type: "usage", usage: assembler.usage });
  out.push({ type: "step", step: 1, finishReason: finishReasonOf(assembler), usage: assembler.usage });
}

async function tell(onDelta: (text: string) => void | Promise<void>, events: readonly ChatEvent[]): Promise<void> {
  for (const event of events) {
    if (event.type !== "text" || event.choice) continue;
    try {
      await onDelta(event.text);
    } catch (cause) {
      throw new LlmError("aborted", "onDelta threw, so the call was aborted.", { cause });
    }
  }
}

function toRecord(plan: ChatPlan, attempt: Attempt, error?: LlmError): AttemptRecord {
  const { startedAt, durationMs, requestId, assembler } = attempt;
  const { usage } = assembler;
  return {
    provider: plan.target.provider.id,
    model: plan.target.model,
    startedAt,
    durationMs,
    ...(Object.keys(usage).length > 0 && { usage: { ...usage } }),
    ...(error !== undefined && { error }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** Completes the error of a call with what had arrived, and tells the meter. */
function failed(thrown: unknown, attempt: Attempt | undefined, record: CallRecord): LlmError {
  const { plan, attempts } = record;
  const error = isLlmError(thrown)
    ? thrown
    : (attempt?.toError(thrown) ?? new LlmError("configuration", String(thrown), { cause: thrown }));
  const partial = attempt?.assembler.partial();
  error.complete({ provider: plan.target.provider.id, model: plan.target.model, attempts, ...(partial !== undefined && { partial }) });
  plan.target.onMetrics(toMetrics(record, error));
  return error;
}
