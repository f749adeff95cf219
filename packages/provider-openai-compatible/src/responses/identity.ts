import { isWords, wordsOf, type Item } from "./items.ts";
import type { ItemTypes, Kind } from "./quirks.ts";
import { Piece, ToldItem, type Address } from "./told.ts";

/** Items that are searched for one that an event may belong to. */
const MOST_OPEN = 64;

/**
 * How an item of the list at the end is recognised, the surest way first. Without a key it is not.
 */
const KEYS: readonly ((item: Item, words: string) => string | undefined)[] = [
  ({ type, id, call_id: callId }, words) => (id || callId ? `${type} ${callId || id} ${words}` : undefined),
  ({ type, name, encrypted_content: sealed }, words) => `${type} ${name} ${words} ${sealed}`,
  ({ type, name }, words) => `${type} ${name} ${words}`,
  ({ type, call_id: callId }) => (callId ? `${type} ${callId}` : undefined),
  ({ type, id }) => (id ? `${type} ${id}` : undefined),
];

/**
 * The items of one response, and which of them an event is about. Ids and indexes help where they
 * are right: llama-server sends no index, others always send 0, and there are gateways that give an
 * item another id with every event (2026-11). So what is open and of a fitting type counts as well.
 */
export class ToldItems {
  readonly #all: ToldItem[] = [];
  #open: ToldItem[] = [];
  /**
   * By type and id: the last item that has it, as its own, as its call's, or as that of its last
   * delta.
   */
  readonly #named = new Map<string, ToldItem>();
  /**
   * By type: words of items that turned out not to be theirs. The items that run into each other do
   * so in order.
   */
  readonly #excess = new Map<string, string>();
  #parts = 0;

  /** A new piece of an item. */
  begin(item: ToldItem, kind: Kind, index: number | undefined): Piece {
    const piece = new Piece(kind, this.#parts++, index);
    item.pieces.push(piece);
    return piece;
  }

  /**
   * Calls that never began, of which the end of their input has told all the same what they call.
   */
  nameless(): ToldItem[] {
    return this.#open.filter(({ begun, item }) => !begun && item?.name !== undefined);
  }

  /**
   * The item that a delta belongs to; a new one is of the first type. Undefined where it is over.
   */
  ofDelta({ item_id: id, output_index: index }: Address, types: ItemTypes): ToldItem | undefined {
    for (const type of id ? types : []) {
      const named = this.#named.get(`${type} ${id}`);
      if (named?.done) {
        named.late = true;
        return undefined;
      }
      if (named !== undefined && !named.ended) return named;
    }
    const open = this.#open.filter((told) => types.includes(told.type) && !told.ended && !told.isElsewhere(index));
    const found = onlyAt(index, open) ?? open.at(-1) ?? this.#add({ type: types[0] }, index);
    if (id) this.#rename(found, id);
    return found;
  }

  /** The item that begins here. Some servers say so twice. */
  ofAdded(item: Item, index: number | undefined): ToldItem {
    const named = this.#namedAs(item);
    const again =
      named !== undefined && !named.done && !named.contradicts(item) && !named.isOther(item) && (!!item.call_id || named.words === "");
    const told = again ? named : this.#add(item, index);
    told.item = item;
    told.begun = true;
    return told;
  }

  /** The item that is complete here. Undefined where all of it has been told. */
  ofDone(item: Item, index: number | undefined): ToldItem | undefined {
    return !this.#namedAs(item)?.late && this.#isOver(item, index)
      ? undefined
      : (this.#fitting(item, index, this.#open) ?? this.#addWhole(item, index));
  }

  /**
   * The items of the list at the end, each with what is told of it. Those that other items have
   * told are left out.
   */
  *ofList(items: readonly Item[]): Generator<[item: Item, told: ToldItem]> {
    const free = new Set(this.#all);
    const found = new Map<Item, ToldItem>();
    const take = (item: Item, told: ToldItem | undefined) => {
      if (told !== undefined && free.delete(told)) found.set(item, told);
    };
    for (const item of items) if (this.#isOver(item)) take(item, this.#namedAs(item));
    for (const key of KEYS) if (found.size < items.length && free.size > 0) recognise(items, key, free, found, take);
    for (const item of items) {
      const known = found.get(item);
      if (known === undefined && this.#isOver(item)) continue;
      const open = known === undefined ? this.#open.filter((told) => free.has(told)) : [];
      const told = known ?? this.#fitting(item, undefined, open) ?? this.#addWhole(item, undefined);
      free.delete(told);
      yield [item, told];
    }
  }

  close(told: ToldItem, item: Item): void {
    const { words, type } = told;
    const whole = wordsOf(item);
    if (isWords(type) && words.startsWith(whole)) this.#excess.set(type, (this.#excess.get(type) ?? "") + words.slice(whole.length));
    told.item = item;
    told.done = true;
    this.#open = this.#open.filter((other) => other !== told);
    this.#name(told, item);
  }

  /** The open item that this one is the whole of. */
  #fitting(item: Item, index: number | undefined, open: readonly ToldItem[]): ToldItem | undefined {
    const alike = open.filter(({ type }) => type === item.type);
    const named = alike.filter((told) => told.isNamed(item));
    const fitting =
      named.length > 0 ? named : alike.filter((told) => !told.isOther(item) && (told.agrees(item) || !told.contradicts(item)));
    const agreeing = some(fitting, (told) => told.agrees(item));
    const best = some(agreeing, (told) => told.words === wordsOf(item));
    return onlyAt(index, best) ?? best.toSorted((one, other) => other.words.length - one.words.length)[0];
  }

  #add(item: Item, index: number | undefined): ToldItem {
    const told = new ToldItem(item.type ?? "", this.#parts++, index);
    this.#all.push(told);
    if (this.#open.push(told) > MOST_OPEN) this.#open.shift();
    this.#name(told, item);
    return told;
  }

  /** One that no event has been about, unless its words were taken for another's. */
  #addWhole(item: Item, index: number | undefined): ToldItem {
    const told = this.#add(item, index);
    const excess = this.#excess.get(told.type) ?? "";
    const whole = wordsOf(item);
    if (!isWords(told.type) || whole === "" || !excess.startsWith(whole)) return told;
    this.#excess.set(told.type, excess.slice(whole.length));
    this.begin(told, "text", undefined).tellAs(whole);
    return told;
  }

  /** This very item is complete already. */
  #isOver(item: Item, index?: number): boolean {
    const named = this.#namedAs(item);
    // Where all items have one id, another one is open: its deltas came after this one's end, or
    // its index is another.
    if (index !== undefined && named?.index !== undefined && index !== named.index) return false;
    return named?.item !== undefined && named.done && named.item.name === item.name && plain(named.item) === plain(item);
  }

  #namedAs({ type, id, call_id: callId }: Item): ToldItem | undefined {
    return this.#named.get(`${type} ${callId || id || ""}`);
  }

  #name(told: ToldItem, { id, call_id: callId }: Item): void {
    if (id) this.#named.set(`${told.type} ${id}`, told);
    if (callId) this.#named.set(`${told.type} ${callId}`, told);
  }

  /** Of the ids of deltas only the last is kept: where each has its own, they are many. */
  #rename(told: ToldItem, id: string): void {
    if (told.alias !== undefined) this.#named.delete(`${told.type} ${told.alias}`);
    told.alias = id;
    this.#named.set(`${told.type} ${id}`, told);
  }
}

