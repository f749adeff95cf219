import type { Attempt, LlmError, Usage } from "../error.ts";
import type { CallMetrics } from "../model/chat.ts";
import { addUsage } from "../provider/usage.ts";
import type { Attempt as AttemptInFlight } from "./attempt.ts";
import type { ChatPlan, Destination, Target } from "./plan.ts";

/** A model call that succeeded, and the attempt that holds its answer. */
export interface Answered {
  plan: ChatPlan;
  attempt: AttemptInFlight;
}

/** What is noted while a call runs. `started` and `ttftMs` by the monotonic clock, in milliseconds. */
export interface CallRecord {
  /** Where the call was sent, and where it is now. */
  first: Target;
  target: Target;
  stream: boolean;
  timestamp: number;
  started: number;
  attempts: Attempt[];
  /** The one that runs, or ran last. */
  current?: AttemptInFlight;
  /** Of each step, in order. */
  answers: Answered[];
  ttftMs?: number;
}

/** Of all attempts together: what a failed one used was paid for too. */
export function usageOf(attempts: readonly { usage?: Usage }[]): Usage {
  return attempts.reduce<Usage>((sum, attempt) => addUsage(sum, attempt.usage ?? {}), {});
}

/** What the list of attempts keeps of one that is over. */
export function toRecord(
  { provider, model }: Destination,
  { startedAt, durationMs, requestId }: Pick<AttemptInFlight, "startedAt" | "durationMs" | "requestId">,
  usage: Usage,
  error?: LlmError,
): Attempt {
  return {
    provider: provider.id,
    model,
    startedAt,
    durationMs,
    ...(Object.keys(usage).length > 0 && { usage: { ...usage } }),
    ...(error !== undefined && { error }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** The numbers of a call that is over. */
export function toMetrics(
  { target, stream, timestamp, started, attempts, ttftMs }: Omit<CallRecord, "first" | "target" | "answers"> & { target: Destination },
  error?: LlmError,
): CallMetrics {
  const durationMs = performance.now() - started;
  const usage = usageOf(attempts);
  const { profile, provider, model } = target;
  const { id } = provider;
  const generatingMs = stream && ttftMs !== undefined ? durationMs - ttftMs : durationMs;
  const requestId = attempts.at(-1)?.requestId;
  return {
    timestamp,
    label: `${id}/${model}`,
    profile,
    provider: id,
    model,
    ...(requestId !== undefined && { requestId }),
    ...(ttftMs !== undefined && { ttftMs }),
    durationMs,
    ...(usage.outputTokens !== undefined && generatingMs > 0 && { tokensPerSecond: (usage.outputTokens / generatingMs) * 1000 }),
    cancelled: error?.kind === "aborted",
    ...(error !== undefined && { error: { kind: error.kind, message: error.message } }),
    usage,
    attempts: attempts.length,
  };
}
