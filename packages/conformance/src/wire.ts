import type { ErrorKind, FinishReason, ToolChoice, Usage } from "@plurivox/core/provider";
import type { ReceivedRequest } from "./loopback.ts";
import type { CaseName } from "./names.ts";

/** What the vendor's model says, before it has the vendor's form. */
export interface Answer {
  id?: string;
  model?: string;
  reasoning?: AnswerReasoning;
  text?: string;
  /** The texts of all answers but the first, to a call that asks for several. Only for wires that do not refuse `n`. */
  others?: readonly string[];
  /** The words with which the model declines. */
  refusal?: string;
  toolCalls?: readonly AnswerCall[];
  /** The vendor's word. Default: the one for what the answer holds. */
  finish?: string;
  /** Counted as Plurivox counts; the wire writes it as its vendor does. Absent: the vendor says nothing. */
  usage?: Usage;
  /** When a stream tells it: once, as the vendor does (default); in every event, growing; or in an event of its own after the finish reason. */
  usageAt?: "once" | "every" | "after";
  /**
   * How many characters one delta of a stream has. Default: 4. Below 1, a character that is a
   * surrogate pair is cut into its two halves.
   */
  pieceLength?: number;
  /** The deltas of several tool calls take turns. */
  interleaved?: true;
  /** Leaves out whatever a server may leave out: ids, dates, the model's name. */
  bare?: true;
}

/** `signature` is whatever the vendor wants back unchanged. `redacted`: it comes without a text. */
export interface AnswerReasoning {
  text: string;
  signature: string;
  redacted?: true;
}

/** `input` is the text that the model wrote, usually JSON. */
export interface AnswerCall {
  id: string;
  name: string;
  input: string;
}

/** One event of a stream as it goes over the wire, and what it is for, so that a case can cut, drop or repeat it. */
export interface Frame {
  /** "head": before any content. "finish": holds the finish reason. "usage": follows it. "end": the wire's terminator, which holds nothing else. */
  part: "head" | "content" | "finish" | "usage" | "end";
  text: string;
}

/** What arrived at the vendor, without the vendor's form. */
export interface ReceivedCall {
  model: string;
  stream: boolean;
  /** All system texts, joined by line breaks. */
  system: string;
  /** The conversation, piece by piece and in order. */
  items: ReceivedItem[];
  tools: ReceivedTool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  /** Structured output by the vendor's own means. No `schema`: any JSON. */
  output?: { schema?: Record<string, unknown> };
  /** The call asks the model to reason, or says how much. */
  reasoning: boolean;
  /** The stream is to tell the usage. Only for wires where that must be asked for. */
  usage?: boolean;
  settings: ReceivedSettings;
}

export interface ReceivedTool {
  name: string;
  description?: string;
  schema: Record<string, unknown>;
}

