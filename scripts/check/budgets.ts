// How large things may grow: lines of source, and bytes that a program loads. Raising a limit is a commit of its own, with the reason.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
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
 * the compat data, the habits of servers that are nobody's own, and every item of the responses wire. Its readers are classes, which say each field twice.
 */
const PARTS: Readonly<Record<string, number>> = {
  // A fourth part: which item of a response an event is about, where servers leave out or mix up
  // ids and indexes.
  "provider-openai-compatible": 4.1,
  // The same requests go to two services, each with its own addresses and credentials, and a
  // signature may hang on a part of any of a dozen kinds. Of its
  // own tools the vendor says only by their results which they were, in a stream some chunks later:
  // finding their calls is a file of its own.
  "provider-google": 1.4,
};
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

/** What a program loads that uses core and one provider, and which packages come with it. */
async function loaded({ path, manifest }: Package): Promise<{ row: Row; packages: string[] }> {
  const { entryGzip, outside, modules } = await bundle(root, [join(root, "packages/core/src/index.ts"), join(root, path, "src/index.ts")]);
  const row: Row = { what: `core + ${manifest.name}, gzip`, used: entryGzip, allowed: ENTRY_BYTES, unit: "bytes", parts: modules() };
  return { row, packages: outside };
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
