import type { ReceivedRequest } from "../loopback.ts";
import type { Answer, AnswerReasoning, Frame, ReceivedCall, ReceivedItem, Wire } from "../wire.ts";
import { openrouterEmbeddings } from "./embeds.ts";
import { openaiChat } from "./openai-chat.ts";
import { cut, known, listOf, objectOf, sse, type Json } from "./shared.ts";

/** OpenRouter's chat completions: OpenAI's, with reasoning in blocks that go back, and errors of its own. https://openrouter.ai/docs/api/reference/overview */
export const openrouterChat: Wire = {
  ...openaiChat,
  name: "openrouter-chat",
  toolCallId: /^.+$/s,
  noise: [...openaiChat.noise, ": OPENROUTER PROCESSING\n\n"],
  embed: openrouterEmbeddings,
  cannot: {},
  stream,
  whole,
  read,
  error: (status, message) => JSON.stringify({ error: { message, code: status } }),
  errors: (message) => [
    {
      what: "input that moderation refused",
      status: 403,
      kind: "content-filter",
      body: JSON.stringify({
        error: {
          message,
          code: 403,
          metadata: { reasons: ["violence"], flagged_input: "…", provider_name: "OpenAI", model_slug: "kit/model" },
        },
      }),
    },
    {
      what: "an error of the host behind it",
      status: 400,
      kind: "context-length",
      body: JSON.stringify({
        error: { message: "Provider returned error", code: 400, metadata: { provider_name: "Azure", raw: upstream(message) } },
      }),
    },
  ],
  streamErrors: (message) => [
    { what: "a host that failed", kind: "server", frame: failed({ code: 502, message, metadata: { provider_name: "Novita" } }) },
    {
      what: "a host that has too much to do",
      kind: "overloaded",
      frame: failed({ code: 502, message, metadata: { error_type: "provider_overloaded" } }),
    },
    { what: "an account without money", kind: "quota", retryable: false, frame: failed({ code: 402, message }) },
  ],
};

function upstream(message: string): string {
  return JSON.stringify({ error: { message, type: "invalid_request_error", code: "context_length_exceeded" } });
}

function failed(error: Json): string {
  return sse({
    id: "gen-kit",
    choices: [{ index: 0, delta: { content: "" }, finish_reason: "error", native_finish_reason: "error" }],
    error,
  });
}

function stream({ reasoning, ...answer }: Answer, to?: ReceivedCall): Frame[] {
  const [head, ...rest] = openaiChat.stream(answer, to);
  const pieces = reasoning === undefined ? [] : blocksOf(reasoning, answer.pieceLength);
  return [
    head!,
    ...pieces.map((delta): Frame => ({
      part: "content",
      text: sse({ id: "gen-kit", choices: [{ index: 0, delta, finish_reason: null }] }),
    })),
    ...rest,
  ];
}

/** Text in pieces, and at their end what signs it. What the vendor keeps comes in one. */
function blocksOf({ text, signature, redacted }: AnswerReasoning, pieceLength?: number): Json[] {
  if (redacted) return [{ reasoning_details: [encrypted(signature)] }];
  const block = (fields: Json): Json => ({ type: "reasoning.text", ...fields, format: "anthropic-claude-v1", index: 0 });
  return [
    ...cut(text, pieceLength).map((piece) => ({ reasoning: piece, reasoning_details: [block({ text: piece })] })),
    { reasoning_details: [block({ signature })] },
  ];
}

function encrypted(data: string): Json {
  return { type: "reasoning.encrypted", data, format: "openai-responses-v1", id: "rs_kit", index: 0 };
}

function whole({ reasoning, ...answer }: Answer): string {
  const reply = JSON.parse(openaiChat.whole(answer)) as { choices: [{ message: Json }] };
  if (reasoning !== undefined) {
    const { text, signature, redacted } = reasoning;
    const block = redacted ? encrypted(signature) : { type: "reasoning.text", text, signature, format: "anthropic-claude-v1", index: 0 };
    Object.assign(reply.choices[0].message, { reasoning: redacted ? null : text, reasoning_details: [block] });
  }
  return JSON.stringify(reply);
}

function read(request: ReceivedRequest): ReceivedCall {
  const body = objectOf(request.body, "the request");
  const one = (message: Json): ReceivedItem[] => openaiChat.read({ ...request, body: { ...body, messages: [message] } }).items;
  return {
    ...openaiChat.read(request),
    items: listOf(body["messages"], "messages").flatMap((message) => [...thoughtsOf(message), ...one(message)]),
  };
}

function thoughtsOf(message: Json): ReceivedItem[] {
  return listOf(message["reasoning_details"], "reasoning_details").map((block) => {
    const { type, text, signature, data } = block as { type: string; text?: string; signature?: string; data?: string };
    if (type === "reasoning.encrypted") return known({ type: "reasoning" as const, text: "", signature: data, redacted: true as const });
    if (type !== "reasoning.text") throw new TypeError(`The kit wrote no block of type ${JSON.stringify(type)}`);
    return known({ type: "reasoning" as const, text: text ?? "", signature });
  });
}
