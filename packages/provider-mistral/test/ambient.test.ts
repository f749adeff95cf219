import { spawn } from "node:child_process";
import { startLoopback } from "@plurivox/conformance";
import { expect, test } from "vitest";
import { completion } from "./support.ts";

const INDEX = new URL("../src/index.ts", import.meta.url).href;
const CORE = import.meta.resolve("@plurivox/core");

/** Runs a module in a process of its own; resolves with everything that it printed. */
function run(source: string, env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=@plurivox/source", "--input-type=module", "-e", source], {
    env: { PATH: process.env["PATH"], ...env },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (printed += bytes.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve(`${printed}exit ${code}`)));
}

test("importing the package loads no SDK, and a call only its core", async () => {
  const hooks = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load(url, context, next) { if (url.includes("@mistralai")) loaded.push(url); return next(url, context); } });
    const { mistral } = await import(${JSON.stringify(INDEX)});
    const before = loaded.length;
    await mistral().connect({ apiKey: "k", baseURL: "http://127.0.0.1", headers: {}, fetch });
    console.log(before, loaded.length > 0, loaded.length < 30 && !loaded.some((url) => url.includes("models/components")));
  `;
  expect(await run(hooks)).toBe("0 true true\nexit 0");
});

test("nothing of the environment or of the SDK's own reaches the wire or the console", async () => {
  await using server = await startLoopback((request, response) => {
    // At this header the SDK would read a copy of the answer and print a warning.
    response.setHeader("x-model-deprecation-timestamp", "2026-12-01").setHeader("content-type", "application/json");
    response.statusCode = request.path.includes("broken") ? 400 : 200;
    response.end(JSON.stringify(completion({ content: "Hello" })));
  });
  const source = `
    import { createContext } from ${JSON.stringify(CORE)};
    import { mistral } from ${JSON.stringify(INDEX)};
    const profile = { provider: "mistral", apiKey: "k", baseURL: ${JSON.stringify(server.url)} };
    const llm = createContext({ providers: [mistral()], env: {}, profiles: { default: profile } }).llm();
    await llm.chat("Hi");
    await llm.chat("Hi", { baseURL: profile.baseURL + "/broken", retry: false }).catch(() => {});
  `;
  const env = {
    MISTRAL_API_KEY: "canary",
    MISTRAL_DEBUG: "true",
    MISTRAL_OTLP_TRACES_ENDPOINT: `${server.url}/canary`,
    MISTRAL_SDK_DEBUG_TRACING: "true",
    MISTRAL_SDK_TELEMETRY: "true",
  };
  expect(await run(source, env)).toBe("exit 0");
  expect(server.requests.map(({ path }) => path)).toEqual(["/v1/chat/completions", "/broken/v1/chat/completions"]);
  for (const { headers, body } of server.requests) {
    expect(JSON.stringify([headers, body])).not.toContain("canary");
    expect(headers).toMatchObject({ authorization: "Bearer k", accept: "application/json", "content-type": "application/json" });
    expect(headers).not.toHaveProperty("cookie");
  }
});
