import { LlmError, type ToolCall } from "../error.ts";
import { untilAborted } from "../http/signals.ts";
import type { CallOptions, ChatEvent } from "../model/chat.ts";
import type { Decision } from "../model/tool.ts";
import type { Claim, Decided, Signer } from "./approval.ts";
import type { Slots } from "./slots.ts";

/** Who may decide, and how. */
export interface AskSettings extends Pick<CallOptions, "approve" | "approvals"> {
  signer: Signer;
  /** The calls that the model made at once, those that are asked about included. */
  turn: readonly Claim[];
  signal: AbortSignal;
  /** Somebody reads the events, and can decide by them. */
  attended(): boolean;
}

/** Whether a call may run. */
export interface Question {
  call: ToolCall;
  event: Extract<ChatEvent, { type: "approval-request" }>;
  /** By the event. */
  decided: Promise<Decided>;
  decision(): Decided | undefined;
}

export async function ask(call: ToolCall, job: number, { signer, turn }: AskSettings, reason?: string): Promise<Question> {
  const { toolCallId, toolName, input } = call;
  const { promise, resolve } = Promise.withResolvers<Decided>();
  let first: Decided | undefined;
  const settle = (decision: Decided) => resolve((first ??= decision));
  const event: Question["event"] = {
    type: "approval-request",
    toolCallId,
    toolName,
    input,
    token: await signer.sign(call, turn),
    ...(reason !== undefined && { reason }),
    job,
    approve: () => settle({ approved: true }),
    reject: (why) => settle({ approved: false, ...(why !== undefined && { reason: why }) }),
  };
  return { call, event, decided: promise, decision: () => first };
}

/**
 * By the event, by the callback, or by waiting for the event; undefined: nobody can decide now, and the call is to be handed back. `taken` is there where
 * the event was handed over, and resolves when its reader goes on. Callbacks are asked one at a time.
 */
export async function answerTo(
  question: Question,
  taken: Promise<void> | undefined,
  { approve, approvals, attended, signal }: AskSettings,
  oneByOne: Slots,
): Promise<Decided | undefined> {
  const { call, decided, decision } = question;
  if (taken !== undefined) await untilAborted(Promise.race([taken, decided]), signal);
  const known = decision();
  if (known !== undefined) return known;
  if (approve !== undefined) {
    const called = oneByOne(async () => {
      signal.throwIfAborted();
      return decision() ?? toDecided(await untilAborted(Promise.resolve(approve(call)), signal));
    });
    return untilAborted(Promise.race([decided, called]), signal);
  }
  if (approvals === "pause") return undefined;
  if (taken !== undefined && attended()) return untilAborted(decided, signal);
  return { approved: false, reason: "Nobody was there to approve it." };
}

/** A question of a running tool: its answer cannot come from another process. */
export function refuseToPause({ toolCallId, toolName }: ToolCall): LlmError {
  return new LlmError("tool", `The tool "${toolName}" asks for approval while it runs, which cannot be paused.`, {
    toolCallId,
    toolName,
    hint: `Give it \`approval\`, or do not set approvals: "pause".`,
  });
}

/** Whatever does not clearly say yes says no. */
function toDecided(decision: Decision | undefined): Decided {
  return typeof decision === "object" ? { ...decision, approved: decision.approved === true } : { approved: decision === true };
}
