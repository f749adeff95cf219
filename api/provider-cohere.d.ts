import { Provider } from "@plurivox/core/provider";
type CohereModel =
  | "command-a-plus-05-2026"
  | "command-a-reasoning-08-2025"
  | "command-a-vision-07-2025"
  | "command-a-translate-08-2025"
  | "command-a-03-2025"
  | "command-r7b-12-2024"
  | "command-r-plus-08-2024"
  | "command-r-08-2024"
  | "north-mini-code-1-0"
  | "north-small-translate-1-0";
type CohereEmbedModel =
  | "embed-v4.0"
  | "embed-multilingual-v3.0"
  | "embed-multilingual-light-v3.0"
  | "embed-english-v3.0"
  | "embed-english-light-v3.0";
interface CohereDocument {
  id?: string;
  data: Record<string, unknown>;
}
type CohereOptions = {
  documents?: (string | CohereDocument)[];
  citationMode?: "ENABLED" | "DISABLED" | "FAST" | "ACCURATE" | "OFF";
  safetyMode?: "CONTEXTUAL" | "STRICT" | "OFF";
  strictTools?: boolean;
  priority?: number;
  truncate?: "NONE" | "START" | "END";
};
interface CohereSettings {
  baseURL?: string;
}
declare module "@plurivox/core" {
  interface KnownModels {
    cohere: CohereModel;
  }
  interface KnownEmbedModels {
    cohere: CohereEmbedModel;
  }
  interface ProviderOptions {
    cohere?: CohereOptions;
  }
}
declare function cohere(settings?: CohereSettings): Provider;
export { type CohereDocument, type CohereEmbedModel, type CohereModel, type CohereOptions, type CohereSettings, cohere };
