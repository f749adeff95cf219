import type { Habit } from "../wire.ts";

/** What hosts of OpenAI's chat completions do that OpenAI does not. */
export const openaiChatHabits: readonly Habit[] = [
  {
    what: "parallel calls all at index 0, told apart by their ids",
    stream:
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Oslo\\"}"}}]},"finish_reason":null}]}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_b","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Rome\\"}"}}]},"finish_reason":null}]}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: {
      calls: [
        { id: "call_a", name: "get_weather", input: { city: "Oslo" } },
        { id: "call_b", name: "get_weather", input: { city: "Rome" } },
      ],
    },
  },
  {
    what: "parallel calls at index 0 without ids, each whole",
    stream:
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"get_weather","arguments":"{\\"city\\":\\"Oslo\\"}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"get_weather","arguments":"{\\"city\\":\\"Rome\\"}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"get_time","arguments":"{}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    whole:
      '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[' +
      '{"index":0,"function":{"name":"get_weather","arguments":"{\\"city\\":\\"Oslo\\"}"}},{"index":0,"function":{"name":"get_weather","arguments":"{\\"city\\":\\"Rome\\"}"}},' +
      '{"index":0,"function":{"name":"get_time","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}',
    means: {
      calls: [
        { name: "get_weather", input: { city: "Oslo" } },
        { name: "get_weather", input: { city: "Rome" } },
        { name: "get_time", input: {} },
      ],
    },
  },
  {
    what: "calls without an index, a piece at a time",
    stream:
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"call_a","function":{"name":"get_weather","arguments":""}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"{\\"city\\":"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"\\"Oslo\\"}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"id":"call_b","function":{"name":"get_time","arguments":"{}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: {
      calls: [
        { id: "call_a", name: "get_weather", input: { city: "Oslo" } },
        { id: "call_b", name: "get_time", input: {} },
      ],
    },
  },
  {
    what: 'the id "null"',
    stream:
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"null","type":"function","function":{"name":"get_time","arguments":"{}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"null","type":"function","function":{"name":"get_time","arguments":"{}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    whole:
      '{"choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"null","type":"function","function":{"name":"get_time","arguments":"{}"}},' +
      '{"id":"null","type":"function","function":{"name":"get_time","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}',
    means: {
      calls: [
        { name: "get_time", input: {} },
        { name: "get_time", input: {} },
      ],
    },
  },
  {
    what: "id and name of a call in each of its chunks",
    stream:
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":"\\"Oslo\\"}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: { calls: [{ id: "call_a", name: "get_weather", input: { city: "Oslo" } }] },
  },
  {
    what: "no choices and no model in the first chunk, and no choices in the last",
    stream:
      'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel","refusal":null},"content_filter_results":{},"finish_reason":null}]}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n' +
      'data: {"id":"","model":"","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\ndata: [DONE]\n\n',
    means: { text: "Hello", usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } },
  },
  {
    what: "text between the pieces of a call",
    stream:
      'data: {"choices":[{"index":0,"delta":{"content":"Let me "}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\""}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":"look."}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":"","tool_calls":[{"index":0,"function":{"arguments":":\\"Oslo\\"}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: { text: "Let me look.", calls: [{ id: "call_a", name: "get_weather", input: { city: "Oslo" } }] },
  },
  {
    what: "arguments that a reader might take for complete before they are",
    stream:
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"set","arguments":"{\\"a\\":1"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"0}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\\n"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    means: { calls: [{ id: "call_a", name: "set", input: { a: 10 } }] },
  },
  {
    what: "arguments that are an object and no text",
    stream:
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":{"city":"Oslo"}}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n',
    whole:
      '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_a","type":"function","function":{"name":"get_weather","arguments":{"city":"Oslo"}}}]},"finish_reason":"tool_calls"}]}',
    means: { calls: [{ id: "call_a", name: "get_weather", input: { city: "Oslo" } }] },
  },
  {
    what: '"stop" after calls',
    stream:
      'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_time","arguments":"{}"}}]}}]}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    whole:
      '{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_a","type":"function","function":{"name":"get_time","arguments":"{}"}}]},"finish_reason":"stop"}]}',
    means: { calls: [{ id: "call_a", name: "get_time", input: {} }] },
  },
  {
    what: "usage in every chunk, and the finish reason twice",
    stream:
      'data: {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n' +
      'data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n' +
      'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\ndata: [DONE]\n\n',
    means: { text: "Hello", usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } },
  },
  {
    what: "null in every field that has nothing to say",
    stream:
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":null,"content":"Hello","tool_calls":null,"function_call":null,"refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"error":null}\n\n' +
      'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":null,"logprobs":null,"finish_reason":"stop"}],"usage":null,"error":null}\n\n' +
      'data: {"id":"c1","model":"m","choices":null,"usage":null}\n\ndata: [DONE]\n\n',
    whole:
      '{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello","tool_calls":null,"function_call":null,"refusal":null,"annotations":null,"audio":null},"logprobs":null,"finish_reason":"stop"}],"usage":null,"error":null}',
    means: { text: "Hello" },
  },
];
