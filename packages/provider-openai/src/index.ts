export { openai } from "./provider.ts";
export type { OpenAiEmbedModel, OpenAiModel } from "./models.ts";
export type { OpenAiOptions, OpenAiSettings } from "./options.ts";
