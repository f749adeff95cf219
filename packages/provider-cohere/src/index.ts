export { cohere } from "./provider.ts";
export type { CohereEmbedModel, CohereModel } from "./models.ts";
export type { CohereDocument, CohereOptions, CohereSettings } from "./options.ts";
