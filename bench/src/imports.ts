import { execFileSync } from "node:child_process";

export interface ImportCost {
  module: string;
  /** Milliseconds of CPU in a fresh process, less those of an empty one. */
  cpuMs: number;
}

const MODULES = ["plurivox", "@plurivox/core", "openai", "@anthropic-ai/sdk"];

/** Imports the built packages, as a user's program does, each in a fresh process. */
export function coldImports(rounds: number): ImportCost[] {
  const cost = (code: string): number => {
    const script = `${code}; const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000));`;
    return Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: import.meta.dirname, encoding: "utf8" }));
  };
  const samples = new Map<string, number[]>(["", ...MODULES].map((name) => [name, []]));
  for (let i = 0; i < rounds; i++)
    for (const [name, list] of samples) list.push(cost(name === "" ? "" : `await import(${JSON.stringify(name)})`));
  const median = (name: string) => samples.get(name)!.toSorted((a, b) => a - b)[rounds >> 1]!;
  console.log("\nCPU of a cold import, built packages");
  return MODULES.map((module) => {
    const cpuMs = median(module) - median("");
    console.log(`  ${module.padEnd(27)} ${cpuMs.toFixed(1).padStart(9)} ms`);
    return { module, cpuMs };
  });
}
