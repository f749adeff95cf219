import { defineChat, defineProvider, once, type ChatWire, type Connection, type Provider } from "@plurivox/core/provider";
import type OpenAI from "openai";
import { chatCapabilities, RESPONSES_HISTORY, responsesCapabilities, toHost, type Compat, type Host, type ReadExtras } from "./compat.ts";
import type { EmbedCompat } from "./embed.ts";
import { errorFacts } from "./errors.ts";
import { embedLimits } from "./models.ts";
import { OWN_ENV, PRESETS, type Preset, type PresetName } from "./presets.ts";
import type { ChatRequest } from "./request.ts";
import type { Completion } from "./response.ts";
import type { ResponsesRequest } from "./responses/request.ts";
import type { ResponsesEvent } from "./responses/response.ts";
import type { ResponseObject } from "./responses/status.ts";

/** Which of OpenAI's two wires. */
export type OpenAiApi = "chat" | "responses";

/** All that a provider over OpenAI's wires is: settings. Without `families` nothing is known of the models, so nothing is refused. */
export interface OpenAiProviderSettings
  extends
    Pick<Provider, "id" | "baseURL" | "auth" | "env" | "apiKey" | "claimsModels" | "defaultModel">,
    Partial<Pick<Provider, "families" | "errorFacts">> {
  /** The wire of a profile that names none. Default "chat". */
  api?: OpenAiApi;
  /** How this host differs from others. */
  compat?: Compat;
  /** Where calls go and as whom. Default: OpenAI's paths below the base URL, and the key as a bearer token. */
  place?(to: Connection): Place | Promise<Place>;
  /** Options of the chat wire that only this host has, and where each goes in the body. */
  chatOptions?: Readonly<Record<string, string>>;
  /** Reads what only this host has in its answers. Asked for a fresh reader per answer. */
  readExtras?(): ReadExtras;
  /** How this host takes requests for embeddings. */
  embed?: EmbedCompat;
  /** For what no setting says: a wire with something of the host's own before or after its mappers. */
  adapt?(wire: ChatWire, api: OpenAiApi): ChatWire;
}

/** How a host is reached, where that is more than a path below the base URL. */
export interface Place {
  /** In the place of `authorization`. */
  headers: Record<string, string>;
  /** The URL that a call goes to, query included, and its body as it is taken there. */
  aim<Body extends { model?: unknown }>(api: OpenAiApi | "embeddings", body: Body): { url: string; body: Body };
}

/** A provider for a host that speaks OpenAI's wires. Throws `configuration` for a malformed id. */
export function defineOpenAiProvider(settings: OpenAiProviderSettings): Provider {
  const { id, families, compat, api = "chat", place, chatOptions, readExtras, adapt = (wire) => wire, embed = {}, ...provider } = settings;
  const host: Host = { ...toHost(id, families, compat), chatOptions, readExtras, errorFacts: provider.errorFacts ?? errorFacts };
  const chat: ChatWire = {
    capabilities: chatCapabilities(host.compat),
    toolCallIds: host.compat.toolCallIds,
    noUrls: host.compat.documentUrls ? ["audio"] : ["audio", "document"],
    reasoningTags: host.compat.reasoningTags,
    needsOption: host.compat.needsOption,
    madeFiles: "own",
    takesReasoning: ({ item }) => item === undefined,
    callForm: ({ custom }) => (custom === true ? "text" : "function"),
    load: once(async () => {
      const files = [import("./request.ts"), import("./response.ts"), import("./schema.ts")] as const;
      const [{ toChatRequest }, { fromChatReply, fromChatStream }, { toStrictness }] = await Promise.all(files);
      return defineChat<Line, ChatRequest, Completion, Completion>({
        untouched: true,
        strictness: toStrictness(host),
        toRequest: (call) => toChatRequest(call, host),
        send: (line, body) => line.client.chat.completions.create(...aimed(line, "chat", body)).asResponse(),
        framing: "sse",
        fromResponse: (reply) => fromChatReply(reply, host),
        fromStream: () => fromChatStream(host),
      });
    }),
  };
  const responses: ChatWire = {
    capabilities: responsesCapabilities(host.compat),
    ...RESPONSES_HISTORY,
    resultFiles: { within: host.compat.resultFiles ? ["image", "document"] : [], own: "computer_screenshot" },
    load: once(async () => {
      const files = [
        import("./responses/request.ts"),
        import("./responses/response.ts"),
        import("./responses/poll.ts"),
        import("./schema.ts"),
      ] as const;
      const [{ toResponsesRequest }, { fromResponsesReply, fromResponsesStream }, { toPoll }, { toStrictness }] = await Promise.all(files);
      return defineChat<Line, ResponsesRequest, ResponseObject, ResponsesEvent>({
        untouched: true,
        strictness: toStrictness(host),
        toRequest: (call) => toResponsesRequest(call, host),
        send: (line, body) => line.client.responses.create(...aimed(line, "responses", body)).asResponse(),
        framing: "sse",
        askAgain: toPoll,
        fromResponse: (reply) => fromResponsesReply(reply, host),
        fromStream: () => fromResponsesStream(host),
      });
    }),
  };
  const apis = { chat: adapt(chat, "chat"), responses: adapt(responses, "responses") };
  return defineProvider({
    ...provider,
    id,
    families: host.families,
    errorFacts: host.errorFacts,
    chat: apis[api],
    apis,
    defaultApi: api,
    embed: { ...embedLimits(embed), load: once(async () => (await import("./embed.ts")).toEmbedAdapter(embed, sendEmbed)) },
    connect: async (to) => connect(to, await place?.(to)),
  });
}

