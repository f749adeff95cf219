import { LlmError } from "../error.ts";

/**
 * A JSON value that grows while its text arrives.
 *
 * `value` is one object or array, changed in place: a string in it grows with every piece, while numbers, literals and keys appear once they
 * are certain. It is undefined before the first of it has come. Text that is no JSON ends the growth and nothing else: `value` stays as it was.
 *
 * Before the value there may be words or the opening of a Markdown fence: where the text does not begin like JSON, or goes on after a string,
 * number or literal, it is skipped up to the first `{` or `[`. What follows an object or array is ignored.
 */
export interface PartialJson {
  /** Takes the next piece and says whether `value` has changed. Throws `invalid-output` at more than 1,000 levels. */
  push(text: string): boolean;
  /** The text is over, which makes a number certain that is all of it. Says whether `value` has changed. */
  end(): boolean;
  readonly value: unknown;
  /** The object or array has closed; of a string, number or literal, that the text has ended with it. */
  readonly complete: boolean;
}

/** Reads in time linear in the text, however it is cut. */
export function partialJson(): PartialJson {
  return new Parser();
}

type State =
  | "skip"
  | "value"
  | "first-value"
  | "key"
  | "first-key"
  | "colon"
  | "string"
  | "escape"
  | "number"
  | "literal"
  | "after"
  | "over";

/** Not for this parser, which does not recurse: for validators, clones and printers of the value, whose stack would overflow. */
const MAX_DEPTH = 1_000;
const LITERALS: ReadonlyMap<string, string> = new Map(["true", "false", "null"].map((word) => [word[0]!, word]));
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }),
);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const NUMBER_CHARACTERS = "0123456789+-.eE";
const HEX = "0123456789abcdefABCDEF";
const SPACE = " \n\r\t";

class Parser implements PartialJson {
  value: unknown;
  complete = false;
  #state: State = "value";
  /** The objects and arrays that are open. */
  readonly #open: (Record<string, unknown> | unknown[])[] = [];
  /** Where the next value, or the string that grows, stands in the innermost object. */
  #key = "";
  /** Of a string: whether it is a key, what of it is shown, and what this piece adds. */
  #isKey = false;
  #shown = "";
  #added = "";
  /** What there is of an escape, a number or a literal. */
  #token = "";
  #changed = false;

