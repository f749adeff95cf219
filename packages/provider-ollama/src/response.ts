import { countUsage, type ChatDelta, type TokenLogprob } from "@plurivox/core/provider";
import type { ChatResponse, ToolCall } from "ollama/browser";
import { errorFacts } from "./errors.ts";
import { ONLY_LOADED, UNASKED } from "./quirks.ts";

/** A line of a stream, or the whole answer; any field may be missing. The SDK's types lag behind the server. */
export type OllamaChunk = Omit<Partial<ChatResponse>, "message" | "logprobs"> & {
  message?: { content?: string; thinking?: string; images?: string[]; tool_calls?: (ToolCall & { id?: string })[] } | null;
  logprobs?: (TokenLogprob & { top_logprobs?: TokenLogprob[] })[] | null;
  /** Part of `prompt_eval_count`. https://github.com/stdapi-ai/stdapi.ai/issues/252 (2026-09-17) */
  prompt_eval_cached_count?: number;
  error?: unknown;
};

const NOTHING: readonly ChatDelta[] = [];
const NO_ANSWER: ChatDelta = { type: "error", facts: { kind: "invalid-response", message: "What came has no message in it." } };

export function fromResponse(reply: OllamaChunk): Iterable<ChatDelta> {
  if (!reply.message) return [NO_ANSWER];
  return [...fromHead(reply), ...fromContent(reply, { calls: 0 }), ...fromEnd(reply)];
}

export function fromStream(): { event(chunk: OllamaChunk): Iterable<ChatDelta> } {
  return new LineStream();
}

class LineStream {
  #begun = false;
  readonly #count: CallCount = { calls: 0 };

  event(chunk: OllamaChunk): Iterable<ChatDelta> {
    if (chunk.error !== undefined) return [{ type: "error", facts: errorFacts({ body: chunk }) }];
    const deltas = fromContent(chunk, this.#count);
    return this.#begun && chunk.done !== true ? deltas : this.#edge(chunk, deltas);
  }

  /** The first line, and the last. */
  #edge(chunk: OllamaChunk, deltas: readonly ChatDelta[]): Iterable<ChatDelta> {
    if (!this.#begun && chunk.message === undefined && chunk.done === undefined) return [NO_ANSWER];
    const head = this.#begun ? NOTHING : fromHead(chunk);
    this.#begun = true;
    return chunk.done === true ? [...head, ...deltas, ...fromEnd(chunk), { type: "end" }] : [...head, ...deltas];
  }
}

/** Calls come whole, and may have no id, the same id or the same index: each is a part of its own. */
interface CallCount {
  calls: number;
}

/** The name of the model is in every line; once is enough. */
function fromHead({ model }: OllamaChunk): readonly ChatDelta[] {
  return model === undefined ? NOTHING : [{ type: "metadata", model }];
}

function fromContent({ message, logprobs }: OllamaChunk, count: CallCount): readonly ChatDelta[] {
  if (!message) return NOTHING;
  const { content, thinking, tool_calls: calls, images } = message;
  if (content && !thinking && !calls && !images && !logprobs) return [{ type: "text", text: content }];
  const deltas: ChatDelta[] = [];
  if (thinking) deltas.push({ type: "reasoning", text: thinking });
  if (content) deltas.push({ type: "text", text: content });
  for (const call of calls ?? []) deltas.push(fromCall(call, `call ${count.calls++}`));
  for (const base64 of images ?? []) deltas.push({ type: "file", file: { type: "image", base64 } });
  if (logprobs) deltas.push({ type: "logprobs", logprobs: logprobs.map(toLogprob) });
  return deltas;
}

/** A call without an id gets one from core. */
function fromCall({ id, function: { name, arguments: input } }: ToolCall & { id?: string }, part: string): ChatDelta {
  return { type: "tool-call", part, toolName: name, input: input ?? {}, end: true, ...(id && { toolCallId: id }) };
}

function toLogprob({ token, logprob, top_logprobs: top }: TokenLogprob & { top_logprobs?: TokenLogprob[] }): TokenLogprob {
  return { token, logprob, ...(top && { top: top.map((other) => ({ token: other.token, logprob: other.logprob })) }) };
}

/** Old servers give no reason. A count that is absent is unknown: they leave out the prompt's where it was cached. */
function fromEnd(chunk: OllamaChunk): ChatDelta[] {
  const { done, done_reason: reason, prompt_eval_count: inputTokens, eval_count: outputTokens } = chunk;
  const usage = countUsage({ inputTokens, outputTokens, cacheReadTokens: chunk.prompt_eval_cached_count });
  const counted: ChatDelta = { type: "usage", usage };
  if (done !== true) return [counted];
  if (!reason) return [counted, { type: "finish", finishReason: "stop" }];
  if (ONLY_LOADED.has(reason.toLowerCase()))
    return [counted, { type: "error", facts: { kind: "invalid-response", code: reason, ...UNASKED } }];
  return [counted, { type: "finish", rawFinishReason: reason }];
}
