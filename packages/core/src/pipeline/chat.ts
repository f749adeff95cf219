import { abortedError, type LlmError } from "../error.ts";
import type { CallOptions, ChatEvent, ChatResult } from "../model/chat.ts";
import { toMessages } from "../message/normalize.ts";
import type { Message } from "../message/types.ts";
import type { EventSource } from "../stream/event-reader.ts";
import { Handover, ignore, outletOf, type Emit, type Outlet } from "../stream/handover.ts";
import { runLoop } from "../tools/loop.ts";
import { digest } from "./cache.ts";
import { copiesOf, runCopies } from "./choices.ts";
import { toError } from "./line.ts";
import { toMetrics, type CallRecord } from "./meter.ts";
import { onion, type Middleware, type MiddlewareCall } from "./middleware.ts";
import type { Target } from "./plan.ts";
import { settleOutput, validInput } from "./output.ts";
import { toResult, toStepMade } from "./result.ts";
import { callSignal, type CallSignal, type Run } from "./running.ts";
import { sharedOf } from "./shared.ts";
import { runStep } from "./step.ts";

type Input = string | readonly unknown[];

/** Runs a call to its end and returns the result; the events on the way are not kept. */
export function completeChat(target: Target, input: Input, stream: boolean): Promise<ChatResult> {
  return runChat(target, input, { stream, signal: callSignal(target), outlet: outletOf(ignore), attended: () => false });
}

/** The same call as a source of events. `onAbort` is told when something outside ends it, also while nobody pulls. */
export function openChat(target: Target, input: Input, stream: boolean, onAbort: (reason: unknown) => void): EventSource {
  return new ChatSource(target, input, stream, onAbort);
}

class ChatSource implements EventSource {
  readonly #signal: CallSignal;
  readonly #provider: string;
  readonly #events: Handover;
  #attended = true;

  constructor(target: Target, input: Input, stream: boolean, onAbort: (reason: unknown) => void) {
    const signal = (this.#signal = callSignal(target));
    this.#provider = target.provider.id;
    this.#events = new Handover((outlet) => runChat(target, input, { stream, signal, outlet, attended: () => this.#attended }));
    signal.signal.addEventListener("abort", () => onAbort(signal.signal.reason), { once: true });
  }

  pull(by?: "nobody"): Promise<ChatEvent[] | undefined> {
    this.#attended = by !== "nobody";
    return this.#events.next();
  }

  cancel(reason?: unknown): void {
    this.#signal.abort(abortedError(reason, this.#provider));
  }
}

/** The same call with middleware round it. */
export function openLayers(
  layers: readonly Middleware[],
  target: Target,
  input: Input,
  stream: boolean,
  onAbort: (reason: unknown) => void,
): EventSource {
  const { profile, provider, model, options } = target;
  const call: MiddlewareCall = {
    stream,
    profile,
    provider: provider.id,
    model,
    input: input as MiddlewareCall["input"],
    options,
    place: () => placeOf(target),
  };
  return onion(layers, call, (changed) => openChat(withOptions(target, changed.options), changed.input, stream, onAbort));
}

/** What a middleware has changed of the options holds for the fallbacks too. */
function withOptions(target: Target, options: Target["options"]): Target {
  if (options === target.options) return target;
  const changed = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== target.options[name as keyof CallOptions]),
  );
  const fallbacks = target.fallbacks.map((one) => ({ ...one, target: { ...one.target, options: { ...one.target.options, ...changed } } }));
  return { ...target, options, fallbacks };
}

async function placeOf({ provider, baseURL, api, deployment, apiVersion, model, apiKeys }: Target): Promise<string> {
  const keys = apiKeys.map((entry) => (typeof entry === "object" ? entry.key : entry));
  const known = await Promise.all(keys.map((key) => (typeof key === "function" ? key() : key)));
  return digest(JSON.stringify([provider.id, baseURL, api, deployment, apiVersion, model, known]));
}

/** How a call is run. */
interface Running {
  stream: boolean;
  signal: CallSignal;
  outlet: Outlet;
  /** Somebody reads the events. */
  attended(): boolean;
}

/** One call from the first attempt to `done`, or the several that stand in for it. */
function runChat(target: Target, input: Input, running: Running): Promise<ChatResult> {
  const copies = copiesOf(target);
  if (copies === 1) return runOne(target, input, running);
  const { signal, outlet } = running;
  const runCopy = (to: Target, own: CallSignal, emit: Emit) => runOne(to, input, { ...running, signal: own, outlet: outletOf(emit) });
  return runCopies(target, copies, signal, outlet.emit, runCopy);
}

async function runOne(target: Target, input: Input, { stream, signal, outlet, attended }: Running): Promise<ChatResult> {
  const record: CallRecord = {
    first: target,
    target,
    stream,
    timestamp: Date.now(),
    started: performance.now(),
    attempts: [],
    answers: [],
  };
  const { signer, ...shared } = sharedOf(target);
  const told = stamped(outlet, target.depth);
  const run: Run = {
    ...shared,
    signal,
    record,
    stream,
    outlet: untilOver(told, signal.signal),
    passed: 0,
    warnings: [],
    files: new Map(),
    started: false,
  };
  try {
    const history = toMessages(input);
    const makeStep = (messages: readonly Message[], changes: Partial<CallOptions>) => runStep(run, messages, changes).then(toStepMade);
    const loop = {
      ...target.options,
      options: target.options,
      signal: signal.signal,
      emit: run.outlet.emit,
      signer,
      depth: target.depth,
      attended,
      validate: validInput,
    };
    const done = await runLoop(history, { ...loop, makeStep });
    if (done.atLimit) await warnAtLimit(run, done.steps.length);
    const output = done.steps.length === 0 ? {} : await settleOutput(run, [...history, ...done.messages], done);
    // Whoever leaves before he is told the result has aborted the call, even where all of the answer had come.
    signal.signal.throwIfAborted();
    const result = toResult(record, { ...done, ...output, warnings: run.warnings });
    target.onMetrics(result.metrics);
    await told.emit([{ type: "done", result }]);
    return result;
  } catch (thrown) {
    throw failed(thrown, record);
  } finally {
    signal.close();
  }
}

async function warnAtLimit({ warnings, outlet }: Run, steps: number): Promise<void> {
  const message = `The chat ended after ${steps} steps (maxSteps), before the model gave its answer.`;
  const warning = { code: "max-steps", message };
  warnings.push(warning);
  await outlet.emit([{ type: "warning", warning }]);
}

/** After an abort nobody takes anything any more: whoever waited for that would wait for ever. */
function untilOver(outlet: Outlet, signal: AbortSignal): Outlet {
  return {
    emit(events) {
      signal.throwIfAborted();
      return outlet.emit(events);
    },
    relay: (batches) => outlet.relay(batches),
  };
}

/** Events of a chat that a tool holds say how deep they come from. */
function stamped(outlet: Outlet, depth: number): Outlet {
  if (depth === 0) return outlet;
  return outletOf((events) => {
    for (const event of events) event.depth ??= depth;
    return outlet.emit(events);
  });
}

/** Completes the error of a call with what had arrived, and tells the meter. */
function failed(thrown: unknown, record: CallRecord): LlmError {
  const { attempts, target, current } = record;
  const error = toError(thrown, record);
  const partial = current?.assembler.partial();
  error.complete({ provider: target.provider.id, model: target.model, attempts, ...(partial !== undefined && { partial }) });
  record.first.onMetrics(toMetrics(record, error));
  return error;
}
