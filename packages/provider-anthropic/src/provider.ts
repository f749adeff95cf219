import type Anthropic from "@anthropic-ai/sdk";
import { defineChat, defineProvider, once, type ChatWire, type Connection, type Provider } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import { DEFAULT_MODEL, FAMILIES, turnNeedsReasoning, WIRE } from "./models.ts";
import type { AnthropicSettings } from "./options.ts";
import { HISTORY, KEY_HEADER, RESULT_FILES, SAMPLING_FIELDS, SAMPLING_VERSION, VERSION } from "./quirks.ts";
import type { MessagesRequest } from "./request.ts";

/** Anthropic's Claude models, over the Messages API. The SDK is loaded by the first call. */
export function anthropic(settings: AnthropicSettings = {}): Provider {
  const { baseURL = "https://api.anthropic.com" } = settings;
  return defineProvider({ id: "anthropic", baseURL, families: FAMILIES, defaultModel: DEFAULT_MODEL, chat, connect, errorFacts });
}

const chat: ChatWire = {
  capabilities: WIRE,
  ...HISTORY,
  turnNeedsReasoning,
  resultFiles: RESULT_FILES,
  load: once(async () => {
    const [{ strictness, toRequest }, { fromResponse, fromStream }] = await Promise.all([import("./request.ts"), import("./response.ts")]);
    return defineChat({ untouched: true, strictness, toRequest, send, framing: "sse", fromResponse, fromStream });
  }),
};

/** A client, and one attempt's way through it: its fetch, and the headers that say as whom. */
interface Line {
  client: Anthropic;
  fetch: Connection["fetch"];
  headers: Headers;
}

/** By `post` and not by `messages.create`, which prints warnings about older models to the console. */
function send({ client, fetch, headers }: Line, { betas, ...body }: MessagesRequest): Promise<Response> {
  if (SAMPLING_FIELDS.some((field) => body[field] !== undefined)) headers.set("anthropic-version", SAMPLING_VERSION);
  if (betas.length > 0) headers.set("anthropic-beta", betas.join(","));
  return client.post("/v1/messages", { body, headers, fetchOptions: { attempt: fetch } as object }).asResponse();
}

const loadSdk = once(() => import("@anthropic-ai/sdk"));

/** The client of the place that was called last. Making one costs more than a request, and it holds nothing of any attempt, no key either. */
let last: { baseURL: string; client: Anthropic } | undefined;

async function connect({ apiKey = "", baseURL, headers: given, fetch }: Connection): Promise<Line> {
  const { default: SDK } = await loadSdk();
  if (last?.baseURL !== baseURL) last = { baseURL, client: newClient(SDK, baseURL) };
  const headers = new Headers(given);
  if (!headers.has("authorization") && !headers.has(KEY_HEADER)) headers.set(KEY_HEADER, apiKey);
  return { client: last.client, fetch, headers };
}

type Routed = RequestInit & { attempt: Connection["fetch"] };

function newClient(SDK: typeof Anthropic, baseURL: string): Anthropic {
  const defaultHeaders = { "anthropic-version": VERSION, authorization: null };
  const client = new SDK({
    // An explicit key keeps the SDK from looking for credentials in the environment and on disk.
    apiKey: "",
    webhookKey: null,
    // Others' SDKs want the version in the base URL; this one adds it.
    baseURL: baseURL.replace(/\/v1$/, ""),
    fetch: (url, init) => {
      const { attempt, ...request } = init as Routed;
      return attempt(url, request);
    },
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
