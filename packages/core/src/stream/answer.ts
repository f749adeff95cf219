import type { Usage } from "../error.ts";
import type { AssistantPart, FinishReason, ProviderMetadata, ReasoningPart, TextPart } from "../message/types.ts";
import type { ToolResult } from "../model/chat.ts";
import { toCount } from "../provider/usage.ts";
import { OpenCalls } from "./calls.ts";

export type TextLike = TextPart | ReasoningPart;

/** One answer as it grows; there are `n` of them. */
export class Answer {
  readonly index: number;
  readonly parts: AssistantPart[] = [];
  readonly calls: OpenCalls;
  text = "";
  reasoning = "";
  refusal = "";
  /** Pieces of the open part that are not in it yet. */
  readonly said: string[] = [];
  /** The first half of a character, whose second half has not come yet. */
  half = "";
  /** The open part is a paragraph of its own beside the text or reasoning before it. */
  apart = false;
  finishReason: FinishReason | undefined;
  rawFinishReason: string | undefined;
  /** The text or reasoning part that deltas continue, and its key. */
  open: TextLike | undefined;
  openKey: string | number | undefined;
  readonly partByKey: Map<string | number, AssistantPart> = new Map();
  #lastText: string | number | undefined;
  #lastReasoning: string | number | undefined;

  constructor(index: number, fitId: (id: string) => string) {
    this.index = index;
    this.calls = new OpenCalls(fitId);
  }

  /**
   * Adds a part that deltas with this key continue. `paragraph`: it does not continue the text or
   * reasoning before it.
   */
  begin(part: TextLike, key: string | number | undefined, paragraph: boolean): void {
    this.apart = paragraph || this.#isApart(part.type, key);
    this.parts.push(part);
    this.open = part;
    this.openKey = key;
    if (key !== undefined) this.partByKey.set(key, part);
    if (part.type === "text") this.#lastText = key;
    else this.#lastReasoning = key;
  }

  /**
   * Texts of two keys are two texts where something stands between them. Without, a vendor has
   * merely cut one text into several parts.
   */
  #isApart(type: TextLike["type"], key: string | number | undefined): boolean {
    const last = type === "text" ? this.#lastText : this.#lastReasoning;
    if (key === undefined || last === undefined || last === key) return false;
    const before = this.parts.findLast((part) => part.type !== "source");
    return before !== undefined && before.type !== type;
  }
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
  if (open.type === "text" && open.refusal) {
    answer.refusal += text;
    return;
  }
  const field = open.type;
  answer[field] = answer.apart ? joinParagraphs(answer[field], text) : answer[field] + text;
  if (text.trim() !== "") answer.apart = false;
}

/** Two texts with a blank line between them, where neither brings one. */
export function joinParagraphs(before: string, after: string): string {
  if (before.trim() === "" || after.trim() === "") return before + after;
  const breaks = /\n*$/.exec(before.slice(-2))![0].length + /^\n*/.exec(after.slice(0, 2))![0].length;
  return before + "\n".repeat(Math.max(0, 2 - breaks)) + after;
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

export function completeTotal(usage: Usage): void {
  const { inputTokens, outputTokens } = usage;
  if (usage.totalTokens === undefined && inputTokens !== undefined && outputTokens !== undefined)
    usage.totalTokens = inputTokens + outputTokens;
}

export function mergeMetadata(into: ProviderMetadata | undefined, more: ProviderMetadata | undefined): ProviderMetadata | undefined {
  if (into === undefined || more === undefined) return more ?? into;
  const merged: ProviderMetadata = { ...into };
  for (const [provider, values] of Object.entries(more)) merged[provider] = { ...merged[provider], ...values };
  return merged;
}
