import { each, named, wordAt, type Wire } from "./wire.ts";

const message = (content: object[], stop: string | null) => ({
  model: "bench",
  id: "msg_019Fb5TaLtGaCW5bench",
  type: "message",
  role: "assistant",
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage: {
    input_tokens: 9,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: stop === null ? 1 : 99,
    service_tier: "standard",
  },
});
/** The vendor pads the JSON of its events with spaces. */
const padded = (frame: string, index: number) => frame.replace(/\}\n\n$/, `${" ".repeat((index * 7) % 16)}}\n\n`);

export const anthropic: Wire = {
  path: "/v1/messages",
  gap: "\n\n",
  stream: (count, word = wordAt) => [
    named({ type: "message_start", message: message([], null) }),
    named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    'event: ping\ndata: {"type": "ping"}\n\n',
    ...each(count, (index) =>
      padded(named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word(index) } }), index),
    ),
    named({ type: "content_block_stop", index: 0 }),
    named({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { input_tokens: 9, output_tokens: 99 },
    }),
    named({ type: "message_stop" }),
  ],
  whole: (text) => JSON.stringify(message([{ type: "text", text }], "end_turn")),
  text(event) {
    const { delta, content } = event as { delta?: { text?: string }; content?: { text?: string }[] };
    return (delta?.text ?? content?.[0]?.text)?.length ?? 0;
  },
};
