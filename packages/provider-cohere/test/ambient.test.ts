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

const context = (url: string) => `
  import { createContext } from ${JSON.stringify(CORE)};
  import { cohere } from ${JSON.stringify(INDEX)};
  const profile = { provider: "cohere", apiKey: "k", retry: false, baseURL: ${JSON.stringify(url)} };
  const context = createContext({ providers: [cohere()], env: {}, profiles: { default: profile } });
`;

test("importing the package loads no SDK", async () => {
  const hooks = `
    import { registerHooks } from "node:module";
    let count = 0;
    registerHooks({ load(url, context, next) { count += url.includes("cohere-ai") ? 1 : 0; return next(url, context); } });
    const { cohere } = await import(${JSON.stringify(INDEX)});
    const before = count;
    await cohere().connect({ apiKey: "k", baseURL: "http://127.0.0.1", headers: {}, fetch });
    console.log(before, count > 0);
  `;
  expect(await run(hooks)).toBe("0 true\nexit 0");
});

test("nothing of the environment reaches the wire or the console", async () => {
  await using server = await startLoopback((_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(reply({ content: [{ type: "text", text: "Hello" }] })));
  });
  const source = `
    ${context(server.url)}
    await context.llm().chat("Hi");
    await context.llm().chat("Hi", { headers: { Authorization: "Bearer own" } });
    const nobody = await cohere().connect({ baseURL: ${JSON.stringify(server.url)}, headers: {}, fetch });
    await nobody.fetch("v2/chat", { method: "POST", body: "{}" });
  `;
  expect(await run(source, { CO_API_KEY: "canary", CO_API_URL: "http://canary.invalid", COHERE_API_KEY: "canary" })).toBe("exit 0");
  expect(server.requests.length).toBe(3);
  for (const { headers, body } of server.requests) expect(JSON.stringify([headers, body])).not.toContain("canary");
  expect(server.requests.map(({ headers }) => headers["authorization"])).toEqual(["Bearer k", "Bearer own", undefined]);
});

test("a call that fails leaves nothing behind that keeps the process alive", async () => {
  const nobody = await startLoopback(() => {});
  await nobody.close();
  const started = performance.now();
  const source = `${context(nobody.url)} await context.llm().chat("Hi").catch(({ kind }) => console.log(kind));`;
  expect(await run(source)).toBe("connection\nexit 0");
  expect(performance.now() - started).toBeLessThan(20_000);
}, 30_000);
