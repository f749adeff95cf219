import { abortedError } from "../error.ts";
import { untilAborted } from "../http/signals.ts";
import type { Message } from "../message/types.ts";
import type { CallOptions, ChatEvent, ChatResult } from "../model/chat.ts";
import { toChatStream, type ChatStream } from "../stream/chat-stream.ts";
import { LazySource, type EventSource, type Word } from "../stream/event-reader.ts";

/** A call on its way in: what was asked of which profile. */
export interface MiddlewareCall {
  /** False where the caller waits for the whole answer. */
  readonly stream: boolean;
  readonly profile: string;
  readonly provider: string;
  readonly model: string;
  readonly input: string | readonly Message[];
  /** Of the profile and the call together. */
  readonly options: CallOptions;
  /** Names the place and the account that the call goes to, without telling the key: a hash of provider, address, model and key. */
  place(): Promise<string>;
}

/** What another middleware, or the call itself, is to do differently. */
export type MiddlewareChange = Partial<Pick<MiddlewareCall, "input" | "options">>;

/** Either of them answers a streamed and a whole call alike. */
export type MiddlewareAnswer = ChatStream | ChatResult;

/**
 * One layer round whole calls, with their retries and fallbacks. `next` goes on inwards, with changes or without, and may be called again or not at all; nothing
 * is sent before its stream is read or its `result` awaited. What is returned answers the caller: the stream, one made of it, or a result.
 */
export type Middleware = (
  call: MiddlewareCall,
  next: (change?: MiddlewareChange) => ChatStream,
) => MiddlewareAnswer | Promise<MiddlewareAnswer>;

/** The layers, the first one outermost, round `open`, as one source of events. */
export function onion(
  [outer, ...inner]: readonly Middleware[],
  call: MiddlewareCall,
  open: (call: MiddlewareCall) => EventSource,
): EventSource {
  if (outer === undefined) return open(call);
  const next = (change?: MiddlewareChange) => toChatStream(new LazySource(async () => onion(inner, { ...call, ...change }, open)));
  return layerSource((opened) => outer(call, (change) => noted(next(change), opened)), call.provider);
}

function noted(stream: ChatStream, opened: Set<ChatStream>): ChatStream {
  opened.add(stream);
  return stream;
}

/** The events of what a layer answers. Cancelling it cancels what it has opened. */
function layerSource(run: (opened: Set<ChatStream>) => ReturnType<Middleware>, provider: string): EventSource {
  const stop = new AbortController();
  const opened = new Set<ChatStream>();
  let events: AsyncIterator<ChatEvent, void, Word | undefined> | undefined;
  return {
    async pull(by) {
      if (events === undefined) {
        stop.signal.throwIfAborted();
        const answer = await untilAborted(Promise.resolve(run(opened)), stop.signal);
        if (!isStream(answer)) events = replay(answer);
        else events = answer[Symbol.asyncIterator]() as AsyncIterator<ChatEvent, void, Word | undefined>;
      }
      const step = await events.next(by);
      return step.done ? undefined : [step.value];
    },
    cancel(reason) {
      const error = abortedError(reason, provider);
      stop.abort(error);
      for (const stream of opened) stream.cancel(error);
    },
  };
}

function isStream(answer: MiddlewareAnswer): answer is ChatStream {
  return Symbol.asyncIterator in answer;
}

/** A result as the events that could have led to it. */
async function* replay(result: ChatResult): AsyncGenerator<ChatEvent, void> {
  const { provider, model, requestId, reasoning, text, toolCalls, toolResults, sources, files, usage, finishReason } = result;
  yield { type: "start", provider, model, ...(requestId !== undefined && { requestId }) };
  if (reasoning !== undefined)
    yield* [{ type: "reasoning-start" }, { type: "reasoning", text: reasoning }, { type: "reasoning-end" }] as const;
  if (text !== "") yield* [{ type: "text-start" }, { type: "text", text }, { type: "text-end" }] as const;
  for (const call of toolCalls) yield { type: "tool-call", ...call };
  for (const done of toolResults) yield { type: "tool-result", ...done };
  for (const source of sources) yield { type: "source", source };
  for (const file of files) yield { type: "file", file };
  yield { type: "usage", usage };
  yield { type: "step", step: Math.max(result.steps.length, 1), finishReason, usage };
  yield { type: "done", result };
}
