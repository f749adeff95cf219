import { mistralChat, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { mistral } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

testProvider(test, {
  provider: mistral(),
  wire: mistralChat,
  model: "mistral-medium-3-5",
  env: ["MISTRAL_API_KEY", "MISTRAL_DEBUG", "MISTRAL_OTLP_TRACES_ENDPOINT", "MISTRAL_SDK_DEBUG_TRACING", "MISTRAL_SDK_TELEMETRY"],
});
