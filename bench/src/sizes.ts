import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

export interface BundleSize {
  bundle: string;
  /** Of the entry chunk, and of all that is loaded on demand, without the vendor's SDK. */
  entryBytes: number;
  entryGzip: number;
  onDemandGzip: number;
}

const BUNDLES: Readonly<Record<string, string>> = {
  core: `export { createContext } from "@plurivox/core";`,
  "core + anthropic": `export { createContext } from "@plurivox/core"; export { anthropic } from "@plurivox/provider-anthropic";`,
  "core + openai": `export { createContext } from "@plurivox/core"; export { openai } from "@plurivox/provider-openai";`,
  plurivox: `export * from "plurivox";`,
};

/** Bundles what a user would import, minified, with the vendors' SDKs left out. */
export async function bundleSizes(): Promise<BundleSize[]> {
  console.log("\nbundle size, minified, without the vendor's SDK");
  const sizes: BundleSize[] = [];
  for (const [bundle, code] of Object.entries(BUNDLES)) {
    const build = await rolldown({
      input: "entry",
      external: ["openai", "@anthropic-ai/sdk"],
      platform: "neutral",
      resolve: { conditionNames: ["import", "default"] },
      plugins: [
        {
          name: "entry",
          resolveId: (id) => (id === "entry" ? `${import.meta.dirname}/entry.js` : undefined),
          load: (id) => (id.endsWith("/entry.js") ? code : undefined),
        },
      ],
    });
    const { output } = await build.generate({ format: "esm", minify: true });
    const chunks = output.filter((item) => item.type === "chunk");
    const gzip = (entry: boolean) =>
      chunks.filter((chunk) => chunk.isEntry === entry).reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
    const entryBytes = chunks.find((chunk) => chunk.isEntry)!.code.length;
    const size = { bundle, entryBytes, entryGzip: gzip(true), onDemandGzip: gzip(false) };
    sizes.push(size);
    console.log(
      `  ${bundle.padEnd(27)} ${(size.entryGzip / 1024).toFixed(1).padStart(9)} KiB gzip (${(entryBytes / 1024).toFixed(1)} KiB), on demand ${(size.onDemandGzip / 1024).toFixed(1)} KiB`,
    );
  }
  return sizes;
}
