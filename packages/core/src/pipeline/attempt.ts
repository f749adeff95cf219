import { isLlmError, LlmError } from "../error.ts";
import { openExchange, type Exchange, type ExchangeOptions } from "../http/exchange.ts";
import { scrub, secretsOf } from "../http/redact.ts";
import type { Reply } from "../http/reply.ts";
import { link, untilAborted } from "../http/signals.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { ChatAdapter, Connection } from "../provider/contract.ts";
import { factsOf, requestIdOf, toLlmError } from "../provider/errors.ts";
import { Assembler } from "../stream/assembler.ts";
import { answerFilter, chained, tagFilter, type DeltaFilter } from "../stream/filters.ts";
import { parseJson, streamedBody, wholeBody } from "./body.ts";
import type { ChatPlan } from "./plan.ts";
import { Reading } from "./reading.ts";
import { timeoutError, Watch } from "./timeouts.ts";

/** One try at the wire: opens it, reads it, says what went wrong, and frees it. */
export class Attempt {
  readonly startedAt: number = Date.now();
  readonly assembler: Assembler;
  readonly #started = performance.now();
  readonly #plan: ChatPlan;
  readonly #abort = new AbortController();
  readonly #unlink: () => void;
  readonly #watch: Watch;
  #exchange: Exchange | undefined;
  #secrets: string[] = [];
  #reading: Reading | undefined;

  constructor(plan: ChatPlan, signal: AbortSignal) {
    this.#plan = plan;
    const { provider, options } = plan.target;
    const { id } = provider;
    this.assembler = new Assembler({
      provider: id,
      model: plan.call.model,
      many: (plan.call.n ?? 1) > 1,
      hideReasoning: options.hideReasoning === true,
    });
    this.#unlink = link(signal, this.#abort, (from) => from.reason);
    this.#watch = new Watch((phase, ms) => this.#abort.abort(timeoutError(phase, ms, id)));
  }

  /** Of the response, errors included. */
  get headers(): Headers | undefined {
    return this.#exchange?.headers;
  }

  get requestId(): string | undefined {
    return this.#exchange?.headers && requestIdOf(this.#exchange.headers);
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
    return this.#reading?.raw;
  }

  /** Of an attempt that is open. */
  get reading(): Reading {
    return this.#reading!;
  }

  /** Sends. Afterwards the response headers are here, and `reading` gives the body. */
  async open(key: () => Promise<string | undefined>): Promise<void> {
    const { call, target, timeouts } = this.#plan;
    const { options } = target;
    const { signal } = this.#abort;
    signal.throwIfAborted();
    const adapter = await target.wire.load();
    const { headers = {} } = options;
    const apiKey = (await untilAborted(key(), signal)) || undefined;
    const missing = apiKey === undefined ? target.missingKey() : undefined;
    if (missing !== undefined) throw missing;
    this.#secrets = secretsOf(headers, apiKey);
    this.#watch.start("headers", timeouts.headersMs);
    const connect = (hands: ExchangeOptions["hands"]) => this.#connect({ apiKey, headers }, hands);
    const found = adapter.before && (await adapter.before(await connect("real"), call));
    const body = { ...(adapter.toRequest(call, found) as object), ...options.extraBody };
    const client = await connect(adapter.untouched ? "none" : "empty");
    const exchange = this.#exchange!;
    this.#watch.start("headers", timeouts.headersMs);
    const sent = adapter.send(client, body, { stream: call.stream });
    await untilAborted(sent, signal).catch((error: unknown) => {
      // A fetch that does not heed its signal may still deliver: nobody will read that.
      sent.then(() => exchange.reply?.cancel()).catch(() => {});
      throw error;
    });
    this.#watch.start("first-byte", timeouts.firstByteMs);
    this.#reading = this.#read(exchange.reply, adapter);
  }

  #connect(to: Pick<Connection, "apiKey" | "headers">, hands: ExchangeOptions["hands"]): Promise<unknown> {
    const { fetch, loopbackOnly, provider, baseURL, apiVersion } = this.#plan.target;
    const exchange = openExchange({ signal: this.#abort.signal, fetch, loopbackOnly, secrets: this.#secrets, hands });
    this.#exchange = exchange;
    return provider.connect({ ...to, baseURL, apiVersion, fetch: exchange.fetch });
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
    this.#watch.stop();
    this.#unlink();
    this.#reading?.close(this.assembler.ended && !this.#abort.signal.aborted);
  }

  /** What a thrown thing means: our own reason before the SDK's, the vendor's word before the socket's. */
  toError(thrown: unknown): LlmError {
    const { call, target } = this.#plan;
    const { provider } = target;
    const known = { provider: provider.id, model: call.model, requestId: this.requestId };
    const { signal } = this.#abort;
    if (signal.aborted && isLlmError(signal.reason)) return signal.reason.complete(known);
    if (isLlmError(thrown)) return thrown.complete(known);
    const { status, headers, errorText, failure } = this.#exchange ?? {};
    if (isLlmError(failure)) return failure.complete(known);
    if (errorText !== undefined && headers !== undefined && status !== undefined) {
      const facts = factsOf(provider, { status, headers, body: parseJson(errorText) ?? errorText });
      return toLlmError(facts, { ...known, status, headers, cause: thrown });
    }
    return this.#brokenWire(failure ?? thrown, thrown, known);
  }

  #brokenWire(failure: unknown, cause: unknown, known: { provider: string; model: string; requestId: string | undefined }): LlmError {
    const { target, call } = this.#plan;
    const words = scrub(wordsOf(failure), this.#secrets);
    if (this.#exchange?.reply !== undefined) {
      const kind = call.stream ? "incomplete-stream" : "connection";
      return new LlmError(kind, `The connection broke in the middle of the response (${words}).`, {
        ...known,
        cause,
        hint: "Send the call again.",
      });
    }
    if (this.#exchange?.failure === undefined)
      return new LlmError("configuration", `The request could not be sent: ${words}.`, { ...known, cause });
    const { host } = new URL(target.baseURL);
    return new LlmError("connection", `Could not reach ${host} (${words}).`, {
      ...known,
      cause,
      hint: "Check the network and the base URL.",
    });
  }

  #read(reply: Reply | undefined, adapter: ChatAdapter): Reading {
    const { call, target, timeouts } = this.#plan;
    if (reply === undefined) throw new LlmError("configuration", "The vendor's SDK returned without sending a request.");
    const source = {
      provider: target.provider,
      model: target.model,
      adapter,
      includeRaw: target.options.includeRaw === true,
      reply,
      assembler: this.assembler,
      filter: filterOf(this.#plan),
      secrets: this.#secrets,
    };
    const body = call.stream ? streamedBody(source) : wholeBody(source);
    return new Reading(reply, body, { watch: this.#watch, signal: this.#abort.signal, idleMs: timeouts.idleMs });
  }
}

function filterOf({ answerTool, reasoningTags }: ChatPlan): DeltaFilter | undefined {
  const filters: DeltaFilter[] = [];
  if (reasoningTags.length > 0) filters.push(tagFilter(reasoningTags));
  if (answerTool !== undefined) filters.push(answerFilter(answerTool));
  return chained(filters);
}

/** The socket's code, one or two causes down, or else the message. */
function wordsOf(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}
