import type { ErrorKind } from "@plurivox/core";
import assert from "node:assert/strict";
import { bothFailures, bothWays, failure, within } from "../expect.ts";
import { contentType, inTurn, replies, says, type Case, type Kit } from "../kit.ts";
import { startLoopback } from "../loopback.ts";
import { HELLO } from "../samples.ts";

export const errorCases: readonly Case[] = [
  { name: "error-statuses", run: statuses },
  { name: "error-bodies-odd", run: oddBodies },
  { name: "error-kinds", run: kinds },
  { name: "error-too-long", run: tooLong },
  { name: "error-retry-after", run: retryAfter },
  { name: "sdk-retries-off", run: sdkRetriesOff },
  { name: "retry", run: retry },
  { name: "connection-refused", run: connectionRefused },
  { name: "redirect-elsewhere", run: redirectElsewhere },
  { name: "ok-with-an-error", run: okWithError },
  { name: "ok-with-something-else", run: okWithSomethingElse },
  { name: "odd-content-type", run: oddContentType },
  { name: "whole-cut-short", run: wholeCutShort },
];

const STATUSES: readonly [status: number, kind: ErrorKind, retryable: boolean][] = [
  [400, "invalid-request", false],
  [401, "authentication", false],
  [403, "permission", false],
  [404, "not-found", false],
  [413, "invalid-request", false],
  [422, "invalid-request", false],
  [429, "rate-limit", true],
  [500, "server", true],
  [502, "server", true],
  [503, "overloaded", true],
  [529, "overloaded", true],
];
const SAID = "The kit says no.";

async function statuses(kit: Kit): Promise<void> {
  for (const [status, kind, retryable] of STATUSES) {
    await using served = await kit.serve(replies(status, kit.wire.error(status, SAID)));
    for (const [how, error] of await bothFailures(served.llm, "hi", `status ${status}`)) {
      const at = `${how}, status ${status}`;
      const { provider, model, requestId } = error;
      assert.deepEqual(
        { kind: error.kind, status: error.status, retryable: error.retryable, provider, model },
        { kind, status, retryable, provider: kit.provider.id, model: kit.model },
        at,
      );
      assert.ok(requestId !== undefined, `${at}: the error should name the request`);
      assert.ok(error.message.includes(SAID), `${at}: the error should say what the vendor said; it says ${error.message}`);
      if ([401, 403, 404, 429].includes(status)) assert.ok(error.hint !== undefined, `${at}: the error should say what to do`);
    }
  }
}

/** A proxy in between answers in its own words, or not at all. */
async function oddBodies(kit: Kit): Promise<void> {
  for (const [status, kind, retryable] of STATUSES) {
    for (const [body, type] of [
      ["<html><h1>Bad day</h1></html>", "text/html"],
      ["", "application/json"],
      ["[]", "application/json"],
      ['{"detail":"no"}', "application/json"],
      ['{"error":"no"}', "application/json"],
    ] as const) {
      await using served = await kit.serve(replies(status, body, { "content-type": type }));
      for (const [how, error] of await bothFailures(served.llm, "hi", `status ${status}`)) {
        const got = { kind: error.kind, status: error.status, retryable: error.retryable, requestId: error.requestId };
        const expected = { kind, status, retryable, requestId: "req-kit" };
        assert.deepEqual(got, expected, `${how}, status ${status} with the body ${JSON.stringify(body)}`);
      }
    }
  }
}

async function kinds(kit: Kit): Promise<void> {
  for (const { what, status, body, kind, retryable } of kit.wire.errors(SAID)) {
    await using served = await kit.serve(replies(status, body));
    for (const [how, error] of await bothFailures(served.llm, "hi", what)) {
      assert.equal(error.kind, kind, `${how}: ${what}`);
      assert.equal(error.retryable, retryable ?? false, `${how}: whether to send it again, for ${what}`);
      assert.equal(error.status, status, `${how}: the status, for ${what}`);
      assert.ok(error.message.includes(SAID), `${how}: what the vendor said, for ${what}`);
    }
  }
}

/**
 * A gateway, or a server that the user runs, has its own error messages and its own status codes.
 */
