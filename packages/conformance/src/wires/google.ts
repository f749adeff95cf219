import { googleBatchEmbed } from "./embeds.ts";
import type { Usage } from "@plurivox/core/provider";
import type { Answer, AnswerCall, Frame, Wire } from "../wire.ts";
import { googleHabits } from "./google-habits.ts";
import { readGoogle } from "./google-request.ts";
import { cut, known, sse, type Json } from "./shared.ts";

/** google.rpc's word for a status. https://ai.google.dev/gemini-api/docs/troubleshooting */
const WORD_BY_STATUS: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
  529: "UNAVAILABLE",
};

/** Google's generateContent and streamGenerateContent. https://ai.google.dev/api/generate-content */
export const googleGenerateContent: Wire = {
  name: "google",
  framing: "sse",
  path: /\/models\/[^/]+:(generateContent|streamGenerateContent\?alt=sse)$/,
  embed: googleBatchEmbed,
  requestIdHeader: "x-request-id",
  counts: ["inputTokens", "outputTokens", "totalTokens", "cacheReadTokens", "reasoningTokens"],
  finishes: [
    { raw: "STOP", means: "stop" },
    { raw: "MAX_TOKENS", means: "length" },
    { raw: "SAFETY", means: "content-filter" },
    { raw: "RECITATION", means: "content-filter" },
    { raw: "BLOCKLIST", means: "content-filter" },
    { raw: "PROHIBITED_CONTENT", means: "content-filter" },
    { raw: "SPII", means: "content-filter" },
    { raw: "LANGUAGE", means: "content-filter" },
    { raw: "TOO_MANY_TOOL_CALLS", means: "error" },
    { raw: "OTHER", means: "error" },
    // There is no word of its own for an end with calls.
    { raw: "STOP", means: "tool-calls" },
  ],
  toolCallId: /^.+$/s,
  inputIsText: false,
  lacks: ["filename", "input-in-pieces"],
  noise: [
    ": keep-alive\n\n",
    sse({ madeUp: { candidates: "none" } }),
    sse({ candidates: [{ content: { role: "model" }, index: 0 }] }, "made_up"),
  ],
  habits: googleHabits,
  cannot: {
    "tool-calls-interleaved": "a call comes in one piece on this wire",
    "tool-input-not-json": "the input of a call is an object on this wire, never a text",
    "tool-parallel-off": "this wire has no word for it",
  },
  stream,
  whole: (answer) =>
    written(answer, {
      candidates: [parts(answer), ...others(answer)].map((content, index) => candidate(content, ending(answer), index)),
      ...counted(answer.usage),
      ...head(answer),
    }),
  read: readGoogle,
  error: (status, message) => error(status, message),
  errors: (message) => [
    {
      what: "a prompt that is too long",
      status: 400,
      kind: "context-length",
      body: error(400, `The input token count (1200000) exceeds the maximum number of tokens allowed (1048576). ${message}`),
    },
    {
      what: "a used-up quota",
      status: 429,
      kind: "quota",
      body: error(429, message, [
        {
          "@type": "type.googleapis.com/google.rpc.QuotaFailure",
          violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier", quotaValue: "20" }],
        },
      ]),
    },
    {
      what: "a key that is none",
      status: 400,
      kind: "authentication",
      body: error(400, message, [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }]),
    },
  ],
  streamErrors: (message) =>
    (
      [
        [503, "an overloaded vendor", "overloaded"],
        [500, "a server error", "server"],
        [429, "a rate limit", "rate-limit"],
      ] as const
    ).map(([status, what, kind]) => ({ what, kind, frame: sse(error(status, message)) })),
};

function error(code: number, message: string, details?: Json[]): string {
  const status = WORD_BY_STATUS[code] ?? (code >= 500 ? "INTERNAL" : "INVALID_ARGUMENT");
  return JSON.stringify({ error: known({ code, message, status, details }) });
}

/** The finish reason comes with the last part, and the counts with every chunk, if there are any. */
function stream(answer: Answer): Frame[] {
  const { usage, usageAt = "once" } = answer;
  const pieces = parts(answer, answer.pieceLength ?? 4);
  const frame = (part: Frame["part"], body: Json): Frame => ({ part, text: sse(written(answer, { ...body, ...head(answer) })) });
  const counts = (step: number) => (usageAt === "every" && usage !== undefined ? counted(growing(usage, step)) : {});
  const rest = others(answer, answer.pieceLength ?? 4);
  const ends = [pieces, ...rest].map((_, index) => candidate([{ text: "" }], ending(answer), index));
  return [
    ...pieces.map((piece, step) => frame("content", { candidates: [candidate([piece])], ...counts(step + 1) })),
    ...rest.flatMap((each, index) => each.map((piece) => frame("content", { candidates: [candidate([piece], {}, index + 1)] }))),
    frame("finish", { candidates: ends, ...(usageAt !== "after" && counted(usage)) }),
    ...(usageAt === "after" ? [frame("usage", { ...counted(usage) })] : []),
  ];
}

function growing(usage: Usage, outputTokens: number): Usage {
  return known({ ...usage, outputTokens, totalTokens: undefined, reasoningTokens: undefined });
}

function parts({ reasoning, text, toolCalls }: Answer, pieceLength = Number.POSITIVE_INFINITY): Json[] {
  const thought = reasoning && {
    text: reasoning.text,
    ...(!reasoning.redacted && { thought: true }),
    thoughtSignature: reasoning.signature,
  };
  const said = [
    ...(thought ? [thought] : []),
    ...cut(text ?? "", pieceLength).map((piece) => ({ text: piece })),
    ...(toolCalls ?? []).map(toCall),
  ];
  // No part at all is no answer of this vendor's.
  return said.length === 0 && text === "" ? [{ text }] : said;
}

function others(answer: Answer, pieceLength?: number): Json[][] {
  return (answer.others ?? []).map((text) => parts({ text }, pieceLength));
}

function toCall({ id, name, input }: AnswerCall): Json {
  return { functionCall: known({ id, name, args: input === "" ? undefined : placeOf(id) }) };
}

function placeOf(id: string): string {
  return `input of ${id}`;
}

/** As JSON, with the inputs of calls as the model wrote them, however deep they are. */
function written({ toolCalls = [] }: Answer, body: Json): string {
  return toolCalls.reduce((text, { id, input }) => text.replace(JSON.stringify(placeOf(id)), () => input), JSON.stringify(body));
}

function candidate(content: Json[], end: Json = {}, index = 0): Json {
  return { content: { parts: content, role: "model" }, ...end, index };
}

function ending({ finish, refusal }: Answer): Json {
  return known({ finishReason: finish ?? (refusal === undefined ? "STOP" : "SAFETY"), finishMessage: refusal });
}

function head({ bare, id = "kit-answer", model = "kit-model" }: Answer): Json {
  return bare ? {} : { modelVersion: model, responseId: id };
}

/** Thoughts are counted apart from the rest of the output. */
function counted(usage: Usage | undefined): Json {
  if (usage === undefined) return {};
  const { inputTokens, outputTokens, totalTokens, cacheReadTokens, reasoningTokens } = usage;
  return {
    usageMetadata: known({
      promptTokenCount: inputTokens,
      candidatesTokenCount: outputTokens === undefined ? undefined : outputTokens - (reasoningTokens ?? 0),
      totalTokenCount: totalTokens,
      cachedContentTokenCount: cacheReadTokens,
      thoughtsTokenCount: reasoningTokens,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: inputTokens }],
    }),
  };
}
