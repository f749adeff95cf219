import { LlmError } from "../error.ts";
import type { Reply } from "../http/reply.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { ChatAdapter } from "../provider/contract.ts";
import { Assembler } from "../stream/assembler.ts";
import { answerFilter, chained, tagFilter, type DeltaFilter } from "../stream/filters.ts";
import { streamedBody, wholeBody, type BodyReader } from "./body.ts";
import { Line } from "./line.ts";
import type { ChatPlan } from "./plan.ts";
import type { Watch } from "./timeouts.ts";

/** After the vendor's terminator the rest of the body gets this long to end, so that the connection can be used again. */
const DRAIN_MS = 250;

/** One try at the wire: opens it, reads it, says what went wrong, and frees it. */
export class Attempt {
  readonly startedAt: number = Date.now();
  readonly assembler: Assembler;
  readonly #started = performance.now();
  readonly #plan: ChatPlan;
  readonly #line: Line;
  readonly #watch: Watch;
  /** Until its end. */
  #reply: Reply | undefined;
  #body: BodyReader | undefined;
  #firstByte = true;

  constructor(plan: ChatPlan, signal: AbortSignal) {
    this.#plan = plan;
    const { provider, options } = plan.target;
    this.assembler = new Assembler({
      provider: provider.id,
      model: plan.call.model,
      many: (plan.call.n ?? 1) > 1,
      hideReasoning: options.hideReasoning === true,
    });
    this.#line = new Line(plan.target, signal);
    this.#watch = this.#line.watch;
  }

  /** Of the response, errors included. */
  get headers(): Headers | undefined {
    return this.#line.headers;
  }

  get requestId(): string | undefined {
    return this.#line.requestId;
  }

  /** The vendor said that the answer is over. */
  get complete(): boolean {
    return this.assembler.finished || this.assembler.ended;
  }

  get durationMs(): number {
    return performance.now() - this.#started;
  }

  /** The whole response, parsed, where it came whole. */
  get raw(): unknown {
    return this.#body?.raw;
  }

  /** Sends. Afterwards the response headers are here and `next` reads the body. */
  async open(key: () => Promise<string | undefined>): Promise<void> {
    const { call, target, timeouts } = this.#plan;
    const line = this.#line;
    line.signal.throwIfAborted();
    const adapter = await target.wire.load();
    await line.identify(key);
    this.#watch.start("headers", timeouts.headersMs);
    const found = adapter.before && (await adapter.before(await line.connect("real"), call));
    const body = { ...(adapter.toRequest(call, found) as object), ...target.options.extraBody };
    const client = await line.connect(adapter.untouched ? "none" : "empty");
    this.#watch.start("headers", timeouts.headersMs);
    const reply = await line.sent(adapter.send(client, body, { stream: call.stream }));
    this.#watch.start("first-byte", timeouts.firstByteMs);
    this.#body = this.#read(reply, adapter);
  }

  /** Adds the events of the next piece to `out`; false when the answer is over. */
  next(out: ChatEvent[]): Promise<boolean> {
    return this.#body!.next(out);
  }

  /** Ends what is still open. An answer that simply stopped coming is a failure, never a short answer. */
  end(out: ChatEvent[]): void {
    if (!this.complete) {
      throw new LlmError("incomplete-stream", "The response ended before the model had finished.", {
        provider: this.#plan.target.provider.id,
        hint: "Send the call again.",
      });
    }
    this.assembler.end(out);
  }

  /** Frees everything. A body that has not ended is cancelled, which closes its socket. */
  close(): void {
    this.#body?.flush();
    this.#line.close();
    const reply = this.#reply;
    this.#reply = undefined;
    if (reply === undefined) return;
    if (this.assembler.ended && !this.#line.signal.aborted) void drain(reply);
    else reply.cancel();
  }

  /** What a thrown thing means. */
  toError(thrown: unknown): LlmError {
    return this.#line.toError(thrown, this.#plan.call.stream);
  }

  #read(reply: Reply, adapter: ChatAdapter): BodyReader {
    const { call, target } = this.#plan;
    this.#reply = reply;
    const source = {
      target,
      adapter,
      reply,
      assembler: this.assembler,
      filter: filterOf(this.#plan),
      secrets: this.#line.secrets,
      read: () => this.#readBytes(),
    };
    return call.stream ? streamedBody(source) : wholeBody(source);
  }

  async #readBytes(): Promise<Uint8Array | undefined> {
    this.#watch.resume();
    const bytes = await this.#reply?.read();
    this.#line.signal.throwIfAborted();
    if (this.#firstByte) {
      this.#firstByte = false;
      this.#watch.start("idle", this.#plan.timeouts.idleMs);
    }
    this.#watch.pause();
    if (bytes === undefined) this.#reply = undefined;
    return bytes;
  }
}

function filterOf({ answerTool, reasoningTags }: ChatPlan): DeltaFilter | undefined {
  const filters: DeltaFilter[] = [];
  if (reasoningTags.length > 0) filters.push(tagFilter(reasoningTags));
  if (answerTool !== undefined) filters.push(answerFilter(answerTool));
  return chained(filters);
}

async function drain(reply: Reply): Promise<void> {
  const timer = setTimeout(() => reply.cancel(), DRAIN_MS);
  try {
    while ((await reply.read()) !== undefined);
  } catch {
    // The answer is complete: how its connection ends no longer matters.
  } finally {
    clearTimeout(timer);
  }
}
