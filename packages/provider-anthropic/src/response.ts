import type * as SDK from "@anthropic-ai/sdk/resources/messages";
import { addUsage, fromUsage, sumOf, type ChatDelta, type SourcePart, type Usage } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import { APART, RESUMED } from "./quirks.ts";

/** The SDK's types say what is known. The wire may leave out fields, and bring blocks and events that they do not name. */
export type AnthropicEvent = SDK.RawMessageStreamEvent | { type: "error"; error: unknown };
type Block = SDK.ContentBlock;
type ToolUse = SDK.ToolUseBlock | SDK.ServerToolUseBlock;
type ToolResult = SDK.WebSearchToolResultBlock & { is_error?: boolean };

type Told = { [Name in keyof SDK.Usage]?: SDK.Usage[Name] | null };
/** The beta counts what is done behind an answer too. */
type Counts = Told & { iterations?: readonly (Told & { type?: string })[] | null };

const NOTHING: readonly ChatDelta[] = [];

export function fromResponse(reply: SDK.Message): Iterable<ChatDelta> {
  const noAnswer = { kind: "invalid-response", message: "The message has no content." } as const;
  if (!Array.isArray(reply.content)) return [{ type: "error", facts: noAnswer }];
  return new MessageStream().whole(reply, reply.usage);
}

export function fromStream(): { event(chunk: AnthropicEvent): Iterable<ChatDelta> } {
  return new MessageStream();
}

/**
 * A block that came. `index` is the wire's, which hosts may leave out or give to several blocks;
 * `part` is ours.
 */
interface Begun {
  index: number | undefined;
  part: number;
  kind: string;
  block: Block;
  open: boolean;
}

/**
 * Stands for a block that has not come. It lives as long as the process, which keeps compiled code
 * alive between two streams.
 */
const NO_BLOCK: Begun = { index: undefined, part: -1, kind: "", block: {} as Block, open: false };

class MessageStream {
  readonly #blocks: Begun[] = [];
  #counts: Counts = {};

