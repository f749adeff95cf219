import { abortedError, type LlmError } from "../error.ts";
import { keepShape } from "../http/shape.ts";
import type { ChatEvent, ChatResult } from "../model/chat.ts";

/** Where the events come from: batches until `undefined`, or an error. `cancel` makes a pending and any later `pull` reject with `aborted`. */
export interface EventSource {
  /** `by` "nobody": the events are only drained, so nobody can answer a question among them. */
  pull(by?: "nobody"): Promise<ChatEvent[] | undefined>;
  cancel(reason?: unknown): void;
}

/** What a reader may say with `next`. "nobody": it only drains. */
export type Word = "approve" | "reject" | "nobody";

type Next = IteratorResult<ChatEvent, void>;
type Done = Extract<ChatEvent, { type: "done" }>;
const OVER: Next = { value: undefined, done: true };

/** A source that is opened by its first pull, and never if it is cancelled before that. */
export class LazySource implements EventSource {
  readonly #open: () => Promise<EventSource>;
  #source: EventSource | undefined;
  #cancelled: LlmError | undefined;

  constructor(open: () => Promise<EventSource>) {
    this.#open = open;
  }

  pull(by?: "nobody"): Promise<ChatEvent[] | undefined> {
    return this.#source === undefined ? this.#begin(by) : this.#source.pull(by);
  }

  cancel(reason?: unknown): void {
    this.#cancelled = abortedError(reason);
    this.#source?.cancel(this.#cancelled);
  }

  async #begin(by: "nobody" | undefined): Promise<ChatEvent[] | undefined> {
    if (this.#cancelled !== undefined) throw this.#cancelled;
    const source = await this.#open();
    if (this.#cancelled !== undefined) source.cancel(this.#cancelled);
    this.#source = source;
    return source.pull(by);
  }
}

/** Hands over the batches of a source event by event. Hand-written: an async generator would cost more per event than the reading does. */
export class EventReader implements AsyncIterableIterator<ChatEvent, void, Word | undefined> {
  readonly result: Promise<ChatResult>;
  readonly #source: EventSource;
  readonly #resolve: (done: Done) => void;
  readonly #reject: (error: unknown) => void;
  #batch: readonly ChatEvent[] = [];
  #next = 0;
  /** Set once no event will come any more; `error` where the reader has not been told yet. */
  #end: { error?: unknown } | undefined;
  #closing: Promise<void> | undefined;
  /** Until the next batch is here, or the end. */
  #pulling: Promise<Next> | undefined;

  constructor(source: EventSource) {
    this.#source = source;
    const { promise, resolve, reject } = Promise.withResolvers<Done>();
    // Taken out here and not where batches come: a result has a shape of its own, which the code for batches would be tied to.
    this.result = promise.then((done) => done.result);
    this.result.catch(() => {});
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** "approve" and "reject" answer the approval request that was read last. */
  next(word?: Word): Promise<Next> {
    if (word !== undefined) this.#answer(word);
    if (this.#next < this.#batch.length) return Promise.resolve(this.#step());
    return this.#refill(word === "nobody" ? word : undefined);
  }

  #step(): Next {
    return { value: this.#batch[this.#next++]!, done: false };
  }

  #answer(word: Word): void {
    const last = this.#batch[this.#next - 1];
    if (last?.type !== "approval-request") return;
    if (word === "approve") last.approve();
    else if (word === "reject") last.reject();
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
      over = await this.#refill("nobody").then(
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
    await this.#source.pull("nobody").then(this.#note, this.#noteFault);
    this.#end ??= {};
  }

  /** The first event of the next batch, for whoever asks first; whoever asks while he waits comes after him. */
  #refill(by?: "nobody"): Promise<Next> {
    if (this.#end !== undefined) return this.#last(this.#end);
    const before = this.#closing ?? this.#pulling;
    if (before !== undefined) {
      const again = () => this.next(by);
      return before.then(again, again);
    }
    return (this.#pulling = this.#source.pull(by).then(this.#take, this.#fail));
  }

  #last({ error }: { error?: unknown }): Promise<Next> {
    this.#end = {};
    return error === undefined ? Promise.resolve(OVER) : Promise.reject(error);
  }

  readonly #take = (pulled: ChatEvent[] | undefined): Next | Promise<Next> => {
    this.#pulling = undefined;
    this.#note(pulled);
    return this.#next < this.#batch.length ? this.#step() : this.#refill();
  };

  readonly #fail = (error: unknown): Promise<Next> => {
    this.#pulling = undefined;
    this.#noteFault(error);
    return this.#last(this.#end!);
  };

  readonly #note = (pulled: ChatEvent[] | undefined): void => {
    const last = pulled?.at(-1);
    if (last?.type === "done") this.#resolve(last);
    if (pulled === undefined) this.#end ??= {};
    else if (this.#closing === undefined) [this.#batch, this.#next] = [pulled, 0];
  };

  readonly #noteFault = (error: unknown): void => {
    this.#reject(error);
    this.#end ??= { error };
  };
}

const NEVER = new LazySource(() => Promise.reject(new Error("An example is not read.")));
keepShape(NEVER, new EventReader(NEVER));
