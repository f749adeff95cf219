import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startLoopback } from "@plurivox/conformance";
import { createContext } from "@plurivox/core";
import { afterEach, expect, test, vi } from "vitest";
import { openrouter } from "../src/index.ts";
import { client } from "./support.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const ANSWER = JSON.stringify({ id: "g", model: "m", choices: [{ message: { content: "ok" }, finish_reason: "stop" }] });
const answering = () => startLoopback((_request, response) => void response.setHeader("content-type", "application/json").end(ANSWER));

test("nothing of the SDK's environment reaches the wire, and nothing is printed", async () => {
  await using server = await answering();
  const ambient = {
    OPENAI_API_KEY: "sk-ambient",
    OPENAI_BASE_URL: "http://127.0.0.1:9/ambient",
    OPENAI_ORG_ID: "ambient",
    OPENAI_PROJECT_ID: "ambient",
    OPENAI_LOG: "debug",
    OPENAI_CUSTOM_HEADERS: "authorization: Bearer ambient\nx-ambient: ambient",
    OPENROUTER_API_KEY: "sk-ambient",
  };
  for (const [name, value] of Object.entries(ambient)) vi.stubEnv(name, value);
  const spies = [
    vi.spyOn(process.stdout, "write"),
    vi.spyOn(process.stderr, "write"),
    vi.spyOn(console, "error"),
    vi.spyOn(console, "debug"),
  ];
  await client(server.url).chat("Hi");
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  expect(JSON.stringify(server.requests)).not.toContain("ambient");
  expect(server.requests).toMatchObject([{ path: "/chat/completions", headers: { authorization: "Bearer sk-test" } }]);
});

test("key, address and model come from OPENROUTER_ variables, and from no other's", async () => {
  await using server = await answering();
  const env = {
    OPENROUTER_API_KEY: "sk-or",
    OPENROUTER_BASE_URL: server.url,
    OPENROUTER_MODEL: "z-ai/glm-5",
    OPENAI_API_KEY: "sk-openai",
    PLURIVOX_NO_NETWORK: "1",
  };
  const call = (variables: Record<string, string>) =>
    createContext({ providers: [openrouter()], profiles: { default: { provider: "openrouter" } }, env: variables })
      .llm()
      .chat("Hi");
  await call(env);
  expect(server.requests).toMatchObject([{ body: { model: "z-ai/glm-5" }, headers: { authorization: "Bearer sk-or" } }]);
  const { OPENROUTER_API_KEY: _, ...keyless } = env;
  await expect(call(keyless)).rejects.toMatchObject({ kind: "configuration", message: expect.stringContaining("OPENROUTER_API_KEY") });
});

test("importing the package loads no SDK and no mapper of the wire", () => {
  const source = new URL("../src/index.ts", import.meta.url).href;
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { openrouter } = await import(${JSON.stringify(source)});
    const before = loaded.filter((url) => /\\/node_modules\\/|\\/src\\/request\\.ts$/.test(url)).length;
    await openrouter().connect({ baseURL: "http://127.0.0.1:9", apiKey: "k", headers: {}, fetch });
    console.log(JSON.stringify([before, loaded.some((url) => url.includes("/node_modules/openai/"))]));
  `;
  const out = execFileSync(process.execPath, ["--conditions=@plurivox/source", "--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
  });
  expect(JSON.parse(out)).toEqual([0, true]);
});
