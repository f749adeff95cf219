import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startLoopback, type Handler, type Loopback } from "../../conformance/src/loopback.ts";
import {
  createContext,
  responseCache,
  type CacheStore,
  type ChatEvent,
  type Context,
  type Middleware,
  type MiddlewareCall,
  type ProfileSettings,
} from "../src/index.ts";
import { sse, toy } from "./toy.ts";

const DELTAS = [
  { type: "text", text: "Hello" },
  { type: "usage", usage: { inputTokens: 4, outputTokens: 2 } },
  { type: "finish", finishReason: "stop" },
] as const;

let server: Loopback;
let handle: Handler;
beforeAll(async () => {
  server = await startLoopback((...received) => handle(...received));
});
afterAll(() => server.close());
beforeEach(() => {
  handle = (request, response) => {
    const { stream } = request.body as { stream: boolean };
    if (stream) response.writeHead(200, { "content-type": "text/event-stream" }).end(sse(...DELTAS, "[DONE]"));
    else response.end(JSON.stringify({ deltas: DELTAS }));
  };
});

function contextWith(...layers: Middleware[]): Context {
  const at = { provider: "toy", model: "m", baseURL: server.url, apiKey: "k-1", retry: false as const };
  const profiles: Record<string, ProfileSettings> = { default: at, other: { ...at, apiKey: "k-2" }, elsewhere: { ...at, model: "n" } };
  const context = createContext({ providers: [toy()], env: {}, profiles });
  for (const layer of layers) context.use(layer);
  return context;
}

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("middleware", () => {
  test("goes round streamed and whole calls, the first one outermost", async () => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      async (call, next) => {
        order.push(`${name} in ${call.stream}`);
        const result = await next().result;
        order.push(`${name} out`);
        return result;
      };
    const llm = contextWith(named("a"), named("b")).llm();
    expect((await llm.chat("Hi")).text).toBe("Hello");
    expect(order).toEqual(["a in false", "b in false", "b out", "a out"]);
    const events = await collect(llm.stream("Hi"));
    expect(events.map(({ type }) => type)).toEqual(["start", "text-start", "text", "text-end", "usage", "step", "done"]);
  });

  test("sees the call, and what it changes is what is sent", async () => {
    let seen: MiddlewareCall | undefined;
    const llm = contextWith((call, next) => {
      seen = call;
      return next({ input: "Bye", options: { ...call.options, temperature: 1 } });
    }).llm();
    await llm.stream("Hi", { seed: 7 }).result;
    expect(seen).toMatchObject({ stream: true, profile: "default", provider: "toy", model: "m", input: "Hi", options: { seed: 7 } });
    expect(server.requests.at(-1)!.body).toMatchObject({ temperature: 1, seed: 7, messages: [{ content: "Bye" }] });
  });

  test("passes a stream on as it comes", async () => {
    const rest = Promise.withResolvers<void>();
    handle = async (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(sse(DELTAS[0]));
      await rest.promise;
      response.end(sse(DELTAS[2], "[DONE]"));
    };
    const stream = contextWith((_call, next) => next())
      .llm()
      .stream("Hi");
    for await (const event of stream) if (event.type === "text") rest.resolve();
    expect((await stream.result).text).toBe("Hello");
  });

  test("may ask again", async () => {
    const llm = contextWith(async (_call, next) => {
      await next().result;
      return next();
    }).llm();
    const before = server.requests.length;
    expect((await llm.chat("Hi")).text).toBe("Hello");
    expect(server.requests).toHaveLength(before + 2);
  });

  test("its errors and those of the call reach the caller", async () => {
    const broken = contextWith(() => {
      throw new Error("no");
    }).llm();
    await expect(broken.chat("Hi")).rejects.toThrow("no");
    await expect(collect(broken.stream("Hi"))).rejects.toThrow("no");
    handle = (_request, response) => void response.writeHead(500).end("{}");
    await expect(
      contextWith((_call, next) => next())
        .llm()
        .chat("Hi"),
    ).rejects.toMatchObject({ kind: "server" });
  });

  test("break and abort reach the socket through all layers", async () => {
    handle = (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).write(sse(DELTAS[0]));
    const llm = contextWith(
      (_call, next) => next(),
      (_call, next) => next(),
    ).llm();
    for await (const event of llm.stream("Hi")) if (event.type === "text") break;
    await server.clientClosed();
    const stop = new AbortController();
    const stream = llm.stream("Hi", { signal: stop.signal });
    for await (const event of stream) {
      if (event.type === "text") break;
    }
    await expect(stream.result).rejects.toMatchObject({ kind: "aborted", partial: { text: "Hello" } });
    const waiting = llm.chat("Hi", { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ kind: "aborted" });
  });

  test("a middleware that hangs is ended by cancel", async () => {
    const stream = contextWith(() => new Promise(() => {}))
      .llm()
      .stream("Hi");
    const reading = collect(stream);
    stream.cancel();
    await expect(reading).rejects.toMatchObject({ kind: "aborted" });
    await expect(stream.result).rejects.toMatchObject({ kind: "aborted" });
  });
});

