import type { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
import type { AzureEmbedModel, AzureModel } from "./models.ts";

/** `providerOptions.azure`: what Azure has beside the common options. Anything else goes through `extraBody`. */
export type AzureOptions = OpenAiWireOptions & {
  /** Chat only, "on your data": where the answer comes from, one at most. What it cites is in `result.sources`, in the order of its [doc1], [doc2] … */
  dataSources?: AzureDataSource[];
  /** Chat only: who is behind the call, for Microsoft Defender. */
  userSecurityContext?: { applicationName?: string; endUserId?: string; endUserTenantId?: string; sourceIp?: string };
};

/** https://learn.microsoft.com/azure/ai-services/openai/references/on-your-data. The names inside are Azure's in camelCase. */
export interface AzureDataSource {
  type: "azure_search" | "azure_cosmos_db" | "elasticsearch" | "mongo_db" | "pinecone" | (string & {});
  parameters: Record<string, unknown>;
}

/** Settings of `azure`, all optional. */
export interface AzureSettings {
  /** The wire of profiles that name none. Default "responses". */
  api?: OpenAiApi;
  /**
   * Where the resource lives, as its page shows it: "https://name.openai.azure.com", "https://name.services.ai.azure.com", with a path or without, or the
   * whole target URI of a deployment. Default: AZURE_BASE_URL or AZURE_OPENAI_ENDPOINT.
   */
  baseURL?: string;
  /** One of Azure's dated APIs, such as "2024-10-21", for profiles that name none. Default: the v1 API, which has no dates. */
  apiVersion?: string;
  /**
   * Gives a Microsoft Entra token, such as `getBearerTokenProvider` of @azure/identity makes; asked at each attempt. A profile's own `apiKey` goes before it
   * and is then taken for a token too.
   */
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

/** Where the options that only Azure has go in the body. */
export const CHAT_OPTIONS: Readonly<Record<keyof AzureOptions & ("dataSources" | "userSecurityContext"), string>> = {
  dataSources: "data_sources",
  userSecurityContext: "user_security_context",
};
