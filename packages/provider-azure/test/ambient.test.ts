import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startLoopback } from "@plurivox/conformance";
import { afterEach, expect, test, vi } from "vitest";
import { client } from "./support.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const ANSWER = JSON.stringify({ id: "r", model: "m", status: "completed", output: [] });

test("nothing of the process's environment reaches the wire past the context's own, and nothing is printed", async () => {
  await using server = await startLoopback((_request, response) => void response.setHeader("content-type", "application/json").end(ANSWER));
  const ambient = {
    AZURE_OPENAI_API_KEY: "sk-ambient",
    AZURE_OPENAI_ENDPOINT: "http://127.0.0.1:9/ambient",
    OPENAI_API_VERSION: "2024-10-21-ambient",
    OPENAI_API_KEY: "sk-ambient",
    OPENAI_ADMIN_KEY: "sk-ambient",
    OPENAI_BASE_URL: "http://127.0.0.1:9/ambient",
    OPENAI_ORG_ID: "ambient",
    OPENAI_PROJECT_ID: "ambient",
    OPENAI_WEBHOOK_SECRET: "ambient",
    OPENAI_LOG: "debug",
    OPENAI_CUSTOM_HEADERS: "api-key: ambient\nauthorization: Bearer ambient\nuser-agent: ambient\nx-ambient: ambient",
  };
  for (const [name, value] of Object.entries(ambient)) vi.stubEnv(name, value);
  const printed = (["log", "info", "debug", "warn", "error"] as const).map((method) => vi.spyOn(console, method));
  printed.push(vi.spyOn(process.stdout, "write") as never, vi.spyOn(process.stderr, "write") as never);
  await client({ baseURL: server.url, headers: { "X-Mine": "yes", "API-Key": "own" } }).chat("Hi");
  await client({ baseURL: server.url }).chat("Hi");
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  expect(JSON.stringify(server.requests)).not.toContain("ambient");
  expect(server.requests.map(({ path, headers }) => [path, headers["api-key"], headers["x-mine"], headers["authorization"]])).toEqual([
    ["/openai/v1/responses", "own", "yes", undefined],
    ["/openai/v1/responses", "0123456789abcdef", undefined, undefined],
  ]);
});

test("importing the package loads no SDK", () => {
  const source = new URL("../src/index.ts", import.meta.url).href;
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { azure } = await import(${JSON.stringify(source)});
    const before = loaded.filter((url) => url.includes("/node_modules/")).length;
    await azure().connect({ baseURL: "http://127.0.0.1:9", apiKey: "k", headers: {}, fetch });
    console.log(JSON.stringify([before, loaded.some((url) => url.includes("/node_modules/openai/"))]));
  `;
  const out = execFileSync(process.execPath, ["--conditions=@plurivox/source", "--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
  });
  expect(JSON.parse(out)).toEqual([0, true]);
});
