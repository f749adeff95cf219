// Whole responses as OpenAI sends them, for what the mock cannot make.
const usage = { input_tokens: 40, output_tokens: 20, total_tokens: 60 };

/** Of the Responses API: a search that the vendor ran, and an answer that cites what it found. */
export const SEARCHED = {
  id: "resp_1",
  object: "response",
  created_at: 1_790_000_000,
  status: "completed",
  model: "gpt-6-luna",
  output: [
    { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "zip fastener inventor" } },
    {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [
        {
          type: "output_text",
          text: "Gideon Sundback, in 1913.",
          annotations: [
            {
              type: "url_citation",
              start_index: 0,
              end_index: 15,
              url: "https://en.wikipedia.org/wiki/Gideon_Sundback",
              title: "Gideon Sundback",
            },
          ],
        },
      ],
    },
  ],
  usage,
};

/** Of chat completions: two answers to one question. */
export const TWO_CHOICES = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_790_000_000,
  model: "gpt-4.1",
  choices: ["Blue.", "Green."].map((content, index) => ({
    index,
    message: { role: "assistant", content, refusal: null },
    logprobs: null,
    finish_reason: "stop",
  })),
  usage: { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
};
