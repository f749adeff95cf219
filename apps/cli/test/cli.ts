import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const COMMAND = [process.execPath, "--conditions=@plurivox/source", MAIN];

/** What the tests of a file leave running is ended after the last of them; they run side by side, so no single test could say when. */
const leftovers: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of leftovers.toReversed()) await end();
});

export function atEnd(end: () => unknown): void {
  leftovers.push(end);
}

/** Saves every start after the first the work of reading the same sources again. */
const NODE_COMPILE_CACHE = mkdtempSync(join(tmpdir(), "plurivox-cli-cache-"));
atEnd(() => rmSync(NODE_COMPILE_CACHE, { recursive: true }));

/** Only for what hangs: starting a process takes its time on a busy machine, and each test starts some. */
export const PATIENT = { timeout: 120_000 };

/** Nobody listens there. What runs where local servers usually listen is no business of a test. */
const NOWHERE = { OLLAMA_HOST: "http://127.0.0.1:1", LMSTUDIO_BASE_URL: "http://127.0.0.1:1/v1" };

/** How the CLI is started. Its environment holds nothing but what is here, PATH, an empty home and local servers that are not there. */
export interface Start {
  env?: Record<string, string>;
  /** Files of the home, by path. */
  files?: Record<string, string>;
  /** Where it is started: a folder of the home. Default: the home itself. */
  folder?: string;
  /** What is piped in; stdin is then closed. `false`: it stays open. */
  stdin?: string | false;
  /** Runs below a terminal of its own, by way of the system's `script`. */
  terminal?: boolean;
}

/** A CLI that runs. */
export interface Running {
  stdout(): string;
  stderr(): string;
  /** Resolves when the text has appeared on stdout or stderr, after what the last call waited for. */
  sees(text: string): Promise<void>;
  write(text: string): void;
  end(): void;
  interrupt(): void;
  done: Promise<Ended>;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function start(args: readonly string[], { env = {}, files = {}, folder = ".", stdin = "", terminal = false }: Start = {}): Running {
  const home = mkdtempSync(join(tmpdir(), "plurivox-cli-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  const cwd = join(home, folder);
  mkdirSync(cwd, { recursive: true });
  const line = [...COMMAND, ...args];
  const [program, ...rest] = terminal ? ["script", "-qec", `exec ${line.map((word) => `'${word}'`).join(" ")}`, "/dev/null"] : line;
  const child = spawn(program!, rest, {
    cwd,
    env: { PATH: process.env["PATH"], HOME: home, TERM: "xterm", PLURIVOX_NO_NETWORK: "1", NODE_COMPILE_CACHE, ...NOWHERE, ...env },
  });
  let [stdout, stderr, both, seen] = ["", "", "", 0];
  const watchers = new Set<() => void>();
  const arrived = (text: string) => {
    both += text;
    for (const watch of watchers) watch();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => arrived(((stdout += text), text)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => arrived(((stderr += text), text)));
  const done = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  atEnd(async () => {
    child.kill("SIGKILL");
    await done;
    rmSync(home, { recursive: true });
  });
  // A child that ends early closes the pipe; what went wrong shows in its output.
  child.stdin.on("error", () => {});
  if (stdin !== false) child.stdin.end(stdin);
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    sees(text) {
      return new Promise((resolve, reject) => {
        const watch = () => {
          const at = both.indexOf(text, seen);
          if (at === -1) return;
          seen = at + text.length;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
        void done.then(() => reject(new Error(`It ended without saying ${JSON.stringify(text)}:\n${both}`)));
      });
    },
    write: (text) => child.stdin.write(text),
    end: () => child.stdin.end(),
    interrupt: () => child.kill("SIGINT"),
    done,
  };
}

/** Runs the CLI to its end. */
export function run(args: readonly string[], how?: Start): Promise<Ended> {
  return start(args, how).done;
}
