import { LlmError, type Usage } from "../error.ts";
import type { Limits, LimitStore } from "../model/limits.ts";
import { untilReset } from "../provider/rate-limits.ts";
import { Gate } from "./gate.ts";
import { tokensOf } from "./used.ts";

/** What a request wants of its profile's limits. */
interface Wish {
  profile: string;
  provider: string;
  limits: Limits;
  /** Tokens of the prompt, estimated. */
  inputTokens: number;
  maxOutputTokens: number | undefined;
  /** Tokens that earlier attempts and steps of the same call used. */
  usedByCall: number;
  signal: AbortSignal;
}

/** A request's permission. `leave` once, when it is over. */
export interface Pass {
  leave(outcome: { usage: Usage; headers: Headers | undefined; error: LlmError | undefined }): void;
}

/** The limits of all profiles of one context. */
export interface Limiter {
  /** Waits for a turn and reserves of the budget. Throws `budget`, `rate-limit`, or the signal's reason. */
  enter(wish: Wish): Promise<Pass>;
}

const MAX_WAIT_MS = 60_000;
/** Tokens of an answer, before there was any. */
const ASSUMED_OUTPUT = 1_024;

export function createLimiter(store: LimitStore): Limiter {
  const gates = new Map<string, Gate>();

  async function pass(wish: Wish, group: string, reserved: number): Promise<Pass> {
    const { limits, profile, provider, signal } = wish;
    const taken = wish.inputTokens + (wish.maxOutputTokens ?? 0);
    const gate = gates.get(group) ?? new Gate();
    gates.set(group, gate);
    await gate.enter({
      take: () => store.take(group, taken, limits),
      maxConcurrent: limits.maxConcurrent ?? Number.POSITIVE_INFINITY,
      maxWaitMs: limits.maxWaitMs ?? MAX_WAIT_MS,
      signal,
      tooLong: (ms) =>
        new LlmError("rate-limit", `The limits of profile "${profile}" leave no room for this call within limits.maxWaitMs.`, {
          provider,
          retryable: false,
          retryAfterMs: ms,
          hint: "Send fewer calls, or raise limits.",
        }),
    });
    return {
      leave({ usage, headers, error }) {
        const told = tokensOf(usage);
        // A vendor that answers and does not say what it cost is taken to have used what was set aside.
        const used = told === 0 && error === undefined ? reserved : told;
        const blocked = Math.max(error?.retryAfterMs ?? 0, headers === undefined ? 0 : untilReset(headers));
        // Half an answer says nothing about how long answers are.
        const output = usage.outputTokens === undefined || error !== undefined ? {} : { output: usage.outputTokens };
        note(() => store.spend(group, reserved, { tokens: used, ...output }));
        if (told > 0) note(() => store.correct(group, told - taken));
        if (blocked > 0) note(() => store.block(group, blocked));
        gate.leave();
      },
    };
  }

  return {
    async enter(wish) {
      const group = wish.limits.group ?? wish.profile;
      const reserved = await reserve(wish, group, store);
      try {
        return await pass(wish, group, reserved);
      } catch (error) {
        note(() => store.spend(group, reserved, { tokens: 0 }));
        throw error;
      }
    },
  };
}

/** The call is over: a store that cannot be told any more must not end the process. */
function note(tell: () => void | Promise<void>): void {
  void (async () => tell())().catch(() => {});
}

/** Reserves what the request may use, as far as the budget reaches; the prompt, and what was asked for, must fit. */
async function reserve(wish: Wish, group: string, store: LimitStore): Promise<number> {
  const { budget } = wish.limits;
  if (budget === undefined) return 0;
  const { inputTokens, maxOutputTokens, usedByCall } = wish;
  if (budget.usdPerCall !== undefined || budget.usdPerDay !== undefined || budget.usdTotal !== undefined)
    throw new LlmError("configuration", "A budget in US dollars needs prices, which are not here yet.", { hint: "Limit tokens." });
  const least = inputTokens + (maxOutputTokens ?? 1);
  const { tokensPerCall = Number.POSITIVE_INFINITY } = budget;
  if (usedByCall + least > tokensPerCall) throw exceeded(wish, "tokensPerCall", tokensPerCall, usedByCall, least);
  const before = await store.spending(group);
  const most = inputTokens + (maxOutputTokens ?? Math.ceil(before.averageOutput ?? ASSUMED_OUTPUT));
  const reserved = await store.reserve(group, { least, most }, budget);
  if (reserved > 0) return reserved;
  const { day, total, reserved: running } = await store.spending(group);
  const perDay = budget.tokensPerDay !== undefined && day + running + least > budget.tokensPerDay;
  throw perDay
    ? exceeded(wish, "tokensPerDay", budget.tokensPerDay!, day + running, least)
    : exceeded(wish, "tokensTotal", budget.tokensTotal!, total + running, least);
}

function exceeded({ profile, provider }: Wish, name: string, limit: number, used: number, least: number): LlmError {
  return new LlmError(
    "budget",
    `The budget ${name} of profile "${profile}" is ${limit} tokens, of which ${used} are used or reserved; this call needs ${least}.`,
    { provider, hint: "Raise limits.budget, or ask for less with maxOutputTokens." },
  );
}
