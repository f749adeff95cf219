import type { Habit } from "../wire.ts";

/** https://docs.ollama.com/capabilities/tool-calling, https://github.com/ollama/ollama/issues/7881 */
export const ollamaHabits: readonly Habit[] = [
  {
    what: "parallel calls all at index 0 and without ids",
    stream:
      '{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"index":0,"name":"get_weather","arguments":{"city":"Oslo"}}}]},"done":false}\n' +
      '{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"index":0,"name":"get_weather","arguments":{"city":"Rome"}}}]},"done":false}\n' +
      '{"model":"m","message":{"role":"assistant","content":""},"done_reason":"stop","done":true,"prompt_eval_count":3,"eval_count":2}\n',
    whole:
      '{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"index":0,"name":"get_weather","arguments":{"city":"Oslo"}}},{"function":{"index":0,"name":"get_weather","arguments":{"city":"Rome"}}}]},"done_reason":"stop","done":true,"prompt_eval_count":3,"eval_count":2}',
    means: {
      calls: [
        { name: "get_weather", input: { city: "Oslo" } },
        { name: "get_weather", input: { city: "Rome" } },
      ],
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    },
  },
  {
    what: "calls in the last line, text between, and no arguments",
    stream:
      '{"model":"m","message":{"role":"assistant","content":"Let me ","tool_calls":[{"function":{"name":"get_time","arguments":null}}]},"done":false}\n' +
      '{"model":"m","message":{"role":"assistant","content":"look."},"done":false}\n' +
      '{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"get_time","arguments":{}}}]},"done_reason":"stop","done":true}\n',
    means: {
      text: "Let me look.",
      calls: [
        { name: "get_time", input: {} },
        { name: "get_time", input: {} },
      ],
    },
  },
  {
    what: "no reason to stop, and no message in the last line",
    stream: '{"model":"m","message":{"role":"assistant","content":"Hello"},"done":false}\n{"model":"m","done":true,"eval_count":2}\n',
    whole: '{"model":"m","message":{"role":"assistant","content":"Hello"},"done":true,"eval_count":2}',
    means: { text: "Hello", usage: { outputTokens: 2 } },
  },
];
