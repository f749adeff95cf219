import { isLlmError, LlmError, type Attempt as AttemptRecord } from "../error.ts";
import { link, sleep } from "../http/signals.ts";
import type { ChatEvent, ChatResult } from "../model/chat.ts";
import { toChatStream, type ChatStream, type EventSource } from "../stream/chat-stream.ts";
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

/** The same call as a stream: the generator of batches becomes the stream's source. */
export function streamChat(plan: ChatPlan): ChatStream {
  let call: CallSignal | undefined;
  let events: AsyncGenerator<ChatEvent[], ChatResult> | undefined;
  let cancelled: LlmError | undefined;
  const source: EventSource = {
    async pull() {
      if (events === undefined) {
        if (cancelled !== undefined) throw cancelled;
        call = callSignal(plan);
        events = runChat(plan, call);
        // An abort from outside ends the stream also while nobody pulls.
        call.signal.addEventListener("abort", () => stream.cancel(call?.signal.reason), { once: true });
      }
      const step = await events.next();
      return step.done ? undefined : step.value;
    },
    cancel(reason) {
      cancelled = abortedError(plan.provider.id, reason);
      call?.abort(cancelled);
    },
  };
  const stream = toChatStream(source, plan.onDelta !== undefined);
  return stream;
}

/** What ends a call from outside: the caller's signal, the context's end, the total timeout, the stream's cancel. */
interface CallSignal {
  readonly signal: AbortSignal;
  /** Milliseconds left of the total. */
  left(): number;
  abort(reason: LlmError): void;
  close(): void;
}

function callSignal(plan: ChatPlan): CallSignal {
  const running = plan.begin();
  const controller = new AbortController();
  const { id } = plan.provider;
  const started = performance.now();
  const timer = watch((phase, ms) => controller.abort(timeoutError(phase, ms, id)));
  timer.start("total", plan.timeoutMs);
  const unlink = link(plan.signal, controller, (from) => abortedError(id, from.reason));
  const unstop = link(running.signal, controller, (from) => abortedError(id, from.reason));
  return {
    signal: controller.signal,
    left: () => plan.timeoutMs - (performance.now() - started),
    abort: (reason) => controller.abort(reason),
    close() {
      timer.stop();
      unlink();
      unstop();
      running.end();
    },
  };
}

function abortedError(provider: string, cause: unknown): LlmError {
  return isLlmError(cause, "aborted") ? cause : new LlmError("aborted", "The call was aborted.", { provider, cause });
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
    plan.onMetrics(result.metrics);
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
  let head: ChatEvent[] = [
    { type: "start", provider: plan.provider.id, model: plan.call.model, ...(requestId !== undefined && { requestId }) },
  ];
  for (const warning of plan.warnings) head.push({ type: "warning", warning });
  let more = true;
  return async () => {
    if (!more) return undefined;
    const out = head;
    head = [];
    more = await attempt.next(out);
    if (assembler.begun) record.ttftMs ??= performance.now() - record.started;
    if (!more) endStep(attempt, out);
    if (plan.onDelta !== undefined) await tell(plan.onDelta, out);
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
    provider: plan.provider.id,
    model: plan.call.model,
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
  error.complete({ provider: plan.provider.id, model: plan.call.model, attempts, ...(partial !== undefined && { partial }) });
  plan.onMetrics(toMetrics(record, error));
  return error;
}
