export type { LmStudioEmbedModel, LmStudioModel } from "./models.ts";
export { lmstudioModels } from "./models-api.ts";
export type { LmStudioInstance, LmStudioLoadOptions, LmStudioModelInfo, LmStudioModels, LmStudioModelsSettings } from "./models-api.ts";
export type { LmStudioOptions, LmStudioSettings } from "./options.ts";
export { lmstudio } from "./provider.ts";
