import type { ErrorKind } from "../error.ts";

/** All optional: what is absent, core derives from the status. */
export interface ErrorFacts {
  kind?: ErrorKind;
  message?: string;
  /** The vendor's own code or type, kept in the message. */
  code?: string;
  status?: number;
  requestId?: string;
  retryAfterMs?: number;
  retryable?: boolean;
  hint?: string;
  /** What to do about a prompt that is too long, where more can be done than core knows of. */
  contextHint?: string;
}
