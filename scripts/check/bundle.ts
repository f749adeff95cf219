import { gzipSync } from "node:zlib";
import { rolldown, type OutputChunk } from "rolldown";
import { minifySync } from "rolldown/utils";

/** What a program weighs that imports some modules of this workspace, minified, without packages from elsewhere. */
export interface Bundle {
  /** Bytes, and bytes compressed, of what is loaded at once. */
  entryBytes: number;
  entryGzip: number;
  /** Of what else comes on first use. */
  onDemandGzip: number;
  /** Packages from elsewhere that are loaded at once. */
  outside: string[];
  /** What is loaded at once, by file, the heaviest first. By itself a file compresses worse than among others: its bytes are right only in proportion. */
  modules(): [string, number][];
}

const gzipped = (code: string) => gzipSync(code, { level: 9 }).length;
const codeOf = (chunks: readonly OutputChunk[]) => chunks.map(({ code }) => code).join("\n");

/** The chunks that a chunk cannot start without, itself first. */
function atOnce(entry: OutputChunk, chunks: readonly OutputChunk[]): OutputChunk[] {
  const found = new Set([entry]);
  for (const chunk of found) for (const name of chunk.imports) found.add(chunks.find(({ fileName }) => fileName === name) ?? chunk);
  return [...found];
}

/** Bundles all that `files` export, from their sources: no stale bytes, and each module can be weighed. */
export async function bundle(root: string, files: readonly string[]): Promise<Bundle> {
  const entry = "\0entry";
  const build = await rolldown({
    input: { entry },
    platform: "node",
    resolve: { conditionNames: ["@plurivox/source", "import", "node", "default"] },
    external: (id) => !/^(\0|\.|\/|@plurivox\/|[A-Za-z]:)/.test(id),
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? files.map((file) => `export * from ${JSON.stringify(file)};`).join("\n") : undefined),
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
    const rest = chunks.filter((chunk) => !first.includes(chunk));
    const code = codeOf(first);
    return {
      entryBytes: code.length,
      entryGzip: gzipped(code),
      onDemandGzip: gzipped(codeOf(rest)),
      // "node:module" is what the bundler's own runtime asks for.
      outside: first
        .flatMap(({ imports }) => imports)
        .filter((name) => name !== "node:module" && !chunks.some(({ fileName }) => fileName === name)),
      modules: () =>
        first
          .flatMap(({ modules }) => Object.entries(modules))
          .map(([id, module]): [string, number] => [id.slice(root.length + 1), gzipped(minifySync("module.js", module.code ?? "").code)])
          .toSorted(([, a], [, b]) => b - a),
    };
  } finally {
    await build.close();
  }
}
