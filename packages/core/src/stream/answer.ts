import type { LlmError, ToolCall, Usage } from "../error.ts";
import type { AssistantPart, FinishReason, ProviderMetadata, ReasoningPart, TextPart, ToolCallPart } from "../message/types.ts";
import type { ToolResult } from "../model/chat.ts";

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
export interface Answer {
  index: number;
  parts: AssistantPart[];
  calls: OpenCall[];
  text: string;
  reasoning: string;
  refusal: string;
  finishReason?: FinishReason;
  rawFinishReason?: string;
  /** The text or reasoning part that deltas continue, and its key. */
  open?: TextLike;
  openKey: string | number | undefined;
  callByKey: Map<string | number, OpenCall>;
  partByKey: Map<string | number, AssistantPart>;
}

export function newAnswer(index: number): Answer {
  return {
    index,
    parts: [],
    calls: [],
    text: "",
    reasoning: "",
    refusal: "",
    openKey: undefined,
    callByKey: new Map(),
    partByKey: new Map(),
  };
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

/** Only what is known: an absent count must not hide one that came before. */
export function knownUsage(usage: Usage): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined && value !== null));
}

export function mergeMetadata(into: ProviderMetadata | undefined, more: ProviderMetadata | undefined): ProviderMetadata | undefined {
  if (into === undefined || more === undefined) return more ?? into;
  const merged: ProviderMetadata = { ...into };
  for (const [provider, values] of Object.entries(more)) merged[provider] = { ...merged[provider], ...values };
  return merged;
}
