import { mistralEmbeddings } from "./embeds.ts";
import type { Usage } from "@plurivox/core/provider";
import type { Answer, AnswerCall, AnswerReasoning, Frame, Wire } from "../wire.ts";
import { mistralHabits } from "./mistral-habits.ts";
import { readMistral } from "./mistral-request.ts";
import { cut, interleave, known, sse, type Json } from "./shared.ts";

const CREATED = 1_790_000_000;

/** Mistral's chat completions. https://docs.mistral.ai/api/endpoint/chat, …/inference/conversations/reasoning */
export const mistralChat: Wire = {
  name: "mistral",
  framing: "sse",
  path: /\/v1\/chat\/completions(\?|$)/,
  embed: mistralEmbeddings,
  requestIdHeader: "x-request-id",
  counts: ["inputTokens", "outputTokens", "totalTokens", "cacheReadTokens", "reasoningTokens"],
  finishes: [
    { raw: "stop", means: "stop" },
    { raw: "length", means: "length" },
    { raw: "model_length", means: "length" },
    { raw: "error", means: "error" },
    { raw: "tool_calls", means: "tool-calls" },
  ],
  toolCallId: /^[a-zA-Z0-9]{9}$/,
  inputIsText: true,
  noise: [": keep-alive\n\n", sse({ object: "chat.made_up", made_up: { choices: "none" } }, "made_up")],
  habits: mistralHabits,
  cannot: {
    refusal: "a model declines in plain text on this wire",
    "refusal-of-output": "a model declines in plain text on this wire",
  },
  stream,
  whole,
  read: readMistral,
  error,
  errors: (message) => [
    {
      what: "a prompt that is too long",
      status: 400,
      kind: "context-length",
      body: fault(`Prompt contains 300000 tokens, too large for model with 131072 maximum context length. ${message}`, "3051"),
    },
    { what: "an unknown model", status: 400, kind: "not-found", body: fault(`Invalid model: x. ${message}`, "1500", "invalid_model") },
    {
      what: "a model without capacity",
      status: 429,
      kind: "overloaded",
      retryable: true,
      body: fault(`Service tier capacity exceeded for this model. ${message}`, "3505", "service_tier_capacity_exceeded"),
    },
  ],
  streamErrors: (message) => [
    { what: "a server error", kind: "server", frame: sse(fault(message, "3000", "internal_server_error", 500)) },
    { what: "a rate limit", kind: "rate-limit", frame: sse(fault(message, "1300", "rate_limited", 429), "error") },
  ],
};

function fault(message: unknown, code: string | null, type = "invalid_request_invalid_args", status?: number): string {
  return JSON.stringify(known({ object: "error", message, type, param: null, code, raw_status_code: status }));
}

/** Keys are checked by one server, requests by the next, and the rest by the models'. */
function error(status: number, message: string): string {
  if (status === 401) return JSON.stringify({ detail: message });
  if (status === 404) return JSON.stringify({ message, request_id: "req-kit-body" });
  if (status !== 422) return fault(message, null, "made_up_type", status);
  const detail = [{ type: "extra_forbidden", loc: ["body", "made_up"], msg: message, input: 1 }];
  return fault({ detail }, null, "invalid_request_error");
}

