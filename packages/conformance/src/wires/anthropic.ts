import type { Usage } from "@plurivox/core/provider";
import type { Answer, Frame, Wire } from "../wire.ts";
import { anthropicHabits } from "./anthropic-habits.ts";
import { readAnthropic } from "./anthropic-request.ts";
import { cut, known, sse, type Json } from "./shared.ts";

/** https://platform.claude.com/docs/en/api/errors */
const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  529: "overloaded_error",
};

/** Anthropic's Messages. https://platform.claude.com/docs/en/api/messages, …/build-with-claude/streaming */
export const anthropicMessages: Wire = {
  name: "anthropic",
  framing: "sse",
  path: /\/v1\/messages(\?|$)/,
  requestIdHeader: "request-id",
  counts: ["inputTokens", "outputTokens", "totalTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens"],
  finishes: [
    { raw: "end_turn", means: "stop" },
    { raw: "stop_sequence", means: "stop" },
    { raw: "max_tokens", means: "length" },
    { raw: "model_context_window_exceeded", means: "length" },
    { raw: "refusal", means: "content-filter" },
    { raw: "tool_use", means: "tool-calls" },
  ],
  toolCallId: /^[a-zA-Z0-9_-]+$/,
  inputIsText: false,
  noise: [event("ping", {}), event("made_up", { made_up: { index: "none" } }), ": keep-alive\n\n"],
  habits: anthropicHabits,
  cannot: { "tool-calls-interleaved": "content blocks come one after the other on this wire" },
  stream,
  whole: (answer) => JSON.stringify({ ...head(answer), content: blocks(answer), ...ending(answer), usage: toUsage(answer.usage) }),
  read: readAnthropic,
  error: (status, message) => error(TYPE_BY_STATUS[status] ?? (status >= 500 ? "api_error" : "invalid_request_error"), message),
  errors: (message) => [
    {
      what: "a prompt that is too long",
      status: 400,
      kind: "context-length",
      body: error("invalid_request_error", `prompt is too long: 210000 tokens > 200000 maximum. ${message}`),
    },
    {
      what: "a used-up quota",
      status: 400,
      kind: "quota",
      body: error("invalid_request_error", `Your credit balance is too low to access the Anthropic API. ${message}`),
    },
  ],
  streamErrors: (message) => [
    { what: "an overloaded vendor", kind: "overloaded", frame: sse(error("overloaded_error", message), "error") },
    { what: "a server error", kind: "server", frame: sse(error("api_error", message), "error") },
    { what: "a rate limit", kind: "rate-limit", frame: sse(error("rate_limit_error", message), "error") },
  ],
};

function error(type: string, message: string): string {
  return JSON.stringify({ type: "error", error: { type, message }, request_id: "req_kit" });
}

/** The vendor pads its events with spaces. */
function event(type: string, fields: Json): string {
  return sse(`${JSON.stringify({ type, ...fields })}   `, type);
}

function stream(answer: Answer): Frame[] {
  const { usage, usageAt = "once", pieceLength } = answer;
  const content = blocks(answer).flatMap((block, index) => blockEvents(block, index, answer, pieceLength));
  const counted =
    usageAt === "every" && usage !== undefined ? content.flatMap((frame, step) => [frame, counting(usage, step + 1)]) : content;
  const after = usageAt === "after" && usage !== undefined;
  const message = {
    ...head(answer),
    content: [],
    ...ending({}),
    stop_reason: null,
    usage: usage && toUsage({ ...usage, reasoningTokens: undefined }, 1),
  };
  return [
    { part: "head", text: event("message_start", { message: known(message) }) },
    { part: "head", text: event("ping", {}) },
    ...counted,
    { part: "finish", text: event("message_delta", known({ delta: ending(answer), usage: after ? undefined : toUsage(usage) })) },
    ...(after ? [{ part: "usage" as const, text: event("message_delta", { delta: {}, usage: toUsage(usage) }) }] : []),
    { part: "end", text: event("message_stop", {}) },
  ];
}

/** The counts of a `message_delta` are cumulative. */
function counting(usage: Usage, outputTokens: number): Frame {
  return { part: "content", text: event("message_delta", { delta: { stop_reason: null }, usage: toUsage(usage, outputTokens) }) };
}

function blockEvents(block: Json, index: number, answer: Answer, pieceLength: number | undefined): Frame[] {
  const { start, deltas } = inPieces(block, index, answer, pieceLength);
  return [
    event("content_block_start", { index, content_block: start }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ].map((text) => ({ part: "content", text }));
}

function inPieces(block: Json, index: number, answer: Answer, pieceLength: number | undefined): { start: Json; deltas: Json[] } {
  switch (block["type"]) {
    case "text":
      return {
        start: { ...block, text: "" },
        deltas: cut(String(block["text"]), pieceLength).map((text) => ({ type: "text_delta", text })),
      };
    case "thinking":
      return {
        start: { ...block, thinking: "", signature: "" },
        deltas: [
          ...cut(String(block["thinking"]), pieceLength).map((thinking) => ({ type: "thinking_delta", thinking })),
          { type: "signature_delta", signature: block["signature"] },
        ],
      };
    case "tool_use": {
      const call = answer.toolCalls!.at(index - blocks({ ...answer, toolCalls: [] }).length)!;
      const pieces = ["", ...cut(call.input, pieceLength)];
      return { start: { ...block, input: {} }, deltas: pieces.map((partial_json) => ({ type: "input_json_delta", partial_json })) };
    }
    default:
      return { start: block, deltas: [] };
  }
}

function blocks({ reasoning, text, toolCalls }: Answer): Json[] {
  const thinking = reasoning?.redacted
    ? { type: "redacted_thinking", data: reasoning.signature }
    : { type: "thinking", thinking: reasoning?.text, signature: reasoning?.signature };
  return [
    ...(reasoning === undefined ? [] : [thinking]),
    ...(text === undefined || text === "" ? [] : [{ type: "text", text }]),
    ...(toolCalls ?? []).map(({ id, name, input }) => ({ type: "tool_use", id, name, input: inputOf(input), caller: { type: "direct" } })),
  ];
}

/** In a whole message the input is data; a text that is no JSON can only come in a stream. */
function inputOf(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}

function head({ bare, id = "msg_kit", model = "kit-model" }: Answer): Json {
  return bare ? { type: "message", role: "assistant" } : { model, id, type: "message", role: "assistant" };
}

function ending({ finish, toolCalls, refusal }: Answer): Json {
  const reason = finish ?? (refusal !== undefined ? "refusal" : toolCalls === undefined ? "end_turn" : "tool_use");
  const details = refusal === undefined ? null : { type: "refusal", category: null, explanation: refusal };
  return { stop_reason: reason, stop_sequence: reason === "stop_sequence" ? "END" : null, stop_details: details };
}

/** What was read from the cache and written to it is counted apart from the rest of the input. */
function toUsage(usage: Usage | undefined, outputTokens: number | undefined = usage?.outputTokens): Json | undefined {
  if (usage === undefined) return undefined;
  const { inputTokens, cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens } = usage;
  return known({
    input_tokens: inputTokens === undefined ? undefined : inputTokens - cacheReadTokens - cacheWriteTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: outputTokens,
    output_tokens_details: reasoningTokens === undefined ? undefined : { thinking_tokens: reasoningTokens },
  });
}
