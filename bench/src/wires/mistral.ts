import { completionText } from "./openai.ts";
import { CREATED, data, each, padding, wordAt, type Wire } from "./wire.ts";

const HEAD = { id: "f8bfe790d883421b8e3baee516ec5a37", object: "chat.completion.chunk", created: CREATED, model: "bench" };
const USAGE = {
  prompt_tokens: 9,
  total_tokens: 108,
  completion_tokens: 99,
  prompt_tokens_details: { cached_tokens: 0 },
  service_tier: "standard",
};
const chunk = (delta: object, index: number, finish: string | null = null) =>
  data({ ...HEAD, choices: [{ index: 0, delta, finish_reason: finish }], ...(finish !== null && { usage: USAGE }), p: padding(index) });

export const mistral: Wire = {
  path: "/v1/chat/completions",
  gap: "\n\n",
  stream: (count, word = wordAt) => [
    chunk({ role: "assistant", content: "" }, 0),
    ...each(count, (index) => chunk({ content: word(index) }, index)),
    chunk({ content: "" }, 0, "stop"),
    "data: [DONE]\n\n",
  ],
  whole: (text) =>
    JSON.stringify({
      ...HEAD,
      usage: USAGE,
      object: "chat.completion",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", tool_calls: null, content: text } }],
    }),
  text: completionText,
};
