import { LlmError } from "../error.ts";
import { splitLines, type OnLine, type Skim } from "./lines.ts";

/**
 * Takes one event of the wire: its JSON, parsed, and the name that SSE may give it. At once and not in batches: what it decodes is
 * garbage before the next event is parsed, which is half of the cost of reading. False: nothing more is wanted.
 */
export type OnWireEvent = (data: unknown, name: string | undefined) => boolean;

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
export function readSse(onEvent: OnWireEvent, options?: ReadOptions): WireReader {
  return reader(onEvent, sseFraming, options);
}

function sseFraming(emit: Emit): Framing {
  let name: string | undefined;
  let data: string | undefined;
  /** Most events are named like the one before: then no string is made for the name. */
  let lastName = "";
  /** How the last event began, up to its data: most begin alike. */
  let lead = "data: ";
  let leadName: string | undefined;

  function dispatch(): void {
    if (data === undefined) return;
    if (name !== leadName) {
      leadName = name;
      lead = name === undefined ? "data: " : `event: ${name}\ndata: `;
    }
    emit(data, name);
  }

  return {
    line(text, start, end) {
      if (start === end) {
        dispatch();
        name = data = undefined;
        return;
      }
      // Of the standard's fields only these two matter here: `d…` and `e…`. Comments, `id` and `retry` fall through.
      const first = text.charCodeAt(start);
      if (first === 0x64 && isField(text, start, end, "data")) {
        const from = valueStart(text, start + 4);
        const value = from < end ? text.slice(from, end) : "";
        data = data === undefined ? value : `${data}\n${value}`;
      } else if (first === 0x65 && isField(text, start, end, "event")) {
        const from = valueStart(text, start + 5);
        if (end - from !== lastName.length || !text.startsWith(lastName, from)) lastName = from < end ? text.slice(from, end) : "";
        name = lastName;
      }
    },
    // Whole events of one line of data, which nearly all are, in one search each.
    skim(text, start) {
      if (data !== undefined || name !== undefined) return start;
      let from = start;
      while (text.startsWith(lead, from)) {
        const end = text.indexOf("\n", from + lead.length);
        if (end === -1 || text.charCodeAt(end + 1) !== 0x0a) break;
        emit(text.slice(from + lead.length, end), leadName);
        from = end + 2;
      }
      return from;
    },
    end() {
      dispatch();
      name = data = undefined;
    },
  };
}

/** One JSON value a line. */
export function readNdjson(onEvent: OnWireEvent, options?: ReadOptions): WireReader {
  return reader(
    onEvent,
    (emit) => ({
      line(text, start, end) {
        const line = text.slice(start, end).trim();
        if (line !== "") emit(line, undefined);
      },
      skim: (_text, start) => start,
      end() {},
    }),
    options,
  );
}

function isField(text: string, start: number, end: number, field: string): boolean {
  const after = start + field.length;
  return text.startsWith(field, start) && (after === end || text.charCodeAt(after) === 0x3a);
}

/** Where the value of a field begins: after the colon at `colon`, less one space. At or beyond the end of a line that has none. */
function valueStart(text: string, colon: number): number {
  return text.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1;
}

/** The parser's own error quotes what it read, so it is only kept where nothing had to be taken out. */
function notJson(shown: string, cause: unknown): LlmError {
  return new LlmError("invalid-response", `The stream holds an event that is not JSON: ${JSON.stringify(shown.slice(0, 200))}.`, { cause });
}

const same = (text: string): string => text;
type Emit = (data: string, name: string | undefined) => void;
interface Framing {
  line: OnLine;
  skim: Skim;
  end(): void;
}

/** What both framings share: the JSON, the terminator and the first fault. */
function reader(onEvent: OnWireEvent, framing: (emit: Emit) => Framing, { maxLine, clean = same }: ReadOptions = {}): WireReader {
  let fault: LlmError | undefined;
  let wanted = true;
  let done = false;
  let ending = false;

  function emit(data: string, name: string | undefined): void {
    if (!wanted || data === "") return;
    if (data === "[DONE]") {
      done = true;
      wanted = false;
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch (cause) {
      wanted = false;
      // A stream that was cut inside its last event is incomplete, not malformed: whoever reads it knows whether it had finished.
      if (!ending) fault = notJson(clean(data), clean(data) === data ? cause : undefined);
      return;
    }
    wanted = onEvent(value, name);
  }

  const frames = framing(emit);
  const lines = splitLines(frames.line, frames.skim, maxLine);

  function take(step: () => void): void {
    if (!wanted) return;
    try {
      step();
    } catch (error) {
      wanted = false;
      fault = error as LlmError;
    }
  }

  return {
    push: (bytes) => take(() => lines.push(bytes)),
    end: () =>
      take(() => {
        ending = true;
        lines.end();
        frames.end();
      }),
    get fault() {
      return fault;
    },
    get done() {
      return done;
    },
  };
}
