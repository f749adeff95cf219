import type { Cost, ErrorKind, Usage } from "../error.ts";

/** The kind of the call. */
export type CallKind = "chat" | "embed";

/**
 * Times in milliseconds; `timestamp` since 1970. `ttftMs`: until the first text, reasoning or tool
 * call.
 */
export interface CallMetrics {
  kind: CallKind;
  timestamp: number;
  label: string;
  profile: string;
  provider: string;
  model: string;
  /** What the call was given as `user` and `metadata`. */
  user?: string;
  metadata?: Record<string, string>;
  requestId?: string;
  ttftMs?: number;
  durationMs: number;
  /**
   * Output tokens by the seconds from the first of them to the last; of a whole response by the
   * seconds of the call.
   */
  tokensPerSecond?: number;
  cancelled: boolean;
  error?: { kind: ErrorKind; message: string };
  usage: Usage;
  cost?: Cost;
  attempts: number;
}
