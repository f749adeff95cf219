import type { ReceivedFile, ReceivedItem } from "../wire.ts";

export type Json = Record<string, unknown>;

/** A server-sent event. */
export function sse(data: unknown, name?: string): string {
  const event = name === undefined ? "" : `event: ${name}\n`;
  return `${event}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** Cuts a text into pieces of this many characters. Below 1, surrogate pairs are cut in two. */
export function cut(text: string, length = 4): string[] {
  if (length < 1) return text.split("");
  if (text.length <= length) return text === "" ? [] : [text];
  const characters = Array.from(text);
  return Array.from({ length: Math.ceil(characters.length / length) }, (_, at) =>
    characters.slice(at * length, (at + 1) * length).join(""),
  );
}

/** The items of several lists in turn. */
export function interleave<T>(lists: readonly T[][]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => (at < list.length ? [list[at]!] : []))).flat();
}

/** Without the fields that are undefined. */
export function known<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** A field of a request that must be an object. Throws what is wrong with it. */
export function objectOf(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${what} should be an object; it is ${JSON.stringify(value)}`);
  return value as Json;
}

/** A list of objects, empty where there is none. */
export function listOf(value: unknown, what: string): Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError(`${what} should be a list; it is ${JSON.stringify(value)}`);
  return value.map((item, index) => objectOf(item, `${what}[${index}]`));
}

/** Content that is a text or a list of parts, as a list of parts. */
export function partsOf(content: unknown, textType: string, what: string): Json[] {
  if (content === null || content === undefined) return [];
  return typeof content === "string" ? [{ type: textType, text: content }] : listOf(content, what);
}

/** The text of an answer's arguments, as data where it is JSON. */
export function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
}

/** A file by the URL that a request holds: a `data:` URL is split. */
export function fileOf(url: string): { base64?: string; url?: string; mediaType?: string } {
  const match = /^data:([^;,]+);base64,(.*)$/s.exec(url);
  return match === null ? { url } : { mediaType: match[1]!, base64: match[2]! };
}

/** An instance of `role` that the kit's items know. */
export function roleOf(role: unknown): "user" | "assistant" {
  if (role === "user" || role === "assistant") return role;
  throw new TypeError(`There is no role ${JSON.stringify(role)} on this wire`);
}

/** A tool's output as one text. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content === undefined ? "" : JSON.stringify(content);
  return content.map((part) => String((part as Json)["text"] ?? "")).join("");
}

/** A tool's output as its text and the files in it, each part read as in a message. */
export function heldOf(content: unknown, read: (part: Json) => ReceivedItem): { text: string; files?: ReceivedFile[] } {
  const items = Array.isArray(content) ? listOf(content, "a tool's output").map(read) : [];
  const files = items.flatMap((item): ReceivedFile[] => {
    if (item.type !== "image" && item.type !== "document" && item.type !== "audio") return [];
    const { role: _, ...file } = item;
    return [file];
  });
  return { text: textOf(content), ...(files.length > 0 && { files }) };
}
