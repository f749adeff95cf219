import { isLlmError, LlmError, type ToolCall } from "../error.ts";
import { link, untilAborted } from "../http/signals.ts";
import type { ToolResult } from "../model/chat.ts";
import type { Tool, ToolRun } from "../model/tool.ts";
import { atDepth } from "./scope.ts";

/** How long a generator may clean up after an abort, in milliseconds. */
const GRACE_MS = 1_000;
/** How long a generator may go on without letting anything else happen. */
const TURN_MS = 10;
/** The longest delay that setTimeout takes; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** A tool, called. */
export interface Job {
  tool: Tool;
  call: ToolCall;
  /** As the schema gives it. */
  input: unknown;
  timeoutMs: number | undefined;
  run: Omit<ToolRun, "signal" | "approve">;
  /** Ends the whole call. */
  signal: AbortSignal;
  /** Hands on what a generator yields; resolves when it was taken. */
  onYield(output: unknown): Promise<void>;
  /** Asks whoever may decide, until the signal is aborted. */
  approve(reason: string | undefined, signal: AbortSignal): Promise<boolean>;
}

/**
 * Runs a tool to its end. Throws an LlmError of kind "tool", or "timeout", that says what the model may know; the signal's reason when the call is over.
 * What a tool returns has to be JSON or hold files; nothing is null.
 */
export async function runTool(job: Job): Promise<unknown> {
  const { tool, call, signal, timeoutMs = Number.POSITIVE_INFINITY } = job;
  const own = new AbortController();
  const unlink = link(signal, own, (from) => from.reason);
  const clock = new Clock(timeoutMs, () => own.abort(tooSlow(call, timeoutMs)));
  const approve: ToolRun["approve"] = (reason) => {
    const asked = clock.without(() => job.approve(reason, own.signal));
    // A tool may ask and not wait.
    asked.catch(() => {});
    return asked;
  };
  try {
    own.signal.throwIfAborted();
    const execute = tool.execute as (input: unknown, run: ToolRun) => unknown;
    const output = await atDepth(job.run.depth, async () => {
      const returned = execute(job.input, { ...job.run, signal: own.signal, approve });
      return isGenerator(returned) ? drain(returned, own.signal, job.onYield) : untilAborted(Promise.resolve(returned), own.signal);
    });
    return JSON.stringify(output, withoutBytes) === undefined ? null : output;
  } catch (error) {
    signal.throwIfAborted();
    throw toToolError(error, call);
  } finally {
    clock.stop();
    unlink();
  }
}

/** Bytes go to the model as the file that they are. As JSON they would be many times their size. */
function withoutBytes(this: Record<string, unknown>, name: string, value: unknown): unknown {
  return this[name] instanceof Uint8Array || this[name] instanceof ArrayBuffer ? null : value;
}

/** The time that a tool may take. What somebody takes to answer it is not the tool's. */
class Clock {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = 0;
  #over = false;
  readonly #start: () => void;

  constructor(ms: number, onTimeout: () => void) {
    this.#start = () => {
      if (ms < LONGEST_DELAY && !this.#over) this.#timer = setTimeout(onTimeout, ms);
    };
    this.#start();
  }

  async without<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    this.#asking++;
    try {
      return await work();
    } finally {
      if (--this.#asking === 0) this.#start();
    }
  }

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}

type AnyGenerator = Generator<unknown, unknown> | AsyncGenerator<unknown, unknown>;

function isGenerator(value: unknown): value is AnyGenerator {
  return typeof value === "object" && value !== null && "next" in value && typeof value.next === "function" && "return" in value;
}

/** Yields are handed on, what is returned is the result. After an abort the generator is told to return, and gets a while for its `finally`. */
async function drain(generator: AnyGenerator, signal: AbortSignal, onYield: Job["onYield"]): Promise<unknown> {
  const settled = <T>(value: T) => untilAborted(Promise.resolve(value), signal);
  let over = false;
  let since = performance.now();
  try {
    for (;;) {
      const step = await settled(generator.next());
      if (step.done) {
        over = true;
        return await settled(step.value);
      }
      await settled(onYield(await settled(step.value)));
      if (performance.now() - since < TURN_MS) continue;
      // Where nobody reads, nothing here ever waits for more than a promise: timers and sockets would never have their turn.
      await new Promise((turn) => setTimeout(turn));
      since = performance.now();
    }
  } finally {
    if (!over) await within(GRACE_MS, () => generator.return(undefined));
  }
}

async function within(ms: number, work: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await Promise.race([patience, work()]);
  } catch {
    // What its cleaning up throws changes nothing: the tool has ended already.
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow({ toolCallId, toolName }: ToolCall, ms: number): LlmError {
  return new LlmError("timeout", `The tool "${toolName}" took longer than ${ms} ms.`, {
    toolCallId,
    toolName,
    timeout: "tool",
    retryable: false,
  });
}

/** What a tool threw, as an error of the house. */
export function toToolError(thrown: unknown, { toolCallId, toolName }: ToolCall): LlmError {
  if (isLlmError(thrown, "tool") || isLlmError(thrown, "timeout")) return thrown.complete({ toolCallId, toolName });
  return new LlmError("tool", `The tool "${toolName}" failed: ${wordsOf(thrown)}`, { toolCallId, toolName, cause: thrown });
}

function wordsOf(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    return thrown instanceof Error ? thrown.message : (JSON.stringify(thrown) ?? String(thrown));
  } catch {
    return "it threw what cannot be put into words";
  }
}

/** A failure as the model is told of it. */
export function failedResult({ toolCallId, toolName }: ToolCall, { message }: LlmError): ToolResult {
  return { toolCallId, toolName, output: message, isError: true };
}
