import type { ChatEvent } from "../model/chat.ts";

/** A batch of events each time, undefined when there are no more. */
export type Pull = () => Promise<ChatEvent[] | undefined>;

/** Hands a batch of events over; resolves when the next one is wanted. */
export type Emit = (events: ChatEvent[]) => Promise<void> | void;

/** Where the work of a call puts its events. */
export interface Outlet {
  emit: Emit;
  /** Hands over all that `next` gives. Ends, or fails, as `next` does. */
  relay(next: Pull): Promise<void>;
}

/** Hands over one batch after the other, for whoever only takes single ones. */
export function outletOf(emit: Emit): Outlet {
  return {
    emit,
    async relay(next) {
      for (let batch = await next(); batch !== undefined; batch = await next()) await emit(batch);
    },
  };
}

/** For work whose events nobody wants. */
export const ignore: Emit = () => {};

/**
 * Work that hands over batches, as something to pull them from: it begins with the first pull and goes on only when there is another. Gives undefined once
 * the work is over, and fails as it fails. What the work relays is pulled past it: no promise of its own for a network chunk, however deep in the work it comes from.
 */
export function pulled(work: (outlet: Outlet) => Promise<unknown>): Pull {
  return new Handover(work).pull;
}

class Handover implements Outlet {
  readonly #work: (outlet: Outlet) => Promise<unknown>;
  #state: "new" | "idle" | "asked" | "over" = "new";
  /** What the last pull waits for. */
  #pending: Promise<ChatEvent[] | undefined> | undefined;
  /** Settles that, where it waits for the work. */
  #wanted: PromiseWithResolvers<ChatEvent[] | undefined> | undefined;
  #goOn: () => void = () => {};
  #relayed: Pull | undefined;
  #relayEnded: PromiseWithResolvers<void> | undefined;

  constructor(work: (outlet: Outlet) => Promise<unknown>) {
    this.#work = work;
  }

  readonly pull: Pull = () => {
    if (this.#state === "over") return Promise.resolve(undefined);
    // Whoever asks while somebody waits comes after him.
    if (this.#state === "asked") return this.#pending!.then(this.pull, () => undefined);
    const isNew = this.#state === "new";
    this.#state = "asked";
    if (this.#relayed !== undefined) return this.#fromRelay();
    const next = this.#fromWork();
    if (isNew) this.#begin();
    else this.#goOn();
    return next;
  };

  readonly emit: Emit = (events) => {
    this.#state = "idle";
    this.#wanted!.resolve(events);
    return new Promise((resolve) => (this.#goOn = resolve));
  };

  /** The work is only ever under way while somebody waits, so the first batch is his. */
  relay(next: Pull): Promise<void> {
    const { resolve, reject } = this.#wanted!;
    this.#relayed = next;
    this.#relayEnded = Promise.withResolvers();
    this.#fromRelay().then(resolve, reject);
    return this.#relayEnded.promise;
  }

  #begin(): void {
    this.#work(this).then(
      () => this.#end().resolve(undefined),
      (error: unknown) => this.#end().reject(error),
    );
  }

  #end(): PromiseWithResolvers<ChatEvent[] | undefined> {
    this.#state = "over";
    return this.#wanted!;
  }

  #fromWork(): Promise<ChatEvent[] | undefined> {
    this.#wanted = Promise.withResolvers();
    return (this.#pending = this.#wanted.promise);
  }

  #fromRelay(): Promise<ChatEvent[] | undefined> {
    return (this.#pending = this.#relayed!().then(this.#onBatch, this.#onFault));
  }

  readonly #onBatch = (batch: ChatEvent[] | undefined): ChatEvent[] | Promise<ChatEvent[] | undefined> => {
    if (batch === undefined) return this.#leaveRelay(() => this.#relayEnded!.resolve());
    this.#state = "idle";
    return batch;
  };

  readonly #onFault = (error: unknown): Promise<ChatEvent[] | undefined> => this.#leaveRelay(() => this.#relayEnded!.reject(error));

  /** The work goes on, and who waits gets what it hands over next. */
  #leaveRelay(goOn: () => void): Promise<ChatEvent[] | undefined> {
    this.#relayed = undefined;
    const next = this.#fromWork();
    goOn();
    return next;
  }
}
