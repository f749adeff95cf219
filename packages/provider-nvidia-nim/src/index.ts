export { nvidiaNim } from "./provider.ts";
export type { NvidiaNimEmbedModel, NvidiaNimModel } from "./models.ts";
export type { NvidiaNimOptions, NvidiaNimSettings } from "./options.ts";
