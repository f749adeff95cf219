import { IncomingMessage, ServerResponse } from "node:http";
import { ErrorKind, FinishReason, Provider, ToolChoice, Usage } from "@plurivox/core/provider";
interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}
type Handler = (request: ReceivedRequest, response: ServerResponse, raw: IncomingMessage) => void | Promise<void>;
interface Loopback {
  url: string;
  requests: ReceivedRequest[];
  readonly openSockets: number;
  readonly connections: number;
  clientClosed(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
declare function startLoopback(handler: Handler): Promise<Loopback>;
declare function writePieces(response: ServerResponse, pieces: Iterable<string | Uint8Array>): Promise<void>;
declare const CASE_NAMES: readonly [
  "text",
  "text-empty",
  "text-markers",
  "multi-turn",
  "system",
  "unicode-split-at-every-byte",
  "optional-fields-absent",
  "unknown-fields",
  "settings",
  "headers-and-extra-body",
  "base-url-with-a-path",
  "input-untouched",
  "tool-definitions",
  "tool-call",
  "tool-call-without-input",
  "tool-input-in-pieces",
  "tool-calls-parallel",
  "tool-calls-interleaved",
  "tool-call-after-text",
  "tool-input-not-json",
  "tool-input-prototype",
  "tool-input-deep",
  "tool-results",
  "tool-choice",
  "tool-parallel-off",
  "tool-ids-foreign",
  "history-mended",
  "tool-schema-bare",
  "tool-result-picture",
  "tool-loop",
  "tool-loop-errors",
  "tool-loop-history",
  "tool-loop-generator",
  "tool-loop-abort",
  "tool-loop-approvals",
  "tool-loop-paused",
  "tool-loop-forged",
  "usage",
  "usage-absent",
  "usage-cumulative",
  "usage-after-finish",
  "finish-reasons",
  "finish-reason-unknown",
  "cut-calls-do-not-run",
  "unknown-end-counts",
  "finish-reasons-in-any-case",
  "complete-is-whole",
  "output-cut",
  "step-limit",
  "other-framing",
  "half-characters",
  "reasoning",
  "reasoning-asked-for",
  "reasoning-hidden",
  "reasoning-round-trip",
  "reasoning-redacted",
  "reasoning-foreign",
  "reasoning-tags",
  "image-inline",
  "image-url",
  "document-inline",
  "media-guarded",
  "output-native",
  "output-json",
  "output-optional",
  "output-invalid",
  "refusal",
  "refusal-of-output",
  "output-by-tool",
  "output-by-tool-among-tools",
  "output-repair",
  "output-objects",
  "choices",
  "vendor-tools",
  "error-statuses",
  "error-bodies-odd",
  "error-kinds",
  "error-retry-after",
  "error-too-long",
  "sdk-retries-off",
  "retry",
  "connection-refused",
  "redirect-elsewhere",
  "ok-with-an-error",
  "ok-with-something-else",
  "odd-content-type",
  "whole-cut-short",
  "retry-mid-stream",
  "retry-deadline",
  "retry-abort",
  "rate-limit-reset",
  "fallback",
  "fallback-restart",
  "habits",
  "stream-1-byte-writes",
  "stream-7-byte-writes",
  "stream-crlf",
  "stream-cr",
  "stream-crlf-split",
  "stream-comments",
  "stream-byte-order-mark",
  "stream-no-last-blank-line",
  "stream-no-space-after-colon",
  "stream-id-and-retry-lines",
  "stream-multi-line-data",
  "stream-no-event-names",
  "stream-noise",
  "stream-10-mb-event",
  "stream-endless-line",
  "stream-terminator-missing",
  "stream-cut-cleanly",
  "stream-cut-by-reset",
  "stream-cut-inside-an-event",
  "stream-malformed-json",
  "stream-error",
  "events",
  "result-alone",
  "text-stream",
  "on-delta",
  "tee",
  "never-iterated",
  "break",
  "cancel",
  "dispose",
  "abort",
  "abort-before-the-answer",
  "pre-abort",
  "concurrent",
  "slow-reader",
  "timeout-headers",
  "timeout-first-byte",
  "timeout-idle",
  "concurrent-1000",
  "keep-alive",
  "capabilities-false",
  "capabilities-true",
  "capabilities-of-an-unknown-model",
  "capabilities-while-reasoning",
  "unsupported-left-out",
  "embed",
  "embed-batches",
  "embed-order",
  "embed-options",
  "embed-usage",
  "embed-statuses",
  "embed-bodies",
  "embed-retry",
  "embed-abort",
  "embed-clean",
  "embed-missing",
  "explain",
  "no-listener-left",
  "no-unhandled-rejection",
  "no-output",
  "no-ambient-environment",
  "no-key-anywhere",
  "no-network",
  "prototype-keys",
  "deep-nesting",
];
type CaseName = (typeof CASE_NAMES)[number];
interface Answer {
  id?: string;
  model?: string;
  reasoning?: AnswerReasoning;
  text?: string;
  others?: readonly string[];
  refusal?: string;
  toolCalls?: readonly AnswerCall[];
  finish?: string;
  usage?: Usage;
  usageAt?: "once" | "every" | "after";
  pieceLength?: number;
  interleaved?: true;
  bare?: true;
}
interface AnswerReasoning {
  text: string;
  signature: string;
  redacted?: true;
}
interface AnswerCall {
  id: string;
  name: string;
  input: string;
}
interface Frame {
  part: "head" | "content" | "finish" | "usage" | "end";
  text: string;
}
interface ReceivedCall {
  model: string;
  stream: boolean;
  system: string;
  items: ReceivedItem[];
  tools: ReceivedTool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  output?: {
    schema?: Record<string, unknown>;
  };
  reasoning: boolean;
  usage?: boolean;
  settings: ReceivedSettings;
}
interface ReceivedTool {
  name: string;
  description?: string;
  schema: Record<string, unknown>;
}
interface ReceivedSettings {
  temperature?: unknown;
  topP?: unknown;
  topK?: unknown;
  maxOutputTokens?: unknown;
  stopSequences?: unknown;
  seed?: unknown;
  presencePenalty?: unknown;
  frequencyPenalty?: unknown;
  user?: unknown;
}
interface ReceivedFile {
  type: "image" | "document" | "audio";
  base64?: string;
  url?: string;
  mediaType?: string;
  filename?: string;
}
type ReceivedItem =
  | {
      type: "text";
      role: "user" | "assistant";
      text: string;
    }
  | (ReceivedFile & {
      role: "user" | "assistant";
    })
  | {
      type: "reasoning";
      text: string;
      signature?: string;
      redacted?: true;
    }
  | {
      type: "tool-call";
      id: string;
      name: string;
      input: unknown;
    }
  | {
      type: "tool-result";
      id: string;
      text: string;
      isError?: true;
      files?: ReceivedFile[];
    };
interface WireError {
  what: string;
  kind: ErrorKind;
  retryable?: boolean;
}
interface WireStatusError extends WireError {
  status: number;
  body: string;
}
interface WireStreamError extends WireError {
  frame: string;
}
interface Habit {
  what: string;
  stream?: string;
  whole?: string;
  means: HabitResult | HabitError;
}
interface HabitResult {
  text?: string;
  reasoning?: string;
  calls?: readonly {
    id?: string;
    name: string;
    input: unknown;
  }[];
  finish?: FinishReason;
  usage?: Usage;
}
interface HabitError {
  error: ErrorKind;
  retryable: boolean;
}
interface ReceivedEmbed {
  model: string;
  inputs: string[];
  dimensions?: unknown;
  inputType?: unknown;
  user?: unknown;
}
interface EmbedSpeech {
  path: RegExp;
  indexed: boolean;
  inputTypes?: {
    query: string;
    document: string;
  };
  read(request: ReceivedRequest): ReceivedEmbed;
  answer(answer: {
    vectors: {
      index: number;
      values: number[];
    }[];
    tokens?: number;
    model?: string;
  }): string;
}
interface Wire {
  name: string;
  framing: "sse" | "ndjson";
  path: RegExp;
  requestIdHeader: string;
  counts: readonly (keyof Omit<Usage, "estimated">)[];
  finishes: readonly {
    raw: string;
    means: FinishReason;
  }[];
  toolCallId: RegExp;
  inputIsText: boolean;
  noise: readonly string[];
  lacks?: readonly ("answer-id" | "parts" | "media-type" | "model" | "signature" | "tool-by-name" | "filename" | "input-in-pieces")[];
  embed?: EmbedSpeech;
  habits?: readonly Habit[];
  cannot: Partial<Record<CaseName, string>>;
  stream(answer: Answer, to?: ReceivedCall): Frame[];
  whole(answer: Answer, to?: ReceivedCall): string;
  read(request: ReceivedRequest): ReceivedCall;
  error(status: number, message: string): string;
  errors(message: string): WireStatusError[];
  streamErrors(message: string): WireStreamError[];
}
interface KitOptions {
  provider: Provider;
  wire: Wire;
  model: string;
  api?: string;
  env?: readonly string[];
}
interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip?: (name: string, run: () => Promise<void>) => unknown;
}
interface TestProviderOptions extends KitOptions {
  provider: KitOptions["provider"];
  wire: KitOptions["wire"];
  model: string;
  api?: string;
  env?: readonly string[];
  skip?: Partial<Record<CaseName, string>>;
}
declare function testProvider(test: TestFunction, options: TestProviderOptions): void;
declare const openaiEmbeddings: EmbedSpeech;
declare const openrouterEmbeddings: EmbedSpeech;
declare const mistralEmbeddings: EmbedSpeech;
declare const cohereEmbed: EmbedSpeech;
declare const googleBatchEmbed: EmbedSpeech;
declare const ollamaEmbed: EmbedSpeech;
declare const anthropicMessages: Wire;
declare const cohereChat: Wire;
declare const groqChat: Wire;
declare const googleGenerateContent: Wire;
declare const ollamaChat: Wire;
declare const mistralChat: Wire;
declare const openaiChat: Wire;
declare const openaiResponses: Wire;
declare const openrouterChat: Wire;
export {
  type Answer,
  type AnswerCall,
  type AnswerReasoning,
  CASE_NAMES,
  type CaseName,
  type EmbedSpeech,
  type Frame,
  type Habit,
  type HabitError,
  type HabitResult,
  type Handler,
  type Loopback,
  type ReceivedCall,
  type ReceivedEmbed,
  type ReceivedFile,
  type ReceivedItem,
  type ReceivedRequest,
  type ReceivedSettings,
  type ReceivedTool,
  type TestFunction,
  type TestProviderOptions,
  type Wire,
  type WireError,
  type WireStatusError,
  type WireStreamError,
  anthropicMessages,
  cohereChat,
  cohereEmbed,
  googleBatchEmbed,
  googleGenerateContent,
  groqChat,
  mistralChat,
  mistralEmbeddings,
  ollamaChat,
  ollamaEmbed,
  openaiChat,
  openaiEmbeddings,
  openaiResponses,
  openrouterChat,
  openrouterEmbeddings,
  startLoopback,
  testProvider,
  writePieces,
};
