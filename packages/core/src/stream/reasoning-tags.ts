import { LlmError } from "../error.ts";
import { keepShape } from "../http/shape.ts";
import type { ReasoningTag } from "../model/policy.ts";
import { MarkdownCode, MARKS } from "./markdown-code.ts";

export interface TaggedText {
  type: "text" | "reasoning";
  text: string;
}

export interface TagSplitter {
  /** What this piece completes; no text in it is empty. At most what may become a tag is held back. */
  push(text: string): TaggedText[];
  /** What was held back. Reasoning that is still open has ended with the text. */
  end(): TaggedText[];
}

export const DEFAULT_TAGS: readonly ReasoningTag[] = [
  { start: "<think>", end: "</think>" },
  { start: "<thinking>", end: "</thinking>" },
  { start: "[THINK]", end: "[/THINK]" },
];

const LINE_BREAKS = "\r\n";
const ASCII = 128;

/**
 * Splits tagged reasoning out of one text, in time linear in it, the same however it is cut.
 *
 * A start tag counts anywhere but in Markdown code; reasoning goes on to the first end tag of its kind, whatever stands before that.
 * An end tag alone is text. Left out are the tags, the line breaks right after a start tag, and those right after an end tag whose
 * start tag began a line; every other character is passed on. Throws `configuration` for tags that could not be told from no tag.
 */
export function splitTags(tags: readonly ReasoningTag[]): TagSplitter {
  for (const { start, end, fromBeginning } of tags) {
    if (end === "" || (start === "" && !fromBeginning))
      throw new LlmError("configuration", "A reasoning tag needs a start and an end, or an end and fromBeginning.");
  }
  return new Splitter(tags);
}

class Splitter implements TagSplitter {
  readonly #tags: readonly ReasoningTag[];
  /** The characters that a start tag may begin with. */
  readonly #firsts: readonly number[];
  /** By code: 1 for the characters of ASCII that may matter in the middle of a line. */
  readonly #matters = new Uint8Array(ASCII);
  readonly #asciiOnly: boolean;
  readonly #code = new MarkdownCode();
  /** The tag whose reasoning this is. */
  #inside: ReasoningTag | undefined;
  /** The reasoning that began without a tag; one may follow. */
  #untagged: ReasoningTag | undefined;
  /** Line breaks are left out until something else comes. */
  #trim: boolean;
  #ownLine = true;
  #held = "";
  #ended = false;
  #out: TaggedText[] = [];

  constructor(tags: readonly ReasoningTag[]) {
    this.#tags = tags.filter(({ start }) => start !== "");
    this.#firsts = [...new Set(this.#tags.map(({ start }) => start.charCodeAt(0)))];
    for (const code of [...MARKS, ...this.#firsts]) if (code < ASCII) this.#matters[code] = 1;
    this.#asciiOnly = this.#firsts.every((code) => code < ASCII);
    this.#inside = this.#untagged = tags.find(({ fromBeginning }) => fromBeginning);
    this.#trim = this.#inside !== undefined;
  }

  push(text: string): TaggedText[] {
    if (this.#passes(text)) return text === "" ? [] : [{ type: "text", text }];
    const all = this.#held + text;
    this.#held = "";
    this.#out = [];
    let at = 0;
    while (at < all.length) {
      if (this.#trim && LINE_BREAKS.includes(all[at]!)) at++;
      else at = this.#inside === undefined ? this.#text(all, at) : this.#reasoning(all, at, this.#inside);
    }
    return this.#out;
  }

  end(): TaggedText[] {
    this.#ended = true;
    return this.push("");
  }

  /** Whether it is all text and changes nothing, as most pieces of an answer. */
  #passes(text: string): boolean {
    if (this.#inside !== undefined || this.#held !== "" || this.#trim || !this.#code.settled) return false;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code < ASCII ? this.#matters[code] === 1 : !this.#asciiOnly) return false;
    }
    return true;
  }

  #text(all: string, from: number): number {
    this.#trim = false;
    for (let at = from; at < all.length; at++) {
      const code = all.charCodeAt(at);
      if (this.#firsts.includes(code) && !this.#code.holds(code)) {
        const tag = this.#tags.find(({ start }) => this.#mayBegin(start, all, at));
        if (tag !== undefined) {
          this.#emit("text", all.slice(from, at));
          if (!all.startsWith(tag.start, at)) return this.#hold(all, at);
          this.#inside = tag;
          this.#trim = true;
          this.#ownLine = this.#code.lineStart;
          return at + tag.start.length;
        }
      }
      this.#code.next(code);
    }
    this.#emit("text", all.slice(from));
    return all.length;
  }

  #reasoning(all: string, from: number, { start, end }: ReasoningTag): number {
    if (this.#untagged !== undefined && start !== "" && this.#mayBegin(start, all, from)) {
      if (!all.startsWith(start, from)) return this.#hold(all, from);
      this.#untagged = undefined;
      return from + start.length;
    }
    this.#untagged = undefined;
    this.#trim = false;
    const found = all.indexOf(end, from);
    if (found !== -1) {
      this.#emit("reasoning", all.slice(from, found));
      this.#inside = undefined;
      this.#trim = this.#ownLine;
      return found + end.length;
    }
    let at = Math.max(from, all.length - end.length + 1);
    while (at < all.length && !this.#mayBegin(end, all, at)) at++;
    this.#emit("reasoning", all.slice(from, at));
    return this.#hold(all, at);
  }

  /** The tag stands here, or all that there is of the text is its beginning. */
  #mayBegin(tag: string, all: string, at: number): boolean {
    if (all.startsWith(tag, at)) return true;
    return !this.#ended && all.length - at < tag.length && tag.startsWith(all.slice(at));
  }

  #hold(all: string, at: number): number {
    this.#held = all.slice(at);
    return all.length;
  }

  #emit(type: TaggedText["type"], text: string): void {
    if (text === "") return;
    const last = this.#out.at(-1);
    if (last?.type === type) last.text += text;
    else this.#out.push({ type, text });
  }
}

keepShape(new Splitter(DEFAULT_TAGS));
