// The public types of every package, rolled up into one file per entry and committed in api/, so that a change of them is seen in review.
// This compares them with what was built; with `--write` as the second argument it writes them anew.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diff } from "node:util";
import { format } from "oxfmt";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { parseSync } from "rolldown/utils";
import { at, packages, report, root, visitAll } from "./workspace.ts";

const write = process.argv[3] === "--write";

/** Comments are not what a program depends on. */
function withoutComments(declarations: string, file: string): string {
  const { comments } = parseSync(file, declarations, { lang: "dts" });
  const bare = comments.reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), declarations);
  return bare.replaceAll(/^\s*\n/gm, "");
}

/** The declarations as they are published, from all the files they are spread over. */
async function rollUp(input: string, file: string): Promise<string> {
  const build = await rolldown({
    input,
    external: /^[^./]/,
    plugins: [dts({ dtsInput: true, emitDtsOnly: true, tsconfig: false, generator: "oxc" })],
  });
  try {
    const { output } = await build.generate({ format: "esm" });
    const [chunk, ...others] = output.filter((one) => one.type === "chunk");
    if (chunk === undefined || others.length > 0) throw new Error(`${file}: ${input} was not rolled up into one file.`);
    const { code, errors } = await format(file, withoutComments(chunk.code, file), { printWidth: 140 });
    if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
    return code;
  } finally {
    await build.close();
  }
}

/** Reports of packages that run on Node only: they may speak of Node's own types. */
const ON_NODE = "api/conformance.d.ts";

/** What a caller hands to his own tools: only he knows its type, and both ends are his. */
const THE_CALLERS = /\btoolContext: any;/;

/** What must not be in public types, whatever was committed. */
function leaks(text: string, file: string): string[] {
  const problems: string[] = [];
  visitAll(text, file, (node) => {
    if (node.type === "TSAnyKeyword" && !THE_CALLERS.test(text.slice(node.start - 20, node.end + 1)))
      problems.push(`${at(file, text, node.start)}: \`any\` in the public types. Write \`unknown\`, or the type.`);
    const source = (node.source as { value?: unknown } | null | undefined)?.value;
    if (typeof source === "string" && !/^(plurivox|@plurivox\/.+)$/.test(source) && !(file === ON_NODE && source.startsWith("node:"))) {
      problems.push(`${at(file, text, node.start)}: the public types import "${source}". They may depend on packages of the house only.`);
    }
  });
  return problems;
}

/** The lines that differ, with their neighbours left out. */
function changes(before: string, after: string): string {
  return diff(before.split("\n"), after.split("\n"))
    .filter(([side]) => side !== 0)
    .map(([side, line]) => `  ${side === 1 ? "-" : "+"} ${line}`)
    .join("\n");
}

const problems: string[] = [];
const seen = new Set<string>();
for (const { path, folder, manifest } of packages()) {
  if (manifest.private === true) continue;
  for (const [entry, { types }] of Object.entries(manifest.exports ?? {})) {
    const file = `api/${[folder, ...entry.split("/").slice(1)].join(".")}.d.ts`;
    seen.add(file);
    const declarations = join(root, path, types!);
    if (!existsSync(declarations)) {
      problems.push(`${path}: ${types} is not there. Run: pnpm build`);
      continue;
    }
    const built = await rollUp(declarations, file);
    problems.push(...leaks(built, file));
    const committed = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "";
    if (built === committed) continue;
    if (write) {
      mkdirSync(join(root, "api"), { recursive: true });
      writeFileSync(join(root, file), built);
      console.log(`wrote ${file}`);
    } else problems.push(`${file}: the public types have changed. If they should, run: pnpm api\n${changes(committed, built)}`);
  }
}
for (const file of globSync("api/*.d.ts", { cwd: root }).filter((name) => !seen.has(name.replaceAll("\\", "/")))) {
  if (write) rmSync(join(root, file));
  else problems.push(`${file}: no package has this entry any more. Run: pnpm api`);
}
report(problems);
