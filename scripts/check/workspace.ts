// What the gates of this folder share. Each is a program of its own: `node scripts/check/<gate>.ts [folder]` looks at this workspace, or at
// the one in another folder, which is how the tests show it a violation.
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAst } from "rolldown/parseAst";

/** The workspace that the gate looks at. */
export const root: string = resolve(process.argv[2] ?? fileURLToPath(new URL("../..", import.meta.url)));

export interface Manifest {
  name: string;
  private?: boolean;
  exports?: Record<string, Record<string, string>>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface Package {
  /** From the root, with forward slashes: "packages/core". */
  path: string;
  /** "core" */
  folder: string;
  manifest: Manifest;
}

/** The packages and apps of the workspace, by path. */
export function packages(): Package[] {
  return globSync(["packages/*/package.json", "apps/*/package.json"], { cwd: root })
    .map((file) => file.replaceAll("\\", "/").replace("/package.json", ""))
    .toSorted()
    .map((path) => ({ path, folder: path.split("/")[1]!, manifest: JSON.parse(read(`${path}/package.json`)) as Manifest }));
}

/** The TypeScript files below a folder, from the root, with forward slashes. */
export function sources(path: string): string[] {
  return existsSync(join(root, path))
    ? globSync("**/*.ts", { cwd: join(root, path) })
        .map((file) => `${path}/${file.replaceAll("\\", "/")}`)
        .toSorted()
    : [];
}

export function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

export interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** Every node of a TypeScript file, parents first. */
export function visitAll(text: string, file: string, visit: (node: Node) => void): void {
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== "object" || value === null) return;
    if ("type" in value && typeof value.type === "string") visit(value as Node);
    Object.values(value).forEach(walk);
  };
  walk(parseAst(text, { lang: file.endsWith(".d.ts") ? "dts" : "ts", sourceType: "module" }, file));
}

/** `file:line`, as editors and terminals link it. */
export function at(file: string, text: string, offset: number): string {
  return `${file}:${text.slice(0, offset).split("\n").length}`;
}

/** The end of a gate: it fails if there are problems, and says all of them. */
export function report(problems: readonly string[]): void {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
