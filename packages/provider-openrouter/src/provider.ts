import { defineProvider, once, type ChatWire, type Provider } from "@plurivox/core/provider";
import { defineOpenAiProvider } from "@plurivox/provider-openai-compatible";
import { errorFacts } from "./errors.ts";
import { EMBED_FAMILIES, FAMILIES } from "./models.ts";
import type { OpenRouterSettings } from "./options.ts";
import { ATTRIBUTION, CHAT_OPTIONS, COMPAT, EMBED } from "./quirks.ts";
import { readExtras } from "./response.ts";

/** OpenRouter, one way to the models of many vendors. Reads OPENROUTER_API_KEY, OPENROUTER_BASE_URL, OPENROUTER_MODEL and OPENROUTER_EMBED_MODEL. */
export function openrouter(settings: OpenRouterSettings = {}): Provider {
  const { api, baseURL = "https://openrouter.ai/api/v1", appName, appUrl } = settings;
  const attribution = {
    ...(appName !== undefined && { [ATTRIBUTION.name]: appName }),
    ...(appUrl !== undefined && { [ATTRIBUTION.url]: appUrl }),
  };
  const provider = defineOpenAiProvider({
    id: "openrouter",
    baseURL,
    families: FAMILIES,
    compat: COMPAT,
    embed: { ...EMBED, families: EMBED_FAMILIES },
    chatOptions: CHAT_OPTIONS,
    readExtras: () => readExtras,
    errorFacts,
    adapt: (wire, name) => (name === "chat" ? withOwnRequest(wire) : wire),
    ...(api !== undefined && { api }),
  });
  return defineProvider({ ...provider, connect: (to) => provider.connect({ ...to, headers: { ...attribution, ...to.headers } }) });
}

function withOwnRequest(wire: ChatWire): ChatWire {
  return {
    ...wire,
    madeFiles: "any",
    load: once(async () => {
      const [adapter, { withOwn }] = await Promise.all([wire.load(), import("./request.ts")]);
      return { ...adapter, toRequest: (call) => withOwn(adapter.toRequest(call) as Record<string, unknown>, call) };
    }),
  };
}
