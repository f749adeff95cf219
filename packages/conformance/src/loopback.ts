import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What a client sent, read to the end. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** Parsed where it is JSON. */
  body: unknown;
}

export type Handler = (request: ReceivedRequest, response: ServerResponse, raw: IncomingMessage) => void | Promise<void>;

/** A real HTTP server on a free port of 127.0.0.1. */
export interface Loopback {
  url: string;
  /** Everything that was received, in order. */
  requests: ReceivedRequest[];
  /** Connections that are open now. */
  readonly openSockets: number;
  /** TCP connections since the start. */
  readonly connections: number;
  /** Resolves when a response that was not ended is closed by the client. */
  clientClosed(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server that answers by `handler`. Close it, or hold it with `await using`. */
export async function startLoopback(handler: Handler): Promise<Loopback> {
  const sockets = new Set<Socket>();
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  const gone = Promise.withResolvers<void>();
  const server = createServer(async (raw, response) => {
    response.on("close", () => {
      if (!response.writableEnded) gone.resolve();
    });
    const request = await receive(raw);
    requests.push(request);
    await handler(request, response, raw);
  });
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () => stop(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get openSockets() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    clientClosed: () => gone.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function stop(server: Server): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
}

async function receive(raw: IncomingMessage): Promise<ReceivedRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of raw) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // Kept as text.
  }
  const headers = Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [name, String(value)]));
  return { method: raw.method ?? "", path: raw.url ?? "", headers, body };
}

/** Writes a body in the given pieces, each in a turn of its own, so that it reaches the client by itself, and ends the response. */
export async function writePieces(response: ServerResponse, pieces: Iterable<string | Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    if (!response.write(piece)) await new Promise((drained) => response.once("drain", drained));
    else await new Promise((next) => setImmediate(next));
  }
  response.end();
}
