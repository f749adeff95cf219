export { ollamaModels } from "./models-api.ts";
export type { OllamaModelInfo, OllamaModels, OllamaModelsSettings, OllamaModelSummary, OllamaPullProgress } from "./models-api.ts";
export type { OllamaEmbedModel, OllamaModel } from "./models.ts";
export type { OllamaOptions, OllamaSettings } from "./options.ts";
export { ollama } from "./provider.ts";
