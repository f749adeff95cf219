import type { ChatEvent } from "../model/chat.ts";

/** Hands a batch of events over; resolves when the next one is wanted. */
export type Emit = (events: ChatEvent[]) => Promise<void> | void;

/** For work whose events nobody wants. */
export const ignore: Emit = () => {};

/**
 * Work that hands over batches, as something to pull them from: it begins with the first pull and goes on only when there is another. One promise a batch,
 * however deep in the work it comes from. Gives undefined once the work is over, and fails as it fails.
 */
export function pulled(work: (emit: Emit) => Promise<unknown>): () => Promise<ChatEvent[] | undefined> {
  let wanted: PromiseWithResolvers<ChatEvent[] | undefined> | undefined;
  let goOn: (() => void) | undefined;
  let state: "idle" | "asked" | "over" = "idle";
  const emit: Emit = (events) => {
    state = "idle";
    wanted!.resolve(events);
    return new Promise((resolve) => (goOn = resolve));
  };
  const end = (settle: () => void) => {
    state = "over";
    settle();
  };
  return function pull(): Promise<ChatEvent[] | undefined> {
    if (state === "over") return Promise.resolve(undefined);
    // Whoever asks while somebody waits comes after him.
    if (state === "asked") return wanted!.promise.then(pull, () => undefined);
    const begun = wanted !== undefined;
    const next = (wanted = Promise.withResolvers<ChatEvent[] | undefined>());
    state = "asked";
    if (begun) goOn?.();
    else
      work(emit).then(
        () => end(() => wanted!.resolve(undefined)),
        (error: unknown) => end(() => wanted!.reject(error)),
      );
    return next.promise;
  };
}
