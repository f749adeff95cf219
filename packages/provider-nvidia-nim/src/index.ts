export { nvidiaNim } from "./provider.ts";
export type { NvidiaNimModel } from "./models.ts";
export type { NvidiaNimOptions, NvidiaNimSettings } from "./options.ts";
