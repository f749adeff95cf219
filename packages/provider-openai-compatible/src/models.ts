import type { ModelFamily } from "@plurivox/core/provider";

/** No table: the same id can mean another model, with other abilities, on each host. Those who know their host pass `families`. */
export const FAMILIES: readonly ModelFamily[] = [];
