import type { ChatDelta, ProviderMetadata } from "@plurivox/core/provider";
import type { Host, ReadExtras } from "../compat.ts";
import { metadataOf, type WireLogprob } from "../response.ts";
import { source } from "../sources.ts";
import { ToldItems } from "./identity.ts";
import { beginTool, endTool, piecesOf, restOf, resultOf, type Annotation, type Item } from "./items.ts";
import { INPUTS, WORDS, type ItemTypes, type Kind } from "./quirks.ts";
import { endOf, noAnswer, type ResponseObject } from "./status.ts";
import { NO_PIECE, type Address, type ToldItem } from "./told.ts";
import { toLogprobs, toWords, Words, type Said } from "./words.ts";

/** An event of the stream, told apart by `type`; hosts may leave out the name of the SSE event. */
export interface ResponsesEvent extends Address {
  type?: string;
  response?: ResponseObject;
  item?: Item;
  content_index?: number;
  summary_index?: number;
  delta?: string;
  /** What came as deltas, whole, in the event that ends it. */
  text?: string;
  refusal?: string;
  arguments?: string;
  input?: string;
  name?: string;
  logprobs?: WireLogprob[] | null;
  annotation?: Annotation;
  error?: unknown;
}

const NOTHING: ChatDelta[] = [];

export function fromResponsesReply(reply: ResponseObject, host: Host): Iterable<ChatDelta> {
  const none = noAnswer(reply);
  return none === undefined ? [metadataOf(reply, host.id), ...new ResponseReader(host).finish(reply, "completed")] : [none];
}

export function fromResponsesStream(host: Host): { event(event: ResponsesEvent, name?: string): ChatDelta[] } {
  return new ResponseReader(host);
}

/** Reads the items of one response, from their events or whole. */
class ResponseReader {
  readonly #host: Host;
  readonly #extras: ReadExtras | undefined;
  readonly #items = new ToldItems();
  /** The piece that the last delta of text went to. */
  #piece = NO_PIECE;
  readonly #said: Words;
  #lastCallId = "";

  constructor(host: Host) {
    this.#host = host;
    this.#said = new Words(this.#items, host.id);
    this.#extras = host.readExtras?.();
  }

  event(event: ResponsesEvent, name?: string): ChatDelta[] {
    const piece = this.#piece;
    if (
      event.type !== "response.output_text.delta" ||
      event.item_id !== piece.itemId ||
      event.content_index !== piece.content ||
      event.output_index !== piece.output
    )
      return this.#other(event, name);
    const { delta: text = "", logprobs } = event;
    piece.push(text);
    const delta: ChatDelta = { type: "text", text, part: piece.part };
    return logprobs?.length ? [delta, toLogprobs(logprobs)] : [delta];
  }

