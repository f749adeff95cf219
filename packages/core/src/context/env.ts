import type { Provider } from "../provider/contract.ts";
import type { ProfileSettings } from "./settings.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** The process environment where there is one. The only reader of `process.env` in the house; read at each call, never at import. */
export function processEnv(): Env {
  return typeof process === "object" ? process.env : {};
}

/** `OPENAI`, `NVIDIA_NIM`: how variables spell a provider id or a profile name. */
export function envName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
}

function firstOf(env: Env, names: readonly string[]): string | undefined {
  for (const name of names) if (env[name]) return env[name];
  return undefined;
}

/** The variables in which a provider's key is looked for: the first that is set wins. */
export function keyVariables(provider: Pick<Provider, "id" | "env">): string[] {
  return [...new Set([`${envName(provider.id)}_API_KEY`, ...(provider.env?.apiKey ?? [])])];
}

/** What the environment says of a provider: `<ID>_API_KEY`, `<ID>_MODEL`, `<ID>_EMBED_MODEL`, `<ID>_BASE_URL` and the vendor's own names for them. */
export function providerEnv(
  provider: Provider,
  env: Env,
): { apiKey?: string; model?: string; embedModel?: string; baseURL?: string; apiVersion?: string } {
  const id = envName(provider.id);
  return {
    apiKey: firstOf(env, keyVariables(provider)),
    model: firstOf(env, [`${id}_MODEL`, ...(provider.env?.model ?? [])]),
    embedModel: firstOf(env, [`${id}_EMBED_MODEL`, ...(provider.env?.embedModel ?? [])]),
    baseURL: firstOf(env, [`${id}_BASE_URL`, ...(provider.env?.baseURL ?? [])]),
    apiVersion: firstOf(env, provider.env?.apiVersion ?? []),
  };
}

const PREFIX = "PLURIVOX__PROFILES__";
/** Fields whose value stays text even where it looks like a number. */
const TEXT_FIELDS: ReadonlySet<string> = new Set([
  "provider",
  "model",
  "embedModel",
  "embedding",
  "inputType",
  "baseURL",
  "apiKey",
  "api",
  "azureDeployment",
  "apiVersion",
  "system",
  "user",
]);

/** `PLURIVOX__PROFILES__FAST__TIMEOUT_MS=5000` is `{ timeoutMs: 5000 }` of profile "fast"; a further `__` goes one level down. */
export function profileEnv(profile: string, env: Env): ProfileSettings {
  const prefix = `${PREFIX}${envName(profile)}__`;
  const settings = bare();
  const fields = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || !name.startsWith(prefix) ? [] : [{ path: toPath(name.slice(prefix.length)), value }],
  );
  // What goes a level down is said of what stands there.
  for (const { path, value } of fields.toSorted((a, b) => a.path.length - b.path.length)) {
    const last = path.pop()!;
    let at = settings;
    for (const field of path) at = at[field] = levelOf(at[field]);
    at[last] = TEXT_FIELDS.has(last) ? value : parsed(value);
  }
  return settings;
}

/** A text with more to say of it is a model, as `EMBEDDING` beside `EMBEDDING__API_KEY`. */
function levelOf(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  return typeof value === "string" ? { model: value } : bare();
}

/** Without a prototype, because its keys come from outside: `constructor` must be a name like any other. */
function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** Names of profiles that only the environment defines, in lower case. */
export function envProfiles(env: Env): string[] {
  const names = Object.keys(env).flatMap((name) =>
    name.startsWith(PREFIX) ? [name.slice(PREFIX.length).split("__", 1)[0]!.toLowerCase()] : [],
  );
  return [...new Set(names)];
}

/** Fields in camelCase, but for the provider ids under `providerOptions`, which have dashes. */
function toPath(name: string): string[] {
  const path: string[] = [];
  for (const part of name.split("__"))
    path.push(path.at(-1) === "providerOptions" ? part.toLowerCase().replaceAll("_", "-") : toField(part));
  return path;
}

function toField(name: string): string {
  const field = name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return field === "baseUrl" ? "baseURL" : field;
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** True where tests forbid every address but loopback. */
export function isLoopbackOnly(env: Env): boolean {
  return env["PLURIVOX_NO_NETWORK"] === "1";
}
