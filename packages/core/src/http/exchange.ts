import { LlmError } from "../error.ts";
import { redactUrl, scrub } from "./redact.ts";

export interface ExchangeOptions {
  /** Core's own signal of this attempt; an SDK's derived one can be garbage-collected. */
  signal: AbortSignal;
  /** Default: the global fetch. */
  fetch?: typeof fetch;
  /** Refuses every address but loopback. */
  loopbackOnly?: boolean;
  secrets?: readonly string[];
  /** Who calls `fetch` leaves good responses alone, and gets them as they are. */
  untouched?: boolean;
}

/** One attempt's HTTP exchange. `fetch` is for the SDK: it sends, keeps the untouched Response here, and hands the SDK an empty one, or the real one where that is safe. */
export interface Exchange {
  fetch: typeof fetch;
  response?: Response;
  status?: number;
  headers?: Headers;
  /** The body of an HTTP error, without secrets. */
  errorText?: string;
  /** What the real fetch threw, before an SDK wrapped it. */
  failure?: unknown;
}

const MAX_ERROR_CHARACTERS = 1_000_000;
const MAX_REDIRECTS = 5;
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const UNDICI = Symbol.for("undici.globalDispatcher.1");

interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
}

/** Node's fetch gives up after 300 s without headers or bytes. Timeouts are ours; whatever dispatcher a user has set (a proxy, say) stays in force. */
const patient: Dispatcher = {
  dispatch: (options, handler) =>
    (globalThis as unknown as Record<symbol, Dispatcher>)[UNDICI]!.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
};

/** The dispatcher only exists once Node has loaded its fetch, which touching Response does. */
function patience(): object {
  return typeof Response === "function" && UNDICI in globalThis ? { dispatcher: patient } : {};
}

/** The per-attempt fetch: the only way of this house to the wire. */
export function openExchange(options: ExchangeOptions): Exchange {
  const { signal, secrets = [] } = options;
  const extra = options.fetch === undefined ? patience() : {};
  const exchange: Exchange = { fetch: (input, init) => run(input, init) };

  async function run(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    const request: RequestInit = {
      ...(input instanceof Request ? await unwrap(input) : {}),
      ...init,
      ...extra,
      signal,
      redirect: "manual",
    };
    const url = new URL(input instanceof Request ? input.url : input);
    const response = await follow(url, request, options).catch((error: unknown) => {
      exchange.failure = error;
      throw error;
    });
    exchange.status = response.status;
    exchange.headers = response.headers;
    if (response.ok) {
      exchange.response = response;
      if (options.untouched) return response;
      const type = response.headers.get("content-type") ?? "application/json";
      return new Response("{}", { status: 200, headers: { "content-type": type } });
    }
    exchange.errorText = scrub((await response.text()).slice(0, MAX_ERROR_CHARACTERS), secrets);
    const headers = [...response.headers].map(([name, value]): [string, string] => [name, scrub(value, secrets)]);
    return new Response(exchange.errorText, { status: response.status, headers });
  }

  return exchange;
}

/** Credentials stay with the origin that they are for: a redirect elsewhere is refused, one that would drop the body too. */
async function follow(
  from: URL,
  request: RequestInit,
  { fetch: send = globalThis.fetch, loopbackOnly }: ExchangeOptions,
): Promise<Response> {
  let url = from;
  for (let hop = 0; ; hop++) {
    if (loopbackOnly && !LOOPBACK.test(url.hostname)) {
      throw new LlmError("configuration", `PLURIVOX_NO_NETWORK is set, so ${url.host} was not called.`);
    }
    const response = await send(url.href, request);
    if (response.status < 300 || response.status > 399) return response;
    await response.body?.cancel();
    const location = response.headers.get("location") ?? "nowhere";
    const target = URL.parse(location, url.href);
    const keepsBody = response.status === 307 || response.status === 308;
    if (target?.origin !== url.origin || !keepsBody || hop === MAX_REDIRECTS) {
      const to = redactUrl(target?.href ?? location);
      throw new LlmError("invalid-response", `${redactUrl(url.href)} redirects to ${to}, which was not followed.`, {
        status: response.status,
        hint: "Name the final address as baseURL.",
      });
    }
    url = target;
  }
}

/** Some SDKs hand over a Request; its signal must not survive, so its parts are taken one by one. */
async function unwrap(request: Request): Promise<RequestInit> {
  const body = request.body === null ? {} : { body: await request.arrayBuffer() };
  return { method: request.method, headers: request.headers, ...body };
}
