import { abortedError, type LlmError } from "../error.ts";
import type { CallOptions, ChatEvent, ChatResult } from "../model/chat.ts";
import type { Message } from "../message/types.ts";
import type { EventSource } from "../stream/event-reader.ts";
import { digest } from "./cache.ts";
import { toMetrics, type CallRecord } from "./meter.ts";
import { onion, type Middleware, type MiddlewareCall } from "./middleware.ts";
import type { Target } from "./plan.ts";
import { toResult, toStep } from "./result.ts";
import { callSignal, type CallSignal } from "./running.ts";
import { sharedOf } from "./shared.ts";
import { runStep, toError, type Run } from "./step.ts";

type Input = string | readonly unknown[];

/** Runs a call to its end and returns the result; the events on the way are not kept. */
export async function completeChat(target: Target, input: Input, stream: boolean): Promise<ChatResult> {
  const events = runChat(target, input, stream, callSignal(target));
  for (;;) {
    const step = await events.next();
    if (step.done) return step.value;
  }
}

/** The same call as a source of events. `onAbort` is told when something outside ends it, also while nobody pulls. */
export function openChat(target: Target, input: Input, stream: boolean, onAbort: (reason: unknown) => void): EventSource {
  const call = callSignal(target);
  const events = runChat(target, input, stream, call);
  call.signal.addEventListener("abort", () => onAbort(call.signal.reason), { once: true });
  return {
    pull: () => events.next().then((step) => (step.done ? undefined : step.value)),
    cancel: (reason) => call.abort(abortedError(reason, target.provider.id)),
  };
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

/** One call from the first attempt to `done`: the only generator between the socket and the stream, one turn a network chunk. */
async function* runChat(target: Target, input: Input, stream: boolean, signal: CallSignal): AsyncGenerator<ChatEvent[], ChatResult> {
  const record: CallRecord = { first: target, target, stream, timestamp: Date.now(), started: performance.now(), attempts: [], steps: [] };
  const run: Run = { ...sharedOf(target), signal, record, stream, passed: 0, warnings: [], started: false };
  try {
    const answered = yield* runStep(run, input as string | readonly Message[]);
    record.steps.push(toStep(answered));
    const result = toResult(answered, record, run.warnings);
    target.onMetrics(result.metrics);
    yield [{ type: "done", result }];
    return result;
  } catch (thrown) {
    throw failed(thrown, record);
  } finally {
    signal.close();
  }
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
