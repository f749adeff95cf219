import { LlmError, type ToolCall } from "../error.ts";
import type { FinishReason, ToolCallPart } from "../message/types.ts";
import type { ToolCallDelta } from "../provider/contract.ts";
import { isWhole } from "./finish.ts";

type Piece = ToolCallDelta & { part?: string | number };

/** A tool call as it grows. */
export class OpenCall {
  readonly part: ToolCallPart;
  /** The wire's own index and id. The id of `part` is another one where that was taken. */
  readonly index: number | undefined;
  id: string | undefined;
  started = false;
  /** The vendor has written the whole call. */
  written = false;
  ended = false;
  invalid: LlmError | undefined;
  /** The input is text, also where it looks like JSON. */
  plain = false;
  /** The tool is the one through which the model answers: its input is the text of the answer. */
  answers = false;
  /** Input that no event has told yet. */
  held = "";
  /** Pieces of the input: a string that grows piece by piece is a tree of all of them. */
  #pieces: string[] = [];
  #length = 0;
  readonly #json = new JsonProgress();

  constructor(index: number | undefined, providerExecuted: true | undefined) {
    this.index = index;
    this.part = { type: "tool-call", toolCallId: "", toolName: "", input: undefined, ...(providerExecuted && { providerExecuted }) };
  }