/** Tuning options by Plurivox's names; what did not arrive is undefined. */
export interface ReceivedSettings {
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

/** A file that arrived, by its bytes or its address. */
export interface ReceivedFile {
  type: "image" | "document" | "audio";
  base64?: string;
  url?: string;
  mediaType?: string;
  filename?: string;
}

/** `files` of a tool's result are those that the result itself holds. */
export type ReceivedItem =
  | { type: "text"; role: "user" | "assistant"; text: string }
  | (ReceivedFile & { role: "user" | "assistant" })
  | { type: "reasoning"; text: string; signature?: string; redacted?: true }
  | { type: "tool-call"; id: string; name: string; input: unknown }
  | { type: "tool-result"; id: string; text: string; isError?: true; files?: ReceivedFile[] };

/** An error that the vendor reports, and what a caller must get. `retryable` defaults to what is usual for the kind. */
export interface WireError {
  what: string;
  kind: ErrorKind;
  retryable?: boolean;
}

/** An error with a status of its own. */
export interface WireStatusError extends WireError {
  status: number;
  body: string;
}

/** An error in the middle of a stream. */
export interface WireStreamError extends WireError {
  frame: string;
}

/** Something that servers of a wire do and its description does not say, byte for byte, and what must come of it. */
export interface Habit {
  what: string;
  /** The body of a stream. */
  stream?: string;
  /** The body of a whole answer. */
  whole?: string;
  means: HabitResult | HabitError;
}

/** What is absent is empty. */
export interface HabitResult {
  text?: string;
  reasoning?: string;
  /** A call without an `id` gets one that is no other's. */
  calls?: readonly { id?: string; name: string; input: unknown }[];
  /** Default: "tool-calls" where there are calls, else "stop". */
  finish?: FinishReason;
  /** What of it is to be checked. */
  usage?: Usage;
}

export interface HabitError {
  error: ErrorKind;
  retryable: boolean;
}

/** A request for embeddings as it arrived; what did not arrive is undefined. */
export interface ReceivedEmbed {
  model: string;
  inputs: string[];
  dimensions?: unknown;
  /** In the vendor's words. */
  inputType?: unknown;
  user?: unknown;
}

/** How one vendor speaks of embeddings: reads a request of its form, and writes an answer's exact bytes. Pure. */
export interface EmbedSpeech {
  /** Where requests arrive. */
  path: RegExp;
  /** A vector says which input it is of. */
  indexed: boolean;
  /** The vendor's words for what texts are for. */
  inputTypes?: { query: string; document: string };
  read(request: ReceivedRequest): ReceivedEmbed;
  /** Vectors come in the order in which they are given. `tokens` absent: the vendor does not tell. */
  answer(answer: { vectors: { index: number; values: number[] }[]; tokens?: number; model?: string }): string;
}

/**
 * How one vendor speaks: turns an abstract answer into the vendor's exact bytes, and reads a request of the vendor's form back.
 * Pure; a case that holds for every vendor is written against this.
 */
export interface Wire {
  name: string;
  framing: "sse" | "ndjson";
  /** Where calls arrive, streamed and whole. */
  path: RegExp;
  /** The header in which the vendor names a request. */
  requestIdHeader: string;
  /** What the vendor's counts tell. */
  counts: readonly (keyof Omit<Usage, "estimated">)[];
  /** The vendor's finish reasons. The first is the usual end; "tool-calls" is tried with a tool call, the rest with a text. */
  finishes: readonly { raw: string; means: FinishReason }[];
  /** Ids of tool calls that the vendor takes. */
  toolCallId: RegExp;
  /** A tool call's input is a text on this wire also in a whole response, so that it can be broken there too. */
  inputIsText: boolean;
  /** Frames that a reader must pass over: pings, types that do not exist. */
  noise: readonly string[];
  /**
   * What the vendor has no words for: the model in an answer; a signature of reasoning, which goes back all the same; one tool to choose, for which the
   * others are left out; a file's name; pieces of a tool call's input, which comes all at once; an answer's id; parts of a message, whose texts
   * then come as one and whose files before it; the media type of a file.
   */
  lacks?: readonly ("answer-id" | "parts" | "media-type" | "model" | "signature" | "tool-by-name" | "filename" | "input-in-pieces")[];
  /** How the vendor speaks of embeddings, where it has them. */
  embed?: EmbedSpeech;
  /** What its vendors do beside all that. */
  habits?: readonly Habit[];
  /** Cases that make no sense on this wire, and why. */
  cannot: Partial<Record<CaseName, string>>;
  /** `to`: the request that is answered, where the answer's form depends on it. */
  stream(answer: Answer, to?: ReceivedCall): Frame[];
  /** The same answer in one piece. */
  whole(answer: Answer, to?: ReceivedCall): string;
  read(request: ReceivedRequest): ReceivedCall;
  /** The body of an ordinary error of that status. */
  error(status: number, message: string): string;
  /** Errors that mean more than their status says. */
  errors(message: string): WireStatusError[];
  streamErrors(message: string): WireStreamError[];
}
