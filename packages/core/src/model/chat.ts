import type { Attempt, Cost, LlmError, ToolCall, Usage } from "../error.ts";
import type { FilePart, FinishReason, Message, ProviderMetadata, SourcePart } from "../message/types.ts";
import type { CallMetrics } from "./metrics.ts";
import type { FallbackSettings, ReasoningTag, RetrySettings, Timeouts, UnsupportedPolicy } from "./policy.ts";
import type { ApprovalRule, Decision, JsonSchema, Output, ProviderTool, ToolChoice, ToolLike } from "./tool.ts";

/** Model ids by provider id. Each provider package adds its own by interface augmentation, so that they autocomplete. */
export interface KnownModels {}

/** `provider/model` of every installed provider, and any other string. */
export type ModelId = { [P in keyof KnownModels]: `${P & string}/${KnownModels[P] & string}` }[keyof KnownModels] | (string & {});

/** Options of one vendor, keyed by provider id. Each provider package types its own by interface augmentation. */
export interface ProviderOptions {
  [provider: string]: Record<string, unknown> | undefined;
}

export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

export interface ReasoningSettings {
  effort?: ReasoningEffort;
  /** Tokens that the model may think, where the vendor counts them. */
  budgetTokens?: number;
  summary?: "auto" | "concise" | "detailed";
}

