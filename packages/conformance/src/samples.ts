import type { CallOptions, FunctionTool } from "@plurivox/core";
import type { Answer } from "./wire.ts";

/** What a well-behaved model says when nothing particular is tested. */
export const HELLO: Answer = { text: "Hello there, how are you?", usage: { inputTokens: 12, outputTokens: 7, totalTokens: 19 } };

export const WEATHER: FunctionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: {
      type: "object",
      properties: { city: { type: "string", description: "Its name" }, days: { type: "integer" } },
      required: ["city"],
    },
  },
};
export const TIME: FunctionTool = {
  type: "function",
  function: {
    name: "get_time",
    description: "The time of a city",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};
export const TOOLS: CallOptions = { tools: [WEATHER, TIME] };

/** Two calls of which no part may be taken for the other's. */
export const TWO_CALLS: Answer = {
  toolCalls: [
    { id: "callOne01", name: "get_weather", input: '{"city":"Zürich","days":2}' },
    { id: "callTwo02", name: "get_time", input: '{"city":"Osaka"}' },
  ],
};

/** Something of everything, so that a fault anywhere shows. */
export const RICH: Answer = {
  reasoning: { text: "First the weather, then the time — 先に.", signature: "c2lnbmVk/+IGJ5IHRoZSBraXQ==" },
  text: 'Grüße 👋🏽 — "done": {1}\nline two',
  toolCalls: TWO_CALLS.toolCalls!,
  usage: { inputTokens: 100, outputTokens: 50, totalTokens: 150, cacheReadTokens: 40, reasoningTokens: 20 },
};

export const SCHEMA: Record<string, unknown> = {
  type: "object",
  properties: { city: { type: "string" }, population: { type: "integer" } },
  required: ["city", "population"],
  additionalProperties: false,
};

/** The first bytes of real files: what follows them does not matter here. */
export const PNG: Uint8Array = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 1, 2, 3);
export const PDF: Uint8Array = new TextEncoder().encode("%PDF-1.7 the kit's own document");
export const WAV: Uint8Array = new TextEncoder().encode("RIFF\x24\0\0\0WAVEfmt the kit's own sound");
