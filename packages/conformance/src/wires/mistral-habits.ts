import type { Habit } from "../wire.ts";

/** https://docs.mistral.ai/capabilities/function_calling, https://github.com/mistralai/client-ts */
export const mistralHabits: readonly Habit[] = [
  {
    what: 'the id "null" in the pieces that continue a call',
    stream:
      'data: {"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"D681PevKs","function":{"name":"get_weather","arguments":"{\\"city\\":"},"index":0}]},"finish_reason":null}]}\n\n' +
      'data: {"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"id":"null","function":{"name":"","arguments":"\\"Oslo\\"}"},"index":0}]},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: { calls: [{ id: "D681PevKs", name: "get_weather", input: { city: "Oslo" } }] },
  },
  {
    what: 'calls with nothing but the id "null", all at index 0',
    stream:
      'data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"id":"null","function":{"name":"get_time","arguments":"{}"},"index":0},{"id":"null","function":{"name":"get_time","arguments":"{}"},"index":0}]},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    whole:
      '{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"null","function":{"name":"get_time","arguments":"{}"}},{"id":"null","function":{"name":"get_time","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}',
    means: {
      calls: [
        { name: "get_time", input: {} },
        { name: "get_time", input: {} },
      ],
    },
  },
  {
    what: "all calls in one chunk, with the finish reason and the usage",
    stream:
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"","tool_calls":[{"id":"aaaaaaaa1","function":{"name":"get_weather","arguments":"{\\"city\\": \\"Oslo\\"}"},"index":0},{"id":"aaaaaaaa2","function":{"name":"get_weather","arguments":"{\\"city\\": \\"Rome\\"}"},"index":1}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2}}\n\ndata: [DONE]\n\n',
    means: {
      calls: [
        { id: "aaaaaaaa1", name: "get_weather", input: { city: "Oslo" } },
        { id: "aaaaaaaa2", name: "get_weather", input: { city: "Rome" } },
      ],
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    },
  },
  {
    what: "text between the pieces of a call, whose arguments might be taken for complete",
    stream:
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Let me ","tool_calls":[{"id":"aaaaaaaa1","function":{"name":"set","arguments":"{\\"a\\":1"},"index":0}]}}]}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"look."}}]}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"","arguments":"0}"},"index":0}]}}]}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: { text: "Let me look.", calls: [{ id: "aaaaaaaa1", name: "set", input: { a: 10 } }] },
  },
  {
    what: "usage in every chunk, and the finish reason twice",
    stream:
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Hel"}}],"usage":{"prompt_tokens":3,"total_tokens":4,"completion_tokens":1}}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2}}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2}}\n\ndata: [DONE]\n\n',
    means: { text: "Hello", usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } },
  },
];
