import { Context, ContextOptions, LLM, ProfileInput, ProviderLike } from "@plurivox/core";
import { anthropic } from "@plurivox/provider-anthropic";
import { openai } from "@plurivox/provider-openai";
import { openaiCompatible } from "@plurivox/provider-openai-compatible";
export * from "@plurivox/core";
declare function providers(): ProviderLike[];
declare function keyVariables(): {
  provider: string;
  variables: string[];
}[];
declare function createContext<const P extends Record<string, ProfileInput> = {}>(options?: ContextOptions<P>): Context<keyof P & string>;
declare function llm(profile?: string): LLM;
export { anthropic, createContext, keyVariables, llm, openai, openaiCompatible, providers };
