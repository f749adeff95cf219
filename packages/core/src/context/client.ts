import type { Message } from "../message/types.ts";
import type { CallOptions, ChatResult } from "../model/chat.ts";
import type { CallMetrics } from "../model/metrics.ts";
import type { EmbedManyResult, EmbedOptions, EmbedResult } from "../model/embed.ts";
import type { Explanation } from "../model/explanation.ts";
import type { Middleware } from "../pipeline/middleware.ts";
import type { EmbedTarget } from "../pipeline/embed-attempt.ts";
import type { Destination, Target } from "../pipeline/plan.ts";
import { once } from "../provider/define.ts";
import { toChatStream, type ChatStream } from "../stream/chat-stream.ts";
import { LazySource, type EventSource } from "../stream/event-reader.ts";
import { currentDepth } from "../tools/scope.ts";
import { missingKey, type Resolved, type Surroundings } from "./resolve.ts";
import type { ResolvedEmbed } from "./resolve-embed.ts";
import { CONNECTION_FIELDS, type ProfileSettings } from "./settings.ts";

/** A way to one profile. It looks the profile up at each call; a call keeps what it started with. */
export interface LLM {
  readonly profile: string;
  readonly provider: string;
  readonly model: string;
  /** "provider/model". */
  readonly label: string;
  /** What the model's table says: true, false, or absent for unknown. */
  readonly capabilities: Record<string, boolean | undefined>;
  /**
   * Returns the text of a complete answer, or of one that stops at the call's own
   * `maxOutputTokens`. Throws `content-filter` for an answer that was refused. Throws
   * `incomplete-output`, with the text in the error, when the answer stops at another limit, when
   * the chat ends by `maxSteps`, or when the model calls tools that nothing here runs.
   */
  complete(prompt: string, options?: CallOptions): Promise<string>;
  chat<T = unknown>(input: string | Message[], options?: CallOptions<T>): Promise<ChatResult<T>>;
  /** Throws only for bad configuration; all else arrives on the stream. */
  stream<T = unknown>(input: string | Message[], options?: CallOptions<T>): ChatStream<T>;
  /**
   * A vector for a text, or one for each of a list, in its order. Lists of any length: they are split where the vendor takes no more at once, up to 4 requests run at
   * the same time, and the first that fails ends the others. Made by the profile's `embedding` or `embedModel`, else by EMBEDDING_PROVIDER, else by the profile's own
   * provider. Never falls back to another profile, because vectors of different models cannot be compared. Nothing is cut: a text that is too long is an error.
   * Throws `invalid-request` for an empty list or text, `unsupported` where the provider has no embeddings or the model no such `dimensions`, `invalid-response` for
   * an answer that is not one vector for each text, and what any call throws.
   */
  embed(input: string, options?: EmbedOptions): Promise<EmbedResult>;
  embed(input: readonly string[], options?: EmbedOptions): Promise<EmbedManyResult>;
  embed(input: string | readonly string[], options?: EmbedOptions): Promise<EmbedResult | EmbedManyResult>;
  /** A dry run: the exact HTTP request with keys redacted, what is supported, emulated and dropped. Sends nothing. */
  explain(input: string | Message[], options?: CallOptions): Promise<Explanation>;
  /** A derived client; nothing is stored. */
  with(settings: Partial<ProfileSettings>): LLM;
  /** After every call of this client, also failed and cancelled ones. Returns an off function. */
  on(event: "metrics", listener: (metrics: CallMetrics) => void): () => void;
}

/** What a client needs of its context. */
export interface ClientHost extends Pick<Target, "fetch" | "begin" | "limitStore" | "home" | "approvalSecret" | "media"> {
  resolve(overlays: readonly ProfileSettings[]): Resolved;
  /** The same, for who resolves by himself. */
  asked(overlays: readonly ProfileSettings[]): [profile: string, layers: readonly ProfileSettings[], known: Surroundings];
  /** Throws what is wrong with a profile that can neither chat nor embed. */
  check(overlays: readonly ProfileSettings[]): void;
  /** Another profile, or a model id, with settings over it. */
  resolveOther(profile: string, overlays: readonly ProfileSettings[]): Resolved;
  /** Of the context, the first one outermost, as they are now. */
  middleware(): readonly Middleware[];
  loopbackOnly(): boolean;
  report(metrics: CallMetrics): void;
}

