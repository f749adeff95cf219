// Runs the conformance tests of the packages that are named on the command line, or of all, as they stand there, with Node's own runner.
import { globSync } from "node:fs";
import { registerHooks } from "node:module";

const runner = new URL("./support/vitest-as-node-test.ts", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) => (specifier === "vitest" ? { url: runner, shortCircuit: true } : next(specifier, context)),
});

const named = process.argv.slice(2);
const packages = named.length > 0 ? `{${named.join()},}` : "provider-*";
for (const file of globSync(`../packages/${packages}/test/conformance.test.ts`, { cwd: import.meta.dirname }).toSorted())
  await import(new URL(file, import.meta.url).href);
