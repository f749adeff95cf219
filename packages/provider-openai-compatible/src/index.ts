export type { Compat, ReasoningRequest, ToolCallIdRule } from "./compat.ts";
export type { OpenAiWireOptions } from "./options.ts";
export { defineOpenAiProvider, openaiCompatible } from "./provider.ts";
export type { OpenAiApi, OpenAiCompatibleSettings, OpenAiProviderSettings } from "./provider.ts";
