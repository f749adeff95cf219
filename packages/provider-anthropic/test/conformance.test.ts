import { anthropicMessages, testProvider } from "@plurivox/conformance";
import { test } from "vitest";
import { anthropic } from "../src/index.ts";

testProvider(test, { provider: anthropic(), wire: anthropicMessages, model: "claude-sonnet-4-6" });
