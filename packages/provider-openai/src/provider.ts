import type { Provider } from "@plurivox/core/provider";
import { defineOpenAiProvider } from "@plurivox/provider-openai-compatible";
import { DEFAULT_EMBED_MODEL, DEFAULT_MODEL, EMBED_FAMILIES, FAMILIES } from "./models.ts";
import type { OpenAiSettings } from "./options.ts";
import { COMPAT, EMBED } from "./quirks.ts";

/** OpenAI. Reads OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL and OPENAI_EMBED_MODEL. */
export function openai({ api = "responses", baseURL = "https://api.openai.com/v1" }: OpenAiSettings = {}): Provider {
  return defineOpenAiProvider({
    id: "openai",
    baseURL,
    api,
    auth: "required",
    families: FAMILIES,
    defaultModel: DEFAULT_MODEL,
    compat: COMPAT,
    embed: { ...EMBED, families: EMBED_FAMILIES, defaultModel: DEFAULT_EMBED_MODEL },
  });
}
