import type { ChatDelta } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";

/** What OpenRouter adds to the answers and chunks of the chat wire, and to the `response` of the other. */
interface Answer {
  /** The host that answered. */
  provider?: string;
  choices?: Choice[] | null;
  usage?: Usage | null;
  response?: { usage?: Usage | null } | null;
}

interface Choice {
  index?: number;
  finish_reason?: string | null;
  native_finish_reason?: string | null;
  message?: Piece | null;
  delta?: Piece | null;
  /** The host failed in the middle of a whole answer. */
  error?: unknown;
}

interface Piece {
  annotations?: { type?: string }[] | null;
}

/** USD. With a key of one's own, `cost` is what OpenRouter takes and the host is paid besides. https://openrouter.ai/docs/use-cases/usage-accounting (2026-11) */
interface Usage {
  cost?: number | null;
  is_byok?: boolean;
  cost_details?: { upstream_inference_cost?: number | null } | null;
}

/** Which host answered, why its model stopped or failed, what it cost, and what OpenRouter read in files. */
export function readExtras(answer: object, out: ChatDelta[]): void {
  const { provider, choices, usage, response } = answer as Answer;
  const choice = choices?.[0];
  if (choice?.finish_reason && !choice.index) out.push(own({ provider, nativeFinishReason: choice.native_finish_reason ?? undefined }));
  const files = (choice?.message ?? choice?.delta)?.annotations?.filter(({ type }) => type === "file");
  if (files?.length) out.push(own({ annotations: files }));
  if (choice?.error) out.push({ type: "error", facts: errorFacts({ body: choice }) });
  const spent = usage ?? response?.usage;
  if (spent) out.push({ type: "usage", usage: {}, costUsd: costOf(spent) });
}

function own(found: Record<string, unknown>): ChatDelta {
  return { type: "metadata", providerMetadata: { openrouter: found } };
}

function costOf({ cost, is_byok: ownKey, cost_details: details }: Usage): number | undefined {
  if (cost === undefined || cost === null) return undefined;
  return ownKey ? cost + (details?.upstream_inference_cost ?? 0) : cost;
}
