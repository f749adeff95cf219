import type { Budget, LimitStore, Limits, Spending } from "../model/limits.ts";

type PerMinute = Pick<Limits, "requestsPerMinute" | "tokensPerMinute">;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Taken {
  at: number;
  requests: number;
  tokens: number;
}
interface Ledger {
  day: number;
  today: number;
  total: number;
  reserved: number;
  outputs: number;
  requests: number;
}

/** Counts in memory, by a window of 60 seconds that slides: no minute ever holds more than its limit. */
export class MemoryLimitStore implements LimitStore {
  readonly #now: () => number;
  readonly #windows = new Map<string, Taken[]>();
  readonly #blocked = new Map<string, number>();
  readonly #ledgers = new Map<string, Ledger>();

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  take(group: string, tokens: number, limits: PerMinute): number {
    const now = this.#now();
    const window = this.#window(group);
    const wait = Math.max(this.#blocked.get(group) ?? 0, untilFree(window, tokens, limits)) - now;
    if (wait > 0) return wait;
    window.push({ at: now, requests: 1, tokens });
    return 0;
  }

  correct(group: string, tokens: number): void {
    if (tokens !== 0) this.#window(group).push({ at: this.#now(), requests: 0, tokens });
  }

  block(group: string, ms: number): void {
    this.#blocked.set(group, Math.max(this.#blocked.get(group) ?? 0, this.#now() + ms));
  }

  reserve(
    group: string,
    { least, most }: { least: number; most: number },
    { tokensPerDay = Number.POSITIVE_INFINITY, tokensTotal = Number.POSITIVE_INFINITY }: Pick<Budget, "tokensPerDay" | "tokensTotal">,
  ): number {
    const ledger = this.#ledger(group);
    const left = Math.min(tokensPerDay - ledger.today, tokensTotal - ledger.total) - ledger.reserved;
    if (left < least) return 0;
    const tokens = Math.min(most, left);
    ledger.reserved += tokens;
    return tokens;
  }

  spend(group: string, reserved: number, { tokens, output }: { tokens: number; output?: number }): void {
    const ledger = this.#ledger(group);
    ledger.reserved -= reserved;
    ledger.today += tokens;
    ledger.total += tokens;
    if (output === undefined) return;
    ledger.outputs += output;
    ledger.requests++;
  }

  spending(group: string): Spending {
    const { today, total, reserved, outputs, requests } = this.#ledger(group);
    return { day: today, total, reserved, ...(requests > 0 && { averageOutput: outputs / requests }) };
  }

  #window(group: string): Taken[] {
    const window = this.#windows.get(group) ?? [];
    this.#windows.set(group, window);
    const begin = this.#now() - MINUTE;
    const first = window.findIndex(({ at }) => at > begin);
    window.splice(0, first === -1 ? window.length : first);
    return window;
  }

  #ledger(group: string): Ledger {
    const ledger = this.#ledgers.get(group) ?? { day: 0, today: 0, total: 0, reserved: 0, outputs: 0, requests: 0 };
    this.#ledgers.set(group, ledger);
    const day = Math.floor(this.#now() / DAY);
    if (ledger.day !== day) Object.assign(ledger, { day, today: 0 });
    return ledger;
  }
}

/** When the window has room, by the clock. What is larger than a whole minute's tokens goes when nothing else is in it. */
function untilFree(window: readonly Taken[], tokens: number, limits: PerMinute): number {
  const { requestsPerMinute = Number.POSITIVE_INFINITY, tokensPerMinute = Number.POSITIVE_INFINITY } = limits;
  let requests = 1 + window.reduce((sum, taken) => sum + taken.requests, 0);
  let sum = tokens + window.reduce((total, taken) => total + taken.tokens, 0);
  let free = 0;
  for (const taken of window) {
    if (requests <= requestsPerMinute && sum <= tokensPerMinute) break;
    requests -= taken.requests;
    sum -= taken.tokens;
    free = taken.at + MINUTE;
  }
  return free;
}