  /** What no event has told yet, and the end. */
  finish(response: ResponseObject, event: Parameters<typeof endOf>[1]): ChatDelta[] {
    const end = endOf(response, event, this.#host);
    if (end.some(({ type }) => type === "error")) return end;
    const out = this.#rest(response.output ?? []);
    this.#extras?.(response, out);
    return [...out, ...end];
  }

  #other(event: ResponsesEvent, name: string | undefined): ChatDelta[] {
    this.#piece = NO_PIECE;
    const { type = "", output_index: index, item, response = {} } = event;
    switch (type) {
      case "response.output_item.added":
        return item === undefined ? NOTHING : this.#added(item, index);
      case "response.output_item.done":
        return item === undefined ? NOTHING : this.#done(item, this.#items.ofDone(item, index));
      case "response.output_text.annotation.added":
        return this.#annotation(event);
      case "response.created":
        return [metadataOf(response, this.#host.id)];
      case "response.completed":
        return [...this.finish(response, "completed"), { type: "end" }];
      case "response.incomplete":
        return [...this.finish(response, "incomplete"), { type: "end" }];
      case "response.failed":
        return this.finish(response, "failed");
      case "response.cancelled":
        return this.finish(response, "cancelled");
      default: {
        if (type === "error" || name === "error" || (type === "" && event.error))
          return [{ type: "error", facts: this.#host.errorFacts({ body: event }) }];
        const about = type.slice(0, type.lastIndexOf("."));
        if (Object.hasOwn(WORDS, about)) return this.#words(event, WORDS[about]!, type.endsWith(".done"));
        return Object.hasOwn(INPUTS, about) ? this.#input(event, INPUTS[about]!) : NOTHING;
      }
    }
  }

  #added(item: Item, index: number | undefined): ChatDelta[] {
    const begun = beginTool(item, this.#items.ofAdded(item, index).part);
    return begun === undefined ? NOTHING : [begun];
  }

  #words(event: ResponsesEvent, { types, kind, index: field }: (typeof WORDS)[string], ends: boolean): ChatDelta[] {
    const { delta = "", text = event.refusal ?? "", logprobs, [field]: index } = event;
    const item = this.#items.ofDelta(event, types);
    if (item === undefined) return NOTHING;
    const open = item.piece(kind, index);
    if (ends) return this.#said.end(item, open, { kind, text, logprobs }, index);
    const piece = open ?? this.#items.begin(item, kind, index);
    if (kind === "text") this.#piece = piece.follow(event);
    return this.#said.say(item, piece, { kind, text: delta, logprobs });
  }

  /**
   * Pieces of a call's input, or at its end all of it. What goes to a custom tool is text, also
   * where it looks like JSON.
   */
  #input({ delta, arguments: args, input: whole = args, ...event }: ResponsesEvent, types: ItemTypes): ChatDelta[] {
    const item = this.#items.ofDelta(event, types);
    if (item === undefined) return NOTHING;
    const { part, type, input: told } = item;
    if (delta === undefined && event.name) item.item ??= { type, id: event.item_id ?? undefined, name: event.name, arguments: whole };
    const more = delta === undefined ? restOf(whole ?? "", told) : { inputText: delta };
    item.input = delta === undefined ? whole || told : told + delta;
    item.ended = delta === undefined;
    if (delta === undefined && Object.keys(more).length === 0) return NOTHING;
    return [{ type: "tool-call", part, ...more, ...(type === "custom_tool_call" && { input: item.input }) }];
  }

  #annotation(event: ResponsesEvent): ChatDelta[] {
    const item = event.annotation && this.#items.ofDelta(event, ["message"]);
    return item === undefined ? NOTHING : [this.#source(item, event.annotation!)];
  }

  #source({ cited }: ToldItem, found: Annotation): ChatDelta {
    const key = keyOf(found);
    cited.set(key, (cited.get(key) ?? 0) + 1);
    const { url, file_id: documentId, title, filename } = found;
    return { ...source({ url, documentId, title: title ?? filename }), providerMetadata: this.#own({ annotation: found }) };
  }

  /** An item that is complete: what its deltas have not told yet, and what goes back with the next call. */
  #done(item: Item, told: ToldItem | undefined): ChatDelta[] {
    if (told === undefined) return NOTHING;
    this.#items.close(told, item);
    if (item.type === "message") return this.#message(told, item);
    if (item.type === "reasoning") return this.#reasoning(told, item);
    const result = resultOf(item, this.#lastCallId, this.#host.id);
    if (result !== undefined) return [result];
    const call = endTool(item, told.part, this.#host.id, told.input);
    if (call === undefined) return [this.#opaque(told.part, item, true)];
    this.#lastCallId = item.call_id || item.id || this.#lastCallId;
    return call;
  }

  /** The items of the whole response that had no events, and reasoning that was encrypted only there. */
  #rest(output: readonly Item[]): ChatDelta[] {
    const out: ChatDelta[] = [];
    for (const [item, told] of this.#items.ofList(output)) {
      if (!told.done) out.push(...this.#done(item, told));
      else if (item.encrypted_content && !told.item?.encrypted_content) out.push(...this.#reasoning(told, item));
    }
    for (const told of this.#items.nameless()) out.push(...this.#done(told.item!, told));
    return out;
  }

  #message(told: ToldItem, item: Item): ChatDelta[] {
    const pieces = piecesOf(item.content);
    const out = this.#said.rest(
      told,
      pieces.map(({ text = "", refusal, logprobs }): Said =>
        typeof refusal === "string" ? { kind: "refusal", text: refusal } : { kind: "text", text, logprobs },
      ),
    );
    if (item.id)
      for (const piece of told.pieces)
        if (!piece.named) out.push({ ...toWords(piece.kind, "", piece.part), ...this.#said.nameOf(piece, item) });
    for (const found of pieces.flatMap(({ annotations }) => annotations ?? [])) {
      const key = keyOf(found);
      const times = told.cited.get(key) ?? 0;
      if (times === 0) out.push(this.#source(told, found));
      told.cited.set(key, Math.max(0, times - 1));
    }
    return out;
  }

  /** The item itself goes onto the last part of its text, or onto one without any. */
  #reasoning(told: ToldItem, item: Item): ChatDelta[] {
    const said = (pieces: unknown, kind: Kind) => piecesOf(pieces).map(({ text = "" }): Said => ({ kind, text }));
    const out = this.#said.rest(told, [...said(item.summary, "summary"), ...said(item.content, "thought")]);
    const last = told.pieces.at(-1);
    return [...out, this.#opaque(last?.part ?? told.part, item, last === undefined)];
  }

  /** Reasoning that says nothing is how an item travels that only the vendor can read. */
  #opaque(part: number, item: Item, redacted: boolean): ChatDelta {
    return { type: "reasoning", part, text: "", ...(redacted && { redacted }), providerMetadata: this.#own({ item }) };
  }

  #own(metadata: Record<string, unknown>): ProviderMetadata {
    return { [this.#host.id]: metadata };
  }
}

/** The same source may be cited in several places. */
function keyOf({ url, file_id: file, start_index: start, end_index: end, index }: Annotation): string {
  return JSON.stringify([url, file, start, end, index]);
}
