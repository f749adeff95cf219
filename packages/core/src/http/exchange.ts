import { LlmError } from "../error.ts";
import { dispatch, globalDispatcher, patient } from "./dispatch.ts";
import { redactUrl, scrub } from "./redact.ts";
import { fromResponse, readText, type Reply } from "./reply.ts";

export interface ExchangeOptions {
  /** Core's own signal of this attempt; an SDK's derived one can be garbage-collected. */
  signal: AbortSignal;
  /** Default: Node's own dispatcher, or the global fetch. */
  fetch?: typeof fetch;
  /** Refuses every address but loopback. */
  loopbackOnly?: boolean;
  secrets?: readonly string[];
  /**
   * What who calls `fetch` gets for a good response. "empty": an empty JSON object, which suits SDKs that read the body; "none": no body, for those that
   * leave it alone; "real": the body itself, which is then not kept here.
   */
  hands: "empty" | "none" | "real";
}

/** One attempt's HTTP exchange. `fetch` is for the SDK: it sends, keeps the reply here, and hands the SDK a stand-in, or the real thing when it is an error. */
export interface Exchange {
  fetch: typeof fetch;
  reply?: Reply;
  status?: number;
  headers?: Headers;
  /** The body of an HTTP error, without secrets. */
  errorText?: string;
  /** What the real fetch threw, before an SDK wrapped it. */
  failure?: unknown;
}

/** Of a body that an SDK gets: an error, or what the host was asked beside the call. */
const MAX_TEXT_CHARACTERS = 10_000_000;
/** A Response of these may have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
const MAX_REDIRECTS = 5;
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The per-attempt fetch: the only way of this house to the wire. */
export function openExchange(options: ExchangeOptions): Exchange {
  const { secrets = [] } = options;
  const exchange: Exchange = { fetch: (input, init) => run(input, init) };

  async function run(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const request = { ...(input instanceof Request ? await unwrap(input) : {}), ...init };
    const reply = await follow(new URL(input instanceof Request ? input.url : input), request, options).catch((error: unknown) => {
      exchange.failure = error;
      throw error;
    });
    const { status, headers } = reply;
    exchange.status = status;
    exchange.headers = headers;
    if (status >= 200 && status < 300 && options.hands !== "real") {
      exchange.reply = reply;
      const type = headers.get("content-type") ?? "application/json";
      return new Response(options.hands === "empty" ? "{}" : null, { status: 200, headers: { "content-type": type } });
    }
    const text = scrub(await readText(reply, MAX_TEXT_CHARACTERS), secrets);
    reply.cancel();
    if (status >= 400) exchange.errorText = text;
    const clean = [...headers].map(([name, value]): [string, string] => [name, scrub(value, secrets)]);
    return new Response(BODILESS.has(status) ? null : text, { status, headers: clean });
  }

  return exchange;
}

/** Credentials stay with the origin that they are for: a redirect elsewhere is refused, one that would drop the body too. */
async function follow(from: URL, request: RequestInit, options: ExchangeOptions): Promise<Reply> {
  let url = from;
  for (let hop = 0; ; hop++) {
    if (url.username !== "" || url.password !== "")
      throw new LlmError("configuration", `The address of ${url.host} holds a name or a password. Use apiKey or headers for them.`);
    if (options.loopbackOnly && !LOOPBACK.test(url.hostname)) {
      throw new LlmError("configuration", `PLURIVOX_NO_NETWORK is set, so ${url.host} was not called.`);
    }
    const reply = await send(url, request, options);
    if (reply.status < 300 || reply.status > 399) return reply;
    reply.cancel();
    const location = reply.headers.get("location") ?? "nowhere";
    const target = URL.parse(location, url.href);
    const keepsBody = reply.status === 307 || reply.status === 308;
    if (target?.origin !== url.origin || !keepsBody || hop === MAX_REDIRECTS) {
      const to = redactUrl(target?.href ?? location);
      throw new LlmError("invalid-response", `${redactUrl(url.href)} redirects to ${to}, which was not followed.`, {
        status: reply.status,
        hint: "Name the final address as baseURL.",
      });
    }
    url = target;
  }
}

/** Straight over Node's dispatcher where that is possible, by fetch elsewhere: with a fetch of the caller's, on other platforms, for bodies that are streams. */
async function send(url: URL, { method = "GET", headers, body }: RequestInit, { fetch, signal }: ExchangeOptions): Promise<Reply> {
  const dispatcher = fetch === undefined ? globalDispatcher() : undefined;
  if (dispatcher !== undefined && isComplete(body)) {
    const own = new Headers(headers);
    if (!own.has("user-agent")) own.set("user-agent", "plurivox");
    own.set("accept-encoding", "identity");
    const reply = await dispatch(dispatcher, url, { method, headers: own, body: body ?? undefined, signal });
    return decoded(reply);
  }
  const request = {
    method,
    headers,
    body,
    signal,
    redirect: "manual" as const,
    ...(body instanceof ReadableStream && { duplex: "half" }),
    ...(dispatcher !== undefined && { dispatcher: patient as object }),
  } as RequestInit;
  return fromResponse(await (fetch ?? globalThis.fetch)(url.href, request));
}

function isComplete(body: RequestInit["body"]): body is string | Uint8Array<ArrayBuffer> | null | undefined {
  return body === undefined || body === null || typeof body === "string" || body instanceof Uint8Array;
}

/** Compression was not asked for; a server or proxy may apply it all the same. */
function decoded(reply: Reply): Reply {
  const encoding = reply.headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding === "identity") return reply;
  const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      if (await reply.more()) controller.enqueue(reply.take() as Uint8Array<ArrayBuffer>);
      else controller.close();
    },
    cancel: () => reply.cancel(),
  });
  const { status, headers } = reply;
  return fromResponse(new Response(bytes.pipeThrough(decompression(encoding, reply)), { status, headers }));
}

function decompression(encoding: string, reply: Reply): DecompressionStream {
  try {
    return new DecompressionStream((encoding === "br" ? "brotli" : encoding.replace(/^x-/, "")) as "gzip");
  } catch (cause) {
    reply.cancel();
    throw new LlmError("invalid-response", `The response is compressed in a way that is not known here: ${encoding}.`, { cause });
  }
}

/** Some SDKs hand over a Request; its signal must not survive, so its parts are taken one by one. */
async function unwrap(request: Request): Promise<RequestInit> {
  const body = request.body === null ? {} : { body: new Uint8Array(await request.arrayBuffer()) };
  return { method: request.method, headers: request.headers, ...body };
}
