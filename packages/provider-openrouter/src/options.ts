import type { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
import type { OpenRouterEmbedModel, OpenRouterModel } from "./models.ts";

/** Which of the hosts of a model answers. https://openrouter.ai/docs/guides/routing/provider-selection */
export type OpenRouterRouting = {
  /** Hosts by their slugs, tried in this order. */
  order?: string[];
  only?: string[];
  ignore?: string[];
  /** false: only the hosts of `order`. */
  allowFallbacks?: boolean;
  /** "deny": no host that keeps prompts. */
  dataCollection?: "allow" | "deny";
  /** Only hosts that keep nothing at all. */
  zdr?: boolean;
  /** Only hosts that take every parameter of the call; else what they do not take is left out. */
  requireParameters?: boolean;
  quantizations?: string[];
  sort?: "price" | "throughput" | "latency" | { by?: string; partition?: "model" | "none" };
  /** USD per million tokens, or per image or request. */
  maxPrice?: { prompt?: number | string; completion?: number | string; image?: number | string; request?: number | string };
  /** Seconds, or seconds by percentile. */
  preferredMaxLatency?: number | Record<string, number>;
  /** Tokens per second, or the same by percentile. */
  preferredMinThroughput?: number | Record<string, number>;
  enforceDistillableText?: boolean;
};

/**
 * `providerOptions.openrouter`, for chat completions. Names are sent as OpenRouter spells them (`allow_fallbacks`), those inside of objects too. Anything
 * else goes into `extraBody`. What belongs to one part of a message, `{ cache_control: { type: "ephemeral" } }`, goes into that part's
 * `providerMetadata.openrouter`.
 */
export type OpenRouterOptions = OpenAiWireOptions & {
  provider?: OpenRouterRouting;
  /** Models to go on with, in this order, where the first one fails. */
  models?: string[];
  /** Such as `{ id: "web", maxResults: 3 }`, `{ id: "file-parser", pdf: { engine: "native" } }`, `{ id: "response-healing" }`. */
  plugins?: { id: string; [setting: string]: unknown }[];
  /** ["middle-out"] cuts what is too long for the model. */
  transforms?: string[];
  /** Old: use `provider.sort.partition`. */
  route?: "fallback" | "sort";
  /** Lets the model reason as much as is usual for it. How much is said by the call's `reasoning`. */
  reasoningEnabled?: boolean;
  /** Lets the model reason, and keeps the reasoning at the vendor. */
  reasoningExclude?: boolean;
  minP?: number;
  topA?: number;
  repetitionPenalty?: number;
  /** Calls of one session are answered by one host, whose cache they find again. 256 characters at most. */
  sessionId?: string;
  /** For the places that traces are sent to. */
  trace?: Record<string, unknown>;
  /** For models that make images: `{ aspectRatio: "16:9" }`. */
  imageConfig?: Record<string, unknown>;
  /** When the loop of tools that OpenRouter runs is to end. */
  stopServerToolsWhen?: Record<string, unknown>[];
  /** `{ echoUpstreamBody: true }` sends the host's request along as a chunk of the stream, for `includeRaw`. */
  debug?: { echoUpstreamBody?: boolean };
};

/** Settings of `openrouter`, all optional. */
export interface OpenRouterSettings {
  /** Default https://openrouter.ai/api/v1, or OPENROUTER_BASE_URL. */
  baseURL?: string;
  /** The wire of profiles that name none. Default "chat". */
  api?: OpenAiApi;
  /** How your application is called on OpenRouter's lists, and where it lives. Neither is sent unless it is set. */
  appName?: string;
  appUrl?: string;
}

declare module "@plurivox/core" {
  interface KnownModels {
    openrouter: OpenRouterModel;
  }
  interface KnownEmbedModels {
    openrouter: OpenRouterEmbedModel;
  }
  interface ProviderOptions {
    openrouter?: OpenRouterOptions;
  }
}