export interface CallOptions<T = unknown> {
  model?: ModelId;
  system?: string;
  temperature?: number;
  topP?: number;
  topK?: number;
  /** Tokens, reasoning included. */
  maxOutputTokens?: number;
  stopSequences?: string[];
  seed?: number;
  /** Number of answers; all are in `result.choices`. */
  n?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  /** true, or how many alternatives of each token. */
  logprobs?: boolean | number;
  reasoning?: ReasoningEffort | ReasoningSettings;
  /** Leaves reasoning out of events and `result.reasoning`; it stays in `result.messages`, where the vendor wants it back. */
  hideReasoning?: boolean;
  /** Tags that mark reasoning in plain text; `false`: none. Default: <think>, <thinking> and [THINK], where an endpoint is known to send them. */
  reasoningTags?: false | ReasoningTag[];
  tools?: ToolLike[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  /** Tools made by `tool()` run, and the model is told what they returned, until it calls none. Default true; false returns the calls unrun. */
  executeTools?: boolean;
  /** Model calls in one chat, default 20. */
  maxSteps?: number;
  /**
   * At the end of `maxSteps`, while the model still calls tools: stop with the warning `max-steps`
   * (default), or make one more step without tools.
   */
  atStepLimit?: "stop" | "answer";
  /** Asked after each step whose tools have run; true ends the chat there. */
  stopWhen?: (state: { steps: Step[] }) => boolean | Promise<boolean>;
  /** Tools that run at the same time, default 10. */
  maxConcurrency?: number;
  /** Milliseconds that each tool may take. Default: none. */
  toolTimeoutMs?: number;
  /** Given to every tool as it is; the model never sees it. */
  toolContext?: unknown;
  /** Which calls need approval, beside each tool's own `approval`. */
  approval?: ApprovalRule;
  /** Decides where nobody reads the stream's `approval-request` events. */
  approve?: (call: ToolCall) => Decision | Promise<Decision>;
  /** Where nobody can decide: "reject" (default), or hand the calls back as `pendingApprovals`. */
  approvals?: "reject" | "pause";
  output?: Output<T>;
  /** Default: features that change the meaning are errors, tuning ones are dropped with a warning, `output` in mode "auto" falls back. */
  onUnsupported?: UnsupportedPolicy;
  cache?: "auto" | "none" | { ttl?: "5m" | "1h"; key?: string };
  /** Merged into the vendor's request body as it stands. */
  extraBody?: Record<string, unknown>;
  headers?: Record<string, string>;
  providerOptions?: ProviderOptions;
  signal?: AbortSignal;
  /** Milliseconds in all, for the whole call with retries. Default: none. */
  timeoutMs?: number;
  timeouts?: Timeouts;
  retry?: false | RetrySettings;
  /**
   * Profiles (or model ids) that are tried in order when the call fails for good. Silent before the first delta; after it a `fallback` event says that
   * the answer begins anew. A profile that failed by itself, and not by the call, is passed over for half a minute, or as long as its vendor asks.
   */
  fallback?: (string | FallbackSettings)[];
  user?: string;
  metadata?: Record<string, string>;
  /** Text as it comes; an async callback is awaited. */
  onDelta?: (text: string) => void | Promise<void>;
  /** Adds `raw` events: the vendor's own. */
  includeRaw?: boolean;
}

/** A function that the model may call, as data for a provider. */
export interface CallFunction {
  type: "function";
  name: string;
  description?: string;
  inputSchema: JsonSchema;
  strict?: boolean;
}

/** Structured output as a provider maps it. No `schema`: any JSON. */
export interface CallOutput {
  name: string;
  schema?: JsonSchema;
  strict: boolean;
}

/** One model call, complete and plain: what `prepare` makes of a caller's input and what a provider maps to its request. Never mutated. */
export interface ChatCall {
  readonly model: string;
  /** What the host calls the model, where it has a name of its own for it. */
  readonly deployment?: string;
  /** System messages included, in order. */
  readonly messages: readonly Message[];
  readonly stream: boolean;
  readonly tools: readonly (CallFunction | ProviderTool)[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly output?: CallOutput;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxOutputTokens?: number;
  readonly stopSequences?: readonly string[];
  readonly seed?: number;
  readonly n?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logprobs?: boolean | number;
  readonly reasoning?: ReasoningSettings;
  readonly cache?: CallOptions["cache"];
  readonly user?: string;
  readonly metadata?: Record<string, string>;
  /** Those of the provider that is called. */
  readonly providerOptions: Record<string, unknown>;
}

export interface Warning {
  code: string;
  message: string;
  feature?: string;
  provider?: string;
}

export interface ToolResult {
  toolCallId: string;
  toolName: string;
  output: unknown;
  isError?: true;
}

/** A call that waits for a decision. Append `{ role: "tool", content: [{ type: "approval", toolCallId, approved, reason, token }] }` and call again. */
export interface PendingApproval {
  toolCallId: string;
  toolName: string;
  input: unknown;
  token: string;
}

export interface TokenLogprob {
  token: string;
  logprob: number;
  top?: { token: string; logprob: number }[];
}

/** One model call within a chat. */
export interface Step {
  text: string;
  reasoning?: string;
  toolCalls: ToolCall[];
  toolResults: ToolResult[];
  finishReason: FinishReason;
  usage: Usage;
  provider: string;
  model: string;
}

export interface Choice {
  index: number;
  text: string;
  finishReason: FinishReason;
  messages: Message[];
}

export interface ChatResult<T = unknown> {
  /** Never contains reasoning or a refusal. */
  text: string;
  reasoning?: string;
  /** The answer as data, where `output` was asked for. */
  output?: T;
  /** Of all steps, in order. */
  toolCalls: ToolCall[];
  toolResults: ToolResult[];
  /** Calls that wait for a decision, with `approvals: "pause"`. */
  pendingApprovals?: PendingApproval[];
  sources: SourcePart[];
  files: FilePart[];
  finishReason: FinishReason;
  rawFinishReason?: string;
  /** Of all steps and attempts together. */
  usage: Usage;
  cost?: Cost;
  metrics: CallMetrics;
  /** What to append to the history. */
  messages: Message[];
  steps: Step[];
  attempts: Attempt[];
  warnings: Warning[];
  /** Only with n > 1. */
  choices?: Choice[];
  logprobs?: TokenLogprob[];
  refusal?: string;
  provider: string;
  /** As asked for. */
  model: string;
  /** The model's name as the vendor reports it. */
  responseModel?: string;
  responseId?: string;
  requestId?: string;
  providerMetadata?: ProviderMetadata;
  /** The vendor's last whole response; undefined when streamed. */
  raw?: unknown;
}

interface EventBase {
  /** Index of the answer, only with n > 1. */
  choice?: number;
  step?: number;
  /** Index of the tool call within its step, for what a running tool says. */
  job?: number;
  /** How deep in running tools the chat is held; absent for the program's own. */
  depth?: number;
}

/** Closed in types, open at run time: ignore types you do not know. */
export type ChatEvent<T = unknown> = EventBase &
  (
    | { type: "start"; provider: string; model: string; requestId?: string }
    | { type: "text-start" }
    | { type: "text"; text: string }
    | { type: "text-end" }
    | { type: "refusal"; text: string }
    | { type: "reasoning-start" }
    | { type: "reasoning"; text: string }
    | { type: "reasoning-end" }
    | { type: "tool-call-start"; toolCallId: string; toolName: string }
    | { type: "tool-call-delta"; toolCallId: string; toolName: string; inputText: string }
    | { type: "tool-call"; toolCallId: string; toolName: string; input: unknown; providerExecuted?: true; invalid?: LlmError }
    | {
        type: "approval-request";
        toolCallId: string;
        toolName: string;
        input: unknown;
        token: string;
        /** Given by a tool that asks while it runs. */
        reason?: string;
        approve(): void;
        reject(reason?: string): void;
      }
    | { type: "tool-stream"; toolCallId: string; toolName: string; output: unknown }
    | { type: "tool-result"; toolCallId: string; toolName: string; output: unknown; isError?: true }
    | { type: "tool-error"; toolCallId: string; toolName: string; error: LlmError }
    | { type: "object"; object: unknown }
    | { type: "source"; source: SourcePart }
    | { type: "file"; file: FilePart }
    | { type: "step"; step: number; finishReason: FinishReason; usage: Usage }
    | { type: "usage"; usage: Usage }
    | { type: "warning"; warning: Warning }
    | { type: "retry"; attempt: number; delayMs: number; error: LlmError }
    | { type: "fallback"; from: string; to: string; restart: boolean; error: LlmError }
    | { type: "raw"; raw: unknown }
    | { type: "done"; result: ChatResult<T> }
  );
