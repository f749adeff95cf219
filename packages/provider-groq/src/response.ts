import { fromUsage, type ChatDelta, type WireUsage } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";

/** A whole answer or one chunk of a stream. Nothing is certain to be there. */
export interface Completion {
  id?: string;
  model?: string;
  service_tier?: string | null;
  choices?: Choice[] | null;
  usage?: WireUsage | null;
  /** In streams, the place of the usage, and of what stopped the stream early. */
  x_groq?: { usage?: WireUsage | null; error?: string | null } | null;
  error?: unknown;
}

interface Choice {
  delta?: Piece | null;
  message?: Piece | null;
  finish_reason?: string | null;
}

/** A message, or what a chunk adds to it. */
interface Piece {
  content?: string | null;
  reasoning?: string | null;
  tool_calls?: WireCall[] | null;
  executed_tools?: ExecutedTool[] | null;
  annotations?: Annotation[] | null;
}

interface WireCall {
  index?: number | null;
  id?: string | null;
  function?: { name?: string; arguments?: string } | null;
}

/** A tool that Groq ran. In a stream it comes when it is called, and again with what it found. */
interface ExecutedTool {
  index?: number;
  type?: string;
  name?: string;
  arguments?: string;
  output?: string | null;
  search_results?: { results?: Found[] | null } | null;
  browser_results?: Found[] | null;
}

interface Found {
  url?: string;
  title?: string;
  content?: string;
}

interface Annotation {
  document_citation?: { document_id?: string } | null;
  function_citation?: { tool_call_id?: string } | null;
}

/** A whole answer is read as a stream of one chunk. */
export function fromResponse(reply: Completion): Iterable<ChatDelta> {
  if (!Array.isArray(reply.choices) || reply.choices.length === 0) {
    const { kind = "invalid-response", message = "The response has no choices.", ...facts } = errorFacts({ body: reply });
    return [{ type: "error", facts: { ...facts, kind, message } }];
  }
  return fromStream().event(reply);
}

export function fromStream(): { event(chunk: Completion, name?: string): ChatDelta[] } {
  return new CompletionStream();
}

class CompletionStream {
  readonly #executed = executedTools();
  #announced = false;

  event(chunk: Completion, name?: string): ChatDelta[] {
    const stopped = chunk.x_groq?.error;
    if (name === "error" || chunk.error || stopped)
      return [{ type: "error", facts: errorFacts({ body: stopped ? { message: stopped } : chunk }) }];
    const out: ChatDelta[] = [];
    if (!this.#announced && (chunk.id || chunk.model)) {
      this.#announced = true;
      out.push({ type: "metadata", ...(chunk.id && { id: chunk.id }), ...(chunk.model && { model: chunk.model }) });
    }
    const choice = chunk.choices?.[0];
    const piece = choice?.delta ?? choice?.message;
    if (piece) this.#piece(piece, piece === choice?.message, chunk, out);
    if (choice?.finish_reason) out.push({ type: "finish", rawFinishReason: choice.finish_reason });
    const usage = chunk.usage ?? chunk.x_groq?.usage;
    if (usage) out.push({ type: "usage", usage: fromUsage(usage) });
    if (chunk.service_tier) out.push({ type: "metadata", providerMetadata: { groq: { serviceTier: chunk.service_tier } } });
    return out;
  }

  #piece(piece: Piece, whole: boolean, { id = "executed" }: Completion, out: ChatDelta[]): void {
    if (piece.reasoning) out.push({ type: "reasoning", text: piece.reasoning });
    if (piece.executed_tools) this.#executed(piece.executed_tools, id, out);
    if (piece.content) out.push({ type: "text", text: piece.content });
    if (piece.annotations) for (const annotation of piece.annotations) out.push(toSource(annotation));
    piece.tool_calls?.forEach((call, at) => out.push(toToolCall(call, whole ? `call ${at}` : undefined)));
  }
}

/**
 * Calls of a whole answer are told one from the other by their place; which call a piece of a
 * stream belongs to, core finds.
 */
function toToolCall({ index, id, function: fn }: WireCall, part: string | undefined): ChatDelta {
  const { name, arguments: inputText = "" } = fn ?? {};
  return {
    type: "tool-call",
    inputText,
    ...(part !== undefined && { part, end: true }),
    ...(index != null && { index }),
    ...(id && { toolCallId: id }),
    ...(name && { toolName: name }),
  };
}

/** Each tool is called once and answers once, however often it is told; an address is a source once. Groq gives no ids, so the answer's own is made one. */
function executedTools(): (tools: readonly ExecutedTool[], answer: string, out: ChatDelta[]) => void {
  const told = new Set<string>();
  const isNew = (what: string): boolean => told.size < told.add(what).size;
  return (tools, answer, out) => {
    for (const { index = 0, type = "tool", name = type, arguments: input = "", ...output } of tools) {
      const toolCallId = `${answer}-${index}`;
      if (isNew(`call ${index}`))
        out.push({ type: "tool-call", toolCallId, toolName: name, inputText: input, end: true, providerExecuted: true });
      if (!holdsAnything(output) || !isNew(`result ${index}`)) continue;
      out.push({ type: "tool-result", toolCallId, output });
      for (const { url, title, content } of [...(output.search_results?.results ?? []), ...(output.browser_results ?? [])])
        if (url && isNew(url))
          out.push({ type: "source", source: { type: "source", url, ...(title && { title }), ...(content && { text: content }) } });
    }
  };
}

function holdsAnything(value: unknown): boolean {
  if (typeof value === "object") return value !== null && Object.values(value).some(holdsAnything);
  return value !== undefined && value !== "";
}

/** Which document, or which tool's result, the answer relies on; where in the answer it does stays in the metadata. */
function toSource(annotation: Annotation): ChatDelta {
  const documentId = annotation.document_citation?.document_id ?? annotation.function_citation?.tool_call_id;
  return {
    type: "source",
    source: { type: "source", ...(documentId !== undefined && { documentId }) },
    providerMetadata: { groq: { annotation } },
  };
}
