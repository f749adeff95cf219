import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { openaiCompatible, type OpenAiCompatibleSettings } from "../src/index.ts";

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}, host: OpenAiCompatibleSettings = {}): LLM {
  const provider = openaiCompatible(host);
  const profile = { provider: provider.id, model: "local", baseURL, apiKey: "sk-test", retry: false as const, ...settings };
  return createContext({ providers: [provider], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}
