import { googleGenerateContent, testProvider } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { google } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

testProvider(test, {
  provider: google(),
  wire: googleGenerateContent,
  // Thinks, and takes sampling parameters too.
  model: "gemini-2.5-flash",
  env: [
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_GENAI_ACCESS_TOKEN",
    "GOOGLE_GENAI_API_KEY",
    "GOOGLE_GENAI_DEBUG",
    "GOOGLE_GENAI_API_VERSION",
    "GOOGLE_GENAI_USER_PROJECT",
    "GOOGLE_GENAI_USE_ENTERPRISE",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_VERTEX_BASE_URL",
  ],
});
