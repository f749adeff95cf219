/** Node's, where there is one: it follows a running tool through everything that it awaits. */
const builtin = typeof process === "object" ? process.getBuiltinModule?.("node:async_hooks") : undefined;
const storage = builtin === undefined ? undefined : new builtin.AsyncLocalStorage<number>();

/** In how many running tools the program is at this moment, one in the other. Always 0 where the platform cannot tell. */
export function currentDepth(): number {
  return storage?.getStore() ?? 0;
}

/** Runs a tool, so that calls made in it know how deep they are. */
export function atDepth<T>(depth: number, run: () => T): T {
  return storage === undefined ? run() : storage.run(depth, run);
}
