import type { Attempt, Cost, Usage } from "../error.ts";
import type { ProviderOptions, Warning } from "./chat.ts";
import type { ApiKey, Limits, WeightedKey } from "./limits.ts";
import type { CallMetrics } from "./metrics.ts";
import type { RetrySettings, Timeouts, UnsupportedPolicy } from "./policy.ts";

/** Embedding models by provider id. Each provider package adds its own by interface augmentation, so that they autocomplete. */
export interface KnownEmbedModels {}

/** `provider/model` of the embedding models of every installed provider, and any other string. */
export type EmbedModelId =
  | { [P in keyof KnownEmbedModels]: `${P & string}/${KnownEmbedModels[P] & string}` }[keyof KnownEmbedModels]
  | (string & {});

export interface EmbedOptions {
  /** `provider/model`, or a model of the provider that the call goes to anyway. */
  model?: EmbedModelId;
  /** Length of the vectors. Default: the model's own. An `unsupported` error for a model that is known to have one length only. */
  dimensions?: number;
  /**
   * What the vectors are for, as models that search by them want to know: texts to be found are documents, what is searched for is a query. Any other word is the
   * vendor's own. Vendors without a word for it drop it with a warning; those that insist on one take "document" where nobody says.
   */
  inputType?: "query" | "document" | (string & {});
  /** Inputs in one request, at most. Default, and limit: as many as the vendor takes. For servers of one's own that take fewer. */
  batchSize?: number;
  /** `dimensions` are an error by default, `inputType` and `user` are dropped with a warning. */
  onUnsupported?: UnsupportedPolicy;
  user?: string;
  /** Stands in the metrics of the call, and is not sent. */
  metadata?: Record<string, string>;
  /** Merged into the vendor's request body as it stands. */
  extraBody?: Record<string, unknown>;
  headers?: Record<string, string>;
  providerOptions?: ProviderOptions;
  signal?: AbortSignal;
  /** Milliseconds in all, for all requests of the call with their retries. Default: none. */
  timeoutMs?: number;
  timeouts?: Timeouts;
  retry?: false | RetrySettings;
}

/** Where a profile's embeddings come from, where that is not the provider of its chats: as a profile, with any option of `embed` as a default. */
export interface EmbeddingSettings extends EmbedOptions {
  /** A provider id. With it, `model` is taken whole. */
  provider?: string;
  baseURL?: string;
  apiKey?: ApiKey;
  apiKeys?: readonly (ApiKey | WeightedKey)[];
  azureDeployment?: string;
  apiVersion?: string;
  /** Put over the profile's own. */
  limits?: Limits;
}

export type EmbeddingInput = EmbedModelId | EmbeddingSettings;

/** One request for embeddings, complete and plain. Never mutated. */
export interface EmbedCall {
  readonly model: string;
  /** What the host calls the model, where it has a name of its own for it. */
  readonly deployment?: string;
  /** At least one, none of them empty. */
  readonly inputs: readonly string[];
  readonly dimensions?: number;
  readonly inputType?: string;
  readonly user?: string;
  /** Those of the provider that is called. */
  readonly providerOptions: Record<string, unknown>;
}

interface EmbedBase {
  /** As asked for. */
  model: string;
  /** The model's name as the vendor reports it. */
  responseModel?: string;
  provider: string;
  /** Of all requests together. What one of them does not tell stays absent. */
  usage: Usage;
  cost?: Cost;
  warnings: Warning[];
  metrics: CallMetrics;
  attempts: Attempt[];
}

export interface EmbedResult extends EmbedBase {
  embedding: number[];
}

export interface EmbedManyResult extends EmbedBase {
  /** In the order of the inputs. */
  embeddings: number[][];
}