function stream(answer: Answer): Frame[] {
  const { usage, usageAt = "once", pieceLength, reasoning, text = "", toolCalls = [] } = answer;
  let grown = 0;
  const chunk = (delta: Json, finish: string | null = null, index = 0): string => {
    grown++;
    const last = finish !== null;
    const counted = usageAt === "every" ? growing(usage, last ? undefined : grown) : last && usageAt === "once" ? usage : undefined;
    return sse({
      ...head(answer, "chat.completion.chunk"),
      choices: [{ index, delta, finish_reason: finish }],
      ...(counted !== undefined && { usage: toUsage(counted) }),
      // Padding, so that the length of an event does not tell what is in it.
      p: "abcdefghij",
    });
  };
  const content = (delta: Json, index = 0): Frame => ({ part: "content", text: chunk(delta, null, index) });
  const texts = [text, ...(answer.others ?? [])];
  const calls = toolCalls.map((call, index) => callDeltas(call, index, pieceLength).map((delta) => content(delta)));
  return [
    ...texts.map((_, index): Frame => ({ part: "head", text: chunk({ role: "assistant", content: "" }, null, index) })),
    ...thoughts(reasoning, pieceLength).map((thought) => content({ content: [thought] })),
    ...interleave(texts.map((said, index) => cut(said, pieceLength).map((piece) => content({ content: piece }, index)))),
    ...(answer.interleaved ? interleave(calls) : calls.flat()),
    ...texts.map((_, index): Frame => ({ part: "finish", text: chunk({ content: "" }, finishOf(answer), index) })),
    ...(usageAt === "after" && usage !== undefined
      ? [{ part: "usage" as const, text: sse({ ...head(answer, "chat.completion.chunk"), choices: [], usage: toUsage(usage) }) }]
      : []),
    { part: "end", text: sse("[DONE]") },
  ];
}

function thoughts(reasoning: AnswerReasoning | undefined, pieceLength: number | undefined): Json[] {
  if (reasoning === undefined) return [];
  const pieces = cut(reasoning.text, pieceLength).map((text) => ({ type: "thinking", thinking: [{ type: "text", text }] }));
  return [...pieces, { type: "thinking", thinking: [], signature: reasoning.signature, closed: true }];
}

/** The vendor's own models send a call in one piece; others that it hosts continue it, without id and with an empty name. */
function callDeltas({ id, name, input }: AnswerCall, index: number, pieceLength: number | undefined): Json[] {
  const continued = { type: "function", index };
  return [
    { content: "", tool_calls: [{ id, type: "function", function: { name, arguments: "" }, index }] },
    ...cut(input, pieceLength).map((piece) => ({ tool_calls: [{ ...continued, function: { name: "", arguments: piece } }] })),
  ];
}

function growing(usage: Usage | undefined, step: number | undefined): Usage | undefined {
  if (usage === undefined || step === undefined) return usage;
  return known({ ...usage, outputTokens: step, totalTokens: undefined, reasoningTokens: undefined });
}

function whole(answer: Answer): string {
  const { reasoning, text = "", toolCalls, usage } = answer;
  const thought = reasoning && {
    type: "thinking",
    thinking: reasoning.text === "" ? [] : [{ type: "text", text: reasoning.text }],
    signature: reasoning.signature,
    closed: true,
  };
  const calls = toolCalls?.map(({ id, name, input }, index) => ({ id, type: "function", function: { name, arguments: input }, index }));
  const message = {
    role: "assistant",
    tool_calls: calls ?? null,
    content: thought === undefined ? text : [thought, { type: "text", text }],
  };
  const others = (answer.others ?? []).map((content) => ({ role: "assistant", tool_calls: null, content }));
  return JSON.stringify({
    ...head(answer, "chat.completion"),
    choices: [message, ...others].map((said, index) => ({ index, finish_reason: finishOf(answer), message: said })),
    ...(usage !== undefined && { usage: toUsage(usage) }),
  });
}

function head({ bare, id = "0a6e16070048404cbabdb8fc772f5d17", model = "kit-model" }: Answer, object: string): Json {
  return bare ? {} : { id, object, created: CREATED, model };
}

function finishOf({ finish, toolCalls }: Answer): string {
  return finish ?? (toolCalls === undefined ? "stop" : "tool_calls");
}

function toUsage(usage: Usage): Json {
  return known({
    prompt_tokens: usage.inputTokens,
    total_tokens: usage.totalTokens,
    completion_tokens: usage.outputTokens,
    prompt_tokens_details: usage.cacheReadTokens === undefined ? undefined : { cached_tokens: usage.cacheReadTokens },
    completion_tokens_details: usage.reasoningTokens === undefined ? undefined : { reasoning_tokens: usage.reasoningTokens },
    service_tier: "standard",
  });
}
