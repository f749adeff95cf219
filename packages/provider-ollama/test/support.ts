import { createContext, isLlmError, type LLM, type LlmError, type ProfileSettings } from "@plurivox/core";
import { ollama } from "../src/index.ts";

export type Json = Record<string, unknown>;

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}): LLM {
  const profile = { provider: "ollama", model: "kit-model", baseURL, retry: false as const, ...settings };
  return createContext({ providers: [ollama()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

export interface SentBody extends Json {
  messages: (Json & { role: string; content: string })[];
  options: Json;
}

/** A whole answer as the vendor sends it, or the last line of a stream. */
export function answer(message: Json = { content: "Hello" }, fields: Json = {}): Json {
  return {
    model: "kit-model",
    created_at: "2026-11-21T00:00:00Z",
    message: { role: "assistant", ...message },
    done: true,
    done_reason: "stop",
    prompt_eval_count: 10,
    eval_count: 5,
    ...fields,
  };
}

/** A line before the last. */
export function piece(message: Json, fields: Json = {}): Json {
  return {
    model: "kit-model",
    created_at: "2026-11-21T00:00:00Z",
    message: { role: "assistant", content: "", ...message },
    done: false,
    ...fields,
  };
}

export function lines(...list: Json[]): string {
  return list.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** The error that a call must end with. */
export async function errorOf(call: Promise<unknown>): Promise<LlmError> {
  const thrown: unknown = await call.then(
    () => new Error("It did not fail."),
    (error: unknown) => error,
  );
  if (!isLlmError(thrown)) throw thrown;
  return thrown;
}
