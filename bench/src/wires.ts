/** The bodies that the benchmark's upstream sends: made here, shaped like the vendors'. */
export type WireName = "openai-chat" | "openai-responses" | "anthropic";
export const WIRES: readonly WireName[] = ["openai-chat", "openai-responses", "anthropic"];

const WORDS = ["The ", "quick ", "brown ", "fox ", "jumps ", "over ", "the ", "lazy ", "dog. ", "Then "];

interface Wire {
  path: string;
  /** The frames of a stream of `count` text events, the last ones its end. */
  stream(count: number, word?: (index: number) => string): string[];
  whole(text: string): string;
}

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: { type: string; [field: string]: unknown }): string => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const wordAt = (index: number): string => WORDS[index % WORDS.length]!;
const each = (count: number, frame: (index: number) => string): string[] => Array.from({ length: count }, (_, index) => frame(index));

const chatChunk = (delta: object, finish: string | null) =>
  data({
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: "bench",
    service_tier: "default",
    system_fingerprint: "fp_bench",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  });
const chatUsage = { prompt_tokens: 9, completion_tokens: 99, total_tokens: 108 };

const openaiChat: Wire = {
  path: "/v1/chat/completions",
  stream: (count, word = wordAt) => [
    chatChunk({ role: "assistant", content: "" }, null),
    ...each(count, (index) => chatChunk({ content: word(index) }, null)),
    chatChunk({}, "stop"),
    data({ id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_760_000_000, model: "bench", choices: [], usage: chatUsage }),
    "data: [DONE]\n\n",
  ],
  whole: (text) =>
    JSON.stringify({
      id: "chatcmpl-bench",
      object: "chat.completion",
      created: 1_760_000_000,
      model: "bench",
      choices: [{ index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: null, finish_reason: "stop" }],
      usage: chatUsage,
    }),
};

const responsesItem = (text: string, status: string) => ({
  id: "msg_bench",
  type: "message",
  status,
  role: "assistant",
  content: text === "" ? [] : [{ type: "output_text", text, annotations: [], logprobs: [] }],
});
const responsesBody = (status: string, output: object[]) => ({
  id: "resp_bench",
  object: "response",
  created_at: 1_760_000_000,
  status,
  error: null,
  incomplete_details: null,
  model: "bench",
  output,
  usage: status === "completed" ? { input_tokens: 9, output_tokens: 99, total_tokens: 108 } : null,
});
const openaiResponses: Wire = {
  path: "/v1/responses",
  stream(count, word = wordAt) {
    const text = each(count, word).join("");
    const at = { item_id: "msg_bench", output_index: 0, content_index: 0 };
    return [
      named({ type: "response.created", response: responsesBody("in_progress", []) }),
      named({ type: "response.output_item.added", output_index: 0, item: responsesItem("", "in_progress") }),
      named({ type: "response.content_part.added", ...at, part: { type: "output_text", text: "", annotations: [] } }),
      ...each(count, (index) =>
        named({
          type: "response.output_text.delta",
          ...at,
          sequence_number: index + 4,
          delta: word(index),
          logprobs: [],
          obfuscation: "x7Gd2",
        }),
      ),
      named({ type: "response.output_text.done", ...at, text }),
      named({ type: "response.output_item.done", output_index: 0, item: responsesItem(text, "completed") }),
      named({ type: "response.completed", response: responsesBody("completed", [responsesItem(text, "completed")]) }),
    ];
  },
  whole: (text) => JSON.stringify(responsesBody("completed", [responsesItem(text, "completed")])),
};

const anthropicMessage = (content: object[], stop: string | null) => ({
  id: "msg_bench",
  type: "message",
  role: "assistant",
  model: "bench",
  content,
  stop_reason: stop,
  stop_sequence: null,
  usage: { input_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: stop === null ? 1 : 99 },
});
const anthropic: Wire = {
  path: "/v1/messages",
  stream: (count, word = wordAt) => [
    named({ type: "message_start", message: anthropicMessage([], null) }),
    named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ...each(count, (index) => named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word(index) } })),
    named({ type: "content_block_stop", index: 0 }),
    named({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 99 } }),
    named({ type: "message_stop" }),
  ],
  whole: (text) => JSON.stringify(anthropicMessage([{ type: "text", text }], "end_turn")),
};

export const wires: Readonly<Record<WireName, Wire>> = { "openai-chat": openaiChat, "openai-responses": openaiResponses, anthropic };
