export { openrouter } from "./provider.ts";
export type { OpenRouterModel } from "./models.ts";
export type { OpenRouterOptions, OpenRouterRouting, OpenRouterSettings } from "./options.ts";
