import { isLlmError, type CallOptions, type ChatEvent, type ChatResult, type LLM, type LlmError, type Message } from "@plurivox/core";
import assert from "node:assert/strict";

/** Long enough for a busy machine: what should happen at once, and has not by then, will not happen. */
const SOON_MS = 2_000;

/** The outcome, or a failure that says what did not happen in time. */
export async function within<T>(promise: Promise<T>, what: string, ms: number = SOON_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} within ${ms} ms; it has not happened.` })), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The LlmError that a call must end with. */
export async function failure(call: Promise<unknown>, what: string): Promise<LlmError> {
  const error = await within(
    call.then(
      (value) => assert.fail(`${what} should have failed; it returned ${brief(value)}.`),
      (thrown: unknown) => thrown,
    ),
    `${what} should end`,
    10_000,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(isLlmError(error), `${what} should fail with an LlmError; it threw ${String(error)}.`);
  return error;
}

export type How = "streamed" | "whole";
type Input = string | Message[];

/** The same call streamed and whole: what holds for one must hold for the other. */
export async function bothWays(llm: LLM, input: Input, options: CallOptions = {}): Promise<[how: How, result: ChatResult][]> {
  return [
    ["streamed", await within(llm.stream(input, options).result, "The streamed call should end", 10_000)],
    ["whole", await within(llm.chat(input, options), "The whole call should end", 10_000)],
  ];
}

export async function bothFailures(
  llm: LLM,
  input: Input,
  what: string,
  options: CallOptions = {},
): Promise<[how: How, error: LlmError][]> {
  return [
    ["streamed", await failure(llm.stream(input, options).result, `The streamed call (${what})`)],
    ["whole", await failure(llm.chat(input, options), `The whole call (${what})`)],
  ];
}

export async function collect(stream: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** What an answer comes to, without what differs from call to call. */
export function essence(result: ChatResult): Record<string, unknown> {
  const { text, reasoning, refusal, toolCalls, finishReason, rawFinishReason, usage, responseId, responseModel } = result;
  const messages = result.messages.map((message) => ({ ...message, host: undefined }));
  return { text, reasoning, refusal, toolCalls, finishReason, rawFinishReason, usage, messages, responseId, responseModel };
}

/** Events without the last, which holds times. */
export function essentials(events: readonly ChatEvent[]): ChatEvent[] {
  return events.filter((event) => event.type !== "done");
}

export function user(...content: Extract<Message, { role: "user" }>["content"] & object): Message {
  return { role: "user", content };
}

/** A few turns of the event loop, after which whatever was about to happen has happened. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next));
}

/** A value in a message, not too long. */
export function brief(value: unknown): string {
  const text = value instanceof Error ? value.message : written(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch (error) {
    return `something that cannot be written (${String(error)})`;
  }
}
