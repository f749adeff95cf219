import type { FinishReason, Message } from "../message/types.ts";
import type { ChatResult, Step, ToolResult, Warning } from "../model/chat.ts";
import { joinParagraphs, toToolResults } from "../stream/answer.ts";
import { toToolCall } from "../stream/calls.ts";
import type { Assembler } from "../stream/assembler.ts";
import type { LoopDone, StepMade } from "../tools/loop.ts";
import { toMetrics, usageOf, type Answered, type CallRecord } from "./meter.ts";
import type { ChatPlan } from "./plan.ts";

export function finishReasonOf(assembler: Assembler): FinishReason {
  return assembler.answers[0]!.finishReason ?? "other";
}

/** One model call, as the loop and the caller see it. */
export function toStepMade({ plan, attempt: { assembler } }: Answered): StepMade {
  const answer = assembler.answers[0]!;
  const { text, reasoning } = answer;
  const { provider, model, options } = plan.target;
  const step: Step = {
    text,
    ...(!options.hideReasoning && reasoning !== "" && { reasoning }),
    toolCalls: answer.calls.all.filter((call) => !call.answers).map(toToolCall),
    toolResults: toToolResults(answer),
    finishReason: finishReasonOf(assembler),
    usage: assembler.usage,
    provider: provider.id,
    model,
  };
  return { step, message: assembler.message(answer), resume: assembler.resume };
}

/**
 * The last step, with the words of those before it that are the same answer: the vendor paused, and
 * was asked to go on.
 */
export function lastAnswer({ steps, joined }: Pick<LoopDone, "steps" | "joined">): Step | undefined {
  return steps.slice(-joined).reduce<Step | undefined>((before, step) => {
    if (before === undefined) return step;
    const reasoning = joinParagraphs(before.reasoning ?? "", step.reasoning ?? "");
    return { ...step, text: joinParagraphs(before.text, step.text), ...(reasoning !== "" && { reasoning }) };
  }, undefined);
}

/** What a call has come to beside its answers. */
interface Outcome extends LoopDone {
  output?: unknown;
  warnings: readonly Warning[];
}

/** Everything that a call has brought, once it is over. */
export function toResult(record: CallRecord, outcome: Outcome): ChatResult {
  const { target, answers, attempts } = record;
  const { messages, steps, pending, warnings } = outcome;
  const last = lastAnswer(outcome);
  const costs = answers.flatMap(({ attempt }) => attempt.assembler.costUsd ?? []);
  return {
    text: last?.text ?? "",
    ...(last?.reasoning !== undefined && { reasoning: last.reasoning }),
    ...("output" in outcome && { output: outcome.output }),
    toolCalls: steps.flatMap((step) => step.toolCalls),
    toolResults: toolResultsOf(messages),
    ...(pending.length > 0 && { pendingApprovals: pending }),
    sources: answers.flatMap(({ attempt }) => attempt.assembler.sources),
    files: answers.flatMap(({ attempt }) => attempt.assembler.files),
    finishReason: last?.finishReason ?? "tool-calls",
    usage: usageOf(attempts),
    ...(costs.length > 0 && { cost: { totalUsd: costs.reduce((sum, cost) => sum + cost), source: "provider-reported" as const } }),
    metrics: toMetrics(record),
    messages,
    steps,
    attempts,
    warnings: [...warnings, ...distinct(answers.flatMap(({ plan, attempt }) => [...plan.warnings, ...attempt.assembler.warnings]))],
    provider: last?.provider ?? target.provider.id,
    model: last?.model ?? target.model,
    ...(answers.length > 0 && ofAnswer(answers.at(-1)!)),
  };
}

/** In order: of tools that a vendor ran, which stand in its answers, and of ours, which stand in messages of their own; also those that a history had left open. */
function toolResultsOf(messages: readonly Message[]): ToolResult[] {
  return messages.flatMap(({ content }): ToolResult[] => {
    if (typeof content === "string") return [];
    return content.flatMap((part) => {
      if (part.type !== "tool-result") return [];
      const { toolCallId, toolName, output, isError } = part;
      return [{ toolCallId, toolName, output, ...(isError && { isError }) }];
    });
  });
}

/** What the last answer alone says. */
function ofAnswer({ plan, attempt }: Answered): Partial<ChatResult> {
  const { assembler, requestId, raw } = attempt;
  const { refusal, rawFinishReason } = assembler.answers[0]!;
  return {
    ...(rawFinishReason !== undefined && { rawFinishReason }),
    ...choicesOf(plan, assembler),
    ...(assembler.logprobs.length > 0 && { logprobs: assembler.logprobs }),
    ...(refusal !== "" && { refusal }),
    ...(assembler.responseModel !== undefined && { responseModel: assembler.responseModel }),
    ...(assembler.responseId !== undefined && { responseId: assembler.responseId }),
    ...(requestId !== undefined && { requestId }),
    ...(assembler.providerMetadata !== undefined && { providerMetadata: assembler.providerMetadata }),
    ...(raw !== undefined && { raw }),
  };
}

/** Each step of a chat warns of the same. */
function distinct(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
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