  /** The input as the model writes it. */
  get text(): string {
    if (this.#pieces.length > 1) this.#pieces = [this.#pieces.join("")];
    return this.#pieces[0] ?? "";
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** The input so far is one whole JSON value. */
  get isWhole(): boolean {
    return this.#json.isWhole;
  }

  /**
   * Takes more input. Returns what is new of it for the reader, which is held back while it may
   * still turn out to be nothing.
   */
  add(text: string): string {
    if (text === "" || (this.isWhole && !this.plain && !this.#replaces(text))) return "";
    this.#pieces.push(text);
    this.#length += text.length;
    this.#json.read(text);
    const told = this.held + text;
    this.held = isEmptyObject(told) && this.#length === told.length ? told : half(told);
    return told.slice(0, told.length - this.held.length);
  }

  /**
   * Some gateways send an empty object first and the real input after it; others send the whole
   * input once more at the end.
   */
  #replaces(text: string): boolean {
    if (!isEmptyObject(this.text)) return text.trim() !== "" && (text.length !== this.#length || text !== this.text);
    this.#pieces = [];
    this.#length = 0;
    this.#json.reset();
    this.held = "";
    return true;
  }
}

function isEmptyObject(text: string): boolean {
  return text.length < 8 && /^\s*\{\s*\}\s*$/.test(text);
}

/** The first half of a character that was cut in two, where a text ends with one. */
export function half(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : "";
}

/**
 * Finds the end of a JSON value as it comes, reading each piece once, and only where one could end.
 */
class JsonProgress {
  #unread: string[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;
  #over = false;
  #mayEnd = false;

  read(piece: string): void {
    this.#unread.push(piece);
    this.#mayEnd = "]}".includes(piece.trimEnd().at(-1) ?? " ") || (this.#mayEnd && piece.trim() === "");
  }

  reset(): void {
    this.#unread = [];
    this.#depth = 0;
    this.#inString = this.#escaped = this.#over = this.#mayEnd = false;
  }

  get isWhole(): boolean {
    if (!this.#mayEnd) return false;
    for (const piece of this.#unread) this.#scan(piece);
    this.#unread = [];
    return this.#over;
  }

  #scan(piece: string): void {
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (code === 0x5c) this.#escaped = true;
        else if (code === 0x22) this.#inString = false;
      } else if (code === 0x22) this.#inString = true;
      else if (code === 0x7b || code === 0x5b) this.#depth++;
      else if (code === 0x7d || code === 0x5d) this.#over = --this.#depth === 0;
    }
  }
}

/**
 * The tool calls of one answer. A piece with a `part` belongs to the call of that key. Other pieces
 * are matched by index, id, name and by what is still open, because each of these alone is wrong on
 * some host: parallel calls all at one index, one id for all calls, a new id in each piece, names
 * that are repeated.
 */
export class OpenCalls {
  readonly all: OpenCall[] = [];
  readonly #byKey = new Map<string | number, OpenCall>();
  readonly #byIndex = new Map<number, OpenCall>();
  readonly #byId = new Map<string, OpenCall>();
  readonly #ids = new Set<string>();
  readonly #fitId: (id: string) => string;

  /** `fitId` makes an id of ours one that the wire takes back. */
  constructor(fitId: (id: string) => string) {
    this.#fitId = fitId;
  }

  /** The call that a piece belongs to, which may be a new one. */
  of(piece: Piece): OpenCall {
    const id = isId(piece.toolCallId) ? piece.toolCallId : undefined;
    const call = this.#find(piece, id) ?? this.#open(piece);
    if (id !== undefined && call.id === undefined) {
      call.id = id;
      this.#byId.set(id, call);
      call.part.toolCallId ||= this.#unique(id);
    }
    call.part.toolName ||= piece.toolName ?? "";
    call.plain ||= piece.inputIsText === true;
    return call;
  }

  /** A call whose vendor sends no id gets one of ours. */
  name(call: OpenCall): void {
    call.part.toolCallId ||= this.#unique(this.#fitId(`call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`));
  }

  /** The call with this id in our messages. */
  withId(id: string): OpenCall | undefined {
    return this.all.find(({ part }) => part.toolCallId === id);
  }

  #find({ part, index, toolName: name, inputText = "" }: Piece, id: string | undefined): OpenCall | undefined {
    if (part !== undefined) return this.#byKey.get(part);
    const known = id === undefined ? undefined : this.#byId.get(id);
    const last = this.all.at(-1);
    const placed = index === undefined ? last : (this.#byIndex.get(index) ?? (last?.index === undefined ? last : undefined));
    if (!name) return known ?? placed;
    const fits = placed !== undefined && (id === undefined || placed.id === undefined || placed.id === id);
    const call = fits ? placed : (known ?? placed);
    if (call === undefined) return undefined;
    const apart = call.id !== undefined && id !== undefined && call.id !== id;
    const elsewhere = index !== undefined && call.index !== undefined && call.index !== index;
    if (apart || elsewhere) return call.part.toolName === name && isRest(call, inputText) ? call : undefined;
    return continues(call, name, inputText, id !== undefined) ? call : undefined;
  }

  #open({ part, index, providerExecuted }: Piece): OpenCall {
    const call = new OpenCall(index, providerExecuted);
    this.all.push(call);
    if (part !== undefined) this.#byKey.set(part, call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }

  /** Results find their calls by these ids, so no two calls of an answer may share one. */
  #unique(id: string): string {
    let free = id;
    for (let count = 2; this.#ids.has(free); count++) free = this.#fitId(`${id}_${count}`);
    this.#ids.add(free);
    return free;
  }
}

/** Some servers write that there is none. */
function isId(id: string | undefined): id is string {
  return id !== undefined && id !== "" && id !== "null" && id !== "None";
}

/**
 * A piece with a name begins another call when it is another name, or when the call so far is whole
 * and there is more input that is not the same again.
 */
function continues(call: OpenCall, name: string, text: string, sameId: boolean): boolean {
  if (call.part.toolName === "") return true;
  if (call.part.toolName !== name) return false;
  if (text.trim() === "" || !call.isWhole) return true;
  return sameId && (isEmptyObject(call.text) || call.text === text);
}

/** Goes on in the middle of an input that is not whole yet. */
function isRest(call: OpenCall, text: string): boolean {
  return !call.isEmpty && !call.isWhole && text !== "" && !text.trimStart().startsWith("{");
}

/**
 * Reads the input of a call that nothing is added to any more, and never before: text that happens
 * to parse may not be all of it. Calls of an answer that ended for a reason which does not make it
 * whole may not run, because nobody knows what the model would have said next.
 */
export function endInput(call: OpenCall, reason: FinishReason = "stop", toInput: (toolName: string, input: unknown) => unknown): void {
  const { part, text } = call;
  const { toolName, toolCallId, providerExecuted } = part;
  const known = { toolName, toolCallId };
  try {
    part.input ??= call.plain ? text : text.trim() === "" ? {} : JSON.parse(text);
    if (!providerExecuted) part.input = toInput(toolName, part.input);
  } catch (cause) {
    part.input = text;
    call.invalid = new LlmError("tool", `The input of tool call ${toolName} is not JSON.`, { cause, ...known });
  }
  if (providerExecuted || isWhole(reason)) return;
  call.invalid = new LlmError(
    "incomplete-output",
    `The answer ended with "${reason}" before it was whole, so the call of ${toolName} does not run.`,
    known,
  );
}

export function toToolCall({ part, invalid }: Pick<OpenCall, "part" | "invalid">): ToolCall {
  const { toolCallId, toolName, input, providerExecuted } = part;
  return { toolCallId, toolName, input, ...(providerExecuted && { providerExecuted }), ...(invalid && { invalid }) };
}
