import { cohereEmbed } from "./embeds.ts";
import type { Usage } from "@plurivox/core/provider";
import type { Answer, Frame, Wire } from "../wire.ts";
import { cohereHabits } from "./cohere-habits.ts";
import { readCohere } from "./cohere-request.ts";
import { cut, interleave, known, sse, type Json } from "./shared.ts";

/** Cohere's Chat, version 2. https://docs.cohere.com/reference/chat, …/reference/chat-stream */
export const cohereChat: Wire = {
  name: "cohere",
  framing: "sse",
  path: /\/v2\/chat(\?|$)/,
  embed: cohereEmbed,
  requestIdHeader: "x-request-id",
  counts: ["inputTokens", "outputTokens", "totalTokens", "cacheReadTokens", "reasoningTokens"],
  finishes: [
    { raw: "COMPLETE", means: "stop" },
    { raw: "STOP_SEQUENCE", means: "stop" },
    { raw: "MAX_TOKENS", means: "length" },
    { raw: "ERROR", means: "error" },
    { raw: "TIMEOUT", means: "error" },
    { raw: "TOOL_CALL", means: "tool-calls" },
  ],
  toolCallId: /^.+$/s,
  inputIsText: true,
  noise: [": keep-alive\n\n", event("debug", { prompt: "…" }), event("made-up", { made_up: { index: "none" } })],
  lacks: ["model", "signature", "tool-by-name"],
  habits: cohereHabits,
  cannot: {
    "tool-parallel-off": "this wire has no word for it",
    "usage-cumulative": "the counts come once, with the finish reason",
    "usage-after-finish": "the counts come once, with the finish reason",
    "reasoning-redacted": "this vendor hides no reasoning",
    "document-inline": "documents are texts on this wire, and no parts of a message",
    refusal: "a refusal is a text like any other on this wire",
    "refusal-of-output": "a refusal is a text like any other on this wire",
  },
  stream,
  whole: (answer) => JSON.stringify({ ...head(answer), message: message(answer), ...ending(answer) }),
  read: readCohere,
  error: (_status, said) => error(said),
  errors: (said) => [
    { what: "a prompt that is too long", status: 400, kind: "context-length", body: error(`too many tokens: ${said}`, "TOO_MANY_TOKENS") },
    {
      what: "an output that would be too long",
      status: 400,
      kind: "invalid-request",
      body: error(`too many tokens: max tokens must be less than or equal to 4096. ${said}`),
    },
    {
      what: "a used-up quota",
      status: 429,
      kind: "quota",
      body: error(`You are using a Trial key, which is limited to 1000 API calls / month. ${said}`),
    },
    { what: "a prompt against the guidelines", status: 498, kind: "content-filter", body: error(said) },
    { what: "a call that was cancelled on the way", status: 499, kind: "server", retryable: true, body: error(said) },
  ],
  streamErrors: (said) => [
    {
      what: "a tool call that went wrong",
      kind: "server",
      frame: event("message-end", { delta: { finish_reason: "ERROR", usage: {}, error: said, error_type: "INVALID_TOOL_GENERATION" } }),
    },
    { what: "an error's body", kind: "server", frame: sse(error(said)) },
  ],
};

function error(said: string, type?: string): string {
  return JSON.stringify(known({ error_type: type, id: "error-kit", message: said }));
}

function event(type: string, fields: Json): string {
  return sse({ type, ...fields }, type);
}

function stream(answer: Answer): Frame[] {
  const { pieceLength } = answer;
  const empty = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
  const blocks = content(answer).flatMap((block, index) => {
    const word = block["type"] === "text" ? "text" : "thinking";
    const put = (said: Json) => ({ index, delta: { message: { content: said } } });
    return [
      event("content-start", put({ type: word, [word]: "" })),
      ...cut(String(block[word]), pieceLength).map((piece) => event("content-delta", put({ [word]: piece }))),
      event("content-end", { index }),
    ];
  });
  const calls = (answer.toolCalls ?? []).map(({ id, name, input }, index) => {
    const put = (call: Json) => ({ index, delta: { message: { tool_calls: call } } });
    return [
      event("tool-call-start", put({ id, type: "function", function: { name, arguments: "" } })),
      ...cut(input, pieceLength).map((piece) => event("tool-call-delta", put({ function: { arguments: piece } }))),
      event("tool-call-end", { index }),
    ];
  });
  return [
    { part: "head", text: sse({ ...head(answer), type: "message-start", delta: { message: empty } }, "message-start") },
    ...[...blocks, ...(answer.interleaved ? interleave(calls) : calls.flat())].map((text): Frame => ({ part: "content", text })),
    { part: "finish", text: event("message-end", { delta: ending(answer) }) },
    { part: "end", text: sse("[DONE]") },
  ];
}

function head({ bare, id = "chat-kit" }: Answer): Json {
  return bare ? {} : { id };
}

function message(answer: Answer): Json {
  const calls = answer.toolCalls?.map(({ id, name, input }) => ({ id, type: "function", function: { name, arguments: input } }));
  const said = content(answer);
  return known({ role: "assistant", content: said.length > 0 ? said : undefined, tool_calls: calls });
}

function content({ reasoning, text }: Answer): Json[] {
  return [
    ...(reasoning === undefined ? [] : [{ type: "thinking", thinking: reasoning.text }]),
    ...(text === undefined ? [] : [{ type: "text", text }]),
  ];
}

function ending({ finish, toolCalls, usage }: Answer): Json {
  return known({ finish_reason: finish ?? (toolCalls === undefined ? "COMPLETE" : "TOOL_CALL"), usage: usage && toUsage(usage) });
}

/** What is billed leaves out what the vendor adds to a prompt. */
function toUsage({ inputTokens, outputTokens, reasoningTokens, cacheReadTokens }: Usage): Json {
  return known({
    billed_units: { input_tokens: 1, output_tokens: outputTokens },
    tokens: known({ input_tokens: inputTokens, output_tokens: outputTokens, reasoning_tokens: reasoningTokens }),
    cached_tokens: cacheReadTokens,
  });
}
