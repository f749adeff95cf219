/** Everything of core and every provider, each vendor's SDK loaded on its first call. */
export * from "@plurivox/core";
export { anthropic } from "@plurivox/provider-anthropic";
export { openai } from "@plurivox/provider-openai";
export { openaiCompatible } from "@plurivox/provider-openai-compatible";
export { createContext, keyVariables, llm, providers } from "./context.ts";
