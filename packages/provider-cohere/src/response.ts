import { countUsage, sumOf, type ChatDelta, type TokenLogprob } from "@plurivox/core/provider";
import type { Cohere } from "cohere-ai";
import { errorFacts } from "./errors.ts";
import { NO_ARGUMENTS } from "./quirks.ts";
import type { OnWire } from "./request.ts";

type Json = Record<string, unknown>;
/** The SDK's types say what is known. The wire may leave out fields, and bring counts and events that they do not name. */
type CohereEvent = OnWire<Cohere.V2ChatStreamResponse>;
type Content = OnWire<Cohere.ChatContentStartEvent> & { logprobs?: OnWire<Cohere.LogprobItem> | null };
type Tokens = OnWire<Cohere.UsageTokens> & { reasoning_tokens?: number; image_tokens?: number };

const NOTHING: readonly ChatDelta[] = [];
const END: ChatDelta = { type: "end" };
/** Marks reasoning that is the vendor's `tool_plan` and goes back as such. */
const PLAN = { providerMetadata: { cohere: { tool_plan: true } } } as const;

export function fromResponse(reply: OnWire<Cohere.V2ChatResponse>): Iterable<ChatDelta> {
  const { id, message, finish_reason, usage, logprobs } = reply;
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    const facts = errorFacts({ body: reply });
    return [{ type: "error", facts: { ...facts, kind: "invalid-response", message: facts.message || "The reply has no message." } }];
  }
  const { content, tool_plan: plan, tool_calls: calls, citations } = message;
  return [
    { type: "metadata", id },
    ...(plan ? [{ type: "reasoning" as const, text: plan, part: "plan", ...PLAN }] : []),
    ...(content ?? []).map((block, part): ChatDelta => fromBlock(block, part)),
    ...(calls ?? []).map((call, at): ChatDelta => ({ ...fromCall(call, `call ${at}`), end: true })),
    ...(citations ?? []).flatMap(fromCitation),
    ...toLogprobs(logprobs ?? []),
    ...fromEnd({ finish_reason, usage }),
  ];
}

export function fromStream(): { event(chunk: CohereEvent): Iterable<ChatDelta> } {
  return new ReplyStream();
}

class ReplyStream {
  #planned = false;
  /** Calls that have begun: a second one at an index is another call. */
  #calls = 0;
  readonly #openAt = new Map<number, string>();
  /** Calls of which some input has come. */
  readonly #begun = new Set<string>();

  event(chunk: CohereEvent): Iterable<ChatDelta> {
    return chunk.type === "content-delta" || chunk.type === "content-start" ? fromContent(chunk) : this.#other(chunk);
  }

