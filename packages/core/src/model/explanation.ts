import type { Warning } from "./chat.ts";

/** What `explain` finds out without sending anything. Keys are redacted. */
export interface Explanation {
  request: { method: string; url: string; headers: Record<string, string>; body: unknown };
  /** Features of the call that are sent as asked. */
  supported: string[];
  emulated: string[];
  dropped: Warning[];
  curl: string;
  /** Tokens by rule of thumb: a quarter of the characters. */
  estimate?: { inputTokens?: number; costUsd?: number };
}
