import { createContext, isLlmError, type ProfileSettings } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { getEventListeners } from "node:events";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { openai } from "../src/index.ts";

type Json = Record<string, unknown>;
interface Step {
  status?: number;
  headers?: Record<string, string>;
  body: Json;
}

let steps: Step[] = [];
let asked: { method: string; url: string; at: number }[] = [];
const server = await startLoopback((request, response) => {
  asked.push({ method: request.method, url: request.path, at: performance.now() });
  const { status = 200, headers = {}, body } = steps.length > 1 ? steps.shift()! : steps[0]!;
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
});

const reply = (status: string, more: Json = {}): Step => ({
  body: { id: "resp_1", model: "m", status, background: true, output: [], error: null, ...more },
});
const DONE = reply("completed", {
  output: [{ type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "Hello" }] }],
  usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
});

function context(settings: ProfileSettings = {}) {
  const profile = { provider: "openai", model: "gpt-5.4", baseURL: server.url, apiKey: "sk-canary", retry: false as const, ...settings };
  return createContext({ providers: [openai()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } });
}
const BACKGROUND = { providerOptions: { openai: { background: true } } };
const chat = (...given: [Step, ...Step[]]) => {
  steps = given;
  return context().llm().chat("Hi", BACKGROUND);
};
const failure = (call: Promise<unknown>) =>
  call.then(
    () => new Error("It did not fail."),
    (thrown: unknown) => (isLlmError(thrown) ? thrown : new Error(String(thrown))),
  );

describe("an answer that is made in the background", () => {
  test("is asked for until it is there, at the same address", async () => {
    const result = await chat(reply("queued"), reply("in_progress"), DONE);
    expect(result).toMatchObject({ text: "Hello", finishReason: "stop", usage: { totalTokens: 3 }, responseId: "resp_1" });
    expect(result.attempts).toHaveLength(1);
    expect(asked.map(({ method, url }) => [method, url])).toEqual([
      ["POST", "/responses"],
      ["GET", "/responses/resp_1"],
      ["GET", "/responses/resp_1"],
    ]);
    expect(asked[1]!.at - asked[0]!.at).toBeGreaterThan(450);
  });

  test("also where extraBody says so, and the reply does not", async () => {
    steps = [reply("queued", { background: undefined }), DONE];
    const { text } = await context({ extraBody: { background: true, store: true } })
      .llm()
      .chat("Hi");
    expect(text).toBe("Hello");
  });

  test("the vendor may ask for longer waits", async () => {
    await chat({ ...reply("queued"), headers: { "retry-after-ms": "900" } }, DONE);
    expect(asked[1]!.at - asked[0]!.at).toBeGreaterThan(850);
  });

  test("a question that fails for a moment is asked again, and the answer is not ordered anew", async () => {
    const { text } = await chat(reply("queued"), { status: 503, body: { error: { message: "Busy" } } }, DONE);
    expect(text).toBe("Hello");
    expect(asked.map(({ method }) => method)).toEqual(["POST", "GET", "GET"]);
  });

  test.each<[string, Step, Json]>([
    ["cancelled", reply("cancelled"), { kind: "server", retryable: false, message: expect.stringContaining("cancelled") }],
    ["failed", reply("failed", { error: { code: "context_length_exceeded", message: "Too long." } }), { kind: "context-length" }],
    ["failed without a reason", reply("failed"), { kind: "server" }],
    ["is gone", { status: 404, body: { error: { message: "No such response" } } }, { kind: "not-found", retryable: false }],
  ])("one that %s is an error", async (_, last, expected) => {
    expect(await failure(chat(reply("in_progress"), last))).toMatchObject(expected);
  });

  test("one that was cut says so", async () => {
    const last = reply("incomplete", { incomplete_details: { reason: "max_output_tokens" }, output: DONE.body["output"] });
    expect(await chat(reply("queued"), last)).toMatchObject({ text: "Hello", finishReason: "length" });
  });

  test("abort, timeoutMs and close() end the wait at once, and no timeout of a reply does", async () => {
    steps = [reply("queued")];
    const started = performance.now();
    const { signal, abort } = aborter();
    const own = context();
    const timeouts = { headersMs: 400, firstByteMs: 100, idleMs: 100 };
    const calls = [
      failure(own.llm().chat("Hi", { ...BACKGROUND, signal })),
      failure(own.llm().chat("Hi", { ...BACKGROUND, timeoutMs: 700, timeouts })),
      failure(own.llm().chat("Hi", { ...BACKGROUND, timeouts })),
    ];
    setTimeout(abort, 100);
    expect(await calls[0]).toMatchObject({ kind: "aborted" });
    expect(performance.now() - started).toBeLessThan(450);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    expect(await calls[1]).toMatchObject({ kind: "timeout", timeout: "total" });
    await own.close();
    expect(await calls[2]).toMatchObject({ kind: "aborted" });
    expect(performance.now() - started).toBeLessThan(1100);
  });

  test("the key is in no error of a question", async () => {
    const error = await failure(chat(reply("queued"), { status: 400, body: { error: { message: "Bad key sk-canary" } } }));
    expect(error.message).not.toContain("sk-canary");
  });
});

function aborter() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

test.each(["queued", "in_progress"])("a whole answer that is %s and does not run in the background is none", async (status) => {
  steps = [reply(status, { background: false })];
  const error = await failure(context().llm().chat("Hi"));
  expect(error).toMatchObject({ kind: "invalid-response", retryable: false });
  expect(error.message).toContain("background: true");
  expect(asked).toHaveLength(1);
});
