import type { IncomingMessage, RequestOptions } from "node:http";
import type { LookupFunction } from "node:net";
import { isLlmError, LlmError } from "../error.ts";
import { redactUrl } from "../http/redact.ts";
import { isLoopbackHost, isPublicAddress, literalAddress } from "./address.ts";

export interface DownloadOptions {
  /** Hosts that may have any address: a name or a literal address, with or without a port. */
  allowHosts?: readonly string[];
  /** Any host may have any address. */
  allowPrivate?: boolean;
  /** Refuses every host but loopback. */
  loopbackOnly?: boolean;
  signal: AbortSignal;
}

/** A body on its way. `length` in bytes, where the server says. */
export interface Download {
  body: AsyncIterable<Uint8Array>;
  mediaType: string | undefined;
  length: number | undefined;
  cancel(): void;
}

const MAX_REDIRECTS = 5;
const MAX_SHOWN = 300;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Opens a URL of http or https, from which no credentials, cookies or referrer go out. Each host on the way must have a public address: the one
 * that is connected to is the one that was checked. Throws `invalid-request` for what is refused, `connection` for what may work another time.
 */
export async function download(from: string, options: DownloadOptions): Promise<Download> {
  let url = URL.parse(from);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await request(checked(url, from, options), options);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 200 && statusCode < 300) return toDownload(response, from);
    response.destroy();
    if (!REDIRECTS.has(statusCode) || headers.location === undefined) throw unexpectedStatus(from, statusCode);
    url = URL.parse(headers.location, url!.href);
  }
  throw new LlmError("invalid-request", `${shownUrl(from)} was redirected more than ${MAX_REDIRECTS} times.`, {
    hint: "Use the final URL.",
  });
}

/** A URL to show to a person: without its query, which may be a signature, and without a password, even where it cannot be parsed. */
export function shownUrl(url: string | URL): string {
  const bare = redactUrl(String(url).replace(/[?#].*$/s, ""));
  return bare.replace(/\/\/[^/]*@/, "//").slice(0, MAX_SHOWN);
}

function checked(url: URL | null, from: string, options: DownloadOptions): URL {
  const refuse = (why: string, hint?: string) => {
    const where =
      url === null || url.href === URL.parse(from)?.href ? shownUrl(from) : `${shownUrl(from)} leads to ${shownUrl(url)}, which`;
    return new LlmError("invalid-request", `${where} ${why}.`, { hint });
  };
  if (url === null) throw refuse("is not a URL, or leads to what is none");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw refuse("is neither http nor https", "Pass the bytes as data, or a path.");
  if (url.username !== "" || url.password !== "")
    throw refuse("holds a name or a password", "Fetch it yourself and pass the bytes as data.");
  if (options.loopbackOnly && !isLoopbackHost(url.hostname))
    throw new LlmError("configuration", `PLURIVOX_NO_NETWORK is set, so ${url.host} was not called.`);
  const address = literalAddress(url.hostname);
  if (address !== undefined && !isAllowed(url, options) && !isPublicAddress(address)) throw notPublic(url, address);
  return url;
}

function isAllowed({ hostname, host }: URL, { allowPrivate, allowHosts = [] }: DownloadOptions): boolean {
  return allowPrivate === true || allowHosts.some((allowed) => [hostname, host, literalAddress(hostname)].includes(allowed.toLowerCase()));
}

async function request(url: URL, options: DownloadOptions): Promise<IncomingMessage> {
  const { get } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  const settings: RequestOptions = {
    // A connection of its own: one that is kept alive would be used without a look at its address.
    agent: false,
    signal: options.signal,
    headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": "plurivox" },
    lookup: isAllowed(url, options) ? undefined : await publicLookup(url),
  };
  return new Promise((resolve, reject) => {
    get(url, settings, resolve).on("error", (cause) => reject(isLlmError(cause) ? cause : unreachable(url, cause)));
  });
}

/** Resolves as Node does, but refuses a name that has any address which is not public. */
async function publicLookup(url: URL): Promise<LookupFunction> {
  const { lookup } = await import("node:dns");
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const refused = error === null ? found.find(({ address }) => !isPublicAddress(address)) : undefined;
      if (error !== null || refused !== undefined) callback(error ?? notPublic(url, refused!.address), []);
      else if (options.all) callback(null, found);
      else callback(null, found[0]!.address, found[0]!.family);
    });
}

function toDownload(response: IncomingMessage, from: string): Download {
  const { "content-encoding": encoding = "identity", "content-length": length, "content-type": mediaType } = response.headers;
  const cancel = () => void response.destroy();
  if (encoding !== "identity") {
    cancel();
    throw new LlmError("invalid-request", `${shownUrl(from)} came compressed (${encoding}), which was not asked for.`);
  }
  return { body: whole(response, from), mediaType, length: length === undefined ? undefined : Number(length), cancel };
}

async function* whole(response: IncomingMessage, from: string): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch (cause) {
    throw new LlmError("connection", `${shownUrl(from)} broke off (${wordsOf(cause)}).`, { cause });
  }
}

function notPublic(url: URL, address: string): LlmError {
  const where = literalAddress(url.hostname) === undefined ? `${shownUrl(url)} is at ${address}` : shownUrl(url);
  return new LlmError("invalid-request", `${where}, which is no public address, and was not loaded.`, {
    hint: `If you trust it, name "${url.hostname}" in media.allowHosts.`,
  });
}

function unreachable(url: URL, cause: Error): LlmError {
  return new LlmError("connection", `Could not reach ${shownUrl(url)} (${wordsOf(cause)}).`, { cause });
}

function unexpectedStatus(from: string, status: number): LlmError {
  const mayPass = status >= 500 || status === 429 || status === 408;
  return new LlmError(mayPass ? "connection" : "invalid-request", `${shownUrl(from)} answered with status ${status}.`);
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? ((cause as { code?: string }).code ?? cause.message) : String(cause);
}
