import { Provider } from "@plurivox/core/provider";
type AnthropicModel =
  | "claude-fable-5-2"
  | "claude-fable-5-1"
  | "claude-fable-5"
  | "claude-mythos-5-2"
  | "claude-mythos-5-1"
  | "claude-mythos-5"
  | "claude-opus-5-5"
  | "claude-opus-5"
  | "claude-opus-4-8"
  | "claude-opus-4-7"
  | "claude-opus-4-6"
  | "claude-opus-4-5"
  | "claude-opus-4-5-20251101"
  | "claude-opus-4-1"
  | "claude-sonnet-5-5"
  | "claude-sonnet-5"
  | "claude-sonnet-4-6"
  | "claude-sonnet-4-5"
  | "claude-sonnet-4-5-20250929"
  | "claude-haiku-5-5"
  | "claude-haiku-4-5"
  | "claude-haiku-4-5-20251001";
type AnthropicOptions = {
  betas?: string[];
  container?: string;
  mcpServers?: {
    name: string;
    url: string;
    authorizationToken?: string;
  }[];
  serviceTier?: "auto" | "standard_only";
  inferenceGeo?: string;
};
interface AnthropicSettings {
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
declare function anthropic(settings?: AnthropicSettings): Provider;
export { type AnthropicModel, type AnthropicOptions, type AnthropicSettings, anthropic };
