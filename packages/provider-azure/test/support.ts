import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { azure, type AzureSettings } from "../src/index.ts";

export interface ClientOptions {
  settings?: AzureSettings;
  env?: Record<string, string>;
}

/** A client for a loopback server, without retries. */
export function client(profile: ProfileSettings, { settings, env }: ClientOptions = {}): LLM {
  const whole = { provider: "azure", model: "gpt-4.1-mini", apiKey: "0123456789abcdef", retry: false as const, ...profile };
  const environment = { PLURIVOX_NO_NETWORK: "1", ...env };
  return createContext({ providers: [azure(settings)], profiles: { default: whole }, env: environment }).llm();
}
