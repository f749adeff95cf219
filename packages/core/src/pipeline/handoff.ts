import { LlmError } from "../error.ts";
import type { AssistantMessage, AssistantPart, Message } from "../message/types.ts";
import type { CallOptions, ChatCall, Warning } from "../model/chat.ts";
import type { HistoryRules } from "../provider/history-rules.ts";
import { toFitting } from "./fitting.ts";
import { Mends, type Mend, type Reader } from "./mends.ts";
import { isCallersCall, pairUp } from "./pairs.ts";

/** Who goes on with a history. */
export interface To {
  provider: string;
  rules: HistoryRules;
  /** The host that is asked, where it is not the provider's own. */
  host: string | undefined;
  /** What the caller adds to the request, where an option may stand too. */
  extraBody: CallOptions["extraBody"];
}

/**
 * Makes a history valid as a whole for the provider that goes on with it, whoever wrote it: without
 * what only others can read, with one result behind each call, and with ids, names and inputs by
 * the wire's rules. The warnings say what was changed. Throws `invalid-request` where nothing is
 * left to send.
 */
export function handOff(call: ChatCall, { provider, rules, host, extraBody }: To): { call: ChatCall; warnings: Warning[] } {
  const options = { ...extraBody, ...call.providerOptions };
  const held = rules.heldBy?.some((name) => options[name] !== undefined) ?? false;
  const reader: Reader = { provider, rules, host, held, mends: new Mends() };
  const readable = pairUp(call.messages, reader).map((message) => withoutUnreadable(message, reader));
  const said = withoutEmpty(readable, reader);
  if (said.every(({ role }) => role === "system"))
    throw new LlmError("invalid-request", "Nothing of these messages can be sent: add a user message.", { provider });
  const messages = toFitting(said, call.tools, reader);
  const same = messages.length === call.messages.length && messages.every((message, index) => message === call.messages[index]);
  const handed = same ? call : { ...call, messages };
  const warnings = reader.mends.warnings(provider);
  if (!mustNotReason(handed, reader)) return { call: handed, warnings };
  const { reasoning: _, ...unreasoned } = handed;
  return { call: unreasoned, warnings: [...warnings, pausedReasoning(provider)] };
}

function pausedReasoning(provider: string): Warning {
  const why = "the turn that is under way began without reasoning of its own";
  return {
    code: "reasoning-paused",
    feature: "reasoning",
    provider,
    message: `Reasoning is off for ${provider} until the user's next turn: ${why}.`,
  };
}

function withoutUnreadable(message: Message, reader: Reader): Message {
  if (message.role !== "assistant" || typeof message.content === "string") return message;
  const content = message.content.filter((part) => {
    const loss = lossOf(part, message, reader);
    if (loss !== undefined) reader.mends.add(loss);
    else if (isSignedElsewhere(part, reader)) reader.mends.add("signatures");
    return loss === undefined;
  });
  return content.length === message.content.length ? message : { ...message, content };
}

/** What is lost with a part that cannot go there; undefined where it can. */
function lossOf(part: AssistantPart, message: AssistantMessage, { provider, rules, host }: Reader): Mend | undefined {
  const own = part.providerMetadata?.[provider];
  switch (part.type) {
    case "reasoning":
      if (isForeign(part, message, provider)) return "foreignReasoning";
      return rules.takesReasoning?.(own ?? {}, host !== undefined && message.host === host) === false ? "reasoning" : undefined;
    case "tool-call":
      return part.providerExecuted && isForeign(part, message, provider) ? "vendorTools" : undefined;
    case "tool-result":
      return isForeign(part, message, provider) ? "vendorTools" : undefined;
    case "image":
    case "file":
      return rules.madeFiles === "any" || (rules.madeFiles === "own" && own !== undefined) ? undefined : "files";
    default:
      return undefined;
  }
}

function isForeign({ providerMetadata: metadata = {} }: AssistantPart, message: AssistantMessage, provider: string): boolean {
  const marked = message.provider ?? Object.keys(metadata)[0];
  return metadata[provider] === undefined && marked !== undefined && marked !== provider;
}

