import type { Attempt, LlmError, Usage } from "../error.ts";
import type { CallKind, CallMetrics } from "../model/metrics.ts";
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
  /**
   * Tokens of all of them, estimated where the vendor does not tell. Absent before the first is
   * over.
   */
  tokens?: number;
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

/** What is known of a call of any kind once it is over. */
interface Noted extends Pick<CallRecord, "stream" | "timestamp" | "started" | "attempts" | "ttftMs"> {
  /** Default: a chat. */
  kind?: CallKind;
  /** Where the call was sent first, before any fallback. Default: `target`. */
  first?: Destination;
  target: Destination;
}

/** The numbers of a call that is over. */
export function toMetrics(noted: Noted, error?: LlmError): CallMetrics {
  const { kind = "chat", target, first = target, stream, timestamp, started, attempts, ttftMs } = noted;
  const durationMs = performance.now() - started;
  const usage = usageOf(attempts);
  const { profile, provider, model } = target;
  const { id } = provider;
  const generatingMs = stream && ttftMs !== undefined ? durationMs - ttftMs : durationMs;
  const requestId = attempts.at(-1)?.requestId;
  const { user, metadata } = first.options;
  return {
    kind,
    timestamp,
    label: `${id}/${model}`,
    profile,
    provider: id,
    model,
    ...(user !== undefined && { user }),
    ...(metadata !== undefined && { metadata }),
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
