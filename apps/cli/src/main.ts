#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { isLlmError } from "plurivox";
import { chat, UsageError, type ChatFlags } from "./chat.ts";
import { createOutput } from "./output.ts";

const EXAMPLES = `
Examples:
  plurivox "Why is the sky blue?"             one answer, then the prompt of the shell
  plurivox                                    a conversation
  git diff | plurivox "Review this"           what is piped in is added to the prompt
  plurivox --model anthropic/<model> "Hi"     a certain model
  plurivox --json "Hi" | jq .usage            the result as one JSON object

The answer goes to stdout, everything else to stderr. Without --profile and --model it talks to the profile "default" of the config file,
to LLM_PROVIDER, or to the first provider that the environment or .env has a key for; then to an Ollama or LM Studio that runs on this machine
(or where OLLAMA_HOST and LMSTUDIO_BASE_URL say); without any of these it shows a demo.
The config file is plurivox.config.json in this directory or one above, or plurivox/config.json in ~/.config ($XDG_CONFIG_HOME):
  { "profiles": { "default": "<provider>/<model>", "smart": { "model": "<provider>/<model>", "reasoning": "high" } } }

Exit codes: 0 answered, 1 error, 2 wrong usage, 130 stopped with Ctrl-C.`;

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

function version(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

function createProgram(finish: (code: number) => void): Command {
  const program = new Command("plurivox");
  program
    .description("Talk to every LLM provider from the terminal.")
    .version(version())
    .exitOverride()
    .showHelpAfterError("(--help says more)");
  const command = program
    .command("chat", { isDefault: true })
    .description("Answer a prompt, or hold a conversation. It needs no name: `plurivox [prompt...]` does the same.")
    .argument("[prompt...]", "what to ask; `-` reads it from stdin. None: a conversation")
    .option("-m, --model <provider/model>", "the model to talk to")
    .option("-p, --profile <name>", "a profile of the config file or the environment")
    .option("-s, --system <text>", "instructions for the model")
    .option("-t, --temperature <number>", "how freely it words the answer", toNumber)
    .option("--max-output-tokens <number>", "the most tokens that it may answer with", toNumber)
    .addOption(new Option("-r, --reasoning <effort>", "how hard it thinks first").choices(EFFORTS))
    .option("-i, --interactive", "a conversation, also with a prompt or without a terminal (a line is a prompt)")
    .option("--json", "one JSON object: text, reasoning, toolCalls, finishReason, usage, metrics, …; or { error }")
    .option("--no-stream", "wait for the whole answer")
    .option("-q, --quiet", "nothing on stderr but errors")
    .addOption(new Option("--demo", "the demo, whatever there is to talk to").conflicts(["model", "profile"]))
    .option("--config <file>", "the config file")
    .option("--env-file <file>", "the file to complete the environment from (default: .env)")
    .action(async (words: string[], flags: ChatFlags) => finish(await chat(words, flags)));
  command.addHelpText("after", EXAMPLES);
  // There is one command so far, so its help is the help.
  program.helpInformation = () => command.helpInformation();
  program.addHelpText("after", EXAMPLES);
  return program;
}

/** The exit code. What failed is said in one line, without a stack: an LlmError tells what happened, where, and what to do. */
async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  try {
    await createProgram((result) => (code = result)).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!isLlmError(error) && !(error instanceof UsageError)) throw error;
    createOutput().error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
