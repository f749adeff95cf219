import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { LlmError } from "plurivox";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The process environment, completed by an env file: variables that are set already win. Without a name it is `.env` of the current directory,
 * which need not exist. Throws `configuration` for a named file that cannot be read. The only reader of `process.env` in this app.
 */
export function readEnvironment(file?: string): Environment {
  return { ...parseEnv(readEnvFile(file)), ...process.env };
}

function readEnvFile(file: string | undefined): string {
  try {
    return readFileSync(file ?? ".env", "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (file === undefined && code === "ENOENT") return "";
    throw new LlmError("configuration", `The env file ${file ?? ".env"} cannot be read (${code}).`, {
      cause,
      hint: "Check its path and permissions.",
    });
  }
}
