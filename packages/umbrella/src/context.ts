import {
  createContext as createCoreContext,
  type Context,
  type ContextOptions,
  type LLM,
  type ProfileInput,
  type ProviderLike,
} from "@plurivox/core";
import { keyVariables as variablesOf } from "@plurivox/core/provider";
import { anthropic } from "@plurivox/provider-anthropic";
import { azure } from "@plurivox/provider-azure";
import { cohere } from "@plurivox/provider-cohere";
import { google } from "@plurivox/provider-google";
import { groq } from "@plurivox/provider-groq";
import { lmstudio } from "@plurivox/provider-lmstudio";
import { mistral } from "@plurivox/provider-mistral";
import { nvidiaNim } from "@plurivox/provider-nvidia-nim";
import { ollama } from "@plurivox/provider-ollama";
import { openai } from "@plurivox/provider-openai";
import { openaiCompatible } from "@plurivox/provider-openai-compatible";
import { openrouter } from "@plurivox/provider-openrouter";

/** All built-in providers. */
export function providers(): ProviderLike[] {
  return [
    openai(),
    openaiCompatible(),
    azure(),
    anthropic(),
    google(),
    mistral(),
    cohere(),
    groq(),
    ollama(),
    openrouter(),
    lmstudio(),
    nvidiaNim(),
  ];
}

/** The environment variables in which each built-in provider looks for its key: the first that is set wins. In the order of `providers()`. */
export function keyVariables(): { provider: string; variables: string[] }[] {
  return providers().map((provider) => ({ provider: provider.id, variables: variablesOf(provider) }));
}

/** As core's `createContext`, with every built-in provider; `providers` adds to them, or replaces the one with the same id. */
export function createContext<const P extends Record<string, ProfileInput> = {}>(
  options: ContextOptions<P> = {},
): Context<keyof P & string> {
  return createCoreContext({ ...options, providers: [...providers(), ...(options.providers ?? [])] });
}

let shared: Context | undefined;

/** A client on a context that all callers share, made from the environment on first use. Throws `configuration` that names the variables that would do. */
export function llm(profile?: string): LLM {
  shared ??= createContext();
  return shared.llm(profile);
}
