import type { LlmError } from "../error.ts";
import { scrub } from "../http/redact.ts";
import type { Reply } from "../http/reply.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { ChatAdapter, ChatDelta, Provider } from "../provider/contract.ts";
import { toLlmError } from "../provider/errors.ts";
import { Assembler } from "../stream/assembler.ts";
import type { DeltaFilter, DeltaSink } from "../stream/filters.ts";
import { readNdjson, readSse, type WireReader, type WireSink } from "../stream/wire.ts";
import { BEGUN_STREAM, hasError, parseJson, unexpectedBody, unreadable } from "./unexpected.ts";

export type AskAgain = NonNullable<ReturnType<NonNullable<ChatAdapter["askAgain"]>>>;

/** Turns the pieces of a response body into events. */
export interface BodyReader {
  /** Adds the events of one more piece to `out`, or of the body's end, which is `undefined`. False when the answer is over. */
  take(bytes: Uint8Array | undefined, out: ChatEvent[]): boolean;
  /** Why no more can be taken. What came before it was told, so that it is delivered first. */
  readonly fault: LlmError | undefined;
  /** The whole response, parsed, where it came whole. */
  readonly raw?: unknown;
  /** Asks the vendor again, where the whole response says that the answer is still being made. */
  readonly again?: AskAgain | undefined;
  /** Gives the assembler what was held back until the answer would say more. */
  flush(): void;
}

export interface BodySource {
  provider: Provider;
  model: string;
  adapter: ChatAdapter;
  /** What was sent. */
  request: unknown;
  includeRaw: boolean;
  reply: Pick<Reply, "status" | "headers">;
  assembler: Assembler;
  filter: DeltaFilter | undefined;
  secrets: readonly string[];
}

type Framing = ChatAdapter["framing"] | "json";
/** How much of a body is kept until its first event, to say what came instead of a stream. */
const HEAD_BYTES = 16_384;

/** From deltas to events, and from the parsed JSON of the wire to deltas, however it was framed. */
abstract class Body implements BodyReader, DeltaSink, WireSink {
  fault: LlmError | undefined;
  raw: unknown;
  again: AskAgain | undefined;
  protected readonly source: BodySource;
  protected readonly assembler: Assembler;
  protected events: ChatEvent[] = [];
  /** An event of a stream has come. */
  protected begun = false;
  /** It is set when the body is read as a stream. */
  protected decoder: ReturnType<ChatAdapter["fromStream"]> | undefined;
  readonly #filter: DeltaFilter | undefined;
  readonly #includeRaw: boolean;

  constructor(source: BodySource) {
    this.source = source;
    this.assembler = source.assembler;
    this.#filter = source.filter;
    this.decoder = undefined;
    this.#includeRaw = source.includeRaw;
  }

  abstract take(bytes: Uint8Array | undefined, out: ChatEvent[]): boolean;

  flush(): void {
    this.#filter?.end(this);
  }

  add(delta: ChatDelta): void {
    this.assembler.push(delta, this.events);
  }