  push(text: string): boolean {
    this.#changed = false;
    let at = 0;
    while (at < text.length && this.#state !== "over") at = this.#step(text, at);
    this.#show(false);
    return this.#changed;
  }

  end(): boolean {
    this.#changed = false;
    if (this.#open.length === 0 && this.#state === "number") this.#endNumber();
    if (this.#open.length === 0 && this.#state === "after") this.complete = true;
    return this.#changed;
  }

  /** Reads on at `at` and returns where it stopped: there, where only the state has changed. */
  #step(text: string, at: number): number {
    switch (this.#state) {
      case "skip":
        return this.#skip(text, at);
      case "string":
        return this.#string(text, at);
      case "number":
        return this.#number(text, at);
      case "escape":
        return at + Number(this.#escape(text[at]!));
      case "literal":
        return at + Number(this.#literal(text[at]!));
      default:
        return SPACE.includes(text[at]!) ? at + 1 : at + Number(this.#structure(text[at]!));
    }
  }

  /** Here and below: false where the character was not taken, but has to be read in another state. */
  #structure(char: string): boolean {
    const inArray = Array.isArray(this.#open.at(-1));
    switch (this.#state) {
      case "key":
      case "first-key":
        if (char === '"') return this.#startString(true);
        return char === "}" && this.#state === "first-key" ? this.#close() : this.#fail();
      case "colon":
        return char === ":" ? this.#enter("value") : this.#fail();
      case "after":
        if (this.#open.length === 0) return this.#fail();
        if (char === ",") return this.#enter(inArray ? "value" : "key");
        return char === (inArray ? "]" : "}") ? this.#close() : this.#fail();
      default:
        return char === "]" && this.#state === "first-value" ? this.#close() : this.#begin(char);
    }
  }

  #begin(char: string): boolean {
    this.#token = "";
    if (char === "{") return this.#openWith({}, "first-key");
    if (char === "[") return this.#openWith([], "first-value");
    if (char === '"') return this.#startString(false);
    if (char === "-" || (char >= "0" && char <= "9")) return !this.#enter("number");
    return LITERALS.has(char) ? !this.#enter("literal") : this.#fail();
  }

  #openWith(container: Record<string, unknown> | unknown[], state: State): boolean {
    if (this.#open.length === MAX_DEPTH) {
      this.#state = "over";
      throw new LlmError("invalid-output", `The answer is JSON of more than ${MAX_DEPTH} levels.`, { hint: "Ask for a flatter shape." });
    }
    this.#put(container);
    this.#open.push(container);
    return this.#enter(state);
  }

  #close(): boolean {
    this.#open.pop();
    this.complete = this.#open.length === 0;
    return this.#enter(this.complete ? "over" : "after");
  }

  #startString(isKey: boolean): boolean {
    this.#isKey = isKey;
    this.#shown = "";
    if (!isKey) this.#put("");
    return this.#enter("string");
  }

  #string(text: string, at: number): number {
    let end = at;
    while (end < text.length && isPlain(text.charCodeAt(end))) end++;
    this.#added += text.slice(at, end);
    if (end === text.length) return end;
    if (text[end] === '"') {
      this.#show(true);
      if (this.#isKey) this.#key = this.#shown;
      this.#enter(this.#isKey ? "colon" : "after");
    } else if (text[end] === "\\") {
      this.#token = "";
      this.#enter("escape");
    } else {
      this.#fail();
      return end;
    }
    return end + 1;
  }

  #escape(char: string): boolean {
    if (this.#token === "") {
      const meant = ESCAPES.get(char);
      if (meant === undefined && char !== "u") return this.#fail();
      if (meant === undefined) this.#token = char;
      else this.#unescaped(meant);
      return true;
    }
    if (!HEX.includes(char)) return this.#fail();
    this.#token += char;
    if (this.#token.length === 5) this.#unescaped(String.fromCharCode(Number.parseInt(this.#token.slice(1), 16)));
    return true;
  }

  #unescaped(char: string): void {
    this.#added += char;
    this.#enter("string");
  }

  /** Puts what was added to a string where it belongs: once a piece. Half of a surrogate pair waits for the other. */
  #show(whole: boolean): void {
    const added = this.#added;
    const end = whole || !isHighSurrogate(added.charCodeAt(added.length - 1)) ? added.length : added.length - 1;
    if (end === 0) return;
    this.#added = added.slice(end);
    this.#shown += added.slice(0, end);
    if (this.#isKey) return;
    const parent = this.#open.at(-1);
    if (parent === undefined) this.value = this.#shown;
    else if (Array.isArray(parent)) parent[parent.length - 1] = this.#shown;
    else parent[this.#key] = this.#shown;
    this.#changed = true;
  }

  #number(text: string, at: number): number {
    let end = at;
    while (end < text.length && NUMBER_CHARACTERS.includes(text[end]!)) end++;
    this.#token += text.slice(at, end);
    if (end < text.length) this.#endNumber();
    return end;
  }

  #endNumber(): void {
    if (!NUMBER.test(this.#token)) return void this.#fail();
    this.#put(Number(this.#token));
    this.#enter("after");
  }

  #literal(char: string): boolean {
    const word = LITERALS.get(this.#token[0] ?? char)!;
    if (char !== word[this.#token.length]) return this.#fail();
    this.#token += char;
    if (this.#token !== word) return true;
    this.#put(JSON.parse(word));
    return this.#enter("after");
  }

  #put(value: unknown): void {
    this.#changed = true;
    const parent = this.#open.at(-1);
    if (parent === undefined) this.value = value;
    else if (Array.isArray(parent)) parent.push(value);
    // Assigning to a name that is inherited may call a setter: `__proto__` has one.
    else if (this.#key in parent) Object.defineProperty(parent, this.#key, { value, writable: true, enumerable: true, configurable: true });
    else parent[this.#key] = value;
  }

  #enter(state: State): true {
    this.#state = state;
    return true;
  }

  /** Outside of objects and arrays, what is no JSON is words before it. */
  #fail(): false {
    const inside = this.#open.length > 0;
    if (inside) this.#show(false);
    else if (this.value !== undefined) {
      this.value = undefined;
      this.#changed = true;
    }
    this.#added = "";
    this.#state = inside ? "over" : "skip";
    return false;
  }

  #skip(text: string, at: number): number {
    let end = at;
    while (end < text.length && text[end] !== "{" && text[end] !== "[") end++;
    if (end < text.length) this.#enter("value");
    return end;
  }
}

/** Stands for itself in a string. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code !== 0x22 && code !== 0x5c;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
