import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoopback, type Handler, type Loopback } from "../../conformance/src/loopback.ts";
import { createContext, isLlmError, type ChatEvent, type Context, type LlmError, type ProfileSettings } from "../src/index.ts";
import { createKeyPool } from "../src/pipeline/keys.ts";
import { LlmError as TheError } from "../src/error.ts";
import { sse, toy } from "./toy.ts";

const answer = (text: string) => sse({ type: "text", text }, { type: "finish", finishReason: "stop" }, "[DONE]");

let first: Loopback;
let second: Loopback;
let onFirst: Handler;
let onSecond: Handler;
beforeAll(async () => {
  first = await startLoopback((...received) => onFirst(...received));
  second = await startLoopback((...received) => onSecond(...received));
});
afterAll(async () => {
  await first.close();
  await second.close();
});

const says =
  (text: string): Handler =>
  (_request, response) =>
    void response.writeHead(200, { "content-type": "text/event-stream" }).end(text);
const fails =
  (status: number, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end('{"error":{"message":"no"}}');

function context(main: Partial<ProfileSettings> = {}, other: Partial<ProfileSettings> = {}): Context {
  const at = (server: Loopback) => ({ provider: "toy", model: "m", baseURL: server.url, apiKey: "k", retry: false as const });
  return createContext({
    providers: [toy()],
    env: {},
    profiles: {
      main: { ...at(first), fallback: ["other"], ...main },
      other: { ...at(second), model: "n", ...other },
      third: { ...at(first), model: "o" },
    },
  });
}

const failure = (call: PromiseLike<unknown>): Promise<LlmError> =>
  Promise.resolve(call).then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => (isLlmError(error) ? error : expect.unreachable(String(error))),
  );

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("fallback", () => {
  test.each([401, 403, 404, 429, 500, 503, 529])("after status %i the next profile answers, silently", async (status) => {
    onFirst = fails(status);
    onSecond = says(answer("Hello"));
    const events = await collect(context().llm("main").stream("Hi"));
    expect(events.map(({ type }) => type)).not.toContain("fallback");
    const done = events.at(-1)!;
    if (done.type !== "done") return expect.unreachable();
    expect(done.result).toMatchObject({ text: "Hello", model: "n", metrics: { profile: "other", model: "n" } });
    expect(done.result.attempts.map(({ model, error }) => [model, error?.status])).toEqual([
      ["m", status],
      ["n", undefined],
    ]);
    expect(done.result.warnings).toMatchObject([{ code: "fallback" }]);
  });

  test("what is wrong with the call itself stays wrong: 400 is no reason", async () => {
    onFirst = fails(400);
    const before = second.requests.length;
    expect(await failure(context().llm("main").chat("Hi"))).toMatchObject({ kind: "invalid-request" });
    expect(second.requests).toHaveLength(before);
  });

  test("after the first delta an event says that the answer begins anew", async () => {
    onFirst = says(sse({ type: "text", text: "Hel" }));
    onSecond = says(answer("Hello"));
    const events = await collect(context().llm("main").stream("Hi"));
    const at = events.findIndex(({ type }) => type === "fallback");
    expect(events[at]).toMatchObject({ from: "main", to: "other", restart: true, error: { kind: "incomplete-stream" } });
    expect(events[at + 1]).toMatchObject({ type: "start", model: "n" });
    expect(events.at(-1)).toMatchObject({ result: { text: "Hello" } });
  });

  test("only after the kinds that were named", async () => {
    onFirst = fails(500);
    onSecond = says(answer("Hello"));
    const fallback = [{ profile: "other", on: ["rate-limit" as const] }];
    expect(await failure(context({ fallback }).llm("main").chat("Hi"))).toMatchObject({ kind: "server" });
    onFirst = fails(429);
    expect((await context({ fallback }).llm("main").stream("Hi").result).text).toBe("Hello");
  });

  test("an unsupported feature is a reason, before anything is sent", async () => {
    onSecond = says(answer("Hello"));
    const requests = first.requests.length;
    const tools = [{ type: "function" as const, function: { name: "f" } }];
    const { text } = await context({ model: "toy-plain" }).llm("main").stream("Hi", { tools }).result;
    expect(text).toBe("Hello");
    expect(first.requests).toHaveLength(requests);
  });

  test("the call's options go along, its place and model do not", async () => {
    onFirst = fails(500);
    onSecond = says(answer("Hello"));
    await context({ headers: { "x-first": "1" } })
      .llm("main")
      .stream("Hi", { model: "toy/another", temperature: 0.5 }).result;
    expect(second.requests.at(-1)).toMatchObject({ body: { model: "n", temperature: 0.5 } });
    expect(second.requests.at(-1)!.headers).not.toHaveProperty("x-first");
  });

  test("a chain is walked to its end, and the last failure is told with all attempts", async () => {
    onFirst = fails(500);
    onSecond = fails(503);
    const error = await failure(
      context({ fallback: ["other", "third"] })
        .llm("main")
        .chat("Hi"),
    );
    expect(error.attempts!.map(({ error: why, model }) => [model, why?.status])).toEqual([
      ["m", 500],
      ["n", 503],
      ["o", 500],
    ]);
    expect(error).toMatchObject({ kind: "server", model: "o" });
  });

  test("a profile that failed by itself rests, one that failed by the call does not", async () => {
    onSecond = says(answer("Hello"));
    onFirst = fails(503);
    const resting = context().llm("main");
    await resting.stream("Hi").result;
    let requests = first.requests.length;
    const { warnings } = await resting.stream("Hi").result;
    expect(first.requests).toHaveLength(requests);
    expect(warnings).toMatchObject([{ code: "fallback" }]);
    onFirst = fails(404);
    const other = context().llm("main");
    await other.stream("Hi").result;
    requests = first.requests.length;
    await other.stream("Hi").result;
    expect(first.requests).toHaveLength(requests + 1);
  });

  test("an abort is no reason", async () => {
    onFirst = says(sse({ type: "text", text: "Hel" }));
    const stop = new AbortController();
    stop.abort();
    const before = second.requests.length;
    expect(await failure(context().llm("main").stream("Hi", { signal: stop.signal }).result)).toMatchObject({ kind: "aborted" });
    expect(second.requests).toHaveLength(before);
  });

  test("an unknown profile in the chain is told at once", () => {
    expect(() =>
      context({ fallback: ["nobody"] })
        .llm("main")
        .stream("Hi"),
    ).toThrow(/no profile "nobody"/);
  });
});

