import { completionText } from "./openai.ts";
import { CREATED, data, each, wordAt, type Wire } from "./wire.ts";

const HEAD = {
  id: "chatcmpl-f07b368c-ae72-4555-9465-ae09fe4bench",
  object: "chat.completion.chunk",
  created: CREATED,
  model: "bench",
  system_fingerprint: "fp_bench",
};
const REQUEST = { id: "req_01kkht58hmfqdt7taat7bench", seed: 7 };
const USAGE = {
  queue_time: 0.193,
  prompt_tokens: 9,
  prompt_time: 0.0107,
  completion_tokens: 99,
  completion_time: 0.009,
  total_tokens: 108,
  total_time: 0.0197,
};
const chunk = (delta: object, finish: string | null, more = {}) =>
  data({ ...HEAD, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...more });

export const groq: Wire = {
  path: "/openai/v1/chat/completions",
  gap: "\n\n",
  stream: (count, word = wordAt) => [
    chunk({ role: "assistant", content: "" }, null, { x_groq: REQUEST }),
    ...each(count, (index) => chunk({ content: word(index) }, null)),
    chunk({}, "stop", { x_groq: { ...REQUEST, usage: USAGE }, usage: USAGE }),
    data({ ...HEAD, choices: [], usage: USAGE, service_tier: "on_demand" }),
    "data: [DONE]\n\n",
  ],
  whole: (text) =>
    JSON.stringify({
      ...HEAD,
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: text }, logprobs: null, finish_reason: "stop" }],
      usage: USAGE,
      x_groq: REQUEST,
      service_tier: "on_demand",
    }),
  text: completionText,
};
