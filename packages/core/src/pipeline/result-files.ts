import { mediaKind } from "../media/source.ts";
import type { FilePart, Message, TextPart, ToolResultPart, UserPart } from "../message/types.ts";
import type { ChatCall, Warning } from "../model/chat.ts";
import type { UnsupportedPolicy } from "../model/policy.ts";
import type { Feature, MediaKind, ResultFiles } from "../provider/capabilities.ts";
import { isRefused, unsupported, type Place } from "./refusals.ts";
import { readContent, readFile } from "./tool-files.ts";

export interface Placed {
  call: ChatCall;
  warnings: Warning[];
  /** The files that tools returned: where one cannot be loaded, the call goes on without it. */
  files: ReadonlySet<FilePart>;
}

const NOUNS: Readonly<Record<MediaKind, string>> = { image: "picture", audio: "sound", video: "video", document: "document" };
const FEATURES: Readonly<Record<MediaKind, Feature | undefined>> = {
  image: "imageInput",
  audio: "audioInput",
  document: "documentInput",
  video: undefined,
};
const PDF = "application/pdf";
/** Documents that some vendor reads; archives and unknown bytes are read by none. */
const DOCUMENT = /^application\/(?:pdf|rtf|msword|vnd\.)/;
/** How deep files are looked for in data. */
const MAX_DEPTH = 64;

/**
 * Sends files that tools returned as files, wherever a result has them: in the result where the
 * wire allows that, else in a user's message behind all results of the turn. What the model does
 * not take is left out, with a text in its place and a warning. Other results stay as they are.
 * Throws `unsupported` where the policy is "error".
 */
export function placeResultFiles(call: ChatCall, place: Place, policy: UnsupportedPolicy | undefined): Placed {
  if (!call.messages.some(({ role }) => role === "tool")) return { call, warnings: [], files: new Set() };
  const placing = new Placing(call, place, policy);
  const messages: Message[] = [];
  let behindResults = 0;
  const endTurn = () => {
    const content = placing.takeBehind();
    if (content.length > 0) messages.splice(behindResults, 0, { role: "user", content });
  };
  for (const message of call.messages) {
    if (message.role === "assistant") endTurn();
    if (message.role !== "tool") {
      messages.push(message);
      continue;
    }
    const content = message.content.map((part) => (part.type === "tool-result" ? placing.result(part) : part));
    behindResults = messages.push({ ...message, content });
  }
  endTurn();
  return { call: { ...call, messages }, warnings: placing.warnings(), files: placing.files };
}

class Placing {
  readonly files: Set<FilePart> = new Set();
  readonly #call: ChatCall;
  readonly #place: Place;
  readonly #policy: UnsupportedPolicy | undefined;
  readonly #rules: ResultFiles;
  readonly #lost: Map<MediaKind, number> = new Map();
  #behind: UserPart[] = [];
  /** Files of the turn so far, by which its texts name them. */
  #count = 0;

  constructor(call: ChatCall, place: Place, policy: UnsupportedPolicy | undefined) {
    this.#call = call;
    this.#place = place;
    this.#policy = policy;
    this.#rules = place.family?.resultFiles ?? place.wire.resultFiles ?? {};
  }

  /** What goes behind the results of a turn that is over. */
  takeBehind(): UserPart[] {
    const parts = this.#behind;
    this.#behind = [];
    this.#count = 0;
    return parts;
  }

