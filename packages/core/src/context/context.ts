import { LlmError } from "../error.ts";
import type { CallMetrics } from "../model/metrics.ts";
import type { LimitStore } from "../model/limits.ts";
import type { MediaSettings } from "../model/media.ts";

import type { Middleware } from "../pipeline/middleware.ts";
import type { Provider } from "../provider/contract.ts";
import { createClient, notify, type ClientHost, type LLM } from "./client.ts";
import { isLoopbackOnly, processEnv, type Env } from "./env.ts";
import { createRegistry, DEFAULT_PROFILE, type KeyRotation } from "./registry.ts";
import { check, resolve } from "./resolve.ts";
import { toSettings, type ProfileInput, type ProfileSettings } from "./settings.ts";

export type ProviderLike = Pick<Provider, "id">;

export interface ContextOptions<P = Record<string, ProfileInput>> {
  providers?: ProviderLike[];
  profiles?: P;
  /** Default: process.env where there is one. */
  env?: Record<string, string | undefined>;
  fetch?: typeof fetch;
  /** Where limits are counted. Default: in memory, for this context alone. */
  limitStore?: LimitStore;
  /** Signs approvals that leave the process; random for each context if absent. */
  approvalSecret?: string;
  /** What may be loaded for a call: files by path, by URLs that a vendor does not fetch itself. */
  media?: MediaSettings;
}

export interface Context<Name extends string = string> {
  /** No argument: profile "default". A name: that profile; an unknown one is a `configuration` error. */
  llm(name?: Name | "default" | (string & {})): LLM;
  /** Stores the settings in that profile, or creates it (then a model is needed); shared by all who use it. */
  llm(name: string, settings: ProfileSettings): LLM;
  /** A one-off client; nothing is stored. */
  llm(settings: ProfileSettings): LLM;
  /** Rotates a key: of one profile, or of all of a provider. Calls that run keep theirs. */
  setKey(key: KeyRotation): void;
  /** Names and settings, keys redacted. */
  profiles(): Record<string, ProfileSettings>;
  /** Adds a layer round every chat of this context, inside those that were added before. */
  use(middleware: Middleware): void;
  /** After every call, also failed and cancelled ones. Returns an off function. */
  on(event: "metrics", listener: (metrics: CallMetrics) => void): () => void;
  /** Waits up to `drainMs` (default 0) for what runs, then aborts it. Later calls are a `configuration` error. */
  close(options?: { drainMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The profile name of a one-off client. */
const ONE_OFF = "one-off";

/** A set of providers and named profiles. Reads the environment at each call, never at import. */
export function createContext<const P extends Record<string, ProfileInput> = {}>(
  options: ContextOptions<P> = {},
): Context<keyof P & string> {
  const providers = new Map((options.providers ?? []).map((provider) => [provider.id, toProvider(provider)]));
  const env = (): Env => options.env ?? processEnv();
  const registry = createRegistry(options.profiles ?? {}, env);
  const listeners = new Set<(metrics: CallMetrics) => void>();
  const running = runningCalls();
  const layers: Middleware[] = [];
  const { fetch, limitStore, approvalSecret, media } = options;
  const shared = { fetch, limitStore, approvalSecret, media, home: {} };
  const known = () => ({ providers, env: env(), keyFor: registry.keyFor });

  const host = (name: string, settings: () => ProfileSettings[]): ClientHost => ({
    resolve: (overlays) => resolve(name, [...settings(), ...overlays], known()),
    asked: (overlays) => [name, [...settings(), ...overlays], known()],
    check: (overlays) => check(name, [...settings(), ...overlays], known()),
    resolveOther(profile, overlays) {
      const own = !registry.has(profile) && profile.includes("/") ? [{ model: profile }] : registry.layers(profile);
      return resolve(profile, [...own, ...overlays], known());
    },
    middleware: () => [...layers],
    ...shared,
    loopbackOnly: () => isLoopbackOnly(env()),
    begin: running.begin,
    report(metrics) {
      for (const listener of listeners) notify(listener, metrics);
    },
  });

  const clientOf = (name: string, settings: () => ProfileSettings[]) => createClient(host(name, settings), []);

  function llm(first: string | ProfileSettings = DEFAULT_PROFILE, settings?: ProfileSettings): LLM {
    if (typeof first !== "string") return clientOf(ONE_OFF, () => [toSettings(first)]);
    if (settings !== undefined) {
      const before = registry.has(first) ? registry.layers(first) : [];
      check(first, [...before, settings], known());
      registry.store(first, settings);
    }
    return clientOf(first, () => registry.layers(first));
  }

  return {
    llm,
    setKey: registry.setKey,
    profiles: registry.list,
    use(middleware) {
      layers.push(middleware);
    },
    on: (_event, listener) => listen(listeners, listener),
    close: ({ drainMs = 0 } = {}) => running.close(drainMs),
    [Symbol.asyncDispose]: () => running.close(0),
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function toProvider(provider: ProviderLike): Provider {
  if ("connect" in provider && "errorFacts" in provider && "families" in provider) return provider as Provider;
  throw new LlmError("configuration", `The provider "${provider.id}" is not one of this house's.`, {
    hint: "Make it with defineProvider() of @plurivox/core/provider.",
  });
}

/** The calls that run, so that closing can wait for them and then end them. */
function runningCalls() {
  const stop = new AbortController();
  let count = 0;
  let closed = false;
  let idle: (() => void) | undefined;
  return {
    begin(): { signal: AbortSignal; end(): void } {
      if (closed) throw new LlmError("configuration", "This context is closed.", { hint: "Create a new one." });
      count++;
      let over = false;
      return {
        signal: stop.signal,
        end() {
          if (over) return;
          over = true;
          if (--count === 0) idle?.();
        },
      };
    },
    async close(drainMs: number): Promise<void> {
      closed = true;
      const drained = count === 0 ? undefined : new Promise<void>((done) => (idle = done));
      if (drained !== undefined && drainMs > 0) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        await Promise.race([drained, new Promise<void>((done) => (timer = setTimeout(done, drainMs)))]);
        clearTimeout(timer);
      }
      stop.abort(new LlmError("aborted", "The context was closed."));
      if (drained !== undefined) await drained;
    },
  };
}
