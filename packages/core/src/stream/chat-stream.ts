import { LlmError } from "../error.ts";
import type { ChatEvent, ChatResult } from "../model/chat.ts";

/**
 * The events of one call, as they come. Single use, pulled: nothing is sent before the first pull, `result` or `onDelta`.
 * `result` drains when nobody iterates; an iterator taken after that throws. `break`, `cancel()` and an aborted signal close
 * the socket and reject `result` with `aborted`, what had arrived in `partial`.
 */
export interface ChatStream<T = unknown> extends AsyncIterable<ChatEvent<T>> {
  [Symbol.asyncIterator](): AsyncIterableIterator<ChatEvent<T>, void, undefined>;
  /** Only the text, piece by piece. Takes the stream's one iterator. */
  readonly textStream: AsyncIterable<string>;
  /** Rejects with an LlmError. Never an unhandled rejection. */
  readonly result: Promise<ChatResult<T>>;
  cancel(reason?: unknown): void;
  /** Two streams of the same events. The faster branch waits for the slower after 64 events; the call is aborted when both are cancelled. */
  tee(): [ChatStream<T>, ChatStream<T>];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Where the events come from: batches until `undefined`, or an error. `cancel` makes a pending and any later `pull` reject with `aborted`. */
export interface EventSource {
  pull(): Promise<ChatEvent[] | undefined>;
  cancel(reason?: unknown): void;
}

const TEE_AHEAD = 64;

/** Hands over the batches of a source event by event. Hand-written: an async generator would cost more per event than the reader does. */
export function toChatStream<T>(source: EventSource, eager = false): ChatStream<T> {
  type Next = IteratorResult<ChatEvent<T>, void>;
  const over: Next = { value: undefined, done: true };
  let batch: ChatEvent[] = [];
  let next = 0;
  let reader: "none" | "iterator" | "result" = "none";
  /** Set once no event will come any more; `error` where the reader has not been told yet. */
  let end: { error?: unknown } | undefined;
  let closing: Promise<void> | undefined;
  const { promise, resolve, reject } = Promise.withResolvers<ChatResult<T>>();
  promise.catch(() => {});

  async function pull(): Promise<void> {
    try {
      const pulled = await source.pull();
      const last = pulled?.at(-1);
      if (last?.type === "done") resolve(last.result as ChatResult<T>);
      if (pulled === undefined) end ??= {};
      else if (closing === undefined) [batch, next] = [pulled, 0];
    } catch (error) {
      reject(error);
      end ??= { error };
    }
  }

  async function refill(): Promise<Next> {
    while (end === undefined && next === batch.length) await (closing ?? pull());
    return next < batch.length ? { value: batch[next++] as ChatEvent<T>, done: false } : finish();
  }

  function finish(): Next {
    if (end?.error === undefined) return over;
    const { error } = end;
    end = {};
    throw error;
  }

  /** The pull tells the source's last word to `result`, also where nobody reads. */
  function cancel(reason?: unknown): void {
    if (end !== undefined || closing !== undefined) return;
    batch = [];
    next = 0;
    source.cancel(reason);
    closing = lastPull();
  }

  async function lastPull(): Promise<void> {
    await pull();
    end ??= {};
  }

  async function leave(): Promise<Next> {
    cancel();
    await closing;
    end = {};
    return over;
  }

  const iterator: AsyncIterableIterator<ChatEvent<T>, void, undefined> = {
    next: () => (next < batch.length ? Promise.resolve({ value: batch[next++] as ChatEvent<T>, done: false }) : refill()),
    return: leave,
    [Symbol.asyncIterator]: () => iterator,
  };

  function take(by: "iterator" | "result"): typeof iterator {
    if (reader !== "none") {
      throw new LlmError("configuration", "This stream is already being read: a stream is single use.", {
        hint: "Iterate it once, before `result` is awaited, or split it with tee().",
      });
    }
    reader = by;
    return iterator;
  }

  /** Waits one microtask, so that `Promise.all([stream.result, read(stream)])` still finds the iterator free. */
  function drainUnlessTaken(): void {
    queueMicrotask(async () => {
      if (reader !== "none") return;
      take("result");
      for (let ended = false; !ended;) {
        next = batch.length;
        ended = await refill().then(
          (step) => step.done === true,
          () => true,
        );
      }
    });
  }
  if (eager) drainUnlessTaken();

  return {
    [Symbol.asyncIterator]: () => take("iterator"),
    get textStream() {
      return textOf(() => take("iterator"));
    },
    get result() {
      if (reader === "none") drainUnlessTaken();
      return promise;
    },
    cancel,
    tee: () => tee<T>(take("iterator"), cancel),
    async [Symbol.asyncDispose]() {
      await leave();
    },
  };
}

function textOf(take: () => AsyncIterableIterator<ChatEvent>): AsyncIterable<string> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const event of take()) if (event.type === "text" && !event.choice) yield event.text;
    },
  };
}

/** Both branches read one queue; whoever is ahead waits, and whoever needs the next event pulls it for both. */
function tee<T>(events: AsyncIterator<ChatEvent<T>, void>, cancelAll: (reason?: unknown) => void): [ChatStream<T>, ChatStream<T>] {
  const queues: ChatEvent[][] = [[], []];
  const waiting: (() => void)[] = [];
  const live = [true, true];
  let over: { error?: unknown } | undefined;
  let pulling: Promise<void> | undefined;
  const wake = () => {
    for (const resume of waiting.splice(0)) resume();
  };

  async function pullOne(): Promise<void> {
    try {
      const step = await events.next();
      if (step.done) over = {};
      else for (const [i, queue] of queues.entries()) if (live[i]) queue.push(step.value as ChatEvent);
    } catch (error) {
      over = { error };
    } finally {
      pulling = undefined;
    }
  }

  function branch(mine: 0 | 1): EventSource {
    const other = mine === 0 ? 1 : 0;
    let cancelled: LlmError | undefined;
    return {
      async pull() {
        for (;;) {
          if (cancelled !== undefined) throw cancelled;
          if (queues[mine]!.length > 0) {
            wake();
            return [queues[mine]!.shift()!];
          }
          if (over !== undefined) {
            if ("error" in over) throw over.error;
            return undefined;
          }
          if (live[other] && queues[other]!.length >= TEE_AHEAD) await new Promise<void>((resume) => waiting.push(resume));
          else await (pulling ??= pullOne());
        }
      },
      cancel(reason) {
        cancelled = new LlmError("aborted", "This branch of the stream was cancelled.", reason === undefined ? {} : { cause: reason });
        live[mine] = false;
        queues[mine] = [];
        wake();
        if (!live[other]) cancelAll(reason);
      },
    };
  }
  return [toChatStream<T>(branch(0)), toChatStream<T>(branch(1))];
}
