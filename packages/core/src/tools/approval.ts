import { LlmError, type ToolCall } from "../error.ts";
import type { Message, ToolCallPart } from "../message/types.ts";

/** A decision that came with the history, on a call that stands in it. */
export interface Decided {
  approved: boolean;
  reason?: string;
}

/** Makes and checks what proves that a decision is about this very call: a keyed hash of its id, tool and input. */
export interface Signer {
  sign(call: Pick<ToolCall, "toolCallId" | "toolName" | "input">): Promise<string>;
  verify(call: Pick<ToolCall, "toolCallId" | "toolName" | "input">, token: string): Promise<boolean>;
}

/** HMAC-SHA-256. Without a secret, one of this process: its tokens are worthless after it. */
export function createSigner(secret?: string): Signer {
  const bytes = secret === undefined ? crypto.getRandomValues(new Uint8Array(32)) : new TextEncoder().encode(secret);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  let key: ReturnType<typeof crypto.subtle.importKey> | undefined;
  const keyed = () => (key ??= crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]));
  return {
    async sign(call) {
      const signature = await crypto.subtle.sign("HMAC", await keyed(), claim(call));
      return btoa(String.fromCharCode(...new Uint8Array(signature)));
    },
    async verify(call, token) {
      let signature: Uint8Array<ArrayBuffer>;
      try {
        signature = Uint8Array.from(atob(token), (character) => character.charCodeAt(0));
      } catch {
        return false;
      }
      return crypto.subtle.verify("HMAC", await keyed(), signature, claim(call));
    },
  };
}

/** The call as bytes, whatever order a store has given to the keys of its input. */
function claim({ toolCallId, toolName, input }: Pick<ToolCall, "toolCallId" | "toolName" | "input">): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify([toolCallId, toolName, sorted(input)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner)]);
}

/** The calls of a history that wait for an answer, and the decisions that came on them. No decisions: nothing to resume. */
export interface Resumption {
  calls: ToolCallPart[];
  decided: Map<string, Decided>;
}

/**
 * Reads the decisions out of a history. Throws `invalid-request` for one whose token does not belong to a call in it, or whose call has its result
 * already: a client may send anything.
 */
export async function takeDecisions(messages: readonly Message[], signer: Signer): Promise<Resumption> {
  const calls = new Map<string, ToolCallPart>();
  const answered = new Set<string>();
  const decided = new Map<string, Decided>();
  for (const { content } of messages) {
    if (typeof content === "string") continue;
    for (const part of content) {
      if (part.type === "tool-call" && part.providerExecuted !== true) calls.set(part.toolCallId, part);
      else if (part.type === "tool-result") answered.add(part.toolCallId);
      else if (part.type === "approval") {
        const call = calls.get(part.toolCallId);
        if (call === undefined || !(await signer.verify(call, part.token)))
          throw refused(part.toolCallId, "does not belong to a call of this history");
        if (answered.has(part.toolCallId) || decided.has(part.toolCallId))
          throw refused(part.toolCallId, "comes too late: the call has been answered");
        decided.set(part.toolCallId, { approved: part.approved === true, ...(part.reason !== undefined && { reason: part.reason }) });
      }
    }
  }
  for (const id of decided.keys()) if (answered.has(id)) throw refused(id, "comes too late: the call has been answered");
  return { calls: decided.size === 0 ? [] : [...calls.values()].filter(({ toolCallId }) => !answered.has(toolCallId)), decided };
}

function refused(toolCallId: string, why: string): LlmError {
  return new LlmError("invalid-request", `The approval of tool call ${JSON.stringify(toolCallId)} ${why}.`, {
    toolCallId,
    hint: "Send the token of the pending approval, with the same approvalSecret, and only once.",
  });
}

/** The messages without decisions, which no vendor knows. */
export function withoutDecisions(messages: readonly Message[]): Message[] {
  return messages.flatMap((message): Message[] => {
    if (message.role !== "tool" || message.content.every(({ type }) => type !== "approval")) return [message];
    const content = message.content.filter(({ type }) => type !== "approval");
    return content.length === 0 ? [] : [{ ...message, content }];
  });
}
