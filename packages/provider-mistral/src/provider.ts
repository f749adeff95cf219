import type { MistralCore } from "@mistralai/mistralai/core.js";
import type { HTTPClient } from "@mistralai/mistralai/lib/http.js";
import { defineChat, defineProvider, once, type ChatWire, type Connection, type EmbedWire, type Provider } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import { DEFAULT_MODEL, EMBED_WIRE, FAMILIES, WIRE } from "./models.ts";
import type { MistralSettings } from "./options.ts";
import { RESULT_FILES, TOOL_CALL_IDS } from "./quirks.ts";

/** Mistral's models, over chat completions. A last message of the assistant's is the beginning of the answer. The SDK is loaded by the first call. */
export function mistral(settings: MistralSettings = {}): Provider {
  const { baseURL = "https://api.mistral.ai" } = settings;
  return defineProvider({ id: "mistral", baseURL, families: FAMILIES, defaultModel: DEFAULT_MODEL, chat, embed, connect, errorFacts });
}

const chat: ChatWire = {
  capabilities: WIRE,
  toolCallIds: TOOL_CALL_IDS,
  resultFiles: RESULT_FILES,
  load: once(async () => {
    const [{ strictness, toRequest }, { fromResponse, fromStream }] = await Promise.all([import("./request.ts"), import("./response.ts")]);
    return defineChat({ untouched: true, strictness, toRequest, send: sendChat, framing: "sse", fromResponse, fromStream });
  }),
};

const sendChat = (client: Client, body: object, { stream }: { stream: boolean }) => send(client, "v1/chat/completions", body, stream);

const embed: EmbedWire = {
  ...EMBED_WIRE,
  load: once(async () => (await import("./embed.ts")).toEmbedAdapter((client: Client, body) => send(client, "v1/embeddings", body, false))),
};

interface Client {
  core: MistralCore;
  http: HTTPClient;
  headers: Record<string, string>;
}

/**
 * By the SDK's request builder and its HTTP client, and nothing of it in between: `chat.complete` checks requests and answers against schemas, which
 * costs more than all the rest and drops what they do not name, and its hooks and logger copy bodies, trace and print.
 */
async function send({ core, http, headers }: Client, path: string, body: object, stream: boolean): Promise<void> {
  const operation = { operationID: path, oAuth2Scopes: null, resolvedSecurity: null, retryConfig: { strategy: "none" as const } };
  // oxlint-disable-next-line no-underscore-dangle -- what the SDK's own standalone functions build their requests with
  const built = core._createRequest(
    { ...operation, baseURL: "", options: {} },
    {
      method: "POST",
      path,
      headers: { "content-type": "application/json", accept: stream ? "text/event-stream" : "application/json" },
      body: JSON.stringify(body),
    },
  );
  if (!built.ok) throw built.error;
  const request = built.value;
  // The SDK sends an empty one.
  request.headers.delete("cookie");
  for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
  const response = await http.request(request);
  if (!response.ok) throw new Error(`The vendor answered ${response.status}.`);
}

const loadSdk = once(() => Promise.all([import("@mistralai/mistralai/core.js"), import("@mistralai/mistralai/lib/http.js")]));

async function connect({ apiKey = "", baseURL, headers, fetch }: Connection): Promise<Client> {
  const [{ MistralCore }, { HTTPClient }] = await loadSdk();
  const http = new HTTPClient({ fetcher: fetch });
  // Others' SDKs want the version in the base URL; here it is in the path.
  const serverURL = baseURL.replace(/\/v1$/, "");
  return {
    core: new MistralCore({ apiKey, serverURL, httpClient: http }),
    http,
    headers: { authorization: `Bearer ${apiKey}`, ...headers },
  };
}
