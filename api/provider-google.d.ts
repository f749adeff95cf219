import { Provider } from "@plurivox/core/provider";
type GoogleModel =
  | "gemini-4-argon"
  | "gemini-4-carbon"
  | "gemini-4-hydrogen"
  | "gemini-4-neon"
  | "gemini-3.8-flash"
  | "gemini-3.7-flash"
  | "gemini-3.6-flash"
  | "gemini-3.5-flash"
  | "gemini-3.5-flash-lite"
  | "gemini-3.1-pro-preview"
  | "gemini-3.1-flash-lite"
  | "gemini-3.1-flash-image"
  | "gemini-3-pro-preview"
  | "gemini-3-pro-image"
  | "gemini-3-flash-preview"
  | "gemini-2.5-pro"
  | "gemini-2.5-flash"
  | "gemini-2.5-flash-lite"
  | "gemini-2.5-flash-image"
  | "gemini-2.0-flash"
  | "gemini-flash-latest"
  | "gemini-flash-lite-latest"
  | "gemini-pro-latest"
  | "gemini-nano-banana-2.1";
type GoogleEmbedModel = "gemini-embedding-001" | "gemini-embedding-2";
type GoogleOptions = {
  safetySettings?: {
    category: string;
    threshold: string;
  }[];
  cachedContent?: string;
  serviceTier?: "standard" | "flex" | "priority";
  labels?: Record<string, string>;
  toolConfig?: {
    functionCallingConfig?: Record<string, unknown>;
    [field: string]: unknown;
  };
  generationConfig?: {
    responseModalities?: string[];
    mediaResolution?: string;
    [field: string]: unknown;
  };
  autoTruncate?: boolean;
};
interface GoogleSettings {
  baseURL?: string;
  apiVersion?: string;
  vertexai?: {
    project: string;
    location?: string;
  };
}
declare module "@plurivox/core" {
  interface KnownModels {
    google: GoogleModel;
  }
  interface KnownEmbedModels {
    google: GoogleEmbedModel;
  }
  interface ProviderOptions {
    google?: GoogleOptions;
  }
}
declare function google(settings?: GoogleSettings): Provider;
export { type GoogleEmbedModel, type GoogleModel, type GoogleOptions, type GoogleSettings, google };
