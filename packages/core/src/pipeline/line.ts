import { isLlmError, LlmError } from "../error.ts";
import { openExchange, type Exchange, type ExchangeOptions } from "../http/exchange.ts";
import { scrub, secretsOf } from "../http/redact.ts";
import type { Reply } from "../http/reply.ts";
import { link, untilAborted } from "../http/signals.ts";
import { factsOf, requestIdOf, toLlmError } from "../provider/errors.ts";
import type { Destination } from "./plan.ts";
import { timeoutError, Watch } from "./timeouts.ts";
import { parseJson } from "./unexpected.ts";

/** One attempt's way to the wire, whatever is asked there: its signal, its deadline, its key, its exchange, and what a failure of it means. */
export class Line {
  readonly watch: Watch;
  exchange: Exchange | undefined;
  secrets: string[] = [];
  readonly #target: Destination;
  readonly #abort = new AbortController();
  readonly #unlink: () => void;
  #apiKey: string | undefined;

  constructor(target: Destination, signal: AbortSignal) {
    this.#target = target;
    this.#unlink = link(signal, this.#abort, (from) => from.reason);
    this.watch = new Watch((phase, ms) => this.#abort.abort(timeoutError(phase, ms, target.provider.id)));
  }

  /** This attempt's own. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Of the response, errors included. */
  get headers(): Headers | undefined {
    return this.exchange?.headers;
  }

  get requestId(): string | undefined {
    return this.exchange?.headers && requestIdOf(this.exchange.headers);
  }

  /** Asks for the key. Throws where one is needed and there is none. */
  async identify(key: () => Promise<string | undefined>): Promise<void> {
    const apiKey = (await untilAborted(key(), this.signal)) || undefined;
    const missing = apiKey === undefined ? this.#target.missingKey() : undefined;
    if (missing !== undefined) throw missing;
    this.#apiKey = apiKey;
    this.secrets = secretsOf(this.#target.options.headers ?? {}, apiKey);
  }

  /** A client of the vendor's whose requests go through a new exchange. */
  connect(hands: ExchangeOptions["hands"]): Promise<unknown> {
    const { fetch, loopbackOnly, provider, baseURL, apiVersion, options } = this.#target;
    const { headers = {} } = options;
    const exchange = openExchange({ signal: this.signal, fetch, loopbackOnly, secrets: this.secrets, hands });
    this.exchange = exchange;
    return provider.connect({ apiKey: this.#apiKey, headers, baseURL, apiVersion, fetch: exchange.fetch });
  }

  /** The reply to what is being sent, as soon as its headers are here. */
  async sent(sending: Promise<unknown>): Promise<Reply> {
    const exchange = this.exchange;
    await untilAborted(sending, this.signal).catch((error: unknown) => {
      // A fetch that does not heed its signal may still deliver: nobody will read that.
      sending.then(() => exchange?.reply?.cancel()).catch(() => {});
      throw error;
    });
    if (exchange?.reply === undefined) throw new LlmError("configuration", "The vendor's SDK returned without sending a request.");
    return exchange.reply;
  }

  close(): void {
    this.watch.stop();
    this.#unlink();
  }

  /** What a thrown thing means: our own reason before the SDK's, the vendor's word before the socket's. `streamed`: an answer that broke is half a stream. */
  toError(thrown: unknown, streamed: boolean): LlmError {
    const { provider, model } = this.#target;
    const known = { provider: provider.id, model, requestId: this.requestId };
    const { signal } = this;
    if (signal.aborted && isLlmError(signal.reason)) return signal.reason.complete(known);
    if (isLlmError(thrown)) return thrown.complete(known);
    const { status, headers, errorText, failure } = this.exchange ?? {};
    if (isLlmError(failure)) return failure.complete(known);
    if (errorText !== undefined && headers !== undefined && status !== undefined) {
      const facts = factsOf(provider, { status, headers, body: parseJson(errorText) ?? errorText });
      return toLlmError(facts, { ...known, status, headers, cause: thrown });
    }
    return this.#brokenWire(failure ?? thrown, { ...known, cause: thrown }, streamed);
  }

  #brokenWire(
    failure: unknown,
    known: { provider: string; model: string; requestId: string | undefined; cause: unknown },
    streamed: boolean,
  ): LlmError {
    const words = scrub(wordsOf(failure), this.secrets);
    if (this.exchange?.reply !== undefined) {
      const kind = streamed ? "incomplete-stream" : "connection";
      return new LlmError(kind, `The connection broke in the middle of the response (${words}).`, {
        ...known,
        hint: "Send the call again.",
      });
    }
    if (this.exchange?.failure === undefined) return new LlmError("configuration", `The request could not be sent: ${words}.`, known);
    const { host } = new URL(this.#target.baseURL);
    return new LlmError("connection", `Could not reach ${host} (${words}).`, { ...known, hint: "Check the network and the base URL." });
  }
}

/** The socket's code, one or two causes down, or else the message. */
function wordsOf(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What was thrown outside of any attempt, as an error of the house. */
export function toError(thrown: unknown, { target }: { target: Pick<Destination, "provider"> }): LlmError {
  if (isLlmError(thrown)) return thrown;
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return new LlmError("configuration", `The call could not be made: ${words}.`, { provider: target.provider.id, cause: thrown });
}
