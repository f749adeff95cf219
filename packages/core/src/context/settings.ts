import type { CallOptions, ModelId } from "../model/chat.ts";
import type { EmbeddingInput, EmbedModelId } from "../model/embed.ts";
import type { ApiKey, Limits, WeightedKey } from "../model/limits.ts";

/** A named way to call a model: where, with what key, and any call option as a default. */
export interface ProfileSettings extends Partial<CallOptions> {
  /** A provider id. With it, `model` is taken whole; without it, `model` is `provider/model`. */
  provider?: string;
  model?: ModelId;
  baseURL?: string;
  /** Default: the provider's environment variable, read at each call. A function is asked at each attempt. */
  apiKey?: ApiKey;
  /** Several keys, used in turn by weight, in place of `apiKey`. One that the vendor refuses, or whose quota is used up, rests, and the call goes on with another. */
  apiKeys?: readonly (ApiKey | WeightedKey)[];
  /** Which of a provider's wires. OpenAI: "responses" (default) or "chat". */
  api?: "responses" | "chat";
  /** Azure: the deployment that is called, where it is not named like its model. `model` then says what it can do. */
  azureDeployment?: string;
  /** Azure: one of its dated APIs, such as "2024-10-21". Default: the v1 API, which has no dates. */
  apiVersion?: string;
  /** The model of `embed`, of the same provider unless it is `provider/model`. Default: `<PROVIDER>_EMBED_MODEL`, or the provider's own. */
  embedModel?: EmbedModelId;
  /**
   * Where embeddings are made, as a profile of its own: a model, or settings with a key and an address. Goes before `embedModel`. What it leaves open is the
   * profile's, keys and headers only at the same provider and address. Default: EMBEDDING_PROVIDER, or this profile's provider.
   */
  embedding?: EmbeddingInput;
  /** How much may be sent, and used. */
  limits?: Limits;
}

export type ProfileInput = ModelId | ProfileSettings;

/** Fields that say where to connect. They belong to one provider and are not carried over to another. */
export const CONNECTION_FIELDS = ["baseURL", "apiKey", "apiKeys", "api", "azureDeployment", "apiVersion", "headers"] as const;

/** Checks the fields that only code can get wrong. */
export function toSettings(input: ProfileInput | EmbeddingInput): ProfileSettings {
  return typeof input === "string" ? { model: input } : { ...input };
}
