import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const scratch = new URL(".snippets/", import.meta.url);

/** Every ```ts block of a Markdown file. */
function snippetsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
}

test("every TypeScript snippet of the documentation type-checks", async () => {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    const pages = (await readdir(root)).filter((name) => name.endsWith(".md"));
    let count = 0;
    for (const page of pages) {
      for (const [index, code] of snippetsOf(await readFile(new URL(page, root), "utf8")).entries()) {
        await writeFile(new URL(`${page.replace(".md", "")}-${index + 1}.ts`, scratch), `${code}\nexport {};\n`);
        count++;
      }
    }
    expect(count).toBeGreaterThan(5);
    await writeFile(new URL("tsconfig.json", scratch), JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"], exclude: [] }));
    const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", fileURLToPath(scratch)]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
