import type { Habit } from "../wire.ts";

/** https://docs.cohere.com/v2/docs/streaming, recorded 2026 */
export const cohereHabits: readonly Habit[] = [
  {
    what: "a plan before the calls",
    stream:
      'event: message-start\ndata: {"id":"c1","type":"message-start","delta":{"message":{"role":"assistant"}}}\n\n' +
      'event: tool-plan-delta\ndata: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"I will "}}}\n\n' +
      'event: tool-plan-delta\ndata: {"type":"tool-plan-delta","delta":{"message":{"tool_plan":"look."}}}\n\n' +
      'event: tool-call-start\ndata: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"get_weather_1","type":"function","function":{"name":"get_weather","arguments":""}}}}}\n\n' +
      'event: tool-call-delta\ndata: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"{\\"a\\":1"}}}}}\n\n' +
      'event: tool-call-delta\ndata: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"0}"}}}}}\n\n' +
      'event: tool-call-end\ndata: {"type":"tool-call-end","index":0}\n\n' +
      'event: message-end\ndata: {"type":"message-end","delta":{"finish_reason":"TOOL_CALL","usage":{"tokens":{"input_tokens":3,"output_tokens":2}}}}\n\n',
    whole:
      '{"id":"c1","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_plan":"I will look.","tool_calls":[{"id":"get_weather_1","type":"function","function":{"name":"get_weather","arguments":"{\\"a\\":10}"}}]},"usage":{"tokens":{"input_tokens":3,"output_tokens":2}}}',
    means: {
      reasoning: "I will look.",
      calls: [{ id: "get_weather_1", name: "get_weather", input: { a: 10 } }],
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    },
  },
  {
    what: '"null" as the input of a call that has none',
    stream:
      'event: message-start\ndata: {"id":"c1","type":"message-start"}\n\n' +
      'event: tool-call-start\ndata: {"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"get_time_1","type":"function","function":{"name":"get_time","arguments":""}}}}}\n\n' +
      'event: tool-call-delta\ndata: {"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":"null"}}}}}\n\n' +
      'event: tool-call-end\ndata: {"type":"tool-call-end","index":0}\n\n' +
      'event: message-end\ndata: {"type":"message-end","delta":{"finish_reason":"TOOL_CALL"}}\n\n',
    whole:
      '{"id":"c1","finish_reason":"TOOL_CALL","message":{"role":"assistant","tool_calls":[{"id":"get_time_1","type":"function","function":{"name":"get_time","arguments":"null"}}]}}',
    means: { calls: [{ id: "get_time_1", name: "get_time", input: {} }] },
  },
];
