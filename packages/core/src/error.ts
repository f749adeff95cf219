/** What went wrong, in one word. Switch on it; the set only grows. */
export type ErrorKind =
  | "configuration"
  | "authentication"
  | "permission"
  | "not-found"
  | "invalid-request"
  | "context-length"
  | "content-filter"
  | "rate-limit"
  | "quota"
  | "overloaded"
  | "server"
  | "connection"
  | "timeout"
  | "aborted"
  | "incomplete-stream"
  | "invalid-response"
  | "invalid-output"
  | "incomplete-output"
  | "schema"
  | "tool"
  | "unsupported"
  | "budget";

// The four records below stand in this room, the first of the house, because an error carries them and two of them carry an error.

/**
 * Tokens of a call. Absent means unknown, never 0. Input includes cache reads and writes and sound;
 * output includes reasoning, sound and pictures.
 */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  reasoningTokens?: number;
  /**
   * The parts of input and output that many vendors bill at prices of their own, where there are
   * any.
   */
  audioInputTokens?: number;
  audioOutputTokens?: number;
  imageOutputTokens?: number;
  /** The part of `cacheWriteTokens` that is kept for an hour. */
  cacheWrite1hTokens?: number;
  /**
   * Some counts are estimates, because the vendor did not tell them or the stream was left early.
   */
  estimated?: true;
}

/** US dollars. */
export interface Cost {
  totalUsd: number;
  inputUsd?: number;
  outputUsd?: number;
  source: "computed" | "provider-reported" | "estimated";
}

/** A call that the model asks for. `invalid` says why `input` is the model's raw text and not the JSON it should be. */
export interface ToolCall {
  toolCallId: string;
  toolName: string;
  input: unknown;
  providerExecuted?: true;
  invalid?: LlmError;
}

/** One try at the wire. `startedAt` in milliseconds since 1970. */
export interface Attempt {
  provider: string;
  model: string;
  startedAt: number;
  durationMs: number;
  usage?: Usage;
  cost?: Cost;
  error?: LlmError;
  requestId?: string;
}

/** What had arrived before a failure. */
export interface PartialOutput {
  text: string;
  reasoning?: string;
  toolCalls: ToolCall[];
  usage: Usage;
}

/** All that an error knows beside its kind and message. */
export interface LlmErrorDetails {
  provider?: string;
  model?: string;
  status?: number;
  requestId?: string;
  retryable?: boolean;
  retryAfterMs?: number;
  hint?: string;
  toolName?: string;
  toolCallId?: string;
  timeout?: string;
  partial?: PartialOutput;
  attempts?: Attempt[];
  cause?: unknown;
}

const RETRYABLE: ReadonlySet<ErrorKind> = new Set(["rate-limit", "overloaded", "server", "connection", "timeout", "incomplete-stream"]);
/** Shared by every copy of this package in a process, so that they recognise each other's errors. */
const BRAND = Symbol.for("plurivox.LlmError");

/** The one error class of the house. The message reads `[provider] what happened. What to do.` and never holds a key. */
export class LlmError extends Error {
  declare readonly kind: ErrorKind;
  declare readonly provider?: string;
  declare readonly model?: string;
  /** HTTP status, where the wire gave one. */
  declare readonly status?: number;
  declare readonly requestId?: string;
  /** The same call may succeed if it is sent again. */
  declare readonly retryable: boolean;
  /** Milliseconds that the vendor asks to wait. */
  declare readonly retryAfterMs?: number;
  /** What to do about it. */
  declare readonly hint?: string;
  declare readonly toolName?: string;
  declare readonly toolCallId?: string;
  /** "total", "headers", "first-byte" or "idle", for kind "timeout". */
  declare readonly timeout?: string;
  /** What had arrived before the failure. */
  declare readonly partial?: PartialOutput;
  declare readonly attempts?: Attempt[];

  constructor(kind: ErrorKind, message: string, details: LlmErrorDetails = {}) {
    const { cause, ...known } = details;
    const from = details.provider === undefined ? "" : `[${details.provider}] `;
    const advice = details.hint === undefined ? "" : ` ${details.hint}`;
    super(`${from}${message}${advice}`, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, "name", { value: "LlmError", configurable: true, writable: true });
    Object.defineProperty(this, BRAND, { value: true });
    assignKnown(this, { kind, retryable: RETRYABLE.has(kind) });
    assignKnown(this, known);
  }

  /** Completes an error that was thrown deep in the house with what is known on its way out; what it knows already stays. */
  complete(details: LlmErrorDetails): this {
    if (this.provider === undefined && details.provider !== undefined) this.message = `[${details.provider}] ${this.message}`;
    assignKnown(this, { ...details, ...this });
    return this;
  }

  /** Plain JSON without the cause, for logs. */
  toJSON(): Record<string, unknown> {
    // An attempt's error may be this very one.
    const attempts = this.attempts?.map(({ error, ...attempt }) => ({
      ...attempt,
      ...(error && { error: { kind: error.kind, message: error.message } }),
    }));
    return { name: this.name, message: this.message, ...Object.fromEntries(Object.entries(this)), ...(attempts && { attempts }) };
  }
}

/** What a caller gets who wanted no more: `reason` is kept as the cause, unless it is such an error itself. */
export function abortedError(reason: unknown, provider?: string): LlmError {
  return isLlmError(reason, "aborted") ? reason : new LlmError("aborted", "The call was aborted.", { provider, cause: reason });
}

function assignKnown(target: object, values: object): void {
  for (const [name, value] of Object.entries(values)) if (value !== undefined) Object.assign(target, { [name]: value });
}

/** True for an LlmError of any copy of this package; with `kind`, only for that kind. */
export function isLlmError(error: unknown, kind?: ErrorKind): error is LlmError {
  return error instanceof Error && BRAND in error && (kind === undefined || (error as { kind?: unknown }).kind === kind);
}
