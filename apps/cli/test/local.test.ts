import { describe, expect, test } from "vitest";
import { startLoopback } from "../../../packages/conformance/src/index.ts";
import { atEnd, PATIENT, run } from "./cli.ts";
import { startLmStudio, startOllama } from "./local-servers.ts";
import { startVendor } from "./vendor.ts";

describe.concurrent("when nobody chose a provider", PATIENT, () => {
  test("it talks to the Ollama that runs, and says so", async () => {
    const ollama = await startOllama({ name: "small:1b" });
    const { code, stdout, stderr } = await run(["hi"], { env: ollama.env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "I am small:1b.\n" });
    expect(stderr).toMatch(
      new RegExp(`^using ollama/small:1b at ${ollama.url} \\(Ollama runs there\\)\nollama/small:1b · 12 tokens in, 34 out`),
    );
  });

  test("of its models it takes one that is in memory, and none that embeds or that runs in the cloud", async () => {
    const ollama = await startOllama(
      { name: "first-embed", capabilities: ["embedding"], running: true },
      { name: "far:cloud", cloud: true },
      { name: "cold" },
      { name: "warm", running: true },
    );
    expect(await run(["hi"], { env: ollama.env })).toMatchObject({ code: 0, stdout: "I am warm.\n" });
    const idle = await startOllama({ name: "embed", capabilities: ["embedding"] }, { name: "far:cloud", cloud: true }, { name: "cold" });
    expect(await run(["hi"], { env: idle.env })).toMatchObject({ code: 0, stdout: "I am cold.\n" });
  });

  test("it talks to the LM Studio that runs, to a model that is loaded", async () => {
    const lmstudio = await startLmStudio(
      { name: "text-embed", type: "embedding", running: true },
      { name: "maker/cold" },
      { name: "maker/warm", running: true },
    );
    const { code, stdout, stderr } = await run(["hi"], { env: lmstudio.env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "I am maker/warm.\n" });
    expect(stderr).toMatch(new RegExp(`^using lmstudio/maker/warm at ${lmstudio.url}/v1 \\(LM Studio runs there\\)\n`));
  });

  test("an Ollama that tells nothing of its models but their names will do", async () => {
    const ollama = await startOllama({ name: "text-embed", silent: true }, { name: "plain", silent: true });
    expect(await run(["hi"], { env: ollama.env })).toMatchObject({ code: 0, stdout: "I am plain.\n" });
  });

  test("an address without a path will do for LM Studio", async () => {
    const lmstudio = await startLmStudio({ name: "cold" });
    expect(await run(["hi"], { env: { LMSTUDIO_BASE_URL: lmstudio.url } })).toMatchObject({ code: 0, stdout: "I am cold.\n" });
  });

  test("of both, it takes Ollama", async () => {
    const [ollama, lmstudio] = await Promise.all([startOllama({ name: "a" }), startLmStudio({ name: "b", running: true })]);
    expect(await run(["hi"], { env: { ...ollama.env, ...lmstudio.env } })).toMatchObject({ code: 0, stdout: "I am a.\n" });
    expect(lmstudio.asked()).toEqual([]);
  });

  test("an Ollama without a model is told what to do, and LM Studio is next", async () => {
    const [ollama, lmstudio] = await Promise.all([startOllama(), startLmStudio({ name: "b" })]);
    const { code, stdout, stderr } = await run(["hi"], { env: { ...ollama.env, ...lmstudio.env } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "I am b.\n" });
    expect(stderr).toContain(`Ollama runs at ${ollama.url}, but it has no chat model. Get one: \`ollama pull `);
    expect(stderr).toContain("using lmstudio/b");
  });

  test("without a model anywhere it is the demo", async () => {
    const [ollama, lmstudio] = await Promise.all([startOllama(), startLmStudio({ name: "e", type: "embedding" })]);
    const { code, stdout, stderr } = await run(["hi"], { env: { ...ollama.env, ...lmstudio.env } });
    expect(code).toBe(0);
    expect(stdout).toContain("This is the demo");
    expect(stderr).toMatch(/^Ollama runs at .*ollama pull.*\nLM Studio runs at .*\nDEMO: no API key was found, and no model of Ollama at /);
  });

  test("without a server it is the demo, which says where it looked", async () => {
    const { code, stderr } = await run(["hi"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^DEMO: no API key was found, and no model of Ollama at http:\/\/127\.0\.0\.1:1 or LM Studio at http:\/\/127\.0\.0\.1:1\/v1, so a mock /,
    );
  });

  test("a server of another kind, and one that never answers, count as none", async () => {
    const web = await startLoopback(
      (_request, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>Hi</html>"),
    );
    const mute = await startLoopback(() => {});
    atEnd(() => Promise.all([web.close(), mute.close()]));
    const { code, stderr } = await run(["hi"], { env: { OLLAMA_HOST: mute.url, LMSTUDIO_BASE_URL: web.url } });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^DEMO: /);
  });

  test("a server that wants a key says which", async () => {
    const guarded = await startLoopback((_request, response) => {
      response.writeHead(401, { "content-type": "application/json" }).end('{"error":{"message":"No key"}}');
    });
    atEnd(() => guarded.close());
    const { stderr } = await run(["hi"], { env: { LMSTUDIO_BASE_URL: guarded.url } });
    expect(stderr).toContain("but it wants a key: set LMSTUDIO_API_KEY.");
  });

  test("a key for a local server is sent there, and is no choice by itself", async () => {
    const lmstudio = await startLmStudio({ name: "b" });
    const { code, stdout } = await run(["hi"], { env: { ...lmstudio.env, LM_API_TOKEN: "lm-key", OLLAMA_API_KEY: "ollama-key" } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "I am b.\n" });
    expect(new Set(lmstudio.requests.map(({ headers }) => headers["authorization"]))).toEqual(new Set(["Bearer lm-key"]));
  });
});

describe.concurrent("a choice goes before what runs on the machine", PATIENT, () => {
  test("a key, LLM_PROVIDER and --model", async () => {
    const [ollama, vendor] = await Promise.all([startOllama({ name: "a" }, { name: "b" }), startVendor(["hi", "Hi."])]);
    const env = { ...ollama.env, ...vendor.anthropic };
    expect(await run(["hi"], { env })).toMatchObject({ stdout: "Hi.\n", stderr: expect.stringContaining("(ANTHROPIC_API_KEY)") });
    expect(await run(["hi"], { env: { ...env, LLM_PROVIDER: "anthropic" } })).toMatchObject({ stdout: "Hi.\n" });
    expect(ollama.requests).toEqual([]);
    const { stdout, stderr } = await run(["hi", "--model", "ollama/b"], { env: ollama.env });
    expect(stdout).toBe("I am b.\n");
    expect(stderr).toContain("using ollama/b (--model)");
    expect(ollama.requests.map(({ path }) => path)).not.toContain("/api/tags");
  });

  test("the config file", async () => {
    const [ollama, lmstudio] = await Promise.all([startOllama({ name: "a" }), startLmStudio({ name: "b" })]);
    const files = { "plurivox.config.json": JSON.stringify({ profiles: { default: "lmstudio/b" } }) };
    expect(await run(["hi"], { files, env: { ...ollama.env, ...lmstudio.env } })).toMatchObject({ stdout: "I am b.\n" });
    expect(ollama.requests).toEqual([]);
  });

  test("OLLAMA_MODEL says which of the models", async () => {
    const ollama = await startOllama({ name: "a" }, { name: "b" });
    expect(await run(["hi"], { env: { ...ollama.env, OLLAMA_MODEL: "b" } })).toMatchObject({ code: 0, stdout: "I am b.\n" });
  });

  test("--demo", async () => {
    const ollama = await startOllama({ name: "a" });
    const { code, stdout, stderr } = await run(["hi", "--demo"], { env: ollama.env });
    expect(code).toBe(0);
    expect(stdout).toContain("This is the demo");
    expect(stderr).toMatch(/^DEMO: a mock of the vendors' wires runs in this process/);
    expect(ollama.requests).toEqual([]);
    expect(await run(["hi", "--demo", "--model", "ollama/a"])).toMatchObject({ code: 2 });
  });
});
