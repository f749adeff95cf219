import { essence } from "../media/same-type.ts";
import { decodeHead } from "../media/source.ts";
import { headOf, sniff } from "../media/sniff.ts";
import type { FilePart, TextPart } from "../message/types.ts";

/** A file, or a text that stood in a file's place. */
export type Piece = FilePart | TextPart;

/** What a tool returned, where all of it is files and texts. */
export interface ToolContent {
  pieces: Piece[];
  isError: boolean;
}

/**
 * Types of objects that hold one file: ours, MCP's, the AI SDK's, those of OpenAI and Anthropic.
 */
const HOLDERS: ReadonlySet<unknown> = new Set(["image", "audio", "video", "file", "document", "media", "image-data", "file-data"]);
const SOURCES = ["path", "url", "base64", "data", "blob"] as const;
const MEDIA_TYPES = ["mediaType", "mimeType", "media_type"] as const;
/** A file with no other fields is one also where only its address says what it is. */
const FILE_FIELDS: ReadonlySet<string> = new Set(["type", ...SOURCES, ...MEDIA_TYPES, "filename", "providerMetadata"]);
const TEXTS: ReadonlySet<unknown> = new Set(["text", "input_text", "output_text"]);
const LINKS: ReadonlySet<unknown> = new Set(["resource_link", "resource-link"]);
/** A text with other fields than these is data. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text", "annotations", "_meta", "providerMetadata", "providerOptions"]);
const MCP_FIELDS: ReadonlySet<string> = new Set(["content", "structuredContent", "isError", "_meta"]);

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)(?:;[^,;]*)*;base64,/;
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const TEXTUAL = /^text\/|[/+](?:json|xml|yaml|toml|javascript)$/;
const UNKNOWN = "application/octet-stream";

/**
 * A tool's output as content: one file, a list of files and texts, or such a list as MCP or the AI
 * SDK wraps it. Undefined where anything in it is neither: that is data, which may hold files.
 */
export function readContent(output: unknown): ToolContent | undefined {
  const file = readFile(output);
  if (file !== undefined) return { pieces: [file], isError: false };
  if (Array.isArray(output)) return toContent(output);
  if (typeof output !== "object" || output === null) return undefined;
  const [type, value, content, structured, isError] = ["type", "value", "content", "structuredContent", "isError"].map((name) =>
    own(output, name),
  );
  if (type === "content" && Array.isArray(value)) return toContent(value);
  if (!Array.isArray(content) || !hasOnly(output, MCP_FIELDS)) return undefined;
  const read = content.length === 0 && structured !== undefined ? { pieces: [] } : toContent(content);
  if (read === undefined) return undefined;
  // The texts of a structured result say the same once more, where there are any.
  const isTold = structured === undefined || read.pieces.some((piece) => piece.type === "text");
  const data: Piece[] = isTold ? [] : [toText(JSON.stringify(structured))];
  return { pieces: [...data, ...read.pieces], isError: isError === true };
}

function toContent(items: readonly unknown[]): ToolContent | undefined {
  const pieces: Piece[] = [];
  for (const item of items) {
    const piece = readFile(item) ?? (typeof item === "string" ? toText(item) : readText(item));
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  return items.every((item) => typeof item === "string") && pieces.every(({ type }) => type === "text")
    ? undefined
    : { pieces, isError: false };
}

function readText(item: unknown): TextPart | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const [type, text] = [own(item, "type"), own(item, "text")];
  if (LINKS.has(type) && typeof own(item, "uri") === "string") return toText(JSON.stringify(item));
  return TEXTS.has(type) && typeof text === "string" && hasOnly(item, TEXT_FIELDS) ? toText(text) : undefined;
}

/**
 * The file that a value is, in any of the known forms, or the text where its bytes are one.
 * Undefined for everything else. What a tool says of a vendor's own fields is not taken over.
 */
