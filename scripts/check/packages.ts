// What would be published, as it would be published: every package is packed, and publint and attw look at the tarball. The package.json in
// there is not the one in the sources: publishConfig has taken its places, and the workspace's ranges have become versions.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { packages, report, root, type Package } from "./workspace.ts";

const run = promisify(execFile);
const bin = (name: string) => join(import.meta.dirname, "../../node_modules/.bin", name);

/** The output of a program that failed, without colours; nothing of one that went well. */
async function complaint(command: string, args: string[]): Promise<string[]> {
  try {
    await run(bin(command), args, { env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" } });
    return [];
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return [`${command}: ${`${stdout}\n${stderr}`.trim()}`];
  }
}

async function lookInto({ path, manifest }: Package, folder: string): Promise<string[]> {
  const packed = await run(bin("pnpm"), ["pack", "--json", "--pack-destination", folder], { cwd: join(root, path) }).catch(
    (error: Error) => error,
  );
  if (packed instanceof Error) return [`pnpm pack: ${packed.message}`];
  const { filename: tarball } = JSON.parse(packed.stdout) as { filename: string };
  const { stdout: published } = await run("tar", ["-xzOf", tarball, "package/package.json"]);
  const problems: string[] = [];
  for (const word of ["@plurivox/source", "workspace:", "catalog:"]) {
    if (published.includes(`"${word}`)) problems.push(`package.json still says "${word}" when it is published.`);
  }
  problems.push(...(await complaint("publint", ["--strict", tarball])));
  // A package that is only run has no types to look at.
  if (manifest.exports !== undefined)
    problems.push(...(await complaint("attw", ["--profile", "esm-only", "--no-color", "--no-emoji", tarball])));
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}

const folder = mkdtempSync(join(tmpdir(), "plurivox-packed-"));
try {
  const queue = packages().filter(({ manifest }) => manifest.private !== true);
  const problems: string[] = [];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) problems.push(...(await lookInto(next, folder)));
  };
  await Promise.all([work(), work()]);
  report(problems.toSorted());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
