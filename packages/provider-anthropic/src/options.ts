import type { AnthropicModel } from "./models.ts";

/**
 * `providerOptions.anthropic`: what only this vendor has. Anything else goes into `extraBody`, in the vendor's own words; what belongs to one part of
 * a message (`cache_control`, a document's `citations`) goes into that part's `providerMetadata.anthropic`.
 */
export type AnthropicOptions = {
  /** Beta features to switch on, such as "context-management-2025-06-27". They take the place of an `anthropic-beta` header of your own. */
  betas?: string[];
  /** Id of a sandbox to go on in (`result.providerMetadata.anthropic.container`). While tool results go back, that of the last answer is sent by itself. */
  container?: string;
  /** Remote MCP servers, all of whose tools the vendor may call. */
  mcpServers?: { name: string; url: string; authorizationToken?: string }[];
  /** "auto", the vendor's default, uses priority capacity where there is some. */
  serviceTier?: "auto" | "standard_only";
  /** Where the model runs: "us", "global". */
  inferenceGeo?: string;
};

export interface AnthropicSettings {
  /** Default: "https://api.anthropic.com". */
  baseURL?: string;
}

declare module "@plurivox/core" {
  interface KnownModels {
    anthropic: AnthropicModel;
  }
  interface ProviderOptions {
    anthropic?: AnthropicOptions;
  }
}
