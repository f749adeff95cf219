import { defineProvider, once, type ChatWire, type Provider } from "@plurivox/core/provider";
import { defineOpenAiProvider, type OpenAiApi } from "@plurivox/provider-openai-compatible";
import { EMBED_FAMILIES, FAMILIES } from "./models.ts";
import { lmstudioModels } from "./models-api.ts";
import type { LmStudioSettings } from "./options.ts";
import { BASE_URL, CHAT_LACKS, CHAT_OPTIONS, RESPONSES_LACKS } from "./quirks.ts";
import { readExtras } from "./response.ts";

/** LM Studio, on this machine or another. Reads LMSTUDIO_API_KEY or LM_API_TOKEN, which only a server with authentication wants, LMSTUDIO_BASE_URL, LMSTUDIO_MODEL and LMSTUDIO_EMBED_MODEL. */
export function lmstudio({ api, baseURL = BASE_URL }: LmStudioSettings = {}): Provider {
  const provider = defineOpenAiProvider({
    id: "lmstudio",
    baseURL,
    auth: "optional",
    env: { apiKey: ["LM_API_TOKEN"] },
    compat: { reasoningTags: "usual" },
    embed: { families: EMBED_FAMILIES },
    families: FAMILIES,
    chatOptions: CHAT_OPTIONS,
    readExtras: () => readExtras,
    adapt,
    ...(api !== undefined && { api }),
  });
  return defineProvider({
    ...provider,
    connect: async (to) => ({ ...((await provider.connect(to)) as object), models: lmstudioModels(to) }),
  });
}

function adapt(wire: ChatWire, api: OpenAiApi): ChatWire {
  return {
    ...wire,
    capabilities: { ...wire.capabilities, ...(api === "chat" ? CHAT_LACKS : RESPONSES_LACKS) },
    load: once(async () => {
      const [adapter, { withOwn }] = await Promise.all([wire.load(), import("./request.ts")]);
      return withOwn(adapter);
    }),
  };
}
