import { fromUsage, type ChatDelta, type SourcePart, type TokenLogprob, type WireUsage } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";

/** A whole answer or one chunk of a stream, as far as it is read. The SDK's types spell its fields otherwise; none is certain to be there. */
export interface Completion {
  object?: string;
  id?: string;
  model?: string;
  choices?: Choice[] | null;
  usage?: MistralUsage | null;
  error?: unknown;
}

interface Choice {
  index?: number;
  delta?: Piece | null;
  message?: Piece | null;
  /** In the place of `message` where the vendor ran tools: all that was said, in order. */
  messages?: Piece[] | null;
  finish_reason?: string | null;
  logprobs?: { content?: WireLogprob[] | null } | null;
}

/** A message, or what a chunk adds to it. */
interface Piece {
  role?: string;
  content?: string | ContentChunk[] | null;
  tool_calls?: WireCall[] | null;
  tool_call_id?: string | null;
}

interface ContentChunk {
  type: string;
  text?: string;
  thinking?: ContentChunk[] | null;
  signature?: string | null;
  reference_ids?: (number | string)[];
  title?: string | null;
  url?: string | null;
  description?: string | null;
}

interface WireCall {
  index?: number | null;
  id?: string | null;
  function?: { name?: string | null; arguments?: unknown } | null;
}

interface WireLogprob {
  token: string;
  logprob: number;
  top_logprobs?: WireLogprob[] | null;
}

type MistralUsage = WireUsage & { prompt_audio_seconds?: number | null; service_tier?: string | null };

/** A whole answer is read as a stream of one chunk. */
export function fromResponse(reply: Completion): Iterable<ChatDelta> {
  if (reply.choices?.length) return fromStream().event(reply);
  const { kind = "invalid-response", message = "The response has no choices.", ...facts } = errorFacts({ body: reply });
  return [{ type: "error", facts: { ...facts, kind, message } }];
}

export function fromStream(): { event(chunk: Completion, name?: string): ChatDelta[] } {
  return new CompletionStream();
}

class CompletionStream {
  readonly #choices = [new ChoiceReader(0)];
  #announced = false;

  event(chunk: Completion, name?: string): ChatDelta[] {
    if (isError(chunk, name)) return [{ type: "error", facts: errorFacts({ body: chunk }) }];
    const out: ChatDelta[] = [];
    const { id, model, choices, usage } = chunk;
    if (!this.#announced && (id || model)) {
      this.#announced = true;
      out.push({ type: "metadata", ...(id && { id }), ...(model && { model }) });
    }
    if (choices) for (const choice of choices) this.#choice(choice.index ?? 0).read(choice, out);
    if (usage) out.push(toMetadata(usage), { type: "usage", usage: fromUsage(usage) });
    return out;
  }

  #choice(index: number): ChoiceReader {
    return (this.#choices[index] ??= new ChoiceReader(index));
  }
}

function isError({ object, error }: Completion, name?: string): boolean {
  return name === "error" || object === "error" || (error !== undefined && error !== null);
}

/** Reads what comes of one answer. */
class ChoiceReader {
  readonly #index: number;
  /** Calls of whole answers, which are told one from the other by their place. */
  #calls = 0;
  readonly #content = new ContentReader();

  constructor(index: number) {
    this.#index = index;
  }

  read({ delta, message, messages, finish_reason: reason, logprobs }: Choice, out: ChatDelta[]): void {
    const from = out.length;
    const piece = delta ?? message;
    if (piece) this.#piece(piece, piece === message, out);
    else if (messages) this.#all(messages, out);
    if (logprobs?.content) out.push({ type: "logprobs", logprobs: logprobs.content.map(toLogprob) });
    if (reason) out.push({ type: "finish", rawFinishReason: reason });
    if (this.#index > 0) for (let at = from; at < out.length; at++) out[at]!.choice = this.#index;
  }

  #piece(piece: Piece, whole: boolean, out: ChatDelta[]): void {
    const { content, tool_calls: calls, tool_call_id: toolCallId } = piece;
    if (piece.role === "tool") out.push({ type: "tool-result", toolCallId: toolCallId ?? "", output: content });
    else if (content) this.#content.read(content, out);
    if (calls) for (const call of calls) out.push(fromCall(call, whole ? `call ${this.#calls++}` : undefined));
  }

