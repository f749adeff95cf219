import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { nvidiaNim, type NvidiaNimSettings } from "../src/index.ts";

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}, host: NvidiaNimSettings = {}): LLM {
  const profile = { provider: "nvidia-nim", baseURL, apiKey: "nvapi-test", retry: false as const, ...settings };
  return createContext({ providers: [nvidiaNim(host)], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}
