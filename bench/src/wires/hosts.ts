/** Hosts that speak OpenAI's chat completions with something of their own in every event. */
import { completionText } from "./openai.ts";
import { CREATED, data, each, padding, wordAt, type Wire } from "./wire.ts";

interface Host {
  head: object;
  /** What else is in a choice, and in a chunk. */
  choice: object;
  more?: (index: number) => object;
  /** In every chunk, and not only in the first. */
  role?: boolean;
  usage: object;
  before?: string;
}

const SAFE = { filtered: false, severity: "safe" };
const FILTERS = {
  hate: SAFE,
  protected_material_code: { detected: false, filtered: false },
  self_harm: SAFE,
  sexual: SAFE,
  violence: SAFE,
};
const USAGE = { prompt_tokens: 9, completion_tokens: 99, total_tokens: 108 };

function host({ head, choice, more = () => ({}), role = false, usage, before }: Host): Wire {
  const from = { object: "chat.completion.chunk", created: CREATED, model: "bench", ...head };
  const chunk = (delta: object, finish: string | null, index = 0) =>
    data({ ...from, choices: [{ index: 0, delta, finish_reason: finish, ...choice }], ...more(index) });
  return {
    path: "/v1/chat/completions",
    gap: "\n\n",
    stream: (count, word = wordAt) => [
      ...(before === undefined ? [] : [before]),
      chunk({ role: "assistant", content: "" }, null),
      ...each(count, (index) => chunk({ ...(role && { role: "assistant" }), content: word(index) }, null, index)),
      chunk({}, "stop"),
      data({ ...from, choices: [], usage }),
      "data: [DONE]\n\n",
    ],
    whole: (text) =>
      JSON.stringify({
        ...from,
        object: "chat.completion",
        choices: [{ index: 0, message: { role: "assistant", content: text, refusal: null }, finish_reason: "stop", ...choice }],
        usage,
      }),
    text: completionText,
  };
}

export const openrouter: Wire = host({
  head: { id: "gen-1786465029-CAkqUciXgQW34Rbench", provider: "OpenAI" },
  choice: { native_finish_reason: null },
  role: true,
  usage: { ...USAGE, cost: 0.0133176, is_byok: false, cost_details: { upstream_inference_cost: 0.0133176 } },
});
export const azure: Wire = host({
  head: { id: "chatcmpl-DPTBg29yUne0qG2XCotTwUgbench", system_fingerprint: "fp_bench" },
  choice: { content_filter_results: FILTERS, logprobs: null },
  more: (index) => ({ obfuscation: padding(index), usage: null }),
  usage: USAGE,
  before: data({
    choices: [],
    created: 0,
    id: "",
    model: "",
    object: "",
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: FILTERS }],
  }),
});
export const lmstudio: Wire = host({
  head: { id: "chatcmpl-i9qxsazkiy8jccpbench", system_fingerprint: "bench" },
  choice: { logprobs: null },
  role: true,
  usage: USAGE,
});
export const nvidiaNim: Wire = host({
  head: { id: "chat-9d2c1fd08f5f416b8d16e848bench" },
  choice: { logprobs: null, stop_reason: null },
  more: (index) => ({ usage: { prompt_tokens: 9, total_tokens: 9 + index, completion_tokens: index } }),
  role: true,
  usage: USAGE,
});
