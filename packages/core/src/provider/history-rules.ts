import type { ChatCall } from "../model/chat.ts";

/** The metadata of one part that belongs to the provider that reads it. */
type Own = Readonly<Record<string, unknown>>;

/**
 * What a vendor demands of a history. Core mends every history by these rules before it is sent,
 * and tells each mend by a warning.
 */
export interface HistoryRules {
  /**
   * Which ids of tool calls the vendor takes. Core rewrites all other ids, in the call and in its
   * result. Default: any id.
   */
  toolCallIds?: ToolCallIdRule;
  /**
   * Which names of tools the vendor takes in a history. Default: letters, digits, "_" and "-", at
   * most 64 in all.
   */
  toolNames?: RegExp;
  /** The form of a call with this metadata. Default: "function". */
  callForm?(metadata: Own): CallForm;
  /**
   * Files that models made are sent back in the messages that they stand in: "any", or "own", those
   * that this provider keeps in its metadata. Default: none.
   */
  madeFiles?: "any" | "own";
  /**
   * Whether reasoning with this metadata can go back. `sameHost`: it came from the very host that
   * is asked, which is not the provider's own. Default: all can.
   */
  takesReasoning?(metadata: Own, sameHost: boolean): boolean;
  /**
   * Whether reasoning with this metadata is only taken in front of something that it led to.
   * Default: it may end a message, but is no message by itself.
   */
  reasoningLeads?(metadata: Own): boolean;
  /**
   * Options of the provider's own by which the vendor holds the beginning of a history, and with it
   * the calls of results that have none here.
   */
  heldBy?: readonly string[];
  /**
   * Whether a turn with tool calls that is still under way must begin with the vendor's own
   * reasoning. Only asked for calls that want reasoning. Default: no.
   */
  turnNeedsReasoning?(call: ChatCall): boolean;
}

/**
 * The form that a vendor gives to a tool call. "function": its input is an object. "text": its
 * input is text by nature. "own": the vendor has a form of its own for input and result, so that
 * core changes neither and makes up no result.
 */
export type CallForm = "function" | "text" | "own";

export interface ToolCallIdRule {
  takes: RegExp;
  /** Letters and digits of an id that takes the place of another, default (and at most) 13. */
  length?: number;
}