  #other(chunk: Exclude<CohereEvent, { type: "content-delta" | "content-start" }>): Iterable<ChatDelta> {
    switch (chunk.type) {
      case "tool-plan-delta":
        return this.#plan(chunk.delta?.message?.tool_plan ?? "");
      case "tool-call-delta":
        return this.#input(chunk.delta?.message?.tool_calls?.function?.arguments ?? "", this.#partAt(chunk.index));
      case "tool-call-start": {
        const call = chunk.delta?.message?.tool_calls;
        return call == null ? NOTHING : [fromCall(call, this.#begin(chunk.index))];
      }
      case "tool-call-end":
        return [{ type: "tool-call", part: this.#partAt(chunk.index), end: true }];
      case "citation-start": {
        const citation = chunk.delta?.message?.citations;
        return citation == null ? NOTHING : fromCitation(citation);
      }
      case "message-start":
        return [{ type: "metadata", id: chunk.id ?? undefined }];
      case "message-end":
        return [...fromEnd(chunk.delta ?? {}), END];
      default:
        return isError(chunk) ? [{ type: "error", facts: errorFacts({ body: chunk }) }] : NOTHING;
    }
  }

  #begin(index: number | undefined): string {
    const part = `call ${this.#calls++}`;
    if (index != null) this.#openAt.set(index, part);
    return part;
  }

  /** The call that is open at an index, or the last one where there is no such index. */
  #partAt(index: number | undefined): string {
    return (index == null ? undefined : this.#openAt.get(index)) ?? `call ${Math.max(0, this.#calls - 1)}`;
  }

  #plan(text: string): readonly ChatDelta[] {
    const mark = this.#planned ? {} : PLAN;
    this.#planned = true;
    return [{ type: "reasoning", text, part: "plan", ...mark }];
  }

  #input(text: string, part: string): readonly ChatDelta[] {
    if (text === "" || (text === NO_ARGUMENTS && !this.#begun.has(part))) return NOTHING;
    this.#begun.add(part);
    return [{ type: "tool-call", inputText: text, part }];
  }
}

/** The body of an HTTP error, from whoever stands between; events of a type without a name here are passed over. */
function isError({ type, message, error }: { type?: string; message?: unknown; error?: unknown }): boolean {
  return error != null || (typeof message === "string" && (type === undefined || type === "error"));
}

function fromContent({ delta, index, logprobs }: Content): readonly ChatDelta[] {
  const { text, thinking } = delta?.message?.content ?? {};
  const part = index ?? 0;
  const said: ChatDelta = thinking == null ? { type: "text", text: text ?? "", part } : { type: "reasoning", text: thinking, part };
  return logprobs == null ? [said] : [said, ...toLogprobs([logprobs])];
}

/** A type without a name here has nothing to show that we know of. */
function fromBlock(block: OnWire<Cohere.AssistantMessageResponseContentItem>, part: number): ChatDelta {
  return block.type === "thinking" ? { type: "reasoning", text: block.thinking, part } : { type: "text", text: block.text ?? "", part };
}

function fromCall({ id, function: called }: OnWire<Cohere.ToolCallV2>, part: string): ChatDelta & { type: "tool-call" } {
  const { name, arguments: written } = called ?? {};
  const inputText = written === NO_ARGUMENTS ? "" : (written ?? "");
  return { type: "tool-call", toolCallId: id, toolName: name ?? undefined, inputText, part };
}

/** A citation names a stretch of the answer and what stands behind it: one source each. Which stretch it is stays in the metadata. */
function fromCitation({ sources, ...span }: OnWire<Cohere.Citation>): ChatDelta[] {
  return (sources ?? []).map((source): ChatDelta => {
    const data = (source.type === "tool" ? source.tool_output : source.document) ?? {};
    const url = [data["url"], source.id].find(isWebAddress);
    const title = textOf(data, "title");
    const text = textOf(data, "text", "snippet", "content");
    const place = { ...(url && { url }), ...(source.id && { documentId: source.id }) };
    return {
      type: "source",
      source: { type: "source", ...place, ...(title && { title }), ...(text && { text }) },
      providerMetadata: { cohere: { ...span } },
    };
  });
}

function isWebAddress(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\//.test(value);
}

function textOf(data: Json, ...names: string[]): string | undefined {
  return names.map((name) => data[name]).find((value) => typeof value === "string");
}

/** Several tokens may share an item: its text is then as likely as all of them together. */
function toLogprobs(items: readonly OnWire<Cohere.LogprobItem>[]): ChatDelta[] {
  const logprobs = items.flatMap(({ text, logprobs: each }): TokenLogprob[] =>
    text == null || each == null ? [] : [{ token: text, logprob: each.reduce((sum, one) => sum + one, 0) }],
  );
  return logprobs.length === 0 ? [] : [{ type: "logprobs", logprobs }];
}

/** An end with an error is none of an answer, whatever came before. */
function fromEnd(end: OnWire<Cohere.ChatMessageEndEventDelta>): ChatDelta[] {
  const { finish_reason: reason, usage, error } = end;
  const deltas = fromUsage(usage);
  if (error) return [...deltas, { type: "error", facts: errorFacts({ body: end }) }];
  return reason == null ? deltas : [...deltas, { type: "finish", rawFinishReason: reason }];
}

/**
 * `tokens` is what the model read and wrote, of which cached and reasoning tokens are a part,
 * images aside. `billed_units` leaves out what the vendor adds to a prompt; it says what the call
 * costs and nothing of how full the context is, so it is kept as metadata, and counts only where
 * nothing else is told.
 */
function fromUsage(usage: OnWire<Cohere.Usage> | null | undefined): ChatDelta[] {
  const { tokens, billed_units: billed, cached_tokens: cached } = usage ?? {};
  const counts: Tokens = tokens ?? billed ?? {};
  const told = countUsage({
    inputTokens: sumOf(counts.input_tokens, counts.image_tokens),
    outputTokens: counts.output_tokens,
    cacheReadTokens: cached,
    reasoningTokens: counts.reasoning_tokens,
  });
  const metadata: ChatDelta[] = billed == null ? [] : [{ type: "metadata", providerMetadata: { cohere: { billed_units: billed } } }];
  return [{ type: "usage", usage: told }, ...metadata];
}
