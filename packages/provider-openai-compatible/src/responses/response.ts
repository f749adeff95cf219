import type { ChatDelta, FinishReason, ProviderMetadata } from "@plurivox/core/provider";
import type { Host, ReadExtras } from "../compat.ts";
import { metadataOf, toLogprob, toUsage, type WireLogprob, type WireUsage } from "../response.ts";
import { source } from "../sources.ts";
import { beginTool, endTool, resultOf, type Item } from "./items.ts";
import { INCOMPLETE_REASONS } from "./quirks.ts";

/** A whole response. Nothing is certain to be there. */
export interface ResponseObject {
  id?: string;
  model?: string;
  service_tier?: string | null;
  status?: string;
  error?: { code?: string; message?: string } | null;
  incomplete_details?: { reason?: string } | null;
  output?: Item[];
  usage?: WireUsage | null;
}

/** An event of the stream, told apart by `type`; hosts may leave out the name of the SSE event. */
export interface ResponsesEvent {
  type?: string;
  response?: ResponseObject;
  item?: Item;
  output_index?: number;
  content_index?: number;
  summary_index?: number;
  delta?: string;
  logprobs?: WireLogprob[];
  annotation?: Annotation;
  error?: unknown;
}

interface Annotation {
  type?: string;
  url?: string;
  title?: string;
  file_id?: string;
  filename?: string;
}

/** A piece of a message or of reasoning. */
interface Piece {
  type?: string;
  text?: string;
  refusal?: string;
  annotations?: Annotation[] | null;
  logprobs?: WireLogprob[] | null;
}

/** Words of a part. */
type Said = Extract<ChatDelta, { type: "text" | "reasoning" }> & { part: number };

const NOTHING: ChatDelta[] = [];

export function fromResponsesReply(reply: ResponseObject, host: Host): Iterable<ChatDelta> {
  if (!Array.isArray(reply.output)) return [{ type: "error", facts: { kind: "invalid-response", message: "The response has no output." } }];
  return [metadataOf(reply, host.id), ...new ResponseReader(host).whole(reply)];
}

export function fromResponsesStream(host: Host): { event(event: ResponsesEvent, name?: string): ChatDelta[] } {
  return new ResponseReader(host);
}

/** Keys of parts: this much room in an item, for pieces of a message, of a reasoning summary, and of reasoning that is no summary. */
const PARTS = 3000;
const SUMMARY = 1000;
const THOUGHT = 2000;

/** Reads the items of one response, from their events or whole. */
class ResponseReader {
  readonly #host: Host;
  readonly #extras: ReadExtras | undefined;
  readonly #open = new Map<number, Item>();
  readonly #closed = new Map<number, Item>();
  /** By part: how many annotations it has had. */
  readonly #cited = new Map<number, number>();
  readonly #told = new Set<number>();
  readonly #inputs = new Map<number, string>();
  #lastCallId = "";

  constructor(host: Host) {
    this.#host = host;
    this.#extras = host.readExtras?.();
  }

  event(event: ResponsesEvent, name?: string): ChatDelta[] {
    if (event.type !== "response.output_text.delta") return this.#other(event, name);
    const { output_index: at = 0, content_index: index = 0, delta = "", logprobs } = event;
    return this.#say(at, { type: "text", text: delta, part: at * PARTS + index }, logprobs);
  }

