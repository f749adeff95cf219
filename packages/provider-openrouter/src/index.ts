export { openrouter } from "./provider.ts";
export type { OpenRouterEmbedModel, OpenRouterModel } from "./models.ts";
export type { OpenRouterOptions, OpenRouterRouting, OpenRouterSettings } from "./options.ts";
