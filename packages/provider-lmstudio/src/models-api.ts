import { once } from "@plurivox/core/provider";

export interface LmStudioModelsSettings {
  /** As of chats: default "http://127.0.0.1:1234/v1". The environment is not read. */
  baseURL?: string;
  apiKey?: string;
  headers?: Record<string, string>;
  fetch?: typeof fetch;
  /** Ends everything that is under way, with `aborted`. */
  signal?: AbortSignal;
}

/** A copy of a model in memory. Chats may name it by its id as well. */
export interface LmStudioInstance {
  id: string;
  /** Tokens. */
  contextLength?: number;
}

/** A model on disk. `maxContextLength` is in tokens, `raw` all that the server says of it. */
export interface LmStudioModelInfo {
  key: string;
  type: "llm" | "embedding";
  maxContextLength?: number;
  instances: LmStudioInstance[];
  raw: Record<string, unknown>;
}

/** What is left out, LM Studio decides. https://lmstudio.ai/docs/developer/rest/load */
export interface LmStudioLoadOptions {
  /** Tokens. */
  contextLength?: number;
  evalBatchSize?: number;
  flashAttention?: boolean;
  numExperts?: number;
  offloadKvCacheToGpu?: boolean;
}

/** All of it throws `LlmError`; `unsupported` where LM Studio is older than 0.4, which can only list. A `model` is a key or an instance's id. */
export interface LmStudioModels {
  list(): Promise<LmStudioModelInfo[]>;
  /** Resolves once the model is in memory. It stays there until it is unloaded, and is one more copy where there is one already. */
  load(model: string, options?: LmStudioLoadOptions): Promise<LmStudioInstance>;
  /** A key unloads all copies of the model. Resolves to the ids of what was unloaded; nothing to do is no error. */
  unload(model: string): Promise<string[]>;
  /** Tokens that fit in: of the copy in memory, else at most. Undefined where the server does not say, `not-found` for a model that is not there. */
  contextLength(model: string): Promise<number | undefined>;
  /**
   * Tokens of a prompt as the model counts them, its chat template included. LM Studio has no counter but its answers, so this loads the model where it is
   * not, reads the prompt and lets the model write one token. `messages` are the wire's own.
   */
  countTokens(model: string, prompt: string | readonly { role: string; content: unknown }[]): Promise<number>;
}

/** The models of an LM Studio server. */
export function lmstudioModels(settings: LmStudioModelsSettings = {}): LmStudioModels {
  // Most programs never ask.
  const load = once(async () => (await import("./rest.ts")).openModels(settings));
  return {
    list: async () => (await load()).list(),
    load: async (model, options) => (await load()).load(model, options),
    unload: async (model) => (await load()).unload(model),
    contextLength: async (model) => (await load()).contextLength(model),
    countTokens: async (model, prompt) => (await load()).countTokens(model, prompt),
  };
}
