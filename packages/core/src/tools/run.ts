import { isLlmError, LlmError, type ToolCall } from "../error.ts";
import { untilAborted } from "../http/signals.ts";
import type { ToolResult } from "../model/chat.ts";
import type { Tool, ToolRun } from "../model/tool.ts";
import { atDepth } from "./scope.ts";

/** How long a generator may clean up after an abort, in milliseconds. */
const GRACE_MS = 1_000;

/** A tool, called. */
export interface Job {
  tool: Tool;
  call: ToolCall;
  /** As the schema gives it. */
  input: unknown;
  timeoutMs: number | undefined;
  run: Omit<ToolRun, "signal">;
  /** Ends the whole call. */
  signal: AbortSignal;
  /** Hands on what a generator yields; resolves when it was taken. */
  onYield(output: unknown): Promise<void>;
}

/** Runs a tool to its end. Throws an LlmError of kind "tool", or "timeout", that says what the model may know; the signal's reason when the call is over. */
export async function runTool(job: Job): Promise<unknown> {
  const { tool, call, signal, timeoutMs } = job;
  const own = new AbortController();
  const abort = () => own.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => own.abort(tooSlow(call, timeoutMs)), timeoutMs);
  try {
    signal.throwIfAborted();
    const execute = tool.execute as (input: unknown, run: ToolRun) => unknown;
    const output = await atDepth(job.run.depth, async () => {
      const returned = execute(job.input, { ...job.run, signal: own.signal });
      return isGenerator(returned) ? drain(returned, own.signal, job.onYield) : untilAborted(Promise.resolve(returned), own.signal);
    });
    return output ?? null;
  } catch (error) {
    signal.throwIfAborted();
    throw toToolError(error, call);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

type AnyGenerator = Generator<unknown, unknown> | AsyncGenerator<unknown, unknown>;

function isGenerator(value: unknown): value is AnyGenerator {
  return typeof value === "object" && value !== null && "next" in value && typeof value.next === "function" && "return" in value;
}

/** Yields are handed on, what is returned is the result. After an abort the generator is told to return, and gets a while for its `finally`. */
async function drain(generator: AnyGenerator, signal: AbortSignal, onYield: Job["onYield"]): Promise<unknown> {
  let over = false;
  try {
    for (;;) {
      const step = await untilAborted(Promise.resolve(generator.next()), signal);
      if (step.done) {
        over = true;
        return await step.value;
      }
      await untilAborted(onYield(await step.value), signal);
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
  const words = thrown instanceof Error ? thrown.message : String(thrown);
  return new LlmError("tool", `The tool "${toolName}" failed: ${words}`, { toolCallId, toolName, cause: thrown });
}

/** A failure as the model is told of it. */
export function failedResult({ toolCallId, toolName }: ToolCall, { message }: LlmError): ToolResult {
  return { toolCallId, toolName, output: message, isError: true };
}
