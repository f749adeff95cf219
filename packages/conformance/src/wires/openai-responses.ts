import { openaiEmbeddings } from "./embeds.ts";
import type { Usage } from "@plurivox/core/provider";
import type { Answer, Frame, Wire } from "../wire.ts";
import { openaiResponsesHabits } from "./openai-responses-habits.ts";
import { openaiError, openaiErrors } from "./openai-errors.ts";
import { readResponses } from "./openai-responses-request.ts";
import { cut, interleave, known, sse, type Json } from "./shared.ts";

const CREATED = 1_790_000_000;

/** OpenAI's Responses. https://platform.openai.com/docs/api-reference/responses-streaming */
export const openaiResponses: Wire = {
  name: "openai-responses",
  framing: "sse",
  path: /\/responses(\?|$)/,
  embed: openaiEmbeddings,
  requestIdHeader: "x-request-id",
  counts: ["inputTokens", "outputTokens", "totalTokens", "cacheReadTokens", "reasoningTokens"],
  finishes: [
    { raw: "completed", means: "stop" },
    { raw: "max_output_tokens", means: "length" },
    { raw: "content_filter", means: "content-filter" },
  ],
  toolCallId: /^.{1,64}$/s,
  inputIsText: true,
  noise: [
    event("keepalive", { sequence_number: 0 }),
    event("response.made_up", { made_up: { output_index: "none" }, sequence_number: 0 }),
    ": keep-alive\n\n",
  ],
  habits: openaiResponsesHabits,
  cannot: {
    "stream-terminator-missing": "the event with the finish reason is the terminator of this wire",
    "usage-cumulative": "this wire counts once, in its last event",
    "usage-after-finish": "this wire counts once, in its last event",
  },
  stream,
  whole: (answer) => JSON.stringify(response(answer, outputOf(answer))),
  read: readResponses,
  error: openaiError,
  errors: openaiErrors,
  streamErrors: (message) => [
    { what: "a server error", kind: "server", frame: event("error", { code: "server_error", message, param: null, sequence_number: 5 }) },
    {
      what: "a rate limit",
      kind: "rate-limit",
      frame: event("error", { code: "rate_limit_exceeded", message, param: null, sequence_number: 5 }),
    },
    {
      what: "a failed response",
      kind: "server",
      frame: event("response.failed", {
        response: { ...response({}, []), status: "failed", error: { code: "server_error", message } },
        sequence_number: 5,
      }),
    },
  ],
};

function event(type: string, fields: Json): string {
  return sse({ type, ...fields }, type);
}

function stream(answer: Answer): Frame[] {
  let sequence = 0;
  const frame = (part: Frame["part"], type: string, fields: Json): Frame => ({
    part,
    text: event(type, { ...fields, sequence_number: sequence++ }),
  });
  const running = { ...response({ ...answer, usage: undefined }, []), status: "in_progress", incomplete_details: null };
  const output = outputOf(answer);
  const items = output.map((item, at) => itemEvents(item, at, answer.pieceLength));
  const done = response(answer, output);
  return [
    frame("head", "response.created", { response: running }),
    frame("head", "response.in_progress", { response: running }),
    ...(answer.interleaved ? interleave(items) : items.flat()).map(([type, fields]) => frame("content", type, fields)),
    frame("finish", `response.${done["status"] === "incomplete" ? "incomplete" : "completed"}`, { response: done }),
  ];
}

type Event = [type: string, fields: Json];

function itemEvents(item: Json, output_index: number, pieceLength: number | undefined): Event[] {
  const at = { item_id: item["id"], output_index };
  const [empty, inner] = insideOf(item, at, pieceLength);
  return [
    ["response.output_item.added", { item: { ...item, ...empty }, output_index }],
    ...inner,
    ["response.output_item.done", { item, output_index }],
  ];
}