export function readFile(value: unknown): Piece | undefined {
  if (typeof value === "string") return fromDataUrl(value, "file");
  if (typeof value !== "object" || value === null) return undefined;
  if (value instanceof Blob) return { type: value.type === "" ? "image" : "file", blob: value };
  const data = bytesOf(value);
  if (data !== undefined) return told({ type: "file", data });
  if (Array.isArray(value)) return undefined;
  const type = own(value, "type");
  if (type === undefined) return fromInside(own(value, "inlineData"));
  if (HOLDERS.has(type)) return fromHolder(value, type === "image" ? "image" : "file");
  switch (type) {
    case "image_url":
    case "input_image":
      return fromUrl(urlOf(own(value, "image_url")), "image");
    case "image-url":
      return fromUrl(urlOf(value), "image");
    case "file-url":
      return fromUrl(urlOf(value), "file");
    case "input_audio":
      return fromAudio(own(value, "input_audio"));
    case "input_file":
      return fromOpenAi(value);
    case "resource":
      return fromResource(own(value, "resource") ?? value);
    default:
      return undefined;
  }
}

/** Bytes, also those that JSON has made an object of numbers of. */
function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8ClampedArray) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return undefined;
  const data = own(value, "data");
  if (own(value, "type") === "Buffer" && Array.isArray(data)) return data.every(isByte) ? Uint8Array.from(data) : undefined;
  if (!isByte(own(value, "0"))) return undefined;
  const entries = Object.entries(value);
  if (!entries.every(([name, byte], at) => name === String(at) && isByte(byte))) return undefined;
  const bytes = Uint8Array.from(entries, ([, byte]) => byte as number);
  return sniff(headOf(bytes)) === undefined ? undefined : bytes;
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function fromHolder(holder: object, type: FilePart["type"]): Piece | undefined {
  const [source, file] = [own(holder, "source"), own(holder, "file")];
  if (file !== undefined) return fromOpenAi(file);
  if (source !== undefined) return fromSource(source, type);
  return fromFields(holder, type);
}

/**
 * One file by our names, or by those of MCP and the AI SDK. Ordinary data has such fields too, so
 * that a path or a URL alone does not make a file.
 */
function fromFields(holder: object, type: FilePart["type"]): Piece | undefined {
  const [source, another] = SOURCES.filter((name) => own(holder, name) !== undefined);
  const mediaType = mediaTypeOf(holder);
  if (source === undefined || another !== undefined || mediaType === null) return undefined;
  const value = own(holder, source);
  const rest = { type, ...(mediaType !== undefined && { mediaType }), ...nameOf(holder) };
  if (source === "path") return typeof value === "string" && mediaType !== undefined ? { ...rest, path: value } : undefined;
  if (source === "url") {
    const isFile = mediaType !== undefined || String(value).startsWith("data:") || (type === "image" && hasOnly(holder, FILE_FIELDS));
    return isFile ? fromUrl(value, type, rest) : undefined;
  }
  if (value instanceof Blob) return { ...rest, blob: value };
  if (typeof value === "object" && value !== null) {
    const data = bytesOf(value);
    return data && told({ ...rest, data });
  }
  if (typeof value !== "string") return undefined;
  if (value.startsWith("data:")) return fromDataUrl(value, type, rest);
  return mediaType === undefined && source !== "base64" ? undefined : fromBase64(value, rest);
}

/** Undefined where there is none, null where it is no media type. */
function mediaTypeOf(holder: object): string | undefined | null {
  const name = MEDIA_TYPES.find((one) => own(holder, one) !== undefined);
  const mediaType = name && own(holder, name);
  return mediaType === undefined || (typeof mediaType === "string" && MEDIA_TYPE.test(mediaType)) ? mediaType : null;
}

/** Google's form. */
function fromInside(inside: unknown): Piece | undefined {
  return typeof inside === "object" && inside !== null ? fromFields(inside, "file") : undefined;
}

/** https://platform.claude.com/docs/en/build-with-claude/vision (2026-11) */
function fromSource(source: unknown, type: FilePart["type"]): Piece | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  const [data, fileId] = [own(source, "data"), own(source, "file_id")];
  switch (own(source, "type")) {
    case "base64":
      return fromFields(source, type);
    case "url":
      return fromUrl(own(source, "url"), type);
    case "text":
      return typeof data === "string" ? toText(data) : undefined;
    case "file":
      return typeof fileId === "string" ? { type, url: `file-id:${fileId}` } : undefined;
    default:
      return undefined;
  }
}

