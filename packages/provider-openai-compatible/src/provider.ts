import { defineChat, defineProvider, once, type ChatWire, type Connection, type ModelFamily, type Provider } from "@plurivox/core/provider";
import type OpenAI from "openai";
import { chatCapabilities, toHost, type Compat } from "./compat.ts";
import { errorFacts } from "./errors.ts";
import type { ChatRequest } from "./request.ts";
import type { Completion } from "./response.ts";
import { CALL_ID, responsesCapabilities } from "./responses/quirks.ts";
import type { ResponsesRequest } from "./responses/request.ts";
import type { ResponseObject, ResponsesEvent } from "./responses/response.ts";

/** Which of OpenAI's two wires. */
export type OpenAiApi = "chat" | "responses";

/** All that a provider over OpenAI's wires is: settings. */
export interface OpenAiProviderSettings {
  /** The provider id; also the key of its `providerOptions` and `providerMetadata`. */
  id: string;
  /** Where the API lives, version included. Absent: a profile must say. */
  baseURL?: string;
  /** "optional": calls without a key are sent. Default "required". */
  auth?: Provider["auth"];
  /** Environment variables beside `<ID>_API_KEY`, `<ID>_BASE_URL` and `<ID>_MODEL`. */
  env?: Provider["env"];
  /** What the models can do, by id prefix. Default: nothing is known, so nothing is refused. */
  families?: readonly ModelFamily[];
  /** The model of a profile that names none. */
  defaultModel?: string;
  /** The wire of a profile that names none. Default "chat". */
  api?: OpenAiApi;
  /** How this host differs from others. */
  compat?: Compat;
}

/** A provider for a host that speaks OpenAI's wires. Throws `configuration` for a malformed id. */
export function defineOpenAiProvider({ id, families, compat, api = "chat", ...settings }: OpenAiProviderSettings): Provider {
  const host = toHost(id, families, compat);
  const chat: ChatWire = {
    capabilities: chatCapabilities(host.compat),
    toolCallIds: host.compat.toolCallIds,
    load: once(async () => {
      const [{ toChatRequest }, { fromChatReply, fromChatStream }] = await Promise.all([import("./request.ts"), import("./response.ts")]);
      return defineChat<Line, ChatRequest, Completion, Completion>({
        untouched: true,
        toRequest: (call) => toChatRequest(call, host),
        send: ({ client, via }, body) => client.chat.completions.create(body, via).asResponse(),
        framing: "sse",
        fromResponse: (reply) => fromChatReply(reply, host),
        fromStream: () => fromChatStream(host),
      });
    }),
  };
  const responses: ChatWire = {
    capabilities: responsesCapabilities(host.compat),
    toolCallIds: CALL_ID,
    load: once(async () => {
      const files = [import("./responses/request.ts"), import("./responses/response.ts")] as const;
      const [{ toResponsesRequest }, { fromResponsesReply, fromResponsesStream }] = await Promise.all(files);
      return defineChat<Line, ResponsesRequest, ResponseObject, ResponsesEvent>({
        untouched: true,
        toRequest: (call) => toResponsesRequest(call, host),
        send: ({ client, via }, body) => client.responses.create(body, via).asResponse(),
        framing: "sse",
        fromResponse: (reply) => fromResponsesReply(reply, id),
        fromStream: () => fromResponsesStream(id),
      });
    }),
  };
  const apis = { chat, responses };
  return defineProvider({ ...settings, id, families: host.families, chat: apis[api], apis, defaultApi: api, connect, errorFacts });
}

/** Settings of `openaiCompatible`, all optional. */
export type OpenAiCompatibleSettings = Partial<OpenAiProviderSettings>;

/**
 * Any service that speaks OpenAI's wires: `openaiCompatible({ id: "vllm", baseURL: "http://127.0.0.1:8000/v1" })`. A key is optional, the wire is chat
 * completions. Under its own id, "openai-compatible", it also reads OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL; under another only `<ID>_…`,
 * so that no other service gets OpenAI's key.
 */
export function openaiCompatible(settings: OpenAiCompatibleSettings = {}): Provider {
  const { id = "openai-compatible" } = settings;
  const env = { apiKey: ["OPENAI_API_KEY"], baseURL: ["OPENAI_BASE_URL"], model: ["OPENAI_MODEL"] };
  return defineOpenAiProvider({ auth: "optional", ...(id === "openai-compatible" && { env }), ...settings, id });
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const loadSdk = once(() => import("openai"));

/** A client, and what makes a request of it go through one attempt's fetch. */
interface Line {
  client: OpenAI;
  via: { fetchOptions: object };
}

type Routed = RequestInit & { attempt: Connection["fetch"]; own: Headers };

/** The client of the place that was called last. Making one costs more than a request, and it holds nothing of any attempt, no key either. */
let last: { baseURL: string; client: OpenAI } | undefined;

async function connect({ apiKey, baseURL, headers, fetch }: Connection): Promise<Line> {
  const { OpenAI: Client } = await loadSdk();
  if (last?.baseURL !== baseURL) last = { baseURL, client: newClient(Client, baseURL) };
  const own = new Headers({ accept: "application/json", ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) });
  for (const [name, value] of Object.entries(headers)) own.set(name, value);
  return { client: last.client, via: { fetchOptions: { attempt: fetch, own } } };
}

function newClient(Client: typeof OpenAI, baseURL: string): OpenAI {
  return new Client({
    // Without a key the SDK would look for one in the environment, or give up.
    apiKey: "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL,
    maxRetries: 0,
    timeout: LONGEST_TIMEOUT_MS,
    logLevel: "off",
    dangerouslyAllowBrowser: true,
    // The SDK adds the headers of OPENAI_CUSTOM_HEADERS and cannot be told not to, so of all that it made only the content type is sent.
    fetch: (url, init) => {
      const { attempt, own, ...request } = init as Routed;
      const contentType = new Headers(request.headers).get("content-type");
      if (contentType !== null) own.set("content-type", contentType);
      return attempt(url, { ...request, headers: own });
    },
  });
}
