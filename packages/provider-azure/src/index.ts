export { azure } from "./provider.ts";
export type { AzureEmbedModel, AzureModel } from "./models.ts";
export type { AzureDataSource, AzureOptions, AzureSettings } from "./options.ts";
