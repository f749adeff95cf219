import { isLlmError, type CallMetrics, type CallOptions, type ChatResult, type LLM, type LlmError, type Message } from "plurivox";
import type { Output } from "./output.ts";
import { showEvent, showResult, summary, toJsonResult } from "./render.ts";

/** How a question is put and how its answer is shown. */
export interface AskOptions {
  call: CallOptions;
  /** One JSON object instead of the text. */
  json?: boolean;
  /** False: the answer comes whole. */
  stream?: boolean;
}

/** One or the other. */
export type Outcome = { result: ChatResult; error?: undefined } | { result?: undefined; error: LlmError };

/** Asks, shows the answer as it comes, then usage and time. Ctrl-C aborts the request; what had arrived is shown and is in `error.partial`. */
export async function ask(llm: LLM, messages: Message[], options: AskOptions, out: Output): Promise<Outcome> {
  let metrics: CallMetrics | undefined;
  const off = llm.on("metrics", (measured) => (metrics = measured));
  const outcome = await interruptible((signal) => run(llm, messages, { ...options, call: { ...options.call, signal } }, out)).finally(off);
  const { result, error } = outcome;
  if (options.json) await out.answer(JSON.stringify(error === undefined ? toJsonResult(result) : { error }));
  out.endAnswer();
  if (metrics !== undefined && error?.kind !== "configuration") out.note(summary(metrics, result?.finishReason), "dim");
  if (error !== undefined && error.kind !== "aborted") out.error(error.message);
  return outcome;
}

/** The exit code of an outcome: 130 as a shell has it after Ctrl-C. */
export function exitCodeOf({ result, error }: Outcome): number {
  if (error !== undefined) return error.kind === "aborted" ? 130 : 1;
  return result.refusal !== undefined || result.finishReason === "content-filter" ? 1 : 0;
}

async function run(llm: LLM, messages: Message[], { call, json, stream = true }: AskOptions, out: Output): Promise<Outcome> {
  let shown = 0;
  try {
    if (!stream) {
      const result = await llm.chat(messages, call);
      if (!json) await showResult(result, out);
      return { result };
    }
    const events = llm.stream(messages, call);
    if (json) return { result: await events.result };
    for await (const event of events) {
      await showEvent(event, out);
      if (event.type === "text") shown += event.text.length;
    }
    return { result: await events.result };
  } catch (error) {
    if (!isLlmError(error)) throw error;
    // Events that had arrived but were not read when the stream ended.
    if (!json) await out.answer(error.partial?.text.slice(shown) ?? "");
    return { error };
  }
}

/** While `task` runs, the first Ctrl-C aborts it; a second one ends the process, as it would without us. */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once("SIGINT", abort);
  try {
    return await task(controller.signal);
  } finally {
    process.off("SIGINT", abort);
  }
}
