import { LlmError } from "../error.ts";
import type { FinishReason } from "../message/types.ts";
import type { ChatResult, Step, Warning } from "../model/chat.ts";
import { toToolCall, toToolResults } from "../stream/answer.ts";
import type { Assembler } from "../stream/assembler.ts";
import type { Attempt } from "./attempt.ts";
import { toMetrics, usageOf, type CallRecord } from "./meter.ts";
import type { ChatPlan } from "./plan.ts";

/** A model call that succeeded, and the attempt that holds its answer. */
export interface Answered {
  plan: ChatPlan;
  attempt: Attempt;
}

export function finishReasonOf(assembler: Assembler): FinishReason {
  return assembler.answers[0]!.finishReason ?? "other";
}

/** One model call, as the caller sees it. */
export function toStep({ plan, attempt: { assembler } }: Answered): Step {
  const answer = assembler.answers[0]!;
  const { text, reasoning } = answer;
  const { provider, model, options } = plan.target;
  return {
    text,
    ...(!options.hideReasoning && reasoning !== "" && { reasoning }),
    toolCalls: answer.calls.map(toToolCall),
    toolResults: toToolResults(answer),
    finishReason: finishReasonOf(assembler),
    usage: assembler.usage,
    provider: provider.id,
    model,
  };
}

/** Everything that a call has brought, once it is over. Throws `invalid-output` where data was asked for and something else came. */
export function toResult({ plan, attempt }: Answered, record: CallRecord, warnings: readonly Warning[]): ChatResult {
  const { assembler, requestId, raw } = attempt;
  const answer = assembler.answers[0]!;
  const { refusal, rawFinishReason } = answer;
  const { steps } = record;
  const { text, reasoning, finishReason, provider, model } = steps.at(-1)!;
  const { output: wanted } = plan.target.options;
  const output = wanted !== undefined && finishReason === "stop" && refusal === "" ? { output: parseOutput(text, provider) } : {};
  return {
    text,
    ...(reasoning !== undefined && { reasoning }),
    ...output,
    toolCalls: steps.flatMap((step) => step.toolCalls),
    toolResults: steps.flatMap((step) => step.toolResults),
    sources: assembler.sources,
    files: assembler.files,
    finishReason,
    ...(rawFinishReason !== undefined && { rawFinishReason }),
    usage: usageOf(record.attempts),
    ...(assembler.costUsd !== undefined && { cost: { totalUsd: assembler.costUsd, source: "provider-reported" as const } }),
    metrics: toMetrics(record),
    messages: [assembler.message(answer)],
    steps,
    attempts: record.attempts,
    warnings: [...warnings, ...plan.warnings],
    ...choicesOf(plan, assembler),
    ...(assembler.logprobs.length > 0 && { logprobs: assembler.logprobs }),
    ...(refusal !== "" && { refusal }),
    provider,
    model,
    ...(assembler.responseModel !== undefined && { responseModel: assembler.responseModel }),
    ...(assembler.responseId !== undefined && { responseId: assembler.responseId }),
    ...(requestId !== undefined && { requestId }),
    ...(assembler.providerMetadata !== undefined && { providerMetadata: assembler.providerMetadata }),
    ...(raw !== undefined && { raw }),
  };
}

function choicesOf(plan: ChatPlan, assembler: Assembler): Pick<ChatResult, "choices"> {
  if ((plan.call.n ?? 1) <= 1) return {};
  return {
    choices: assembler.answers.map((answer) => ({
      index: answer.index,
      text: answer.text,
      finishReason: answer.finishReason ?? "other",
      messages: [assembler.message(answer)],
    })),
  };
}

/** A model that was only asked in words likes to put its JSON into a Markdown fence. */
function parseOutput(text: string, provider: string): unknown {
  const bare = text.trim().replace(/^```(?:json)?\s*\n([\s\S]*)\n```$/, "$1");
  try {
    return JSON.parse(bare);
  } catch (cause) {
    throw new LlmError("invalid-output", `The model was asked for JSON and answered ${JSON.stringify(text.slice(0, 200))}.`, {
      provider,
      cause,
      hint: "The whole text is in `partial`.",
    });
  }
}
