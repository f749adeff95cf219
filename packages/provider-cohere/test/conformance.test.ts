import { cohereChat, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { cohere } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

testProvider(test, {
  provider: cohere(),
  wire: cohereChat,
  model: "command-a-plus-05-2026",
  env: ["CO_API_KEY", "CO_API_URL", "COHERE_API_KEY", "COHERE_BASE_URL"],
});