/** Filters a list, but returns the whole list where no element passes. */
function some(items: readonly ToldItem[], test: (told: ToldItem) => boolean): readonly ToldItem[] {
  const found = items.filter(test);
  return found.length > 0 ? found : items;
}

/** The one of them with this index, which says nothing where several have it. */
function onlyAt(index: number | undefined, items: readonly ToldItem[]): ToldItem | undefined {
  const there = index === undefined ? [] : items.filter((told) => told.index === index);
  return there.length === 1 ? there[0] : undefined;
}

/**
 * Matches what is left of the list and of what is told by a key, in order: of what is told, by its
 * words and by those of its whole.
 */
function recognise(
  items: readonly Item[],
  key: (typeof KEYS)[number],
  free: ReadonlySet<ToldItem>,
  found: ReadonlyMap<Item, ToldItem>,
  take: (item: Item, told: ToldItem | undefined) => void,
): void {
  const byKey = new Map<string, ToldItem[]>();
  for (const told of [...free].toReversed()) {
    const { type, item = { type } } = told;
    const words = [compact(type, told.words), ...(told.done ? [plain(item)] : [])];
    for (const name of new Set(words.map((text) => key(item, text)))) {
      if (name === undefined) continue;
      const there = byKey.get(name);
      if (there === undefined) byKey.set(name, [told]);
      else there.push(told);
    }
  }
  for (const item of items) {
    if (found.has(item)) continue;
    const there = byKey.get(key(item, plain(item)) ?? "") ?? [];
    while (there.length > 0 && !free.has(there.at(-1)!)) there.pop();
    take(item, there.pop());
  }
}

function plain(item: Item): string {
  return compact(item.type ?? "", wordsOf(item));
}

/** Words without blanks round them, JSON without any. */
function compact(type: string, words: string): string {
  if (isWords(type)) return words.trim();
  try {
    return JSON.stringify(JSON.parse(words || "{}"));
  } catch {
    return words;
  }
}
