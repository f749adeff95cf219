/** The bodies that the benchmark's upstream sends: made here, shaped like those that the vendors were recorded with. */
import { anthropic } from "./anthropic.ts";
import { cohere } from "./cohere.ts";
import { google } from "./google.ts";
import { groq } from "./groq.ts";
import { azure, lmstudio, nvidiaNim, openrouter } from "./hosts.ts";
import { mistral } from "./mistral.ts";
import { ollama } from "./ollama.ts";
import { openaiChat, openaiResponses } from "./openai.ts";
import type { Wire } from "./wire.ts";

export const wires = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  anthropic,
  google,
  mistral,
  cohere,
  groq,
  ollama,
  openrouter,
  azure,
  lmstudio,
  "nvidia-nim": nvidiaNim,
} as const satisfies Readonly<Record<string, Wire>>;

export type WireName = keyof typeof wires;
export const WIRES = Object.keys(wires) as WireName[];
