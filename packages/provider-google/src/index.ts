export { google } from "./provider.ts";
export type { GoogleEmbedModel, GoogleModel } from "./models.ts";
export type { GoogleOptions, GoogleSettings } from "./options.ts";
