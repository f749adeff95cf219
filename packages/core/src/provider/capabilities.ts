import type { ReasoningEffort } from "../model/chat.ts";
import type { ReasoningTag } from "../model/policy.ts";

/** What a call may use and a model may lack. */
export type Feature =
  | "tools"
  | "toolChoice"
  | "parallelToolCalls"
  | "imageInput"
  | "documentInput"
  | "audioInput"
  | "structuredOutput"
  | "jsonMode"
  | "reasoning"
  | "reasoningBudget"
  | "temperature"
  | "topP"
  | "topK"
  | "stopSequences"
  | "seed"
  | "n"
  | "presencePenalty"
  | "frequencyPenalty"
  | "logprobs"
  | "cache"
  | "user"
  | "metadata";

/** true, false, or absent for unknown. Only a `false` stops anything, so that a new model works on its first day. */
export type Capabilities = Partial<Record<Feature, boolean>>;

/** Kinds of files, as vendors tell them apart. */
export type MediaKind = "image" | "audio" | "video" | "document";

/** How files that tools return are sent. What the capabilities refuse is left out in any case. */
export interface ResultFiles {
  /**
   * Kinds that a result can hold. The others go into a user's message behind all results of the
   * turn. Default: none.
   */
  within?: readonly MediaKind[];
  /** A result can be a list of texts. Default: where it can hold files. */
  texts?: boolean;
  /** A result holds files by their bytes alone; those by URL or id go behind the results. */
  bytesOnly?: true;
  /**
   * Videos are taken, in a result or behind it. Default: they are left out, as most vendors take
   * none.
   */
  videos?: true;
  /** The only documents that are taken are PDFs. */
  pdfOnly?: true;
  /** The `type` of a result that is the vendor's own, and goes as it is. */
  own?: string;
}

/** What a model can do. */
export interface ModelTraits {
  capabilities: Capabilities;
  /** Reasoning efforts that the model accepts, lowest first; any other is rounded to the nearest. Absent: unknown, sent as asked. */
  efforts?: readonly ReasoningEffort[];
  /** The model reasons unless it is told not to. */
  reasonsByDefault?: boolean;
  /** Refused by the vendor while the model reasons, accepted otherwise. */
  notWhileReasoning?: readonly Feature[];
  /** Refused beside tools. */
  notWithTools?: readonly Feature[];
  /** Tags in which the model puts its reasoning into the text; "usual": <think>, <thinking>, [THINK]. */
  reasoningTags?: "usual" | readonly ReasoningTag[];
  /** Goes before what the wire says. */
  resultFiles?: ResultFiles;
}

/** A row of a provider's `models.ts`. */
export interface ModelFamily extends ModelTraits {
  /** The id itself, or its beginning up to a "-", "@" or ":". The longest prefix wins. */
  prefix: string;
  /** Tokens that fit in, and tokens that can come out at most. */
  contextTokens?: number;
  maxOutputTokens?: number;
  /** What is different on one of several wires, by its `api` name. */
  apis?: Readonly<Record<string, Partial<ModelTraits>>>;
}

/** The row for a model, undefined for an unknown one: a guess from a relative's row could refuse what the model can do. */
export function findFamily<F extends { prefix: string }>(families: readonly F[], model: string): F | undefined {
  let found: F | undefined;
  for (const family of families) {
    if (isOf(model, family.prefix) && (found === undefined || family.prefix.length > found.prefix.length)) found = family;
  }
  return found;
}

function isOf(model: string, prefix: string): boolean {
  return model.startsWith(prefix) && (model.length === prefix.length || "-@:".includes(model[prefix.length]!));
}

/** The row as it is on one wire. */
export function onWire(family: ModelFamily | undefined, api: string | undefined): ModelFamily | undefined {
  const differs = api === undefined ? undefined : family?.apis?.[api];
  if (family === undefined || differs === undefined) return family;
  return { ...family, ...differs, capabilities: { ...family.capabilities, ...differs.capabilities } };
}
