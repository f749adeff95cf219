import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { startLoopback, type Loopback, type ReceivedRequest } from "../../conformance/src/index.ts";
import { isLlmError, type CallMetrics, type ContextOptions, type ErrorKind, type LLM, type LlmError } from "../src/index.ts";
import type { EmbedCall, EmbedWire } from "../src/provider.ts";
import { toy, toyContext, toyEmbed } from "./toy.ts";

type Answer = (call: EmbedCall, response: ServerResponse, request: ReceivedRequest) => void;

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** The text, as numbers that tell it from others. */
const vectorOf = (text: string): number[] => [text.length, text.charCodeAt(0), -0.5];

const good: Answer = ({ inputs }, response) =>
  void response.end(JSON.stringify({ vectors: inputs.map((text) => ({ values: vectorOf(text) })), usage: { inputTokens: inputs.length } }));

async function serve(
  answer: Answer,
  { wire, ...options }: ContextOptions & { wire?: Partial<EmbedWire> } = {},
): Promise<{ llm: LLM; server: Loopback; calls: EmbedCall[]; metrics: CallMetrics[] }> {
  const calls: EmbedCall[] = [];
  const server = await startLoopback((request, response) => {
    calls.push(request.body as EmbedCall);
    answer(request.body as EmbedCall, response, request);
  });
  servers.push(server);
  const context = toyContext(server.url, { providers: [toy({ embed: toyEmbed(wire) })], ...options });
  const metrics: CallMetrics[] = [];
  context.on("metrics", (measured) => void metrics.push(measured));
  return { llm: context.llm(), server, calls, metrics };
}

async function failure(call: Promise<unknown>): Promise<LlmError> {
  const thrown: unknown = await call.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error,
  );
  if (!isLlmError(thrown)) throw thrown;
  return thrown;
}

const texts = (count: number): string[] => Array.from({ length: count }, (_, at) => `text number ${at}`);

