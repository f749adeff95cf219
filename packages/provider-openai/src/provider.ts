import type { Provider } from "@plurivox/core/provider";
import { defineOpenAiProvider } from "@plurivox/provider-openai-compatible";
import { DEFAULT_MODEL, FAMILIES } from "./models.ts";
import type { OpenAiSettings } from "./options.ts";
import { COMPAT } from "./quirks.ts";

/** OpenAI. Reads OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL. */
export function openai({ api = "responses", baseURL = "https://api.openai.com/v1" }: OpenAiSettings = {}): Provider {
  return defineOpenAiProvider({
    id: "openai",
    baseURL,
    api,
    auth: "required",
    families: FAMILIES,
    defaultModel: DEFAULT_MODEL,
    compat: COMPAT,
  });
}
