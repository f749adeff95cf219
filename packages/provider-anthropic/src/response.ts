import type * as SDK from "@anthropic-ai/sdk/resources/messages";
import type { ChatDelta, FinishReason, SourcePart } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";

/** The SDK's types say what is known. The wire may leave out fields, and bring blocks and events that they do not name. */
export type AnthropicEvent = SDK.RawMessageStreamEvent | { type: "error"; error: unknown };
type Block = SDK.ContentBlock;
type ToolUse = SDK.ToolUseBlock | SDK.ServerToolUseBlock;
type ToolResult = SDK.WebSearchToolResultBlock & { is_error?: boolean };

const NOTHING: readonly ChatDelta[] = [];

const FINISH_REASONS: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content-filter",
};
/** The vendor stopped to be asked again with what it has said so far. */
const RESUMED: ReadonlySet<string> = new Set(["pause_turn", "compaction"]);

export function fromResponse(reply: SDK.Message): Iterable<ChatDelta> {
  const noAnswer = { kind: "invalid-response", message: "The message has no content." } as const;
  if (!Array.isArray(reply.content)) return [{ type: "error", facts: noAnswer }];
  return [...fromMessage(reply), toUsage(reply.usage), ...toFinish(reply)];
}

export function fromStream(): { event(chunk: AnthropicEvent): Iterable<ChatDelta> } {
  return new MessageStream();
}

class MessageStream {
  readonly #open = new Map<number, Block>();
  #counts: Partial<SDK.Usage> = {};

  event(chunk: AnthropicEvent): Iterable<ChatDelta> {
    return chunk.type === "content_block_delta" ? this.#onDelta(chunk.index, chunk.delta) : this.#onOther(chunk);
  }

