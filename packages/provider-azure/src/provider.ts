import { once, type Provider } from "@plurivox/core/provider";
import { defineOpenAiProvider } from "@plurivox/provider-openai-compatible";
import { azureErrorFacts } from "./errors.ts";
import { EMBED_FAMILIES, FAMILIES } from "./models.ts";
import { CHAT_OPTIONS, type AzureSettings } from "./options.ts";
import { COMPAT, EMBED } from "./quirks.ts";
import { azureExtras } from "./response.ts";

/**
 * Models on Azure: Azure OpenAI and Microsoft Foundry. A profile's `model` is sent as the deployment's name, or says what `azureDeployment` holds. Keys go
 * into the header `api-key`; an Entra token, from `token` or as a profile's `apiKey`, is sent as a bearer. Reads AZURE_API_KEY, AZURE_OPENAI_API_KEY,
 * AZURE_BASE_URL, AZURE_OPENAI_ENDPOINT, AZURE_MODEL, AZURE_EMBED_MODEL, and AZURE_API_VERSION, AZURE_OPENAI_API_VERSION, OPENAI_API_VERSION.
 */
export function azure({ api = "responses", baseURL, apiVersion, token }: AzureSettings = {}): Provider {
  return defineOpenAiProvider({
    id: "azure",
    ...(baseURL !== undefined && { baseURL }),
    ...(token !== undefined && { apiKey: token }),
    api,
    auth: "required",
    env: {
      apiKey: ["AZURE_OPENAI_API_KEY"],
      baseURL: ["AZURE_OPENAI_ENDPOINT"],
      apiVersion: ["AZURE_API_VERSION", "AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"],
    },
    families: FAMILIES,
    claimsModels: false,
    compat: COMPAT,
    chatOptions: CHAT_OPTIONS,
    readExtras: azureExtras,
    errorFacts: azureErrorFacts,
    embed: { ...EMBED, families: EMBED_FAMILIES },
    place: async (to) => (await loadPlaces()).toPlace({ ...to, apiVersion: to.apiVersion ?? apiVersion }, token !== undefined),
  });
}

const loadPlaces = once(() => import("./request.ts"));
