type ErrorKind =
  | "configuration"
  | "authentication"
  | "permission"
  | "not-found"
  | "invalid-request"
  | "context-length"
  | "content-filter"
  | "rate-limit"
  | "quota"
  | "overloaded"
  | "server"
  | "connection"
  | "timeout"
  | "aborted"
  | "incomplete-stream"
  | "invalid-response"
  | "invalid-output"
  | "incomplete-output"
  | "schema"
  | "tool"
  | "unsupported"
  | "budget";
interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  totalTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  reasoningTokens?: number;
  audioInputTokens?: number;
  audioOutputTokens?: number;
  imageOutputTokens?: number;
  cacheWrite1hTokens?: number;
  estimated?: true;
}
interface Cost {
  totalUsd: number;
  inputUsd?: number;
  outputUsd?: number;
  source: "computed" | "provider-reported" | "estimated";
}
interface ToolCall {
  toolCallId: string;
  toolName: string;
  input: unknown;
  providerExecuted?: true;
  invalid?: LlmError;
}
interface Attempt {
  provider: string;
  model: string;
  startedAt: number;
  durationMs: number;
  usage?: Usage;
  cost?: Cost;
  error?: LlmError;
  requestId?: string;
}
interface PartialOutput {
  text: string;
  reasoning?: string;
  toolCalls: ToolCall[];
  usage: Usage;
}
interface LlmErrorDetails {
  provider?: string;
  model?: string;
  status?: number;
  requestId?: string;
  retryable?: boolean;
  retryAfterMs?: number;
  hint?: string;
  toolName?: string;
  toolCallId?: string;
  timeout?: string;
  partial?: PartialOutput;
  attempts?: Attempt[];
  cause?: unknown;
}
declare class LlmError extends Error {
  readonly kind: ErrorKind;
  readonly provider?: string;
  readonly model?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly hint?: string;
  readonly toolName?: string;
  readonly toolCallId?: string;
  readonly timeout?: string;
  readonly partial?: PartialOutput;
  readonly attempts?: Attempt[];
  constructor(kind: ErrorKind, message: string, details?: LlmErrorDetails);
  complete(details: LlmErrorDetails): this;
  toJSON(): Record<string, unknown>;
}
declare function isLlmError(error: unknown, kind?: ErrorKind): error is LlmError;
type ProviderMetadata = Record<string, Record<string, unknown>>;
interface PartBase {
  providerMetadata?: ProviderMetadata;
}
interface TextPart extends PartBase {
  type: "text";
  text: string;
  refusal?: true;
}
interface ReasoningPart extends PartBase {
  type: "reasoning";
  text: string;
  redacted?: true;
}
interface FilePart extends PartBase {
  type: "image" | "file";
  path?: string;
  url?: string;
  base64?: string;
  data?: Uint8Array;
  blob?: Blob;
  mediaType?: string;
  filename?: string;
}
interface ToolCallPart extends PartBase {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  input: unknown;
  providerExecuted?: true;
}
interface ToolResultPart extends PartBase {
  type: "tool-result";
  toolCallId: string;
  toolName: string;
  output: unknown;
  isError?: true;
}
interface SourcePart extends PartBase {
  type: "source";
  url?: string;
  title?: string;
  documentId?: string;
  text?: string;
}
interface ApprovalPart {
  type: "approval";
  toolCallId: string;
  approved: boolean;
  reason?: string;
  token: string;
}
type UserPart = TextPart | FilePart;
type AssistantPart = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | FilePart | SourcePart;
interface AssistantMessage {
  role: "assistant";
  content: string | AssistantPart[];
  provider?: string;
  model?: string;
  host?: string;
  providerMetadata?: ProviderMetadata;
}
type Message =
  | {
      role: "system";
      content: string | TextPart[];
    }
  | {
      role: "user";
      content: string | UserPart[];
    }
  | AssistantMessage
  | {
      role: "tool";
      content: (ToolResultPart | ApprovalPart)[];
    };
type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "error" | "other";
interface ReasoningTag {
  start: string;
  end: string;
  fromBeginning?: boolean;
}
interface Timeouts {
  headersMs?: number;
  firstByteMs?: number;
  idleMs?: number;
}
interface RetrySettings {
  maxAttempts?: number;
  maxWaitMs?: number;
  midStream?: boolean;
  kinds?: Partial<Record<ErrorKind, number>>;
}
interface FallbackSettings {
  profile: string;
  on?: readonly ErrorKind[];
}
type UnsupportedPolicy = "error" | "warn" | "emulate" | "ignore";
type JsonSchema = Record<string, unknown>;
type Schema<T = unknown> =
  | {
      readonly "~standard": {
        readonly types?:
          | {
              readonly output: T;
            }
          | undefined;
      };
    }
  | Record<string, unknown>;
