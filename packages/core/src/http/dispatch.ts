import type { Reply } from "./reply.ts";
import { keepShape } from "./shape.ts";

/** What is sent. Only bodies that are complete: everything else goes through fetch. */
export interface WireRequest {
  method: string;
  headers: Headers;
  body: string | Uint8Array | undefined;
  signal: AbortSignal;
}

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}
interface Pending {
  resolve(more: boolean): void;
  reject(error: unknown): void;
}

/** Bytes that may wait to be read before the sender is stopped. */
const HIGH_WATER = 64 * 1024;
const UNDICI = Symbol.for("undici.globalDispatcher.1");
/** Where Node keeps what its own fetch runs on. */
const NODE_FETCH = "internal/deps/undici/undici";

/** Node's fetch gives up after 300 s without headers or bytes. Timeouts are ours; whatever dispatcher a user has set (a proxy, say) stays in force. */
const UNLIMITED = { headersTimeout: 0, bodyTimeout: 0 };

/**
 * What Node's fetch sends with, undefined elsewhere and where somebody has put another fetch in its place. It only exists once Node has loaded its fetch,
 * which touching Response does.
 */
export function globalDispatcher(): Dispatcher | undefined {
  if (typeof Response !== "function" || !isNodes(globalThis.fetch)) return undefined;
  return (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[UNDICI];
}

let known: { fetch: typeof fetch; isNodes: boolean } | undefined;
function isNodes(fetch: typeof globalThis.fetch): boolean {
  if (known?.fetch !== fetch) known = { fetch, isNodes: String(fetch).includes(NODE_FETCH) };
  return known.isNodes;
}

/** A dispatcher that lifts Node's limits, for its fetch. */
export const patient: Dispatcher = {
  dispatch: (options, handler) => globalDispatcher()!.dispatch({ ...options, ...UNLIMITED }, handler),
};

/**
 * Sends over Node's dispatcher, without the streams and promises that fetch puts round every piece: less than half of its CPU for a whole call, and a
 * quarter of its memory for a stream that waits (bench/). The body of a reply that is not read stops the sender.
 */
export function dispatch(to: Dispatcher, url: URL, request: WireRequest): Promise<Reply> {
  return new Promise((resolve, reject) => new Dispatched(request, resolve, reject).start(to, url));
}

/** One exchange: undici's handler on the one side, the reply on the other. https://undici.nodejs.org/#/docs/api/Dispatcher (2026-11) */
class Dispatched implements Reply {
  status = 0;
  headers: Headers = new Headers();
  readonly #request: WireRequest;
  readonly #onReply: (reply: Reply) => void;
  readonly #onFailure: (error: unknown) => void;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #paused = false;
  #over = false;
  #error: unknown;
  #waiting: Pending | undefined;
  #abort: (reason?: unknown) => void = () => {};
  #resume: () => void = () => {};

  constructor(request: WireRequest, onReply: (reply: Reply) => void, onFailure: (error: unknown) => void) {
    this.#request = request;
    this.#onReply = onReply;
    this.#onFailure = onFailure;
  }

  start(to: Dispatcher, url: URL): void {
    const { method, headers, body } = this.#request;
    const fields: string[] = [];
    for (const [name, value] of headers) fields.push(name, value);
    to.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers: fields, body, ...UNLIMITED }, this);
  }

  more(): Promise<boolean> {
    if (this.#pieces.length > 0) return Promise.resolve(true);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#over) return Promise.resolve(false);
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  /** Joined: what came in small pieces is then decoded in one go. */
  take(): Uint8Array {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : joined(this.#pieces, this.#held);
    this.#pieces = [];
    this.#held = 0;
    if (this.#paused) {
      this.#paused = false;
      this.#resume();
    }
    return bytes;
  }

  cancel(): void {
    if (!this.#over) this.#abort(new Error("The rest of the response is not wanted."));
  }

  readonly onAbort = (): void => this.#abort(this.#request.signal.reason);

  onConnect(abort: (reason?: unknown) => void): void {
    const { signal } = this.#request;
    this.#abort = abort;
    if (signal.aborted) abort(signal.reason);
    else signal.addEventListener("abort", this.onAbort, { once: true });
  }

  onHeaders(status: number, fields: readonly Uint8Array[], resume: () => void): boolean {
    if (status < 200) return true;
    this.status = status;
    this.#resume = resume;
    for (let at = 0; at < fields.length; at += 2) this.headers.append(latin1(fields[at]!), latin1(fields[at + 1]!));
    this.#onReply(this);
    return true;
  }

  onData(piece: Uint8Array): boolean {
    this.#pieces.push(piece);
    this.#held += piece.length;
    this.#paused = this.#held > HIGH_WATER;
    this.#settle()?.resolve(true);
    return !this.#paused;
  }

  onComplete(): void {
    this.#end();
    this.#settle()?.resolve(false);
  }

  onError(error: unknown): void {
    this.#end();
    this.#error = error;
    if (this.status === 0) this.#onFailure(error);
    else this.#settle()?.reject(error);
  }

  /** Whoever waits, for the last time. */
  #settle(): Pending | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #end(): void {
    this.#over = true;
    this.#request.signal.removeEventListener("abort", this.onAbort);
  }
}

const NOTHING_SENT = { method: "GET", headers: new Headers(), body: undefined, signal: new AbortController().signal };
keepShape(
  new Dispatched(
    NOTHING_SENT,
    () => {},
    () => {},
  ),
);

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const LATIN1 = new TextDecoder("latin1");
function latin1(bytes: Uint8Array): string {
  return LATIN1.decode(bytes);
}
