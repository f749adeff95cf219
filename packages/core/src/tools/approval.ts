import { LlmError, type ToolCall } from "../error.ts";
import type { ApprovalPart, Message, ToolResultPart } from "../message/types.ts";

/** A decision that came with the history, on a call that stands in it. */
export interface Decided {
  approved: boolean;
  reason?: string;
}

/** What of a call a decision is about. */
export type Claim = Pick<ToolCall, "toolCallId" | "toolName" | "input">;

/**
 * Makes and checks what proves that a decision is about this very call: a keyed hash of its id, tool and input, and of the calls that the model made
 * along with it. So none can be slipped in beside one that was approved.
 */
export interface Signer {
  sign(call: Claim, turn: readonly Claim[]): Promise<string>;
  verify(call: Claim, turn: readonly Claim[], token: string): Promise<boolean>;
}

/** HMAC-SHA-256. Without a secret, one of its own: its tokens are worthless after it. */
export function createSigner(secret?: string): Signer {
  const bytes = secret === undefined ? crypto.getRandomValues(new Uint8Array(32)) : new TextEncoder().encode(secret);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  let key: ReturnType<typeof crypto.subtle.importKey> | undefined;
  const keyed = () => (key ??= crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]));
  return {
    async sign(call, turn) {
      const signature = await crypto.subtle.sign("HMAC", await keyed(), toBytes(call, turn));
      return btoa(String.fromCharCode(...new Uint8Array(signature)));
    },
    async verify(call, turn, token) {
      let signature: Uint8Array<ArrayBuffer>;
      try {
        signature = Uint8Array.from(atob(token), (character) => character.charCodeAt(0));
      } catch {
        return false;
      }
      return crypto.subtle.verify("HMAC", await keyed(), signature, toBytes(call, turn));
    },
  };
}

function toBytes(call: Claim, turn: readonly Claim[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify([call, ...turn].map(toPlain)));
}

/** Whatever order a store has given to the keys of an input. */
function toPlain({ toolCallId, toolName, input }: Claim): unknown[] {
  return [toolCallId, toolName, sorted(input ?? {})];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}

/** The last turn of a history that comes with decisions: its calls without a result, and what was decided on them. */
export interface Resumption {
  turn: readonly Claim[];
  open: Claim[];
  decided: Map<Claim, Decided>;
}

/**
 * Reads the decisions behind the last answer of a history; undefined where there are none. Those before it, and those whose result has followed, are
 * past. Throws `invalid-request` for one whose token does not belong to a call of that answer, or whose call had its result already: a client may
 * send anything.
 */
export async function takeDecisions(messages: readonly Message[], signer: Signer): Promise<Resumption | undefined> {
  const at = messages.findLastIndex(({ role }) => role === "assistant");
  const { fresh, answered } = readTail(messages.slice(at + 1));
  if (fresh.length === 0) return undefined;
  const turn = callsOf(messages[at]);
  const open = turn.filter(({ toolCallId }) => !answered.has(toolCallId));
  const decided = new Map<Claim, Decided>();
  for (const { toolCallId, token, approved, reason } of fresh) {
    const call = await firstOf(open, async (one) => one.toolCallId === toolCallId && (await signer.verify(one, turn, token)));
    if (call === undefined) throw refused(toolCallId, "does not belong to a call of the last answer in this history");
    if (decided.has(call)) throw refused(toolCallId, "comes too late: it has been decided");
    decided.set(call, { approved: approved === true, ...(reason !== undefined && { reason }) });
  }
  return { turn, open, decided };
}

function readTail(messages: readonly Message[]): { fresh: ApprovalPart[]; answered: Set<string> } {
  const answered = new Set<string>();
  const decisions: ApprovalPart[] = [];
  for (const { role, content } of messages) {
    if (role !== "tool") continue;
    for (const part of content as (ToolResultPart | ApprovalPart)[]) {
      if (part.type === "tool-result") answered.add(part.toolCallId);
      else if (answered.has(part.toolCallId)) throw refused(part.toolCallId, "comes too late: the call has its result");
      else decisions.push(part);
    }
  }
  return { fresh: decisions.filter(({ toolCallId }) => !answered.has(toolCallId)), answered };
}

function callsOf(message: Message | undefined): Claim[] {
  if (message?.role !== "assistant" || typeof message.content === "string") return [];
  const calls = message.content.filter((part) => part.type === "tool-call").filter(({ providerExecuted }) => providerExecuted !== true);
  return calls.map(({ toolCallId, toolName, input }) => ({ toolCallId, toolName, input }));
}

async function firstOf<T>(items: readonly T[], fits: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await fits(item)) return item;
  return undefined;
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
