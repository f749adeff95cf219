import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { mistral } from "../src/index.ts";

export type Json = Record<string, unknown>;

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}): LLM {
  const profile = { provider: "mistral", baseURL, apiKey: "mistral-test", retry: false as const, ...settings };
  return createContext({ providers: [mistral()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

export interface SentBody extends Json {
  messages: (Json & { role: string })[];
}

/** A whole answer as the vendor sends it. */
export function completion(message: Json, fields: Json = {}, reason = "stop"): Json {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const choices = [{ index: 0, finish_reason: reason, message: { role: "assistant", tool_calls: null, ...message } }];
  return { id: "cmpl_1", object: "chat.completion", created: 1, model: "mistral-x", choices, usage, ...fields };
}

/** One chunk of a stream. */
export function chunk(delta: Json, reason: string | null = null, fields: Json = {}): Json {
  return {
    id: "cmpl_1",
    object: "chat.completion.chunk",
    model: "mistral-x",
    choices: [{ index: 0, delta, finish_reason: reason }],
    ...fields,
  };
}

/** Chunks as the vendor streams them. */
export function events(...list: unknown[]): string {
  return [...list.map((each) => JSON.stringify(each)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
}
