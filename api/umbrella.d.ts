import { Context, ContextOptions, LLM, ProfileInput, ProviderLike } from "@plurivox/core";
import { anthropic } from "@plurivox/provider-anthropic";
import { azure } from "@plurivox/provider-azure";
import { cohere } from "@plurivox/provider-cohere";
import { google } from "@plurivox/provider-google";
import { groq } from "@plurivox/provider-groq";
import { lmstudio, lmstudioModels } from "@plurivox/provider-lmstudio";
import { mistral } from "@plurivox/provider-mistral";
import { nvidiaNim } from "@plurivox/provider-nvidia-nim";
import { ollama, ollamaModels } from "@plurivox/provider-ollama";
import { openai } from "@plurivox/provider-openai";
import { openaiCompatible } from "@plurivox/provider-openai-compatible";
import { openrouter } from "@plurivox/provider-openrouter";
export * from "@plurivox/core";
declare function providers(): ProviderLike[];
declare function keyVariables(): {
  provider: string;
  variables: string[];
}[];
declare function createContext<const P extends Record<string, ProfileInput> = {}>(options?: ContextOptions<P>): Context<keyof P & string>;
declare function llm(profile?: string): LLM;
export {
  anthropic,
  azure,
  cohere,
  createContext,
  google,
  groq,
  keyVariables,
  llm,
  lmstudio,
  lmstudioModels,
  mistral,
  nvidiaNim,
  ollama,
  ollamaModels,
  openai,
  openaiCompatible,
  openrouter,
  providers,
};
