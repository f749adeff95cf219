export type { Compat, ReasoningRequest } from "./compat.ts";
export type { OpenAiWireOptions } from "./options.ts";
export { defineOpenAiProvider, openaiCompatible } from "./provider.ts";
export type { OpenAiApi, OpenAiCompatibleSettings, OpenAiProviderSettings } from "./provider.ts";
