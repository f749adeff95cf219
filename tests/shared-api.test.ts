import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const shared = new URL("../shared/api.d.ts", root);

describe.skipIf(!existsSync(shared))("the shared shapes, where they lie beside the project", () => {
  test("ours can stand for them", async () => {
    const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
    const run = promisify(execFile)(process.execPath, [tsc, "-p", "tests/shared-api", "--listFiles"], { cwd: fileURLToPath(root) });
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    expect(stdout).toContain("/shared/api.d.ts");
    // Errors elsewhere are the business of the gate "types".
    expect(stdout.split("\n").filter((line) => line.startsWith("tests/shared-api/compare.ts("))).toEqual([]);
  }, 60_000);

  test("every name is exported", async () => {
    const names = [...(await readFile(shared, "utf8")).matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name!);
    const exported = await readFile(new URL("packages/core/src/index.ts", root), "utf8");
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(exported))).toEqual([]);
  });
});
