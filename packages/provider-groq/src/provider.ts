import { defineChat, defineProvider, once, type ChatWire, type Connection, type EmbedWire, type Provider } from "@plurivox/core/provider";
import type Groq from "groq-sdk";
import { errorFacts } from "./errors.ts";
import { DEFAULT_MODEL, EMBED_WIRE, FAMILIES, WIRE } from "./models.ts";
import type { GroqSettings } from "./options.ts";
import { NOT_WITH_TOOLS, SDK_PATH } from "./quirks.ts";
import type { GroqRequest } from "./request.ts";
import type { Completion } from "./response.ts";

/** Models on Groq, over its chat completions. Reads GROQ_API_KEY, GROQ_BASE_URL, GROQ_MODEL and GROQ_EMBED_MODEL. The SDK is loaded by the first call. */
export function groq({ baseURL = "https://api.groq.com" }: GroqSettings = {}): Provider {
  return defineProvider({ id: "groq", baseURL, families: FAMILIES, defaultModel: DEFAULT_MODEL, chat, embed, connect, errorFacts });
}

const chat: ChatWire = {
  capabilities: WIRE,
  notWithTools: NOT_WITH_TOOLS,
  load: once(async () => {
    const [{ toRequest }, { fromResponse, fromStream }] = await Promise.all([import("./request.ts"), import("./response.ts")]);
    return defineChat<Groq, GroqRequest, Completion, Completion>({
      untouched: true,
      toRequest,
      send: (client, body) => client.chat.completions.create(body).asResponse(),
      framing: "sse",
      fromResponse,
      fromStream,
    });
  }),
};

const embed: EmbedWire = {
  ...EMBED_WIRE,
  load: once(async () => (await import("./embed.ts")).toEmbedAdapter((client: Groq, body) => client.embeddings.create(body).asResponse())),
};

const loadSdk = once(() => import("groq-sdk"));

async function connect({ apiKey = "", baseURL, headers, fetch }: Connection): Promise<Groq> {
  const { default: SDK } = await loadSdk();
  const client = new SDK({
    apiKey,
    baseURL: baseURL.replace(SDK_PATH, ""),
    fetch,
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    logLevel: "off",
    dangerouslyAllowBrowser: true,
  });
  // The SDK adds the headers of GROQ_CUSTOM_HEADERS and has no option against it.
  Object.assign(Reflect.get(client, "_options"), { defaultHeaders: headers });
  return client;
}
