import { each, wordAt, type Wire } from "./wire.ts";

const USAGE = {
  promptTokenCount: 9,
  candidatesTokenCount: 99,
  totalTokenCount: 108,
  promptTokensDetails: [{ modality: "TEXT", tokenCount: 9 }],
  serviceTier: "standard",
};
const answer = (text: string, more: object) => ({
  candidates: [{ content: { parts: [{ text }], role: "model" }, ...more, index: 0 }],
  usageMetadata: USAGE,
  modelVersion: "bench",
  responseId: "aIhqaoOrBpa6jrEbench",
});
/** Each event tells the usage so far, and lines end in CRLF. The vendor's JSON has a space after each colon. */
const frame = (text: string, more = {}) => `data: ${JSON.stringify(answer(text, more), undefined, 1).replaceAll(/\n\s*/g, "")}\r\n\r\n`;

export const google: Wire = {
  path: "/v1beta/models/bench:streamGenerateContent?alt=sse",
  gap: "\r\n\r\n",
  stream: (count, word = wordAt) => [...each(count, (index) => frame(word(index))), frame("", { finishReason: "STOP" })],
  whole: (text) => JSON.stringify(answer(text, { finishReason: "STOP" }), undefined, 2),
  text: (event) =>
    (event as { candidates?: { content?: { parts?: { text?: string }[] } }[] }).candidates?.[0]?.content?.parts?.[0]?.text?.length ?? 0,
};
