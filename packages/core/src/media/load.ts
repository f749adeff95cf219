import { abortedError, isLlmError, LlmError } from "../error.ts";
import { link, untilAborted } from "../http/signals.ts";
import type { FilePart } from "../message/types.ts";
import { download, shownUrl } from "./download.ts";
import { openLocal } from "./local-file.ts";
import { essence, isSameType } from "./same-type.ts";
import { byExtension, headOf, sniff } from "./sniff.ts";

export interface LoadMediaOptions {
  /** Files may be read by path: everywhere, or in these directories. Default: nowhere. */
  allowPaths?: boolean | readonly string[];
  /** Hosts that may have an address which is not public: a name or an address, with or without a port. */
  allowHosts?: readonly string[];
  /** Every host may. */
  allowPrivate?: boolean;
  /** Of one file. Default: 20 MiB. */
  maxBytes?: number;
  /** For one file, redirects and all. Default: 30 s. */
  timeoutMs?: number;
  signal: AbortSignal;
  /** Refuses every host but loopback, as tests want it. */
  loopbackOnly?: boolean;
}

interface Source {
  body: AsyncIterable<Uint8Array>;
  length: number | undefined;
  mediaType?: string;
  filename: string;
  cancel?(): void;
}

const DEFAULT_MAX_BYTES = 20 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 30_000;
/** The longest delay that setTimeout takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
const UNKNOWN = "application/octet-stream";

/**
 * A part with its file's bytes instead of a path or an http(s) URL, with the name and, as far as the bytes, the server or the name tell, the media
 * type. A part that holds its file, as `data`, `base64` or a `data:` URL, or names an uploaded one comes back as it is.
 *
 * Throws `invalid-request` for what may not be loaded, is too large, or is not what the part says that it is; `connection` and `timeout` for the
 * network; `aborted`; `configuration` for a host that `loopbackOnly` refuses. A URL's query, which may be a signature, is not shown.
 */
export async function loadMedia(part: FilePart, options: LoadMediaOptions): Promise<FilePart> {
  const what = part.path === undefined ? part.url : JSON.stringify(part.path);
  if (what === undefined || (part.path === undefined && /^(?:data|file-id):/i.test(what))) return part;
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const shown = part.path === undefined ? shownUrl(what) : what;
  const abort = new AbortController();
  const unlink = link(signal, abort, (from) => (isLlmError(from.reason) ? from.reason : abortedError(from.reason)));
  const timer = setTimeout(() => abort.abort(tooSlow(shown, timeoutMs)), Math.min(timeoutMs, LONGEST_DELAY_MS));
  try {
    abort.signal.throwIfAborted();
    return await untilAborted(load(part, shown, { ...options, signal: abort.signal }), abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(timer);
    unlink();
  }
}

async function load(part: FilePart, shown: string, options: LoadMediaOptions): Promise<FilePart> {
  const { maxBytes = DEFAULT_MAX_BYTES } = options;
  const source = await open(part, options);
  const data = await collect(source, maxBytes);
  if (data === undefined) {
    throw new LlmError("invalid-request", `${shown} is larger than ${maxBytes} bytes.`, {
      hint: "Raise media.maxBytes, or pass the file's bytes as data.",
    });
  }
  const mediaType = typeOf(part, source, data, shown);
  const filename = part.filename ?? source.filename;
  const { path: _path, url: _url, ...rest } = part;
  return { ...rest, data, ...(mediaType !== undefined && { mediaType }), ...(filename !== "" && { filename }) };
}

async function open({ path, url = "" }: FilePart, options: LoadMediaOptions): Promise<Source> {
  if (path !== undefined) return openLocal(path, options.allowPaths, options.signal);
  return { ...(await download(url, options)), filename: nameOf(url) };
}

/** All of a body, or undefined where it is larger than allowed. */
async function collect({ body, length, cancel }: Source, maxBytes: number): Promise<Uint8Array | undefined> {
  if (length !== undefined && length > maxBytes) {
    cancel?.();
    return undefined;
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBytes) return undefined;
    pieces.push(piece);
  }
  const data = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    data.set(piece, at);
    at += piece.length;
  }
  return data;
}

/** What the bytes say, else the server, else the name. Throws where that is not what the part says. */
function typeOf(part: FilePart, source: Source, data: Uint8Array, shown: string): string | undefined {
  const sniffed = sniff(headOf(data));
  const declared = known(part.mediaType);
  if (declared !== undefined && sniffed !== undefined && !isSameType(declared, sniffed)) throw contradiction(shown, declared, sniffed);
  const type = declared ?? sniffed ?? known(source.mediaType) ?? byExtension(source.filename);
  if (part.type === "image" && type !== undefined && !type.startsWith("image/")) throw contradiction(shown, "an image", type);
  return type;
}

function known(mediaType: string | undefined): string | undefined {
  const bare = mediaType === undefined ? "" : essence(mediaType);
  return bare === "" || bare === UNKNOWN ? undefined : bare;
}

/** The last part of a URL's path, as a file name. */
function nameOf(url: string): string {
  const { pathname } = new URL(url);
  let name = pathname;
  try {
    name = decodeURIComponent(pathname);
  } catch {
    // Not every server's paths are UTF-8.
  }
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
}

function contradiction(shown: string, declared: string, found: string): LlmError {
  return new LlmError("invalid-request", `${shown} should be ${declared}, but is ${found}.`, {
    hint: "Leave mediaType out, or correct it.",
  });
}

function tooSlow(shown: string, timeoutMs: number): LlmError {
  return new LlmError("timeout", `${shown} did not arrive within ${timeoutMs} ms.`, { hint: "Pass the file's bytes as data." });
}
