import { keepShape } from "../http/shape.ts";
import type { Reply } from "../http/reply.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { AskAgain, BodyReader } from "./body.ts";
import { Watch } from "./timeouts.ts";

/** After the vendor's terminator the rest of the body gets this long to end, so that the connection can be used again. */
const DRAIN_MS = 250;

interface Within {
  watch: Watch;
  signal: AbortSignal;
  idleMs: number;
  /** Waits, and asks for an answer that is still being made. */
  ask(again: AskAgain): Promise<Reply>;
}

/** The body of a reply as it is read: within the time, until the attempt's signal is aborted. */
export class Reading {
  readonly #body: BodyReader;
  readonly #watch: Watch;
  readonly #signal: AbortSignal;
  readonly #idleMs: number;
  readonly #ask: (again: AskAgain) => Promise<Reply>;
  /** Until its end. */
  #reply: Reply | undefined;
  #begun = false;

  constructor(reply: Reply, body: BodyReader, within: Within) {
    this.#reply = reply;
    this.#body = body;
    this.#watch = within.watch;
    this.#signal = within.signal;
    this.#idleMs = within.idleMs;
    this.#ask = within.ask;
  }

  /** The whole response, parsed, where it came whole. */
  get raw(): unknown {
    return this.#body.raw;
  }

  /** Whether there is more, for `take`. Rejects where what came before it could not be read on. */
  more(): Promise<boolean> {
    const { fault } = this.#body;
    if (fault !== undefined) return Promise.reject(fault);
    if (this.#reply === undefined) return this.#again();
    this.#watch.resume();
    return this.#reply.more();
  }

  async #again(): Promise<boolean> {
    this.#reply = await this.#ask(this.#body.again!);
    this.#begun = false;
    return this.#reply.more();
  }

  /** Adds the events of what has come, or of the body's end, to `out`; false when the answer is over. */
  take(more: boolean, out: ChatEvent[]): boolean {
    this.#signal.throwIfAborted();
    if (!this.#begun) this.#begin();
    this.#watch.pause();
    if (more) return this.#body.take(this.#reply!.take(), out);
    this.#reply = undefined;
    return this.#body.take(undefined, out);
  }

  /** Frees the socket of a body that has not ended, or lets it end where all that matters has come. */
  close(complete: boolean): void {
    this.#body.flush();
    const reply = this.#reply;
    this.#reply = undefined;
    if (reply === undefined) return;
    if (complete) void drain(reply);
    else reply.cancel();
  }

  #begin(): void {
    this.#begun = true;
    this.#watch.start("idle", this.#idleMs);
  }
}

async function drain(reply: Reply): Promise<void> {
  const timer = setTimeout(() => reply.cancel(), DRAIN_MS);
  try {
    while (await reply.more()) reply.take();
  } catch {
    // The answer is complete: how its connection ends no longer matters.
  } finally {
    clearTimeout(timer);
  }
}

const NO_REPLY: Reply = {
  status: 0,
  headers: new Headers(),
  more: () => Promise.resolve(false),
  take: () => new Uint8Array(),
  cancel() {},
};
const NO_BODY: BodyReader = { take: () => false, fault: undefined, flush() {} };
/** Of nothing. */
export const EXAMPLE: Reading = new Reading(NO_REPLY, NO_BODY, {
  watch: new Watch(() => {}),
  signal: new AbortController().signal,
  idleMs: 0,
  ask: () => Promise.resolve(NO_REPLY),
});
keepShape(EXAMPLE);
