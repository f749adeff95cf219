import type Anthropic from "@anthropic-ai/sdk";
import { defineChat, defineProvider, once, type ChatWire, type Connection, type Provider } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import { DEFAULT_MODEL, FAMILIES, WIRE } from "./models.ts";
import type { AnthropicSettings } from "./options.ts";
import { KEY_HEADER, SAMPLING_FIELDS, SAMPLING_VERSION, TOOL_CALL_IDS, VERSION } from "./quirks.ts";
import type { MessagesRequest } from "./request.ts";

/** Anthropic's Claude models, over the Messages API. The SDK is loaded by the first call. */
export function anthropic(settings: AnthropicSettings = {}): Provider {
  const { baseURL = "https://api.anthropic.com" } = settings;
  return defineProvider({ id: "anthropic", baseURL, families: FAMILIES, defaultModel: DEFAULT_MODEL, chat, connect, errorFacts });
}

const chat: ChatWire = {
  capabilities: WIRE,
  toolCallIds: TOOL_CALL_IDS,
  load: once(async () => {
    const [{ toRequest }, { fromResponse, fromStream }] = await Promise.all([import("./request.ts"), import("./response.ts")]);
    return defineChat({ untouched: true, toRequest, send, framing: "sse", fromResponse, fromStream });
  }),
};

/** By `post` and not by `messages.create`, which prints warnings about older models to the console. */
function send(client: Anthropic, { betas, ...body }: MessagesRequest): Promise<Response> {
  const samples = SAMPLING_FIELDS.some((field) => body[field] !== undefined);
  const version = samples ? { "anthropic-version": SAMPLING_VERSION } : {};
  const headers = betas.length > 0 ? { ...version, "anthropic-beta": betas.join(",") } : version;
  return client.post("/v1/messages", { body, headers }).asResponse();
}

const loadSdk = once(() => import("@anthropic-ai/sdk"));

async function connect({ apiKey = "", baseURL, headers, fetch }: Connection): Promise<Anthropic> {
  const { default: SDK } = await loadSdk();
  const key = new Headers(headers).has("authorization") ? {} : { authorization: null, [KEY_HEADER]: apiKey };
  const defaultHeaders = { "anthropic-version": VERSION, ...key, ...headers };
  const client = new SDK({
    // An explicit key, even an empty one, keeps the SDK from looking for credentials in the environment and on disk.
    apiKey,
    webhookKey: null,
    // Others' SDKs want the version in the base URL; this one adds it.
    baseURL: baseURL.replace(/\/v1$/, ""),
    fetch,
    maxRetries: 0,
    timeout: 2 ** 31 - 1,
    logLevel: "off",
    openTelemetry: { traces: false, propagation: false },
    defaultHeaders,
  });
  // The SDK adds the headers of ANTHROPIC_CUSTOM_HEADERS and has no option against it.
  Object.assign(Reflect.get(client, "_options"), { defaultHeaders });
  return client;
}
