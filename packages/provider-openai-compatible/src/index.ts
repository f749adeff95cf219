export type { Compat, ReadExtras, ReasoningRequest } from "./compat.ts";
export type { EmbedCompat } from "./embed.ts";
export { errorFacts } from "./errors.ts";
export type { OpenAiWireOptions } from "./options.ts";
export type { PresetName } from "./presets.ts";
export { defineOpenAiProvider, openaiCompatible } from "./provider.ts";
export type { OpenAiApi, OpenAiCompatibleSettings, OpenAiProviderSettings, Place } from "./provider.ts";
