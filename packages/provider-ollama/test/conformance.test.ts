import { ollamaChat, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { ollama } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

testProvider(test, { provider: ollama(), wire: ollamaChat, model: "gemma4", env: ["OLLAMA_API_KEY", "OLLAMA_HOST"] });
