import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { inspect } from "node:util";
import { isLlmError, type LlmError, type Tool, type ToolRun } from "@plurivox/core";
import { mcp, type McpAddress, type McpCommand, type McpOptions, type McpServer } from "../src/index.ts";
import type { Mode } from "./server.ts";

const SERVER = join(import.meta.dirname, "server.ts");

type Env = Record<string, string>;

export function command(env: Env = {}): McpCommand {
  return { command: process.execPath, args: [SERVER, "stdio"], env };
}

export interface Running extends McpAddress {
  kill(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that listens on a port of its own. */
export async function listening(mode: "http" | "modern", env: Env = {}): Promise<Running> {
  const child = spawn(process.execPath, [SERVER, mode], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  return { url: `${url}/mcp`, kill, [Symbol.asyncDispose]: kill };
}

/** A connection, and the server process behind it where there is no other way to end it. */
export async function connect(mode: Mode, options: McpOptions = {}, env: Env = {}): Promise<McpServer> {
  if (mode === "stdio") return mcp(command(env), options);
  const running = await listening(mode, env);
  const server = await mcp(running, options);
  const end = async () => {
    await server.close();
    await running.kill();
  };
  // Not a copy: `tools` is read anew each time.
  return Object.defineProperty(Object.create(server, { close: { value: end } }) as McpServer, Symbol.asyncDispose, { value: end });
}

export interface Ran {
  yields: unknown[];
  output: unknown;
}

interface RunOptions {
  signal?: AbortSignal;
  /** Awaited before the next is asked for. */
  onYield?: () => unknown;
}

/** Calls a tool as the loop does. */
export async function run(server: McpServer, name: string, input: unknown = {}, options: RunOptions = {}): Promise<Ran> {
  const found = server.tools.find((tool) => tool.name === name);
  if (found === undefined) throw new Error(`There is no tool ${name} among ${server.tools.map((tool) => tool.name).join(", ")}.`);
  return execute(found, input, options);
}

export async function execute(
  tool: Tool,
  input: unknown,
  { signal = new AbortController().signal, onYield }: RunOptions = {},
): Promise<Ran> {
  const start = tool.execute as (input: unknown, run: Pick<ToolRun, "signal">) => AsyncGenerator<unknown, unknown>;
  const generator = start(input, { signal });
  const yields: unknown[] = [];
  for (;;) {
    const step = await generator.next();
    if (step.done) return { yields, output: step.value };
    yields.push(step.value);
    await onYield?.();
  }
}

export async function failure(work: Promise<unknown>): Promise<LlmError> {
  const error = await work.then(
    (value) => value,
    (thrown: unknown) => thrown,
  );
  if (!isLlmError(error)) throw new Error("It should have failed with an LlmError.", { cause: error });
  return error;
}

/** All that somebody may print of an error. */
export function shown(error: LlmError): string {
  return `${error.stack} ${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)}`;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
