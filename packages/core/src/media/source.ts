import { LlmError } from "../error.ts";
import type { FilePart } from "../message/types.ts";
import { byExtension, HEAD_BYTES, headOf, sniff } from "./sniff.ts";

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
  const { url } = part;
  if (url === undefined) throw new LlmError("invalid-request", "A file that comes by its path, or as a Blob, has to be loaded before.");
  if (url.startsWith("data:")) return { ...described, base64: url.slice(url.indexOf(",") + 1) };
  if (url.startsWith(FILE_ID)) return { ...described, fileId: url.slice(FILE_ID.length) };
  return { ...described, url };
}

function describe(part: FilePart): Pick<MediaSource, "kind" | "mediaType" | "filename"> {
  const mediaType = part.mediaType ?? guess(part) ?? (part.type === "image" ? "image/png" : "application/octet-stream");
  return { kind: kindOf(mediaType, part.type), mediaType, ...(part.filename !== undefined && { filename: part.filename }) };
}

function guess(part: FilePart): string | undefined {
  if (part.path !== undefined) return byExtension(part.path);
  if (part.blob !== undefined) return part.blob.type || undefined;
  if (part.data !== undefined) return sniff(headOf(part.data));
  if (part.base64 !== undefined) return sniff(decodeHead(part.base64));
  const url = part.url ?? "";
  if (url.startsWith("data:")) {
    const match = /^data:([^;,]*)[^,]*;base64,/.exec(url.slice(0, 256));
    if (match === null) throw new LlmError("invalid-request", "A data: URL must be base64-encoded.");
    return match[1] || sniff(decodeHead(url.slice(match[0].length)));
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

/** The first bytes, one character each. */
export function decodeHead(base64: string): string {
  try {
    // In either alphabet: Google takes the one of URLs too.
    return atob(
      base64
        .slice(0, (HEAD_BYTES / 3) * 4)
        .replaceAll("-", "+")
        .replaceAll("_", "/"),
    );
  } catch {
    throw new LlmError("invalid-request", "A file's base64 is not base64.");
  }
}

/** In slices, because a call takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
