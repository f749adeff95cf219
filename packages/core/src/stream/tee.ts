import { abortedError } from "../error.ts";
import type { ChatEvent } from "../model/chat.ts";
import type { EventSource, Word } from "./event-reader.ts";

/** How many events one branch may be ahead of the other. */
const AHEAD = 64;

interface Branch {
  queue: ChatEvent[];
  cancelled?: Error;
  /** Somebody looks at its events. */
  read?: boolean;
}

/** One stream of events as two: whoever needs the next event pulls it for both, and whoever is too far ahead waits. */
export function teeSource(
  events: AsyncIterator<ChatEvent, void, Word | undefined>,
  cancelAll: (reason?: unknown) => void,
): [EventSource, EventSource] {
  const branches: [Branch, Branch] = [{ queue: [] }, { queue: [] }];
  const waiting: (() => void)[] = [];
  let over: { error?: unknown } | undefined;
  let pulling: Promise<void> | undefined;

  const wake = () => {
    for (const resume of waiting.splice(0)) resume();
  };

  const reader = () => (branches.some(({ read }) => read) ? undefined : "nobody");

  async function pullForBoth(): Promise<void> {
    try {
      const step = await events.next(reader());
      if (step.done) over = {};
      else for (const branch of branches) if (branch.cancelled === undefined) branch.queue.push(step.value);
    } catch (error) {
      over = { error };
    } finally {
      pulling = undefined;
    }
  }

  async function pull(mine: Branch, other: Branch, by: "nobody" | undefined): Promise<ChatEvent[] | undefined> {
    mine.read = by === undefined;
    for (;;) {
      if (mine.cancelled !== undefined) throw mine.cancelled;
      const next = mine.queue.shift();
      if (next !== undefined) {
        wake();
        return [next];
      }
      if (over !== undefined && "error" in over) throw over.error;
      if (over !== undefined) return undefined;
      if (other.cancelled === undefined && other.queue.length >= AHEAD) await new Promise<void>((resume) => waiting.push(resume));
      else await (pulling ??= pullForBoth());
    }
  }

  function cancel(mine: Branch, other: Branch, reason: unknown): void {
    Object.assign(mine, { cancelled: abortedError(reason), queue: [], read: false });
    wake();
    if (other.cancelled !== undefined) cancelAll(reason);
  }

  const [left, right] = branches;
  return [
    { pull: (by) => pull(left, right, by), cancel: (reason) => cancel(left, right, reason) },
    { pull: (by) => pull(right, left, by), cancel: (reason) => cancel(right, left, reason) },
  ];
}
