import { LlmError } from "../error.ts";
import type { Message } from "../message/types.ts";
import type { CallMetrics, CallOptions, ChatResult, Explanation } from "../model/chat.ts";
import { checkChat } from "../pipeline/check.ts";
import { completeChat, streamChat } from "../pipeline/chat.ts";
import type { ChatPlan } from "../pipeline/plan.ts";
import { prepareChat } from "../pipeline/prepare.ts";
import { toRetryPolicy } from "../pipeline/retry.ts";
import type { ChatStream } from "../stream/chat-stream.ts";
import { keyOf, type Resolved } from "./resolve.ts";
import type { ProfileSettings } from "./settings.ts";

/** A way to one profile. It looks the profile up at each call; a call keeps what it started with. */
export interface LLM {
  readonly profile: string;
  readonly provider: string;
  readonly model: string;
  /** "provider/model". */
  readonly label: string;
  /** What the model's table says: true, false, or absent for unknown. */
  readonly capabilities: Record<string, boolean | undefined>;
  /** The text. Throws `content-filter`; throws `incomplete-output` (text kept) when the answer stops at a limit the caller did not set. */
  complete(prompt: string, options?: CallOptions): Promise<string>;
  chat<T = unknown>(input: string | Message[], options?: CallOptions<T>): Promise<ChatResult<T>>;
  /** Throws only for bad configuration and malformed input; all else arrives on the stream. */
  stream<T = unknown>(input: string | Message[], options?: CallOptions<T>): ChatStream<T>;
  /** A dry run: the exact HTTP request with keys redacted, what is supported, emulated and dropped. Sends nothing. */
  explain(input: string | Message[], options?: CallOptions): Promise<Explanation>;
  /** A derived client; nothing is stored. */
  with(settings: Partial<ProfileSettings>): LLM;
  /** After every call of this client, also failed and cancelled ones. Returns an off function. */
  on(event: "metrics", listener: (metrics: CallMetrics) => void): () => void;
}

/** What a client needs of its context. */
export interface ClientHost {
  resolve(overlays: readonly ProfileSettings[]): Resolved;
  fetch: typeof fetch | undefined;
  loopbackOnly(): boolean;
  begin: ChatPlan["begin"];
  report(metrics: CallMetrics): void;
}

const DEFAULT_IDLE_MS = 120_000;
const DEFAULT_HEADERS_MS = { streamed: 60_000, whole: 600_000 };

export function createClient(host: ClientHost, overlays: readonly ProfileSettings[]): LLM {
  const listeners = new Set<(metrics: CallMetrics) => void>();
  const current = () => host.resolve(overlays);
  current();

  function report(metrics: CallMetrics): void {
    for (const listener of listeners) notify(listener, metrics);
    host.report(metrics);
  }

  const plan = (input: string | Message[], options: CallOptions, stream: boolean) =>
    toPlan(host.resolve([...overlays, options]), input, stream, host, report);

  async function chat<T>(input: string | Message[], options: CallOptions = {}): Promise<ChatResult<T>> {
    return (await completeChat(plan(input, options, options.onDelta !== undefined))) as ChatResult<T>;
  }

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
      const { family, adapter } = current();
      return { ...family?.capabilities, ...adapter.capabilities };
    },
    async complete(prompt, options = {}) {
      return toText(await chat(prompt, options), current().options.maxOutputTokens ?? options.maxOutputTokens);
    },
    chat,
    stream<T>(input: string | Message[], options: CallOptions<T> = {}) {
      return streamChat(plan(input, options, true)) as ChatStream<T>;
    },
    async explain(input, options = {}) {
      const { explainChat } = await import("../pipeline/explain.ts");
      return explainChat(plan(input, options, options.onDelta !== undefined));
    },
    with: (settings) => createClient(host, [...overlays, settings]),
    on(_event, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
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

function toPlan(
  resolved: Resolved,
  input: string | Message[],
  stream: boolean,
  host: ClientHost,
  onMetrics: (metrics: CallMetrics) => void,
): ChatPlan {
  const { profile, provider, model, family, adapter, baseURL, options } = resolved;
  const { call: asked, outputMode } = prepareChat(input, options, { provider: provider.id, model, stream });
  const { call, ...checked } = checkChat(
    asked,
    outputMode,
    { provider: provider.id, model, family, wire: adapter.capabilities },
    options.onUnsupported,
  );
  const idleMs = options.timeouts?.idleMs ?? DEFAULT_IDLE_MS;
  return {
    profile,
    provider,
    adapter,
    call,
    ...checked,
    target: {
      baseURL,
      apiKey: () => keyOf(resolved),
      headers: options.headers ?? {},
      fetch: host.fetch,
      loopbackOnly: host.loopbackOnly(),
    },
    timeouts: {
      headersMs: options.timeouts?.headersMs ?? DEFAULT_HEADERS_MS[stream ? "streamed" : "whole"],
      firstByteMs: options.timeouts?.firstByteMs ?? idleMs,
      idleMs,
    },
    timeoutMs: options.timeoutMs ?? Number.POSITIVE_INFINITY,
    retry: toRetryPolicy(options.retry),
    signal: options.signal,
    hideReasoning: options.hideReasoning === true,
    includeRaw: options.includeRaw === true,
    wantsJson: asked.output !== undefined,
    extraBody: options.extraBody,
    onDelta: options.onDelta,
    begin: host.begin,
    onMetrics,
  };
}

function toText(result: ChatResult, limit: number | undefined): string {
  const { text, reasoning, toolCalls, usage, finishReason, refusal, provider, model, requestId, attempts } = result;
  const known = {
    provider,
    model,
    requestId,
    attempts,
    partial: { text, ...(reasoning !== undefined && { reasoning }), toolCalls, usage },
  };
  if (finishReason === "content-filter" || refusal !== undefined) {
    throw new LlmError(
      "content-filter",
      refusal === undefined ? "The answer was stopped by the vendor's content filter." : `The model declined: ${refusal}`,
      known,
    );
  }
  if (finishReason === "length" && limit === undefined) {
    throw new LlmError("incomplete-output", "The answer stopped at the model's limit.", {
      ...known,
      hint: "The text so far is in `partial`; ask for less, or set maxOutputTokens to accept a cut answer.",
    });
  }
  return text;
}
