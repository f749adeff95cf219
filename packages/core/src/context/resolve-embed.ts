import { LlmError } from "../error.ts";
import type { EmbedOptions } from "../model/embed.ts";
import { findFamily } from "../provider/capabilities.ts";
import type { Provider } from "../provider/contract.ts";
import type { EmbedCapabilities, EmbedWire } from "../provider/embed.ts";
import { providerEnv } from "./env.ts";
import { keysOf, list, merged, missing, nextPlace, toBaseURL, type Place, type Resolved, type Surroundings } from "./resolve.ts";
import { CONNECTION_FIELDS, toSettings, type ProfileSettings } from "./settings.ts";

/** A profile's way to embeddings, made definite. */
export interface ResolvedEmbed extends Pick<
  Resolved,
  "profile" | "provider" | "model" | "baseURL" | "apiKeys" | "limits" | "deployment" | "apiVersion"
> {
  wire: EmbedWire;
  capabilities: EmbedCapabilities;
  options: EmbedOptions;
}

/** What belongs to one provider, and of that, what belongs to one address. */
const OF_A_PLACE = CONNECTION_FIELDS;
const OF_AN_ADDRESS = ["apiKey", "apiKeys", "headers"] as const;

/**
 * Resolves where a profile's embeddings are made: by the call, by the profile's `embedding` and `embedModel` (of the later layer first), by
 * EMBEDDING_PROVIDER, or else by the provider of its chats. Keys, addresses and headers that a layer gives to its provider reach no other.
 */
export function resolveEmbed(profile: string, layers: readonly ProfileSettings[], known: Surroundings, call: EmbedOptions): ResolvedEmbed {
  const { providers, env } = known;
  const { general, connections, chat, own } = readLayers(layers, known);
  const elsewhere = env["EMBEDDING_PROVIDER"];
  const steps: ProfileSettings[] = [
    ...(chat === undefined ? [] : [{ provider: chat.provider.id }]),
    ...(elsewhere && !own.some(namesPlace) ? [{ provider: elsewhere }] : []),
    ...own,
    call,
  ];
  let settings = general;
  let place: Place | undefined;
  for (const step of steps) {
    const next = nextPlace(step, place, providers, embeddersOf);
    if (next !== undefined && next.provider !== place?.provider)
      settings = { ...without(settings, OF_A_PLACE), ...connections.get(next.provider) };
    if (next?.model !== undefined && next.model !== place?.model) delete settings.azureDeployment;
    place = next ?? place;
    if (step.baseURL !== undefined && step.baseURL !== settings.baseURL) settings = without(settings, OF_AN_ADDRESS);
    settings = merged(settings, step);
  }
  if (place === undefined) throw noPlace(profile, providers);
  return finish(profile, place, settings, known, place.provider === chat?.provider);
}

interface Read {
  /** Options of no place. */
  general: ProfileSettings;
  /** What the layers say of each provider's place. */
  connections: Map<Provider | undefined, ProfileSettings>;
  chat: Place | undefined;
  /** What the layers say of embeddings, the weakest first. */
  own: ProfileSettings[];
}

function readLayers(layers: readonly ProfileSettings[], { providers }: Surroundings): Read {
  const read: Read = { general: {}, connections: new Map(), chat: undefined, own: [] };
  const { connections, own } = read;
  for (const layer of layers) {
    const nobody = read.chat === undefined ? connections.get(undefined) : undefined;
    const chat = nextPlace(layer, read.chat, providers) ?? read.chat;
    read.chat = chat;
    // What a chat's body has beside the rest, a request for embeddings may be refused for.
    const { provider, model, embedModel, embedding, azureDeployment, extraBody: _ofChats, ...rest } = layer;
    read.general = merged(read.general, without(rest, OF_A_PLACE));
    const connection = without(only(rest, OF_A_PLACE), ["api"]);
    connections.set(chat?.provider, merged(connections.get(chat?.provider) ?? nobody ?? {}, connection));
    // Whoever names an embedding model as the profile's model means it.
    if (model !== undefined && chat?.model !== undefined && isEmbedder(chat.provider, chat.model))
      own.push({ provider: chat.provider.id, model: chat.model, azureDeployment });
    if (embedModel !== undefined) own.push(anchored({ ...(provider !== undefined && { provider }), model: embedModel }, chat, providers));
    if (embedding !== undefined) own.push(anchored(toSettings(embedding), chat, providers));
  }
  return read;
}