/** How an item looks at first, and what fills it. */
function insideOf(item: Json, at: Json, pieceLength: number | undefined): [empty: Json, inner: Event[]] {
  if (item["type"] === "function_call") {
    const text = String(item["arguments"]);
    return [
      { status: "in_progress", arguments: "" },
      [
        ...cut(text, pieceLength).map((delta): Event => ["response.function_call_arguments.delta", { ...at, delta }]),
        ["response.function_call_arguments.done", { ...at, arguments: text }],
      ],
    ];
  }
  if (item["type"] === "reasoning") {
    const summary = item["summary"] as Json[];
    return [
      { summary: [], encrypted_content: "" },
      summary.flatMap((part, summary_index) =>
        partEvents(part, "reasoning_summary_text", "reasoning_summary_part", { ...at, summary_index }, pieceLength),
      ),
    ];
  }
  const content = item["content"] as Json[];
  return [
    { status: "in_progress", content: [] },
    content.flatMap((part, content_index) => partEvents(part, String(part["type"]), "content_part", { ...at, content_index }, pieceLength)),
  ];
}

function partEvents(part: Json, words: string, frame: string, at: Json, pieceLength: number | undefined): Event[] {
  const field = part["type"] === "refusal" ? "refusal" : "text";
  const text = String(part[field]);
  const logprobs = words === "output_text" ? { logprobs: [] } : {};
  return [
    [`response.${frame}.added`, { ...at, part: { ...part, [field]: "" } }],
    ...cut(text, pieceLength).map((delta): Event => [`response.${words}.delta`, { ...at, delta, ...logprobs }]),
    [`response.${words}.done`, { ...at, [field]: text, ...logprobs }],
    [`response.${frame}.done`, { ...at, part }],
  ];
}

function outputOf({ reasoning, text, refusal, toolCalls, id = "resp_kit" }: Answer): Json[] {
  const content = [
    ...(text === undefined ? [] : [{ type: "output_text", annotations: [], logprobs: [], text }]),
    ...(refusal === undefined ? [] : [{ type: "refusal", refusal }]),
  ];
  return [
    ...(reasoning === undefined
      ? []
      : [
          {
            id: `rs_${id}`,
            type: "reasoning",
            encrypted_content: reasoning.signature,
            summary: reasoning.redacted ? [] : [{ type: "summary_text", text: reasoning.text }],
          },
        ]),
    ...(content.length === 0 ? [] : [{ id: `msg_${id}`, type: "message", status: "completed", role: "assistant", content }]),
    ...(toolCalls ?? []).map((call, at) => ({
      id: `fc_${id}_${at}`,
      type: "function_call",
      status: "completed",
      arguments: call.input,
      call_id: call.id,
      name: call.name,
    })),
  ];
}

/** Why an answer is incomplete; other words are a status. */
const CUTS: ReadonlySet<string> = new Set(["max_output_tokens", "content_filter"]);

function response(answer: Answer, output: Json[]): Json {
  const { bare, id = "resp_kit", model = "kit-model", finish = "completed", usage } = answer;
  const named = bare
    ? {}
    : { id, object: "response", created_at: CREATED, model, parallel_tool_calls: true, tool_choice: "auto", tools: [] };
  return {
    ...named,
    status: CUTS.has(finish) ? "incomplete" : finish,
    error: null,
    incomplete_details: CUTS.has(finish) ? { reason: finish } : null,
    output,
    ...(usage !== undefined && { usage: toUsage(usage) }),
  };
}

function toUsage({ inputTokens, outputTokens, totalTokens, cacheReadTokens, reasoningTokens }: Usage): Json {
  return known({
    input_tokens: inputTokens,
    input_tokens_details: cacheReadTokens === undefined ? undefined : { cached_tokens: cacheReadTokens },
    output_tokens: outputTokens,
    output_tokens_details: reasoningTokens === undefined ? undefined : { reasoning_tokens: reasoningTokens },
    total_tokens: totalTokens,
  });
}
