import { LlmError, type Attempt, type Cost, type Usage } from "../error.ts";
import type { Warning } from "../model/chat.ts";
import type { EmbedCall, EmbedManyResult, EmbedOptions, EmbedResult } from "../model/embed.ts";
import type { EmbedFeature } from "../provider/embed.ts";
import { toBatches, toInputs } from "./inputs.ts";
import type { EmbedReply, EmbedTarget } from "./embed-attempt.ts";
import { runRequests, type EmbedPlan } from "./embed-requests.ts";
import { toError } from "./line.ts";
import { toMetrics } from "./meter.ts";
import { toRetryPolicy } from "./retry.ts";
import { callSignal } from "./running.ts";
import { sharedOf } from "./shared.ts";
import { toTimeouts } from "./timeouts.ts";

/** Embeds a text, or each of a list. */
export async function embed(target: EmbedTarget, input: string | readonly string[]): Promise<EmbedResult | EmbedManyResult> {
  const record = {
    kind: "embed" as const,
    target,
    stream: false,
    timestamp: Date.now(),
    started: performance.now(),
    attempts: [] as Attempt[],
  };
  const signal = callSignal(target);
  try {
    const plan = planEmbed(target, input);
    const replies = await runRequests({ plan, signal, limiter: sharedOf(target).limiter, attempts: record.attempts });
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
      warnings: plan.warnings,
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
