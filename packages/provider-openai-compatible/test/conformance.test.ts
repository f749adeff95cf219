import { openaiChat, openaiResponses, testProvider, type Wire } from "@plurivox/conformance";
import { test, vi } from "vitest";
import { openaiCompatible } from "../src/index.ts";

// The kit bounds its own waits; a busy machine may take long for the rest.
vi.setConfig({ testTimeout: 30_000 });

/** How long an id may be is OpenAI's own rule; a host of which nothing is known gets every id as it is. */
const lenient = (wire: Wire): Wire => ({ ...wire, toolCallId: /^.+$/s });
const env = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_CUSTOM_HEADERS", "OPENAI_LOG", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"];

testProvider(test, { provider: openaiCompatible(), wire: lenient(openaiChat), model: "some-model", env });
testProvider(test, { provider: openaiCompatible(), wire: lenient(openaiResponses), api: "responses", model: "some-model", env });
