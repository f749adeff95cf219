import { stripVTControlCharacters } from "node:util";

const METHODS = ["log", "info", "warn", "error", "debug", "trace", "dir", "table"] as const;

/** Runs something and returns what was written meanwhile: by console, to stdout and stderr, and as a warning of the process. */
export async function listen(run: () => Promise<void>): Promise<string[]> {
  const written: string[] = [];
  const restore: (() => void)[] = [];
  const console = globalThis.console;
  for (const method of METHODS) {
    const original = console[method];
    console[method] = (...values: unknown[]) => void written.push(`console.${method}: ${values.map(String).join(" ")}`);
    restore.push(() => (console[method] = original));
  }
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const original = stream.write;
    stream.write = function write(this: typeof stream, ...parameters: unknown[]) {
      if (isByCode(new Error("who writes").stack ?? "")) written.push(`${name}: ${stripVTControlCharacters(String(parameters[0]))}`);
      return Reflect.apply(original, stream, parameters) as boolean;
    } as typeof original;
    restore.push(() => (stream.write = original));
  }
  const onWarning = (warning: Error) => void written.push(`warning: ${warning.message}`);
  process.on("warning", onWarning);
  restore.push(() => process.off("warning", onWarning));
  try {
    await run();
  } finally {
    for (const undo of restore) undo();
  }
  return written;
}

/** A runner reports while a test runs: Node's own from inside of Node, others from their package. That is not the provider's output. */
function isByCode(stack: string): boolean {
  const callers = stack
    .split("\n")
    .slice(2)
    .map((line) => line.trim());
  return (
    callers.some((line) => !/node:|<anonymous>|native/.test(line)) &&
    !callers.some((line) => /node_modules\/(\.pnpm\/)?(vitest|@vitest)/.test(line))
  );
}
