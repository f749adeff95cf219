import { LlmError } from "../error.ts";
import { REDACTED, redactHeaders, redactUrl } from "../http/redact.ts";
import { envProfiles, profileEnv, type Env } from "./env.ts";
import type { EmbeddingInput } from "../model/embed.ts";
import { toSettings, type ProfileInput, type ProfileSettings } from "./settings.ts";

export interface KeyRotation {
  provider: string;
  model?: string;
  apiKey: string;
  profile?: string;
}

/** The profiles of one context. Kept in a closure, so that no inspection of a context or client shows a key. */
export interface Registry {
  /** Layers of a profile's settings, the weakest first: the environment's, then code's. Throws `configuration` for an unknown name. */
  layers(name: string): ProfileSettings[];
  /** A key that was set for a provider, or for one model of it. */
  keyFor(provider: string, model: string): string | undefined;
  has(name: string): boolean;
  store(name: string, settings: ProfileSettings): void;
  setKey(rotation: KeyRotation): void;
  /** Keys redacted. */
  list(): Record<string, ProfileSettings>;
}

export const DEFAULT_PROFILE = "default";

export function createRegistry(profiles: Readonly<Record<string, ProfileInput>>, env: () => Env): Registry {
  const stored = new Map<string, ProfileSettings>(Object.entries(profiles).map(([name, input]) => [name, toSettings(input)]));
  const keys = new Map<string, string>();

  function names(): string[] {
    const fromEnv = envProfiles(env()).filter((name) => ![...stored.keys()].some((known) => known.toLowerCase() === name));
    return [...stored.keys(), ...fromEnv];
  }

  function layers(name: string): ProfileSettings[] {
    const code = stored.get(name);
    const nested = profileEnv(name, env());
    if (code === undefined && name !== DEFAULT_PROFILE && Object.keys(nested).length === 0) {
      throw new LlmError("configuration", `There is no profile "${name}".`, { hint: `Known profiles: ${names().join(", ") || "none"}.` });
    }
    const named = [nested, code].some((layer) => layer?.model !== undefined || layer?.provider !== undefined);
    const family: ProfileSettings = named ? {} : { provider: env()["LLM_PROVIDER"] || undefined };
    return [family, nested, code ?? {}];
  }

  /** Profiles of the provider that have a key of their own get the new one; all others find it by `keyFor`. */
  function rotateAll({ provider, model, apiKey }: KeyRotation): void {
    keys.set(model === undefined ? provider : `${provider}/${model}`, apiKey);
    for (const [name, settings] of stored) {
      const own = (settings.apiKey ?? settings.apiKeys) !== undefined && isAt(placeOf(settings), { provider, model });
      const rotated = own ? { ...settings, apiKey, apiKeys: undefined } : settings;
      stored.set(name, { ...rotated, ...rotatedEmbedding(settings, { provider, model, apiKey }) });
    }
  }

  function rotateOne(profile: string, { provider, model, apiKey }: KeyRotation): void {
    const current = stored.get(profile) ?? {};
    const embedding = rotatedEmbedding(current, { provider, model, apiKey });
    if (isAt(placeOf(current), { provider, model })) stored.set(profile, { ...current, ...embedding, apiKey, apiKeys: undefined });
    else if (embedding !== undefined) stored.set(profile, { ...current, ...embedding });
    else if (model !== undefined) stored.set(profile, { ...current, provider, model, apiKey });
    else
      throw new LlmError("configuration", `Profile "${profile}" does not use the provider "${provider}".`, {
        hint: "Name the model too, to move the profile there.",
      });
  }

  return {
    layers,
    has: (name) => stored.has(name),
    store(name, settings) {
      const other = settings.apiKeys !== undefined ? { apiKey: undefined } : settings.apiKey !== undefined ? { apiKeys: undefined } : {};
      stored.set(name, { ...stored.get(name), ...other, ...settings });
    },
    keyFor: (provider, model) => keys.get(`${provider}/${model}`) ?? keys.get(provider),
    setKey: (rotation) => (rotation.profile === undefined ? rotateAll(rotation) : rotateOne(rotation.profile, rotation)),
    list: () => Object.fromEntries(names().map((name) => [name, redacted(layers(name).reduce((all, layer) => ({ ...all, ...layer })))])),
  };
}

/** Where settings lead, as far as they say so themselves. */
function placeOf({ provider, model }: Pick<ProfileSettings, "provider" | "model">): { provider?: string; model?: string } {
  const slash = model?.indexOf("/") ?? -1;
  if (provider !== undefined || model === undefined || slash === -1) return { provider, model };
  return { provider: model.slice(0, slash), model: model.slice(slash + 1) };
}

function isAt(at: ReturnType<typeof placeOf>, { provider, model }: { provider: string; model: string | undefined }): boolean {
  return at.provider === provider && (model === undefined || at.model === model);
}

/** The profile's settings for embeddings with another key, undefined where they have none of their own for that place. */
function rotatedEmbedding(
  settings: ProfileSettings,
  { provider, model, apiKey }: KeyRotation,
): Pick<ProfileSettings, "embedding"> | undefined {
  const { embedding } = settings;
  if (typeof embedding !== "object" || (embedding.apiKey ?? embedding.apiKeys) === undefined) return undefined;
  const at = { provider: placeOf(settings).provider, ...defined(placeOf(embedding)) };
  return isAt(at, { provider, model }) ? { embedding: { ...embedding, apiKey, apiKeys: undefined } } : undefined;
}

function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function redacted({ embedding, ...settings }: ProfileSettings): ProfileSettings {
  return { ...withoutKeys(settings), ...(embedding !== undefined && { embedding: redactedEmbedding(embedding) }) };
}

function redactedEmbedding(embedding: EmbeddingInput): EmbeddingInput {
  return typeof embedding === "string" ? embedding : (withoutKeys(embedding) as EmbeddingInput);
}

/** Settings to show to a person. */
function withoutKeys({ apiKey, apiKeys, headers, baseURL, ...shown }: ProfileSettings): ProfileSettings {
  return {
    ...shown,
    ...(apiKeys !== undefined && { apiKeys: apiKeys.map(() => REDACTED) }),
    ...(apiKey !== undefined && { apiKey: REDACTED }),
    ...(headers !== undefined && { headers: redactHeaders(headers) }),
    ...(baseURL !== undefined && { baseURL: redactUrl(baseURL) }),
  };
}
