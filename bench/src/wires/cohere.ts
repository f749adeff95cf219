import { each, named, wordAt, type Wire } from "./wire.ts";

const ID = "7b4baae1-3fac-4977-85fd-618d9c9bench";
const END = {
  finish_reason: "COMPLETE",
  usage: {
    billed_units: { input_tokens: 9, output_tokens: 99 },
    tokens: { input_tokens: 502, output_tokens: 102 },
    cached_tokens: 448,
  },
};

interface Event {
  delta?: { message?: { content?: { text?: string } } };
  message?: { content?: { text?: string }[] };
}

export const cohere: Wire = {
  path: "/v2/chat",
  gap: "\n\n",
  stream: (count, word = wordAt) => [
    named({
      id: ID,
      type: "message-start",
      delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } },
    }),
    named({ type: "content-start", index: 0, delta: { message: { content: { type: "text", text: "" } } } }),
    ...each(count, (index) => named({ type: "content-delta", index: 0, delta: { message: { content: { text: word(index) } } } })),
    named({ type: "content-end", index: 0 }),
    named({ type: "message-end", delta: END }),
    "data: [DONE]\n\n",
  ],
  whole: (text) => JSON.stringify({ id: ID, message: { role: "assistant", content: [{ type: "text", text }] }, ...END }),
  text(event) {
    const { delta, message } = event as Event;
    return (delta?.message?.content?.text ?? message?.content?.[0]?.text)?.length ?? 0;
  },
};
