import { LlmError } from "../error.ts";
import type { CallOptions } from "../model/chat.ts";
import type { ApiKey, Limits, WeightedKey } from "../model/limits.ts";
import { findFamily, onWire, type ModelFamily } from "../provider/capabilities.ts";
import type { ChatWire, Provider } from "../provider/contract.ts";
import { envName, keyVariables, providerEnv, type Env } from "./env.ts";
import { CONNECTION_FIELDS, type ProfileSettings } from "./settings.ts";

/** A profile, made definite: which provider and model, over which wire, with which settings. */
export interface Resolved {
  profile: string;
  provider: Provider;
  model: string;
  family: ModelFamily | undefined;
  wire: ChatWire;
  baseURL: string;
  api: string | undefined;
  /** One, or several of a pool; undefined where none is known. */
  apiKeys: readonly (ApiKey | WeightedKey | undefined)[];
  limits: Limits | undefined;
  /** What the host calls the model, where it has a name of its own for it. */
  deployment: string | undefined;
  apiVersion: string | undefined;
  /** Everything of all layers; where two say something, the later one. */
  options: CallOptions;
}

/** What a context knows beside the layers. */
export interface Surroundings {
  providers: ReadonlyMap<string, Provider>;
  env: Env;
  /** A rotated key. */
  keyFor(provider: string, model: string): string | undefined;
}

/**
 * Resolves layers of settings, the weakest first: environment, profile, derived client, call. Throws `configuration` that names what to fix.
 * A layer that names another provider leaves the connection of the layers before it behind.
 */
export function resolve(profile: string, layers: readonly ProfileSettings[], known: Surroundings): Resolved {
  const { providers, env } = known;
  let settings: ProfileSettings = {};
  let target: Place | undefined;
  for (const layer of layers) {
    const next = nextPlace(layer, target, providers);
    if (next !== undefined) {
      if (target !== undefined && target.provider !== next.provider) for (const field of CONNECTION_FIELDS) delete settings[field];
      // A deployment is one model's.
      if (next.model !== undefined && next.model !== target?.model) delete settings.azureDeployment;
      target = next;
    }
    settings = merged(settings, layer);
  }
  if (target === undefined) throw noModel(profile, providers);
  const { provider } = target;
  const fromEnv = providerEnv(provider, env);
  const model = target.model ?? fromEnv.model ?? provider.defaultModel;
  if (model === undefined) throw missing(profile, provider, "model", "MODEL");
  const { provider: _provider, model: _model, baseURL, apiKey, apiKeys, api, azureDeployment, apiVersion, limits, ...rest } = settings;
  const { embedModel: _embedModel, embedding: _embedding, ...options } = rest;
  return {
    profile,
    provider,
    model,
    family: onWire(findFamily(provider.families, model), api ?? provider.defaultApi),
    wire: wireOf(provider, api),
    baseURL: toBaseURL(baseURL ?? fromEnv.baseURL ?? provider.baseURL, profile, provider),
    api: api ?? provider.defaultApi,
    apiKeys: keysOf({ apiKey, apiKeys }, provider, model, known, fromEnv.apiKey),
    limits,
    deployment: azureDeployment,
    apiVersion: apiVersion ?? fromEnv.apiVersion,
    options,
  };
}

/** Throws what is wrong with a profile, unless it is for embeddings alone. */
export function check(profile: string, layers: readonly ProfileSettings[], known: Surroundings): void {
  try {
    resolve(profile, layers, known);
  } catch (error) {
    if (!onlyEmbeds(layers, known)) throw error;
  }
}

/** Nothing names a model to chat with, and something says where to embed. */
function onlyEmbeds(layers: readonly ProfileSettings[], { providers, env }: Surroundings): boolean {
  if (layers.some(({ model }) => model !== undefined)) return false;
  const named = providers.get(layers.findLast(({ provider }) => provider !== undefined)?.provider ?? "");
  const fromEnv = env["EMBEDDING_PROVIDER"] || (named && providerEnv(named, env).embedModel);
  return Boolean(fromEnv) || layers.some(({ embedModel, embedding }) => (embedModel ?? embedding) !== undefined);
}

/** A provider, and a model where one is named. */
export interface Place {
  provider: Provider;
  model: string | undefined;
}

/** Where a further layer leads, undefined where it names neither provider nor model. */
export function nextPlace(
  layer: Pick<ProfileSettings, "provider" | "model">,
  current: Place | undefined,
  providers: ReadonlyMap<string, Provider>,
  tableOf: TableOf = ({ families }) => families,
): Place | undefined {
  const next = targetOf(layer, current?.provider, providers, tableOf);
  if (next === undefined) return undefined;
  return { ...next, model: next.model ?? (current?.provider === next.provider ? current.model : undefined) };
}

/** The table in which bare model names are looked for. */
type TableOf = (provider: Provider) => readonly { prefix: string }[] | undefined;

/** The keys that a call goes with: of the settings, rotated, the provider's own, of the environment. */
export function keysOf(
  { apiKey, apiKeys }: Pick<ProfileSettings, "apiKey" | "apiKeys">,
  provider: Provider,
  model: string,
  { keyFor }: Surroundings,
  fromEnv: string | undefined,
): Resolved["apiKeys"] {
  return apiKeys?.length ? apiKeys : [apiKey ?? keyFor(provider.id, model) ?? provider.apiKey ?? fromEnv];
}

