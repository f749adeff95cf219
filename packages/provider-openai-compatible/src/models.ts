import type { EmbedWire, ModelFamily } from "@plurivox/core/provider";

/** No table: the same id can mean another model, with other abilities, on each host. Those who know their host pass `families`. */
export const FAMILIES: readonly ModelFamily[] = [];

/** "Any array must be 2048 dimensions or less": https://developers.openai.com/api/reference/resources/embeddings (2026-11), and a bound for other hosts. */
export const EMBED: Omit<EmbedWire, "load"> = { maxInputs: 2048, capabilities: { inputType: false } };
