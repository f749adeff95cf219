import { isLlmError, type Usage } from "../error.ts";
import { scrub } from "../http/redact.ts";
import { readText, type Reply } from "../http/reply.ts";
import type { EmbedCall, EmbedOptions } from "../model/embed.ts";
import type { Timeouts } from "../model/policy.ts";
import type { EmbedAnswer, EmbedCapabilities, EmbedWire } from "../provider/embed.ts";
import { factsOf, toLlmError } from "../provider/errors.ts";
import { Line } from "./line.ts";
import type { Destination } from "./plan.ts";
import { hasError, parseJson, unexpectedBody, unreadable } from "./unexpected.ts";
import { toVectors } from "./vectors.ts";

/** Where embeddings are made. */
export interface EmbedTarget extends Destination {
  wire: EmbedWire;
  /** Of the wire and the model together. */
  capabilities: EmbedCapabilities;
  options: EmbedOptions;
}

/** What one request brought. */
export interface EmbedReply extends Omit<EmbedAnswer, "vectors"> {
  vectors: number[][];
}

/** One try to embed one batch. */
export class EmbedAttempt {
  readonly startedAt: number = Date.now();
  readonly line: Line;
  usage: Usage = {};
  readonly #started = performance.now();
  readonly #target: EmbedTarget;

  constructor(target: EmbedTarget, signal: AbortSignal) {
    this.#target = target;
    this.line = new Line(target, signal);
  }

  get durationMs(): number {
    return performance.now() - this.#started;
  }

  get requestId(): string | undefined {
    return this.line.requestId;
  }

  /** Sends, and reads the answer to its end. */
  async run(call: EmbedCall, key: () => Promise<string | undefined>, timeouts: Required<Timeouts>): Promise<EmbedReply> {
    const { line } = this;
    const { wire, options } = this.#target;
    line.signal.throwIfAborted();
    const adapter = await wire.load();
    await line.identify(key);
    const body = { ...(adapter.toRequest(call) as object), ...options.extraBody };
    const client = await line.connect(adapter.untouched ? "none" : "empty");
    line.watch.start("headers", timeouts.headersMs);
    const reply = await line.sent(adapter.send(client, body));
    const text = await this.#read(reply, timeouts);
    return readable(() => {
      const answer = this.#understood(text, reply, adapter.fromResponse);
      if (answer.usage !== undefined) this.usage = answer.usage;
      return { ...answer, vectors: toVectors(answer.vectors, call) };
    });
  }

  async #read(reply: Reply, { firstByteMs, idleMs }: Required<Timeouts>): Promise<string> {
    const { watch, signal } = this.line;
    watch.start("first-byte", firstByteMs);
    const watched: Pick<Reply, "more" | "take"> = {
      async more() {
        const more = await reply.more();
        signal.throwIfAborted();
        watch.start("idle", idleMs);
        return more;
      },
      take: () => reply.take(),
    };
    return readText(watched);
  }

  #understood(text: string, reply: Reply, fromResponse: (reply: unknown) => EmbedAnswer): EmbedAnswer {
    const { secrets } = this.line;
    const { provider, model } = this.#target;
    const body = parseJson(text);
    if (typeof body !== "object" || body === null || hasError(body))
      throw unexpectedBody({ provider, model, reply, secrets }, text, "embeddings");
    const answer = fromResponse(body);
    if (answer.vectors.length > 0) return answer;
    const { kind, message, ...facts } = factsOf(provider, { headers: reply.headers, body: parseJson(scrub(text, secrets)) });
    const said = { ...facts, kind: kind ?? "invalid-response", message: message || "There are no embeddings in the answer." } as const;
    throw toLlmError(said, { provider: provider.id, model, headers: reply.headers });
  }

  /** Frees everything. A body that has not ended is cancelled, which closes its socket. */
  close(): void {
    this.line.close();
    this.line.exchange?.reply?.cancel();
  }
}

/** What a mapper did not expect is the answer's fault. */
function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw isLlmError(cause) ? cause : unreadable(cause);
  }
}