/** What a call without a key is told, undefined where it needs none. */
export function missingKey({ provider, profile }: Pick<Resolved, "provider" | "profile">): LlmError | undefined {
  if (provider.auth === "optional") return undefined;
  return new LlmError("configuration", `Profile "${profile}" has no API key.`, {
    provider: provider.id,
    hint: `Set ${keyVariables(provider).join(" or ")}, or apiKey in the profile.`,
  });
}

/** The later layer wins, field by field; headers, timeouts and vendors' options are merged one level deeper. */
export function merged(settings: ProfileSettings, layer: ProfileSettings): ProfileSettings {
  const later = Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined)) as ProfileSettings;
  const deep: ProfileSettings = {};
  // One key, or several: whichever was said last.
  if (later.apiKey !== undefined) deep.apiKeys = undefined;
  else if (later.apiKeys !== undefined) deep.apiKey = undefined;
  if (settings.limits && later.limits) deep.limits = { ...settings.limits, ...later.limits };
  if (settings.headers && later.headers) deep.headers = { ...settings.headers, ...later.headers };
  if (settings.timeouts && later.timeouts) deep.timeouts = { ...settings.timeouts, ...later.timeouts };
  if (settings.extraBody && later.extraBody) deep.extraBody = { ...settings.extraBody, ...later.extraBody };
  if (settings.providerOptions && later.providerOptions) {
    deep.providerOptions = { ...settings.providerOptions };
    for (const [id, options] of Object.entries(later.providerOptions))
      deep.providerOptions[id] = { ...deep.providerOptions[id], ...options };
  }
  return { ...settings, ...later, ...deep };
}

/** Which provider and model a layer names, undefined where it names neither. `current` is the provider so far. */
function targetOf(
  { provider: id, model }: Pick<ProfileSettings, "provider" | "model">,
  current: Provider | undefined,
  providers: ReadonlyMap<string, Provider>,
  tableOf: TableOf,
): Place | undefined {
  if (id !== undefined) return { provider: providerOf(id, providers), model };
  if (model === undefined) return undefined;
  const slash = model.indexOf("/");
  const named = slash === -1 ? undefined : providers.get(model.slice(0, slash));
  if (named !== undefined) return { provider: named, model: model.slice(slash + 1) };
  if (current !== undefined) return { provider: current, model };
  if (slash !== -1) providerOf(model.slice(0, slash), providers);
  return { provider: claimant(model, providers, tableOf), model };
}

function providerOf(id: string, providers: ReadonlyMap<string, Provider>): Provider {
  const provider = providers.get(id);
  if (provider !== undefined) return provider;
  throw new LlmError("configuration", `There is no provider "${id}".`, {
    hint: `Known providers: ${list(providers.keys())}. Add it to \`providers\`, or name one of these.`,
  });
}

/** The one provider whose table has a bare model name. */
function claimant(model: string, providers: ReadonlyMap<string, Provider>, tableOf: TableOf): Provider {
  const candidates = [...providers.values()].filter(
    (provider) => provider.claimsModels !== false && findFamily(tableOf(provider) ?? [], model) !== undefined,
  );
  if (candidates.length === 1) return candidates[0]!;
  const found =
    candidates.length === 0 ? "no provider's table has it" : `several providers have it: ${list(candidates.map(({ id }) => id))}`;
  const example = candidates[0]?.id ?? [...providers.keys()][0] ?? "openai";
  throw new LlmError("configuration", `The model "${model}" names no provider, and ${found}.`, {
    hint: `Write "${example}/${model}", or set \`provider\`.`,
  });
}

function wireOf(provider: Provider, api: string | undefined): ChatWire {
  const wire = api === undefined ? provider.chat : (provider.apis?.[api] ?? (api === provider.defaultApi ? provider.chat : undefined));
  if (wire !== undefined) return wire;
  if (api === undefined) throw new LlmError("unsupported", `The provider "${provider.id}" has no chat.`, { provider: provider.id });
  throw new LlmError("configuration", `There is no api "${api}".`, {
    provider: provider.id,
    hint: `Known: ${list(Object.keys(provider.apis ?? {})) || "none to choose from"}.`,
  });
}

export function toBaseURL(baseURL: string | undefined, profile: string, provider: Provider): string {
  if (baseURL === undefined) throw missing(profile, provider, "baseURL", "BASE_URL");
  const address = provider.toBaseURL?.(baseURL) ?? baseURL;
  const url = URL.parse(address);
  if (url?.protocol === "http:" || url?.protocol === "https:") return address.replace(/\/+$/, "");
  throw new LlmError("configuration", `The baseURL of profile "${profile}" must be an http(s) URL.`, {
    provider: provider.id,
    hint: "It should look like https://host/v1.",
  });
}

export function missing(profile: string, provider: Provider, field: string, variable: string): LlmError {
  const hint = `Set ${envName(provider.id)}_${variable}, or ${field} in the profile.`;
  return new LlmError("configuration", `Profile "${profile}" has no ${field}.`, { provider: provider.id, hint });
}

function noModel(profile: string, providers: ReadonlyMap<string, Provider>): LlmError {
  return new LlmError("configuration", `Profile "${profile}" names no model.`, {
    hint: `Set LLM_PROVIDER to one of ${list(providers.keys())} together with <PROVIDER>_API_KEY and <PROVIDER>_MODEL, or give the profile a model like "provider/model".`,
  });
}

export function list(names: Iterable<string>): string {
  return [...names].join(", ");
}
