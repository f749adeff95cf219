import type { ChatDelta } from "@plurivox/core/provider";

/** A tool call, or what a chunk adds to one. */
export interface WireCall {
  index?: number | null;
  id?: string | null;
  /** `arguments` is JSON in a string; some hosts send the object itself. */
  function?: { name?: string | null; arguments?: unknown } | null;
  custom?: { name?: string | null; input?: string } | null;
  /** Google's compatible endpoint keeps its signature here and wants it back. */
  extra_content?: unknown;
}

interface OpenCall {
  /** The same for all deltas of the call. */
  part: number;
  id?: string;
  name?: string;
  text: string;
}

/**
 * Finds the call that a piece belongs to. OpenAI gives each call an index and names it once; others send parallel calls all at index 0,
 * without index or id, with the id "null", or repeat id and name in every piece.
 */
export class ToolCalls {
  readonly #provider: string;
  readonly #calls: OpenCall[] = [];
  readonly #byIndex = new Map<number, OpenCall>();

  constructor(provider: string) {
    this.#provider = provider;
  }

  add(piece: WireCall, out: ChatDelta[]): void {
    const { function: fn, custom, extra_content: extraContent } = piece;
    const id = piece.id && piece.id !== "null" ? piece.id : undefined;
    const name = fn?.name || custom?.name || undefined;
    const text = toText(fn?.arguments ?? custom?.input);
    const call = this.#find(id, name, piece.index ?? undefined, text);
    const fresh = call.name === undefined;
    call.id ??= id;
    call.name ??= name;
    call.text += text;
    const metadata = { ...(custom && fresh && { custom: true }), ...(extraContent !== undefined && { extraContent }) };
    out.push({
      type: "tool-call",
      part: call.part,
      inputText: text,
      ...(id !== undefined && { toolCallId: id }),
      ...(name !== undefined && { toolName: name }),
      // Custom input is text and must not be parsed, even where it happens to be JSON.
      ...(custom && { input: call.text }),
      ...((custom || extraContent !== undefined) && { providerMetadata: { [this.#provider]: metadata } }),
    });
  }

  #find(id: string | undefined, name: string | undefined, index: number | undefined, text: string): OpenCall {
    let call = index === undefined ? this.#calls.at(-1) : this.#byIndex.get(index);
    if (id !== undefined && call?.id !== undefined && call.id !== id) call = this.#calls.find((other) => other.id === id);
    const same = id !== undefined && call?.id === id;
    if (call === undefined || (!same && name !== undefined && isAnother(call, name, text))) {
      call = { part: this.#calls.length, text: "" };
      this.#calls.push(call);
    }
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }
}

/** Without ids, a name begins a new call when it is another one, or when the call so far is complete and there is more input. */
function isAnother({ name, text }: OpenCall, next: string, more: string): boolean {
  if (name === undefined) return false;
  if (name !== next) return true;
  if (more === "") return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function toText(input: unknown): string {
  if (typeof input === "string") return input;
  return input === undefined || input === null ? "" : JSON.stringify(input);
}
