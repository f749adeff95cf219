export { cohere } from "./provider.ts";
export type { CohereModel } from "./models.ts";
export type { CohereDocument, CohereOptions, CohereSettings } from "./options.ts";
