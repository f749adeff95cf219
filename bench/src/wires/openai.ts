import { CREATED, data, each, named, padding, wordAt, type Wire } from "./wire.ts";

interface Completion {
  choices?: { delta?: { content?: string }; message?: { content?: string } }[];
}

/** The text of a chunk or an answer of chat completions, which many vendors speak. */
export function completionText(event: unknown): number {
  const choice = (event as Completion).choices?.[0];
  return (choice?.delta?.content ?? choice?.message?.content)?.length ?? 0;
}

const USAGE = {
  prompt_tokens: 9,
  completion_tokens: 99,
  total_tokens: 108,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
};
const HEAD = {
  id: "chatcmpl-D7Tje0000000000000000000bench",
  object: "chat.completion.chunk",
  created: CREATED,
  model: "bench",
  service_tier: "default",
  system_fingerprint: "fp_bench",
};
const chunk = (delta: object, finish: string | null, index = 0) =>
  data({
    ...HEAD,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
    obfuscation: padding(index),
  });

export const openaiChat: Wire = {
  path: "/v1/chat/completions",
  gap: "\n\n",
  stream: (count, word = wordAt) => [
    chunk({ role: "assistant", content: "", refusal: null }, null),
    ...each(count, (index) => chunk({ content: word(index) }, null, index)),
    chunk({}, "stop"),
    data({ ...HEAD, choices: [], usage: USAGE, obfuscation: "" }),
    "data: [DONE]\n\n",
  ],
  whole: (text) =>
    JSON.stringify({
      ...HEAD,
      object: "chat.completion",
      choices: [
        { index: 0, message: { role: "assistant", content: text, refusal: null, annotations: [] }, logprobs: null, finish_reason: "stop" },
      ],
      usage: USAGE,
    }),
  text: completionText,
};

const item = (text: string, status: string) => ({
  id: "msg_082ac2a58494bench",
  type: "message",
  status,
  role: "assistant",
  content: text === "" ? [] : [{ type: "output_text", text, annotations: [], logprobs: [] }],
});
const response = (status: string, output: object[]) => ({
  id: "resp_082ac2a58494bench",
  object: "response",
  created_at: CREATED,
  status,
  error: null,
  incomplete_details: null,
  model: "bench",
  output,
  usage: status === "completed" ? { input_tokens: 9, output_tokens: 99, total_tokens: 108 } : null,
});

export const openaiResponses: Wire = {
  path: "/v1/responses",
  gap: "\n\n",
  stream(count, word = wordAt) {
    const text = each(count, word).join("");
    const at = { item_id: "msg_082ac2a58494bench", output_index: 0, content_index: 0 };
    const part = (said: string) => ({ type: "output_text", annotations: [], logprobs: [], text: said });
    return [
      named({ type: "response.created", response: response("in_progress", []), sequence_number: 0 }),
      named({ type: "response.in_progress", response: response("in_progress", []), sequence_number: 1 }),
      named({ type: "response.output_item.added", output_index: 0, item: item("", "in_progress"), sequence_number: 2 }),
      named({ type: "response.content_part.added", ...at, part: part(""), sequence_number: 3 }),
      ...each(count, (index) =>
        named({
          type: "response.output_text.delta",
          ...at,
          delta: word(index),
          logprobs: [],
          obfuscation: padding(index),
          sequence_number: index + 4,
        }),
      ),
      named({ type: "response.output_text.done", ...at, text, logprobs: [], sequence_number: count + 4 }),
      named({ type: "response.content_part.done", ...at, part: part(text), sequence_number: count + 5 }),
      named({ type: "response.output_item.done", output_index: 0, item: item(text, "completed"), sequence_number: count + 6 }),
      named({ type: "response.completed", response: response("completed", [item(text, "completed")]), sequence_number: count + 7 }),
    ];
  },
  whole: (text) => JSON.stringify(response("completed", [item(text, "completed")])),
  text(event) {
    const { delta, output } = event as { delta?: string; output?: { content: { text: string }[] }[] };
    return typeof delta === "string" ? delta.length : (output?.[0]?.content[0]?.text.length ?? 0);
  },
};
