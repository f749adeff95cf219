import { keepShape } from "../http/shape.ts";
import type { ChatEvent } from "../model/chat.ts";

/** Batches of events, undefined when there are no more. */
export interface Batches {
  next(): Promise<ChatEvent[] | undefined>;
}

/** Hands a batch of events over; resolves when the next one is wanted. */
export type Emit = (events: ChatEvent[]) => Promise<void> | void;

/** Where the work of a call puts its events. */
export interface Outlet {
  emit: Emit;
  /** Hands over all of these, and ends, or fails, as they do. */
  relay(batches: Batches): Promise<void>;
}

/** Hands over one batch after the other, for whoever only takes single ones. */
export function outletOf(emit: Emit): Outlet {
  return {
    emit,
    async relay(batches) {
      for (let batch = await batches.next(); batch !== undefined; batch = await batches.next()) await emit(batch);
    },
  };
}

/** For work whose events nobody wants. */
export const ignore: Emit = () => {};

/**
 * Work that hands over batches, as something to pull them from: it begins with the first pull and goes on only when there is another. Gives undefined once
 * the work is over, and fails as it fails. What the work relays is pulled past it: no promise of its own for a network chunk, however deep in the work it comes from.
 */
export class Handover implements Outlet, Batches {
  readonly #work: (outlet: Outlet) => Promise<unknown>;
  #state: "new" | "idle" | "asked" | "over" = "new";
  /** What the last pull waits for. */
  #pending: Promise<ChatEvent[] | undefined> | undefined;
  /** Settles that, where it waits for the work. */
  #wanted: PromiseWithResolvers<ChatEvent[] | undefined> | undefined;
  #goOn: () => void = () => {};
  #relayed: Batches | undefined;
  #relayEnded: PromiseWithResolvers<void> | undefined;

  constructor(work: (outlet: Outlet) => Promise<unknown>) {
    this.#work = work;
  }

  next(): Promise<ChatEvent[] | undefined> {
    if (this.#state === "over") return Promise.resolve(undefined);
    // Whoever asks while somebody waits comes after him.
    if (this.#state === "asked")
      return this.#pending!.then(
        () => this.next(),
        () => undefined,
      );
    const isNew = this.#state === "new";
    this.#state = "asked";
    if (this.#relayed !== undefined) return this.#fromRelay();
    const next = this.#fromWork();
    if (isNew) this.#begin();
    else this.#goOn();
    return next;
  }

  readonly emit: Emit = (events) => {
    this.#state = "idle";
    this.#wanted!.resolve(events);
    return new Promise((resolve) => (this.#goOn = resolve));
  };

  /** The work is only ever under way while somebody waits, so the first batch is his. */
  relay(batches: Batches): Promise<void> {
    const { resolve, reject } = this.#wanted!;
    this.#relayed = batches;
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
    return (this.#pending = this.#relayed!.next().then(this.#onBatch, this.#onFault));
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

keepShape(new Handover(() => Promise.resolve()));
