import { abortedError, type LlmError } from "../error.ts";
import type { ChatEvent, ChatResult } from "../model/chat.ts";

/** Where the events come from: batches until `undefined`, or an error. `cancel` makes a pending and any later `pull` reject with `aborted`. */
export interface EventSource {
  pull(): Promise<ChatEvent[] | undefined>;
  cancel(reason?: unknown): void;
}

type Next = IteratorResult<ChatEvent, void>;
const OVER: Next = { value: undefined, done: true };

/** A source that is opened by its first pull, and never if it is cancelled before that. */
export function lazySource(open: () => Promise<EventSource>): EventSource {
  let source: EventSource | undefined;
  let cancelled: LlmError | undefined;
  return {
    async pull() {
      if (source === undefined) {
        if (cancelled !== undefined) throw cancelled;
        source = await open();
        if (cancelled !== undefined) source.cancel(cancelled);
      }
      return source.pull();
    },
    cancel(reason) {
      cancelled = abortedError(reason);
      source?.cancel(cancelled);
    },
  };
}

/** Hands over the batches of a source event by event. Hand-written: an async generator would cost more per event than the reading does. */
export class EventReader implements AsyncIterableIterator<ChatEvent, void, undefined> {
  readonly result: Promise<ChatResult>;
  readonly #source: EventSource;
  readonly #resolve: (result: ChatResult) => void;
  readonly #reject: (error: unknown) => void;
  #batch: readonly ChatEvent[] = [];
  #next = 0;
  /** Set once no event will come any more; `error` where the reader has not been told yet. */
  #end: { error?: unknown } | undefined;
  #closing: Promise<void> | undefined;

  constructor(source: EventSource) {
    this.#source = source;
    const { promise, resolve, reject } = Promise.withResolvers<ChatResult>();
    promise.catch(() => {});
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  next(): Promise<Next> {
    if (this.#next < this.#batch.length) return Promise.resolve({ value: this.#batch[this.#next++]!, done: false });
    return this.#refill();
  }

  async return(): Promise<Next> {
    this.cancel();
    await this.#closing;
    this.#end = {};
    return OVER;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Reads to the end without looking. */
  async drain(): Promise<void> {
    for (let over = false; !over;) {
      this.#next = this.#batch.length;
      over = await this.#refill().then(
        (step) => step.done === true,
        () => true,
      );
    }
  }

  /** The pull tells the source's last word to `result`, also where nobody reads. */
  cancel(reason?: unknown): void {
    if (this.#end !== undefined || this.#closing !== undefined) return;
    this.#batch = [];
    this.#next = 0;
    this.#source.cancel(reason);
    this.#closing = this.#close();
  }

  async #close(): Promise<void> {
    await this.#pull();
    this.#end ??= {};
  }

  async #refill(): Promise<Next> {
    while (this.#end === undefined && this.#next === this.#batch.length) await (this.#closing ?? this.#pull());
    if (this.#next < this.#batch.length) return { value: this.#batch[this.#next++]!, done: false };
    if (this.#end?.error === undefined) return OVER;
    const { error } = this.#end;
    this.#end = {};
    throw error;
  }

  async #pull(): Promise<void> {
    try {
      const pulled = await this.#source.pull();
      const last = pulled?.at(-1);
      if (last?.type === "done") this.#resolve(last.result);
      if (pulled === undefined) this.#end ??= {};
      else if (this.#closing === undefined) [this.#batch, this.#next] = [pulled, 0];
    } catch (error) {
      this.#reject(error);
      this.#end ??= { error };
    }
  }
}
