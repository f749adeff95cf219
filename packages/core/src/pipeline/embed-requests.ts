import { LlmError, type Attempt } from "../error.ts";
import { sleep } from "../http/signals.ts";
import type { Warning } from "../model/chat.ts";
import type { EmbedCall } from "../model/embed.ts";
import type { Timeouts } from "../model/policy.ts";
import { fewerInputs, tooManyInputs } from "../provider/batch-limits.ts";
import { EmbedAttempt, type EmbedReply, type EmbedTarget } from "./embed-attempt.ts";
import { charactersToTokens } from "./estimate.ts";
import type { Limiter } from "./limit.ts";
import { toError } from "./line.ts";
import { toRecord } from "./meter.ts";
import type { RetryPolicy } from "./retry.ts";
import type { CallSignal } from "./running.ts";
import { Tries } from "./tries.ts";
import { tokensOf } from "./used.ts";

/** Requests of one call at the same time. */
const MAX_CONCURRENT = 4;
/**
 * How often a call is sent in smaller batches: halving 2,048 texts to one each, with others under
 * way.
 */
const MAX_REFUSALS = 64;

/** One call, ready to run. */
export interface EmbedPlan {
  target: EmbedTarget;
  /** The requests to send, in the order of their inputs. */
  calls: EmbedCall[];
  warnings: Warning[];
  timeouts: Required<Timeouts>;
  retry: RetryPolicy;
}

/** What a call notes while it runs. */
interface EmbedRun {
  plan: EmbedPlan;
  signal: CallSignal;
  limiter: Limiter;
  attempts: Attempt[];
}

/** A request of a call that embeds a list. */
interface Batch {
  /** Where its first input stands in the list. */
  from: number;
  call: EmbedCall;
}

/**
 * The replies to all requests, in the order of the inputs. Nothing is in flight any more when this
 * settles.
 */
export async function runRequests(run: EmbedRun): Promise<EmbedReply[]> {
  const { plan } = run;
  const requests = new EmbedRequests(run);
  await requests.run();
  if (requests.refusals > 0) {
    const provider = plan.target.provider.id;
    const message = `${provider} takes fewer texts at once than were sent, so they were sent again, ${requests.most} at most. Set batchSize: ${requests.most}.`;
    plan.warnings.push({ code: "batch-size", provider, message });
  }
  return requests.replies();
}

/** The requests of one call, some at a time. The first that fails ends the others. */
class EmbedRequests {
  /** Inputs in one request, as far as the server has said. */
  most = Number.POSITIVE_INFINITY;
  /** Requests that held too many. */
  refusals = 0;
  readonly #run: EmbedRun;
  readonly #waiting: Batch[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #replies: (EmbedReply | undefined)[] = [];
  #failure: LlmError | undefined;
  /** Tokens that the call has used. */
  #tokens = 0;

  constructor(run: EmbedRun) {
    this.#run = run;
    let from = 0;
    for (const call of run.plan.calls) {
      this.#waiting.push({ from, call });
      from += call.inputs.length;
    }
  }

  async run(): Promise<void> {
    this.#start();
    while (this.#running.size > 0) await Promise.race(this.#running);
    if (this.#failure !== undefined) throw this.#failure;
  }

  replies(): EmbedReply[] {
    return this.#replies.filter((reply) => reply !== undefined);
  }

  /** What waits is begun as far as it may run. */
  #start(): void {
    while (this.#failure === undefined && this.#running.size < MAX_CONCURRENT && this.#waiting.length > 0) {
      const batch = this.#waiting.shift()!;
      if (batch.call.inputs.length > this.most) {
        this.#split(batch);
        continue;
      }
      const ended = this.#embed(batch).finally(() => {
        this.#running.delete(ended);
        this.#start();
      });
      this.#running.add(ended);
    }
  }

  async #embed(batch: Batch): Promise<void> {
    const { plan, signal } = this.#run;
    try {
      this.#replies[batch.from] = await this.#reply(batch.call);
    } catch (thrown) {
      const error = toError(thrown, plan);
      const fewer = this.refusals < MAX_REFUSALS ? fewerInputs(error, batch.call.inputs.length) : undefined;
      if (fewer === undefined) {
        this.#failure ??= error;
        signal.abort(new LlmError("aborted", "Another request of the same call failed.", { cause: this.#failure }));
        return;
      }
      this.refusals++;
      this.most = Math.min(this.most, fewer);
      this.#split(batch);
    }
  }

  /** The parts take the place of the whole, before all others. */
  #split({ from, call }: Batch): void {
    const parts: Batch[] = [];
    for (let at = 0; at < call.inputs.length; at += this.most)
      parts.push({ from: from + at, call: { ...call, inputs: call.inputs.slice(at, at + this.most) } });
    this.#waiting.unshift(...parts);
  }

  /** One request, until it succeeds or may not be tried again. */
  async #reply(call: EmbedCall): Promise<EmbedReply> {
    const { plan, signal, attempts } = this.#run;
    const { target, timeouts, retry } = plan;
    const tries = new Tries(target, retry);
    for (;;) {
      const pass = await this.#enter(call);
      const attempt = new EmbedAttempt(target, signal.signal);
      const end = (error?: LlmError) => {
        attempt.close();
        attempts.push(toRecord(target, attempt, attempt.usage, error));
        this.#tokens += tokensOf(attempt.usage) || (error === undefined ? estimated(call) : 0);
        pass?.leave({ usage: attempt.usage, headers: attempt.line.headers, error });
      };
      try {
        const reply = await attempt.run(call, tries.next(), timeouts);
        end();
        return reply;
      } catch (thrown) {
        const error = refused(attempt.line.toError(thrown, false), call);
        end(error);
        const delayMs = fewerInputs(error, call.inputs.length) === undefined ? tries.delayAfter(error, signal.left()) : undefined;
        if (delayMs === undefined) throw error;
        await sleep(delayMs, signal.signal);
      }
    }
  }

  /**
   * A turn within the profile's limits, undefined where it has none. Vectors are no tokens, so all
   * that is used is the input.
   */
  async #enter(call: EmbedCall) {
    const { plan, limiter, signal } = this.#run;
    const { limits, profile, provider } = plan.target;
    if (limits === undefined) return undefined;
    return limiter.enter({
      profile,
      provider: provider.id,
      limits,
      inputTokens: estimated(call),
      maxOutputTokens: 0,
      usedByCall: this.#tokens,
      signal: signal.signal,
    });
  }
}

function estimated({ inputs }: EmbedCall): number {
  return charactersToTokens(inputs.reduce((sum, { length }) => sum + length, 0));
}

/** A server that takes not even one text at once would refuse it again. */
function refused(error: LlmError, { inputs }: EmbedCall): LlmError {
  if (inputs.length > 1 || !tooManyInputs(error)) return error;
  const { provider, model, status, requestId } = error;
  const known = { provider, model, status, requestId, cause: error };
  return new LlmError("invalid-request", "The server says that one text in a request is too many.", {
    ...known,
    hint: "`batchSize` cannot be smaller than 1: check the server's own limit.",
  });
}
