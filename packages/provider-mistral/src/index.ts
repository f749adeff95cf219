export type { MistralModel } from "./models.ts";
export type { MistralOptions, MistralSettings } from "./options.ts";
export { mistral } from "./provider.ts";
