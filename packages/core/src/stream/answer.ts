import type { LlmError, ToolCall, Usage } from "../error.ts";
import type { AssistantPart, FinishReason, ProviderMetadata, ReasoningPart, TextPart, ToolCallPart } from "../message/types.ts";
import type { ToolResult } from "../model/chat.ts";
import { toCount } from "../provider/usage.ts";

export type TextLike = TextPart | ReasoningPart;

/** A tool call as it grows. */
export interface OpenCall {
  part: ToolCallPart;
  /** The input as the model writes it. */
  text: string;
  started: boolean;
  ended: boolean;
  invalid?: LlmError;
}

/** One answer as it grows; there are `n` of them. */
export class Answer {
  readonly index: number;
  readonly parts: AssistantPart[] = [];
  readonly calls: OpenCall[] = [];
  text = "";
  reasoning = "";
  refusal = "";
  /** Pieces of the open part that are not in it yet. */
  readonly said: string[] = [];
  finishReason: FinishReason | undefined;
  rawFinishReason: string | undefined;
  /** The text or reasoning part that deltas continue, and its key. */
  open: TextLike | undefined;
  openKey: string | number | undefined;
  readonly callByKey: Map<string | number, OpenCall> = new Map();
  readonly partByKey: Map<string | number, AssistantPart> = new Map();

  constructor(index: number) {
    this.index = index;
  }
}

export function newCall(from: { toolCallId?: string; toolName?: string; providerExecuted?: true }): OpenCall {
  const executed = from.providerExecuted ? { providerExecuted: from.providerExecuted } : {};
  const part: ToolCallPart = {
    type: "tool-call",
    toolCallId: from.toolCallId ?? "",
    toolName: from.toolName ?? "",
    input: undefined,
    ...executed,
  };
  return { part, text: "", started: false, ended: false };
}

export function toToolCall({ part, invalid }: OpenCall): ToolCall {
  const { toolCallId, toolName, input, providerExecuted } = part;
  return { toolCallId, toolName, input, ...(providerExecuted && { providerExecuted }), ...(invalid && { invalid }) };
}

/** What the vendor's own tools gave back. */
export function toToolResults({ parts }: Answer): ToolResult[] {
  return parts.flatMap((part) => {
    if (part.type !== "tool-result") return [];
    const { toolCallId, toolName, output, isError } = part;
    return [{ toolCallId, toolName, output, ...(isError && { isError }) }];
  });
}

/**
 * Adds the pieces to the open part and to all of its kind, at once and not as they come: a string that grows piece by piece is a tree of all of them, and
 * keeping that costs more than reading the stream.
 */
export function settle(answer: Answer): void {
  const { open, said } = answer;
  if (open === undefined || said.length === 0) return;
  const text = said.join("");
  said.length = 0;
  open.text += text;
  if (open.type === "reasoning") answer.reasoning += text;
  else if (open.refusal) answer.refusal += text;
  else answer.text += text;
}

/**
 * Takes over only what is known: neither an absent count nor a 0 may hide one that came before.
 * Name by name, because some vendors count in every event.
 */
export function noteUsage(into: Usage, usage: Usage): void {
  if (tells(usage.inputTokens, into.inputTokens)) into.inputTokens = usage.inputTokens;
  if (tells(usage.outputTokens, into.outputTokens)) into.outputTokens = usage.outputTokens;
  if (tells(usage.totalTokens, into.totalTokens)) into.totalTokens = usage.totalTokens;
  if (tells(usage.cacheReadTokens, into.cacheReadTokens)) into.cacheReadTokens = usage.cacheReadTokens;
  if (tells(usage.cacheWriteTokens, into.cacheWriteTokens)) into.cacheWriteTokens = usage.cacheWriteTokens;
  if (tells(usage.reasoningTokens, into.reasoningTokens)) into.reasoningTokens = usage.reasoningTokens;
  if (tells(usage.audioInputTokens, into.audioInputTokens)) into.audioInputTokens = usage.audioInputTokens;
  if (tells(usage.audioOutputTokens, into.audioOutputTokens)) into.audioOutputTokens = usage.audioOutputTokens;
  if (tells(usage.imageOutputTokens, into.imageOutputTokens)) into.imageOutputTokens = usage.imageOutputTokens;
  if (tells(usage.cacheWrite1hTokens, into.cacheWrite1hTokens)) into.cacheWrite1hTokens = usage.cacheWrite1hTokens;
  if (usage.estimated) into.estimated = true;
}

function tells(count: number | null | undefined, known: number | undefined): count is number {
  const told = toCount(count);
  return told !== undefined && (told > 0 || known === undefined);
}

export function mergeMetadata(into: ProviderMetadata | undefined, more: ProviderMetadata | undefined): ProviderMetadata | undefined {
  if (into === undefined || more === undefined) return more ?? into;
  const merged: ProviderMetadata = { ...into };
  for (const [provider, values] of Object.entries(more)) merged[provider] = { ...merged[provider], ...values };
  return merged;
}
