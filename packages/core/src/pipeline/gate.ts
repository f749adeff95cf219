import { untilAborted } from "../http/signals.ts";

/** One who waits for a turn. */
export interface Entry {
  /** Takes what the minute allows: 0, or the milliseconds until it may. */
  take(): number | Promise<number>;
  maxConcurrent: number;
  maxWaitMs: number;
  signal: AbortSignal;
  /** The error for a wait that would be too long; `ms`: how long it would be, as far as known. */
  tooLong(ms: number | undefined): Error;
}

interface Waiting extends Entry {
  until: number;
  admitted: boolean;
  admit(): void;
  refuse(error: unknown): void;
}

const LONGEST_DELAY = 2 ** 31 - 1;

/** Lets calls through in the order in which they came. Waiting costs one timer for the first in the row; nobody polls. */
export class Gate {
  readonly #row: Waiting[] = [];
  #running = 0;
  #asking = false;
  #alarm: ReturnType<typeof setTimeout> | undefined;

  /** Resolves when it is this one's turn; `leave` then frees it. Rejects with `tooLong` or the signal's reason. */
  async enter(entry: Entry): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { ...entry, until: performance.now() + entry.maxWaitMs, admitted: false, admit: resolve, refuse: reject };
    this.#row.push(waiting);
    const patience = setTimeout(() => reject(entry.tooLong(undefined)), Math.min(entry.maxWaitMs, LONGEST_DELAY));
    void this.#advance();
    try {
      await untilAborted(promise, entry.signal);
    } catch (error) {
      const at = this.#row.indexOf(waiting);
      if (at !== -1) this.#row.splice(at, 1);
      if (waiting.admitted) this.#running--;
      void this.#advance();
      throw error;
    } finally {
      clearTimeout(patience);
    }
  }

  leave(): void {
    this.#running--;
    void this.#advance();
  }

  /** Lets through whoever may go, and sets the alarm for the first who may not yet. */
  async #advance(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#alarm);
    try {
      for (let first = this.#row[0]; first !== undefined && this.#running < first.maxConcurrent; first = this.#row[0]) {
        const wait = await first.take();
        // It may have left while the store was asked; what it took, the next minute forgets.
        if (this.#row[0] !== first) continue;
        if (wait > 0 && wait <= first.until - performance.now()) {
          this.#alarm = setTimeout(() => void this.#advance(), wait);
          return;
        }
        this.#row.shift();
        if (wait > 0) first.refuse(first.tooLong(wait));
        else this.#admit(first);
      }
    } catch (error) {
      this.#row.shift()?.refuse(error);
    } finally {
      this.#asking = false;
    }
  }

  #admit(waiting: Waiting): void {
    this.#running++;
    waiting.admitted = true;
    waiting.admit();
  }
}
