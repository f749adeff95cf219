import { createInterface } from "node:readline";
import type { Output } from "./output.ts";

/** How long a prompt that is complete without stdin waits for a first byte there: a parent may have left a pipe open. */
const PATIENCE_MS = 3000;

/**
 * Everything on stdin up to its end; undefined where there is nothing. A terminal is read only when `wanted`.
 * `optional`: goes on without stdin, and says so, when no byte comes for three seconds.
 */
export async function readStdin(want: { wanted: boolean; optional: boolean }, out: Output): Promise<string | undefined> {
  const { stdin } = process;
  if (stdin.isTTY && !want.wanted) return undefined;
  stdin.setEncoding("utf8");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  stdin.on("data", (piece) => {
    clearTimeout(timer);
    text += piece;
  });
  stdin.on("end", () => resolve(text)).on("error", reject);
  const timer = setTimeout(() => {
    if (want.wanted || !want.optional) return out.note("waiting for the prompt on stdin", "dim");
    out.note("nothing came on stdin, going on without it (`-` waits for it)", "dim");
    resolve("");
  }, PATIENCE_MS);
  try {
    return (await promise).trim() || undefined;
  } finally {
    clearTimeout(timer);
    // An open pipe would keep the process alive.
    stdin.destroy();
  }
}

/** Prompts of an interactive session, one by one; undefined at the end of the input. */
export interface Prompts {
  next(): Promise<string | undefined>;
  close(): void;
}

/** Asks at the terminal, or takes the lines of a pipe. */
export function openPrompts(label: string): Prompts {
  return process.stdin.isTTY ? terminalPrompts(label) : pipedPrompts();
}

function pipedPrompts(): Prompts {
  const lines = createInterface({ input: process.stdin });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await iterator.next();
      return done ? undefined : value;
    },
    close: () => lines.close(),
  };
}

/** The line editor lives only while it asks: in between the terminal is its usual self, and Ctrl-C a signal. */
function terminalPrompts(label: string): Prompts {
  let history: string[] = [];
  return {
    next() {
      const editor = createInterface({ input: process.stdin, output: process.stderr, prompt: label, history, terminal: true });
      const { promise, resolve } = Promise.withResolvers<string | undefined>();
      const lines: string[] = [];
      editor.on("history", (entries) => (history = entries));
      editor.on("line", (line) => {
        // Pasted lines come in one go: together they are one prompt.
        if (lines.push(line) === 1) setImmediate(finish);
      });
      editor.on("SIGINT", () => (editor.line === "" ? editor.close() : clearLine()));
      editor.on("close", () => {
        if (lines.length === 0) process.stderr.write("\n");
        resolve(lines.length === 0 ? undefined : lines.join("\n"));
      });
      editor.prompt();

      function finish(): void {
        if (editor.line !== "") {
          lines.push(editor.line);
          process.stderr.write("\n");
        }
        editor.close();
      }
      function clearLine(): void {
        editor.write(null, { ctrl: true, name: "e" });
        editor.write(null, { ctrl: true, name: "u" });
      }
      return promise;
    },
    close() {},
  };
}