  event(data: unknown, name: string | undefined): boolean {
    this.begun = true;
    if (this.#includeRaw) this.events.push({ type: "raw", raw: data });
    try {
      this.#takeAll(this.decoder!.event(data, name));
    } catch (cause) {
      this.fault = unreadable(cause);
    }
    return this.fault === undefined && this.assembler.error === undefined && !this.assembler.ended;
  }

  protected reader(framing: Exclude<Framing, "json">): WireReader {
    const { secrets } = this.source;
    this.decoder ??= this.source.adapter.fromStream();
    return (framing === "sse" ? readSse : readNdjson)(this, { clean: (text) => scrub(text, secrets) });
  }

  /** The end of a stream that ended well. */
  protected endStream(): void {
    this.#takeAll(this.decoder!.end?.() ?? []);
    this.flush();
  }

  /**
   * A body that is one JSON text: the whole answer, or a list of what a stream would have said one
   * by one.
   */
  protected takeWhole(text: string, expected: "a stream" | "an answer"): void {
    const answer = parseJson(text);
    if (Array.isArray(answer) && answer.length > 0 && answer.every((one) => typeof one === "object" && one !== null && !hasError(one))) {
      this.decoder ??= this.source.adapter.fromStream();
      for (const one of answer) if (!this.event(one, undefined)) break;
      if (this.fault === undefined) this.endStream();
      return;
    }
    if (typeof answer !== "object" || answer === null || hasError(answer)) throw unexpectedBody(this.source, text, expected);
    const { adapter, request } = this.source;
    this.again = expected === "an answer" ? adapter.askAgain?.(answer, request) : undefined;
    if (this.again !== undefined) return;
    this.raw = answer;
    if (this.#includeRaw) this.events.push({ type: "raw", raw: answer });
    try {
      this.#takeAll(adapter.fromResponse(answer));
      this.flush();
    } catch (cause) {
      throw unreadable(cause);
    }
    const { error, begun } = this.assembler;
    // Some other JSON than an answer: what came says more than that it is none.
    if (expected === "a stream" && error?.kind === "invalid-response" && error.retryable !== true && !begun)
      throw unexpectedBody(this.source, text, expected);
    this.assembler.ended = true;
  }

  /** Through the filter to the assembler, or straight there. */
  #takeAll(deltas: Iterable<ChatDelta>): void {
    if (this.#filter === undefined) for (const delta of deltas) this.assembler.push(delta, this.events);
    else for (const delta of deltas) this.#filter.push(delta, this);
  }
}

/**
 * A stream, one network chunk after the other. Some servers answer it with a whole answer all the
 * same, or in the other framing: the first bytes tell.
 */
class StreamedBody extends Body {
  /**
   * Reads the framing that is expected. It is replaced when the first bytes show another framing.
   */
  #wire: WireReader;
  /**
   * The bytes that are kept: all bytes of a whole answer, or those of a stream before its first
   * event.
   */
  #head: Uint8Array[] | undefined = [];
  #held = 0;
  #framing: Framing | undefined;

  constructor(source: BodySource) {
    super(source);
    this.#wire = this.reader(source.adapter.framing);
  }

  override take(bytes: Uint8Array | undefined, out: ChatEvent[]): boolean {
    this.events = out;
    if (bytes !== undefined) this.#feed(bytes);
    else this.#end();
    if (this.#wire.done) this.assembler.ended = true;
    this.fault ??= reportedError(this.source) ?? this.#wire.fault;
    if (this.fault !== undefined) return true;
    if (bytes !== undefined && !this.assembler.ended) return true;
    if (this.#framing !== "json") this.endStream();
    this.fault = reportedError(this.source);
    return this.fault !== undefined;
  }

  #feed(bytes: Uint8Array): void {
    if (this.#head !== undefined) this.#keep(bytes);
    if (this.#framing === undefined || this.#framing === "json") return;
    this.#wire.push(bytes);
    if (this.begun) this.#head = undefined;
  }

  #keep(bytes: Uint8Array): void {
    if (this.#framing === "json" || this.#held < HEAD_BYTES) this.#head!.push(bytes);
    this.#held += bytes.length;
    if (this.#framing !== undefined) return;
    this.#framing = framingOf(decodeAll(this.#head!), this.source.adapter.framing);
    if (this.#framing === undefined || this.#framing === "json") return;
    if (this.#framing !== this.source.adapter.framing) this.#wire = this.reader(this.#framing);
    // What came before this piece was too little to tell.
    for (const piece of this.#head!.slice(0, -1)) this.#wire.push(piece);
  }

  #end(): void {
    this.#wire.end();
    if (this.begun || this.#wire.done) return;
    const text = decodeAll(this.#head ?? []);
    if (this.#framing === "json") this.takeWhole(text, "a stream");
    else throw unexpectedBody(this.source, text, "a stream");
  }
}

/**
 * How a body is framed, by its first characters: undefined while there are none. What a stream is
 * expected to be, it is taken for, unless it begins as something else.
 */
function framingOf(head: string, expected: ChatAdapter["framing"]): Framing | undefined {
  const text = head.trimStart();
  if (text === "") return undefined;
  if (expected === "sse") return /^[[{]/.test(text) ? "json" : "sse";
  if (BEGUN_STREAM.test(text)) return "sse";
  // An object that is laid out in lines is no line of a stream.
  if (/^(\[|\{[ \t\r]*\n)/.test(text)) return "json";
  return text === "{" ? undefined : "ndjson";
}

/** A whole response, told at its end. Some servers stream it all the same. */
class WholeBody extends Body {
  readonly #decoder = new TextDecoder();
  #text = "";

  override take(bytes: Uint8Array | undefined, out: ChatEvent[]): boolean {
    this.#text += this.#decoder.decode(bytes, { stream: bytes !== undefined });
    if (bytes !== undefined) return true;
    this.events = out;
    const framing = this.#streamed();
    if (framing === undefined) this.takeWhole(this.#text, "an answer");
    else this.#takeStream(this.reader(framing));
    this.#text = "";
    if (this.again !== undefined) return true;
    const fault = this.fault ?? reportedError(this.source);
    if (fault !== undefined) throw fault;
    return false;
  }

  /** How the body is framed, where it is a stream. */
  #streamed(): ChatAdapter["framing"] | undefined {
    if (BEGUN_STREAM.test(this.#text)) return "sse";
    const lines = this.#text.trim().split("\n", 2);
    const many = this.source.adapter.framing === "ndjson" && lines.length > 1 && lines.every((line) => parseJson(line) !== undefined);
    return many ? "ndjson" : undefined;
  }

  #takeStream(wire: WireReader): void {
    wire.push(new TextEncoder().encode(this.#text));
    wire.end();
    if (!this.begun && !wire.done) throw unexpectedBody(this.source, this.#text, "an answer");
    if (wire.done) this.assembler.ended = true;
    this.fault ??= reportedError(this.source) ?? wire.fault;
    if (this.fault === undefined) this.endStream();
  }
}

export function wholeBody(source: BodySource): BodyReader {
  return new WholeBody(source);
}

export function streamedBody(source: BodySource): BodyReader {
  const { adapter } = source;
  if (!idle.has(adapter)) idle.set(adapter, new StreamedBody({ ...source, ...UNUSED, assembler: new Assembler(source.assembler.options) }));
  return new StreamedBody(source);
}

/** One for each wire that is never fed, with its decoder: examples, as in http/shape.ts, that live as long as their provider. */
const idle = new WeakMap<ChatAdapter, StreamedBody>();
const UNUSED = { model: "", request: undefined, reply: { status: 0, headers: new Headers() }, filter: undefined, secrets: [] };

function decodeAll(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode();
}

/** The error that the vendor put into its answer. */
function reportedError({ assembler, provider, model, reply, secrets }: BodySource): LlmError | undefined {
  if (assembler.error === undefined) return undefined;
  const { message, ...facts } = assembler.error;
  const clean = message === undefined ? facts : { ...facts, message: scrub(message, secrets) };
  return toLlmError(clean, { provider: provider.id, model, headers: reply.headers });
}
