import { createServer, type AddressInfo } from "node:net";
import { startLoopback } from "@plurivox/conformance";
import type { Tool } from "@plurivox/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mcp } from "../src/index.ts";
import { connect, execute, failure, listening, run, shown, type Running } from "./support.ts";

const CANARY = "canary-8f1c2b7e";

let plain: Running;
let guarded: Running;
beforeAll(async () => {
  [plain, guarded] = await Promise.all([listening("http"), listening("http", { SERVER_TOKEN: CANARY })]);
});
afterAll(() => Promise.all([plain.kill(), guarded.kill()]));

test("a wrong key is an authentication error in which no key is", async () => {
  const url = `${guarded.url}?api_key=${CANARY}%2Bq`;
  const error = await failure(mcp({ url, headers: { authorization: `Bearer ${CANARY}-wrong` } }));
  expect(error).toMatchObject({ kind: "authentication", status: 401, retryable: false });
  expect(error.message).toContain("Check the headers");
  expect(shown(error)).not.toContain(CANARY);
});

test("a key that is revoked later is one too, and the server's echo of it is cut out", async () => {
  const headers = { authorization: `Bearer ${CANARY}` };
  let isRevoked = false;
  const revoking: typeof fetch = (input, init) => {
    const sent = new Headers(init?.headers);
    if (isRevoked) sent.set("authorization", `Bearer ${CANARY} no more`);
    return fetch(input, { ...init, headers: sent });
  };
  await using server = await mcp({ url: guarded.url, headers, fetch: revoking });
  isRevoked = true;
  const error = await failure(run(server, "echo", { text: "?" }));
  expect(error).toMatchObject({ kind: "authentication", status: 401 });
  expect(error.message).toContain("Nobody knows the key [redacted] no more.");
  expect(shown(error)).not.toContain(CANARY);
});

test("headers go along with every request", async () => {
  await using server = await mcp({ url: guarded.url, headers: { authorization: `Bearer ${CANARY}` } });
  expect((await run(server, "echo", { text: "in" })).output).toBe("in");
});

test.each(["not a URL", "file:///etc/passwd", "example.com/mcp"])("%s is a configuration error", async (url) => {
  const error = await failure(mcp({ url }));
  expect(error.kind).toBe("configuration");
  expect(error.message).toContain("https://example.com/mcp");
});

test("where nobody listens, the error says so", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => free.once("listening", ready));
  const { port } = free.address() as AddressInfo;
  await new Promise((closed) => free.close(closed));
  const error = await failure(mcp({ url: `http://127.0.0.1:${port}/mcp` }));
  expect(error).toMatchObject({ kind: "connection", retryable: true });
  expect(error.message).toContain(`MCP server "127.0.0.1:${port}"`);
  expect(error.message).toContain("ECONNREFUSED");
});

test.each([
  [403, "permission"],
  [404, "not-found"],
  [500, "server"],
])("a %i is of kind %s", async (status, kind) => {
  await using other = await startLoopback((_request, response) => void response.writeHead(status).end("Go away."));
  expect(await failure(mcp({ url: other.url }))).toMatchObject({ kind });
});

test("a server that does not answer is a timeout", async () => {
  await using silent = await startLoopback(() => {});
  const error = await failure(mcp({ url: silent.url }, { name: "silent", timeoutMs: 50 }));
  expect(error.kind).toBe("timeout");
  expect(error.message).toBe(
    'MCP server "silent": It did not answer within 50 ms. Raise `timeoutMs`, or look at what the server is busy with.',
  );
});

test("an abort ends connecting, and the socket", async () => {
  const aborting = new AbortController();
  const reason = new Error("Enough.");
  await using silent = await startLoopback(() => aborting.abort(reason));
  expect(await failure(mcp({ url: silent.url }, { signal: aborting.signal }))).toMatchObject({ kind: "aborted", cause: reason });
  await silent.clientClosed();
  expect(await failure(mcp({ url: silent.url }, { signal: aborting.signal }))).toMatchObject({ kind: "aborted" });
  expect(silent.requests).toHaveLength(1);
});

test("a tool that takes too long is a timeout, and the server hears of it", async () => {
  await using server = await mcp(plain, { name: "busy", timeoutMs: 1_000 });
  const error = await failure(run(server, "slow"));
  expect(error.kind).toBe("timeout");
  expect(error.message).toContain('MCP server "busy": It did not answer within 1000 ms.');
  expect((await run(server, "cancelled")).output).toContain("timed out");
});

test.each(["http", "modern"] as const)("a server that dies fails the call: %s", async (mode) => {
  await using running = await listening(mode);
  await using server = await mcp(running);
  const call = run(server, "slow", {}, { onYield: () => running.kill() });
  expect(await failure(call)).toMatchObject({ kind: "connection" });
  expect(await failure(run(server, "echo", { text: "?" }))).toMatchObject({ kind: "connection" });
});

test.each(["http", "modern"] as const)("an answer that ends before it is complete fails the call: %s", async (mode) => {
  await using server = await connect(mode);
  const error = await failure(run(server, "slow", {}, { onYield: () => Promise.allSettled([run(server, "hang_up")]) }));
  expect(error.kind).toBe("connection");
  expect(error.message).toContain("The connection ended before the answer.");
});

test("a session that the server has lost is not found", async () => {
  let isLost = false;
  const losing: typeof fetch = (input, init) => {
    const sent = new Headers(init?.headers);
    if (isLost) sent.set("mcp-session-id", "lost");
    return fetch(input, { ...init, headers: sent });
  };
  await using server = await mcp({ url: plain.url, fetch: losing });
  isLost = true;
  const error = await failure(run(server, "echo", { text: "?" }));
  expect(error.kind).toBe("not-found");
  expect(error.message).toContain("call mcp() again");
});

test("closing ends the session", async () => {
  const sessions = async () => Number(await (await fetch(new URL("/sessions", plain.url))).text());
  const before = await sessions();
  const server = await mcp(plain);
  expect(await sessions()).toBe(before + 1);
  await server.close();
  expect(await sessions()).toBe(before);
  expect(await failure(run(server, "echo", { text: "?" }))).toMatchObject({ kind: "connection" });
  expect(await failure(server.refresh())).toMatchObject({ kind: "connection" });
});

test("an unknown tool is the server's error", async () => {
  // It renames one tool on the way to us, as if the server had dropped it since.
  const renaming: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const { status, headers } = response;
    if (!String(init?.body).includes("tools/list")) return response;
    return new Response((await response.text()).replace('"echo"', '"gone"'), { status, headers });
  };
  await using server = await mcp({ url: plain.url, fetch: renaming });
  const [gone] = server.tools as [Tool];
  const error = await failure(execute(gone, {}));
  expect(error.kind).toBe("tool");
  expect(error.message).toContain("Unknown tool: gone");
});