  /** What no event has told yet, and the end. */
  whole(response: ResponseObject): ChatDelta[] {
    return [...this.#rest(response.output ?? []), ...finished(response, this.#extras)];
  }

  #other(event: ResponsesEvent, name: string | undefined): ChatDelta[] {
    const { output_index: at = 0, content_index: index = 0, delta = "", item, response } = event;
    const part = at * PARTS + index;
    switch (event.type) {
      case "response.refusal.delta":
        return this.#say(at, { type: "text", text: delta, part, refusal: true });
      case "response.reasoning_summary_text.delta":
        return this.#say(at, { type: "reasoning", text: delta, part: at * PARTS + SUMMARY + (event.summary_index ?? 0) });
      case "response.reasoning_text.delta":
        return this.#say(at, { type: "reasoning", text: delta, part: part + THOUGHT });
      case "response.function_call_arguments.delta":
      case "response.mcp_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        return this.#input(at, delta);
      case "response.output_text.annotation.added":
        return event.annotation === undefined ? NOTHING : this.#annotation(part, event.annotation);
      case "response.output_item.added":
        return item === undefined ? NOTHING : this.#added(at, item);
      case "response.output_item.done":
        return item === undefined ? NOTHING : this.#done(at, item);
      case "response.created":
        return response === undefined ? NOTHING : [metadataOf(response, this.#host.id)];
      case "response.completed":
      case "response.incomplete":
        return [...this.whole(response ?? {}), { type: "end" }];
      case "response.failed":
        return [...usageOf(response ?? {}), { type: "error", facts: this.#host.errorFacts({ body: response }) }];
      default: {
        const failed = event.type === "error" || name === "error" || (event.type === undefined && event.error);
        return failed ? [{ type: "error", facts: this.#host.errorFacts({ body: event }) }] : NOTHING;
      }
    }
  }

  #added(at: number, item: Item): ChatDelta[] {
    this.#open.set(at, item);
    const begun = beginTool(item, at);
    return begun === undefined ? NOTHING : [begun];
  }

  #say(at: number, delta: Said, logprobs?: WireLogprob[] | null): ChatDelta[] {
    if (!this.#told.has(delta.part)) this.#begin(at, delta);
    return logprobs?.length ? [delta, { type: "logprobs", logprobs: logprobs.map(toLogprob) }] : [delta];
  }

  #begin(at: number, delta: Said): void {
    this.#told.add(delta.part);
    const { id: itemId, phase } = this.#open.get(at) ?? {};
    if (delta.type === "text" && itemId !== undefined) delta.providerMetadata = this.#own({ itemId, ...(phase && { phase }) });
  }

  #input(at: number, piece: string): ChatDelta[] {
    const whole = (this.#inputs.get(at) ?? "") + piece;
    this.#inputs.set(at, whole);
    // What goes to a custom tool is text, also where it looks like JSON.
    const input = this.#open.get(at)?.type === "custom_tool_call" && { input: whole };
    return [{ type: "tool-call", part: at, inputText: piece, ...input }];
  }

  #annotation(part: number, found: Annotation): ChatDelta[] {
    this.#cited.set(part, (this.#cited.get(part) ?? 0) + 1);
    const { url, file_id: documentId, title, filename } = found;
    return [{ ...source({ url, documentId, title: title ?? filename }), providerMetadata: this.#own({ annotation: found }) }];
  }

  /** An item that is complete: what its deltas have not told yet, and what goes back with the next call. */
  #done(at: number, item: Item): ChatDelta[] {
    this.#open.set(at, item);
    this.#closed.set(at, item);
    if (item.type === "message") return this.#message(at, item);
    if (item.type === "reasoning") return this.#reasoning(at, item);
    const result = resultOf(item, this.#lastCallId, this.#host.id);
    if (result !== undefined) return [result];
    const call = endTool(item, at, this.#host.id, this.#inputs.has(at));
    if (call === undefined) return [this.#opaque(at * PARTS, item, true)];
    this.#lastCallId = item.call_id || item.id || this.#lastCallId;
    return call;
  }

  /** The items of the whole response that had no events, and reasoning that was encrypted only there. */
  #rest(output: readonly Item[]): ChatDelta[] {
    return output.flatMap((item, at) => {
      const known = this.#closed.get(at);
      if (known === undefined) return this.#done(at, item);
      return item.type === "reasoning" && item.encrypted_content && !known.encrypted_content ? this.#reasoning(at, item) : NOTHING;
    });
  }

  #message(at: number, item: Item): ChatDelta[] {
    return piecesOf(item.content).flatMap(({ text: said, refusal, annotations, logprobs }, index) => {
      const part = at * PARTS + index;
      const delta: Said = { type: "text", text: refusal ?? said ?? "", part, ...(refusal !== undefined && { refusal: true }) };
      const untold = this.#told.has(part) || delta.text === "" ? NOTHING : this.#say(at, delta, logprobs);
      const uncited = (annotations ?? []).slice(this.#cited.get(part) ?? 0);
      return [...untold, ...uncited.flatMap((found) => this.#annotation(part, found))];
    });
  }

  /** The item itself goes onto the last part of its text, or onto one without any. */
  #reasoning(at: number, item: Item): ChatDelta[] {
    const said = (pieces: Piece[], from: number) =>
      pieces.map(({ text }, index): Said => ({ type: "reasoning", text: text ?? "", part: at * PARTS + from + index }));
    const texts = [...said(piecesOf(item.summary), SUMMARY), ...said(piecesOf(item.content), THOUGHT)].filter(({ text }) => text !== "");
    const untold = texts.filter(({ part }) => !this.#told.has(part));
    return [...untold.flatMap((delta) => this.#say(at, delta)), this.#opaque(texts.at(-1)?.part ?? at * PARTS, item, texts.length === 0)];
  }

  /** Reasoning that says nothing is how an item travels that only the vendor can read. */
  #opaque(part: number, item: Item, redacted: boolean): ChatDelta {
    return { type: "reasoning", part, text: "", ...(redacted && { redacted: true }), providerMetadata: this.#own({ item }) };
  }

  #own(metadata: Record<string, unknown>): ProviderMetadata {
    return { [this.#host.id]: metadata };
  }
}

function piecesOf(content: Item["content"]): Piece[] {
  return Array.isArray(content) ? (content as Piece[]) : [];
}

function finished(response: ResponseObject, extras: ReadExtras | undefined): ChatDelta[] {
  const { status, incomplete_details: details } = response;
  const reason = details?.reason ?? status;
  const finishReason = status === "completed" || status === undefined ? "stop" : toFinishReason(reason);
  const out = [...usageOf(response)];
  extras?.(response, out);
  out.push({ type: "finish", finishReason, ...(reason !== undefined && { rawFinishReason: reason }) });
  return out;
}

function usageOf({ usage }: ResponseObject): ChatDelta[] {
  return usage ? [{ type: "usage", usage: toUsage(usage) }] : NOTHING;
}

/** A word that nobody knows may well be the name of something that every object has. */
function toFinishReason(reason = ""): FinishReason {
  return Object.hasOwn(INCOMPLETE_REASONS, reason) ? INCOMPLETE_REASONS[reason]! : "other";
}
