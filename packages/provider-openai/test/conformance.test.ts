import { openaiChat, openaiResponses, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { openai } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

const env = [
  "OPENAI_ADMIN_KEY",
  "OPENAI_API_KEY",
  "OPENAI_API_VERSION",
  "OPENAI_BASE_URL",
  "OPENAI_CUSTOM_HEADERS",
  "OPENAI_LOG",
  "OPENAI_ORG_ID",
  "OPENAI_PROJECT_ID",
  "OPENAI_WEBHOOK_SECRET",
  "AZURE_OPENAI_API_KEY",
  "AZURE_OPENAI_ENDPOINT",
];

testProvider(test, { provider: openai(), wire: openaiResponses, model: "gpt-6-luna", env });

testProvider(test, {
  provider: openai(),
  wire: openaiChat,
  api: "chat",
  // Later families do not call tools on this wire while they reason, which they do unless told not to.
  model: "gpt-5.4",
  env,
  skip: {
    reasoning: "OpenAI's chat completions show no reasoning",
    "reasoning-hidden": "OpenAI's chat completions show no reasoning",
  },
});
