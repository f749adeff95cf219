/** All that a provider package may import of core. */
export { keyVariables } from "./context/env.ts";
export { LlmError, isLlmError } from "./error.ts";
export type { ErrorKind, ToolCall, Usage } from "./error.ts";
export { toMediaSource } from "./media/source.ts";
export type { MediaSource } from "./media/source.ts";
export type {
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
  CallFunction,
  CallOutput,
  ChatCall,
  KnownModels,
  ProviderOptions,
  ReasoningEffort,
  ReasoningSettings,
  TokenLogprob,
} from "./model/chat.ts";
export type { EmbedCall, KnownEmbedModels } from "./model/embed.ts";
export type { JsonSchema, ProviderTool, ToolChoice } from "./model/tool.ts";
export { findFamily, onWire } from "./provider/capabilities.ts";
export type { Capabilities, Feature, MediaKind, ModelFamily, ModelTraits, ResultFiles } from "./provider/capabilities.ts";
export type { ChatAdapter, ChatDelta, ChatWire, Connection, ErrorFacts, Provider } from "./provider/contract.ts";
export type { SchemaLimits, SchemaRules, Strictness } from "./provider/rules.ts";
export type {
  EmbedAdapter,
  EmbedAnswer,
  EmbedCapabilities,
  EmbedFamily,
  EmbedFeature,
  EmbedList,
  EmbedVector,
  EmbedWire,
} from "./provider/embed.ts";
export type { CallForm, HistoryRules, ToolCallIdRule } from "./provider/history-rules.ts";
export { fromEmbedList, inputUsage, toInputType } from "./provider/embed.ts";
export { defineChat, defineEmbed, defineProvider, once } from "./provider/define.ts";
export { addUsage, countUsage, fromUsage, sumOf } from "./provider/usage.ts";
export type { Counts, WireUsage } from "./provider/usage.ts";
export { toFinishReason } from "./stream/finish.ts";
export { loadRequestTools } from "./stream/requests.ts";
export type { RequestTools } from "./stream/requests.ts";
