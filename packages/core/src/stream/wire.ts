import { LlmError } from "../error.ts";
import { LineReader } from "./lines.ts";

/**
 * Takes one event of the wire: its JSON, parsed, and the name that SSE may give it. At once and not in batches: what it decodes is
 * garbage before the next event is parsed, which is half of the cost of reading. False: nothing more is wanted.
 */
export interface WireSink {
  event(data: unknown, name: string | undefined): boolean;
}

export interface ReadOptions {
  /** Characters, default 64 Mi. */
  maxLine?: number;
  /** Takes secrets out of what an error quotes. */
  clean?: (text: string) => string;
}

/** Fed bytes; tells each event that they complete. */
export interface WireReader {
  push(bytes: Uint8Array): void;
  /** A last event without its blank line counts. */
  end(): void;
  /** Why reading stopped: events before the fault were told, none comes after. */
  readonly fault: LlmError | undefined;
  /** `data: [DONE]` was read. */
  readonly done: boolean;
}

/** Server-sent events as the HTML standard has them, https://html.spec.whatwg.org/multipage/server-sent-events.html, with JSON in `data`. */
export function readSse(sink: WireSink, options?: ReadOptions): WireReader {
  return new SseReader(sink, options);
}

/** One JSON value a line. */
export function readNdjson(sink: WireSink, options?: ReadOptions): WireReader {
  return new NdjsonReader(sink, options);
}

/**
 * What both framings share: the JSON, the terminator and the first fault.
 * A class, as all that runs for each event: functions made anew for each call would cost their optimisation with every collection of garbage.
 */
abstract class JsonReader extends LineReader implements WireReader {
  fault: LlmError | undefined;
  done = false;
  readonly #sink: WireSink;
  readonly #clean: (text: string) => string;
  #wanted = true;
  #ending = false;

  constructor(sink: WireSink, { maxLine, clean = same }: ReadOptions = {}) {
    super(maxLine);
    this.#sink = sink;
    this.#clean = clean;
  }

  /** What is left where the stream ends. */
  protected abstract rest(): void;

  push(bytes: Uint8Array): void {
    if (!this.#wanted) return;
    try {
      this.split(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  end(): void {
    if (!this.#wanted) return;
    this.#ending = true;
    try {
      this.last();
      this.rest();
    } catch (error) {
      this.#fail(error);
    }
  }

  protected tell(data: string, name: string | undefined): void {
    if (!this.#wanted || data === "") return;
    if (data === "[DONE]") return this.#finish();
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch (cause) {
      return this.#malformed(data, cause);
    }
    this.#wanted = this.#sink.event(value, name);
  }

  #finish(): void {
    this.done = true;
    this.#wanted = false;
  }

  #fail(error: unknown): void {
    this.#wanted = false;
    this.fault = error as LlmError;
  }

  /** A stream that was cut inside its last event is incomplete, not malformed: whoever reads it knows whether it had finished. */
  #malformed(data: string, cause: unknown): void {
    this.#wanted = false;
    if (this.#ending) return;
    const shown = this.#clean(data);
    // The parser's own error quotes what it read, so it is only kept where nothing had to be taken out.
    this.fault = new LlmError("invalid-response", `The stream holds an event that is not JSON: ${JSON.stringify(shown.slice(0, 200))}.`, {
      cause: shown === data ? cause : undefined,
    });
  }
}

const same = (text: string): string => text;

class SseReader extends JsonReader {
  #name: string | undefined;
  #data: string | undefined;
  /** Most events are named like the one before: then no string is made for the name. */
  #lastName = "";
  /** How the last event began, up to its data: most begin alike. */
  #lead = "data: ";
  #leadName: string | undefined;

  protected override line(text: string, start: number, end: number): void {
    if (start === end) return this.rest();
    // Of the standard's fields only these two matter here: `d…` and `e…`. Comments, `id` and `retry` fall through.
    const first = text.charCodeAt(start);
    if (first === 0x64 && isField(text, start, end, "data")) {
      const from = valueStart(text, start + 4);
      const value = from < end ? text.slice(from, end) : "";
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    } else if (first === 0x65 && isField(text, start, end, "event")) {
      const from = valueStart(text, start + 5);
      if (end - from !== this.#lastName.length || !text.startsWith(this.#lastName, from))
        this.#lastName = from < end ? text.slice(from, end) : "";
      this.#name = this.#lastName;
    }
  }

  /** Whole events of one line of data, which nearly all are, in one search each. */
  protected override skim(text: string, start: number): number {
    if (this.#data !== undefined || this.#name !== undefined) return start;
    let from = start;
    const lead = this.#lead;
    while (text.startsWith(lead, from)) {
      const end = text.indexOf("\n", from + lead.length);
      if (end === -1 || text.charCodeAt(end + 1) !== 0x0a) break;
      this.tell(text.slice(from + lead.length, end), this.#leadName);
      from = end + 2;
    }
    return from;
  }

  protected override rest(): void {
    const name = this.#name;
    const data = this.#data;
    this.#name = this.#data = undefined;
    if (data === undefined) return;
    if (name !== this.#leadName) {
      this.#leadName = name;
      this.#lead = name === undefined ? "data: " : `event: ${name}\ndata: `;
    }
    this.tell(data, name);
  }
}

class NdjsonReader extends JsonReader {
  protected override line(text: string, start: number, end: number): void {
    const line = text.slice(start, end);
    // Nearly all lines are objects; others may be blank.
    if (line.charCodeAt(0) === 0x7b || line.trim() !== "") this.tell(line, undefined);
  }

  protected override skim(text: string, start: number): number {
    let from = start;
    for (let end = text.indexOf("\n", from); end !== -1; end = text.indexOf("\n", from)) {
      this.line(text, from, end);
      from = end + 1;
    }
    return from;
  }

  protected override rest(): void {}
}

function isField(text: string, start: number, end: number, field: string): boolean {
  const after = start + field.length;
  return text.startsWith(field, start) && (after === end || text.charCodeAt(after) === 0x3a);
}

/** Where the value of a field begins: after the colon at `colon`, less one space. At or beyond the end of a line that has none. */
function valueStart(text: string, colon: number): number {
  return text.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
}
