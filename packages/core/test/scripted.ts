import { expect } from "vitest";
import { startLoopback, type Handler, type Loopback } from "../../conformance/src/loopback.ts";
import type { CallOptions, ChatEvent, ChatResult, ContextOptions, LLM, Message } from "../src/index.ts";
import type { ChatCall, ChatDelta } from "../src/provider.ts";
import { sse, toyContext } from "./toy.ts";

/** A call as the model writes it; a text is its input to the letter. */
export function calling(toolCallId: string, toolName: string, input: unknown = {}): ChatDelta {
  return {
    type: "tool-call",
    part: toolCallId,
    toolCallId,
    toolName,
    inputText: typeof input === "string" ? input : JSON.stringify(input),
  };
}

export const said = (text: string): ChatDelta => ({ type: "text", text });

const USAGE: ChatDelta = { type: "usage", usage: { inputTokens: 10, outputTokens: 5 } };

export interface Scripted extends Loopback {
  llm: LLM;
  /** What was sent with the request of this number, from 0. */
  sent(number: number): ChatCall;
}

/**
 * Starts a toy vendor that gives the current answers one after the other, and the last one again
 * and again.
 */
export async function startAnswering(current: () => readonly (readonly ChatDelta[])[]): Promise<Loopback> {
  let next = 0;
  let answers = current();
  return startLoopback((request, response) => {
    if (answers !== current()) [answers, next] = [current(), 0];
    reply(request, response, answers[Math.min(next++, answers.length - 1)]!);
  });
}

/** Answers a toy's request as a stream or whole, as it asks. */
function reply({ body }: Parameters<Handler>[0], response: Parameters<Handler>[1], deltas: readonly ChatDelta[]): void {
  if (!(body as { stream: boolean }).stream) response.end(JSON.stringify({ deltas }));
  else response.writeHead(200, { "content-type": "text/event-stream" }).end(sse(...deltas, "[DONE]"));
}

/** A model that gives these answers one after the other, streamed or whole, and then says "Done.". */
export async function scripted(answers: ChatDelta[][], options: ContextOptions = {}): Promise<Scripted> {
  let next = 0;
  const server = await startLoopback((request, response) => {
    const deltas = answers[next++] ?? [said("Done.")];
    const finish: ChatDelta[] = deltas.some(({ type }) => type === "finish") ? [] : [{ type: "finish", finishReason: "stop" }];
    reply(request, response, [...deltas, USAGE, ...finish]);
  });
  const sent = (number: number) => server.requests[number]!.body as ChatCall;
  return Object.assign(server, { llm: toyContext(server.url, options).llm(), sent });
}

/** The same call by both roads, and what it came to. */
export async function ask(llm: LLM, how: string, options: CallOptions, input: string | Message[] = "Go."): Promise<ChatResult> {
  if (how === "whole") return llm.chat(input, options);
  const stream = llm.stream(input, options);
  await collect(stream);
  return stream.result;
}

export async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

export function ofType<T extends ChatEvent["type"]>(events: readonly ChatEvent[], type: T): Extract<ChatEvent, { type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<ChatEvent, { type: T }>[];
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error,
  );
}
