/** Everything of core and every provider, each vendor's SDK loaded on its first call. */
export * from "@plurivox/core";
export { anthropic } from "@plurivox/provider-anthropic";
export { azure } from "@plurivox/provider-azure";
export { cohere } from "@plurivox/provider-cohere";
export { google } from "@plurivox/provider-google";
export { groq } from "@plurivox/provider-groq";
export { lmstudio, lmstudioModels } from "@plurivox/provider-lmstudio";
export { mistral } from "@plurivox/provider-mistral";
export { nvidiaNim } from "@plurivox/provider-nvidia-nim";
export { ollama, ollamaModels } from "@plurivox/provider-ollama";
export { openai } from "@plurivox/provider-openai";
export { openaiCompatible } from "@plurivox/provider-openai-compatible";
export { openrouter } from "@plurivox/provider-openrouter";
export { createContext, keyVariables, llm, providers } from "./context.ts";
