import { startLoopback, type Handler, type Loopback } from "../../conformance/src/loopback.ts";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createContext, type ContextOptions } from "../src/index.ts";
import { openExchange } from "../src/http/exchange.ts";
import { toy } from "./toy.ts";

const UNDICI = Symbol.for("undici.globalDispatcher.1");
const globals = globalThis as unknown as Record<symbol, { dispatch(options: object, handler: object): boolean }>;
const REPLY = JSON.stringify({
  deltas: [
    { type: "text", text: "Zürich" },
    { type: "finish", finishReason: "stop" },
  ],
});

let server: Loopback;
let handle: Handler;
beforeAll(async () => {
  server = await startLoopback((...received) => handle(...received));
});
afterAll(() => server.close());

const original = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = original;
});

function ask(options: ContextOptions = {}, baseURL = server.url): Promise<string> {
  const profiles = { default: { provider: "toy", model: "m", baseURL, apiKey: "key-0000000000", retry: false as const } };
  return createContext({ providers: [toy()], env: {}, ...options, profiles })
    .llm()
    .complete("Hi");
}

/** A form goes through Node's fetch. */
async function patiently(): Promise<string> {
  const { fetch } = openExchange({ signal: new AbortController().signal, hands: "none" });
  const body = new FormData();
  body.set("file", new Blob(["{}"]));
  return String((await fetch(server.url, { method: "POST", body })).status);
}

/** A global dispatcher that notes what goes through it, as a proxy would be set. */
function noting(limits: object = {}): { paths: string[]; timeouts: unknown[]; [Symbol.dispose](): void } {
  void globalThis.Response;
  const real = globals[UNDICI]!;
  const paths: string[] = [];
  const timeouts: unknown[] = [];
  globals[UNDICI] = {
    dispatch(options, handler) {
      const asked = { ...limits, ...options } as { path: string; headersTimeout?: number; bodyTimeout?: number };
      paths.push(asked.path);
      timeouts.push([asked.headersTimeout, asked.bodyTimeout]);
      return real.dispatch(asked, handler);
    },
  };
  return {
    paths,
    timeouts,
    [Symbol.dispose]() {
      globals[UNDICI] = real;
    },
  };
}

describe("the way to the wire", () => {
  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("a body in %s is read, though nobody asked for it", async (encoding, compress) => {
    handle = (request, response) => {
      expect(request.headers["accept-encoding"]).toBe("identity");
      response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding });
      response.end(compress(REPLY));
    };
    expect(await ask()).toBe("Zürich");
  });

  test("an encoding that nobody knows is an error that names it", async () => {
    handle = (_request, response) => void response.writeHead(200, { "content-encoding": "rot13" }).end(REPLY);
    await expect(ask()).rejects.toMatchObject({ kind: "invalid-response", message: expect.stringContaining("rot13") as string });
  });

  test("goes through the dispatcher that the user has set", async () => {
    handle = (_request, response) => void response.end(REPLY);
    using dispatcher = noting();
    expect(await ask()).toBe("Zürich");
    expect(dispatcher.paths).toHaveLength(1);
  });

  test("has no limits but the caller's: neither Node's 300 s nor those of a dispatcher that the user has set", async () => {
    handle = (_request, response) => void setTimeout(() => response.end(REPLY), 30);
    using dispatcher = noting({ headersTimeout: 1, bodyTimeout: 1 });
    expect(await ask()).toBe("Zürich");
    expect(await patiently()).toBe("200");
    expect(dispatcher.timeouts).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("goes through a fetch that somebody has put in the place of Node's", async () => {
    handle = (_request, response) => void response.end(REPLY);
    let calls = 0;
    globalThis.fetch = (input, init) => {
      calls++;
      return original(input, init);
    };
    expect(await ask()).toBe("Zürich");
    expect(calls).toBe(1);
  });

  test("goes through the context's own fetch", async () => {
    handle = (_request, response) => void response.end(REPLY);
    let calls = 0;
    const fetch: typeof original = (input, init) => {
      calls++;
      return original(input, init);
    };
    expect(await ask({ fetch })).toBe("Zürich");
    expect(calls).toBe(1);
  });

  test("a name and password in the base URL are refused, not dropped", async () => {
    handle = (_request, response) => void response.end(REPLY);
    const requests = server.requests.length;
    await expect(ask({}, server.url.replace("http://", "http://me:secret-word@"))).rejects.toMatchObject({
      kind: "configuration",
      message: expect.not.stringContaining("secret-word") as string,
    });
    expect(server.requests).toHaveLength(requests);
  });
});