/** `file_data` is a `data:` URL, or base64 of what the name says. */
function fromOpenAi(file: unknown): Piece | undefined {
  if (typeof file !== "object" || file === null) return undefined;
  const [data, url, id] = [own(file, "file_data"), own(file, "file_url"), own(file, "file_id")];
  const rest = { type: "file" as const, ...nameOf(file) };
  if (typeof data === "string") return data.startsWith("data:") ? fromDataUrl(data, "file", rest) : fromBase64(data, rest);
  if (typeof url === "string") return fromUrl(url, "file", rest);
  return typeof id === "string" ? { ...rest, url: `file-id:${id}` } : undefined;
}

function fromAudio(audio: unknown): Piece | undefined {
  if (typeof audio !== "object" || audio === null) return undefined;
  const [data, format] = [own(audio, "data"), own(audio, "format") ?? "wav"];
  const mediaType = `audio/${String(format)}`;
  return typeof data === "string" && MEDIA_TYPE.test(mediaType) ? fromBase64(data, { type: "file", mediaType }) : undefined;
}

/**
 * https://modelcontextprotocol.io/specification/2025-11-25/server/tools (2026-11): a text, or
 * bytes.
 */
function fromResource(resource: unknown): Piece | undefined {
  if (typeof resource !== "object" || resource === null) return undefined;
  const [uri, text] = [own(resource, "uri"), own(resource, "text")];
  if (typeof uri !== "string") return undefined;
  if (typeof text === "string") return toText(text);
  const blob = own(resource, "blob") ?? own(resource, "base64");
  const mediaType = mediaTypeOf(resource) ?? undefined;
  const filename = /[^/?#]+\.\w+$/.exec(uri)?.[0];
  const rest = { type: "file" as const, ...(mediaType !== undefined && { mediaType }), ...(filename !== undefined && { filename }) };
  return typeof blob === "string" ? fromBase64(blob, rest) : undefined;
}

function urlOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? own(value, "url") : value;
}

function fromUrl(url: unknown, type: FilePart["type"], rest: Partial<FilePart> = {}): Piece | undefined {
  if (typeof url !== "string") return undefined;
  if (url.startsWith("data:")) return fromDataUrl(url, type, rest);
  return /^(?:https?:\/\/|file-id:)./i.test(url) ? { ...rest, type, url } : undefined;
}

function fromDataUrl(url: string, type: FilePart["type"], rest: Partial<FilePart> = {}): Piece | undefined {
  if (!url.startsWith("data:")) return undefined;
  const [head, mediaType] = DATA_URL.exec(url.slice(0, 256)) ?? [];
  return head === undefined ? undefined : fromBase64(url.slice(head.length), { mediaType, ...rest, type });
}

function fromBase64(text: string, rest: FilePart): Piece | undefined {
  const base64 = /\s/.test(text) ? text.replaceAll(/\s+/g, "") : text;
  const isWhole = base64.endsWith("=") ? base64.length % 4 === 0 : base64.length % 4 !== 1;
  return isWhole && BASE64.test(base64) ? told({ ...rest, base64 }) : undefined;
}

/** The file with its media type, as far as it is told or its bytes tell; a text where it is one. */
function told(file: FilePart): Piece {
  const said = file.mediaType === undefined || essence(file.mediaType) === UNKNOWN ? undefined : essence(file.mediaType);
  const mediaType = said ?? sniff(file.data === undefined ? decodeHead(file.base64!) : headOf(file.data));
  if (mediaType !== undefined) return TEXTUAL.test(mediaType) ? toText(new TextDecoder().decode(bytesIn(file))) : { ...file, mediaType };
  if (file.type === "image") return file;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytesIn(file));
    if (!text.includes("\0")) return toText(text);
  } catch {
    // They are no text.
  }
  return { ...file, mediaType: UNKNOWN };
}

function bytesIn({ data, base64 = "" }: FilePart): Uint8Array {
  return data ?? Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function toText(text: string): TextPart {
  return { type: "text", text };
}

function nameOf(holder: object): { filename?: string } {
  const filename = own(holder, "filename");
  return typeof filename === "string" ? { filename } : {};
}

function hasOnly(value: object, names: ReadonlySet<string>): boolean {
  return Object.keys(value).every((name) => names.has(name));
}

/** Nothing is read from prototypes: outputs come from anywhere. */
function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