/** A client of one profile, with settings over it. */
export function createClient(host: ClientHost, overlays: readonly ProfileSettings[]): LLM {
  const listeners = new Set<(metrics: CallMetrics) => void>();
  const current = () => host.resolve(overlays);
  host.check(overlays);

  return {
    get profile() {
      return current().profile;
    },
    get provider() {
      return current().provider.id;
    },
    get model() {
      return current().model;
    },
    get label() {
      const { provider, model } = current();
      return `${provider.id}/${model}`;
    },
    get capabilities() {
      const { family, wire } = current();
      return { ...family?.capabilities, ...wire.capabilities };
    },
    ...callsOf(host, overlays, listeners),
    with: (settings) => createClient(host, [...overlays, settings]),
    on(_event, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const pipeline = once(() => import("../pipeline/index.ts"));
const embedding = once(() => Promise.all([import("./resolve-embed.ts"), import("../pipeline/embed.ts")]));

type Calls = Pick<LLM, "complete" | "chat" | "stream" | "embed" | "explain">;
type Listeners = ReadonlySet<(metrics: CallMetrics) => void>;

/** What every call needs beside a resolved profile. */
function surroundings(host: ClientHost, listeners: Listeners, resolved: Resolved | ResolvedEmbed): Omit<Destination, keyof Resolved> {
  return {
    missingKey: () => missingKey(resolved),
    fetch: host.fetch,
    limitStore: host.limitStore,
    home: host.home,
    approvalSecret: host.approvalSecret,
    loopbackOnly: host.loopbackOnly(),
    begin: host.begin,
    onMetrics(metrics) {
      for (const listener of listeners) notify(listener, metrics);
      host.report(metrics);
    },
  };
}

/** Where each chat goes: a profile made definite, with its fallbacks. */
function targetsOf(host: ClientHost, overlays: readonly ProfileSettings[], listeners: Listeners): (options: CallOptions) => Target {
  const toTarget = (resolved: Resolved): Target => ({
    ...resolved,
    ...surroundings(host, listeners, resolved),
    fallbacks: [],
    media: host.media,
    depth: currentDepth(),
  });
  return (options) => {
    const layers = [...overlays, options];
    const target = toTarget(host.resolve(layers));
    const fallbacks = (target.options.fallback ?? []).map((settings) => {
      const { profile, ...when } = typeof settings === "string" ? { profile: settings } : settings;
      return { name: profile, ...when, target: toTarget(host.resolveOther(profile, layers.map(withoutPlace))) };
    });
    return { ...target, fallbacks };
  };
}

/** The calls of a client. The first one of a program loads the pipeline. */
function callsOf(host: ClientHost, overlays: readonly ProfileSettings[], listeners: Listeners): Calls {
  const targetOf = targetsOf(host, overlays, listeners);
  async function open(
    target: Target,
    input: string | Message[],
    stream: boolean,
    onAbort: (reason: unknown) => void,
  ): Promise<EventSource> {
    const { openChat, openLayers } = await pipeline();
    const layers = host.middleware();
    return layers.length === 0 ? openChat(target, input, stream, onAbort) : openLayers(layers, target, input, stream, onAbort);
  }

  function toStream(target: Target, input: string | Message[], streamed: boolean): ChatStream {
    const source = new LazySource(() => open(target, input, streamed, events.cancel));
    const events = toChatStream(source, target.options.onDelta !== undefined);
    return events;
  }

  async function chat(input: string | Message[], options: CallOptions = {}): Promise<ChatResult> {
    const [target, messages] = [targetOf(options), kept(input)];
    const streamed = target.options.onDelta !== undefined;
    if (host.middleware().length > 0) return toStream(target, messages, streamed).result;
    const { completeChat } = await pipeline();
    return completeChat(target, messages, streamed);
  }

  return {
    chat: chat as LLM["chat"],
    stream: ((input: string | Message[], options: CallOptions = {}) => toStream(targetOf(options), kept(input), true)) as LLM["stream"],
    async complete(prompt, options = {}) {
      const { maxOutputTokens } = targetOf(options).options;
      const result = await chat(prompt, options);
      const { wholeText } = await pipeline();
      return wholeText(result, maxOutputTokens);
    },
    embed: (async (input: string | readonly string[], options: EmbedOptions = {}) => {
      const [asked, inputs] = [host.asked(overlays), kept(input)];
      const [{ resolveEmbed }, { embed }] = await embedding();
      const resolved = resolveEmbed(...asked, options);
      const target: EmbedTarget = { ...resolved, ...surroundings(host, listeners, resolved) };
      return embed(target, inputs);
    }) as LLM["embed"],
    async explain(input, options = {}) {
      const [target, messages] = [targetOf(options), kept(input)];
      const { explainChat, planChat } = await pipeline();
      return explainChat(await planChat(target, messages, target.options.onDelta !== undefined));
    },
  };
}

/** Settings as another profile may take them: not where to go, and not what belongs to one profile alone. */
function withoutPlace(layer: ProfileSettings): ProfileSettings {
  const rest: ProfileSettings = { ...layer };
  for (const field of ["provider", "model", "limits", "fallback", ...CONNECTION_FIELDS] as const) delete rest[field];
  return rest;
}

/** What the caller does to the history from now on is not part of the call. */
function kept<T>(input: string | readonly T[]): string | T[] {
  return Array.isArray(input) ? [...(input as readonly T[])] : (input as string);
}

/** A listener that throws must not end the call that it listens to. */
export function notify(listener: (metrics: CallMetrics) => void, metrics: CallMetrics): void {
  try {
    listener(metrics);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
