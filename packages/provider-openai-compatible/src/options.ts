/** `providerOptions` of every provider over OpenAI's wires. Anything that is not here goes through `extraBody`. */
export type OpenAiWireOptions = {
  /** Price and speed class: "auto", "default", "flex", "priority", … */
  serviceTier?: string;
  verbosity?: "low" | "medium" | "high";
  /** Requests with the same key are routed to the same cache. */
  promptCacheKey?: string;
  promptCacheRetention?: "in_memory" | "24h";
  /** An opaque name of your end user, for abuse reports. */
  safetyIdentifier?: string;
  /** Keeps the answer at the vendor. Default: false. Responses keeps it where it continues, or runs in the background. */
  store?: boolean;

  /** Chat only: how much likelier a token becomes, -100 to 100, by token id. */
  logitBias?: Record<string, number>;
  /** Chat only: text that most of the answer will repeat. */
  prediction?: { type: "content"; content: string };
  /** Chat only: ["text", "audio"] for spoken answers, together with `audio`. */
  modalities?: ("text" | "audio")[];
  /** Chat only: the voice, and the format of the sound ("wav", "mp3", "opus", "pcm16", …). */
  audio?: { voice: string; format: string };
  /** Chat only, search models only. */
  webSearchOptions?: { searchContextSize?: "low" | "medium" | "high"; userLocation?: Record<string, unknown> };

  /** Responses only: the id of a stored answer that this call goes on from. Send only what is new. */
  previousResponseId?: string;
  /** Responses only: the id of a stored conversation. */
  conversation?: string;
  /** Responses only: what to add to the answer, "web_search_call.action.sources" for one. */
  include?: string[];
  /** Responses only: "auto" drops the oldest items of an input that is too long. */
  truncation?: "auto" | "disabled";
  /**
   * Responses only: the answer is made without a connection that waits for it; a whole one is asked
   * for until it is there.
   */
  background?: boolean;
  /** Responses only: calls of the vendor's own tools, at most. */
  maxToolCalls?: number;
  /** Responses only: which earlier reasoning the model sees. */
  reasoningContext?: "auto" | "current_turn" | "all_turns";
  /** Responses only. */
  reasoningMode?: "standard" | "pro";
};

declare module "@plurivox/core" {
  interface ProviderOptions {
    "openai-compatible"?: OpenAiWireOptions;
  }
}

type Fields = Readonly<Partial<Record<keyof OpenAiWireOptions, string>>>;

const BOTH: Fields = {
  serviceTier: "service_tier",
  promptCacheKey: "prompt_cache_key",
  promptCacheRetention: "prompt_cache_retention",
  safetyIdentifier: "safety_identifier",
  store: "store",
};

/** Where each option goes in the body. */
export const CHAT_OPTIONS: Fields = {
  ...BOTH,
  verbosity: "verbosity",
  logitBias: "logit_bias",
  prediction: "prediction",
  modalities: "modalities",
  audio: "audio",
  webSearchOptions: "web_search_options",
};

/** The same for responses; a dot leads into an object. */
export const RESPONSES_OPTIONS: Fields = {
  ...BOTH,
  verbosity: "text.verbosity",
  previousResponseId: "previous_response_id",
  conversation: "conversation",
  truncation: "truncation",
  background: "background",
  maxToolCalls: "max_tool_calls",
  reasoningContext: "reasoning.context",
  reasoningMode: "reasoning.mode",
};

/** Writes the options into a body that is being built. */
export function applyOptions(body: Record<string, unknown>, options: object, fields: Readonly<Record<string, string>>): void {
  for (const [name, path] of Object.entries(fields)) {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const [outer, inner] = path.split(".") as [string, string?];
    body[outer] = inner === undefined ? toSnake(value) : { ...(body[outer] as object | undefined), [inner]: toSnake(value) };
  }
}

/** Our names inside an option as the wire spells them. */
function toSnake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSnake);
  if (typeof value !== "object" || value === null) return value;
  const pairs = Object.entries(value).map(([name, inner]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    toSnake(inner),
  ]);
  return Object.fromEntries(pairs);
}
