import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { LlmError, type ProfileInput } from "plurivox";
import type { Environment } from "./environment.ts";

/** What a config file says. */
export interface Config {
  /** The file that was read, undefined where there is none. */
  file?: string;
  profiles: Record<string, ProfileInput>;
}

const FILE_NAME = "plurivox.config.json";

/**
 * Reads the named config file; without a name the nearest `plurivox.config.json` from `directory` upwards, or else the user's own in
 * `$XDG_CONFIG_HOME/plurivox/config.json` (default `~/.config`). Throws `configuration` that names the file, the place and what is wrong there.
 */
export function readConfig(name: string | undefined, directory: string, env: Environment): Config {
  if (name !== undefined) {
    const file = resolve(directory, name);
    const text = readIfThere(file);
    if (text === undefined)
      throw new LlmError("configuration", `There is no config file ${file}.`, { hint: "Check the path after --config." });
    return toConfig(file, text);
  }
  for (const file of candidates(directory, env)) {
    const text = readIfThere(file);
    if (text !== undefined) return toConfig(file, text);
  }
  return { profiles: {} };
}

function* candidates(directory: string, env: Environment): Generator<string> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    yield join(at, FILE_NAME);
    if (at === dirname(at)) break;
  }
  yield join(env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config"), "plurivox", "config.json");
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new LlmError("configuration", `The config file ${file} cannot be read (${code}).`, { cause, hint: "Check its permissions." });
  }
}

function toConfig(file: string, text: string): Config {
  const config = parse(file, text.replace(/^\uFEFF/, ""));
  if (!isRecord(config)) throw malformed(file, `it must hold an object, not ${kindOf(config)}`);
  for (const key of Object.keys(config)) {
    if (key !== "profiles" && key !== "$schema") throw malformed(file, `it has an unknown field "${key}"`);
  }
  const { profiles = {} } = config;
  if (!isRecord(profiles)) throw malformed(file, `"profiles" must be an object, not ${kindOf(profiles)}`);
  for (const [name, profile] of Object.entries(profiles)) {
    if (typeof profile !== "string" && !isRecord(profile)) {
      throw malformed(file, `profile "${name}" must be "provider/model" or an object, not ${kindOf(profile)}`);
    }
  }
  return { file, profiles: profiles as Config["profiles"] };
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message } = cause as SyntaxError;
    throw new LlmError(
      "configuration",
      `${file}:${placeOf(message, text)} is not valid JSON: ${message.replace(/ in JSON at position.*| \(line.*/s, "")}.`,
      { cause },
    );
  }
}

/** `line:column`. The engine names a position except where the text just ends. */
function placeOf(message: string, text: string): string {
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position).split("\n");
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

function malformed(file: string, what: string): LlmError {
  return new LlmError("configuration", `The config file ${file} is malformed: ${what}.`, {
    hint: 'It should look like { "profiles": { "default": "provider/model" } }.',
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
