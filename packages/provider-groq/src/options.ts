import type { GroqEmbedModel, GroqModel } from "./models.ts";

/** `providerOptions.groq`: what Groq has beside the common options. Anything else goes into `extraBody`, in the vendor's own words. */
export type GroqOptions = {
  /** Speed and price: "on_demand" (the vendor's default), "flex", "performance", or "auto" for the best that is free. */
  serviceTier?: "auto" | "on_demand" | "flex" | "performance";
  /** Where reasoning comes. Default: in its own place ("parsed") wherever the model would write it into its text ("raw"). */
  reasoningFormat?: "parsed" | "raw" | "hidden";
  /** false: the model reasons, and keeps it to itself. Not together with `reasoningFormat`. */
  includeReasoning?: boolean;
  /** Texts and data for the model to refer to; citations name them by id. */
  documents?: GroqDocument[];
  citationOptions?: "enabled" | "disabled";
  /** Compound systems: where they search. `country` by its English name in lower case. */
  searchSettings?: { includeDomains?: string[]; excludeDomains?: string[]; includeImages?: boolean; country?: string };
  /** Compound systems: their models, and which of their tools they may use. */
  compoundCustom?: {
    models?: { answeringModel?: string; reasoningModel?: string };
    tools?: { enabledTools?: string[]; wolframSettings?: { authorization?: string } };
  };
  /** true: calls of tools that were not offered are returned too, instead of failing. */
  disableToolValidation?: boolean;
};

export type GroqDocument = { id?: string; source: { type: "text"; text: string } | { type: "json"; data: Record<string, unknown> } };

/** Settings of `groq`, all optional. */
export interface GroqSettings {
  /** Default "https://api.groq.com", or GROQ_BASE_URL; the path "/openai/v1" is added where it is not there. */
  baseURL?: string;
}

declare module "@plurivox/core" {
  interface KnownModels {
    groq: GroqModel;
  }
  interface KnownEmbedModels {
    groq: GroqEmbedModel;
  }
  interface ProviderOptions {
    groq?: GroqOptions;
  }
}
