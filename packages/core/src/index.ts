export { LlmError, isLlmError } from "./error.ts";
export type { Attempt, Cost, ErrorKind, LlmErrorDetails, PartialOutput, ToolCall, Usage } from "./error.ts";
export type {
  ApprovalPart,
  AssistantMessage,
  AssistantPart,
  FilePart,
  FinishReason,
  Message,
  ProviderMetadata,
  ReasoningPart,
  SourcePart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from "./message/types.ts";
export type {
  CallOptions,
  ChatEvent,
  ChatResult,
  Choice,
  KnownModels,
  ModelId,
  PendingApproval,
  ProviderOptions,
  ReasoningEffort,
  ReasoningSettings,
  Step,
  TokenLogprob,
  ToolResult,
  Warning,
} from "./model/chat.ts";
export type { CallKind, CallMetrics } from "./model/metrics.ts";
export type {
  EmbeddingInput,
  EmbeddingSettings,
  EmbedManyResult,
  EmbedModelId,
  EmbedOptions,
  EmbedResult,
  KnownEmbedModels,
} from "./model/embed.ts";
export type { ApiKey, Budget, Limits, LimitStore, Spending, WeightedKey } from "./model/limits.ts";
export type { MediaSettings } from "./model/media.ts";
export type { Explanation } from "./model/explanation.ts";
export type { FallbackSettings, ReasoningTag, RetrySettings, Timeouts, UnsupportedPolicy } from "./model/policy.ts";
export type {
  ApprovalRule,
  Decision,
  FunctionTool,
  JsonSchema,
  Output,
  OutputMode,
  ProviderTool,
  Schema,
  Tool,
  ToolChoice,
  ToolDefinition,
  ToolLike,
  ToolRun,
} from "./model/tool.ts";
export { tool, requireApproval } from "./tools/tool.ts";
export { responseCache } from "./pipeline/cache.ts";
export type { CacheStore, ResponseCacheOptions } from "./pipeline/cache.ts";
export type { Middleware, MiddlewareAnswer, MiddlewareCall, MiddlewareChange } from "./pipeline/middleware.ts";
export type { ChatStream } from "./stream/chat-stream.ts";
export type { LLM } from "./context/client.ts";
export { runTools, type RunToolsOptions } from "./context/run-tools.ts";
export { createContext } from "./context/context.ts";
export type { Context, ContextOptions, ProviderLike } from "./context/context.ts";
export type { KeyRotation } from "./context/registry.ts";
export type { ProfileInput, ProfileSettings } from "./context/settings.ts";
