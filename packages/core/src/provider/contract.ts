import type { Usage } from "../error.ts";
import type { FilePart, FinishReason, ProviderMetadata, SourcePart } from "../message/types.ts";
import type { ChatCall, TokenLogprob } from "../model/chat.ts";
import type { ReasoningTag } from "../model/policy.ts";
import type { Capabilities, Feature, MediaKind, ModelFamily, ResultFiles } from "./capabilities.ts";
import type { EmbedWire } from "./embed.ts";
import type { ErrorFacts } from "./facts.ts";
import type { HistoryRules } from "./history-rules.ts";
import type { SchemaAdapter } from "./rules.ts";

export type { ErrorFacts };

/**
 * The whole contract for chat: pure mappers round one `send`. Client, Body, Reply and Chunk are the vendor's types.
 * Providers yield deltas; core derives events, the message, totals, retries and limits from them, streamed and whole alike.
 */
export interface ChatAdapter<Client = unknown, Body = unknown, Reply = unknown, Chunk = unknown> extends SchemaAdapter {
  /** `send` leaves the body of a good response alone, so the SDK may have the real one and needs no empty stand-in. */
  untouched?: true;
  /** What the host is asked or told before a request can be built, such as the limits of its model. `toRequest` gets what it returns. */
  before?(client: Client, call: ChatCall): Promise<unknown>;
  /** Pure. `found` is what `before` returned, undefined in a dry run. */
  toRequest(call: ChatCall, found?: unknown): Body;
  /** The SDK builds URL, auth and body and raises HTTP errors. What it returns is ignored: core's fetch kept the Response. */
  send(client: Client, body: Body, options: { stream: boolean }): Promise<unknown>;
  framing: "sse" | "ndjson";
  /**
   * How the vendor is asked for the answer again, where a whole reply says that it is still being
   * made. Core waits in between.
   */
  askAgain?(reply: Reply, body: Body): { send(client: Client): Promise<unknown> } | undefined;
  /** Must yield an `error` delta for a body that is no answer. */
  fromResponse(reply: Reply): Iterable<ChatDelta>;
  /** A fresh decoder per stream; its state lives in its closure. `name` is the SSE event's. */
  fromStream(): { event(chunk: Chunk, name?: string): Iterable<ChatDelta>; end?(): Iterable<ChatDelta> };
}

/**
 * A wire to a vendor: what it cannot say at all, what it demands of a history, and its mappers,
 * which are only loaded by a call.
 */
export interface ChatWire extends HistoryRules {
  /** `false` here overrules every model's table. */
  capabilities?: Capabilities;
  /** Features that are refused beside tools. */
  notWithTools?: readonly Feature[];
  /** Features that are refused unless an option of the provider's own, by this name, is true. */
  needsOption?: Partial<Record<Feature, string>>;
  /** Tags in which models put their reasoning into the text here; "usual": <think>, <thinking>, [THINK]. Default: none. */
  reasoningTags?: "usual" | readonly ReasoningTag[];
  /** Kinds of files that are only taken by their bytes: core loads those that come by URL. */
  noUrls?: readonly MediaKind[];
  /** How files that tools return are sent. Default: in a user's message behind the results. */
  resultFiles?: ResultFiles;
  load(): Promise<ChatAdapter>;
}

export interface Provider {
  id: string;
  /** Where the vendor lives. Absent: a profile must say. */
  baseURL?: string;
  /** Reads an address as a profile or a variable may write it. Default: it must be a URL. */
  toBaseURL?(text: string): string;
  /** "optional": calls without a key are sent. Default: a key is required. */
  auth?: "required" | "optional";
  /** Environment variables beside `<ID>_API_KEY`, `<ID>_BASE_URL`, `<ID>_MODEL` and `<ID>_EMBED_MODEL`, in order. An API version has only those that are named here. */
  env?: Partial<Record<"apiKey" | "baseURL" | "model" | "embedModel" | "apiVersion", readonly string[]>>;
  /** Asked at each attempt of a profile that has no key of its own, before the environment is. */
  apiKey?(): string | Promise<string>;
  /** What models can do, by id prefix; also how a bare model name finds its provider. */
  families: readonly ModelFamily[];
  /** false: a bare model name never leads here, because the table's models are another vendor's. */
  claimsModels?: false;
  /** Used when a provider is named without a model. */
  defaultModel?: string;
  chat?: ChatWire;
  /** Other wires to the same models, by the profile's `api`; `chat` is the one named `defaultApi`. */
  apis?: Readonly<Record<string, ChatWire>>;
  defaultApi?: string;
  /** Absent: the vendor has no embeddings. */
  embed?: EmbedWire;
  /** The client of one attempt, whose `fetch` its requests must go through; retries off. Passes everything explicitly, so that no ambient variable reaches the wire. */
  connect(to: Connection): Promise<unknown>;
  /** Says what an HTTP error body or an error event means; core adds what the status alone tells. */
  errorFacts(from: { status?: number; headers?: Headers; body: unknown }): ErrorFacts;
}

/** `apiKey` is absent only where `auth` is optional. `headers` are the caller's own. */
export interface Connection {
  apiKey?: string;
  baseURL: string;
  /** Which of the host's dated APIs, where the profile or the environment says. */
  apiVersion?: string;
  headers: Record<string, string>;
  fetch: typeof fetch;
}

/**
 * What a provider tells core, piece by piece. A new `part` key ends the last text or reasoning
 * part, the same key continues it; `paragraph` marks one that does not continue the text before it.
 * A tool call is known by its `part`; where the wire has no key that can be trusted, core finds the
 * call by `index`, id, name, and by which one is open. Calls of the caller's tools stay open until
 * the answer ends. Metadata may come alone, before or after the text.
 */
export type ChatDelta = { choice?: number; part?: string | number; providerMetadata?: ProviderMetadata } & (
  | { type: "metadata"; id?: string; model?: string }
  | { type: "text"; text: string; refusal?: true; paragraph?: true }
  | { type: "reasoning"; text: string; redacted?: true; paragraph?: true }
  | ToolCallDelta
  | { type: "tool-result"; toolCallId: string; output: unknown; isError?: true }
  | { type: "source"; source: SourcePart }
  | { type: "file"; file: FilePart }
  | { type: "logprobs"; logprobs: TokenLogprob[] }
  /** Cumulative: the last value of each field wins. */
  | { type: "usage"; usage: Usage; costUsd?: number }
  /**
   * Without `finishReason`, core's table says what the vendor's word means, in any letter case.
   * "error" fails the call. `resume`: send again to go on.
   */
  | { type: "finish"; finishReason?: FinishReason; rawFinishReason?: string; resume?: true }
  /** The wire's own terminator: nothing more will come. */
  | { type: "end" }
  | { type: "error"; facts: ErrorFacts }
);

/**
 * `end`: the vendor has written the whole call. `index` is the wire's own. `inputIsText`: the input
 * is no JSON, also where it looks like it.
 */
export interface ToolCallDelta {
  type: "tool-call";
  index?: number | undefined;
  inputIsText?: true;
  toolCallId?: string;
  toolName?: string;
  inputText?: string;
  input?: unknown;
  end?: true;
  providerExecuted?: true;
}
