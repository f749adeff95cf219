export { groq } from "./provider.ts";
export type { GroqEmbedModel, GroqModel } from "./models.ts";
export type { GroqDocument, GroqOptions, GroqSettings } from "./options.ts";
