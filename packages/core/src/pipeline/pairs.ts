import type { AssistantMessage, AssistantPart, Message, ToolCallPart, ToolResultPart } from "../message/types.ts";
import type { CallForm } from "../provider/history-rules.ts";
import type { Reader } from "./mends.ts";

const INTERRUPTED = "This call was interrupted; it has no result.";

/** A call that the caller has to run, and not the vendor. */
export function isCallersCall(part: AssistantPart): part is ToolCallPart {
  return part.type === "tool-call" && part.providerExecuted !== true;
}

export function formOf({ providerMetadata }: ToolCallPart, { provider, rules }: Reader): CallForm {
  const own = providerMetadata?.[provider];
  return (own && rules.callForm?.(own)) ?? "function";
}

/**
 * The messages with one result for each call that the caller had to run, directly behind the call's
 * message and in the order of its calls. A call without a result gets an error, results without a
 * call are left out, and those that stand elsewhere are moved. Results in front of all answers stay
 * where the vendor holds their calls.
 */
export function pairUp(messages: readonly Message[], reader: Reader): Message[] {
  const first = reader.held ? messages.findIndex(({ role }) => role === "assistant") : 0;
  const begun = first === -1 ? messages.length : first;
  const found = new Finder();
  for (const message of messages.slice(begun)) found.read(message);
  found.settle();
  reader.mends.add("strays", found.strays);
  const paired = messages.slice(0, begun);
  for (let at = begun; at < messages.length; at++) {
    const message = messages[at]!;
    if (message.role === "assistant" && typeof message.content !== "string") {
      const behind: Message[] = [];
      while (messages[at + 1]?.role === "tool") behind.push(messages[++at]!);
      paired.push(withoutResults(message, found.misplaced), ...toResults(message.content, behind, found.results, reader));
    } else if (message.role !== "tool") paired.push(message);
  }
  return paired;
}

/**
 * Finds the results of calls. Ids may begin anew in each answer, so a result belongs to the latest
 * message that waits for its id, and there to the first call.
 */
class Finder {
  readonly results = new Map<ToolCallPart, ToolResultPart>();
  /** Results of the caller's calls that stand in a message of the assistant's. */
  readonly misplaced = new Set<AssistantPart>();
  strays = 0;
  /** Calls without a result so far, by id; those of one message are together. */
  readonly #open = new Map<string, ToolCallPart[][]>();
  /** Results since the last message of the assistant's, by id. */
  readonly #waiting = new Map<string, ToolResultPart[]>();

  read({ role, content }: Message): void {
    if (role === "assistant") {
      this.settle();
      if (typeof content !== "string") this.#readAnswer(content as AssistantPart[]);
    } else if (role === "tool") for (const part of content as ToolResultPart[]) if (part.type === "tool-result") this.#wait(part);
  }

  #readAnswer(content: readonly AssistantPart[]): void {
    const calls = Map.groupBy(content.filter(isCallersCall), ({ toolCallId }) => toolCallId);
    for (const [id, group] of calls) addTo(this.#open, id, group);
    const vendors = new Set<string>();
    for (const part of content) {
      if (part.type === "tool-call" && part.providerExecuted) vendors.add(part.toolCallId);
      if (part.type !== "tool-result" || vendors.has(part.toolCallId) || !this.#open.get(part.toolCallId)?.length) continue;
      this.misplaced.add(part);
      this.#wait(part);
    }
  }

  #wait(result: ToolResultPart): void {
    addTo(this.#waiting, result.toolCallId, result);
  }

  /**
   * Where there are fewer results than calls, an earlier turn was interrupted, and they are the
   * later one's.
   */
  settle(): void {
    for (const [id, results] of this.#waiting) {
      const groups = this.#open.get(id) ?? [];
      let from = groups.length;
      for (let room = 0; from > 0 && room < results.length;) room += groups[--from]!.length;
      const calls = groups.splice(from).flat();
      for (const [index, call] of calls.slice(0, results.length).entries()) this.results.set(call, results[index]!);
      if (calls.length > results.length) groups.push(calls.slice(results.length));
      this.strays += Math.max(0, results.length - calls.length);
    }
    this.#waiting.clear();
  }
}

function addTo<T>(lists: Map<string, T[]>, id: string, item: T): void {
  const list = lists.get(id);
  if (list === undefined) lists.set(id, [item]);
  else list.push(item);
}

function withoutResults(message: AssistantMessage, misplaced: ReadonlySet<AssistantPart>): AssistantMessage {
  const content = message.content as AssistantPart[];
  return misplaced.size > 0 && content.some((part) => misplaced.has(part))
    ? { ...message, content: content.filter((part) => !misplaced.has(part)) }
    : message;
}

/**
 * The results of one message's calls. The messages that stand behind it are left alone where they
 * hold just these.
 */
function toResults(
  content: readonly AssistantPart[],
  behind: readonly Message[],
  found: ReadonlyMap<ToolCallPart, ToolResultPart>,
  reader: Reader,
): readonly Message[] {
  const given: ToolResultPart[] = [];
  const wanted: ToolResultPart[] = [];
  for (const call of content.filter(isCallersCall)) {
    const result = found.get(call);
    if (result !== undefined) given.push(result);
    else if (formOf(call, reader) === "own") continue;
    else reader.mends.add("open");
    wanted.push(result ?? toInterrupted(call));
  }
  const there = behind.flatMap((message) => message.content as ToolResultPart[]);
  if (there.length === wanted.length && there.every((part, index) => part === wanted[index])) return behind;
  const near = new Set(there);
  // Another order right behind the calls is no fault: tools end as they do, and decisions come
  // later.
  reader.mends.add("moved", given.filter((part) => !near.has(part)).length);
  return wanted.length === 0 ? [] : [{ role: "tool", content: wanted }];
}

function toInterrupted({ toolCallId, toolName }: ToolCallPart): ToolResultPart {
  return { type: "tool-result", toolCallId, toolName, output: INTERRUPTED, isError: true };
}
