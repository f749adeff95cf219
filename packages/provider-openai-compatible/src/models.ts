import type { EmbedWire, ModelFamily } from "@plurivox/core/provider";
import type { EmbedCompat } from "./embed.ts";

/** No table: the same id can mean another model, with other abilities, on each host. Those who know their host pass `families`. */
export const FAMILIES: readonly ModelFamily[] = [];

/** "Any array must be 2048 dimensions or less": https://developers.openai.com/api/reference/resources/embeddings (2026-11), and a bound for other hosts. */
const MAX_INPUTS = 2048;

/** What core knows of a host's embeddings. Only one that has words for it can be told what texts are for. */
export function embedLimits(compat: EmbedCompat): Omit<EmbedWire, "load"> {
  return { maxInputs: MAX_INPUTS, capabilities: compat.inputTypes === undefined ? { inputType: false } : {}, ...compat };
}
