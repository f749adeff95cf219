import type { LlmError } from "../error.ts";
import { scrub } from "../http/redact.ts";
import { readText, type Reply } from "../http/reply.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { ChatAdapter, ChatDelta } from "../provider/contract.ts";
import { toLlmError } from "../provider/errors.ts";
import type { Assembler } from "../stream/assembler.ts";
import type { DeltaFilter } from "../stream/filters.ts";
import { readNdjson, readSse } from "../stream/wire.ts";
import type { Target } from "./plan.ts";
import { hasError, parseJson, unexpectedBody, unreadable } from "./unexpected.ts";

/** Reads a response body into events. */
export interface BodyReader {
  /** Adds the events of one more piece to `out`; false when the answer is over. A fault is thrown by the call after the one that found it, so that what came before it is delivered. */
  next(out: ChatEvent[]): Promise<boolean>;
  /** The whole response, parsed, where it came whole. */
  raw?: unknown;
  /** Gives the assembler what was held back until the answer would say more. */
  flush(): void;
}

export interface BodySource {
  target: Target;
  adapter: ChatAdapter;
  reply: Reply;
  assembler: Assembler;
  filter: DeltaFilter | undefined;
  secrets: readonly string[];
  /** The next bytes, undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
}

/** How much of a body is kept until its first event, to say what came instead of a stream. */
const HEAD_BYTES = 16_384;

/** One network chunk a step. */
export function streamedBody(source: BodySource): BodyReader {
  const { assembler, adapter } = source;
  const { options } = source.target;
  const clean = (text: string) => scrub(text, source.secrets);
  const wire = (adapter.framing === "sse" ? readSse : readNdjson)(decode, { clean });
  const decoder = adapter.fromStream();
  let events: ChatEvent[] = [];
  const assemble = (delta: ChatDelta) => assembler.push(delta, events);
  const take = through(source, assemble);
  let head: Uint8Array[] | undefined = [];
  let held = 0;
  let fault: LlmError | undefined;

  function decode(data: unknown, name: string | undefined): boolean {
    head = undefined;
    if (options.includeRaw) events.push({ type: "raw", raw: data });
    try {
      for (const delta of decoder.event(data, name)) take(delta);
    } catch (cause) {
      fault = unreadable(cause);
    }
    return fault === undefined && assembler.error === undefined && !assembler.ended;
  }

  function feed(bytes: Uint8Array | undefined): void {
    if (bytes === undefined) wire.end();
    else wire.push(bytes);
    if (wire.done) assembler.ended = true;
  }

  return {
    async next(out) {
      if (fault !== undefined) throw fault;
      const bytes = await source.read();
      if (bytes !== undefined && head !== undefined && held < HEAD_BYTES) {
        head.push(bytes);
        held += bytes.length;
      }
      events = out;
      feed(bytes);
      if (bytes === undefined && head !== undefined && !wire.done) throw unexpectedBody(source, decodeAll(head), "a stream");
      fault ??= reportedError(source) ?? wire.fault;
      if (fault !== undefined) return true;
      const over = bytes === undefined || assembler.ended;
      if (over) {
        for (const delta of decoder.end?.() ?? []) take(delta);
        source.filter?.end(assemble);
      }
      return !over;
    },
    flush: () => source.filter?.end(assemble),
  };
}

type Take = (delta: ChatDelta) => void;

/** Through the filter to the assembler, or straight there. */
function through({ filter }: BodySource, assemble: Take): Take {
  return filter === undefined ? assemble : (delta) => filter.push(delta, assemble);
}

/** The whole response in one step. */
export function wholeBody(source: BodySource): BodyReader {
  const { assembler, adapter } = source;
  const { options } = source.target;
  const body: BodyReader = {
    flush() {},
    async next(out) {
      const text = await readText(source.read);
      const answer = parseJson(text);
      if (typeof answer !== "object" || answer === null || hasError(answer)) throw unexpectedBody(source, text, "an answer");
      body.raw = answer;
      if (options.includeRaw) out.push({ type: "raw", raw: answer });
      try {
        const assemble = (delta: ChatDelta) => assembler.push(delta, out);
        const take = through(source, assemble);
        for (const delta of adapter.fromResponse(answer)) take(delta);
        source.filter?.end(assemble);
      } catch (cause) {
        throw unreadable(cause);
      }
      assembler.ended = true;
      const fault = reportedError(source);
      if (fault !== undefined) throw fault;
      return false;
    },
  };
  return body;
}

function decodeAll(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode();
}

/** The error that the vendor put into its answer. */
function reportedError({ assembler, target, reply, secrets }: BodySource): LlmError | undefined {
  if (assembler.error === undefined) return undefined;
  const { message, ...facts } = assembler.error;
  const clean = message === undefined ? facts : { ...facts, message: scrub(message, secrets) };
  return toLlmError(clean, { provider: target.provider.id, model: target.model, headers: reply.headers });
}
