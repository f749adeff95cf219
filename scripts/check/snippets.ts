// The TypeScript in the documentation compiles, against the packages as they are now. A snippet that is not meant to is marked ```ts ignore.
import { execFile } from "node:child_process";
import { globSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { read, report, root } from "./workspace.ts";

const PAGES = ["*.md", "docs/**/*.md", "packages/*/README.md", "apps/*/README.md", "examples/**/*.md"];
const repository = join(import.meta.dirname, "../..");
/** In tests/, which may import every package. */
const scratch = join(root, "tests/.snippets");

/** Each block of a page, at the lines where it stands there: what the compiler says of it then leads to the page. */
function snippets(page: string): string[] {
  const text = read(page);
  return [...text.matchAll(/^```(?:ts|typescript)\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: code }) => `${"\n".repeat(text.slice(0, index).split("\n").length)}${code}\nexport {};\n`,
  );
}

rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
try {
  const pageOf = new Map<string, string>();
  for (const page of globSync(PAGES, { cwd: root, exclude: ["**/node_modules/**"] })) {
    for (const [index, code] of snippets(page).entries()) {
      const file = `${page.replaceAll(/\W/g, "-")}-${index}.ts`;
      pageOf.set(file, page.replaceAll("\\", "/"));
      writeFileSync(join(scratch, file), code);
    }
  }
  if (pageOf.size === 0) report(["No snippet was found in the documentation."]);
  else {
    // A page may import any package, also one that the tests do not.
    const paths = { "@plurivox/*": [join(root, "packages/*/src/index.ts")] };
    const config = { extends: join(repository, "tsconfig.json"), compilerOptions: { paths }, include: ["*.ts"], exclude: [] };
    writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
    const tsc = promisify(execFile)(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", scratch]);
    const { stdout } = await tsc.catch((error: { stdout: string }) => error);
    report(stdout === "" ? [] : [stdout.trim().replaceAll(/^\S*?([\w-]+\.ts)(?=\()/gm, (path, file: string) => pageOf.get(file) ?? path)]);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
