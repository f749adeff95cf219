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
type CallKind = "chat" | "embed";
interface CallMetrics {
  kind: CallKind;
  timestamp: number;
  label: string;
  profile: string;
  provider: string;
  model: string;
  user?: string;
  metadata?: Record<string, string>;
  requestId?: string;
  ttftMs?: number;
  durationMs: number;
  tokensPerSecond?: number;
  cancelled: boolean;
  error?: {
    kind: ErrorKind;
    message: string;
  };
  usage: Usage;
  cost?: Cost;
  attempts: number;
}
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
interface ToolDefinition<Input, Result> {
  name: string;
  description?: string;
  input: Schema<Input>;
  approval?: boolean | ((input: Input) => boolean | Promise<boolean>);
  timeoutMs?: number;
  strict?: boolean;
  execute?: (input: Input, run: ToolRun) => Result | Promise<Result> | Generator<unknown, Result> | AsyncGenerator<unknown, Result>;
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
interface Warning {
  code: string;
  message: string;
  feature?: string;
  provider?: string;
}
interface ToolResult {
  toolCallId: string;
  toolName: string;
  output: unknown;
  isError?: true;
}
interface PendingApproval {
  toolCallId: string;
  toolName: string;
  input: unknown;
  token: string;
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
interface Choice {
  index: number;
  text: string;
  finishReason: FinishReason;
  messages: Message[];
}
interface ChatResult<T = unknown> {
  text: string;
  reasoning?: string;
  output?: T;
  toolCalls: ToolCall[];
  toolResults: ToolResult[];
  pendingApprovals?: PendingApproval[];
  sources: SourcePart[];
  files: FilePart[];
  finishReason: FinishReason;
  rawFinishReason?: string;
  usage: Usage;
  cost?: Cost;
  metrics: CallMetrics;
  messages: Message[];
  steps: Step[];
  attempts: Attempt[];
  warnings: Warning[];
  choices?: Choice[];
  logprobs?: TokenLogprob[];
  refusal?: string;
  provider: string;
  model: string;
  responseModel?: string;
  responseId?: string;
  requestId?: string;
  providerMetadata?: ProviderMetadata;
  raw?: unknown;
}
interface EventBase {
  choice?: number;
  step?: number;
  job?: number;
  depth?: number;
}
type ChatEvent<T = unknown> = EventBase &
  (
    | {
        type: "start";
        provider: string;
        model: string;
        requestId?: string;
      }
    | {
        type: "text-start";
      }
    | {
        type: "text";
        text: string;
      }
    | {
        type: "text-end";
      }
    | {
        type: "refusal";
        text: string;
      }
    | {
        type: "reasoning-start";
      }
    | {
        type: "reasoning";
        text: string;
      }
    | {
        type: "reasoning-end";
      }
    | {
        type: "tool-call-start";
        toolCallId: string;
        toolName: string;
      }
    | {
        type: "tool-call-delta";
        toolCallId: string;
        toolName: string;
        inputText: string;
      }
    | {
        type: "tool-call";
        toolCallId: string;
        toolName: string;
        input: unknown;
        providerExecuted?: true;
        invalid?: LlmError;
      }
    | {
        type: "approval-request";
        toolCallId: string;
        toolName: string;
        input: unknown;
        token: string;
        reason?: string;
        approve(): void;
        reject(reason?: string): void;
      }
    | {
        type: "tool-stream";
        toolCallId: string;
        toolName: string;
        output: unknown;
      }
    | {
        type: "tool-result";
        toolCallId: string;
        toolName: string;
        output: unknown;
        isError?: true;
      }
    | {
        type: "tool-error";
        toolCallId: string;
        toolName: string;
        error: LlmError;
      }
    | {
        type: "object";
        object: unknown;
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
        type: "step";
        step: number;
        finishReason: FinishReason;
        usage: Usage;
      }
    | {
        type: "usage";
        usage: Usage;
      }
    | {
        type: "warning";
        warning: Warning;
      }
    | {
        type: "retry";
        attempt: number;
        delayMs: number;
        error: LlmError;
      }
    | {
        type: "fallback";
        from: string;
        to: string;
        restart: boolean;
        error: LlmError;
      }
    | {
        type: "raw";
        raw: unknown;
      }
    | {
        type: "done";
        result: ChatResult<T>;
      }
  );
interface Limits {
  group?: string;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  maxConcurrent?: number;
  maxWaitMs?: number;
  budget?: Budget;
}
interface Budget {
  tokensPerCall?: number;
  tokensPerDay?: number;
  tokensTotal?: number;
  usdPerCall?: number;
  usdPerDay?: number;
  usdTotal?: number;
}
interface Spending {
  day: number;
  total: number;
  reserved: number;
  averageOutput?: number;
}
interface LimitStore {
  take(group: string, tokens: number, limits: Pick<Limits, "requestsPerMinute" | "tokensPerMinute">): number | Promise<number>;
  correct(group: string, tokens: number): void | Promise<void>;
  block(group: string, ms: number): void | Promise<void>;
  reserve(
    group: string,
    wish: {
      least: number;
      most: number;
    },
    budget: Pick<Budget, "tokensPerDay" | "tokensTotal">,
  ): number | Promise<number>;
  spend(
    group: string,
    reserved: number,
    used: {
      tokens: number;
      output?: number;
    },
  ): void | Promise<void>;
  spending(group: string): Spending | Promise<Spending>;
}
type ApiKey = string | (() => string | Promise<string>);
interface WeightedKey {
  key: ApiKey;
  weight?: number;
}
interface KnownEmbedModels {}
type EmbedModelId =
  | { [P in keyof KnownEmbedModels]: `${P & string}/${KnownEmbedModels[P] & string}` }[keyof KnownEmbedModels]
  | (string & {});
interface EmbedOptions {
  model?: EmbedModelId;
  dimensions?: number;
  inputType?: "query" | "document" | (string & {});
  batchSize?: number;
  onUnsupported?: UnsupportedPolicy;
  user?: string;
  metadata?: Record<string, string>;
  extraBody?: Record<string, unknown>;
  headers?: Record<string, string>;
  providerOptions?: ProviderOptions;
  signal?: AbortSignal;
  timeoutMs?: number;
  timeouts?: Timeouts;
  retry?: false | RetrySettings;
}
interface EmbeddingSettings extends EmbedOptions {
  provider?: string;
  baseURL?: string;
  apiKey?: ApiKey;
  apiKeys?: readonly (ApiKey | WeightedKey)[];
  azureDeployment?: string;
  apiVersion?: string;
  limits?: Limits;
}
type EmbeddingInput = EmbedModelId | EmbeddingSettings;
interface EmbedCall {
  readonly model: string;
  readonly deployment?: string;
  readonly inputs: readonly string[];
  readonly dimensions?: number;
  readonly inputType?: string;
  readonly user?: string;
  readonly providerOptions: Record<string, unknown>;
}
interface EmbedBase {
  model: string;
  responseModel?: string;
  provider: string;
  usage: Usage;
  cost?: Cost;
  warnings: Warning[];
  metrics: CallMetrics;
  attempts: Attempt[];
}
interface EmbedResult extends EmbedBase {
  embedding: number[];
}
interface EmbedManyResult extends EmbedBase {
  embeddings: number[][];
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
interface MediaSettings {
  allowPaths?: boolean | string[];
  allowHosts?: string[];
  allowPrivate?: boolean;
  maxBytes?: number;
}
interface Explanation {
  request: {
    method: string;
    url: string;
    headers: Record<string, string>;
    body: unknown;
  };
  supported: string[];
  emulated: string[];
  dropped: Warning[];
  curl: string;
  estimate?: {
    inputTokens?: number;
    costUsd?: number;
  };
}
declare function tool<Input, Result>(definition: ToolDefinition<Input, Result>): Tool<Input, Result>;
declare function requireApproval(...which: readonly (string | Tool | ApprovalRule)[]): ApprovalRule;
interface ChatStream<T = unknown> extends AsyncIterable<ChatEvent<T>> {
  [Symbol.asyncIterator](): AsyncIterableIterator<ChatEvent<T>, void, "approve" | "reject" | undefined>;
  readonly textStream: AsyncIterable<string>;
  readonly result: Promise<ChatResult<T>>;
  cancel(reason?: unknown): void;
  tee(): [ChatStream<T>, ChatStream<T>];
  [Symbol.asyncDispose](): Promise<void>;
}
interface MiddlewareCall {
  readonly stream: boolean;
  readonly profile: string;
  readonly provider: string;
  readonly model: string;
  readonly input: string | readonly Message[];
  readonly options: CallOptions;
  place(): Promise<string>;
}
type MiddlewareChange = Partial<Pick<MiddlewareCall, "input" | "options">>;
type MiddlewareAnswer = ChatStream | ChatResult;
type Middleware = (call: MiddlewareCall, next: (change?: MiddlewareChange) => ChatStream) => MiddlewareAnswer | Promise<MiddlewareAnswer>;
interface CacheStore {
  get(key: string): string | undefined | Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): void | Promise<void>;
}
interface ResponseCacheOptions {
  store?: CacheStore;
  ttlMs?: number;
}
declare function responseCache({ store, ttlMs }?: ResponseCacheOptions): Middleware;
interface ProfileSettings extends Partial<CallOptions> {
  provider?: string;
  model?: ModelId;
  baseURL?: string;
  apiKey?: ApiKey;
  apiKeys?: readonly (ApiKey | WeightedKey)[];
  api?: "responses" | "chat";
  azureDeployment?: string;
  apiVersion?: string;
  embedModel?: EmbedModelId;
  embedding?: EmbeddingInput;
  limits?: Limits;
}
type ProfileInput = ModelId | ProfileSettings;
interface LLM {
  readonly profile: string;
  readonly provider: string;
  readonly model: string;
  readonly label: string;
  readonly capabilities: Record<string, boolean | undefined>;
  complete(prompt: string, options?: CallOptions): Promise<string>;
  chat<T = unknown>(input: string | Message[], options?: CallOptions<T>): Promise<ChatResult<T>>;
  stream<T = unknown>(input: string | Message[], options?: CallOptions<T>): ChatStream<T>;
  embed(input: string, options?: EmbedOptions): Promise<EmbedResult>;
  embed(input: readonly string[], options?: EmbedOptions): Promise<EmbedManyResult>;
  embed(input: string | readonly string[], options?: EmbedOptions): Promise<EmbedResult | EmbedManyResult>;
  explain(input: string | Message[], options?: CallOptions): Promise<Explanation>;
  with(settings: Partial<ProfileSettings>): LLM;
  on(event: "metrics", listener: (metrics: CallMetrics) => void): () => void;
}
type RunToolsOptions = Pick<CallOptions, "toolContext" | "signal" | "approval" | "approve" | "maxConcurrency" | "toolTimeoutMs">;
declare function runTools(result: ChatResult, tools: readonly ToolLike[], options?: RunToolsOptions): Promise<ToolResult[]>;
interface KeyRotation {
  provider: string;
  model?: string;
  apiKey: string;
  profile?: string;
}
type ProviderLike = Pick<Provider, "id">;
interface ContextOptions<P = Record<string, ProfileInput>> {
  providers?: ProviderLike[];
  profiles?: P;
  env?: Record<string, string | undefined>;
  fetch?: typeof fetch;
  limitStore?: LimitStore;
  approvalSecret?: string;
  media?: MediaSettings;
}
interface Context<Name extends string = string> {
  llm(name?: Name | "default" | (string & {})): LLM;
  llm(name: string, settings: ProfileSettings): LLM;
  llm(settings: ProfileSettings): LLM;
  setKey(key: KeyRotation): void;
  profiles(): Record<string, ProfileSettings>;
  use(middleware: Middleware): void;
  on(event: "metrics", listener: (metrics: CallMetrics) => void): () => void;
  close(options?: { drainMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
declare function createContext<const P extends Record<string, ProfileInput> = {}>(options?: ContextOptions<P>): Context<keyof P & string>;
export {
  type ApiKey,
  type ApprovalPart,
  type ApprovalRule,
  type AssistantMessage,
  type AssistantPart,
  type Attempt,
  type Budget,
  type CacheStore,
  type CallKind,
  type CallMetrics,
  type CallOptions,
  type ChatEvent,
  type ChatResult,
  type ChatStream,
  type Choice,
  type Context,
  type ContextOptions,
  type Cost,
  type Decision,
  type EmbedManyResult,
  type EmbedModelId,
  type EmbedOptions,
  type EmbedResult,
  type EmbeddingInput,
  type EmbeddingSettings,
  type ErrorKind,
  type Explanation,
  type FallbackSettings,
  type FilePart,
  type FinishReason,
  type FunctionTool,
  type JsonSchema,
  type KeyRotation,
  type KnownEmbedModels,
  type KnownModels,
  type LLM,
  type LimitStore,
  type Limits,
  LlmError,
  type LlmErrorDetails,
  type MediaSettings,
  type Message,
  type Middleware,
  type MiddlewareAnswer,
  type MiddlewareCall,
  type MiddlewareChange,
  type ModelId,
  type Output,
  type OutputMode,
  type PartialOutput,
  type PendingApproval,
  type ProfileInput,
  type ProfileSettings,
  type ProviderLike,
  type ProviderMetadata,
  type ProviderOptions,
  type ProviderTool,
  type ReasoningEffort,
  type ReasoningPart,
  type ReasoningSettings,
  type ReasoningTag,
  type ResponseCacheOptions,
  type RetrySettings,
  type RunToolsOptions,
  type Schema,
  type SourcePart,
  type Spending,
  type Step,
  type TextPart,
  type Timeouts,
  type TokenLogprob,
  type Tool,
  type ToolCall,
  type ToolCallPart,
  type ToolChoice,
  type ToolDefinition,
  type ToolLike,
  type ToolResult,
  type ToolResultPart,
  type ToolRun,
  type UnsupportedPolicy,
  type Usage,
  type UserPart,
  type Warning,
  type WeightedKey,
  createContext,
  isLlmError,
  requireApproval,
  responseCache,
  runTools,
  tool,
};
