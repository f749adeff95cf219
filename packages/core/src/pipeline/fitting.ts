import type { AssistantPart, Message, ToolCallPart, ToolResultPart } from "../message/types.ts";
import type { ChatCall } from "../model/chat.ts";
import type { ToolCallIdRule } from "../provider/history-rules.ts";
import type { Reader } from "./mends.ts";
import { formOf } from "./pairs.ts";

const USUAL_NAMES = /^[\w-]{1,64}$/;
const LONGEST_NAME = 64;
const NAMELESS = "unknown_tool";

/**
 * The messages with ids, names and inputs of tool calls as the reader takes them; results get those
 * of their calls, behind which they stand. What becomes of a call depends only on the messages
 * before it, so that a history which grows is written the same way each time.
 */
export function toFitting(messages: readonly Message[], tools: ChatCall["tools"], reader: Reader): Message[] {
  const fitter = new Fitter(tools, reader);
  return messages.map((message) => fitter.message(message));
}

class Fitter {
  readonly #reader: Reader;
  /** How often each id was used. */
  readonly #uses = new Map<string, number>();
  /** The name that is sent for each, and all that are. */
  readonly #names = new Map<string, string>();
  readonly #taken: Set<string>;
  /** Calls that a vendor ran, by the id that they came with. */
  readonly #vendors = new Map<string, string>();
  /** The calls of the last message, as they came and as they are sent. */
  #calls: [came: ToolCallPart, sent: ToolCallPart][] = [];
  #next = 0;

  constructor(tools: ChatCall["tools"], reader: Reader) {
    this.#reader = reader;
    for (const { name } of tools) this.#names.set(name, name);
    this.#taken = new Set(this.#names.keys());
  }

  message(message: Message): Message {
    if (typeof message.content === "string") return message;
    if (message.role === "assistant") {
      this.#calls = [];
      this.#next = 0;
      const content = message.content.map((part) => this.#part(part));
      return content.every((part, index) => part === (message.content as AssistantPart[])[index]) ? message : { ...message, content };
    }
    if (message.role !== "tool") return message;
    const content = message.content.map((part) => (part.type === "tool-result" ? this.#result(part) : part));
    return content.every((part, index) => part === message.content[index]) ? message : { ...message, content };
  }

  #part(part: AssistantPart): AssistantPart {
    if (part.type === "tool-result") return changed(part, { toolCallId: this.#vendors.get(part.toolCallId) ?? part.toolCallId });
    if (part.type !== "tool-call") return part;
    if (part.providerExecuted !== true) return this.#call(part);
    const toolCallId = this.#id(part.toolCallId);
    this.#vendors.set(part.toolCallId, toolCallId);
    return changed(part, { toolCallId });
  }

  #call(call: ToolCallPart): ToolCallPart {
    const form = formOf(call, this.#reader);
    const sent = changed(call, {
      toolCallId: this.#id(call.toolCallId),
      toolName: form === "own" ? call.toolName : this.#name(call.toolName),
      input: form === "function" ? this.#input(call.input) : call.input,
    });
    this.#calls.push([call, sent]);
    return sent;
  }

  #result(result: ToolResultPart): ToolResultPart {
    while (this.#next < this.#calls.length) {
      const [came, { toolCallId, toolName }] = this.#calls[this.#next++]!;
      if (came.toolCallId === result.toolCallId) return changed(result, { toolCallId, toolName });
    }
    return result;
  }

  #id(id: string): string {
    const use = (this.#uses.get(id) ?? 0) + 1;
    this.#uses.set(id, use);
    const { toolCallIds: rule } = this.#reader.rules;
    if (use === 1 && id !== "" && toFittingId(id, rule) === id) return id;
    this.#reader.mends.add("ids");
    return toHash(use === 1 ? id : `${id}\n${use}`, rule);
  }

  #name(name: string): string {
    const known = this.#names.get(name);
    const fitting = known ?? this.#toName(name);
    if (known === undefined) {
      this.#names.set(name, fitting);
      this.#taken.add(fitting);
    }
    if (fitting !== name) this.#reader.mends.add("names");
    return fitting;
  }

  #toName(name: string): string {
    const rule = this.#reader.rules.toolNames ?? USUAL_NAMES;
    if (rule.test(name) && !this.#taken.has(name)) return name;
    const plain = name.replaceAll(/[^\w-]/g, "_").slice(0, LONGEST_NAME);
    const spoken = /[a-z\d]/i.test(plain) ? plain : NAMELESS;
    const fitting = rule.test(spoken) ? spoken : `_${spoken}`.slice(0, LONGEST_NAME);
    if (!this.#taken.has(fitting)) return fitting;
    const hash = toHash(name, undefined);
    return `${fitting.slice(0, LONGEST_NAME - hash.length - 1)}_${hash}`;
  }

  /** An object, which some models write as text; all else is put into one. */
  #input(input: unknown): unknown {
    if (isObject(input)) return input;
    this.#reader.mends.add("inputs");
    return toObject(input) ?? { input };
  }
}

/** Returns the same part where nothing changes. */
function changed<Part extends AssistantPart>(part: Part, changes: Partial<ToolCallPart>): Part {
  const fields = Object.entries(changes);
  return fields.every(([name, value]) => part[name as keyof Part] === value) ? part : { ...part, ...changes };
}

function toObject(input: unknown): object | undefined {
  if (typeof input !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(input);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An id as the vendor takes it. */
export function toFittingId(id: string, rule: ToolCallIdRule | undefined): string {
  return rule === undefined || rule.takes.test(id) ? id : toHash(id, rule);
}

/**
 * An id by the rule, made of another: always the same one, so that what vendors keep of a history
 * stays valid.
 */
function toHash(text: string, rule: ToolCallIdRule | undefined): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  return hash
    .toString(36)
    .padStart(13, "0")
    .slice(-(rule?.length ?? 13));
}
