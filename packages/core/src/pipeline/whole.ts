import { LlmError, type LlmErrorDetails, type ToolCall } from "../error.ts";
import type { ChatResult, Step } from "../model/chat.ts";
import { isWhole, ranOutOfContext } from "../stream/finish.ts";

/**
 * The text of an answer that is whole, or that stopped at a limit which the caller set. Throws
 * `content-filter` and `incomplete-output`, with what had come.
 */
export function wholeText(result: ChatResult, limit: number | undefined): string {
  const { text, reasoning, toolCalls, usage, finishReason, rawFinishReason, refusal, provider, model, requestId, attempts, steps } = result;
  const partial = { text, ...(reasoning !== undefined && { reasoning }), toolCalls, usage };
  const known = { provider, model, requestId, attempts, partial };
  const last = steps.at(-1);
  const waiting = last === undefined ? [] : openCalls(last);
  if (finishReason === "content-filter" || refusal !== undefined) throw declined(refusal, known);
  if (!isWhole(finishReason)) {
    const isOwnLimit = finishReason === "length" && limit !== undefined && !ranOutOfContext(rawFinishReason);
    if (!isOwnLimit || waiting.length > 0 || text === "") throw cutShort(known);
    return text;
  }
  if (waiting.length > 0) throw leftOpen(waiting, known);
  const isAtLimit = result.warnings.some(({ code }) => code === "max-steps");
  if (isAtLimit || (finishReason === "tool-calls" && text === "")) throw unanswered(steps.length, known);
  return text;
}

/** The calls of a step that have no result: the caller has to run them. */
export function openCalls({ toolCalls, toolResults }: Step): ToolCall[] {
  return toolCalls.filter(
    (call) => call.providerExecuted !== true && !toolResults.some(({ toolCallId }) => toolCallId === call.toolCallId),
  );
}

/** The model, or the vendor's filter, did not want to answer. */
export function declined(refusal: string | undefined, known: LlmErrorDetails): LlmError {
  const message = refusal === undefined ? "The answer was stopped by the vendor's content filter." : `The model declined: ${refusal}`;
  return new LlmError("content-filter", message, known);
}

export function cutShort(known: LlmErrorDetails): LlmError {
  return new LlmError("incomplete-output", "The answer stopped at a limit before it was whole.", {
    ...known,
    hint: "What came is in `partial`. Ask for less, or raise maxOutputTokens; complete() takes a text that stops at a maxOutputTokens of the call.",
  });
}

/** The chat ended by `maxSteps` or `stopWhen`, and the model still called tools. */
export function unanswered(steps: number, known: LlmErrorDetails): LlmError {
  return new LlmError("incomplete-output", `The chat ended after ${steps} steps, before the model gave its answer.`, {
    ...known,
    hint: 'Raise maxSteps, or set atStepLimit: "answer" to have it answer without tools.',
  });
}

function leftOpen(calls: readonly ToolCall[], known: LlmErrorDetails): LlmError {
  const names = calls.map(({ toolName }) => toolName).join(", ");
  return new LlmError("incomplete-output", `The model calls ${names} before it answers, and nothing here runs that.`, {
    ...known,
    hint: "Use chat(), which returns the calls, or give the tools an execute function.",
  });
}
