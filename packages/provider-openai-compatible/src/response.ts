import { fromUsage, toMediaSource, type ChatDelta, type TokenLogprob, type WireUsage } from "@plurivox/core/provider";
import { fromCall, type WireCall } from "./calls.ts";
import type { Host, ReadExtras } from "./compat.ts";
import { RAW_AUDIO } from "./quirks.ts";
import { ReasoningReader, type ReasoningDetail } from "./reasoning.ts";
import { source, SourceReader, type Found } from "./sources.ts";

/** A whole answer or one chunk of a stream: what hosts agree on, and what some of them add. Nothing is certain to be there. */
export interface Completion {
  id?: string;
  model?: string;
  service_tier?: string | null;
  choices?: Choice[] | null;
  usage?: WireUsage | null;
  error?: unknown;
  /** "error" in the errors of older vLLM, which have no field of that name. */
  object?: string;
  /** MiniMax sends this. The code is not 0 in an error. */
  base_resp?: { status_code?: number } | null;
  /** Perplexity: what it searched, whole in every chunk, and before that only the addresses. xAI has these too. */
  search_results?: Found[] | null;
  citations?: (string | null)[] | null;
  venice_parameters?: { web_search_citations?: Found[] | null } | null;
}

interface Choice {
  index?: number;
  /** In a stream, Perplexity sends the text so far in `message` beside each delta. */
  delta?: Piece | null;
  message?: Piece | null;
  finish_reason?: string | null;
  logprobs?: { content?: WireLogprob[] | null } | null;
  /** Moonshot's streams have the usage here. */
  usage?: WireUsage | null;
}

/** A message, or what a chunk adds to it. Hosts have more fields, those of reasoning among them. */
interface Piece {
  /** Not a string where Mistral-like hosts send parts, and where Cloudflare sends JSON mode as an object. */
  content?: unknown;
  refusal?: string | null;
  tool_calls?: WireCall[] | null;
  /** The one tool call of recordings from 2023. */
  function_call?: WireCall["function"];
  annotations?: { url_citation?: { url?: string; title?: string; content?: string } }[] | null;
  audio?: { id?: string; data?: string; transcript?: string } | null;
  /** Gateways: pictures that the model made. */
  images?: { image_url?: { url?: string } }[] | null;
  reasoning_details?: ReasoningDetail[] | null;
  [field: string]: unknown;
}

export interface WireLogprob {
  token: string;
  logprob: number;
  top_logprobs?: { token: string; logprob: number }[] | null;
}

/** A whole answer is read as a stream of one chunk. Perplexity has an empty `delta` beside the message. */
export function fromChatReply(reply: Completion, host: Host): Iterable<ChatDelta> {
  if (!Array.isArray(reply.choices) || reply.choices.length === 0) {
    const { kind = "invalid-response", message = "The response has no choices.", ...facts } = host.errorFacts({ body: reply });
    return [{ type: "error", facts: { ...facts, kind, message } }];
  }
  const choices = reply.choices.map((choice) => (choice.message ? { ...choice, delta: null } : choice));
  return fromChatStream(host).event({ ...reply, choices });
}

export function fromChatStream(host: Host): { event(chunk: Completion, name?: string): ChatDelta[] } {
  return new CompletionStream(host);
}

class CompletionStream {
  readonly #host: Host;
  readonly #choices: ChoiceReader[];
  readonly #sources = new SourceReader();
  readonly #extras: ReadExtras | undefined;
  #announced = false;

  constructor(host: Host) {
    this.#host = host;
    this.#choices = [new ChoiceReader(0, host)];
    this.#extras = host.readExtras?.();
  }

