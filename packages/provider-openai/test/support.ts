import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { openai } from "../src/index.ts";

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}): LLM {
  const profile = { provider: "openai", model: "gpt-6-luna", baseURL, apiKey: "sk-test", retry: false as const, ...settings };
  return createContext({ providers: [openai()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}
