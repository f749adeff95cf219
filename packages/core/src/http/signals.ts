/** Links a signal to an abort controller of ours until the returned function is called. `reason` says what an abort means here. */
export function link(from: AbortSignal | undefined, to: AbortController, reason: (from: AbortSignal) => unknown): () => void {
  if (from === undefined) return () => {};
  const abort = () => to.abort(reason(from));
  if (from.aborted) abort();
  else from.addEventListener("abort", abort, { once: true });
  return () => from.removeEventListener("abort", abort);
}

/** Rejects with the signal's reason as soon as it is aborted; for what does not listen itself. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", abort));
}

/** Waits, or rejects with the signal's reason as soon as it is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await untilAborted(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))), signal);
  } finally {
    clearTimeout(timer);
  }
}
