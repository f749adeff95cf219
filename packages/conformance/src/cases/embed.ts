import type { CallMetrics, EmbedOptions, ErrorKind } from "@plurivox/core";
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { ambience } from "../ambience.ts";
import { embeds, serveEmbed, vectorOf, type EmbedExchange } from "../embed-kit.ts";
import { failure, within } from "../expect.ts";
import { CANARY_KEY, type Case, type Kit } from "../kit.ts";
import { startLoopback } from "../loopback.ts";
import { listen } from "../output.ts";

export const embedCases: readonly Case[] = [
  { name: "embed", run: vectors },
  { name: "embed-batches", run: batches },
  { name: "embed-order", run: order },
  { name: "embed-options", run: options },
  { name: "embed-usage", run: usage },
  { name: "embed-statuses", run: statuses },
  { name: "embed-bodies", run: bodies },
  { name: "embed-retry", run: retry },
  { name: "embed-abort", run: abort },
  { name: "embed-clean", run: clean },
  { name: "embed-missing", run: missing },
];

const TEXTS = ["Grüße 👋🏽", "second", 'third — "quoted"\nline two'];

async function vectors(kit: Kit): Promise<void> {
  await using served = await serveEmbed(kit, embeds());
  const one = await within(served.llm.embed("Hello"), "The call should end");
  assert.deepEqual(one.embedding, vectorOf("Hello"));
  assert.equal(one.provider, kit.provider.id);
  assert.equal(one.model, served.model);
  assert.deepEqual(one.warnings, []);
  const many = await within(served.llm.embed(TEXTS), "The call should end");
  assert.deepEqual(many.embeddings, TEXTS.map(vectorOf));
  assert.deepEqual(
    served.calls.map(({ model, inputs }) => ({ model, inputs })),
    [
      { model: served.model, inputs: ["Hello"] },
      { model: served.model, inputs: TEXTS },
    ],
  );
  for (const { headers, path, body } of served.server.requests) {
    assert.ok(JSON.stringify(headers).includes(CANARY_KEY), "the key should be sent in a header");
    assert.ok(!JSON.stringify([path, body]).includes(CANARY_KEY), "the key should not be in the URL or the body");
  }
}

/** However many there are, none is lost, and no request has more than the vendor takes. */
async function batches(kit: Kit): Promise<void> {
  const most = kit.provider.embed?.maxInputs ?? Number.POSITIVE_INFINITY;
  const inputs = Array.from({ length: Math.min(most, 2048) + 1 }, (_, at) => `text ${at}`);
  await using served = await serveEmbed(kit, embeds());
  const { embeddings } = await within(served.llm.embed(inputs), "The call should end", 10_000);
  assert.deepEqual(embeddings, inputs.map(vectorOf), "every vector should be in the place of its text");
  const sizes = served.calls.map((call) => call.inputs.length);
  assert.ok(Math.max(...sizes) <= most, `no request should hold more than ${most} inputs; one holds ${Math.max(...sizes)}`);
  assert.equal(
    sizes.reduce((sum, size) => sum + size),
    inputs.length,
    "every text should be sent once",
  );
  const before = served.calls.length;
  await within(served.llm.embed(TEXTS, { batchSize: 2 }), "The call should end");
  assert.deepEqual(
    served.calls.slice(before).map((call) => call.inputs.length),
    [2, 1],
  );
}

/** Which text a vector is of, it says itself. */
async function order(kit: Kit): Promise<void> {
  await using served = await serveEmbed(kit, embeds({ shuffled: true }));
  const { embeddings } = await within(served.llm.embed(TEXTS), "The call should end");
  assert.deepEqual(embeddings, TEXTS.map(vectorOf), "a vector should be found by its index, not by its place");
}

