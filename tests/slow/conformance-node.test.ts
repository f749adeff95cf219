import { test, vi } from "vitest";
import { runOnNode } from "../support/node-test.ts";

vi.setConfig({ testTimeout: 600_000 });

/** OpenAI and Azure, and what is compatible with OpenAI, speak two wires. */
const RUNS: Readonly<Record<string, number>> = {
  "provider-azure": 2,
  "provider-cohere": 1,
  "provider-google": 1,
  "provider-groq": 1,
  "provider-lmstudio": 1,
  "provider-mistral": 1,
  "provider-nvidia-nim": 1,
  "provider-ollama": 1,
  "provider-openai": 2,
  "provider-openai-compatible": 2,
  "provider-openrouter": 1,
};

test.each(Object.entries(RUNS))("%s passes the kit under node:test", async (name, runs) => {
  await runOnNode([name], runs);
});