describe("vectors", () => {
  test("one text, one vector; a list, a list, also of one", async () => {
    const { llm, calls, metrics } = await serve(good);
    const one = await llm.embed("Hello");
    expect(one).toMatchObject({
      embedding: vectorOf("Hello"),
      model: "toy-vectors",
      provider: "toy",
      usage: { inputTokens: 1 },
      warnings: [],
    });
    expect(one).not.toHaveProperty("embeddings");
    expect(one).not.toHaveProperty("cost");
    const many = await llm.embed(["Hello"]);
    expect(many.embeddings).toEqual([vectorOf("Hello")]);
    expect(many).not.toHaveProperty("embedding");
    expect(calls).toEqual([expect.objectContaining({ model: "toy-vectors", inputs: ["Hello"] }), expect.anything()]);
    expect(metrics).toMatchObject([
      { label: "toy/toy-vectors", profile: "default", attempts: 1, cancelled: false, usage: { inputTokens: 1 } },
      {},
    ]);
  });

  test("long lists are split at the vendor's limit, run some at a time, and come back in order", async () => {
    let open = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const { llm, calls } = await serve((call, response) => {
      most = Math.max(most, ++open);
      waiting.push(() => {
        open--;
        good(call, response, undefined as never);
      });
      // As soon as four are here, or the last ones, they are answered, the last first.
      if (waiting.length === 4 || calls.length === 8) for (const answer of waiting.splice(0).toReversed()) answer();
    });
    const inputs = texts(23);
    const { embeddings, usage, attempts } = await llm.embed(inputs);
    expect(embeddings).toEqual(inputs.map(vectorOf));
    expect(calls.map((call) => call.inputs.length).toSorted()).toEqual([2, 3, 3, 3, 3, 3, 3, 3]);
    expect(most).toBe(4);
    expect(usage).toEqual({ inputTokens: 23 });
    expect(attempts).toHaveLength(8);
  });

  test("batchSize makes smaller batches, never larger ones", async () => {
    const { llm, calls } = await serve(good);
    await llm.embed(texts(4), { batchSize: 2 });
    await llm.embed(texts(4), { batchSize: 100 });
    expect(calls.map((call) => call.inputs.length)).toEqual([2, 2, 3, 1]);
  });

  test("batches are split by tokens too, estimated rather too high", async () => {
    const { llm, calls } = await serve(good, { wire: { maxInputs: 100, maxTokens: 20 } });
    await llm.embed(["a".repeat(20), "b".repeat(20), "c", "日本語日本語日本語", "d".repeat(1000), "e"]);
    expect(calls.map((call) => call.inputs.map(([first]) => first)).toSorted()).toEqual([["a", "b"], ["c", "日"], ["d"], ["e"]].toSorted());
  });

  test("the vendor's index decides, and base64 is as good as numbers", async () => {
    const base64 = (values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString("base64");
    const { llm } = await serve(({ inputs }, response) => {
      const vectors = inputs.map((text, index) => ({ index, values: index === 1 ? base64(vectorOf(text)) : vectorOf(text) }));
      response.end(JSON.stringify({ vectors: vectors.toReversed(), model: "toy-vectors-0625" }));
    });
    const result = await llm.embed(["one", "three", "fifteen"]);
    expect(result.embeddings).toEqual(["one", "three", "fifteen"].map(vectorOf));
    expect(result.responseModel).toBe("toy-vectors-0625");
  });

  test("usage and cost are what every request tells, never a part of it, never 0", async () => {
    let requests = 0;
    const { llm, metrics } = await serve(({ inputs }, response) => {
      const last = ++requests === 2;
      const usage = last ? { totalTokens: 5 } : { inputTokens: 4, totalTokens: 4 };
      const vectors = inputs.map((text) => ({ values: vectorOf(text) }));
      response.end(JSON.stringify({ vectors, usage, ...(!last && { costUsd: 0.5 }) }));
    });
    const result = await llm.embed(texts(6));
    expect(result.usage).toEqual({ totalTokens: 9 });
    expect(result.cost).toBeUndefined();
    expect(metrics[0]!.usage).toEqual({ totalTokens: 9 });
    requests = 10;
    expect((await llm.embed(texts(6))).cost).toEqual({ totalUsd: 1, source: "provider-reported" });
  });
});

describe("options", () => {
  test("what the wire can say is sent; of providerOptions, those of the provider", async () => {
    const { llm, calls, server } = await serve(good);
    await llm.embed("Hello", {
      dimensions: 3,
      inputType: "query",
      user: "u-1",
      providerOptions: { toy: { own: 1 }, other: { no: 1 } },
      extraBody: { extra: true },
      headers: { "x-own": "yes" },
    });
    expect(calls[0]).toMatchObject({ dimensions: 3, inputType: "query", user: "u-1", providerOptions: { own: 1 }, extra: true });
    expect(server.requests[0]!.headers["x-own"]).toBe("yes");
  });

  test("dimensions that the model lacks are an error, the rest is dropped with a warning", async () => {
    const { llm, calls } = await serve(good);
    const model = "toy/toy-fixed-1";
    const error = await failure(llm.embed("Hello", { model, dimensions: 8 }));
    expect(error).toMatchObject({ kind: "unsupported", provider: "toy", model: "toy-fixed-1" });
    expect(calls).toEqual([]);
    const { warnings } = await llm.embed("Hello", { model, inputType: "query", user: "u" });
    expect(warnings.map(({ code, feature }) => [code, feature])).toEqual([
      ["unsupported", "inputType"],
      ["unsupported", "user"],
    ]);
    expect((await llm.embed("Hello", { model, dimensions: 8, onUnsupported: "warn" })).warnings).toHaveLength(1);
    expect((await llm.embed("Hello", { model, dimensions: 8, onUnsupported: "ignore" })).warnings).toEqual([]);
    for (const call of calls) expect(call).not.toHaveProperty("dimensions");
    expect((await failure(llm.embed("Hello", { model, inputType: "query", onUnsupported: "error" }))).kind).toBe("unsupported");
  });

  test.each<[string, unknown, string]>([
    ["an empty list", [], "the list is empty"],
    ["an empty text", "", "The input is empty"],
    ["an empty text in a list", ["a", ""], "input[1] is empty"],
    ["a number", 7, "must be a text; it is number"],
    ["null in a list", ["a", "b", null], "input[2] must be a text; it is null"],
    ["a list in a list", [["a"]], "input[0] must be a text; it is a list"],
    ["nothing", undefined, "must be a text; it is undefined"],
  ])("%s is refused before anything is sent", async (_, input, words) => {
    const { llm, calls, metrics } = await serve(good);
    const error = await failure(llm.embed(input as string));
    expect(error.kind).toBe("invalid-request");
    expect(error.message).toContain(words);
    expect(calls).toEqual([]);
    expect(metrics).toMatchObject([{ error: { kind: "invalid-request" }, attempts: 0 }]);
  });

  test.each([{ dimensions: 0 }, { dimensions: 1.5 }, { batchSize: 0 }, { timeoutMs: 0 }, { dimensions: "8" as unknown as number }])(
    "%o is refused",
    async (options) => {
      const { llm, calls } = await serve(good);
      expect((await failure(llm.embed("a", options))).kind).toBe("invalid-request");
      expect(calls).toEqual([]);
    },
  );
});

describe("answers that are none", () => {
  const body =
    (text: string): Answer =>
    (_, response) =>
      void response.end(text);
  const vectors = (...values: unknown[]): Answer => body(JSON.stringify({ vectors: values }));
  const row: [what: string, answer: Answer, kind: ErrorKind, retryable: boolean][] = [
    ["too few", vectors({ values: [1] }), "invalid-response", false],
    ["too many", vectors({ values: [1] }, { values: [1] }, { values: [1] }), "invalid-response", false],
    ["twice the same", vectors({ index: 0, values: [1] }, { index: 0, values: [1] }), "invalid-response", false],
    ["of an input that there is not", vectors({ index: 0, values: [1] }, { index: 2, values: [1] }), "invalid-response", false],
    ["of no number", vectors({ index: 0, values: [1] }, { index: "1", values: [1] }), "invalid-response", false],
    ["an empty vector", vectors({ values: [1] }, { values: [] }), "invalid-response", false],
    ["no vector", vectors({ values: [1] }, {}), "invalid-response", false],
    ["words in a vector", vectors({ values: [1] }, { values: ["1"] }), "invalid-response", false],
    ["null in a vector", vectors({ values: [1] }, { values: [null] }), "invalid-response", false],
    ["base64 of three bytes", vectors({ values: "AAAA" }, { values: "AAAA" }), "invalid-response", false],
    ["base64 of no numbers", vectors({ values: "AADAfw==" }, { values: "AADAfw==" }), "invalid-response", false],
    ["no base64", vectors({ values: "%%%%" }, { values: "%%%%" }), "invalid-response", false],
    ["vectors of two lengths", vectors({ values: [1] }, { values: [1, 2] }), "invalid-response", false],
    ["another shape", body('{"data":[]}'), "invalid-response", false],
    ["a list", body("[]"), "invalid-response", false],
    ["HTML", body("<html><title>Hi</title></html>"), "invalid-response", false],
    ["nothing", body(""), "invalid-response", true],
    ["half a JSON", body('{"vectors":[{"values":[1'), "invalid-response", true],
    ["an error under 200", body('{"error":{"message":"too bad"}}'), "server", true],
  ];
  test.each(row)("%s", async (_, answer, kind, retryable) => {
    const { llm, metrics } = await serve(answer);
    const error = await failure(llm.embed(["a", "b"], { retry: false }));
    expect([error.kind, error.retryable]).toEqual([kind, retryable]);
    expect(error).toMatchObject({ provider: "toy", model: "toy-vectors", attempts: [{ provider: "toy" }] });
    expect(metrics).toMatchObject([{ error: { kind }, attempts: 1 }]);
  });

  test("a connection that breaks in the answer", async () => {
    const { llm } = await serve((_, response) => void response.write('{"vectors":', () => response.destroy()));
    expect((await failure(llm.embed("a", { retry: false }))).kind).toBe("connection");
  });
});

describe("attempts", () => {
  test("what may pass is tried again, each request by itself", async () => {
    let failed = 0;
    const { llm, metrics } = await serve((call, response, request) => {
      if (call.inputs.includes("text number 4") && failed++ < 2) response.writeHead(503, { "retry-after-ms": "1" }).end("busy");
      else good(call, response, request);
    });
    const { embeddings, attempts } = await llm.embed(texts(6));
    expect(embeddings).toEqual(texts(6).map(vectorOf));
    expect(attempts.map(({ error }) => error?.kind).toSorted()).toEqual(["overloaded", "overloaded", undefined, undefined]);
    expect(metrics[0]!.attempts).toBe(4);
  });

  test("the first request that fails for good ends the others", async () => {
    const open = Promise.withResolvers<void>();
    const { llm, calls, server, metrics } = await serve((call, response) => {
      if (calls.length === 4) {
        open.resolve();
        response.writeHead(400).end("no such thing");
      }
    });
    const closed = server.clientClosed();
    const error = await failure(llm.embed(texts(30)));
    expect(error).toMatchObject({ kind: "invalid-request", status: 400 });
    expect(error.message).toContain("no such thing");
    await closed;
    expect(calls).toHaveLength(4);
    expect(metrics).toMatchObject([{ attempts: 4, error: { kind: "invalid-request" }, cancelled: false }]);
  });

  test("a pool of keys: one that is refused rests, and another takes its place", async () => {
    const { server, calls } = await serve((call, response, request) => {
      if (request.headers["authorization"] === "Bearer bad-key-000") response.writeHead(401).end("no");
      else good(call, response, request);
    });
    const profile = { provider: "toy", model: "toy-1", baseURL: server.url, apiKeys: ["bad-key-000", async () => "good-key-111"] };
    const llm = toyContext(server.url, { profiles: { default: profile } }).llm();
    expect((await llm.embed("a")).attempts.map(({ error }) => error?.kind)).toEqual(["authentication", undefined]);
    await llm.embed("a");
    expect(calls).toHaveLength(3);
  });

  test("no key where one is needed", async () => {
    const { server } = await serve(good);
    const llm = toyContext(server.url, { profiles: { default: { model: "toy/toy-1", baseURL: server.url } } }).llm();
    const error = await failure(llm.embed("a"));
    expect(error.kind).toBe("configuration");
    expect(error.message).toContain("TOY_API_KEY");
  });

  test("a signal that was aborted before: nothing is sent; one that is aborted then: the socket is freed, no listener stays", async () => {
    const arrived = Promise.withResolvers<void>();
    const { llm, server, calls, metrics } = await serve(() => arrived.resolve());
    expect(await failure(llm.embed("a", { signal: AbortSignal.abort("why") }))).toMatchObject({ kind: "aborted", cause: "why" });
    expect(calls).toEqual([]);
    const controller = new AbortController();
    const call = failure(llm.embed(texts(3), { signal: controller.signal }));
    await arrived.promise;
    controller.abort(new Error("enough"));
    expect((await call).kind).toBe("aborted");
    await server.clientClosed();
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    expect(metrics.map(({ cancelled }) => cancelled)).toEqual([true, true]);
  });

  test("no listener stays on a signal that lives on", async () => {
    const { signal } = new AbortController();
    const { llm } = await serve(good);
    for (let round = 0; round < 3; round++) await llm.embed(texts(10), { signal });
    await failure(llm.embed("", { signal }));
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test.each([
    ["headers", { timeouts: { headersMs: 20 } }],
    ["total", { timeoutMs: 20 }],
  ])("a timeout: %s", async (timeout, options) => {
    const { llm } = await serve(() => {});
    expect(await failure(llm.embed("a", { retry: false, ...options }))).toMatchObject({ kind: "timeout", timeout });
  });

  test("a timeout in the answer", async () => {
    const { llm } = await serve((_, response) => void response.write('{"vectors":'));
    expect(await failure(llm.embed("a", { retry: false, timeouts: { idleMs: 20 } }))).toMatchObject({ kind: "timeout" });
  });

  test("the key is in no error, also where the vendor says it", async () => {
    const { llm } = await serve((_, response, { headers }) => void response.writeHead(400).end(`no: ${headers["authorization"]}`));
    const error = await failure(llm.embed("a"));
    expect(error.message).toContain("no: Bearer [redacted]");
    expect(JSON.stringify(error)).not.toContain("canary-key-123");
  });

  test("limits hold for embeddings too", async () => {
    const { server, calls } = await serve(good);
    const limits = { maxConcurrent: 1, budget: { tokensPerCall: 20 } };
    const profile = { provider: "toy", model: "toy-1", baseURL: server.url, apiKey: "canary-key-123", limits };
    const llm = toyContext(server.url, { profiles: { default: profile } }).llm();
    await llm.embed(texts(3));
    expect((await failure(llm.embed("x".repeat(100)))).kind).toBe("budget");
    expect(calls).toHaveLength(1);
  });

  test("a closed context embeds no more, and nothing leaves the machine where that is forbidden", async () => {
    const { server } = await serve(good);
    const context = toyContext(server.url, { env: { PLURIVOX_NO_NETWORK: "1" } });
    await context.llm().embed("a");
    expect((await failure(context.llm({ model: "toy/x", baseURL: "http://vectors.example", apiKey: "k" }).embed("a"))).message).toContain(
      "PLURIVOX_NO_NETWORK",
    );
    const llm = context.llm();
    await context.close();
    expect((await failure(llm.embed("a"))).kind).toBe("configuration");
  });
});

describe("vectors of another length than was asked for", () => {
  const base64 = (values: number[]) => Buffer.from(Float32Array.from(values).buffer).toString("base64");

  test.each([
    ["numbers", (values: number[]) => values],
    ["base64", base64],
  ])("as %s", async (_, toValues) => {
    const { llm, calls } = await serve(({ inputs }, response) => {
      response.end(JSON.stringify({ vectors: inputs.map((text) => ({ values: toValues(vectorOf(text)) })) }));
    });
    const error = await failure(llm.embed(texts(2), { dimensions: 256 }));
    expect(error).toMatchObject({ kind: "invalid-response", retryable: false });
    expect(error.message).toContain("256 dimensions were asked for, and 3 came");
    expect(error.hint).toContain("dimensions");
    expect(calls).toHaveLength(1);
    expect((await llm.embed("a", { dimensions: 3 })).embedding).toEqual(vectorOf("a"));
  });
});

describe("servers that take fewer texts at once", () => {
  type Refusal = [who: string, status: number, most: number, said: (count: number) => string, batchSize?: number];
  const refusals: Refusal[] = [
    ["Text Embeddings Inference", 422, 32, (count) => `Validation: batch size ${count} > maximum allowed batch size 32`],
    [
      "DashScope",
      400,
      10,
      () =>
        "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents",
    ],
    ["Cohere", 400, 96, (count) => `invalid request: total number of texts must be at most 96 - received ${count}`],
    [
      "Azure",
      400,
      16,
      () => "Too many inputs. The max number of inputs is 16.  We hope to increase the number of inputs per request soon.",
    ],
    [
      "OpenAI",
      400,
      64,
      (count) =>
        `Invalid 'input': array too long. Expected an array with maximum length 64, but got an array with length ${count} instead.`,
    ],
    ["Voyage", 400, 50, (count) => `The batch size limit is 50. Your batch size is ${count}.`],
    ["FastAPI", 422, 32, (count) => `List should have at most 32 items after validation, not ${count}`],
    ["the Gemini API", 400, 20, () => "* BatchEmbedContentsRequest.requests: at most 20 requests can be in one batch"],
    ["Vertex AI", 400, 5, (count) => `5 instance(s) is allowed per prediction. Actual: ${count}`],
    ["Zhipu", 400, 64, () => "input数组最大不得超过64条"],
    ["one that names no number", 400, 7, () => "Too many inputs in request. Split into smaller batches.", 7],
    ["one that fails by it", 500, 10, () => "batch size is too large, maximum is 10"],
    ["one that takes one", 413, 1, () => "Payload Too Large", 1],
    ["Mistral, by tokens", 400, 40, () => "Too many tokens overall, split into more batches.", 40],
    ["OpenAI, by tokens", 400, 30, () => "Requested 400000 tokens, max 300000 tokens per request", 30],
    ["Voyage, by tokens", 400, 30, () => "The max allowed tokens per submitted batch is 120000. Your batch has 200000 tokens.", 30],
  ];

  test.each(refusals)("%s", async (_, status, most, said, halved) => {
    const { llm, calls } = await serve(
      (call, response, request) => {
        const { length } = call.inputs;
        if (length > most) response.writeHead(status).end(JSON.stringify({ error: { message: said(length) } }));
        else good(call, response, request);
      },
      { wire: { maxInputs: 100 } },
    );
    const inputs = texts(230);
    const { embeddings, warnings, usage, attempts } = await llm.embed(inputs);
    expect(embeddings).toEqual(inputs.map(vectorOf));
    expect(usage).toEqual({ inputTokens: 230 });
    expect(warnings).toMatchObject([{ code: "batch-size", provider: "toy" }]);
    const taken = calls.filter(({ inputs: { length } }) => length <= most);
    expect(taken.flatMap((call) => call.inputs).toSorted()).toEqual(inputs.toSorted());
    if (halved === undefined) expect(warnings[0]!.message).toContain(`batchSize: ${most}`);
    // Once the server has said how many it takes, no more are sent.
    expect(calls.length - taken.length).toBeLessThanOrEqual(halved === undefined ? 3 : 24);
    expect(attempts).toHaveLength(calls.length);
  });

  test("a list that fits is sent as it is, without a warning", async () => {
    const { llm } = await serve(good);
    expect((await llm.embed(texts(3))).warnings).toEqual([]);
  });

  test.each([
    ["whatever is sent", 422, "batch size 8 > maximum allowed batch size 4"],
    ["and fails by it", 500, "batch size exceeds the maximum"],
  ])("one that refuses %s ends the call, and names batchSize", async (_, status, said) => {
    const { llm, calls } = await serve((_call, response) => response.writeHead(status).end(JSON.stringify({ error: { message: said } })), {
      wire: { maxInputs: 64 },
    });
    const error = await failure(llm.embed(texts(64)));
    expect(error).toMatchObject({ kind: "invalid-request", retryable: false, status });
    expect(error.hint).toContain("batchSize");
    expect(calls.length).toBeLessThan(40);
  });

  test("one that names a number that it does not take either is not asked for ever", async () => {
    const { llm, calls } = await serve(
      ({ inputs: { length } }, response) => {
        response.writeHead(400).end(JSON.stringify({ error: { message: `Too many inputs: at most ${length - 1} texts` } }));
      },
      { wire: { maxInputs: 2_048 } },
    );
    expect((await failure(llm.embed(texts(2_048)))).kind).toBe("invalid-request");
    expect(calls.length).toBeLessThan(100);
  });

  test.each([
    [500, "input is too large to process. increase the physical batch size", "context-length"],
    [413, "Input validation error: `inputs` must have less than 512 tokens. Given: 600", "context-length"],
    [429, "Too many inputs at once", "rate-limit"],
    [400, "Unknown model", "invalid-request"],
  ] as const)("%i %s is no such refusal", async (status, message, kind) => {
    const { llm, calls } = await serve((_call, response) => response.writeHead(status).end(JSON.stringify({ error: { message } })));
    const error = await failure(llm.embed(texts(3), { retry: { maxAttempts: 3, maxWaitMs: 1 } }));
    expect(error.kind).toBe(kind);
    if (kind !== "rate-limit") expect(calls).toHaveLength(1);
    expect(error.hint).toBeDefined();
  });
});

test("metrics say whose call it was, also of one that failed", async () => {
  const { llm, metrics, calls } = await serve((call, response, request) => {
    if (call.inputs.includes("bad")) response.writeHead(400).end();
    else good(call, response, request);
  });
  const whose = { user: "u-1", metadata: { team: "search" } };
  await llm.embed("good", whose);
  await failure(llm.embed("bad", whose));
  await failure(llm.embed("good", { ...whose, signal: AbortSignal.abort() }));
  await llm.embed("good");
  expect(metrics).toMatchObject([{ kind: "embed", ...whose }, { kind: "embed", ...whose }, { kind: "embed", ...whose }, { kind: "embed" }]);
  expect(metrics[3]).not.toHaveProperty("user");
  expect(calls[0]).not.toHaveProperty("metadata");
});
