import { createContext, type Context, type LLM, type ProfileSettings } from "@plurivox/core";
import { findFamily, onWire, type Capabilities, type Feature, type ModelFamily, type Provider } from "@plurivox/core/provider";
import type { ServerResponse } from "node:http";
import { startLoopback, writePieces, type Loopback, type ReceivedRequest } from "./loopback.ts";
import type { CaseName } from "./names.ts";
import type { Answer, Frame, ReceivedCall, Wire } from "./wire.ts";

/** The key of every call that the kit makes: nothing may show it but the header that carries it. */
export const CANARY_KEY = "sk-kit-canary-5f1c9e7a3b8d4062";

/** The environment of every context. */
export const LOOPBACK_ONLY: Readonly<Record<string, string>> = { PLURIVOX_NO_NETWORK: "1" };

/** Where a provider is broken, a case that waits for it should fail and not hang. */
const PATIENCE: NonNullable<ProfileSettings["timeouts"]> = { headersMs: 3_000, firstByteMs: 3_000, idleMs: 3_000 };

/** One call that arrived at the kit's server, and the way to answer it. */
export interface Exchange {
  wire: Wire;
  call: ReceivedCall;
  request: ReceivedRequest;
  response: ServerResponse;
}

/** Answers one call. */
export type Responder = (exchange: Exchange) => void | Promise<void>;

/** A server that speaks the vendor's wire, and a client whose default profile calls it. */
export interface Served extends AsyncDisposable {
  llm: LLM;
  context: Context;
  server: Loopback;
  /** What arrived, without the vendor's form. */
  calls: ReceivedCall[];
  /** The same as it arrived. Not among them is what a provider asks beside a call, such as the limits of a model. */
  requests: ReceivedRequest[];
}

/** All that a case needs to know of what it tests. */
export interface Kit {
  provider: Provider;
  wire: Wire;
  model: string;
  api?: string;
  /** Environment variables that the vendor's SDK reads. */
  env: readonly string[];
  /** The profile that every case begins with, but for the address. */
  settings: ProfileSettings;
  /** Starts a server that answers so. Hold it with `await using`: it also fails for a request that was no request of the wire. */
  serve(responder: Responder, profile?: ProfileSettings): Promise<Served>;
  /** The table's row of a model, as it is on this wire. */
  family(model: string): ModelFamily | undefined;
  /** What the wire itself cannot say. */
  wireCapabilities: Capabilities;
  /** The tested model's table says that it lacks the feature. */
  refuses(feature: Feature): boolean;
}

export interface KitOptions {
  provider: Provider;
  wire: Wire;
  model: string;
  api?: string;
  env?: readonly string[];
}

/** One promise that every provider keeps. */
export interface Case {
  name: CaseName;
  run(kit: Kit): Promise<void>;
}

export function makeKit({ provider, wire, model, api, env = [] }: KitOptions): Kit {
  const adapter = api === undefined || api === provider.defaultApi ? provider.chat : provider.apis?.[api];
  const wireCapabilities = adapter?.capabilities ?? {};
  const family = (id: string) => onWire(findFamily(provider.families, id), api ?? provider.defaultApi);
  const settings: ProfileSettings = { provider: provider.id, model, apiKey: CANARY_KEY, retry: false, timeouts: PATIENCE };
  if (api !== undefined) settings.api = api as NonNullable<ProfileSettings["api"]>;

  async function serve(responder: Responder, profile: ProfileSettings = {}): Promise<Served> {
    const calls: ReceivedCall[] = [];
    const requests: ReceivedRequest[] = [];
    let fault: unknown;
    const server = await startLoopback(async (request, response) => {
      try {
        if (!wire.path.test(request.path)) {
          response.writeHead(404, { "content-type": "application/json" }).end(wire.error(404, `There is no ${request.path} here.`));
          return;
        }
        requests.push(request);
        const call = wire.read(request);
        calls.push(call);
        await responder({ wire, call, request, response });
      } catch (error) {
        fault ??= error;
        response.destroy();
      }
    });
    const context = createContext({
      providers: [provider],
      profiles: { default: { ...settings, baseURL: server.url, ...profile } },
      env: LOOPBACK_ONLY,
    });
    return {
      llm: context.llm(),
      context,
      server,
      calls,
      requests,
      async [Symbol.asyncDispose]() {
        await context.close();
        await server.close();
        if (fault !== undefined) throw new Error(`The request could not be read or answered: ${String(fault)}`, { cause: fault });
      },
    };
  }

  return {
    provider,
    wire,
    model,
    ...(api !== undefined && { api }),
    env,
    settings,
    serve,
    family,
    wireCapabilities,
    refuses: (feature) => wireCapabilities[feature] === false || family(model)?.capabilities[feature] === false,
  };
}

/** Streamed or whole, as it was asked for. */
export function says(answer: Answer): Responder {
  return ({ wire, call, response }) => {
    response.setHeader(wire.requestIdHeader, "req-kit");
    response.setHeader("content-type", contentType(wire, call.stream));
    response.end(call.stream ? joined(wire.stream(answer, call)) : wire.whole(answer, call));
  };
}

/** Each call gets the next answer, the last one for all that follow. */
export function inTurn(...responders: Responder[]): Responder {
  let next = 0;
  return (exchange) => responders[Math.min(next++, responders.length - 1)]!(exchange);
}

/** This status and body, whatever is asked. */
export function replies(status: number, body: string, headers: Record<string, string> = {}): Responder {
  return ({ wire, response }) => {
    response.writeHead(status, { "content-type": "application/json", [wire.requestIdHeader]: "req-kit", ...headers }).end(body);
  };
}

/** A stream in exactly these writes. */
export function writes(pieces: Iterable<string | Uint8Array>): Responder {
  return async ({ wire, response }) => {
    response.setHeader("content-type", contentType(wire, true));
    await writePieces(response, pieces);
  };
}

/** The beginning of a stream, sent off; the response stays open. */
export async function begin({ wire, response }: Exchange, text: string): Promise<void> {
  response.setHeader("content-type", contentType(wire, true));
  response.flushHeaders();
  if (text !== "") await new Promise((written) => response.write(text, written));
}

/** All of a stream as one text. */
export function joined(frames: readonly Frame[]): string {
  return frames.map(({ text }) => text).join("");
}

/** The events of an answer up to the one with the finish reason. */
export function unfinished(wire: Wire, answer: Answer): string[] {
  const frames = wire.stream(answer);
  return frames
    .slice(
      0,
      frames.findIndex(({ part }) => part === "finish"),
    )
    .map(({ text }) => text);
}

export function contentType(wire: Wire, stream: boolean): string {
  if (!stream) return "application/json";
  return wire.framing === "sse" ? "text/event-stream; charset=utf-8" : "application/x-ndjson";
}
