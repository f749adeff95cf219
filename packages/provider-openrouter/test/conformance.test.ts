import { openrouterChat, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { openrouter } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

const env = [
  "OPENROUTER_API_KEY",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "OPENAI_CUSTOM_HEADERS",
  "OPENAI_LOG",
  "OPENAI_ORG_ID",
  "OPENAI_PROJECT_ID",
];

testProvider(test, {
  provider: openrouter({ appName: "Kit", appUrl: "https://example.com" }),
  wire: openrouterChat,
  model: "deepseek/deepseek-v4",
  env,
});
