import type { Usage } from "../error.ts";
import type { ChatCall } from "../model/chat.ts";
import { settle, type Answer } from "../stream/answer.ts";
import type { Attempt } from "./attempt.ts";
import { charactersToTokens, estimateTokens } from "./estimate.ts";

/**
 * The tokens that an attempt used: as the vendor tells them, and estimated where it does not,
 * because it never does or because the answer was left or cut before its end. What is told of such
 * an answer may be provisional, so the output is never less than what has come. Where nothing has
 * come, nothing is known but what is told.
 */
export function usedBy({ assembler, failure }: Pick<Attempt, "assembler" | "failure">, call: ChatCall): Usage {
  const { usage: told, begun, answers } = assembler;
  const complete = failure === undefined;
  if (complete ? isWhole(told) : !begun) return told;
  const received = () => charactersToTokens(answers.reduce((sum, answer) => sum + charactersOf(answer), 0));
  const inputTokens = told.inputTokens ?? estimateTokens(call);
  const outputTokens = complete ? (told.outputTokens ?? received()) : Math.max(told.outputTokens ?? 0, received());
  if (inputTokens === told.inputTokens && outputTokens === told.outputTokens) return told;
  const totalTokens = Math.max(told.totalTokens ?? 0, inputTokens + outputTokens);
  return { ...told, inputTokens, outputTokens, totalTokens, estimated: true };
}

function isWhole({ inputTokens, outputTokens, totalTokens }: Usage): boolean {
  return totalTokens !== undefined || (inputTokens !== undefined && outputTokens !== undefined);
}

/** Estimates the tokens of everything that the model wrote, with the input of its tool calls. */
function charactersOf(answer: Answer): number {
  settle(answer);
  const { text, reasoning, refusal, calls } = answer;
  // What the model writes into the tool through which it answers is its text already.
  const others = calls.all.filter((call) => !call.answers);
  const inputs = others.reduce((sum, { text: written, part }) => sum + (written.length || (JSON.stringify(part.input)?.length ?? 0)), 0);
  return text.length + reasoning.length + refusal.length + inputs;
}

/** Adds up input and output tokens. */
export function tokensOf({ totalTokens, inputTokens = 0, outputTokens = 0 }: Usage): number {
  return totalTokens ?? inputTokens + outputTokens;
}
