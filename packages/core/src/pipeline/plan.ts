import type { Usage } from "../error.ts";
import type { CallMetrics, ChatCall, Timeouts, Warning } from "../model/chat.ts";
import type { Feature } from "../provider/capabilities.ts";
import type { ChatAdapter, Provider } from "../provider/contract.ts";
import type { RetryPolicy } from "./retry.ts";

/** One chat, ready to run: the call as data and all that the pipeline needs round it. */
export interface ChatPlan {
  profile: string;
  provider: Provider;
  adapter: ChatAdapter;
  call: ChatCall;
  warnings: Warning[];
  /** Features that the call uses and the model takes, for `explain`. */
  supported: Feature[];
  emulated: Feature[];
  target: Target;
  timeouts: Required<Timeouts>;
  timeoutMs: number;
  retry: RetryPolicy;
  signal?: AbortSignal;
  hideReasoning: boolean;
  includeRaw: boolean;
  /** The answer is parsed as JSON. */
  wantsJson: boolean;
  extraBody?: Record<string, unknown>;
  onDelta?: (text: string) => void | Promise<void>;
  /** Registers the call where it runs, until `end`. The signal is aborted when that place closes. */
  begin(): { signal: AbortSignal; end(): void };
  /** Told once, when the call is over, however it ended. */
  onMetrics(metrics: CallMetrics): void;
}

/** Where to send, with what credentials. The key is asked for anew for each attempt, so that it can be rotated. */
export interface Target {
  baseURL: string;
  apiKey(): Promise<string | undefined>;
  headers: Record<string, string>;
  fetch?: typeof fetch;
  loopbackOnly: boolean;
}

/** Adds up what is known; a field unknown on both sides stays absent. */
export function addUsage(total: Usage, more: Usage): Usage {
  const sum: Usage = { ...total };
  for (const key of Object.keys(more) as (keyof Usage)[]) {
    if (more[key] !== undefined) sum[key] = (sum[key] ?? 0) + more[key];
  }
  return sum;
}
