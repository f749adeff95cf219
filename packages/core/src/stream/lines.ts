import { LlmError } from "../error.ts";

/** Takes one line: the characters of `text` from `start` to `end`, without its ending. No copy is made of it here. */
export type OnLine = (text: string, start: number, end: number) => void;

/** Looks at whole lines itself, at the beginning of one in a text without CR, and returns where the first begins that it leaves to `OnLine`. */
export type Skim = (text: string, start: number) => number;

export interface LineSplitter {
  /** Every line that these bytes complete. */
  push(bytes: Uint8Array): void;
  /** The last line, where the stream ended without a line ending. */
  end(): void;
}

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
export function splitLines(onLine: OnLine, skim: Skim, maxCharacters: number = MAX_LINE_CHARACTERS): LineSplitter {
  const decode = utf8Decoder();
  let pieces: string[] = [];
  let held = 0;
  /** Not part of a line where it comes first: a byte order mark, or the LF of a CRLF that two chunks share. */
  let drop = BOM;

  function finish(text: string, start: number, end: number): void {
    if (pieces.length === 0) return onLine(text, start, end);
    pieces.push(text.slice(start, end));
    const line = pieces.join("");
    pieces = [];
    held = 0;
    onLine(line, 0, line.length);
  }

  function split(text: string, from: number): void {
    let cr = text.indexOf("\r", from);
    let start = cr === -1 && pieces.length === 0 ? skim(text, from) : from;
    let lf = text.indexOf("\n", start);
    while (lf !== -1 || cr !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      finish(text, start, end);
      start = end + 1;
      if (end === cr) {
        if (start === text.length) drop = LF;
        else if (lf === start) start++;
        cr = text.indexOf("\r", start);
      }
      if (cr === -1) start = skim(text, start);
      if (lf !== -1 && lf < start) lf = text.indexOf("\n", start);
    }
    if (start === text.length) return;
    pieces.push(start === 0 ? text : text.slice(start));
    held += text.length - start;
    if (held > maxCharacters) throw new LlmError("invalid-response", `The response holds a line of more than ${maxCharacters} characters.`);
  }

  return {
    push(bytes) {
      const text = decode(bytes);
      if (text === "") return;
      const start = text.charCodeAt(0) === drop ? 1 : 0;
      drop = NONE;
      split(text, start);
    },
    end() {
      if (pieces.length > 0) finish("", 0, 0);
    },
  };
}

/**
 * Decodes whole characters only and carries the bytes of a split one over: Node's decoder is several times faster without `stream: true`.
 * Bytes that are no UTF-8 become U+FFFD.
 */
function utf8Decoder(): (bytes: Uint8Array) => string {
  let carried: Uint8Array | undefined;
  return (bytes) => {
    let input = bytes;
    if (carried !== undefined) {
      input = new Uint8Array(carried.length + bytes.length);
      input.set(carried);
      input.set(bytes, carried.length);
      carried = undefined;
    }
    const whole = wholeCharacters(input);
    if (whole < input.length) {
      carried = input.slice(whole);
      input = input.subarray(0, whole);
    }
    return DECODER.decode(input);
  };
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