  #onDelta(part: number, delta: SDK.RawContentBlockDelta): Iterable<ChatDelta> {
    switch (delta.type) {
      case "text_delta":
        return [{ type: "text", text: delta.text, part }];
      case "thinking_delta":
        return [{ type: "reasoning", text: delta.thinking, part }];
      case "input_json_delta":
        return [{ type: "tool-call", inputText: delta.partial_json, part }];
      case "signature_delta":
        return [{ type: "reasoning", text: "", part, ...kept({ signature: delta.signature }) }];
      case "citations_delta": {
        const block = this.#open.get(part);
        if (block?.type === "text") block.citations = [...(block.citations ?? []), delta.citation];
        return [{ type: "source", source: toSource(delta.citation) }];
      }
      default: {
        const block: Block | undefined = this.#open.get(part);
        if (block !== undefined) Object.assign(block, delta as object, { type: block.type });
        return NOTHING;
      }
    }
  }

  #onOther(chunk: Exclude<AnthropicEvent, { type: "content_block_delta" }>): Iterable<ChatDelta> {
    switch (chunk.type) {
      case "content_block_start":
        this.#open.set(chunk.index, { ...chunk.content_block });
        return fromBlockStart(chunk.content_block, chunk.index);
      case "content_block_stop": {
        const block = this.#open.get(chunk.index);
        return block === undefined ? NOTHING : fromBlockEnd(block, chunk.index);
      }
      case "message_start":
        return this.#onStart(chunk.message);
      case "message_delta":
        for (const [name, count] of Object.entries(chunk.usage ?? {})) if (count !== null) Object.assign(this.#counts, { [name]: count });
        return [toUsage(this.#counts), ...toFinish(chunk.delta)];
      case "message_stop":
        return [{ type: "end" }];
      default:
        return "error" in chunk ? [{ type: "error", facts: errorFacts({ body: chunk }) }] : NOTHING;
    }
  }

  /** The output count of a beginning is provisional, unless the whole answer comes with it. */
  #onStart(message: SDK.Message): Iterable<ChatDelta> {
    this.#counts = { ...message.usage };
    if (!message.stop_reason) delete this.#counts.output_tokens;
    return [...fromMessage(message), toUsage(this.#counts), ...toFinish(message)];
  }
}

function fromMessage({ id, model, content }: SDK.Message): ChatDelta[] {
  const parts = content.flatMap((block, part) => [...fromBlockStart(block, part), ...fromBlockEnd(block, part)]);
  return [{ type: "metadata", id, model }, ...parts];
}

function isToolUse(block: Block): block is ToolUse {
  return block.type.endsWith("tool_use");
}

function isToolResult(block: Block): block is ToolResult {
  return block.type.endsWith("_tool_result");
}

function fromBlockStart(block: Block, part: number): readonly ChatDelta[] {
  if (block.type === "text") {
    const sources = (block.citations ?? []).map((citation): ChatDelta => ({ type: "source", source: toSource(citation) }));
    return [{ type: "text", text: block.text ?? "", part }, ...sources];
  }
  if (block.type === "thinking") {
    return [{ type: "reasoning", text: block.thinking ?? "", part, ...kept(block.signature ? { signature: block.signature } : {}) }];
  }
  if (isToolUse(block)) return [fromToolUse(block, part)];
  return isToolResult(block) ? [fromToolResult(block)] : NOTHING;
}

/** What is only known, or only complete, when a block ends. */
function fromBlockEnd(block: Block, part: number): readonly ChatDelta[] {
  if (block.type === "text")
    return block.citations?.length ? [{ type: "text", text: "", part, ...kept({ citations: block.citations }) }] : NOTHING;
  if (isToolUse(block)) {
    const given = Object.keys(block.input ?? {}).length > 0;
    return [{ type: "tool-call", part, end: true, ...(given && { input: block.input }) }];
  }
  if (block.type === "thinking" || isToolResult(block)) return NOTHING;
  // Redacted thinking, and every type that has no name here: nothing to show, but the vendor wants it back.
  return [{ type: "reasoning", text: "", part, redacted: true, ...kept(block) }];
}

/** A call for the caller, or one that the vendor runs itself. Fields that have no word of ours go back with it. */
function fromToolUse(block: ToolUse, part: number): ChatDelta {
  const { id, name, input: _input, type, ...rest } = block;
  const executed = type === "tool_use" ? {} : { providerExecuted: true as const };
  const fields = type === "tool_use" ? rest : { type, ...rest };
  return { type: "tool-call", toolCallId: id, toolName: name, part, ...executed, ...kept(fields) };
}

function kept(fields: object): Pick<ChatDelta, "providerMetadata"> {
  return Object.keys(fields).length === 0 ? {} : { providerMetadata: { anthropic: { ...fields } } };
}

function fromToolResult({ tool_use_id: toolCallId, content: output, ...fields }: ToolResult): ChatDelta {
  const failed = fields.is_error === true || ("type" in output && output.type.endsWith("_error"));
  return { type: "tool-result", toolCallId, output, ...(failed && { isError: true }), ...kept(fields) };
}

function toSource(citation: SDK.TextCitation): SourcePart {
  const place = "url" in citation ? citation.url : "source" in citation ? citation.source : undefined;
  const document = "document_index" in citation ? (citation.file_id ?? String(citation.document_index)) : undefined;
  const title = "document_title" in citation ? citation.document_title : citation.title;
  const origin = place !== undefined && URL.canParse(place) ? { url: place } : { documentId: place ?? document };
  return { type: "source", ...origin, ...(title && { title }), text: citation.cited_text };
}

/** The vendor counts what its cache took and gave apart from the rest of the input. */
function toUsage(counts: Partial<SDK.Usage> | null | undefined): ChatDelta {
  const { input_tokens: input, output_tokens: output, cache_creation_input_tokens: written, cache_read_input_tokens: read } = counts ?? {};
  const usage = {
    inputTokens: input == null ? undefined : input + (written ?? 0) + (read ?? 0),
    outputTokens: output,
    cacheReadTokens: read ?? undefined,
    cacheWriteTokens: written ?? undefined,
    reasoningTokens: counts?.output_tokens_details?.thinking_tokens,
  };
  return { type: "usage", usage };
}

/** `container` is what a caller needs to go on in the same sandbox. */
function toFinish({ stop_reason: reason, stop_details: details, container, stop_sequence }: Partial<SDK.Message>): ChatDelta[] {
  const more = kept({ ...(container && { container }), ...(stop_sequence && { stop_sequence }) });
  const deltas: ChatDelta[] = [{ type: "metadata", ...more }];
  if (!reason) return deltas;
  if (details?.explanation) deltas.push({ type: "text", text: details.explanation, part: "refusal", refusal: true });
  const resume = RESUMED.has(reason) ? { resume: true as const } : {};
  return [...deltas, { type: "finish", finishReason: toFinishReason(reason), rawFinishReason: reason, ...resume }];
}

/** A word that nobody knows may well be the name of something that every object has. */
function toFinishReason(reason: string): FinishReason {
  return Object.hasOwn(FINISH_REASONS, reason) ? FINISH_REASONS[reason]! : "other";
}