const sendEmbed = (line: Line, body: OpenAI.EmbeddingCreateParams) =>
  line.client.embeddings.create(...aimed(line, "embeddings", body)).asResponse();

/** Settings of `openaiCompatible`, all optional. */
export interface OpenAiCompatibleSettings extends Partial<OpenAiProviderSettings> {
  /** A host that is known here: its address, its variables and its ways. What else is set goes over it, `compat` field by field. */
  preset?: PresetName;
}

/**
 * Any service that speaks OpenAI's wires: `openaiCompatible({ preset: "deepseek" })`, whose id is then "deepseek", or
 * `openaiCompatible({ id: "mine", baseURL: "https://llm.example/v1" })`. The wire is chat completions, and a key is optional but for presets that need one.
 * Under its own id, "openai-compatible", it also reads OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL and OPENAI_EMBED_MODEL; under another only `<ID>_…` and what the preset
 * names, so that no other service gets OpenAI's key.
 */
export function openaiCompatible({ preset, ...settings }: OpenAiCompatibleSettings = {}): Provider {
  const { id = preset ?? "openai-compatible" } = settings;
  const known: Partial<Preset> = preset === undefined ? {} : PRESETS[preset];
  return defineOpenAiProvider({
    auth: "optional",
    ...(id === "openai-compatible" && { env: OWN_ENV }),
    ...known,
    ...settings,
    id,
    // Whoever names no host mostly runs a server of his own.
    compat: { ...(preset === undefined && { reasoningTags: "usual" as const }), ...known.compat, ...settings.compat },
  });
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;
const loadSdk = once(() => import("openai"));

/** A client, and what makes a request of it go through one attempt's fetch. */
export interface Line {
  client: OpenAI;
  via: { fetchOptions: object };
  place: Place | undefined;
}

/** A call as the SDK takes it. */
function aimed<Body extends { model?: unknown }>(
  { via, place }: Line,
  api: OpenAiApi | "embeddings",
  body: Body,
): [Body, Line["via"] & { path?: string }] {
  if (place === undefined) return [body, via];
  const to = place.aim(api, body);
  return [to.body, { ...via, path: to.url }];
}

type Routed = RequestInit & { attempt: Connection["fetch"]; own: Headers };

/** The client of the place that was called last. Making one costs more than a request, and it holds nothing of any attempt, no key either. */
let last: { baseURL: string; client: OpenAI } | undefined;

async function connect({ apiKey, baseURL, headers, fetch }: Connection, place: Place | undefined): Promise<Line> {
  const { OpenAI: Client } = await loadSdk();
  if (last?.baseURL !== baseURL) last = { baseURL, client: newClient(Client, baseURL) };
  const credentials = place?.headers ?? (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` });
  const own = new Headers({ accept: "application/json", ...credentials });
  for (const [name, value] of Object.entries(headers)) own.set(name, value);
  return { client: last.client, via: { fetchOptions: { attempt: fetch, own } }, place };
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
