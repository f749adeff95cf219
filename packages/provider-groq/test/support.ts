import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { groq } from "../src/index.ts";

export type Json = Record<string, unknown>;

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}): LLM {
  const profile = { provider: "groq", model: "qwen/qwen3.8-27b", baseURL, apiKey: "gsk-test", retry: false as const, ...settings };
  return createContext({ providers: [groq()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

export const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
