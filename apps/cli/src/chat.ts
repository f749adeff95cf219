import { createContext, isLlmError, keyVariables, type CallOptions, type Context } from "plurivox";
import { ask, exitCodeOf, type AskOptions } from "./ask.ts";
import { choose, otherProfiles } from "./choose.ts";
import { readConfig } from "./config.ts";
import { announce, hint, show, suggest } from "./demo/show.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import { readStdin } from "./input.ts";
import { converse, type Partner } from "./interactive.ts";
import { chooseLocal, placesToLook } from "./local.ts";
import { createOutput, type Output } from "./output.ts";

/** The flags of `plurivox chat`. */
export interface ChatFlags {
  model?: string;
  profile?: string;
  config?: string;
  envFile?: string;
  system?: string;
  temperature?: number;
  maxOutputTokens?: number;
  reasoning?: CallOptions["reasoning"];
  interactive?: boolean;
  demo?: boolean;
  json?: boolean;
  /** `--no-stream` */
  stream: boolean;
  quiet?: boolean;
}

/** The command line asks for something that cannot be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `plurivox chat [prompt...]`. Resolves with the exit code. Throws UsageError and, before anything is asked, LlmError. */
export async function chat(words: readonly string[], flags: ChatFlags): Promise<number> {
  if (flags.interactive && flags.json) throw new UsageError("--json answers one prompt; it cannot be used with --interactive.");
  const out = createOutput(flags);
  try {
    return await begin(words, flags, out);
  } catch (error) {
    if (flags.json && isLlmError(error)) await out.answer(`${JSON.stringify({ error })}\n`);
    throw error;
  }
}

async function begin(words: readonly string[], flags: ChatFlags, out: Output): Promise<number> {
  const env = readEnvironment(flags.envFile);
  const { file, profiles } = readConfig(flags.config, process.cwd(), env);
  const context = createContext({ env, profiles, media: { allowPaths: true } });
  try {
    const choice = flags.demo ? undefined : (choose(context, flags, env) ?? (await chooseLocal(context, env, out)));
    const prompt = await promptOf(words, flags, choice === undefined, out);
    if (choice === undefined) return await demonstrate(prompt, flags, surroundings(context, env, flags), out);
    const { llm, why } = choice;
    const from = file !== undefined && why.startsWith("profile") && Object.hasOwn(profiles, llm.profile) ? ` of ${file}` : "";
    // Where a key goes is worth a word: a config file may have come with the directory.
    const { baseURL } = context.profiles()[llm.profile] ?? {};
    out.note(`using ${llm.label}${baseURL === undefined ? "" : ` at ${baseURL}`} (${why}${from})`, "dim");
    return await answer({ llm, change: (model) => llm.with({ model }) }, prompt, flags, out);
  } finally {
    await context.close();
  }
}

/** What a demo tells of where it runs. */
interface Surroundings {
  /** What was looked for in vain; undefined where nothing was. */
  why: string | undefined;
  profiles: readonly string[];
  /** How this program was started, up to the prompt. */
  command: string;
}

function surroundings(context: Context, env: Environment, { demo }: ChatFlags): Surroundings {
  return {
    why: demo ? undefined : `no API key was found, and no model of ${placesToLook(env)}`,
    profiles: otherProfiles(context),
    command: env["npm_lifecycle_event"] === "start" ? "npm start --" : "plurivox",
  };
}

/** Without anybody to talk to: the mock answers the prompt, or shows what there is to see. */
async function demonstrate(
  prompt: string | undefined,
  flags: ChatFlags,
  { why, profiles, command }: Surroundings,
  out: Output,
): Promise<number> {
  if (prompt === undefined && flags.json) throw noPrompt();
  const { startDemo } = await import("./demo/server.ts");
  const demo = await startDemo();
  const partner = { llm: demo.llm(), change: demo.llm };
  try {
    announce(demo, why, out);
    if (profiles.length > 0) out.note(`There are profiles to choose from with --profile: ${profiles.join(", ")}.`, "yellow");
    if (prompt !== undefined) return await answer(partner, prompt, flags, out);
    const code = await show(demo, out);
    if (code !== 0) return code;
    hint(demoVariables(demo.ready), command, out);
    if (!takesPrompts(flags)) return 0;
    suggest(demo, out);
    return await answer(partner, prompt, flags, out);
  } finally {
    await demo.close();
  }
}

function demoVariables(providers: readonly string[]): string[] {
  return keyVariables().flatMap(({ provider, variables }) => (providers.includes(provider) ? variables.slice(0, 1) : []));
}

/** One prompt, or a conversation that may begin with it. */
async function answer(partner: Partner, prompt: string | undefined, flags: ChatFlags, out: Output): Promise<number> {
  const options = toAskOptions(flags);
  if (flags.interactive || (prompt === undefined && takesPrompts(flags) && !flags.json)) {
    await converse(partner, options, out, prompt);
    return 0;
  }
  if (prompt === undefined) throw noPrompt();
  return exitCodeOf(await ask(partner.llm, [{ role: "user", content: prompt }], options, out));
}

function noPrompt(): UsageError {
  return new UsageError("There is no prompt. Give it as an argument or on stdin.");
}

function takesPrompts({ interactive }: ChatFlags): boolean {
  return interactive === true || process.stdin.isTTY;
}

/** The words of the command line, and what is piped in below them. */
async function promptOf(words: readonly string[], { interactive }: ChatFlags, isDemo: boolean, out: Output): Promise<string | undefined> {
  const spoken = words
    .filter((word) => word !== "-")
    .join(" ")
    .trim();
  const wanted = words.includes("-");
  const piped = interactive ? undefined : await readStdin({ wanted, optional: isDemo || spoken !== "" }, out);
  return [spoken, piped].filter(Boolean).join("\n\n") || undefined;
}

function toAskOptions({ system, temperature, maxOutputTokens, reasoning, json, stream }: ChatFlags): AskOptions {
  return { call: { system, temperature, maxOutputTokens, reasoning }, json, stream };
}
