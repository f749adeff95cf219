const LF = 10;
const TICK = 96;
const TILDE = 126;
const NONE = -1;
const QUOTE = 62;
/** Space, tab, CR, and the mark of a quotation, in which a fence may stand as well. */
const INDENT: ReadonlySet<number> = new Set([32, 9, 13, QUOTE]);

/** All that may begin or end code. */
export const MARKS: readonly number[] = [LF, TICK, TILDE];

/**
 * Follows Markdown, character by character, as far as it takes to know what is code: fenced blocks and spans in backticks, by
 * https://spec.commonmark.org/0.31.2/. Unlike there, a span ends with its line, so that a stray backtick turns no more than a line into code,
 * and a fence may be indented by more than three spaces, as it is in lists.
 */
export class MarkdownCode {
  /** Only indentation has come on this line. */
  lineStart = true;
  #within: "text" | "span" | "fence" = "text";
  /** What closes the code: a run of `#mark`, exactly or at least as long. */
  #mark = TICK;
  #length = 0;
  /** The span may turn out to be the first line of a fence. */
  #opening = false;
  /** A fence's closing run has come, and nothing after it. */
  #closing = false;
  #runMark = NONE;
  #run = 0;
  #runAtStart = false;

  /** Nothing changes any more on this line before one of `MARKS` comes. */
  get settled(): boolean {
    return !this.lineStart && this.#runMark === NONE && !this.#closing;
  }

  /** Whether the character that comes now stands in code. */
  holds(code: number): boolean {
    if (code !== this.#runMark) this.#endRun();
    return this.#within !== "text";
  }

  next(code: number): void {
    if (code === this.#runMark) {
      this.#run++;
      return;
    }
    if (this.#runMark !== NONE) this.#endRun();
    if (code <= QUOTE && !this.#isInk(code)) return;
    if (code === TICK || code === TILDE) this.#beginRun(code);
    this.lineStart = false;
    this.#closing = false;
  }

  /** False for what indents and what ends a line. */
  #isInk(code: number): boolean {
    if (code === LF) this.#endLine();
    return code !== LF && !INDENT.has(code);
  }

  #beginRun(mark: number): void {
    this.#runMark = mark;
    this.#run = 1;
    this.#runAtStart = this.lineStart;
  }

  #endRun(): void {
    const mark = this.#runMark;
    if (mark === NONE) return;
    const long = this.#runAtStart && this.#run >= 3;
    this.#runMark = NONE;
    if (this.#within === "fence") {
      this.#closing = long && mark === this.#mark && this.#run >= this.#length;
    } else if (this.#within === "span") {
      if (mark === TICK && this.#run === this.#length) this.#within = "text";
      else if (mark === TICK) this.#opening = false;
    } else if (mark === TICK || long) {
      this.#within = mark === TICK ? "span" : "fence";
      this.#mark = mark;
      this.#length = this.#run;
      this.#opening = long;
    }
  }

  #endLine(): void {
    if (this.#within === "span") this.#within = this.#opening ? "fence" : "text";
    else if (this.#closing) this.#within = "text";
    this.#closing = false;
    this.lineStart = true;
  }
}
