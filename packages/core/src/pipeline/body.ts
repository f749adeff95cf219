import type { LlmError } from "../error.ts";
import { scrub } from "../http/redact.ts";
import type { Reply } from "../http/reply.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { ChatAdapter, ChatDelta, Provider } from "../provider/contract.ts";
import { toLlmError } from "../provider/errors.ts";
import { Assembler } from "../stream/assembler.ts";
import type { DeltaFilter, DeltaSink } from "../stream/filters.ts";
import { readNdjson, readSse, type WireReader, type WireSink } from "../stream/wire.ts";
import { hasError, parseJson, unexpectedBody, unreadable } from "./unexpected.ts";

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

/** How much of a body is kept until its first event, to say what came instead of a stream. */
const HEAD_BYTES = 16_384;
/** What both ways of reading share: from deltas to events. */
abstract class Body implements BodyReader, DeltaSink {
  fault: LlmError | undefined;
  protected readonly source: BodySource;
  protected readonly assembler: Assembler;
  protected events: ChatEvent[] = [];
  readonly #filter: DeltaFilter | undefined;

  constructor(source: BodySource) {
    this.source = source;
    this.assembler = source.assembler;
    this.#filter = source.filter;
  }

  abstract take(bytes: Uint8Array | undefined, out: ChatEvent[]): boolean;

  flush(): void {
    this.#filter?.end(this);
  }

  add(delta: ChatDelta): void {
    this.assembler.push(delta, this.events);
  }

  /** Through the filter to the assembler, or straight there. */
  protected takeAll(deltas: Iterable<ChatDelta>): void {
    if (this.#filter === undefined) for (const delta of deltas) this.assembler.push(delta, this.events);
    else for (const delta of deltas) this.#filter.push(delta, this);
  }
}

/** A stream, one network chunk after the other. */
class StreamedBody extends Body implements WireSink {
  readonly #wire: WireReader;
  readonly #decoder: ReturnType<ChatAdapter["fromStream"]>;
  readonly #includeRaw: boolean;
  /** The first bytes, until there is an event. */
  #head: Uint8Array[] | undefined = [];
  #held = 0;

  constructor(source: BodySource) {
    super(source);
    const { adapter, includeRaw, secrets } = source;
    this.#wire = (adapter.framing === "sse" ? readSse : readNdjson)(this, { clean: (text) => scrub(text, secrets) });
    this.#decoder = adapter.fromStream();
    this.#includeRaw = includeRaw;
  }

  event(data: unknown, name: string | undefined): boolean {
    if (this.#head !== undefined) this.#head = undefined;
    if (this.#includeRaw) this.events.push({ type: "raw", raw: data });
    try {
      this.takeAll(this.#decoder.event(data, name));
    } catch (cause) {
      this.fault = unreadable(cause);
    }
    return this.fault === undefined && this.assembler.error === undefined && !this.assembler.ended;
  }

  override take(bytes: Uint8Array | undefined, out: ChatEvent[]): boolean {
    this.events = out;
    if (bytes === undefined) this.#wire.end();
    else this.#feed(bytes);
    if (this.#wire.done) this.assembler.ended = true;
    else if (bytes === undefined && this.#head !== undefined) throw unexpectedBody(this.source, decodeAll(this.#head), "a stream");
    this.fault ??= reportedError(this.source) ?? this.#wire.fault;
    if (this.fault !== undefined) return true;
    if (bytes !== undefined && !this.assembler.ended) return true;
    this.takeAll(this.#decoder.end?.() ?? []);
    this.flush();
    return false;
  }

  #feed(bytes: Uint8Array): void {
    if (this.#head !== undefined && this.#held < HEAD_BYTES) {
      this.#head.push(bytes);
      this.#held += bytes.length;
    }
    this.#wire.push(bytes);
  }
}

/** A whole response, told at its end. */
class WholeBody extends Body {
  raw: unknown;
  again: AskAgain | undefined;
  readonly #decoder = new TextDecoder();
  #text = "";

  override take(bytes: Uint8Array | undefined, out: ChatEvent[]): boolean {
    this.#text += this.#decoder.decode(bytes, { stream: bytes !== undefined });
    if (bytes !== undefined) return true;
    this.events = out;
    const { adapter, includeRaw, request } = this.source;
    const answer = parseJson(this.#text);
    if (typeof answer !== "object" || answer === null || hasError(answer)) throw unexpectedBody(this.source, this.#text, "an answer");
    this.again = adapter.askAgain?.(answer, request);
    this.#text = "";
    if (this.again !== undefined) return true;
    this.raw = answer;
    if (includeRaw) out.push({ type: "raw", raw: answer });
    try {
      this.takeAll(adapter.fromResponse(answer));
      this.flush();
    } catch (cause) {
      throw unreadable(cause);
    }
    this.assembler.ended = true;
    const fault = reportedError(this.source);
    if (fault !== undefined) throw fault;
    return false;
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
