import type { ChatDelta } from "@plurivox/core/provider";

/** A tool call, or what a chunk adds to one. */
export interface WireCall {
  index?: number | null;
  id?: string | null;
  /** `arguments` is JSON in a string; some hosts send the object itself. */
  function?: { name?: string | null; arguments?: unknown } | null;
  custom?: { name?: string | null; input?: string } | null;
  /** Google's compatible endpoint keeps its signature here and wants it back. */
  extra_content?: unknown;
}

/**
 * A call, or a piece of one: hosts number, name and identify pieces so differently that core finds
 * the call it belongs to. `part`: it is a whole call.
 */
export function fromCall(call: WireCall, provider: string, part: string | undefined): ChatDelta {
  const { index, id, function: fn, custom, extra_content: extraContent } = call;
  const name = fn?.name || custom?.name;
  const metadata = { ...(custom && { custom: true }), ...(extraContent !== undefined && { extraContent }) };
  return {
    type: "tool-call",
    inputText: toText(fn?.arguments ?? custom?.input),
    ...(part !== undefined && { part, end: true }),
    ...(index != null && { index }),
    ...(id && { toolCallId: id }),
    ...(name && { toolName: name }),
    ...(custom && { inputIsText: true }),
    ...((custom || extraContent !== undefined) && { providerMetadata: { [provider]: metadata } }),
  };
}

function toText(input: unknown): string {
  if (typeof input === "string") return input;
  return input === undefined || input === null ? "" : JSON.stringify(input);
}
