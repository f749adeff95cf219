import { Provider } from "@plurivox/core/provider";
import { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
type AzureModel =
  | "gpt-6.1-sol"
  | "gpt-6-luna"
  | "gpt-5.6-luna"
  | "gpt-5.5"
  | "gpt-5.4"
  | "gpt-5.4-mini"
  | "gpt-5.2"
  | "gpt-5.1"
  | "gpt-5.1-codex-mini"
  | "gpt-5"
  | "gpt-5-mini"
  | "gpt-5-nano"
  | "gpt-4.1"
  | "gpt-4.1-mini"
  | "gpt-4.1-nano"
  | "gpt-4o"
  | "gpt-4o-mini"
  | "o3-mini"
  | "o4-mini"
  | "codex-mini"
  | "grok-4-1-fast-non-reasoning";
type AzureEmbedModel =
  | "text-embedding-3-small"
  | "text-embedding-3-large"
  | "text-embedding-ada-002"
  | "Cohere-embed-v3-english"
  | "embed-v-4-0";
type AzureOptions = OpenAiWireOptions & {
  dataSources?: AzureDataSource[];
  userSecurityContext?: {
    applicationName?: string;
    endUserId?: string;
    endUserTenantId?: string;
    sourceIp?: string;
  };
};
interface AzureDataSource {
  type: "azure_search" | "azure_cosmos_db" | "elasticsearch" | "mongo_db" | "pinecone" | (string & {});
  parameters: Record<string, unknown>;
}
interface AzureSettings {
  api?: OpenAiApi;
  baseURL?: string;
  apiVersion?: string;
  token?(): string | Promise<string>;
}
declare module "@plurivox/core" {
  interface KnownModels {
    azure: AzureModel;
  }
  interface KnownEmbedModels {
    azure: AzureEmbedModel;
  }
  interface ProviderOptions {
    azure?: AzureOptions;
  }
}
declare function azure({ api, baseURL, apiVersion, token }?: AzureSettings): Provider;
export { type AzureDataSource, type AzureEmbedModel, type AzureModel, type AzureOptions, type AzureSettings, azure };