  #all(messages: readonly Piece[], out: ChatDelta[]): void {
    for (const each of messages) this.#piece(each, true, out);
    // A call that is answered here is the vendor's own.
    const answered = new Set(messages.map(({ tool_call_id: id }) => id));
    for (const told of out) if (told.type === "tool-call" && answered.has(told.toolCallId)) told.providerExecuted = true;
  }
}

/** A text, or chunks of text, thoughts and references to sources. Streams continue the last chunk, unless it was a signature or a reference. */
class ContentReader {
  #part = 0;
  #thoughts = 0;

  read(content: string | ContentChunk[], out: ChatDelta[]): void {
    if (typeof content === "string") out.push({ type: "text", text: content, part: this.#part });
    else for (const chunk of content) this.#chunk(chunk, out);
  }

  #chunk(chunk: ContentChunk, out: ChatDelta[]): void {
    if (chunk.type === "thinking") return this.#thought(chunk, out);
    if (chunk.type === "text") {
      out.push({ type: "text", text: chunk.text ?? "", part: this.#part });
      return;
    }
    const [first, ...sources] = toSources(chunk);
    if (first === undefined) return;
    out.push({ ...first, providerMetadata: { mistral: { reference_ids: chunk.reference_ids } } }, ...sources);
    this.#part++;
  }

  #thought({ thinking, signature }: ContentChunk, out: ChatDelta[]): void {
    let text = "";
    for (const chunk of thinking ?? []) {
      if (chunk.type === "text") text += chunk.text ?? "";
      else out.push(...toSources(chunk));
    }
    const part = `thought-${this.#thoughts}`;
    out.push({ type: "reasoning", text, part, ...(signature && { providerMetadata: { mistral: { signature } } }) });
    if (signature) this.#thoughts++;
  }
}

/** References name documents by the keys that a tool's result gave them. */
function toSources({ type, reference_ids: ids = [], url, title, description }: ContentChunk): ChatDelta[] {
  const known =
    type === "tool_reference" ? [{ ...(url && { url }), ...(title && { title }), ...(description && { text: description }) }] : [];
  const named = type === "reference" ? ids.map((id) => ({ documentId: String(id) })) : [];
  return [...known, ...named].map((source: Omit<SourcePart, "type">) => ({ type: "source", source: { type: "source", ...source } }));
}

/**
 * The vendor may leave out a call's index, id or name, or all of them: core finds the call that a
 * piece belongs to. `part`: it is a whole call.
 */
function fromCall({ index, id, function: fn }: WireCall, part: string | undefined): ChatDelta {
  const text = fn?.arguments ?? "";
  return {
    type: "tool-call",
    inputText: typeof text === "string" ? text : JSON.stringify(text),
    ...(part !== undefined && { part, end: true }),
    ...(index != null && { index }),
    ...(id && { toolCallId: id }),
    ...(fn?.name && { toolName: fn.name }),
  };
}

function toLogprob({ token, logprob, top_logprobs: top }: WireLogprob): TokenLogprob {
  return { token, logprob, ...(top?.length && { top: top.map((other) => ({ token: other.token, logprob: other.logprob })) }) };
}

/** What is told with the counts and is none of ours. */
function toMetadata({ service_tier: serviceTier, prompt_audio_seconds: promptAudioSeconds }: MistralUsage): ChatDelta {
  const told = { ...(serviceTier && { serviceTier }), ...(promptAudioSeconds && { promptAudioSeconds }) };
  return { type: "metadata", ...(Object.keys(told).length > 0 && { providerMetadata: { mistral: told } }) };
}