/** What the wire can say arrives; what it cannot is dropped with a warning, and dimensions are an error. */
async function options(kit: Kit): Promise<void> {
  await using served = await serveEmbed(kit, embeds());
  const refused = served.capabilities;
  const asked = { dimensions: 3, inputType: "query", user: "somebody" } as const;
  for (const name of ["dimensions", "inputType", "user"] as const) {
    const option: EmbedOptions = { [name]: asked[name] };
    if (refused[name] === false && name === "dimensions") {
      const before = served.calls.length;
      assert.equal((await failure(served.llm.embed("hi", option), "Dimensions that the model lacks")).kind, "unsupported");
      assert.equal(served.calls.length, before, "nothing should be sent");
      continue;
    }
    const { warnings } = await within(served.llm.embed("hi", option), "The call should end");
    const [call] = served.calls.slice(-1);
    if (refused[name] === false) {
      assert.deepEqual(
        warnings.map(({ code, feature }) => [code, feature]),
        [["unsupported", name]],
      );
      assert.ok(!JSON.stringify(served.server.requests.at(-1)!.body).includes(String(asked[name])), `${name} should not be sent`);
    } else {
      const expected = name === "inputType" ? (served.speech.inputTypes?.query ?? asked.inputType) : asked[name];
      assert.equal(call![name], expected, `${name} should arrive`);
      assert.deepEqual(warnings, []);
    }
  }
  await served.llm.embed("hi", { extraBody: { kit_field: 1 }, headers: { "x-kit": "yes" } });
  const { body, headers } = served.server.requests.at(-1)!;
  assert.equal((body as Record<string, unknown>)["kit_field"], 1, "extraBody should be in the body");
  assert.equal(headers["x-kit"], "yes", "headers should be sent");
}

async function usage(kit: Kit): Promise<void> {
  await using told = await serveEmbed(kit, embeds({ tokens: 7 }));
  assert.deepEqual((await told.llm.embed("hi")).usage, { inputTokens: 7, totalTokens: 7 });
  assert.deepEqual((await told.llm.embed(TEXTS, { batchSize: 2 })).usage, { inputTokens: 14, totalTokens: 14 });
  await using silent = await serveEmbed(kit, embeds());
  assert.deepEqual((await silent.llm.embed("hi")).usage, {}, "what the vendor does not tell should be absent");
}

const STATUSES: readonly [status: number, kind: ErrorKind, retryable: boolean][] = [
  [400, "invalid-request", false],
  [401, "authentication", false],
  [403, "permission", false],
  [404, "not-found", false],
  [429, "rate-limit", true],
  [500, "server", true],
  [503, "overloaded", true],
];

async function statuses(kit: Kit): Promise<void> {
  for (const [status, kind, retryable] of STATUSES) {
    await using served = await serveEmbed(kit, answers(status, kit.wire.error(status, "The kit says no.")));
    const error = await failure(served.llm.embed(TEXTS), `status ${status}`);
    const { provider, model } = error;
    assert.deepEqual(
      { kind: error.kind, status: error.status, retryable: error.retryable, provider, model },
      { kind, status, retryable, provider: kit.provider.id, model: served.model },
    );
    assert.ok(error.message.includes("The kit says no."), `the error should say what the vendor said; it says ${error.message}`);
    assert.ok(error.requestId !== undefined, "the error should name the request");
  }
}

/** Answers that are none, under a good status. */
async function bodies(kit: Kit): Promise<void> {
  const speech = kit.wire.embed!;
  const two = TEXTS.slice(0, 2);
  const answer = (...values: number[][]) => speech.answer({ vectors: values.map((one, index) => ({ index, values: one })) });
  const whole = answer([1, 2], [3, 4]);
  const wrong: [what: string, body: string, kind?: ErrorKind][] = [
    ["too few vectors", answer([1, 2])],
    ["too many vectors", answer([1, 2], [3, 4], [5, 6])],
    ["no vectors", answer()],
    ["an empty vector", answer([1, 2], [])],
    ["a vector of no numbers", answer([1, 2], [Number.NaN, 1])],
    ["HTML", "<html><h1>Bad day</h1></html>"],
    ["nothing", ""],
    ["half an answer", whole.slice(0, -10)],
    ["a list", "[]"],
    ["null", "null"],
  ];
  for (const [what, body, kind = "invalid-response"] of wrong) {
    await using served = await serveEmbed(kit, answers(200, body));
    assert.equal((await failure(served.llm.embed(two), what)).kind, kind, what);
  }
  await using served = await serveEmbed(kit, answers(200, kit.wire.error(400, "The kit says no.")));
  const error = await failure(served.llm.embed(two), "an error under 200");
  assert.ok(error.message.includes("The kit says no."), `the error should say what the vendor said; it says ${error.message}`);
  await using cut = await serveEmbed(kit, ({ response }) => {
    response.setHeader("content-length", "1000");
    response.write(whole, () => response.destroy());
  });
  assert.equal((await failure(cut.llm.embed(two), "a connection that breaks")).kind, "connection");
}

