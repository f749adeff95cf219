import { LlmError } from "../error.ts";
import type { ChatEvent, ChatResult } from "../model/chat.ts";
import { EventReader, type EventSource } from "./event-reader.ts";
import { teeSource } from "./tee.ts";

/**
 * The events of one call, as they come. Single use, pulled: nothing is sent before the first pull, `result` or `onDelta`.
 * `result` drains when nobody iterates; an iterator taken after that throws. `break`, `cancel()` and an aborted signal close
 * the socket and reject `result` with `aborted`, what had arrived in `partial`.
 */
export interface ChatStream<T = unknown> extends AsyncIterable<ChatEvent<T>> {
  /** `iterator.next("approve")` and `next("reject")` answer the approval request that was read last. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ChatEvent<T>, void, "approve" | "reject" | undefined>;
  /** Only the text, piece by piece. Takes the stream's one iterator. */
  readonly textStream: AsyncIterable<string>;
  /** Rejects with an LlmError. Never an unhandled rejection. */
  readonly result: Promise<ChatResult<T>>;
  cancel(reason?: unknown): void;
  /** Two streams of the same events. The faster branch waits for the slower after 64 events; the call is aborted when both are cancelled. */
  tee(): [ChatStream<T>, ChatStream<T>];
  [Symbol.asyncDispose](): Promise<void>;
}

/** The stream of a source. `eager`: it is read even if nobody iterates. */
export function toChatStream(source: EventSource, eager = false): ChatStream {
  const reader = new EventReader(source);
  let taken = false;

  function take(): EventReader {
    if (taken) {
      throw new LlmError("configuration", "This stream is already being read: a stream is single use.", {
        hint: "Iterate it once, before `result` is awaited, or split it with tee().",
      });
    }
    taken = true;
    return reader;
  }

  /** Waits one microtask, so that `Promise.all([stream.result, read(stream)])` still finds the iterator free. */
  function drainUnlessTaken(): void {
    queueMicrotask(() => {
      if (!taken) void take().drain();
    });
  }
  if (eager) drainUnlessTaken();

  return {
    [Symbol.asyncIterator]: take,
    get textStream() {
      return textOf(take);
    },
    get result() {
      if (!taken) drainUnlessTaken();
      return reader.result;
    },
    cancel: (reason) => reader.cancel(reason),
    tee() {
      const [left, right] = teeSource(take(), (reason) => reader.cancel(reason));
      return [toChatStream(left), toChatStream(right)];
    },
    async [Symbol.asyncDispose]() {
      await reader.return();
    },
  };
}

/** Its reader sees no other event, so it cannot decide what one asks. */
function textOf(take: () => EventReader): AsyncIterable<string> {
  return {
    async *[Symbol.asyncIterator]() {
      const events = take();
      try {
        for (let step = await events.next("nobody"); !step.done; step = await events.next("nobody"))
          if (step.value.type === "text" && !step.value.choice) yield step.value.text;
      } finally {
        await events.return();
      }
    },
  };
}
