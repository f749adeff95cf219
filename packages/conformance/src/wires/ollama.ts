import { ollamaEmbed } from "./embeds.ts";
import type { Answer, AnswerCall, Frame, Wire } from "../wire.ts";
import { ollamaHabits } from "./ollama-habits.ts";
import { readOllama } from "./ollama-request.ts";
import { cut, known, type Json } from "./shared.ts";

const CREATED_AT = "2026-11-21T00:00:00.123456789Z";
const NO_SSE = "lines of JSON have no fields, names or comments";
const NO_REFUSALS = "a refusal is a text like any other on this wire";

/** Ollama's /api/chat. https://docs.ollama.com/api/chat */
export const ollamaChat: Wire = {
  name: "ollama",
  framing: "ndjson",
  path: /\/api\/chat$/,
  // The server itself names no requests; a proxy in front of it may.
  embed: ollamaEmbed,
  requestIdHeader: "x-request-id",
  counts: ["inputTokens", "outputTokens", "totalTokens", "cacheReadTokens"],
  finishes: [
    { raw: "stop", means: "stop" },
    { raw: "length", means: "length" },
    { raw: "load", means: "error" },
    { raw: "stop", means: "tool-calls" },
  ],
  toolCallId: /^.+$/s,
  inputIsText: false,
  noise: ["\n", "\r\n", line({ model: "kit-model", made_up: { done: "never" }, done: false })],
  lacks: ["answer-id", "signature", "input-in-pieces", "parts", "media-type"],
  habits: ollamaHabits,
  cannot: {
    "stream-comments": NO_SSE,
    "stream-no-space-after-colon": NO_SSE,
    "stream-id-and-retry-lines": NO_SSE,
    "stream-multi-line-data": NO_SSE,
    "stream-no-event-names": NO_SSE,
    "tool-calls-interleaved": "tool calls come whole",
    "tool-input-not-json": "a tool's input is JSON within JSON, which cannot be broken by itself",
    "tool-choice": "the server ignores a choice, so a call that forces one is refused",
    "tool-parallel-off": "the server cannot be told",
    "usage-cumulative": "the counts are in the last line alone",
    "usage-after-finish": "the counts are in the line with the finish reason",
    "reasoning-redacted": "reasoning is plain text on this wire",
    "image-url": "the server takes images by their bytes alone",
    "document-inline": "the server takes no documents",
    refusal: NO_REFUSALS,
    "refusal-of-output": NO_REFUSALS,
  },
  stream,
  whole: (answer) => line(ending(answer), message(answer.text, answer.reasoning?.text, answer)).trimEnd(),
  read: readOllama,
  error: (_status, words) => JSON.stringify({ error: words }),
  errors: (words) => [
    {
      what: "a prompt that is too long",
      status: 400,
      kind: "context-length",
      body: error(`the input length exceeds the context length. ${words}`),
    },
    { what: "a used-up quota", status: 429, kind: "quota", body: error(`you have reached your weekly usage limit, upgrade. ${words}`) },
    {
      what: "a model without tools",
      status: 400,
      kind: "unsupported",
      body: error(`kit does not support tools. ${words}`),
    },
    {
      what: "a model that is too large",
      status: 500,
      kind: "server",
      body: error(`model requires more system memory (9 GiB) than is available. ${words}`),
    },
  ],
  streamErrors: (words) => [
    { what: "a server error", kind: "server", frame: line({ error: words }) },
    { what: "a rate limit", kind: "rate-limit", frame: line({ error: words, status_code: 429 }) },
  ],
};

function error(words: string): string {
  return JSON.stringify({ error: words });
}

function stream(answer: Answer): Frame[] {
  const { reasoning, text, toolCalls = [], pieceLength } = answer;
  const content = (said: string): Frame => ({ part: "content", text: line({ ...head(answer), done: false }, said) });
  return [
    ...cut(reasoning?.text ?? "", pieceLength).map((piece) => content(message("", piece))),
    ...cut(text ?? "", pieceLength).map((piece) => content(message(piece))),
    ...toolCalls.map((call) => content(message("", undefined, { ...answer, toolCalls: [call] }))),
    { part: "finish", text: line(ending(answer), message("")) },
  ];
}

/** `said` is the message as JSON. */
function line(fields: Json, said?: string): string {
  return `${JSON.stringify(fields).slice(0, -1)}${said === undefined ? "" : `,"message":${said}`}}\n`;
}

/** Tools' inputs stay as they were written, also where they are too deep to be written again. */
function message(content = "", thinking?: string, { toolCalls = [], bare }: Answer = {}): string {
  const said = JSON.stringify(known({ role: "assistant", content, thinking }));
  if (toolCalls.length === 0) return said;
  return `${said.slice(0, -1)},"tool_calls":[${toolCalls.map((call, index) => toolCall(call, index, bare)).join()}]}`;
}

function toolCall({ id, name, input }: AnswerCall, index: number, bare: true | undefined): string {
  const named = bare ? "" : `"id":${JSON.stringify(id)},`;
  return `{${named}"function":{"index":${index},"name":${JSON.stringify(name)},"arguments":${input || "{}"}}}`;
}

function head({ bare, model = "kit-model" }: Answer): Json {
  return bare ? {} : { model, created_at: CREATED_AT };
}

function ending({ finish = "stop", usage, ...answer }: Answer): Json {
  const counts = {
    prompt_eval_count: usage?.inputTokens,
    prompt_eval_cached_count: usage?.cacheReadTokens,
    eval_count: usage?.outputTokens,
  };
  return known({ ...head(answer), done: true, done_reason: finish, total_duration: 2_000_000, ...counts });
}
