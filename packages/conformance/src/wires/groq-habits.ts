import type { Habit } from "../wire.ts";

/** https://console.groq.com/docs/tool-use, recorded 2026 */
export const groqHabits: readonly Habit[] = [
  {
    what: "all calls in one chunk",
    stream:
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}],"x_groq":{"id":"req_1"}}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"id":"call_a","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Oslo\\"}"},"index":0},{"id":"call_b","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Rome\\"}"},"index":1}]},"finish_reason":null}]}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"x_groq":{"id":"req_1","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}}\n\ndata: [DONE]\n\n',
    means: {
      calls: [
        { id: "call_a", name: "get_weather", input: { city: "Oslo" } },
        { id: "call_b", name: "get_weather", input: { city: "Rome" } },
      ],
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    },
  },
  {
    what: "a call that the model could not write, after text",
    stream:
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Let me look."},"finish_reason":null}]}\n\n' +
      'event: error\ndata: {"error":{"message":"Failed to call a function. Please adjust your prompt.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=f>{","status_code":400}}\n\n',
    means: { error: "invalid-response", retryable: true },
  },
  {
    what: "usage both in its corner and beside the choices, and the finish reason twice",
    stream:
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n' +
      'data: {"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\ndata: [DONE]\n\n',
    means: { text: "Hello", usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } },
  },
  {
    what: "text between the pieces of a call",
    stream:
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Let me ","tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"set","arguments":"{\\"a\\":1"}}]}}]}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{"content":"look."}}]}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"0}"}}]}}]}\n\n' +
      'data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: { text: "Let me look.", calls: [{ id: "call_a", name: "set", input: { a: 10 } }] },
  },
];
