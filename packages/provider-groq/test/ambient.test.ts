import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startLoopback } from "@plurivox/conformance";
import { afterEach, expect, test, vi } from "vitest";
import { groq } from "../src/index.ts";
import { client } from "./support.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const ANSWER = JSON.stringify({ id: "c", model: "m", choices: [{ index: 0, message: { content: "Hi" }, finish_reason: "stop" }] });

test("nothing of the SDK's environment reaches the wire, and nothing is printed", async () => {
  await using server = await startLoopback((_request, response) => void response.setHeader("content-type", "application/json").end(ANSWER));
  const ambient = {
    GROQ_API_KEY: "gsk-ambient",
    GROQ_BASE_URL: "http://127.0.0.1:9/ambient",
    GROQ_LOG: "debug",
    GROQ_CUSTOM_HEADERS: "authorization: Bearer ambient\nuser-agent: ambient\nx-ambient: ambient",
  };
  for (const [name, value] of Object.entries(ambient)) vi.stubEnv(name, value);
  const streams = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write"));
  const printed = (["log", "info", "debug", "warn", "error"] as const).map((method) => vi.spyOn(console, method));
  await client(server.url, { headers: { "X-Mine": "yes", Authorization: "Bearer own" } }).chat("Hi");
  await client(server.url).chat("Hi");
  await (
    await (groq().connect({ baseURL: server.url, headers: {}, fetch }) as Promise<{ models: { list(): Promise<unknown> } }>)
  ).models.list();
  for (const spy of [...streams, ...printed]) expect(spy).not.toHaveBeenCalled();
  expect(JSON.stringify(server.requests)).not.toContain("ambient");
  expect(server.requests.map(({ headers }) => [headers["authorization"]?.trim(), headers["x-mine"]])).toEqual([
    ["Bearer own", "yes"],
    ["Bearer gsk-test", undefined],
    ["Bearer", undefined],
  ]);
});

test.each(["", "/", "/openai/v1", "/openai/v1/", "/proxy", "/proxy/openai/v1"])("the base URL may be …%s", async (path) => {
  await using server = await startLoopback((_request, response) => void response.setHeader("content-type", "application/json").end(ANSWER));
  await client(server.url + path).chat("Hi");
  expect(server.requests[0]!.path).toBe(`${path.startsWith("/proxy") ? "/proxy" : ""}/openai/v1/chat/completions`);
});

test("importing the package loads no SDK", () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { groq } = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
    const before = loaded.filter((url) => url.includes("/node_modules/")).length;
    await groq().connect({ baseURL: "http://127.0.0.1:9", apiKey: "k", headers: {}, fetch });
    console.log(JSON.stringify([before, loaded.some((url) => url.includes("/node_modules/groq-sdk/"))]));
  `;
  const out = execFileSync(process.execPath, ["--conditions=@plurivox/source", "--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
  });
  expect(JSON.parse(out)).toEqual([0, true]);
});
