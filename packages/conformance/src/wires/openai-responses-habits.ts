import type { Habit } from "../wire.ts";

/** What hosts of OpenAI's Responses leave out, and what OpenAI sends in another order. */
export const openaiResponsesHabits: readonly Habit[] = [
  {
    what: "calls of which only the ends come",
    stream:
      'data: {"type":"response.created","response":{"id":"r1","model":"m","status":"in_progress","output":[]}}\n\n' +
      'data: {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"fc_a","call_id":"call_a","name":"get_weather","arguments":"{\\"city\\":\\"Oslo\\"}","status":"completed"}}\n\n' +
      'data: {"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","id":"fc_b","call_id":"call_b","name":"get_weather","arguments":"{\\"city\\":\\"Rome\\"}","status":"completed"}}\n\n' +
      'data: {"type":"response.completed","response":{"id":"r1","model":"m","status":"completed","output":[]}}\n\n',
    means: {
      calls: [
        { id: "call_a", name: "get_weather", input: { city: "Oslo" } },
        { id: "call_b", name: "get_weather", input: { city: "Rome" } },
      ],
    },
  },
  {
    what: "an answer that is only in the last event",
    stream:
      'data: {"type":"response.completed","response":{"id":"r1","model":"m","status":"completed","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]},{"type":"function_call","id":"fc_a","call_id":"call_a","name":"get_time","arguments":"{}","status":"completed"}]}}\n\n',
    whole:
      '{"id":"r1","model":"m","status":"completed","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]},{"type":"function_call","id":"fc_a","call_id":"call_a","name":"get_time","arguments":"{}","status":"completed"}]}',
    means: { text: "Hello", calls: [{ id: "call_a", name: "get_time", input: {} }] },
  },
  {
    what: "text between the pieces of a call, whose arguments might be taken for complete",
    stream:
      'data: {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc_a","call_id":"call_a","name":"set","arguments":""}}\n\n' +
      'data: {"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc_a","delta":"{\\"a\\":1"}\n\n' +
      'data: {"type":"response.output_text.delta","output_index":1,"content_index":0,"item_id":"msg_1","delta":"Hello"}\n\n' +
      'data: {"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc_a","delta":"0}"}\n\n' +
      'data: {"type":"response.function_call_arguments.done","output_index":0,"item_id":"fc_a","arguments":"{\\"a\\":10}"}\n\n' +
      'data: {"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"fc_a","call_id":"call_a","name":"set","arguments":"{\\"a\\":10}","status":"completed"}}\n\n' +
      'data: {"type":"response.completed","response":{"status":"completed","output":[],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}}\n\n',
    means: {
      text: "Hello",
      calls: [{ id: "call_a", name: "set", input: { a: 10 } }],
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    },
  },
];
