import { openaiChat, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { nvidiaNim } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

testProvider(test, {
  // The kit's server does not mind being asked for the usage of a stream.
  provider: nvidiaNim({ streamUsage: true }),
  // How long an id may be is OpenAI's own rule.
  wire: { ...openaiChat, toolCallId: /^.+$/s },
  model: "qwen/qwen3.5-397b-a17b",
  env: ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_CUSTOM_HEADERS", "OPENAI_LOG", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"],
});