  event(chunk: Completion, name?: string): ChatDelta[] {
    if (name === "error" || (chunk.error !== undefined && chunk.error !== null) || chunk.object === "error" || chunk.base_resp?.status_code)
      return [{ type: "error", facts: this.#host.errorFacts({ body: chunk }) }];
    const out: ChatDelta[] = [];
    // Azure's first chunk is about its content filter and names no model.
    if (!this.#announced && (chunk.id || chunk.model)) {
      this.#announced = true;
      out.push(metadataOf(chunk, this.#host.id));
    }
    if (chunk.choices) for (const choice of chunk.choices) this.#choice(choice.index || 0).read(choice, out);
    if (chunk.search_results) this.#sources.read(chunk.search_results, out);
    if (chunk.citations) this.#sources.read(chunk.citations, out);
    if (chunk.venice_parameters?.web_search_citations) this.#sources.read(chunk.venice_parameters.web_search_citations, out);
    this.#extras?.(chunk, out);
    const usage = chunk.usage ?? chunk.choices?.find((choice) => choice.usage)?.usage;
    if (usage) out.push({ type: "usage", usage: fromUsage(usage) });
    return out;
  }

  #choice(index: number): ChoiceReader {
    return (this.#choices[index] ??= new ChoiceReader(index, this.#host));
  }
}

/** Reads the chunks of one answer. */
class ChoiceReader {
  readonly #index: number;
  readonly #provider: string;
  /** Calls of a whole answer, which are told one from the other by their place. */
  #calls = 0;
  readonly #thoughts: ReasoningReader;
  readonly #sound: ReturnType<typeof audioReader>;

  constructor(index: number, host: Host) {
    this.#index = index;
    this.#provider = host.id;
    this.#thoughts = new ReasoningReader(host);
    this.#sound = audioReader(host.id);
  }

  read(choice: Choice, out: ChatDelta[]): void {
    const from = out.length;
    const piece = choice.delta ?? choice.message;
    if (piece) this.#piece(piece, piece === choice.message, out);
    if (choice.logprobs?.content) out.push({ type: "logprobs", logprobs: choice.logprobs.content.map(toLogprob) });
    if (choice.finish_reason) this.#finish(choice.finish_reason, out);
    if (this.#index > 0) for (let at = from; at < out.length; at++) out[at]!.choice = this.#index;
  }

  #piece(piece: Piece, whole: boolean, out: ChatDelta[]): void {
    this.#thoughts.read(piece, out);
    if (piece.content) out.push({ type: "text", text: toText(piece.content) });
    if (piece.refusal) out.push({ type: "text", text: piece.refusal, refusal: true });
    if (piece.annotations)
      for (const { url_citation: cited } of piece.annotations)
        if (cited) out.push(source({ url: cited.url, title: cited.title, text: cited.content }));
    if (piece.audio) this.#sound.add(piece.audio, out);
    if (piece.images)
      for (const { image_url: image } of piece.images) if (image?.url) out.push({ type: "file", file: { type: "image", url: image.url } });
    if (piece.tool_calls)
      for (const call of piece.tool_calls) out.push(fromCall(call, this.#provider, whole ? `call ${this.#calls++}` : undefined));
    if (piece.function_call) out.push(fromCall({ index: 0, function: piece.function_call }, this.#provider, undefined));
  }

  #finish(reason: string, out: ChatDelta[]): void {
    this.#sound.end(out);
    out.push({ type: "finish", rawFinishReason: reason });
  }
}

/** Sound comes whole or as pieces of raw samples, each encoded by itself; its words are the text. */
function audioReader(provider: string): { add(audio: NonNullable<Piece["audio"]>, out: ChatDelta[]): void; end(out: ChatDelta[]): void } {
  const pieces: string[] = [];
  let audioId: string | undefined;
  return {
    add({ id, data, transcript }, out) {
      audioId ??= id;
      if (transcript) out.push({ type: "text", text: transcript });
      if (data) pieces.push(data);
    },
    end(out) {
      if (pieces.length === 0) return;
      const base64 = pieces.length === 1 ? pieces[0]! : btoa(pieces.map(atob).join(""));
      const { kind, mediaType } = toMediaSource({ type: "file", base64 });
      out.push({
        type: "file",
        file: { type: "file", base64, mediaType: kind === "audio" ? mediaType : RAW_AUDIO },
        providerMetadata: { [provider]: { audioId } },
      });
      pieces.length = 0;
    },
  };
}

/** What either wire says of an answer as a whole. */
export function metadataOf(
  { id, model, service_tier: serviceTier }: Pick<Completion, "id" | "model" | "service_tier">,
  provider: string,
): ChatDelta {
  return {
    type: "metadata",
    ...(id && { id }),
    ...(model && { model }),
    ...(serviceTier && { providerMetadata: { [provider]: { serviceTier } } }),
  };
}

function toText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return JSON.stringify(content);
  return content.map((part) => (typeof part?.text === "string" ? part.text : "")).join("");
}

export function toLogprob({ token, logprob, top_logprobs: top }: WireLogprob): TokenLogprob {
  return { token, logprob, ...(top && top.length > 0 && { top: top.map((other) => ({ token: other.token, logprob: other.logprob })) }) };
}
