import type { ChatDelta, ProviderMetadata } from "@plurivox/core/provider";
import { toLogprob, type WireLogprob } from "../response.ts";
import type { ToldItems } from "./identity.ts";
import type { Item } from "./items.ts";
import type { Kind } from "./quirks.ts";
import type { Piece, ToldItem } from "./told.ts";

/** Words of an item in one piece. */
export interface Said {
  kind: Kind;
  text: string;
  logprobs?: WireLogprob[] | null | undefined;
}

const NOTHING: ChatDelta[] = [];

/** Tells the words of items, each once. */
export class Words {
  readonly #items: ToldItems;
  readonly #provider: string;
  /** By type of item: what said something last. */
  readonly #last: Record<string, { item: ToldItem; kind: Kind }> = {};

  constructor(items: ToldItems, provider: string) {
    this.#items = items;
    this.#provider = provider;
  }

  /** The part begins with what is known of its item. */
  say(item: ToldItem, piece: Piece, { kind, text, logprobs }: Said): ChatDelta[] {
    if (text === "" && !logprobs?.length) return NOTHING;
    const delta = toWords(kind, text, piece.part);
    if (!piece.begun) this.#begin(item, piece, delta);
    piece.push(text);
    return logprobs?.length ? [delta, toLogprobs(logprobs)] : [delta];
  }

  #begin(item: ToldItem, piece: Piece, delta: ChatDelta & { paragraph?: true }): void {
    piece.begun = true;
    const last = this.#last[item.type];
    const goesOn = last?.item === item && piece.kind !== "summary" && last.kind !== "summary";
    if (last !== undefined && !goesOn) delta.paragraph = true;
    this.#last[item.type] = { item, kind: piece.kind };
    if (item.type === "message" && item.item?.id) Object.assign(delta, this.nameOf(piece, item.item));
  }

  /** All words of a piece, at its end. What comes then is another piece, whatever index it has. */
  end(item: ToldItem, open: Piece | undefined, said: Said, index: number | undefined): ChatDelta[] {
    if (open === undefined && (said.text === "" || item.says(said))) return NOTHING;
    const piece = open ?? this.#items.begin(item, said.kind, index);
    const told = piece.text;
    piece.done = true;
    if (told === "") return this.say(item, piece, said);
    return said.text.startsWith(told) ? this.say(item, piece, { kind: said.kind, text: said.text.slice(told.length) }) : NOTHING;
  }

  /**
   * What of the words of an item is not told: all that comes after what is, or where that is
   * something else, pieces of which nothing is.
   */
  rest(item: ToldItem, all: readonly Said[]): ChatDelta[] {
    const { words, pieces } = item;
    const { length } = pieces;
    const whole = all.reduce((text, said) => text + said.text, "");
    const follows = whole.startsWith(words);
    if (!follows && (length >= all.length || words.trim().startsWith(whole.trim()))) return NOTHING;
    let skip = follows ? words.length : 0;
    return all.flatMap((said, index) => {
      if (!follows && item.says(said)) return [];
      const begun = skip > 0 && skip < said.text.length;
      const left = skip === 0 ? said : { kind: said.kind, text: said.text.slice(skip) };
      skip = Math.max(0, skip - said.text.length);
      return left.text === "" ? [] : this.say(item, begun ? pieces[length - 1]! : this.#items.begin(item, said.kind, index), left);
    });
  }

  /** What of its item goes back with a piece of text. */
  nameOf(piece: Piece, { id: itemId, phase }: Item): { providerMetadata: ProviderMetadata } {
    piece.named = true;
    return { providerMetadata: { [this.#provider]: { itemId, ...(phase && { phase }) } } };
  }
}

export function toWords(kind: Kind, text: string, part: number): ChatDelta & { type: "text" | "reasoning" } {
  if (kind === "text") return { type: "text", text, part };
  return kind === "refusal" ? { type: "text", text, part, refusal: true } : { type: "reasoning", text, part };
}

export function toLogprobs(logprobs: readonly WireLogprob[]): ChatDelta {
  return { type: "logprobs", logprobs: logprobs.map(toLogprob) };
}