const TOO_LONG: readonly [status: number, said: string][] = [
  [400, "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it"],
  [413, "Input is too long for requested model."],
  [422, "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens"],
  [500, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."],
];
const OF_TIME = "Too many tokens, please wait before trying again.";

async function tooLong(kit: Kit): Promise<void> {
  for (const [status, said] of TOO_LONG) {
    for (const answer of [replies(status, kit.wire.error(status, said)), replies(status, said, { "content-type": "text/plain" })]) {
      await using served = await kit.serve(answer);
      for (const [how, { kind, retryable, hint }] of await bothFailures(served.llm, "hi", said)) {
        assert.deepEqual({ kind, retryable }, { kind: "context-length", retryable: false }, `${how}, ${status}: ${said}`);
        assert.ok(hint !== undefined, `${how}: the error should say what to do`);
      }
    }
  }
  await using busy = await kit.serve(replies(400, kit.wire.error(400, OF_TIME)));
  for (const [how, { kind }] of await bothFailures(busy.llm, "hi", OF_TIME)) assert.notEqual(kind, "context-length", how);
}

async function retryAfter(kit: Kit): Promise<void> {
  const inTenMinutes = new Date(Date.now() + 600_000).toUTCString();
  const asked: [headers: Record<string, string>, from: number, to: number][] = [
    [{ "retry-after": "7" }, 7_000, 7_000],
    [{ "retry-after-ms": "350" }, 350, 350],
    [{ "retry-after": inTenMinutes }, 560_000, 600_000],
    [{ "retry-after": "3600" }, 3_600_000, 3_600_000],
  ];
  for (const [headers, from, to] of asked) {
    await using served = await kit.serve(replies(429, kit.wire.error(429, SAID), headers));
    const retrying = { retry: { maxAttempts: 3, maxWaitMs: 100 } };
    for (const [how, error] of await bothFailures(served.llm, "hi", "a wait too long", retrying)) {
      const { retryAfterMs = -1 } = error;
      assert.ok(retryAfterMs >= from && retryAfterMs <= to, `${how}: ${JSON.stringify(headers)} gave ${retryAfterMs} ms`);
    }
    assert.equal(served.calls.length, 2, "a wait longer than maxWaitMs should fail at once, without a second attempt");
  }
}

async function sdkRetriesOff(kit: Kit): Promise<void> {
  for (const status of [408, 409, 429, 500, 503]) {
    await using served = await kit.serve(
      replies(status, kit.wire.error(status, SAID), { "retry-after-ms": "1", "x-should-retry": "true" }),
    );
    await bothFailures(served.llm, "hi", `status ${status}`);
    assert.equal(served.calls.length, 2, `status ${status}: one request for each of two calls, because only core retries`);
  }
  await using cut = await kit.serve(({ response }) => void response.destroy());
  await bothFailures(cut.llm, "hi", "a closed connection");
  assert.equal(cut.calls.length, 2, "a closed connection: one request for each of two calls");
}

async function retry(kit: Kit): Promise<void> {
  const busy = replies(503, kit.wire.error(503, SAID), { "retry-after-ms": "1" });
  await using served = await kit.serve(inTurn(busy, says(HELLO)));
  const { text, attempts } = await within(
    served.llm.stream("hi", { retry: { maxAttempts: 2 } }).result,
    "The second attempt should answer",
  );
  assert.equal(text, HELLO.text);
  assert.deepEqual(
    attempts.map(({ error }) => error?.kind),
    ["overloaded", undefined],
    "both attempts should be on record",
  );
  assert.deepEqual(served.calls[1], served.calls[0], "the second attempt should send the same as the first");
}

async function connectionRefused(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  const nobody = await startLoopback(() => {});
  await nobody.close();
  for (const [how, error] of await bothFailures(served.llm.with({ baseURL: nobody.url }), "hi", "nobody listens")) {
    assert.equal(error.kind, "connection", `${how}: the kind`);
    assert.equal(error.retryable, true, `${how}: it may work later`);
    assert.match(error.message, /ECONNREFUSED/, `${how}: the error should say what happened`);
  }
}

async function redirectElsewhere(kit: Kit): Promise<void> {
  await using other = await startLoopback((_, response) => void response.end("{}"));
  await using served = await kit.serve(replies(307, "", { location: `${other.url}/v1/messages` }));
  await bothFailures(served.llm, "hi", "a redirect to another origin");
  assert.equal(other.requests.length, 0, "the key should stay with its origin, so the redirect should not be followed");
}

async function okWithError(kit: Kit): Promise<void> {
  await using served = await kit.serve(replies(200, kit.wire.error(401, SAID)));
  for (const [how, error] of await bothFailures(served.llm, "hi", "200 with an error"))
    assert.ok(error.message.includes(SAID), `${how}: the error should say what came; it says ${error.message}`);
}

async function okWithSomethingElse(kit: Kit): Promise<void> {
  for (const [body, words] of [
    ["<!doctype html><title>Sign in</title>", "Sign in"],
    ["", "empty"],
    ["null", ""],
    ["[1]", ""],
    ['"text"', ""],
    ['{"hello":"world"}', ""],
  ] as const) {
    await using served = await kit.serve(replies(200, body, { "content-type": body.startsWith("<") ? "text/html" : "application/json" }));
    for (const [how, error] of await bothFailures(served.llm, "hi", `200 with ${body || "nothing"}`)) {
      assert.equal(error.kind, "invalid-response", `${how}: 200 with ${body || "nothing"} is no answer`);
      assert.ok(error.message.includes(words), `${how}: the error should say what came; it says ${error.message}`);
    }
  }
}

async function oddContentType(kit: Kit): Promise<void> {
  for (const type of ["text/plain", "application/octet-stream", "application/json", "text/event-stream"]) {
    await using served = await kit.serve(({ wire, call, response }) => {
      response.setHeader("content-type", type === contentType(wire, call.stream) ? "text/html" : type);
      response.end(
        call.stream
          ? wire
              .stream(HELLO)
              .map((frame) => frame.text)
              .join("")
          : wire.whole(HELLO),
      );
    });
    for (const [how, result] of await bothWays(served.llm, "hi"))
      assert.equal(result.text, HELLO.text, `${how}: a right body works, also as ${type}`);
  }
}

async function wholeCutShort(kit: Kit): Promise<void> {
  const body = kit.wire.whole(HELLO);
  for (const at of [1, Math.floor(body.length / 2), body.length - 1]) {
    await using clean = await kit.serve(replies(200, body.slice(0, at)));
    const error = await failure(clean.llm.chat("hi"), `A body of ${at} of ${body.length} characters`);
    assert.equal(error.kind, "invalid-response", "half a body is no answer");
    await using broken = await kit.serve(({ response }) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.write(body.slice(0, at), () => response.destroy());
    });
    const cut = await failure(broken.llm.chat("hi"), `A body that breaks off after ${at} of ${body.length} characters`);
    assert.equal(cut.kind, "connection", "a body that breaks off is a broken connection");
    assert.equal(cut.retryable, true, "which may be tried again");
  }
}
