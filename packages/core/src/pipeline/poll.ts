import type { ExchangeOptions } from "../http/exchange.ts";
import type { Reply } from "../http/reply.ts";
import { sleep } from "../http/signals.ts";
import type { Timeouts } from "../model/policy.ts";
import { retryAfterOf } from "../provider/errors.ts";
import type { AskAgain } from "./body.ts";
import type { Line } from "./line.ts";

const FIRST_MS = 500;
const GROWTH = 1.5;
const LONGEST_MS = 5_000;
/** A vendor may ask for a longer wait, up to this. */
const MOST_MS = 60_000;
/** Failures in a row that may pass by themselves. */
const MOST_FAILURES = 4;

/**
 * Asks for an answer that is still being made, each time a little later. Only the attempt's signal
 * ends the waiting, no timeout of a reply does.
 */
export function poll(line: Line, timeouts: Required<Timeouts>, hands: ExchangeOptions["hands"]): (again: AskAgain) => Promise<Reply> {
  let waitMs = FIRST_MS;

  async function wait(): Promise<void> {
    const asked = line.headers === undefined ? undefined : retryAfterOf(line.headers);
    await sleep(Math.max(waitMs, Math.min(asked ?? 0, MOST_MS)), line.signal);
    waitMs = Math.min(waitMs * GROWTH, LONGEST_MS);
  }

  return async (again) => {
    for (let failures = 0; ; failures++) {
      line.watch.pause();
      await wait();
      const client = await line.connect(hands);
      line.watch.start("headers", timeouts.headersMs);
      try {
        const reply = await line.sent(again.send(client));
        line.watch.start("first-byte", timeouts.firstByteMs);
        return reply;
      } catch (thrown) {
        const error = line.toError(thrown, false);
        // The answer is being made all the same: a new attempt would have a second one made.
        if (!error.retryable || failures === MOST_FAILURES || line.signal.aborted) throw Object.assign(error, { retryable: false });
      }
    }
  };
}
