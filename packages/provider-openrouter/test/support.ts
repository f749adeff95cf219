import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { openrouter, type OpenRouterSettings } from "../src/index.ts";

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}, host: OpenRouterSettings = {}): LLM {
  const profile = { provider: "openrouter", model: "deepseek/deepseek-v4", baseURL, apiKey: "sk-test", retry: false as const, ...settings };
  return createContext({ providers: [openrouter(host)], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}
