import type { GoogleEmbedModel, GoogleModel } from "./models.ts";

/**
 * `providerOptions.google`: what only this vendor has. Anything else goes into `extraBody`, in the vendor's own words, or into `generationConfig` here,
 * because `extraBody` takes the place of whole fields. What belongs to one part of a message (`videoMetadata`, `mediaResolution`) goes into that part's
 * `providerMetadata.google`.
 */
export type GoogleOptions = {
  /** What is blocked, and from which probability on. */
  safetySettings?: { category: string; threshold: string }[];
  /** Name of a cache that was made before, such as "cachedContents/abc". Its system text and tools must not be sent again. */
  cachedContent?: string;
  serviceTier?: "standard" | "flex" | "priority";
  /** Vertex AI only: shown in billing reports. */
  labels?: Record<string, string>;
  /**
   * Further fields of the request's `toolConfig`, such as `retrievalConfig` (where the user is), `includeServerSideToolInvocations` (default: where functions
   * stand beside tools that Google runs, which the Gemini API asks for), and on Vertex AI `functionCallingConfig: { streamFunctionCallArguments: true }`.
   */
  toolConfig?: { functionCallingConfig?: Record<string, unknown>; [field: string]: unknown };
  /** Further fields of the request's `generationConfig`, such as `imageConfig` and `speechConfig`. They take the place of those that the call makes. */
  generationConfig?: { responseModalities?: string[]; mediaResolution?: string; [field: string]: unknown };
  /**
   * Embeddings only: false makes a text that is too long an error, true cuts it. Default: false on Vertex AI; the Gemini API is told nothing, because not all of its
   * models know this, and may cut.
   */
  autoTruncate?: boolean;
};

export interface GoogleSettings {
  /** Default: "https://generativelanguage.googleapis.com", or the host of Vertex AI. A version at its end, such as "/v1", is taken as `apiVersion`. */
  baseURL?: string;
  /** Where a profile names none. Default: "v1beta", on Vertex AI "v1beta1". */
  apiVersion?: string;
  /** Calls Vertex AI, where the key of a profile is an OAuth access token; give a function as `apiKey` to renew it. `location` defaults to "global". */
  vertexai?: { project: string; location?: string };
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
