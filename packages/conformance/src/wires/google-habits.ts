import type { Habit } from "../wire.ts";

/** https://ai.google.dev/gemini-api/docs/thought-signatures, https://github.com/google-gemini/gemini-cli/pull/12965 */
export const googleHabits: readonly Habit[] = [
  {
    what: "STOP after calls, two of the same function and without ids",
    stream:
      'data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Oslo"}}}]},"index":0}],"responseId":"r1","modelVersion":"m"}\r\n\r\n' +
      'data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Rome"}}}]},"finishReason":"STOP","index":0}],"responseId":"r1","modelVersion":"m"}\r\n\r\n',
    whole:
      '{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Oslo"}}},{"functionCall":{"name":"get_weather","args":{"city":"Rome"}}}]},"finishReason":"STOP","index":0}],"responseId":"r1","modelVersion":"m"}',
    means: {
      calls: [
        { name: "get_weather", input: { city: "Oslo" } },
        { name: "get_weather", input: { city: "Rome" } },
      ],
    },
  },
  {
    what: "calls without ids in an answer that has none either",
    stream:
      'data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"get_time"}},{"functionCall":{"name":"get_time","args":{}}}]},"finishReason":"STOP"}]}\n\n',
    means: {
      calls: [
        { name: "get_time", input: {} },
        { name: "get_time", input: {} },
      ],
    },
  },
  {
    what: "a signature on an empty text at the end",
    stream:
      'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Hel"}]},"index":0}],"responseId":"r1"}\n\n' +
      'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"lo"}]},"index":0}],"responseId":"r1"}\n\n' +
      'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"","thoughtSignature":"c2lnbmVk"}]},"finishReason":"STOP","index":0}],"responseId":"r1"}\n\n',
    whole:
      '{"candidates":[{"content":{"role":"model","parts":[{"text":"Hello"},{"text":"","thoughtSignature":"c2lnbmVk"}]},"finishReason":"STOP","index":0}],"responseId":"r1"}',
    means: { text: "Hello" },
  },
  {
    what: "a call that the model could not write",
    stream:
      'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Let me look."}]},"index":0}]}\n\n' +
      'data: {"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: get_weather(","index":0}]}\n\n',
    whole:
      '{"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: get_weather(","index":0}]}',
    means: { error: "invalid-response", retryable: true },
  },
  {
    what: "counts in every chunk, and a last chunk without parts",
    stream:
      'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Hel"}]},"index":0}],"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}}\n\n' +
      'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"lo"}]},"index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1,"totalTokenCount":4}}\n\n' +
      'data: {"candidates":[{"content":{"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}\n\n',
    means: { text: "Hello", usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } },
  },
  {
    what: "text between calls, and the finish reason twice",
    stream:
      'data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"a","name":"get_time","args":{}},"thoughtSignature":"c2lnbmVk"},{"text":"And "}]},"index":0}]}\n\n' +
      'data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"b","name":"get_time","args":{}}},{"text":"then."}]},"finishReason":"STOP","index":0}]}\n\n' +
      'data: {"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}]}\n\n',
    means: {
      text: "And then.",
      calls: [
        { id: "a", name: "get_time", input: {} },
        { id: "b", name: "get_time", input: {} },
      ],
    },
  },
  {
    what: "a prompt that was blocked",
    stream: 'data: {"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}}\n\n',
    whole: '{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}}',
    means: { finish: "content-filter" },
  },
];