function isSignedElsewhere({ providerMetadata = {} }: AssistantPart, { provider }: Reader): boolean {
  return Object.entries(providerMetadata).some(([id, fields]) => id !== provider && isSigned(fields));
}

/** What vendors sign stands near the top of their metadata. */
const SIGNED_DEPTH = 8;

/** Whether there is anything that a vendor signed or encrypted. */
function isSigned(fields: unknown, depth = 0): boolean {
  if (typeof fields !== "object" || fields === null || depth > SIGNED_DEPTH) return false;
  return Object.entries(fields).some(
    ([name, value]) => (/signature|encrypted/i.test(name) && Boolean(value)) || isSigned(value, depth + 1),
  );
}

/**
 * Without messages that say nothing, and without reasoning that leads to nothing where it must.
 * Answers that follow one another are one.
 */
function withoutEmpty(messages: readonly Message[], reader: Reader): Message[] {
  const kept: Message[] = [];
  for (const message of messages.toReversed()) {
    const goesOn = message.role === "assistant" && kept.at(-1)?.role === "assistant" && reader.rules.reasoningLeads !== undefined;
    const sent = message.role === "assistant" && !goesOn ? withoutLastReasoning(message, reader) : message;
    if (isEmpty(sent, goesOn, reader)) reader.mends.add("messages");
    else kept.push(sent);
  }
  return kept.toReversed();
}

function withoutLastReasoning(message: AssistantMessage, reader: Reader): AssistantMessage {
  const { content } = message;
  if (typeof content === "string") return message;
  const last = content.findLastIndex((part) => part.type !== "reasoning" && saysAnything(part, reader));
  const left = content.filter((part, index) => index <= last || part.type !== "reasoning" || !mustLead(part, reader));
  // Of a message that is nothing else, the message is told and not its parts.
  if (last !== -1) reader.mends.add("reasoning", content.length - left.length);
  return left.length === content.length ? message : { ...message, content: left };
}

function isEmpty({ role, content }: Message, goesOn: boolean, reader: Reader): boolean {
  if (role === "user" || role === "tool") return false;
  if (typeof content === "string") return content.trim() === "";
  return !content.some((part) => (goesOn && part.type === "reasoning") || saysAnything(part, reader));
}

/**
 * What can be a message by itself. A part that a vendor ran or made can be where the vendor wants
 * it back.
 */
function saysAnything(part: AssistantPart, reader: Reader): boolean {
  switch (part.type) {
    case "text":
      return part.text.trim() !== "";
    case "reasoning":
      return reader.rules.reasoningLeads !== undefined && !mustLead(part, reader);
    case "tool-call":
    case "tool-result":
      return isCallersCall(part) || part.providerMetadata?.[reader.provider] !== undefined;
    case "source":
      return false;
    default:
      return true;
  }
}

function mustLead({ providerMetadata }: AssistantPart, { provider, rules }: Reader): boolean {
  return rules.reasoningLeads?.(providerMetadata?.[provider] ?? {}) ?? false;
}

/**
 * Whether the turn that is under way has an answer with tool calls that does not begin with
 * reasoning. Answers that follow one another are one.
 */
function mustNotReason(call: ChatCall, { rules }: Reader): boolean {
  const { messages, reasoning } = call;
  if (reasoning === undefined || reasoning.effort === "none" || rules.turnNeedsReasoning?.(call) !== true) return false;
  let begun = false;
  for (let at = messages.findLastIndex(({ role }) => role === "user") + 1; at < messages.length; at++) {
    const { role, content } = messages[at]!;
    if (role !== "assistant") continue;
    const parts = typeof content === "string" ? [] : (content as AssistantPart[]);
    if (messages[at - 1]?.role !== "assistant")
      begun = parts.find((part) => part.type !== "source" && !isBlank(part))?.type === "reasoning";
    if (!begun && parts.some(({ type }) => type === "tool-call")) return true;
  }
  return false;
}

function isBlank(part: AssistantPart): boolean {
  return part.type === "text" && part.text.trim() === "";
}
