import { keyVariables, type Context, type LLM } from "plurivox";
import type { Environment } from "./environment.ts";
import { isLocal } from "./local.ts";

/** What the command line says about whom to talk to. */
export interface Wish {
  model?: string;
  profile?: string;
}

/** Whom to talk to, and why. */
export interface Choice {
  llm: LLM;
  why: string;
}

/**
 * In this order: `--profile` and `--model`; the default profile of the config file or the environment, or LLM_PROVIDER; the first provider that
 * the environment has a key for. Undefined where none of them says anything. Throws `configuration`.
 */
export function choose(context: Context, wish: Wish, env: Environment): Choice | undefined {
  const { model, profile } = wish;
  if (profile !== undefined) return { llm: withModel(context.llm(profile), model), why: `profile ${profile}` };
  const preset = presetDefault(context, env);
  if (model !== undefined)
    return { llm: preset === undefined ? context.llm("default", { model }) : withModel(context.llm(), model), why: "--model" };
  if (preset !== undefined) return { llm: context.llm(), why: preset };
  return firstWithKey(context, env);
}

function presetDefault(context: Context, env: Environment): string | undefined {
  const settings = context.profiles()["default"];
  if (settings?.model !== undefined || settings?.provider !== undefined) return "profile default";
  return env["LLM_PROVIDER"] ? "LLM_PROVIDER" : undefined;
}

function withModel(llm: LLM, model: string | undefined): LLM {
  return model === undefined ? llm : llm.with({ model });
}

function firstWithKey(context: Context, env: Environment): Choice | undefined {
  let failure: unknown;
  for (const { provider, variables } of keyVariables()) {
    const variable = variables.find((name) => env[name]);
    if (variable === undefined) continue;
    try {
      return { llm: context.llm("default", { provider }), why: variable };
    } catch (error) {
      // A provider that needs more than a key, a base URL for example: another one may be complete. A local server tells its models by itself.
      if (!isLocal(provider)) failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** Names of profiles that `--profile` could ask for, told to whom nothing else was found. */
export function otherProfiles(context: Context): string[] {
  return Object.keys(context.profiles()).filter((name) => name !== "default");
}
