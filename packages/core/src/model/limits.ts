/** Shared by all profiles of one `group` (default: the profile itself). Waiting calls go in the order in which they came. */
export interface Limits {
  group?: string;
  /** Requests in any 60 seconds; retries count. */
  requestsPerMinute?: number;
  /** Tokens in any 60 seconds, in and out: estimated when a request is sent, corrected when its usage is known. */
  tokensPerMinute?: number;
  /** Requests at the same time, in this process. */
  maxConcurrent?: number;
  /** The longest a call may wait for its turn, in milliseconds; longer is a `rate-limit` error. Default 60,000. */
  maxWaitMs?: number;
  budget?: Budget;
}

/**
 * What may be used at most; a call that could exceed it is a `budget` error before anything is sent. What it could use is the prompt, estimated, and
 * `maxOutputTokens`; without that, the average output so far. Days are UTC's. Limits in US dollars need prices, which do not exist yet: they are refused.
 */
export interface Budget {
  tokensPerCall?: number;
  tokensPerDay?: number;
  tokensTotal?: number;
  usdPerCall?: number;
  usdPerDay?: number;
  usdTotal?: number;
}

/** Tokens of a group: those used, and those that running requests may still use. */
export interface Spending {
  day: number;
  total: number;
  reserved: number;
  /** Output tokens of an average request, undefined before the first. */
  averageOutput?: number;
}

/** Where limits are counted. The one built in keeps them in memory; another may share them between processes. Every method is one atomic step. */
export interface LimitStore {
  /** Takes one request and so many tokens of a minute, if that is allowed now: 0. Else the milliseconds after which it may be. */
  take(group: string, tokens: number, limits: Pick<Limits, "requestsPerMinute" | "tokensPerMinute">): number | Promise<number>;
  /** A request used so many tokens more (or, below 0, fewer) than it took. */
  correct(group: string, tokens: number): void | Promise<void>;
  /** Nothing goes through for so many milliseconds: the vendor says so. */
  block(group: string, ms: number): void | Promise<void>;
  /** Reserves up to `most` tokens of a budget, as far as it reaches, and says how many; 0 where not even `least` are left. */
  reserve(
    group: string,
    wish: { least: number; most: number },
    budget: Pick<Budget, "tokensPerDay" | "tokensTotal">,
  ): number | Promise<number>;
  /** Gives a reservation back and counts what was used. */
  spend(group: string, reserved: number, used: { tokens: number; output?: number }): void | Promise<void>;
  spending(group: string): Spending | Promise<Spending>;
}

/** A key, or a function that is asked for it at each attempt. */
export type ApiKey = string | (() => string | Promise<string>);

/** One of several keys of a profile: one of weight 2 is used twice as often as one of weight 1, which is the default. */
export interface WeightedKey {
  key: ApiKey;
  weight?: number;
}