interface ToolRun {
  toolCallId: string;
  toolContext: any;
  signal: AbortSignal;
  depth: number;
  messages: readonly Message[];
  approve(reason?: string): Promise<boolean>;
}
interface Tool<Input = unknown, Result = unknown> {
  readonly name: string;
  readonly description?: string;
  readonly input: Schema;
  readonly approval?: boolean | ((input: never) => boolean | Promise<boolean>);
  readonly timeoutMs?: number;
  readonly strict?: boolean;
  readonly execute?: (input: never, run: ToolRun) => unknown;
  readonly _types?: {
    input: Input;
    output: Result;
  };
}
interface FunctionTool {
  type: "function";
  function: {
    name: string;
    description?: string;
    parameters?: object;
    strict?: boolean;
  };
}
interface ProviderTool {
  type: "provider";
  provider: string;
  name: string;
  options?: Record<string, unknown>;
}
type ToolLike = Tool | FunctionTool | ProviderTool;
type ToolChoice =
  | "auto"
  | "none"
  | "required"
  | {
      toolName: string;
    };
type ApprovalRule = (call: ToolCall) => boolean | Promise<boolean>;
type Decision =
  | boolean
  | {
      approved: boolean;
      reason?: string;
    };
type Output<T = unknown> =
  | "json"
  | Schema<T>
  | {
      schema: Schema<T>;
      name?: string;
      strict?: boolean;
      mode?: OutputMode;
      validate?: boolean;
      repair?: boolean;
    }
  | {
      type: "json_schema";
      json_schema: {
        name: string;
        schema: object;
        strict?: boolean;
      };
    };
