import { LlmError, type Attempt, type Cost, type Usage } from "../error.ts";
import { sleep } from "../http/signals.ts";
import type { Warning } from "../model/chat.ts";
import type { EmbedCall, EmbedManyResult, EmbedOptions, EmbedResult } from "../model/embed.ts";
import type { Timeouts } from "../model/policy.ts";
import type { EmbedFeature } from "../provider/embed.ts";
import { toBatches, toInputs } from "./inputs.ts";
import { EmbedAttempt, type EmbedReply, type EmbedTarget } from "./embed-attempt.ts";
import { charactersToTokens } from "./estimate.ts";
import type { Limiter } from "./limit.ts";
import { toError } from "./line.ts";
import { toMetrics, toRecord, usageOf } from "./meter.ts";
import { toRetryPolicy, type RetryPolicy } from "./retry.ts";
import { callSignal, type CallSignal } from "./running.ts";
import { sharedOf } from "./shared.ts";
import { toTimeouts } from "./timeouts.ts";
import { Tries } from "./tries.ts";

/** Requests of one call at the same time. */
const MAX_CONCURRENT = 4;

/** One call, ready to run. */
interface EmbedPlan {
  target: EmbedTarget;
  /** Of each request, in order. */
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

/** Embeds a text, or each of a list. */
export async function embed(target: EmbedTarget, input: string | readonly string[]): Promise<EmbedResult | EmbedManyResult> {
  const record = { target, stream: false, timestamp: Date.now(), started: performance.now(), attempts: [] as Attempt[] };
  const signal = callSignal(target);
  try {
    const run = { plan: planEmbed(target, input), signal, limiter: sharedOf(target).limiter, attempts: record.attempts };
    const replies = await runAll(run);
    const usage = usageOfAll(replies);
    const metrics = { ...toMetrics(record), usage };
    target.onMetrics(metrics);
    const [{ model: responseModel }] = replies as [EmbedReply];
    const cost = costOf(replies);
    const { provider, model } = target;
    const rest = {
      model,
      provider: provider.id,
      usage,
      warnings: run.plan.warnings,
      metrics,
      attempts: record.attempts,
      ...(responseModel !== undefined && { responseModel }),
      ...(cost !== undefined && { cost }),
    };
    const embeddings = replies.flatMap(({ vectors }) => vectors);
    return typeof input === "string" ? { embedding: embeddings[0]!, ...rest } : { embeddings, ...rest };
  } catch (thrown) {
    const error = toError(thrown, { target });
    error.complete({ provider: target.provider.id, model: target.model, attempts: record.attempts });
    target.onMetrics(toMetrics(record, error));
    throw error;
  } finally {
    signal.close();
  }
}

const FEATURES: readonly EmbedFeature[] = ["dimensions", "inputType", "user"];

/** The caller's input, checked, in batches. Throws before anything is sent. */
function planEmbed(target: EmbedTarget, input: unknown): EmbedPlan {
  const { wire, options, provider, model, deployment } = target;
  checkNumbers(options);
  const inputs = toInputs(input);
  const warnings: Warning[] = [];
  const asked = FEATURES.filter((feature) => options[feature] !== undefined && isTaken(feature, target, warnings));
  const used: Pick<EmbedCall, EmbedFeature> = Object.fromEntries(asked.map((feature) => [feature, options[feature]]));
  const maxInputs = Math.min(options.batchSize ?? Number.POSITIVE_INFINITY, wire.maxInputs ?? Number.POSITIVE_INFINITY);
  const calls = toBatches(inputs, { ...wire, maxInputs }).map((batch): EmbedCall => ({
    model,
    ...(deployment !== undefined && { deployment }),
    inputs: batch,
    ...used,
    providerOptions: options.providerOptions?.[provider.id] ?? {},
  }));
  return { target, calls, warnings, timeouts: toTimeouts(options.timeouts, false), retry: toRetryPolicy(options.retry) };
}

/** False for what is dropped. Vectors of another length are of no use to whoever asked for this one, so that is an error unless the caller says otherwise. */
function isTaken(feature: EmbedFeature, { capabilities, options, provider, model }: EmbedTarget, warnings: Warning[]): boolean {
  if (capabilities[feature] !== false) return true;
  const { onUnsupported = feature === "dimensions" ? "error" : "warn" } = options;
  if (onUnsupported === "error" || (onUnsupported === "emulate" && feature === "dimensions")) {
    throw new LlmError("unsupported", `model "${model}" does not support ${feature}.`, {
      provider: provider.id,
      model,
      hint: `Remove it, use another model, or set onUnsupported: "warn".`,
    });
  }
  const message = `${model} does not support ${feature}; it was left out.`;
  if (onUnsupported !== "ignore") warnings.push({ code: "unsupported", feature, provider: provider.id, message });
  return false;
}

function checkNumbers({ dimensions, batchSize, timeoutMs }: EmbedOptions): void {
  const isCount = (value: number) => Number.isInteger(value) && value >= 1;
  const rules: [name: string, value: number | undefined, fits: (value: number) => boolean, rule: string][] = [
    ["dimensions", dimensions, isCount, "a whole number from 1"],
    ["batchSize", batchSize, isCount, "a whole number from 1"],
    ["timeoutMs", timeoutMs, (value) => value > 0, "above 0"],
  ];
  for (const [name, value, fits, rule] of rules) {
    if (value !== undefined && !(typeof value === "number" && fits(value)))
      throw new LlmError("invalid-request", `${name} must be ${rule}; it is ${JSON.stringify(value)}.`);
  }
}

/** All requests, some at a time. The first that fails ends the others; nothing is in flight any more when this settles. */
async function runAll(run: EmbedRun): Promise<EmbedReply[]> {
  const { plan, signal } = run;
  const replies: EmbedReply[] = [];
  let failure: LlmError | undefined;
  let next = 0;
  async function work(): Promise<void> {
    for (let at = next++; at < plan.calls.length; at = next++) replies[at] = await runOne(run, plan.calls[at]!);
  }
  const failed = (thrown: unknown) => {
    failure ??= toError(thrown, plan);
    signal.abort(new LlmError("aborted", "Another request of the same call failed.", { cause: failure }));
  };
  await Promise.all(Array.from({ length: Math.min(MAX_CONCURRENT, plan.calls.length) }, () => work().catch(failed)));
  if (failure !== undefined) throw failure;
  return replies;
}

/** One request, until it succeeds or may not be tried again. */
async function runOne({ plan, signal, limiter, attempts }: EmbedRun, call: EmbedCall): Promise<EmbedReply> {
  const { target, timeouts, retry } = plan;
  const tries = new Tries(target, retry);
  for (;;) {
    const pass = await enter(target, limiter, call, attempts, signal.signal);
    const attempt = new EmbedAttempt(target, signal.signal);
    const end = (error?: LlmError) => {
      attempt.close();
      attempts.push(toRecord(target, attempt, attempt.usage, error));
      pass?.leave({ usage: attempt.usage, headers: attempt.line.headers, error });
    };
    try {
      const reply = await attempt.run(call, tries.next(), timeouts);
      end();
      return reply;
    } catch (thrown) {
      const error = attempt.line.toError(thrown, false);
      end(error);
      const delayMs = tries.delayAfter(error, signal.left());
      if (delayMs === undefined) throw error;
      await sleep(delayMs, signal.signal);
    }
  }
}

/** A turn within the profile's limits, undefined where it has none. Vectors are no tokens, so all that is used is the input. */
async function enter(
  { limits, profile, provider }: EmbedTarget,
  limiter: Limiter,
  { inputs }: EmbedCall,
  attempts: Attempt[],
  signal: AbortSignal,
) {
  if (limits === undefined) return undefined;
  const { totalTokens, inputTokens = 0 } = usageOf(attempts);
  const characters = inputs.reduce((sum, { length }) => sum + length, 0);
  return limiter.enter({
    profile,
    provider: provider.id,
    limits,
    inputTokens: charactersToTokens(characters),
    maxOutputTokens: 0,
    usedByCall: totalTokens ?? inputTokens,
    signal,
  });
}

/** The sum of what every request tells: a part of it would look like the whole. */
function usageOfAll(replies: readonly EmbedReply[]): Usage {
  const [first = {}, ...others] = replies.map(({ usage }): Omit<Usage, "estimated"> => usage ?? {});
  const told = (Object.keys(first) as (keyof typeof first)[]).filter(
    (key) => first[key] !== undefined && others.every((usage) => usage[key] !== undefined),
  );
  return Object.fromEntries(told.map((key) => [key, others.reduce((sum, usage) => sum + usage[key]!, first[key]!)]));
}

function costOf(replies: readonly EmbedReply[]): Cost | undefined {
  const costs = replies.flatMap(({ costUsd }) => costUsd ?? []);
  if (costs.length < replies.length) return undefined;
  return { totalUsd: costs.reduce((sum, cost) => sum + cost, 0), source: "provider-reported" };
}