  event(chunk: AnthropicEvent): Iterable<ChatDelta> {
    switch (chunk.type) {
      case "content_block_delta":
        return this.#delta(chunk.index, chunk.delta);
      case "content_block_start":
        return fromBlock(this.#begin(chunk.index, { ...chunk.content_block }));
      case "content_block_stop":
        return stop(this.#openAt(chunk.index) ?? this.#blocks.findLast(({ open }) => open));
      case "message_start": {
        // The output count of a beginning is provisional, unless the whole answer comes with it.
        const { output_tokens: output, ...counts } = chunk.message.usage ?? {};
        return this.whole(chunk.message, chunk.message.stop_reason ? { ...counts, output_tokens: output } : counts);
      }
      case "message_delta":
        return [this.#usage(chunk.usage), ...toFinish(chunk.delta ?? {})];
      case "message_stop":
        return [{ type: "end" }];
      default:
        return "error" in chunk ? [{ type: "error", facts: errorFacts({ body: chunk }) }] : NOTHING;
    }
  }

  whole(message: SDK.Message, counts: Counts | null | undefined): ChatDelta[] {
    const begun = (message.content ?? []).map((block, index) => this.#begin(index, block));
    const parts = begun.flatMap((each) => [...fromBlock(each), ...stop(each)]);
    return [{ type: "metadata", id: message.id, model: message.model }, ...parts, this.#usage(counts), ...toFinish(message)];
  }

  #delta(index: number | undefined, delta: SDK.RawContentBlockDelta): Iterable<ChatDelta> {
    switch (delta.type) {
      case "text_delta":
        return [{ type: "text", text: delta.text, part: this.#find(index, "text", true).part }];
      case "thinking_delta":
        return [{ type: "reasoning", text: delta.thinking, part: this.#find(index, "thinking", true).part }];
      case "input_json_delta":
        return [{ type: "tool-call", inputText: delta.partial_json, part: this.#find(index, "tool_use").part }];
      case "signature_delta":
        return [{ type: "reasoning", text: "", part: this.#find(index, "thinking").part, ...kept({ signature: delta.signature }) }];
      case "citations_delta": {
        const { block, part } = this.#find(index, "text") as Begun & { block: SDK.TextBlock };
        block.citations = [...(block.citations ?? []), delta.citation];
        return [
          { type: "source", source: toSource(delta.citation) },
          { type: "text", text: "", part, ...kept({ citations: block.citations }) },
        ];
      }
      default: {
        const begun = this.#openAt(index);
        if (begun === undefined || SHOWN.test(begun.block.type)) return NOTHING;
        Object.assign(begun.block, delta as object, { type: begun.block.type });
        return fromBlock(begun);
      }
    }
  }

  #begin(index: number | undefined, block: Block): Begun {
    const begun = { index, part: this.#blocks.length, kind: isToolUse(block) ? "tool_use" : block.type, block, open: true };
    this.#blocks.push(begun);
    return begun;
  }

  #openAt(index: number | undefined): Begun | undefined {
    return this.#blocks.findLast((begun) => begun.open && begun.index === index);
  }

  /**
   * The block that a delta is for: an open one of its kind, at its index if there is one. Words
   * that find none begin one; what completes a block may come after its end.
   */
  #find(index: number | undefined, kind: Block["type"], isWords = false): Begun {
    const last = this.#blocks.at(-1) ?? NO_BLOCK;
    if (last.open && last.kind === kind && last.index === index) return last;
    const fitting = this.#blocks.filter((begun) => begun.kind === kind);
    const open = fitting.filter((begun) => begun.open);
    const found = open.findLast((begun) => begun.index === index) ?? open.at(-1) ?? (isWords ? undefined : fitting.at(-1));
    return found ?? this.#begin(index, { type: kind } as Block);
  }

  /** Neither null nor a 0 takes back what was told before. */
  #usage(counts: Counts | null | undefined): ChatDelta {
    const told = Object.entries(counts ?? {}).filter(([name, count]) => count || !Object.hasOwn(this.#counts, name));
    this.#counts = { ...this.#counts, ...Object.fromEntries(told) };
    return { type: "usage", usage: toUsage(this.#counts) };
  }
}

/** Blocks of which something is told beside what goes back to the vendor. */
const SHOWN = /^(text|thinking)$|tool_use$|_tool_result$/;

function isToolUse(block: Block): block is ToolUse {
  return block.type.endsWith("tool_use");
}

function isToolResult(block: Block): block is ToolResult {
  return block.type.endsWith("_tool_result");
}

function fromBlock({ block, part }: Begun): readonly ChatDelta[] {
  if (block.type === "text") {
    const citations = block.citations ?? [];
    const sources = citations.map((citation): ChatDelta => ({ type: "source", source: toSource(citation) }));
    return [{ type: "text", text: block.text ?? "", part, ...kept(citations.length > 0 ? { citations } : {}) }, ...sources];
  }
  if (block.type === "thinking") {
    return [{ type: "reasoning", text: block.thinking ?? "", part, ...kept(block.signature ? { signature: block.signature } : {}) }];
  }
  if (isToolUse(block)) return [fromToolUse(block, part)];
  if (isToolResult(block)) return [fromToolResult(block)];
  // Redacted thinking, and every type that has no name here: nothing to show, but the vendor wants it back.
  return [{ type: "reasoning", text: "", part, redacted: true, ...kept(block) }];
}

function stop(begun: Begun | undefined): readonly ChatDelta[] {
  if (begun !== undefined) begun.open = false;
  return begun?.kind === "tool_use" ? [{ type: "tool-call", part: begun.part, end: true }] : NOTHING;
}

/** A call for the caller, or one that the vendor runs itself. Fields that have no word of ours go back with it. */
function fromToolUse(block: ToolUse, part: number): ChatDelta {
  const { id, name, input, type, ...rest } = block;
  const executed = type === "tool_use" ? {} : { providerExecuted: true as const };
  const fields = type === "tool_use" ? rest : { type, ...rest };
  const given = Object.keys(input ?? {}).length > 0 && { input };
  return { type: "tool-call", toolCallId: id, toolName: name, part, ...given, ...executed, ...kept(fields) };
}

function kept(fields: object): Pick<ChatDelta, "providerMetadata"> {
  return Object.keys(fields).length === 0 ? {} : { providerMetadata: { anthropic: { ...fields } } };
}

function fromToolResult({ tool_use_id: toolCallId, content: output, ...fields }: ToolResult): ChatDelta {
  const { type } = Object(output) as { type?: unknown };
  const failed = fields.is_error === true || (typeof type === "string" && type.endsWith("_error"));
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
function toUsage({ iterations, ...counts }: Counts): Usage {
  const summaries = Array.isArray(iterations) ? iterations.filter(({ type }) => type === APART) : [];
  return [counts, ...summaries].reduce<Usage>((sum, told) => {
    const { input_tokens: input, cache_read_input_tokens: cached_tokens, cache_creation_input_tokens: cache_write_tokens, ...more } = told;
    const input_tokens = input == null ? input : sumOf(input, cached_tokens, cache_write_tokens);
    return addUsage(sum, fromUsage({ ...more, input_tokens, cached_tokens, cache_write_tokens }));
  }, {});
}

/** `container` is what a caller needs to go on in the same sandbox. */
function toFinish({ stop_reason: reason, stop_details: details, container, stop_sequence }: Partial<SDK.Message>): ChatDelta[] {
  const more = kept({ ...(container && { container }), ...(stop_sequence && { stop_sequence }) });
  const deltas: ChatDelta[] = [{ type: "metadata", ...more }];
  if (!reason) return deltas;
  if (details?.explanation) deltas.push({ type: "text", text: details.explanation, part: "refusal", refusal: true });
  const resume = RESUMED.has(reason) ? { finishReason: "stop" as const, resume: true as const } : {};
  return [...deltas, { type: "finish", rawFinishReason: reason, ...resume }];
}
