import type { AssistantMessage, AssistantPart, Message } from "../message/types.ts";
import type { ChatCall, Warning } from "../model/chat.ts";
import type { ChatWire, ToolCallIdRule } from "../provider/contract.ts";

/**
 * Makes a history fit the provider that goes on with it: tool call ids by its rule, without the reasoning and the vendor-run tools of others,
 * whose signatures nobody else can check. The warnings say what was changed.
 */
export function handOff(call: ChatCall, provider: string, { toolCallIds }: ChatWire): { call: ChatCall; warnings: Warning[] } {
  const changes = { reasoning: 0, tools: 0, ids: new Set<string>() };
  const rename = (id: string): string => {
    const fitting = toFittingId(id, toolCallIds);
    if (fitting !== id) changes.ids.add(id);
    return fitting;
  };
  const messages = call.messages.flatMap((message): Message[] => {
    if (message.role === "tool")
      return [{ ...message, content: message.content.map((part) => ({ ...part, toolCallId: rename(part.toolCallId) })) }];
    if (message.role !== "assistant" || typeof message.content === "string") return [message];
    const content = message.content.filter((part) => !isForeign(part, message, provider, changes)).map((part) => renamed(part, rename));
    return content.length === 0 && message.content.length > 0 ? [] : [{ ...message, content }];
  });
  const warn = (count: number, what: string): Warning[] =>
    count === 0 ? [] : [{ code: "history", provider, message: `${what} for ${provider}: ${count}.` }];
  const warnings = [
    ...warn(changes.reasoning, "Reasoning parts of another provider left out"),
    ...warn(changes.tools, "Parts of tools that another provider ran left out"),
    ...warn(changes.ids.size, "Tool call ids rewritten"),
  ];
  return warnings.length === 0 ? { call, warnings } : { call: { ...call, messages }, warnings };
}

function isForeign(
  part: AssistantPart,
  message: AssistantMessage,
  provider: string,
  changes: { reasoning: number; tools: number },
): boolean {
  const vendorRun = part.type === "tool-result" || (part.type === "tool-call" && part.providerExecuted === true);
  if (part.type !== "reasoning" && !vendorRun) return false;
  const own = part.providerMetadata?.[provider] !== undefined;
  const marked = message.provider ?? Object.keys(part.providerMetadata ?? {})[0];
  if (own || marked === undefined || marked === provider) return false;
  changes[vendorRun ? "tools" : "reasoning"]++;
  return true;
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