describe("the response cache", () => {
  test("answers the same call from memory, streamed and whole", async () => {
    const llm = contextWith(responseCache()).llm();
    const first = await llm.chat("Hi");
    const before = server.requests.length;
    const second = await llm.chat("Hi");
    const streamed = await llm.stream("Hi").result;
    expect(server.requests).toHaveLength(before);
    expect(second).toMatchObject({ text: first.text, attempts: [], usage: { totalTokens: 0 }, warnings: [{ code: "cached" }] });
    expect(streamed.text).toBe("Hello");
  });

  test("a streamed answer is kept too", async () => {
    const llm = contextWith(responseCache()).llm();
    await collect(llm.stream("Hi"));
    const before = server.requests.length;
    expect((await llm.chat("Hi")).text).toBe("Hello");
    expect(server.requests).toHaveLength(before);
  });

  test.each([
    ["another prompt", "default", "Bye", {}],
    ["another option", "default", "Hi", { temperature: 1 }],
    ["another key", "other", "Hi", {}],
    ["another model", "elsewhere", "Hi", {}],
    ["another system prompt", "default", "Hi", { system: "Be brief." }],
  ])("asks for %s", async (_what, profile, prompt, options) => {
    const context = contextWith(responseCache());
    await context.llm().chat("Hi");
    const before = server.requests.length;
    await context.llm(profile).chat(prompt, options);
    expect(server.requests).toHaveLength(before + 1);
  });

  test("keeps neither failures nor answers that were cut", async () => {
    const llm = contextWith(responseCache()).llm();
    handle = (_request, response) => void response.writeHead(500).end("{}");
    await expect(llm.chat("Hi")).rejects.toThrow();
    handle = (_request, response) => void response.end(JSON.stringify({ deltas: [DELTAS[0], { type: "finish", finishReason: "length" }] }));
    const before = server.requests.length;
    await llm.chat("Hi");
    await llm.chat("Hi");
    expect(server.requests).toHaveLength(before + 2);
  });

  test("takes any store, and tells it no key", async () => {
    const kept = new Map<string, string>();
    const store: CacheStore = { get: async (key) => kept.get(key), set: async (key, value) => void kept.set(key, value) };
    const llm = contextWith(responseCache({ store, ttlMs: 5 })).llm();
    await llm.chat("Hi");
    await llm.chat("Hi");
    expect([...kept.keys()]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect([...kept.values()].join()).not.toContain("k-1");
  });

  test("an answer counts only so long", async () => {
    const llm = contextWith(responseCache({ ttlMs: 0 })).llm();
    const before = server.requests.length;
    await llm.chat("Hi");
    await llm.chat("Hi");
    expect(server.requests).toHaveLength(before + 2);
  });
});
