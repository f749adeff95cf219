import type { AssistantMessage, AssistantPart, Message } from "../message/types.ts";
import type { ChatCall, Warning } from "../model/chat.ts";
import type { ChatWire, ToolCallIdRule } from "../provider/contract.ts";

/** How many parts were left out. */
interface Lost {
  reasoning: number;
  /** Reasoning that came by another wire of the same provider. */
  otherWire: number;
  tools: number;
  files: number;
}

/**
 * Makes a history fit the provider that goes on with it: tool call ids by its rule, without the reasoning and the vendor-run tools of others,
 * whose signatures nobody else can check, and without files in places where it takes none. The warnings say what was changed.
 */
export function handOff(call: ChatCall, provider: string, wire: ChatWire): { call: ChatCall; warnings: Warning[] } {
  const lost: Lost = { reasoning: 0, otherWire: 0, tools: 0, files: 0 };
  const ids = new Set<string>();
  const rename = (id: string): string => {
    const fitting = toFittingId(id, wire.toolCallIds);
    if (fitting !== id) ids.add(id);
    return fitting;
  };
  const messages = call.messages.flatMap((message): Message[] => {
    if (message.role === "tool")
      return [{ ...message, content: message.content.map((part) => ({ ...part, toolCallId: rename(part.toolCallId) })) }];
    if (message.role !== "assistant" || typeof message.content === "string") return [message];
    const content = message.content.filter((part) => {
      const kind = lossOf(part, message, provider, wire);
      if (kind !== undefined) lost[kind]++;
      return kind === undefined;
    });
    return content.length === 0 && message.content.length > 0
      ? []
      : [{ ...message, content: content.map((part) => renamed(part, rename)) }];
  });
  const warn = (count: number, what: string): Warning[] =>
    count === 0 ? [] : [{ code: "history", provider, message: `${what} for ${provider}: ${count}.` }];
  const warnings = [
    ...warn(lost.reasoning, "Reasoning parts of another provider left out"),
    ...warn(lost.otherWire, "Reasoning parts that came by another wire left out"),
    ...warn(lost.tools, "Parts of tools that another provider ran left out"),
    ...warn(lost.files, "Files that a model made left out"),
    ...warn(ids.size, "Tool call ids rewritten"),
  ];
  return warnings.length === 0 ? { call, warnings } : { call: { ...call, messages }, warnings };
}

/** What is lost with a part that cannot go there; undefined where it can. */
function lossOf(part: AssistantPart, message: AssistantMessage, provider: string, wire: ChatWire): keyof Lost | undefined {
  const own = part.providerMetadata?.[provider];
  switch (part.type) {
    case "reasoning":
      if (isForeign(part, message, provider)) return "reasoning";
      return wire.takesReasoning?.(own ?? {}) === false ? "otherWire" : undefined;
    case "tool-call":
      return part.providerExecuted && isForeign(part, message, provider) ? "tools" : undefined;
    case "tool-result":
      return isForeign(part, message, provider) ? "tools" : undefined;
    case "image":
    case "file":
      return wire.madeFiles === "any" || (wire.madeFiles === "own" && own !== undefined) ? undefined : "files";
    default:
      return undefined;
  }
}

function isForeign({ providerMetadata: metadata = {} }: AssistantPart, message: AssistantMessage, provider: string): boolean {
  const marked = message.provider ?? Object.keys(metadata)[0];
  return metadata[provider] === undefined && marked !== undefined && marked !== provider;
}

function renamed(part: AssistantPart, rename: (id: string) => string): AssistantPart {
  return part.type === "tool-call" || part.type === "tool-result" ? { ...part, toolCallId: rename(part.toolCallId) } : part;
}

/** The id as a vendor takes it. The same id always becomes the same other one, so that a result still finds its call. */
export function toFittingId(id: string, rule: ToolCallIdRule | undefined): string {
  if (rule === undefined || rule.takes.test(id)) return id;
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < id.length; at++) hash = BigInt.asUintN(64, (hash ^ BigInt(id.charCodeAt(at))) * 0x100000001b3n);
  return hash
    .toString(36)
    .padStart(13, "0")
    .slice(-(rule.length ?? 13));
}
