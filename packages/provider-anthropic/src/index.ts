export { anthropic } from "./provider.ts";
export type { AnthropicModel } from "./models.ts";
export type { AnthropicOptions, AnthropicSettings } from "./options.ts";
