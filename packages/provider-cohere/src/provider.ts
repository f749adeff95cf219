import type { CohereClientV2 } from "cohere-ai";
import { defineChat, defineProvider, once, type ChatWire, type Connection, type EmbedWire, type Provider } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import { DEFAULT_MODEL, EMBED_WIRE, FAMILIES, WIRE } from "./models.ts";
import type { CohereSettings } from "./options.ts";
import { NOT_WITH_TOOLS, RESULT_FILES, VERSION_SUFFIX } from "./quirks.ts";

/** Cohere's Command and North models, over version 2 of Chat, and its Embed models. The SDK is loaded by the first call. */
export function cohere(settings: CohereSettings = {}): Provider {
  const { baseURL = "https://api.cohere.com" } = settings;
  const env = { apiKey: ["CO_API_KEY"] };
  return defineProvider({ id: "cohere", baseURL, env, families: FAMILIES, defaultModel: DEFAULT_MODEL, chat, embed, connect, errorFacts });
}

const chat: ChatWire = {
  capabilities: WIRE,
  notWithTools: NOT_WITH_TOOLS,
  resultFiles: RESULT_FILES,
  load: once(async () => {
    const [{ strictness, toRequest }, { fromResponse, fromStream }] = await Promise.all([import("./request.ts"), import("./response.ts")]);
    return defineChat({ untouched: true, strictness, toRequest, send: sendChat, framing: "sse", fromResponse, fromStream });
  }),
};

const sendChat = (client: CohereClientV2, body: object, { stream }: { stream: boolean }) => send(client, "v2/chat", body, stream);

const embed: EmbedWire = {
  ...EMBED_WIRE,
  load: once(async () =>
    (await import("./embed.ts")).toEmbedAdapter((client: CohereClientV2, body) => send(client, "v2/embed", body, false)),
  ),
};

/**
 * By the SDK's own `fetch`: its `chat` and `embed` refuse a body in the wire's words, and leave a timer behind each call that fails, which keeps the process alive
 * until it fires.
 */
async function send(client: CohereClientV2, path: string, body: object, stream: boolean): Promise<Response> {
  const headers = { "content-type": "application/json", accept: stream ? "text/event-stream" : "application/json" };
  const response = await client.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`The vendor answered ${response.status}.`);
  return response;
}

const loadSdk = once(() => import("cohere-ai"));

async function connect({ apiKey = "", baseURL, headers, fetch }: Connection): Promise<CohereClientV2> {
  const { CohereClientV2: Client } = await loadSdk();
  return new Client({
    // Empty, it sends no header of its own; absent, it would be read from the environment.
    token: new Headers(headers).has("authorization") ? "" : apiKey,
    baseUrl: baseURL.replace(VERSION_SUFFIX, ""),
    headers,
    fetch,
    maxRetries: 0,
    logging: { silent: true },
  });
}
