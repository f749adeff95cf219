import type { ReceivedRequest } from "../loopback.ts";
import type { Answer, Frame, ReceivedCall, Wire, WireStatusError } from "../wire.ts";
import { groqHabits } from "./groq-habits.ts";
import { openaiChat } from "./openai-chat.ts";
import { known, listOf, objectOf, sse, type Json } from "./shared.ts";

const REQUEST = { id: "req_kit" };

/** Groq's chat completions: OpenAI's, with reasoning in a field of its own, usage in Groq's corner of the last chunk, and no patience for fields that it does not know. https://console.groq.com/docs/api-reference#chat-create */
export const groqChat: Wire = {
  ...openaiChat,
  name: "groq-chat",
  path: /\/openai\/v1\/chat\/completions(\?|$)/,
  finishes: openaiChat.finishes.filter(({ means }) => means !== "content-filter"),
  toolCallId: /^.+$/s,
  noise: [
    ": keep-alive\n\n",
    sse({ object: "chat.completion.chunk", choices: [], x_groq: { ...REQUEST, seed: 7 } }),
    sse({ object: "chat.made_up", made_up: { choices: "none" } }, "made_up"),
  ],
  habits: groqHabits,
  cannot: {
    ...openaiChat.cannot,
    refusal: "Groq's models decline in plain text",
    "refusal-of-output": "Groq's models decline in plain text",
    "document-inline": "Groq takes documents beside the messages, as texts and data",
  },
  stream,
  whole,
  read,
  error,
  errors,
  streamErrors: (message) => [
    {
      what: "a tool call that could not be read",
      kind: "invalid-response",
      retryable: true,
      frame: sse(
        { error: { message, type: "invalid_request_error", code: "tool_use_failed", failed_generation: "", status_code: 400 } },
        "error",
      ),
    },
    {
      what: "a server error",
      kind: "server",
      frame: sse({ error: { message, type: "internal_server_error", status_code: 500 } }, "error"),
    },
    { what: "a stream that was stopped early", kind: "server", frame: sse({ choices: [], x_groq: { ...REQUEST, error: message } }) },
  ],
};

/** OpenAI's frames, in Groq's words. */
function stream(answer: Answer): Frame[] {
  const { usageAt = "once", usage } = answer;
  const told = usageAt === "once" ? undefined : usage;
  const asked = { usage: true } as ReceivedCall;
  return openaiChat.stream(known({ ...answer, usage: told }), asked).map(({ part, text }) => {
    if (part === "end") return { part, text };
    const { service_tier: _, usage: counted, ...chunk } = JSON.parse(text.slice("data: ".length)) as Json;
    const counts = part === "finish" && usageAt === "once" && usage !== undefined ? wholeOf(answer)["usage"] : counted;
    const corner = part === "head" || counts !== undefined ? { x_groq: known({ ...REQUEST, usage: counts }) } : {};
    const choices = listOf(chunk["choices"], "choices").map((choice) => ({ ...choice, delta: toGroq(objectOf(choice["delta"], "delta")) }));
    return { part, text: sse({ ...chunk, choices, ...(!answer.bare || counts !== undefined ? corner : {}) }) };
  });
}

function whole(answer: Answer): string {
  const { choices, service_tier: _, ...reply } = wholeOf(answer);
  const [choice] = listOf(choices, "choices");
  const message = toGroq(objectOf(choice!["message"], "message"));
  const more = answer.bare ? {} : { x_groq: REQUEST };
  return JSON.stringify({ ...reply, choices: [{ ...choice, message }], ...more });
}

function wholeOf(answer: Answer): Json {
  return objectOf(JSON.parse(openaiChat.whole(answer)), "the answer");
}

/** There are no refusals, and reasoning has another name. */
function toGroq(piece: Json): Json {
  const { refusal: _, reasoning_content: reasoning, ...rest } = piece;
  return known({ ...rest, reasoning });
}

/** What may stand in a message: https://github.com/tashfeenahmed/freellmapi/issues/1070 (2026-08) is one of many who sent more. */
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content", "name", "reasoning", "tool_calls", "tool_call_id"]);

function read(request: ReceivedRequest): ReceivedCall {
  const body = objectOf(request.body, "the request");
  const messages = listOf(body["messages"], "messages").map((message) => {
    for (const field of Object.keys(message)) if (!MESSAGE_FIELDS.has(field)) throw new TypeError(`property '${field}' is unsupported`);
    const { reasoning, ...rest } = message;
    return known({ ...rest, reasoning_content: reasoning });
  });
  const { usage: _, ...call } = openaiChat.read({ ...request, body: { ...body, messages } });
  return call;
}

function error(status: number, message: string): string {
  const codes: Readonly<Record<number, string>> = { 401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded" };
  const type = status === 429 ? "tokens" : status >= 500 ? "internal_server_error" : "invalid_request_error";
  return JSON.stringify({ error: known({ message, type, code: codes[status] }) });
}

function errors(message: string): WireStatusError[] {
  const body = (code: string, more: Json = {}) => JSON.stringify({ error: { message, type: "invalid_request_error", code, ...more } });
  return [
    {
      what: "a tool call that could not be read",
      status: 400,
      kind: "invalid-response",
      retryable: true,
      body: body("tool_use_failed", { failed_generation: "<function=f>{" }),
    },
    { what: "a prompt that is too long", status: 400, kind: "context-length", body: body("context_length_exceeded") },
    { what: "a model that is gone", status: 400, kind: "not-found", body: body("model_decommissioned") },
    { what: "a request above the account's rate", status: 413, kind: "quota", retryable: false, body: body("rate_limit_exceeded") },
    { what: "a full flex tier", status: 498, kind: "overloaded", retryable: true, body: body("capacity_exceeded") },
  ];
}
