import { LlmError } from "../error.ts";
import type { Reply } from "../http/reply.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { ChatAdapter } from "../provider/contract.ts";
import { withoutWidening } from "../output/widening.ts";
import { Assembler } from "../stream/assembler.ts";
import { tagFilter } from "../stream/filters.ts";
import { failureKind } from "../stream/finish.ts";
import { streamedBody, wholeBody } from "./body.ts";
import { toFittingId } from "./fitting.ts";
import { Line } from "./line.ts";
import { hostBesides, type ChatPlan } from "./plan.ts";
import { poll } from "./poll.ts";
import { Reading } from "./reading.ts";
import type { Watch } from "./timeouts.ts";

/** One try at the wire: opens it, reads it, says what went wrong, and frees it. */
export class Attempt {
  readonly startedAt: number = Date.now();
  readonly assembler: Assembler;
  readonly #started = performance.now();
  readonly #plan: ChatPlan;
  readonly #line: Line;
  readonly #watch: Watch;
  #reading: Reading | undefined;

  constructor(plan: ChatPlan, signal: AbortSignal) {
    this.#plan = plan;
    const { provider, options, wire } = plan.target;
    this.assembler = new Assembler({
      provider: provider.id,
      model: plan.call.model,
      many: (plan.call.n ?? 1) > 1,
      hideReasoning: options.hideReasoning === true,
      fitId: (id) => toFittingId(id, wire.toolCallIds),
      host: wire.takesReasoning === undefined ? undefined : hostBesides(provider, plan.target.baseURL),
      answerTool: plan.answerTool,
      toInput(toolName, input) {
        const schema = plan.widened?.get(toolName);
        return schema === undefined ? input : withoutWidening(input, schema);
      },
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

  /**
   * Why what came is no answer: it simply stopped coming, or the vendor's last word is that it
   * failed. Undefined where it is one.
   */
  get failure(): LlmError | undefined {
    const { finished, ended, answers } = this.assembler;
    const { finishReason, rawFinishReason } = answers[0]!;
    const known = { provider: this.#plan.target.provider.id, hint: "Send the call again." };
    if (!finished && !ended) return new LlmError("incomplete-stream", "The response ended before the model had finished.", known);
    if (finishReason !== "error") return undefined;
    const word = rawFinishReason === undefined ? "an error" : JSON.stringify(rawFinishReason);
    return new LlmError(failureKind(rawFinishReason), `The vendor ended the answer with ${word}: it failed.`, known);
  }

  get durationMs(): number {
    return performance.now() - this.#started;
  }

  /** The whole response, parsed, where it came whole. */
  get raw(): unknown {
    return this.#reading?.raw;
  }

  /** Of an attempt that is open. */
  get reading(): Reading {
    return this.#reading!;
  }

  /** Sends. Afterwards the response headers are here, and `reading` gives the body. */
  async open(key: () => Promise<string | undefined>): Promise<void> {
    const { call, target, timeouts } = this.#plan;
    const line = this.#line;
    line.signal.throwIfAborted();
    const adapter = await target.wire.load();
    await line.identify(key);
    this.#watch.start("headers", timeouts.headersMs);
    const found = adapter.before && (await adapter.before(await line.connect("real"), call));
    const body = { ...(adapter.toRequest(call, found) as object), ...target.options.extraBody };
    const client = await line.connect(handsOf(adapter));
    this.#watch.start("headers", timeouts.headersMs);
    const reply = await line.sent(adapter.send(client, body, { stream: call.stream }));
    this.#watch.start("first-byte", timeouts.firstByteMs);
    this.#reading = this.#read(reply, adapter, body);
  }

  /**
   * Ends what is still open. Throws what `failure` says: an answer that is not one is never a short
   * answer.
   */
  end(out: ChatEvent[]): void {
    const { failure } = this;
    if (failure !== undefined) throw failure;
    this.assembler.end(out);
  }

  /** Frees everything. A body that has not ended is cancelled, which closes its socket. */
  close(): void {
    this.#line.close();
    this.#reading?.close(this.assembler.ended && !this.#line.signal.aborted);
  }

  /** What a thrown thing means. */
  toError(thrown: unknown): LlmError {
    return this.#line.toError(thrown, this.#plan.call.stream);
  }

  #read(reply: Reply, adapter: ChatAdapter, request: object): Reading {
    const { call, target, timeouts } = this.#plan;
    const { secrets, signal } = this.#line;
    const source = {
      provider: target.provider,
      model: target.model,
      adapter,
      request,
      includeRaw: target.options.includeRaw === true,
      reply,
      assembler: this.assembler,
      filter: this.#plan.reasoningTags.length > 0 ? tagFilter(this.#plan.reasoningTags) : undefined,
      secrets,
    };
    const body = call.stream ? streamedBody(source) : wholeBody(source);
    const ask = poll(this.#line, timeouts, handsOf(adapter));
    return new Reading(reply, body, { watch: this.#watch, signal, idleMs: timeouts.idleMs, ask });
  }
}

function handsOf({ untouched }: ChatAdapter): "none" | "empty" {
  return untouched ? "none" : "empty";
}
