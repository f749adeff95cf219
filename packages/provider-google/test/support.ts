import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { google, type GoogleSettings } from "../src/index.ts";

export type Json = Record<string, unknown>;

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}, provider: GoogleSettings = {}): LLM {
  const profile = { provider: "google", baseURL, apiKey: "AIza-test", retry: false as const, ...settings };
  return createContext({ providers: [google(provider)], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

export interface SentBody extends Json {
  contents: { role: string; parts: Json[] }[];
  generationConfig?: Json;
}

/** A whole response as the vendor sends it. */
export function reply(parts: Json[], candidate: Json = {}, fields: Json = {}): Json {
  return {
    candidates: [{ content: { parts, role: "model" }, finishReason: "STOP", index: 0, ...candidate }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: "gemini-x",
    responseId: "r1",
    ...fields,
  };
}

/** Chunks as the vendor streams them. */
export function events(...chunks: Json[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join("");
}
