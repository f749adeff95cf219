import { LlmError } from "../error.ts";
import type { FilePart } from "../message/types.ts";

/** A file as a vendor takes it. Exactly one of `url` (http or https), `base64` and `fileId` is set. */
export interface MediaSource {
  /** The first half of the media type; everything but images, audio and video is a document. */
  kind: "image" | "audio" | "video" | "document";
  mediaType: string;
  url?: string;
  base64?: string;
  fileId?: string;
  filename?: string;
}

const MAGIC: readonly [mediaType: string, bytes: string, at?: number][] = [
  ["image/png", "\x89PNG"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF8"],
  ["image/webp", "WEBP", 8],
  ["application/pdf", "%PDF"],
  ["audio/wav", "WAVE", 8],
  ["audio/mpeg", "ID3"],
  ["audio/mpeg", "\xff\xfb"],
  ["audio/flac", "fLaC"],
  ["audio/ogg", "OggS"],
  ["video/mp4", "ftyp", 4],
];
const BY_EXTENSION: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  wav: "audio/wav",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
};

/** The url of a file that was uploaded to the vendor before: `file-id:` and the vendor's id. */
const FILE_ID = "file-id:";

/** What kind of file a part holds, by its media type, its first bytes or its name. Cheap; throws `invalid-request`. */
export function mediaKind(part: FilePart): MediaSource["kind"] {
  return describe(part).kind;
}

/** A file part as a vendor takes it: `data:` URLs split, bytes encoded. Pure; throws `invalid-request`. */
export function toMediaSource(part: FilePart): MediaSource {
  const described = describe(part);
  if (part.data !== undefined) return { ...described, base64: toBase64(part.data) };
  if (part.base64 !== undefined) return { ...described, base64: part.base64 };
  const url = part.url!;
  if (url.startsWith("data:")) return { ...described, base64: url.slice(url.indexOf(",") + 1) };
  if (url.startsWith(FILE_ID)) return { ...described, fileId: url.slice(FILE_ID.length) };
  return { ...described, url };
}

function describe(part: FilePart): Pick<MediaSource, "kind" | "mediaType" | "filename"> {
  const mediaType = part.mediaType ?? guess(part) ?? (part.type === "image" ? "image/png" : "application/octet-stream");
  return { kind: kindOf(mediaType, part.type), mediaType, ...(part.filename !== undefined && { filename: part.filename }) };
}

function guess(part: FilePart): string | undefined {
  if (part.path !== undefined)
    throw new LlmError("invalid-request", "Files are not read by path here.", { hint: "Pass the file's bytes as data, or its base64." });
  if (part.data !== undefined) return sniff(toBase64(part.data.subarray(0, 12)));
  if (part.base64 !== undefined) return sniff(part.base64);
  const url = part.url ?? "";
  if (url.startsWith("data:")) {
    const match = /^data:([^;,]*)[^,]*;base64,/.exec(url.slice(0, 256));
    if (match === null) throw new LlmError("invalid-request", "A data: URL must be base64-encoded.");
    return match[1] || sniff(url.slice(match[0].length, match[0].length + 16));
  }
  if (url.startsWith(FILE_ID)) return byExtension(part.filename ?? "");
  const web = URL.parse(url);
  if (web?.protocol === "https:" || web?.protocol === "http:") return byExtension(web.pathname);
  throw new LlmError(
    "invalid-request",
    `A file's url must begin with http:, https:, data: or file-id:; this one is ${JSON.stringify(url.slice(0, 80))}.`,
  );
}

function kindOf(mediaType: string, declared: FilePart["type"]): MediaSource["kind"] {
  const kind = mediaType.split("/", 1)[0];
  if (kind === "image" || kind === "audio" || kind === "video") return kind;
  return declared === "image" ? "image" : "document";
}

/** By the first bytes, as far as they are known here. */
function sniff(base64: string): string | undefined {
  let head: string;
  try {
    head = atob(base64.slice(0, 16));
  } catch {
    throw new LlmError("invalid-request", "A file's base64 is not base64.");
  }
  return MAGIC.find(([, bytes, at = 0]) => head.startsWith(bytes, at))?.[0];
}

function byExtension(path: string): string | undefined {
  return BY_EXTENSION[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
}

/** In slices, because a call takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
