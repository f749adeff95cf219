import { fileURLToPath } from "node:url";
import { bundle, type Bundle } from "../../scripts/check/bundle.ts";

export interface BundleSize extends Pick<Bundle, "entryBytes" | "entryGzip" | "onDemandGzip"> {
  what: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const file = (folder: string) => `${root}packages/${folder}/src/index.ts`;
/** Core with each single provider is measured, and kept in bounds, by `pnpm check`. */
const BUNDLES: Readonly<Record<string, string[]>> = {
  core: [file("core")],
  "core + anthropic": [file("core"), file("provider-anthropic")],
  "core + openai": [file("core"), file("provider-openai")],
  "plurivox, with all providers": [file("umbrella")],
};

/** What a program loads that uses some of the packages, without the vendors' SDKs. */
export async function bundleSizes(): Promise<BundleSize[]> {
  console.log("\nbundle size, minified, without the vendors' SDKs");
  const kib = (bytes: number) => (bytes / 1024).toFixed(1);
  const sizes: BundleSize[] = [];
  for (const [what, files] of Object.entries(BUNDLES)) {
    const { entryBytes, entryGzip, onDemandGzip } = await bundle(root, files);
    sizes.push({ what, entryBytes, entryGzip, onDemandGzip });
    console.log(`  ${what.padEnd(29)} ${kib(entryGzip).padStart(6)} KiB gzip (${kib(entryBytes)} KiB), on demand ${kib(onDemandGzip)} KiB`);
  }
  return sizes;
}
