import type { CohereEmbedModel, CohereModel } from "./models.ts";

/** What the model may draw on and cite. Short texts work best, under 300 words each. */
export interface CohereDocument {
  /** Named by the sources of the answer (`documentId`). Default: one that the vendor makes. */
  id?: string;
  /** Any fields: the model sees their names too. `title`, `text` (or `snippet`) and `url` come back in the sources. */
  data: Record<string, unknown>;
}

/**
 * `providerOptions.cohere`: what only this vendor has. Anything else goes into `extraBody`, in the vendor's own words; an image's `detail` goes into that
 * part's `providerMetadata.cohere`. A tool gives documents back by an output of `[{ type: "document", document: { id, data } }]`.
 */
export type CohereOptions = {
  /** Answers are grounded in these and cite them: `result.sources`. Not together with `output`. */
  documents?: (string | CohereDocument)[];
  /** How carefully sources are cited, or not at all. Default: the model's own. */
  citationMode?: "ENABLED" | "DISABLED" | "FAST" | "ACCURATE" | "OFF";
  /** The vendor's instruction on safety. Default: "CONTEXTUAL". Not together with tools or documents. */
  safetyMode?: "CONTEXTUAL" | "STRICT" | "OFF";
  /** Holds all tools to their schemas. Default: true where any tool is `strict`, because the vendor knows no strict single one. */
  strictTools?: boolean;
  /** 0, the default, is served first under load; higher numbers later. */
  priority?: number;
  /** Embeddings only: which end of a text that is too long is cut off. Default "NONE": it is an error. */
  truncate?: "NONE" | "START" | "END";
};

export interface CohereSettings {
  /** Default: "https://api.cohere.com". */
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
