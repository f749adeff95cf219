import { spawn } from "node:child_process";
import { startLoopback } from "@plurivox/conformance";
import { expect, test } from "vitest";
import { reply } from "./support.ts";

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

test("importing the package loads no SDK", async () => {
  const hooks = `
    import { registerHooks } from "node:module";
    let count = 0;
    registerHooks({ load(url, context, next) { count += url.includes("@google") ? 1 : 0; return next(url, context); } });
    const { google } = await import(${JSON.stringify(INDEX)});
    const before = count;
    await google().connect({ apiKey: "k", baseURL: "http://127.0.0.1", headers: {}, fetch });
    console.log(before, count);
  `;
  expect(await run(hooks)).toBe("0 1\nexit 0");
});

test("nothing of the environment or of the SDK's own reaches the wire or the console", async () => {
  await using server = await startLoopback((_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(reply([{ text: "Hello" }])));
  });
  const source = `
    import { createContext } from ${JSON.stringify(CORE)};
    import { google } from ${JSON.stringify(INDEX)};
    for (const settings of [{}, { vertexai: { project: "p" } }]) {
      const context = createContext({ providers: [google(settings)], env: {}, profiles: { default: { provider: "google", apiKey: "k", baseURL: ${JSON.stringify(server.url)} } } });
      for (const model of ["gemini-2.5-flash", "gemini-from-next-year"]) await context.llm().chat("Hi", { model: "google/" + model });
    }
    const nobody = await google().connect({ baseURL: ${JSON.stringify(server.url)}, headers: {}, fetch });
    await nobody.generate({ model: "m" }, false);
  `;
  const env = {
    GEMINI_API_KEY: "canary",
    GOOGLE_API_KEY: "canary",
    GOOGLE_APPLICATION_CREDENTIALS: "/canary.json",
    GOOGLE_CLOUD_LOCATION: "canary",
    GOOGLE_CLOUD_PROJECT: "canary",
    GOOGLE_GEMINI_BASE_URL: "http://canary.invalid",
    GOOGLE_GENAI_ACCESS_TOKEN: "canary",
    GOOGLE_GENAI_API_KEY: "canary",
    GOOGLE_GENAI_API_VERSION: "canary",
    GOOGLE_GENAI_DEBUG: "1",
    GOOGLE_GENAI_USER_PROJECT: "canary",
    GOOGLE_GENAI_USE_ENTERPRISE: "true",
    GOOGLE_GENAI_USE_VERTEXAI: "true",
    GOOGLE_VERTEX_BASE_URL: "http://canary.invalid",
  };
  expect(await run(source, env)).toBe("exit 0");
  expect(server.requests.map(({ path }) => path)).toEqual([
    "/v1beta/models/gemini-2.5-flash:generateContent",
    "/v1beta/models/gemini-from-next-year:generateContent",
    "/v1beta1/projects/p/locations/global/publishers/google/models/gemini-2.5-flash:generateContent",
    "/v1beta1/projects/p/locations/global/publishers/google/models/gemini-from-next-year:generateContent",
    "/v1beta/models/m:generateContent",
  ]);
  for (const { headers, path, body } of server.requests) expect(JSON.stringify([headers, path, body])).not.toContain("canary");
  expect(server.requests.map(({ headers }) => [headers["x-goog-api-key"], headers["authorization"]])).toEqual([
    ["k", undefined],
    ["k", undefined],
    [undefined, "Bearer k"],
    [undefined, "Bearer k"],
    ["", undefined],
  ]);
});