type OutputMode = "auto" | "native" | "tool" | "prompt";
interface KnownModels {}
type ModelId = { [P in keyof KnownModels]: `${P & string}/${KnownModels[P] & string}` }[keyof KnownModels] | (string & {});
interface ProviderOptions {
  [provider: string]: Record<string, unknown> | undefined;
}
type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
interface ReasoningSettings {
  effort?: ReasoningEffort;
  budgetTokens?: number;
  summary?: "auto" | "concise" | "detailed";
}
interface CallOptions<T = unknown> {
  model?: ModelId;
  system?: string;
  temperature?: number;
  topP?: number;
  topK?: number;
  maxOutputTokens?: number;
  stopSequences?: string[];
  seed?: number;
  n?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  logprobs?: boolean | number;
  reasoning?: ReasoningEffort | ReasoningSettings;
  hideReasoning?: boolean;
  reasoningTags?: false | ReasoningTag[];
  tools?: ToolLike[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  executeTools?: boolean;
  maxSteps?: number;
  atStepLimit?: "stop" | "answer";
  stopWhen?: (state: { steps: Step[] }) => boolean | Promise<boolean>;
  maxConcurrency?: number;
  toolTimeoutMs?: number;
  toolContext?: unknown;
  approval?: ApprovalRule;
  approve?: (call: ToolCall) => Decision | Promise<Decision>;
  approvals?: "reject" | "pause";
  output?: Output<T>;
  onUnsupported?: UnsupportedPolicy;
  cache?:
    | "auto"
    | "none"
    | {
        ttl?: "5m" | "1h";
        key?: string;
      };
  extraBody?: Record<string, unknown>;
  headers?: Record<string, string>;
  providerOptions?: ProviderOptions;
  signal?: AbortSignal;
  timeoutMs?: number;
  timeouts?: Timeouts;
  retry?: false | RetrySettings;
  fallback?: (string | FallbackSettings)[];
  user?: string;
  metadata?: Record<string, string>;
  onDelta?: (text: string) => void | Promise<void>;
  includeRaw?: boolean;
}
interface CallFunction {
  type: "function";
  name: string;
  description?: string;
  inputSchema: JsonSchema;
  strict?: boolean;
}
interface CallOutput {
  name: string;
  schema?: JsonSchema;
  strict: boolean;
}
interface ChatCall {
  readonly model: string;
  readonly deployment?: string;
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
  readonly providerOptions: Record<string, unknown>;
}
interface ToolResult {
  toolCallId: string;
  toolName: string;
  output: unknown;
  isError?: true;
}
interface TokenLogprob {
  token: string;
  logprob: number;
  top?: {
    token: string;
    logprob: number;
  }[];
}
interface Step {
  text: string;
  reasoning?: string;
  toolCalls: ToolCall[];
  toolResults: ToolResult[];
  finishReason: FinishReason;
  usage: Usage;
  provider: string;
  model: string;
}
interface KnownEmbedModels {}
interface EmbedCall {
  readonly model: string;
  readonly deployment?: string;
  readonly inputs: readonly string[];
  readonly dimensions?: number;
  readonly inputType?: string;
  readonly user?: string;
  readonly providerOptions: Record<string, unknown>;
}
type Feature =
  | "tools"
  | "toolChoice"
  | "parallelToolCalls"
  | "imageInput"
  | "documentInput"
  | "audioInput"
  | "structuredOutput"
  | "jsonMode"
  | "reasoning"
  | "reasoningBudget"
  | "temperature"
  | "topP"
  | "topK"
  | "stopSequences"
  | "seed"
  | "n"
  | "presencePenalty"
  | "frequencyPenalty"
  | "logprobs"
  | "cache"
  | "user"
  | "metadata";
type Capabilities = Partial<Record<Feature, boolean>>;
type MediaKind = "image" | "audio" | "video" | "document";
interface ResultFiles {
  within?: readonly MediaKind[];
  texts?: boolean;
  bytesOnly?: true;
  videos?: true;
  pdfOnly?: true;
  own?: string;
}
interface ModelTraits {
  capabilities: Capabilities;
  efforts?: readonly ReasoningEffort[];
  reasonsByDefault?: boolean;
  notWhileReasoning?: readonly Feature[];
  notWithTools?: readonly Feature[];
  reasoningTags?: "usual" | readonly ReasoningTag[];
  resultFiles?: ResultFiles;
}
interface ModelFamily extends ModelTraits {
  prefix: string;
  contextTokens?: number;
  maxOutputTokens?: number;
  apis?: Readonly<Record<string, Partial<ModelTraits>>>;
}
declare function findFamily<
  F extends {
    prefix: string;
  },
>(families: readonly F[], model: string): F | undefined;
declare function onWire(family: ModelFamily | undefined, api: string | undefined): ModelFamily | undefined;
interface EmbedAdapter<Client = unknown, Body = unknown, Reply = unknown> {
  untouched?: true;
  toRequest(call: EmbedCall): Body;
  send(client: Client, body: Body): Promise<unknown>;
  fromResponse(reply: Reply): EmbedAnswer;
}
interface EmbedAnswer {
  vectors: readonly EmbedVector[];
  model?: string | undefined;
  usage?: Usage | undefined;
  costUsd?: number | undefined;
}
interface EmbedVector {
  index?: number | undefined;
  values: unknown;
}
type EmbedCapabilities = Partial<Record<EmbedFeature, boolean>>;
type EmbedFeature = "dimensions" | "inputType" | "user";
interface EmbedFamily {
  prefix: string;
  capabilities: EmbedCapabilities;
  maxInputs?: number;
}
interface EmbedWire {
  capabilities?: EmbedCapabilities;
  families?: readonly EmbedFamily[];
  defaultModel?: string;
  maxInputs?: number;
  maxTokens?: number;
  load(): Promise<EmbedAdapter>;
}
declare function toInputType(
  inputType: string,
  words: {
    query: string;
    document: string;
  },
): string;
declare function inputUsage(tokens: number | null | undefined): Usage | undefined;
interface EmbedList {
  data?:
    | {
        index?: number;
        embedding?: unknown;
      }[]
    | null;
  model?: string;
  usage?: {
    prompt_tokens?: number;
    total_tokens?: number;
  } | null;
}
declare function fromEmbedList({ data, model, usage }: EmbedList): EmbedAnswer;
interface ErrorFacts {
  kind?: ErrorKind;
  message?: string;
  code?: string;
  status?: number;
  requestId?: string;
  retryAfterMs?: number;
  retryable?: boolean;
  hint?: string;
  contextHint?: string;
}
type Own = Readonly<Record<string, unknown>>;
interface HistoryRules {
  toolCallIds?: ToolCallIdRule;
  toolNames?: RegExp;
  callForm?(metadata: Own): CallForm;
  madeFiles?: "any" | "own";
  takesReasoning?(metadata: Own, sameHost: boolean): boolean;
  reasoningLeads?(metadata: Own): boolean;
  heldBy?: readonly string[];
  turnNeedsReasoning?(call: ChatCall): boolean;
}
type CallForm = "function" | "text" | "own";
interface ToolCallIdRule {
  takes: RegExp;
  length?: number;
}
interface SchemaRules {
  takes(keyword: string, value: unknown): boolean;
  optional: "widened" | "kept";
  open?: true;
  tuples?: true;
  closed?: true;
  someRequired?: true;
  recursion?: false;
  always?: boolean;
  limits?: SchemaLimits;
}
interface SchemaLimits {
  properties?: number;
  depth?: number;
  enumValues?: number;
  letters?: number;
}
type Strictness = (model: string, of: "output" | "tool") => SchemaRules | false | undefined;
interface SchemaAdapter {
  strictness?: Strictness;
}
interface ChatAdapter<Client = unknown, Body = unknown, Reply = unknown, Chunk = unknown> extends SchemaAdapter {
  untouched?: true;
  before?(client: Client, call: ChatCall): Promise<unknown>;
  toRequest(call: ChatCall, found?: unknown): Body;
  send(
    client: Client,
    body: Body,
    options: {
      stream: boolean;
    },
  ): Promise<unknown>;
  framing: "sse" | "ndjson";
  askAgain?(
    reply: Reply,
    body: Body,
  ):
    | {
        send(client: Client): Promise<unknown>;
      }
    | undefined;
  fromResponse(reply: Reply): Iterable<ChatDelta>;
  fromStream(): {
    event(chunk: Chunk, name?: string): Iterable<ChatDelta>;
    end?(): Iterable<ChatDelta>;
  };
}
interface ChatWire extends HistoryRules {
  capabilities?: Capabilities;
  notWithTools?: readonly Feature[];
  needsOption?: Partial<Record<Feature, string>>;
  reasoningTags?: "usual" | readonly ReasoningTag[];
  noUrls?: readonly MediaKind[];
  resultFiles?: ResultFiles;
  load(): Promise<ChatAdapter>;
}
interface Provider {
  id: string;
  baseURL?: string;
  toBaseURL?(text: string): string;
  auth?: "required" | "optional";
  env?: Partial<Record<"apiKey" | "baseURL" | "model" | "embedModel" | "apiVersion", readonly string[]>>;
  apiKey?(): string | Promise<string>;
  families: readonly ModelFamily[];
  claimsModels?: false;
  defaultModel?: string;
  chat?: ChatWire;
  apis?: Readonly<Record<string, ChatWire>>;
  defaultApi?: string;
  embed?: EmbedWire;
  connect(to: Connection): Promise<unknown>;
  errorFacts(from: { status?: number; headers?: Headers; body: unknown }): ErrorFacts;
}
interface Connection {
  apiKey?: string;
  baseURL: string;
  apiVersion?: string;
  headers: Record<string, string>;
  fetch: typeof fetch;
}
type ChatDelta = {
  choice?: number;
  part?: string | number;
  providerMetadata?: ProviderMetadata;
} & (
  | {
      type: "metadata";
      id?: string;
      model?: string;
    }
  | {
      type: "text";
      text: string;
      refusal?: true;
      paragraph?: true;
    }
  | {
      type: "reasoning";
      text: string;
      redacted?: true;
      paragraph?: true;
    }
  | ToolCallDelta
  | {
      type: "tool-result";
      toolCallId: string;
      output: unknown;
      isError?: true;
    }
  | {
      type: "source";
      source: SourcePart;
    }
  | {
      type: "file";
      file: FilePart;
    }
  | {
      type: "logprobs";
      logprobs: TokenLogprob[];
    }
  | {
      type: "usage";
      usage: Usage;
      costUsd?: number;
    }
  | {
      type: "finish";
      finishReason?: FinishReason;
      rawFinishReason?: string;
      resume?: true;
    }
  | {
      type: "end";
    }
  | {
      type: "error";
      facts: ErrorFacts;
    }
);
interface ToolCallDelta {
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
declare function keyVariables(provider: Pick<Provider, "id" | "env">): string[];
interface MediaSource {
  kind: "image" | "audio" | "video" | "document";
  mediaType: string;
  url?: string;
  base64?: string;
  fileId?: string;
  filename?: string;
}
declare function toMediaSource(part: FilePart): MediaSource;
declare function defineProvider(provider: Provider): Provider;
declare function once<T>(load: () => Promise<T>): () => Promise<T>;
declare function defineChat<Client, Body, Reply, Chunk>(adapter: ChatAdapter<Client, Body, Reply, Chunk>): ChatAdapter;
declare function defineEmbed<Client, Body, Reply>(adapter: EmbedAdapter<Client, Body, Reply>): EmbedAdapter;
type Counts = { readonly [Name in keyof Omit<Usage, "estimated">]?: unknown };
declare function sumOf(...told: unknown[]): number | undefined;
declare function addUsage(total: Usage, { estimated, ...more }: Usage): Usage;
declare function countUsage(counts: Counts): Usage;
type WireUsage = Readonly<Record<string, unknown>>;
declare function fromUsage(usage: WireUsage): Usage;
declare function toFinishReason(raw: string): FinishReason;
interface Reply {
  readonly status: number;
  readonly headers: Headers;
  more(): Promise<boolean>;
  take(): Uint8Array;
  cancel(): void;
}
interface ExchangeOptions {
  signal: AbortSignal;
  fetch?: typeof fetch;
  loopbackOnly?: boolean;
  secrets?: readonly string[];
  hands: "empty" | "none" | "real";
}
interface Exchange {
  fetch: typeof fetch;
  reply?: Reply;
  status?: number;
  headers?: Headers;
  errorText?: string;
  failure?: unknown;
}
declare function openExchange(options: ExchangeOptions): Exchange;
declare function secretsOf(headers: Readonly<Record<string, string>>, apiKey: string | undefined): string[];
declare function toLlmError(
  facts: ErrorFacts,
  known: LlmErrorDetails & {
    headers?: Headers;
  },
): LlmError;
interface WireSink {
  event(data: unknown, name: string | undefined): boolean;
}
interface ReadOptions {
  maxLine?: number;
  clean?: (text: string) => string;
}
interface WireReader {
  push(bytes: Uint8Array): void;
  end(): void;
  readonly fault: LlmError | undefined;
  readonly done: boolean;
}
declare function readNdjson(sink: WireSink, options?: ReadOptions): WireReader;
interface RequestTools {
  openExchange: typeof openExchange;
  readNdjson: typeof readNdjson;
  secretsOf: typeof secretsOf;
  toLlmError: typeof toLlmError;
}
declare const loadRequestTools: () => Promise<RequestTools>;
export {
  type AssistantMessage,
  type AssistantPart,
  type CallForm,
  type CallFunction,
  type CallOutput,
  type Capabilities,
  type ChatAdapter,
  type ChatCall,
  type ChatDelta,
  type ChatWire,
  type Connection,
  type Counts,
  type EmbedAdapter,
  type EmbedAnswer,
  type EmbedCall,
  type EmbedCapabilities,
  type EmbedFamily,
  type EmbedFeature,
  type EmbedList,
  type EmbedVector,
  type EmbedWire,
  type ErrorFacts,
  type ErrorKind,
  type Feature,
  type FilePart,
  type FinishReason,
  type HistoryRules,
  type JsonSchema,
  type KnownEmbedModels,
  type KnownModels,
  LlmError,
  type MediaKind,
  type MediaSource,
  type Message,
  type ModelFamily,
  type ModelTraits,
  type Provider,
  type ProviderMetadata,
  type ProviderOptions,
  type ProviderTool,
  type ReasoningEffort,
  type ReasoningPart,
  type ReasoningSettings,
  type RequestTools,
  type ResultFiles,
  type SchemaLimits,
  type SchemaRules,
  type SourcePart,
  type Strictness,
  type TextPart,
  type TokenLogprob,
  type ToolCall,
  type ToolCallIdRule,
  type ToolCallPart,
  type ToolChoice,
  type ToolResultPart,
  type Usage,
  type UserPart,
  type WireUsage,
  addUsage,
  countUsage,
  defineChat,
  defineEmbed,
  defineProvider,
  findFamily,
  fromEmbedList,
  fromUsage,
  inputUsage,
  isLlmError,
  keyVariables,
  loadRequestTools,
  onWire,
  once,
  sumOf,
  toFinishReason,
  toInputType,
  toMediaSource,
};