describe("several keys", () => {
  const keysOf = (server: Loopback) => server.requests.map(({ headers }) => headers["authorization"]);

  test("are used in turn, by weight", async () => {
    const pool = createKeyPool([{ key: "a", weight: 2 }, "b", () => Promise.resolve("c")]);
    const used: (string | undefined)[] = [];
    for (let i = 0; i < 8; i++) used.push(await pool.pick().key());
    expect(used.toSorted()).toEqual(["a", "a", "a", "a", "b", "b", "c", "c"]);
    expect(used.slice(0, 4).toSorted()).toEqual(["a", "a", "b", "c"]);
  });

  test("one that is refused, or whose quota is used up, rests; after a rate limit it does not", async () => {
    let now = 0;
    const pool = createKeyPool(["a", "b"], () => now);
    const a = pool.pick();
    expect(await a.key()).toBe("a");
    expect(a.failed(new TheError("rate-limit", "slow"))).toBe(false);
    expect(a.failed(new TheError("authentication", "bad key"))).toBe(true);
    for (let i = 0; i < 3; i++) expect(await pool.pick().key()).toBe("b");
    expect(pool.pick().failed(new TheError("quota", "no credit", { retryAfterMs: 1_000 }))).toBe(false);
    expect(await pool.pick().key()).toBe("b");
    now = 600_001;
    const later = [await pool.pick().key(), await pool.pick().key()];
    expect(later.toSorted()).toEqual(["a", "b"]);
  });

  test("the call goes on with another key at once", async () => {
    onFirst = (request, response) => {
      const good = request.headers["authorization"] === "Bearer good-key";
      return good ? says(answer("Hello"))(request, response, undefined!) : fails(401)(request, response, undefined!);
    };
    const { text, attempts } = await context({ apiKey: undefined, apiKeys: ["bad-key", "good-key"], retry: {}, fallback: [] })
      .llm("main")
      .stream("Hi").result;
    expect(text).toBe("Hello");
    expect(attempts.map(({ error }) => error?.kind)).toEqual(["authentication", undefined]);
    expect(keysOf(first).slice(-2)).toEqual(["Bearer bad-key", "Bearer good-key"]);
  });

  test("keys are rotated at run time; a call in flight keeps its own", async () => {
    const held = Promise.withResolvers<void>();
    onFirst = async (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(sse({ type: "text", text: "Hel" }));
      await held.promise;
      response.end(sse({ type: "text", text: "lo" }, { type: "finish", finishReason: "stop" }, "[DONE]"));
    };
    const known = context({ apiKey: undefined, apiKeys: ["old-1", "old-2"], fallback: [] });
    const running = known.llm("main").stream("Hi");
    const reader = running[Symbol.asyncIterator]();
    await reader.next();
    known.setKey({ provider: "toy", profile: "main", apiKey: "new-key" });
    onFirst = says(answer("Bye"));
    await known.llm("main").stream("Hi").result;
    expect(keysOf(first).slice(-2)).toEqual(["Bearer old-1", "Bearer new-key"]);
    held.resolve();
    while (!(await reader.next()).done);
    expect((await running.result).text).toBe("Hello");
  });

  test("are nowhere to be seen", () => {
    const known = context({ apiKey: undefined, apiKeys: ["canary-1", { key: "canary-2" }] });
    expect(JSON.stringify(known.profiles())).not.toContain("canary");
  });
});

describe("retries", () => {
  test("in mid-stream where that is asked for: a retry event, and the answer anew", async () => {
    let calls = 0;
    onFirst = (...received) => says(calls++ === 0 ? sse({ type: "text", text: "Hel" }) : answer("Hello"))(...received);
    const llm = context({ retry: { midStream: true }, fallback: [] }).llm("main");
    const events = await collect(llm.stream("Hi"));
    expect(events.filter(({ type }) => type === "text" || type === "retry").map(({ type }) => type)).toEqual(["text", "retry", "text"]);
    expect(events.at(-1)).toMatchObject({ result: { text: "Hello" } });
  });

  test("by kind", async () => {
    let calls = 0;
    onFirst = (...received) => {
      calls++;
      return fails(404)(...received);
    };
    const kinds = { "not-found": 2, server: 1 };
    await failure(context({ retry: { kinds }, fallback: [] }).llm("main").chat("Hi"));
    expect(calls).toBe(2);
    calls = 0;
    onFirst = (...received) => {
      calls++;
      return fails(500)(...received);
    };
    await failure(context({ retry: { kinds }, fallback: [] }).llm("main").chat("Hi"));
    expect(calls).toBe(1);
  });
});
