import { readFileSync } from "node:fs";
import { defineConfig } from "tsdown";

/** The fields of a package.json that name what is built. */
interface Manifest {
  exports?: Record<string, { default: string }>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

// One config for all: tsdown runs inside each package, and its package.json says what must come out (./dist/x.js is made of src/x.ts).
const { exports = {}, bin = {}, dependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const targets = [...Object.values(exports).map((target) => target.default), ...Object.values(bin)];
const entries = targets.map((target) => target.replace("./dist/", "src/").replace(/\.js$/, ".ts"));

export default defineConfig({
  cwd: process.cwd(),
  entry: entries,
  tsconfig: new URL("tsconfig.src.json", import.meta.url).pathname,
  format: "esm",
  platform: "node",
  target: "node22",
  fixedExtension: false,
  clean: true,
  // A program that imports many providers pays by the file: what the first file shares with those that are loaded later stays in it, and what
  // several first files share is one more.
  inputOptions: { preserveEntrySignatures: "allow-extension" },
  outputOptions: {
    // The words are in the declarations, which editors show, and in the sources.
    comments: { jsdoc: false, annotation: true, legal: true },
    ...(entries.length > 1 && {
      codeSplitting: { groups: [{ name: "shared", test: (file: string) => entries.some((entry) => file.endsWith(`/${entry}`)) }] },
    }),
  },
  dts: { oxc: true },
  deps: {
    neverBundle: true,
    // What comes out may import what an installed package finds, and nothing else: not a devDependency, not a neighbour.
    onlyImport: Object.keys({ ...dependencies, ...peerDependencies }),
    // Types without code: written into our declarations, they save the user a dependency.
    dts: { alwaysBundle: ["@standard-schema/spec"] },
  },
});
