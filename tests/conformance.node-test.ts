import { anthropicMessages, testProvider } from "@plurivox/conformance";
import { anthropic } from "@plurivox/provider-anthropic";
import { test } from "node:test";

testProvider(test, { provider: anthropic(), wire: anthropicMessages, model: "claude-sonnet-4-6" });
