import { LlmError } from "../error.ts";

/** The longest line that is buffered, in characters: well above the largest event seen (a 10 MB picture), well below what hurts. */
const MAX_LINE_CHARACTERS = 64 * 1024 * 1024;
const BOM = 0xfeff;
const LF = 10;
const NONE = -1;
/** One for all streams: it is only given whole characters, so it keeps no state. */
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Bytes in, lines out, by LF, CRLF or CR, split anywhere. Linear: pieces of an unfinished line are kept apart and joined once,
 * and no character is searched twice. Throws `invalid-response` for a line longer than `maxCharacters`.
 */
export abstract class LineReader {
  readonly #maxCharacters: number;
  /** The bytes of a character that was split: Node's decoder is several times faster without `stream: true`. */
  #carried: Uint8Array | undefined;
  #pieces: string[] = [];
  #held = 0;
  /** Not part of a line where it comes first: a byte order mark, or the LF of a CRLF that two chunks share. */
  #drop = BOM;

  constructor(maxCharacters: number = MAX_LINE_CHARACTERS) {
    this.#maxCharacters = maxCharacters;
  }

  /** Takes one line: the characters of `text` from `start` to `end`, without its ending. No copy is made of it here. */
  protected abstract line(text: string, start: number, end: number): void;

  /** Looks at whole lines itself, at the beginning of one in a text without CR, and returns where the first begins that it leaves to `line`. */
  protected abstract skim(text: string, start: number): number;

  /** Tells every line that these bytes complete. */
  protected split(bytes: Uint8Array): void {
    const text = this.#decode(bytes);
    if (text === "") return;
    const start = text.charCodeAt(0) === this.#drop ? 1 : 0;
    this.#drop = NONE;
    this.#lines(text, start);
  }

  /** Tells the last line, where the stream ended without a line ending. */
  protected last(): void {
    if (this.#pieces.length > 0) this.#finish("", 0, 0);
  }

  #lines(text: string, from: number): void {
    let cr = text.indexOf("\r", from);
    let start = cr === -1 && this.#pieces.length === 0 ? this.skim(text, from) : from;
    let lf = text.indexOf("\n", start);
    while (lf !== -1 || cr !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      this.#finish(text, start, end);
      start = end + 1;
      if (end === cr) {
        if (start === text.length) this.#drop = LF;
        else if (lf === start) start++;
        cr = text.indexOf("\r", start);
      }
      if (cr === -1) start = this.skim(text, start);
      if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
    }
    if (start < text.length) this.#keep(start === 0 ? text : text.slice(start));
  }

  #finish(text: string, start: number, end: number): void {
    if (this.#pieces.length === 0) return this.line(text, start, end);
    this.#pieces.push(text.slice(start, end));
    const line = this.#pieces.join("");
    this.#pieces = [];
    this.#held = 0;
    this.line(line, 0, line.length);
  }

  #keep(piece: string): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
    if (this.#held > this.#maxCharacters)
      throw new LlmError("invalid-response", `The response holds a line of more than ${this.#maxCharacters} characters.`);
  }

  /** Decodes whole characters only and carries the bytes of a split one over. Bytes that are no UTF-8 become U+FFFD. */
  #decode(bytes: Uint8Array): string {
    let input = bytes;
    const carried = this.#carried;
    if (carried !== undefined) {
      input = new Uint8Array(carried.length + bytes.length);
      input.set(carried);
      input.set(bytes, carried.length);
      this.#carried = undefined;
    }
    const whole = wholeCharacters(input);
    if (whole < input.length) {
      this.#carried = input.slice(whole);
      input = input.subarray(0, whole);
    }
    return DECODER.decode(input);
  }
}

/** How many of the bytes belong to characters that are complete. Looks at the last three at most. */
function wholeCharacters(bytes: Uint8Array): number {
  const length = bytes.length;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length - back : length;
  }
  return length;
}
