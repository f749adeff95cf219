import { defineProvider, keyVariables, LlmError, once, type ChatWire, type Connection, type Provider } from "@plurivox/core/provider";
import { defineOpenAiProvider } from "@plurivox/provider-openai-compatible";
import { errorFacts } from "./errors.ts";
import { DEFAULT_MODEL, EMBED_FAMILIES, FAMILIES } from "./models.ts";
import type { NvidiaNimSettings } from "./options.ts";
import { CHAT_OPTIONS, EMBED, STREAM_USAGE } from "./quirks.ts";

const HOSTED = "https://integrate.api.nvidia.com/v1";

/**
 * NVIDIA NIM: NVIDIA's own endpoints, and with a `baseURL` of your own the containers that you run, which want no key.
 * Reads NVIDIA_NIM_API_KEY or NVIDIA_API_KEY, NVIDIA_NIM_BASE_URL, NVIDIA_NIM_MODEL and NVIDIA_NIM_EMBED_MODEL.
 */
export function nvidiaNim(settings: NvidiaNimSettings = {}): Provider {
  const { api, baseURL = HOSTED, streamUsage = STREAM_USAGE } = settings;
  const provider = defineOpenAiProvider({
    id: "nvidia-nim",
    baseURL,
    auth: "optional",
    env: { apiKey: ["NVIDIA_API_KEY"] },
    families: FAMILIES,
    claimsModels: false,
    defaultModel: DEFAULT_MODEL,
    compat: { streamUsage, reasoningTags: "usual" },
    chatOptions: CHAT_OPTIONS,
    embed: { ...EMBED, families: EMBED_FAMILIES },
    errorFacts,
    adapt: (wire, name) => (name === "chat" ? withOwnRequest(wire) : wire),
    ...(api !== undefined && { api }),
  });
  return defineProvider({
    ...provider,
    connect(to) {
      requireKey(to, provider);
      return provider.connect(to);
    },
  });
}

/** Whether a key is needed depends on the place, which is known no earlier. */
function requireKey({ apiKey, baseURL, headers }: Connection, provider: Provider): void {
  if (apiKey !== undefined || baseURL !== HOSTED || new Headers(headers).has("authorization")) return;
  throw new LlmError("configuration", "NVIDIA's own endpoints want an API key.", {
    hint: `Set ${keyVariables(provider).join(" or ")}, or apiKey in the profile; for a NIM that you run, set baseURL.`,
  });
}

function withOwnRequest(wire: ChatWire): ChatWire {
  const { reasoningBudget: _, ...capabilities } = wire.capabilities ?? {};
  return {
    ...wire,
    capabilities,
    load: once(async () => {
      const [adapter, { withReasoning }] = await Promise.all([wire.load(), import("./request.ts")]);
      return { ...adapter, toRequest: (call) => withReasoning(adapter.toRequest(call) as Record<string, unknown>, call) };
    }),
  };
}
