import { fromUsage, type ChatDelta, type WireUsage } from "@plurivox/core/provider";
import type { Host } from "../compat.ts";
import { INCOMPLETE_REASONS } from "./quirks.ts";
import type { Item } from "./items.ts";

/** A whole response. Nothing is certain to be there. */
export interface ResponseObject {
  id?: string;
  model?: string;
  service_tier?: string | null;
  background?: boolean | null;
  status?: string | null;
  error?: { code?: string; message?: string } | null;
  incomplete_details?: { reason?: string | null } | null;
  output?: Item[] | null;
  usage?: WireUsage | null;
}

/** A response that is still being made. */
function isUnfinished({ status }: ResponseObject): boolean {
  return status === "queued" || status === "in_progress";
}

/**
 * The id under which a response that runs in the background is asked for again; undefined where it
 * is over or does not run there.
 */
export function runningId(reply: ResponseObject, { background = reply.background }: { background?: unknown }): string | undefined {
  return background && isUnfinished(reply) ? reply.id || undefined : undefined;
}

/**
 * How a response ended. `event`: what the event says that it came in; a status that says less than
 * that is old.
 */
export function endOf(response: ResponseObject, event: "completed" | "incomplete" | "failed" | "cancelled", host: Host): ChatDelta[] {
  const { status, usage, incomplete_details: details } = response;
  const word = event === "completed" && status && !isUnfinished(response) ? status : event;
  const out: ChatDelta[] = usage ? [{ type: "usage", usage: fromUsage(usage) }] : [];
  switch (word.toLowerCase()) {
    case "failed":
      return [...out, { type: "error", facts: host.errorFacts({ body: response }) }];
    case "cancelled":
    case "canceled":
      return [
        ...out,
        error("server", "The response was cancelled before it was finished.", "Send the call again, if nobody meant to stop it."),
      ];
    case "incomplete":
      return [...out, cut(details?.reason ?? word)];
    default:
      if (details?.reason) return [...out, cut(details.reason)];
      return [...out, status ? { type: "finish", rawFinishReason: word } : { type: "finish", finishReason: "stop" }];
  }
}

/** A whole reply that is no answer, and why; undefined for an answer. */
export function noAnswer(reply: ResponseObject): ChatDelta | undefined {
  if (isUnfinished(reply)) {
    const hint = "Set background: true in providerOptions, so that the answer is waited for, or stream the call.";
    return error("invalid-response", `The response is not finished: its status is "${reply.status}".`, hint);
  }
  const failed = ["failed", "cancelled", "canceled"].includes(reply.status?.toLowerCase() ?? "");
  return failed || Array.isArray(reply.output) ? undefined : error("invalid-response", "The response has no output.");
}

/** Why an answer was cut may be a word that nobody knows; cut it is all the same. */
function cut(reason: string): ChatDelta {
  const known = reason.toLowerCase();
  const finishReason = Object.hasOwn(INCOMPLETE_REASONS, known) ? INCOMPLETE_REASONS[known]! : "length";
  return { type: "finish", finishReason, rawFinishReason: reason };
}

function error(kind: "server" | "invalid-response", message: string, hint?: string): ChatDelta {
  return { type: "error", facts: { kind, message, retryable: false, ...(hint !== undefined && { hint }) } };
}