function namesPlace(settings: ProfileSettings): boolean {
  return settings.provider !== undefined || settings.model !== undefined;
}

/** Settings that name no provider are of the one that the same layer chats with. */
function anchored(settings: ProfileSettings, chat: Place | undefined, providers: Surroundings["providers"]): ProfileSettings {
  const { provider, model } = settings;
  const named = provider !== undefined || (model?.includes("/") && providers.has(model.slice(0, model.indexOf("/"))));
  const says = model !== undefined || OF_A_PLACE.some((field) => settings[field] !== undefined);
  return named || !says || chat === undefined ? settings : { ...settings, provider: chat.provider.id };
}

function embeddersOf({ embed }: Provider): EmbedWire["families"] {
  return embed?.families;
}

function isEmbedder({ embed }: Provider, model: string): boolean {
  return findFamily(embed?.families ?? [], model) !== undefined;
}

function finish(
  profile: string,
  { provider, model: named }: Place,
  settings: ProfileSettings,
  known: Surroundings,
  ofChat: boolean,
): ResolvedEmbed {
  const { embed: wire } = provider;
  if (wire === undefined) throw noEmbeddings(provider, known.providers);
  const fromEnv = providerEnv(provider, known.env);
  const model = named ?? fromEnv.embedModel ?? wire.defaultModel;
  if (model === undefined) throw missing(profile, provider, "embedModel", "EMBED_MODEL");
  const { baseURL, apiVersion, azureDeployment, limits } = settings;
  const family = findFamily(wire.families ?? [], model);
  return {
    profile,
    provider,
    model,
    wire: family?.maxInputs === undefined ? wire : { ...wire, maxInputs: family.maxInputs },
    capabilities: { ...family?.capabilities, ...wire.capabilities },
    baseURL: toBaseURL(baseURL ?? fromEnv.baseURL ?? provider.baseURL, profile, provider),
    apiKeys: keysOf(settings, provider, model, known, fromEnv.apiKey),
    // Another vendor's limits are counted apart: what one of them refuses must not hold up the other.
    limits: limits === undefined || ofChat ? limits : { ...limits, group: `${limits.group ?? profile}, embeddings` },
    deployment: azureDeployment,
    apiVersion: apiVersion ?? fromEnv.apiVersion,
    options: only(settings as EmbedOptions, OPTIONS),
  };
}

const OPTIONS = [
  "dimensions",
  "inputType",
  "batchSize",
  "onUnsupported",
  "user",
  "metadata",
  "extraBody",
  "headers",
  "providerOptions",
  "signal",
  "timeoutMs",
  "timeouts",
  "retry",
] satisfies (keyof EmbedOptions)[];

function only<T extends object>(settings: T, fields: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(settings).filter(([field]) => fields.includes(field))) as Partial<T>;
}

function without<T extends object>(settings: T, fields: readonly string[]): T {
  return Object.fromEntries(Object.entries(settings).filter(([field]) => !fields.includes(field))) as T;
}

function noEmbeddings({ id }: Provider, providers: Surroundings["providers"]): LlmError {
  const able = [...providers.values()].filter(({ embed }) => embed !== undefined).map((provider) => provider.id);
  return new LlmError("unsupported", `The provider "${id}" has no embeddings.`, {
    provider: id,
    hint: `Set EMBEDDING_PROVIDER to one that has them (${list(able) || "none is registered"}), or \`embedding\` in the profile.`,
  });
}

function noPlace(profile: string, providers: Surroundings["providers"]): LlmError {
  return new LlmError("configuration", `Profile "${profile}" names no provider for embeddings.`, {
    hint: `Set EMBEDDING_PROVIDER to one of ${list(providers.keys())} together with <PROVIDER>_API_KEY, or \`embedding\` in the profile to a model like "provider/model".`,
  });
}
