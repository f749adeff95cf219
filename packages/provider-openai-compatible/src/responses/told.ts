import { isWords, wordsOf, type Item } from "./items.ts";
import type { Kind } from "./quirks.ts";

/**
 * What an event says of the item that it belongs to. Servers leave each of these out, or send it
 * wrong.
 */
export interface Address {
  item_id?: string | null | undefined;
  output_index?: number | undefined;
  content_index?: number | undefined;
}

/**
 * Pieces of a text that are kept before they are joined: a string that grows with each delta costs
 * more.
 */
const MOST_WORDS = 256;

/** A run of words of one kind, which is one part of our message. */
export class Piece {
  readonly kind: Kind;
  /** The key of the piece in the deltas. */
  readonly part: number;
  /** Its number in the item, where the wire gives one. */
  readonly index: number | undefined;
  /** The address of its last delta: the next one that has the same needs no search. */
  itemId: Address["item_id"];
  output: Address["output_index"];
  content: Address["content_index"];
  /** Something of it is told, and the id of its item with it. */
  begun = false;
  named = false;
  done = false;
  #text = "";
  readonly #words: string[] = [];

  constructor(kind: Kind, part: number, index: number | undefined) {
    this.kind = kind;
    this.part = part;
    this.index = index;
  }

  push(words: string): void {
    if (this.#words.push(words) === MOST_WORDS) this.#join();
  }

  get text(): string {
    this.#join();
    return this.#text;
  }

  #join(): void {
    this.#text += this.#words.join("");
    this.#words.length = 0;
  }

  /** All of it has been told, as a part of something else. */
  tellAs(words: string): void {
    this.push(words);
    this.begun = true;
    this.named = true;
    this.done = true;
  }

  follow({ item_id: itemId, output_index: output, content_index: content }: Address): this {
    this.itemId = itemId;
    this.output = output;
    this.content = content;
    return this;
  }
}

/** Stands for no piece: no delta has its address. */
export const NO_PIECE: Piece = new Piece("text", -1, -1).follow({ content_index: -1 });

/** An output item, as far as events have told of it. */
export class ToldItem {
  readonly type: string;
  /** The key of a call in the deltas. */
  readonly part: number;
  readonly index: number | undefined;
  readonly pieces: Piece[] = [];
  /** How often each source has been told. */
  readonly cited: Map<string, number> = new Map();
  /** As the wire had it last. Absent where only deltas have come. */
  item: Item | undefined;
  /** The id of its last delta, where that is another one. */
  alias: string | undefined;
  /** The input of a call, as far as it is told. */
  input = "";
  begun = false;
  /** All of its input has come. */
  ended = false;
  done = false;
  /**
   * Deltas have come after its end: they, and the next end of an item of this name, are about
   * another one.
   */
  late = false;

  constructor(type: string, part: number, index: number | undefined) {
    this.type = type;
    this.part = part;
    this.index = index;
  }

  /** Everything that has been told of the item. */
  get words(): string {
    return isWords(this.type) ? this.pieces.map(({ text }) => text).join("") : this.input;
  }

  /** The piece that words of this kind go on with, if there is one. */
  piece(kind: Kind, index: number | undefined): Piece | undefined {
    const last = this.pieces.at(-1);
    if (last === undefined || last.done || last.kind !== kind) return undefined;
    return index === undefined || last.index === undefined || last.index === index ? last : undefined;
  }

  /** Whether a piece of it has said just that. */
  says({ kind, text }: { kind: Kind; text: string }): boolean {
    return this.pieces.some((piece) => piece.kind === kind && piece.text === text);
  }

  /** Whether what is told can be a part of this, which a server may have trimmed or left out. */
  agrees(whole: Item): boolean {
    const told = this.words.trim();
    const said = wordsOf(whole).trim();
    return said.startsWith(told) || told.startsWith(said) || said === "{}";
  }

  /** Only deltas have told of it, and at another index. */
  isElsewhere(index: number | undefined): boolean {
    return this.item === undefined && index !== undefined && this.index !== undefined && index !== this.index;
  }

  isNamed({ id, call_id: callId }: Item): boolean {
    if (callId && this.item?.call_id) return callId === this.item.call_id;
    return !!id && (id === this.item?.id || id === this.alias);
  }

  /** Both are calls, of two different tools. */
  isOther({ name }: Item): boolean {
    return !!name && !!this.item?.name && name !== this.item.name;
  }

  /** Both have ids, and not the same. */
  contradicts({ id, call_id: callId }: Item): boolean {
    const own = this.item ?? {};
    return callId && own.call_id ? callId !== own.call_id : !!id && !!own.id && id !== own.id;
  }
}