  result(part: ToolResultPart): ToolResultPart {
    const output = insideText(part.output) ?? part.output;
    if (isOwn(output, this.#rules)) return part;
    const content = readContent(output);
    if (content !== undefined) {
      // Anthropic: "all content must be type `text` if `is_error` is true"; others may think alike.
      const isError = part.isError === true || content.isError;
      const pieces = content.pieces.map((piece) => (piece.type === "text" ? piece : this.#send(piece, part, !isError)));
      const { within = [], texts = within.length > 0 } = this.#rules;
      const isText = !(texts && isTexts(output)) && pieces.every((piece) => piece.type === "text");
      const sent = isText ? pieces.map(({ text }) => text).join("\n\n") : pieces;
      return { ...part, output: sent, ...(isError && { isError }) };
    }
    const within: FilePart[] = [];
    const data = this.#replaced(output, part, within, new Map());
    if (within.length > 0) return { ...part, output: [{ type: "text", text: JSON.stringify(data) }, ...within] };
    return { ...part, output: looksLikeContent(data) ? JSON.stringify(data) : data };
  }

  /**
   * Data with texts in the place of its files; the same data where it has none. Files that the
   * result can hold are added to `within`.
   */
  #replaced(value: unknown, part: ToolResultPart, within: FilePart[], known: Map<object, unknown>, depth = 0): unknown {
    const file = readFile(value);
    if (file?.type === "text") return file.text;
    if (file !== undefined) {
      const sent = this.#send(file, part, part.isError !== true);
      if (sent.type === "text") return sent.text;
      within.push(sent);
      return `(${this.#name(file)})`;
    }
    if (typeof value !== "object" || value === null || depth === MAX_DEPTH || saysItself(value)) return value;
    // What stands in several places, or within itself, is read once.
    if (known.has(value)) return known.get(value);
    known.set(value, value);
    const inner = (item: unknown) => this.#replaced(item, part, within, known, depth + 1);
    const copy = Array.isArray(value) ? sameOr(value, value.map(inner)) : entriesOf(value, inner);
    known.set(value, copy);
    return copy;
  }

  /** The file where the result can hold it, else the text that stands in for it. */
  #send(file: FilePart, { toolName }: ToolResultPart, mayHold: boolean): FilePart | TextPart {
    this.#count++;
    const kind = mediaKind(file);
    const name = this.#name(file);
    if (this.#isRefused(file, kind)) {
      this.#lost.set(kind, (this.#lost.get(kind) ?? 0) + 1);
      return { type: "text", text: `(${name} was left out: this model cannot read it)` };
    }
    this.files.add(file);
    const { within = [], bytesOnly } = this.#rules;
    if (mayHold && within.includes(kind) && !(bytesOnly && file.url !== undefined)) return file;
    const by = toolName === "" ? "a tool" : `the tool "${toolName}"`;
    this.#behind.push({ type: "text", text: `${name[0]!.toUpperCase()}${name.slice(1)}, which ${by} returned:` }, file);
    return { type: "text", text: `(${name} follows in the next message)` };
  }

  #name(file: FilePart): string {
    return `${NOUNS[mediaKind(file)]} ${this.#count}`;
  }

  #isRefused({ mediaType = PDF, url }: FilePart, kind: MediaKind): boolean {
    const { videos, pdfOnly, within = [] } = this.#rules;
    // Vendors that take no files in results mostly know none by id either.
    if (url?.startsWith("file-id:") && !within.includes(kind)) return true;
    const feature = FEATURES[kind];
    const isForeign = kind === "document" && mediaType !== PDF && (pdfOnly === true || !DOCUMENT.test(mediaType));
    if (!isForeign && !(kind === "video" && !videos) && !(feature && isRefused(feature, this.#call, this.#place))) return false;
    if (this.#policy === "error" && feature !== undefined) throw unsupported(feature, this.#call, this.#place);
    return true;
  }

  warnings(): Warning[] {
    if (this.#policy === "ignore") return [];
    const { provider, model } = this.#place;
    return Array.from(this.#lost, ([kind, count]) => {
      const feature = FEATURES[kind];
      const message = `Files that tools returned (${kind}) and ${model} does not take were left out: ${count}.`;
      return { code: "tool-result-files", provider, ...(feature !== undefined && { feature }), message };
    });
  }
}

/**
 * The value of a JSON text that holds files, as a history of OpenAI's shape has what an MCP server
 * returned.
 */
function insideText(output: unknown): unknown {
  if (typeof output !== "string" || !/^\s*[[{]/.test(output) || !/"(data|blob|base64|url)"\s*:/.test(output)) return undefined;
  try {
    const value: unknown = JSON.parse(output);
    return holdsFile(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function holdsFile(value: unknown, depth = 0): boolean {
  const file = readFile(value);
  if (file !== undefined) return file.type !== "text";
  if (typeof value !== "object" || value === null || depth === MAX_DEPTH) return false;
  return Object.values(value).some((inner) => holdsFile(inner, depth + 1));
}

function isOwn(output: unknown, { own }: ResultFiles): boolean {
  return (
    own !== undefined &&
    typeof output === "object" &&
    output !== null &&
    Object.hasOwn(output, "type") &&
    (output as { type: unknown }).type === own
  );
}

/** Texts of a list stay apart where the vendor takes lists: it may cite them one by one. */
function isTexts(output: unknown): boolean {
  return Array.isArray(output) && output.every((item) => (item as { type?: unknown } | null)?.type === "text");
}

/** The first list, where the second holds the same. */
function sameOr(before: readonly unknown[], now: readonly unknown[]): readonly unknown[] {
  return now.every((item, at) => item === before[at]) ? before : now;
}

function entriesOf(value: object, inner: (item: unknown) => unknown): object {
  const entries = Object.entries(value);
  const before = entries.map(([, item]) => item as unknown);
  const now = sameOr(before, before.map(inner));
  return now === before ? value : Object.fromEntries(entries.map(([name], at) => [name, now[at]]));
}

/** What JSON makes of it is its own affair, as with dates. */
function saysItself(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/**
 * Providers take a list of such items for content, so data that only looks like it is told as JSON.
 */
function looksLikeContent(output: unknown): boolean {
  const isPart = (item: unknown) => /^(?:text|image|file)$/.test(String((item as { type?: unknown } | null)?.type));
  return Array.isArray(output) && output.length > 0 && output.every(isPart);
}
