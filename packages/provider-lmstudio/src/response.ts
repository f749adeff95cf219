import type { ChatDelta } from "@plurivox/core/provider";

/** What LM Studio's own paths, /api/v0, and speculative decoding add to an answer. */
interface Answer {
  stats?: Record<string, unknown>;
  model_info?: Record<string, unknown>;
  runtime?: Record<string, unknown>;
}

/** How fast the model was, and what it is, in LM Studio's words: `providerMetadata.lmstudio`. */
export function readExtras(answer: object, out: ChatDelta[]): void {
  const { stats, model_info: modelInfo, runtime } = answer as Answer;
  if (stats === undefined || Object.keys(stats).length === 0) return;
  out.push({ type: "metadata", providerMetadata: { lmstudio: { stats, modelInfo, runtime } } });
}
