export type { MistralEmbedModel, MistralModel } from "./models.ts";
export type { MistralOptions, MistralSettings } from "./options.ts";
export { mistral } from "./provider.ts";
