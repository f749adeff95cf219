import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLoopback } from "@plurivox/conformance";
import { expect, test } from "vitest";
import { message } from "./support.ts";

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
    registerHooks({ load(url, context, next) { count += url.includes("@anthropic-ai") ? 1 : 0; return next(url, context); } });
    const { anthropic } = await import(${JSON.stringify(INDEX)});
    const before = count;
    await anthropic().connect({ apiKey: "k", baseURL: "http://127.0.0.1", headers: {}, fetch });
    console.log(before, count > 0);
  `;
  expect(await run(hooks)).toBe("0 true\nexit 0");
});

test("nothing of the environment, of credentials on disk or of the SDK's own reaches the wire or the console", async () => {
  await using server = await startLoopback((_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(message([{ type: "text", text: "Hello" }])));
  });
  const config = await mkdtemp(join(tmpdir(), "plurivox-"));
  await mkdir(join(config, "configs"));
  await mkdir(join(config, "credentials"));
  await writeFile(join(config, "active_config"), "default");
  await writeFile(
    join(config, "configs", "default.json"),
    JSON.stringify({ base_url: "http://canary.invalid", workspace_id: "canary", authentication: { type: "user_oauth" } }),
  );
  await writeFile(join(config, "credentials", "default.json"), JSON.stringify({ access_token: "canary", expires_at: 4_000_000_000 }));
  const source = `
    import { createContext } from ${JSON.stringify(CORE)};
    import { anthropic } from ${JSON.stringify(INDEX)};
    const context = createContext({ providers: [anthropic()], env: {}, profiles: { default: { provider: "anthropic", apiKey: "k", baseURL: ${JSON.stringify(server.url)} } } });
    const models = ["claude-sonnet-4-5", "claude-opus-4-6", "claude-haiku-5-5"];
    for (const model of models) await context.llm().chat("Hi", { model: "anthropic/" + model, reasoning: { budgetTokens: 2000 } });
    const { chat, connect } = anthropic();
    const nobody = await connect({ baseURL: ${JSON.stringify(server.url)}, headers: {}, fetch });
    await chat.load().then(({ send }) => send(nobody, { betas: [] }, { stream: false }));
  `;
  const env = {
    ANTHROPIC_API_KEY: "canary",
    ANTHROPIC_AUTH_TOKEN: "canary",
    ANTHROPIC_BASE_URL: "http://canary.invalid",
    ANTHROPIC_CUSTOM_HEADERS: "X-Canary: canary\nAuthorization: Bearer canary\nUser-Agent: canary\nAnthropic-Beta: canary",
    ANTHROPIC_CONFIG_DIR: config,
    ANTHROPIC_PROFILE: "default",
    ANTHROPIC_WORKSPACE_ID: "canary",
    ANTHROPIC_ORGANIZATION_ID: "canary",
    ANTHROPIC_WEBHOOK_SIGNING_KEY: "canary",
    ANTHROPIC_LOG: "debug",
  };
  try {
    expect(await run(source, env)).toBe("exit 0");
  } finally {
    await rm(config, { recursive: true });
  }
  expect(server.requests.length).toBe(4);
  for (const { headers, body } of server.requests) expect(JSON.stringify([headers, body])).not.toContain("canary");
  expect(server.requests.map(({ headers }) => headers["x-api-key"])).toEqual(["k", "k", "k", ""]);
});