/** The vendor is asked again after it said when, by nobody but Plurivox. */
async function retry(kit: Kit): Promise<void> {
  let requests = 0;
  const good = embeds();
  await using served = await serveEmbed(kit, (exchange) =>
    requests++ === 0 ? answers(429, kit.wire.error(429, "later"), { "retry-after": "0" })(exchange) : good(exchange),
  );
  const { embeddings, attempts } = await within(served.llm.embed(TEXTS, { retry: {} }), "The call should end", 10_000);
  assert.deepEqual(embeddings, TEXTS.map(vectorOf));
  assert.deepEqual(
    attempts.map(({ error }) => error?.kind),
    ["rate-limit", undefined],
  );
  await using late = await serveEmbed(kit, answers(429, kit.wire.error(429, "later"), { "retry-after": "3600" }));
  assert.equal((await failure(late.llm.embed("hi", { retry: {} }), "A vendor that asks for an hour")).retryAfterMs, 3_600_000);
  await using once = await serveEmbed(kit, answers(503, kit.wire.error(503, "busy")));
  await failure(once.llm.embed("hi"), "A call without retries");
  assert.equal(once.server.requests.length, 1, "the SDK should not retry by itself");
}

async function abort(kit: Kit): Promise<void> {
  const arrived = Promise.withResolvers<void>();
  await using served = await serveEmbed(kit, () => arrived.resolve());
  const { signal: aborted } = { signal: AbortSignal.abort() };
  assert.equal((await failure(served.llm.embed("hi", { signal: aborted }), "A call that was aborted before")).kind, "aborted");
  assert.equal(served.server.requests.length, 0, "nothing should be sent after an abort");
  const controller = new AbortController();
  const call = failure(served.llm.embed(TEXTS, { signal: controller.signal }), "An aborted call");
  await within(arrived.promise, "The request should arrive");
  controller.abort(new Error("enough"));
  assert.equal((await call).kind, "aborted");
  await within(served.server.clientClosed(), "The connection should be closed");
  assert.equal(getEventListeners(controller.signal, "abort").length, 0, "a signal should keep no listener of a call that is over");
}

/** The key is nowhere, nothing is written, and nothing of the environment is sent. */
async function clean(kit: Kit): Promise<void> {
  const metrics: CallMetrics[] = [];
  using junk = ambience(kit.env);
  const echo = `Incorrect API key provided: ${CANARY_KEY}`;
  const written = await listen(async () => {
    await using good = await serveEmbed(kit, embeds());
    good.context.on("metrics", (measured) => void metrics.push(measured));
    assertNoKey(await good.llm.embed(TEXTS), "a result");
    for (const { headers, path, body } of good.server.requests) {
      assert.deepEqual(junk.foundIn(JSON.stringify({ headers, path, body })), [], "no variable of the environment should reach the wire");
    }
    for (const [status, body] of [
      [401, kit.wire.error(401, echo)],
      [401, `<html>${echo}</html>`],
      [200, kit.wire.error(401, echo)],
      [200, `<html>${echo}</html>`],
      [200, `{"half": "${echo}`],
    ] as const) {
      await using bad = await serveEmbed(kit, answers(status, body));
      bad.context.on("metrics", (measured) => void metrics.push(measured));
      assertNoKey(await failure(bad.llm.embed("hi"), "An answer with the key in it"), `an error after ${status}`);
    }
    const nobody = await startLoopback(() => {});
    await nobody.close();
    await using refused = await serveEmbed(kit, embeds(), { baseURL: nobody.url });
    assertNoKey(await failure(refused.llm.embed("hi"), "A call to nobody"), "an error without an answer");
    assertNoKey(refused.context.profiles(), "profiles()");
  });
  assert.deepEqual(written, [], "no call should write anything");
  assert.equal(metrics.length, 6, "every call should be told, also those that fail");
  assertNoKey(metrics, "the metrics");
}

/** Who cannot embed says so, and what to do, before anything is sent. */
async function missing(kit: Kit): Promise<void> {
  await using served = await kit.serve(() => {});
  const error = await failure(served.llm.embed("hi"), "A vendor without embeddings");
  assert.equal(error.kind, "unsupported");
  assert.ok(error.message.includes("EMBEDDING_PROVIDER"), "the error should say what to set");
  assert.equal(served.server.requests.length, 0, "nothing should be sent");
}

function answers(status: number, body: string, headers: Record<string, string> = {}) {
  return ({ kit, response }: EmbedExchange): void => {
    response.writeHead(status, { "content-type": "application/json", [kit.wire.requestIdHeader]: "req-kit", ...headers }).end(body);
  };
}

function assertNoKey(value: unknown, place: string): void {
  const shown = [
    inspect(value, { depth: 10, showHidden: true, getters: true, maxStringLength: null }),
    JSON.stringify(value),
    String(value),
  ];
  assert.ok(!shown.some((text) => text.includes(CANARY_KEY)), `the key is in ${place}`);
}
