// How large things may grow: lines of source, and bytes that a program loads. Raising a limit is a commit of its own, with the reason.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown, type OutputChunk } from "rolldown";
import { minifySync } from "rolldown/utils";
import { packages, read, report, root, sources, type Package } from "./workspace.ts";

const LINES = {
  coreFile: 300,
  providerFile: 250,
  // Lines of code, without comments and blank lines: nobody should save on the words that explain a vendor.
  /** A provider's src, less its tables of data and the files of further kinds. */
  chatWire: 500,
  furtherKind: 120,
  contract: 80,
};
const CONTRACT = "packages/core/src/provider/contract.ts";
/**
 * Providers that hold more than one wire. The base of all hosts that speak OpenAI's has two, and as a third part what differs between hosts:
 * the compat data, the habits of servers that are nobody's own, and every item of the responses wire.
 */
const PARTS: Readonly<Record<string, number>> = { "provider-openai-compatible": 3 };
/** What models can do, and what hosts are known by name: a line for each, and the more the better. */
const DATA_TABLE = /\/(models|presets)\.ts$/;
/** A file per model kind beside chat. */
const FURTHER_KIND = /\/(embed|image|rerank|speech|transcribe|moderate)\.ts$/;

/** Core and one provider, minified and compressed: what is loaded at once, without the SDK and what else comes on first use. */
const ENTRY_BYTES = 12 * 1024;

interface Row {
  what: string;
  used: number;
  allowed: number;
  unit: "lines" | "bytes";
  /** What is in it, the heaviest first; shown where the limit is exceeded. */
  parts?: [string, number][];
}

const lines = (file: string) => read(file).split("\n").length - 1;
const gzipped = (code: string) => gzipSync(code, { level: 9 }).length;
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

function linesOfCode(file: string): number {
  const bare = read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  return bare.split("\n").filter((line) => line.trim() !== "").length;
}

function longestFile(what: string, files: string[], allowed: number): Row[] {
  const sized = files.map((file): [string, number] => [file, lines(file)]).toSorted(([, a], [, b]) => b - a);
  const [longest] = sized;
  if (longest === undefined) return [];
  return [{ what: `${what} (${longest[0]})`, used: longest[1], allowed, unit: "lines", parts: sized.filter(([, used]) => used > allowed) }];
}

function lineRows(all: readonly Package[]): Row[] {
  const rows = longestFile("core, longest file", sources("packages/core/src"), LINES.coreFile);
  if (existsSync(join(root, CONTRACT)))
    rows.push({ what: "core, contract, lines of code", used: linesOfCode(CONTRACT), allowed: LINES.contract, unit: "lines" });
  for (const { path, folder } of all.filter((one) => one.folder.startsWith("provider-"))) {
    const files = sources(`${path}/src`).filter((file) => !DATA_TABLE.test(file));
    const chat = files.filter((file) => !FURTHER_KIND.test(file));
    const parts = PARTS[folder] ?? 1;
    rows.push(...longestFile(`${folder}, longest file`, files, LINES.providerFile));
    rows.push({
      what: `${folder}, lines of code`,
      used: sum(chat.map(linesOfCode)),
      allowed: LINES.chatWire * parts,
      unit: "lines",
      parts: chat.map((file): [string, number] => [file, linesOfCode(file)]).toSorted(([, a], [, b]) => b - a),
    });
    for (const file of files.filter((name) => FURTHER_KIND.test(name)))
      rows.push({ what: file, used: linesOfCode(file), allowed: LINES.furtherKind, unit: "lines" });
  }
  return rows;
}

/** The chunks that a chunk cannot start without, itself first. */
function atOnce(entry: OutputChunk, chunks: readonly OutputChunk[]): OutputChunk[] {
  const found = new Set([entry]);
  for (const chunk of found) for (const name of chunk.imports) found.add(chunks.find(({ fileName }) => fileName === name) ?? chunk);
  return [...found];
}

/** What a program loads that uses core and one provider, and which packages come with it. */
async function loaded({ path, manifest }: Package): Promise<{ row: Row; packages: string[] }> {
  const entry = "\0entry";
  const build = await rolldown({
    input: { entry },
    platform: "node",
    // Sources, not what was built: no stale bytes, and each module can be weighed. Everything else stays outside.
    resolve: { conditionNames: ["@plurivox/source", "import", "node", "default"] },
    external: (id) => !/^(\0|\.|\/|@plurivox\/|[A-Za-z]:)/.test(id),
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) =>
          id === entry
            ? `export * from ${JSON.stringify(join(root, "packages/core/src/index.ts"))}; export * from ${JSON.stringify(join(root, path, "src/index.ts"))};`
            : undefined,
      },
    ],
  });
  try {
    const { output } = await build.generate({ format: "esm", minify: true });
    const chunks = output.filter((one) => one.type === "chunk");
    const first = atOnce(
      chunks.find(({ isEntry }) => isEntry)!,
      chunks,
    );
    const outside = first.flatMap(({ imports }) => imports).filter((name) => !chunks.some(({ fileName }) => fileName === name));
    const modules = first.flatMap(({ modules: of }) => Object.entries(of));
    // By itself a module compresses worse than among others: the parts are more than their sum, but in proportion.
    const parts = modules.map(([id, { code }]): [string, number] => [
      id.slice(root.length + 1),
      gzipped(minifySync("module.js", code ?? "").code),
    ]);
    const used = gzipped(first.map(({ code }) => code).join("\n"));
    const row: Row = {
      what: `core + ${manifest.name}, gzip`,
      used,
      allowed: ENTRY_BYTES,
      unit: "bytes",
      parts: parts.toSorted(([, a], [, b]) => b - a),
    };
    return { row, packages: outside };
  } finally {
    await build.close();
  }
}

const all = packages();
const rows = lineRows(all);
const problems: string[] = [];
for (const provider of all.filter(
  ({ folder }) => folder.startsWith("provider-") && existsSync(join(root, "packages", folder, "src/index.ts")),
)) {
  const { row, packages: outside } = await loaded(provider);
  rows.push(row);
  for (const name of outside)
    problems.push(`${provider.path}: imports "${name}" at once. Load it on the first call: await import("${name}").`);
}

const width = Math.max(...rows.map(({ what }) => what.length));
for (const { what, used, allowed, unit } of rows) {
  console.log(`${used > allowed ? "✗" : "✓"} ${what.padEnd(width)} ${String(used).padStart(6)} of ${String(allowed).padStart(5)} ${unit}`);
}
for (const { what, used, allowed, unit, parts = [] } of rows.filter((row) => row.used > row.allowed)) {
  const heaviest = parts.slice(0, 12).map(([name, size]) => `\n    ${String(size).padStart(6)} ${name}`);
  problems.push(`${what}: ${used} ${unit}, ${used - allowed} over the limit of ${allowed}.${heaviest.join("")}`);
}
report(problems);
