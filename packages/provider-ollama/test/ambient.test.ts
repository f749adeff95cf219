import { spawn } from "node:child_process";
import { startLoopback } from "@plurivox/conformance";
import { expect, test } from "vitest";
import { answer } from "./support.ts";

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

test("importing the package loads no SDK, and the SDK then leaves the platform's fetch alone", async () => {
  const hooks = `
    import { registerHooks } from "node:module";
    let loaded = [];
    registerHooks({ load(url, context, next) { if (/node_modules.(.pnpm.)?(ollama|whatwg-fetch)/.test(url)) loaded.push(url); return next(url, context); } });
    const before = globalThis.fetch;
    const { ollama, ollamaModels } = await import(${JSON.stringify(INDEX)});
    ollamaModels();
    const atImport = loaded.length;
    await ollama().connect({ baseURL: "http://127.0.0.1", headers: {}, fetch });
    console.log(atImport, loaded.some((url) => url.endsWith("browser.mjs")), globalThis.fetch === before);
  `;
  expect(await run(hooks)).toBe("0 true true\nexit 0");
});

test("nothing of the environment reaches the wire, and nothing is printed, whatever comes back", async () => {
  const replies: [status: number, type: string, body: string][] = [
    [200, "application/json", JSON.stringify(answer())],
    [503, "text/html", "<html>Bad gateway</html>"],
    [500, "application/json", "{ no JSON"],
    [404, "text/plain", ""],
  ];
  await using server = await startLoopback(({ path }, response) => {
    const [status, type, body] = path === "/api/show" ? replies[1]! : replies[(server.requests.length - 1) % replies.length]!;
    response.writeHead(status, { "content-type": type }).end(body);
  });
  const source = `
    import { createContext } from ${JSON.stringify(CORE)};
    import { ollama, ollamaModels } from ${JSON.stringify(INDEX)};
    const context = createContext({ providers: [ollama()], env: {}, profiles: { default: { provider: "ollama", model: "m", retry: false, baseURL: ${JSON.stringify(server.url)} } } });
    for (let round = 0; round < 4; round++) {
      await context.llm().chat("Hi").catch(() => {});
      await context.llm().stream("Hi").result.catch(() => {});
      await ollamaModels({ baseURL: ${JSON.stringify(server.url)} }).show("m").catch(() => {});
    }
    // The SDK adds a key of the environment for its vendor's own address alone.
    let seen;
    const capture = async (_, init) => { seen = init.headers; return Response.json({ models: [] }); };
    for (const apiKey of [undefined, "k"]) {
      await ollamaModels({ baseURL: "https://ollama.com", apiKey, fetch: capture }).list();
      console.log(new Headers(seen).get("authorization"));
    }
  `;
  expect(await run(source, { OLLAMA_API_KEY: "canary", OLLAMA_HOST: "http://canary.invalid" })).toBe("null\nBearer k\nexit 0");
  expect(server.requests.length).toBe(20);
  for (const { headers, body } of server.requests) {
    expect(JSON.stringify([headers, body])).not.toContain("canary");
    expect(headers).not.toHaveProperty("authorization");
  }
});
