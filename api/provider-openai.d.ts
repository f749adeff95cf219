import { OpenAiApi, OpenAiWireOptions } from "@plurivox/provider-openai-compatible";
import { Provider } from "@plurivox/core/provider";
type OpenAiModel =
  | "gpt-6.1-sol"
  | "gpt-6.1-terra"
  | "gpt-6-astra"
  | "gpt-6-sol"
  | "gpt-6-luna"
  | "gpt-5.6-sol"
  | "gpt-5.6-terra"
  | "gpt-5.6-luna"
  | "gpt-5.5"
  | "gpt-5.5-pro"
  | "gpt-5.4"
  | "gpt-5.4-mini"
  | "gpt-5.4-nano"
  | "gpt-5.4-pro"
  | "gpt-5.3-codex"
  | "gpt-5.2"
  | "gpt-5.2-pro"
  | "gpt-5.1"
  | "gpt-5"
  | "gpt-5-mini"
  | "gpt-5-nano"
  | "gpt-5-pro"
  | "gpt-4.1"
  | "gpt-4.1-mini"
  | "gpt-4.1-nano"
  | "gpt-4o"
  | "gpt-4o-mini"
  | "gpt-audio"
  | "gpt-audio-mini"
  | "o3"
  | "o3-pro"
  | "o3-deep-research"
  | "o4-mini"
  | "o4-mini-deep-research";
type OpenAiEmbedModel = "text-embedding-3-small" | "text-embedding-3-large" | "text-embedding-ada-002";
type OpenAiOptions = OpenAiWireOptions;
interface OpenAiSettings {
  api?: OpenAiApi;
  baseURL?: string;
}
declare module "@plurivox/core" {
  interface KnownModels {
    openai: OpenAiModel;
  }
  interface KnownEmbedModels {
    openai: OpenAiEmbedModel;
  }
  interface ProviderOptions {
    openai?: OpenAiOptions;
  }
}
declare function openai({ api, baseURL }?: OpenAiSettings): Provider;
export { type OpenAiEmbedModel, type OpenAiModel, type OpenAiOptions, type OpenAiSettings, openai };
