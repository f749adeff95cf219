import { groqChat, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { groq } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

testProvider(test, {
  provider: groq(),
  wire: groqChat,
  model: "qwen/qwen3.8-27b",
  env: ["GROQ_API_KEY", "GROQ_BASE_URL", "GROQ_CUSTOM_HEADERS", "GROQ_LOG"],
});
