import { openaiChat, openaiResponses, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { azure } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

const env = [
  "AZURE_OPENAI_API_KEY",
  "AZURE_OPENAI_ENDPOINT",
  "OPENAI_ADMIN_KEY",
  "OPENAI_API_KEY",
  "OPENAI_API_VERSION",
  "OPENAI_BASE_URL",
  "OPENAI_CUSTOM_HEADERS",
  "OPENAI_LOG",
  "OPENAI_ORG_ID",
  "OPENAI_PROJECT_ID",
  "OPENAI_WEBHOOK_SECRET",
];

// A deployment: of what it can do nothing is known, so nothing is refused.
testProvider(test, { provider: azure(), wire: openaiResponses, model: "my-deployment", env });
testProvider(test, { provider: azure(), wire: openaiChat, api: "chat", model: "my-deployment", env });
