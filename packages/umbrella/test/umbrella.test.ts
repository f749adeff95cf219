import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startLoopback } from "../../conformance/src/loopback.ts";
import { createContext, keyVariables, providers } from "../src/index.ts";

/** Runs a program with the umbrella in a fresh process and says which vendors' SDKs it loaded, at its steps. */
async function sdksLoadedBy(program: string): Promise<string[][]> {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const found = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*node_modules)/.exec(url)?.[1];
        if (found !== undefined && !found.startsWith("@plurivox")) loaded.add(found);
        return next(url, context);
      },
    });
    const steps = [];
    const step = () => steps.push([...loaded]);
    const { createContext } = await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
    step();
    ${program}
    console.log(JSON.stringify(steps));`;
  const args = ["--conditions=@plurivox/source", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PLURIVOX_NO_NETWORK: "1" } });
  return JSON.parse(stdout) as string[][];
}

/** In an order in which each call loads an SDK that is not there yet. */
const SDKS = {
  anthropic: "@anthropic-ai/sdk",
  google: "@google/genai",
  mistral: "@mistralai/mistralai",
  cohere: "cohere-ai",
  groq: "groq-sdk",
  ollama: "ollama",
  openai: "openai",
};

test("importing it loads no vendor's SDK; each is loaded by its first call", async () => {
  await using server = await startLoopback((_, response) => void response.writeHead(401).end());
  const steps = await sdksLoadedBy(`
    const at = { baseURL: ${JSON.stringify(server.url)}, apiKey: "key", model: "m", retry: false };
    const context = createContext({ env: {} });
    for (const provider of ${JSON.stringify(Object.keys(SDKS))}) {
      const llm = context.llm({ ...at, provider });
      step();
      await llm.chat("hi").catch((error) => { if (error.kind !== "authentication") throw error; });
      step();
    }`);
  expect(steps[0]).toEqual([]);
  const sdks: string[] = Object.values(SDKS);
  for (const [at, sdk] of sdks.entries()) {
    const loaded = (step: number) => sdks.filter((name) => steps[step]!.includes(name));
    expect(loaded(2 * at + 1)).toEqual(sdks.slice(0, at));
    expect(loaded(2 * at + 2)).toEqual([...sdks.slice(0, at), sdk]);
  }
});

test("those over OpenAI's wires load OpenAI's SDK alone", async () => {
  await using server = await startLoopback((_, response) => void response.writeHead(401).end());
  const steps = await sdksLoadedBy(`
    const at = { baseURL: ${JSON.stringify(server.url)}, apiKey: "key", model: "m", retry: false };
    const context = createContext({ env: {} });
    for (const provider of ["openai-compatible", "azure", "openrouter", "lmstudio", "nvidia-nim"]) {
      await context.llm({ ...at, provider }).chat("hi").catch((error) => { if (error.kind !== "authentication") throw error; });
      step();
    }`);
  expect(steps).toEqual([[], ["openai"], ["openai"], ["openai"], ["openai"], ["openai"]]);
});

test("every built-in provider is there; one that is passed replaces the one with its id", () => {
  expect(providers().map(({ id }) => id)).toEqual([
    "openai",
    "openai-compatible",
    "azure",
    "anthropic",
    "google",
    "mistral",
    "cohere",
    "groq",
    "ollama",
    "openrouter",
    "lmstudio",
    "nvidia-nim",
  ]);
  const [openai] = providers();
  const own = { ...openai!, defaultModel: "mine" };
  const context = createContext({ env: {}, providers: [own] });
  expect(context.llm({ provider: "openai" }).label).toBe("openai/mine");
  expect(context.llm({ model: "anthropic/x" }).label).toBe("anthropic/x");
});

test("says in which variables keys are looked for", () => {
  expect(keyVariables()).toContainEqual({ provider: "anthropic", variables: ["ANTHROPIC_API_KEY"] });
  expect(keyVariables()).toContainEqual({ provider: "openai-compatible", variables: ["OPENAI_COMPATIBLE_API_KEY", "OPENAI_API_KEY"] });
});

test("a bare model name finds its provider by the tables", () => {
  const { llm } = createContext({ env: {}, profiles: { a: "claude-haiku-5-5", b: "gpt-6-luna" } });
  expect([llm("a").label, llm("b").label]).toEqual(["anthropic/claude-haiku-5-5", "openai/gpt-6-luna"]);
});

test("LLM_PROVIDER switches everything without a change in code", async () => {
  const answers = {
    "/responses": {
      id: "r",
      status: "completed",
      output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "by openai" }] }],
    },
    "/v1/messages": { id: "m", type: "message", content: [{ type: "text", text: "by anthropic" }], stop_reason: "end_turn", usage: {} },
  };
  await using server = await startLoopback((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers[request.path as keyof typeof answers]));
  });
  const env: Record<string, string> = {
    OPENAI_API_KEY: "k1",
    OPENAI_BASE_URL: server.url,
    ANTHROPIC_API_KEY: "k2",
    ANTHROPIC_BASE_URL: server.url,
  };
  const llm = () => createContext({ env }).llm();
  env["LLM_PROVIDER"] = "openai";
  expect(await llm().complete("hi")).toBe("by openai");
  env["LLM_PROVIDER"] = "anthropic";
  expect(await llm().complete("hi")).toBe("by anthropic");
});
