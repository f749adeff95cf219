// `pnpm check`: every gate, two or more at a time. `pnpm check lint budgets` runs only those and shows what they print.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

interface Gate {
  name: string;
  command: string[];
  /** Reads what the gate "build" makes, and waits for it. */
  built?: true;
}

const repository = join(import.meta.dirname, "../..");
const own = (gate: string) => ["node", `scripts/check/${gate}.ts`];

/** The longest first, so that the last one does not run alone. */
const gates: Gate[] = [
  { name: "build", command: ["turbo", "run", "build", "--output-logs=errors-only"] },
  { name: "dead-code", command: ["knip", "--no-config-hints"] },
  { name: "types", command: ["tsc", "-p", "tsconfig.json"] },
  { name: "packages", command: own("packages"), built: true },
  { name: "snippets", command: own("snippets") },
  { name: "isolated-types", command: ["tsc", "-p", "tsconfig.src.json"] },
  { name: "published-types", command: ["tsc", "-p", "tests/types"], built: true },
  { name: "api", command: own("api"), built: true },
  { name: "budgets", command: own("budgets") },
  { name: "lint", command: ["oxlint", "--deny-warnings"] },
  { name: "house", command: own("house") },
  { name: "format", command: ["oxfmt", "--check"] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !gates.some((gate) => gate.name === name));
if (unknown.length > 0) {
  console.error(`check: no gate "${unknown[0]}". There are: ${gates.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}
const chosen = wanted.length === 0 ? gates : gates.filter(({ name }) => wanted.includes(name));
// A gate that reads what was built brings the build with it.
const queue = chosen.some(({ built }) => built) && !chosen.includes(gates[0]!) ? [gates[0]!, ...chosen] : [...chosen];

function run({ command: [program, ...args] }: Gate): Promise<{ passed: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program!, args, {
      cwd: repository,
      env: { ...process.env, NO_COLOR: "1" },
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error) => resolve({ passed: false, output: error.message }));
    child.on("close", (code) => resolve({ passed: code === 0, output: output.trim() }));
  });
}

const failures: string[] = [];
const reports: string[] = [];
const started = performance.now();
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
let build: Promise<boolean> | undefined;

async function pass(gate: Gate): Promise<boolean> {
  if (gate.built && (await build) === false) {
    console.log(`– ${gate.name}: the build failed`);
    return false;
  }
  const since = performance.now();
  const { passed, output } = await run(gate);
  console.log(`${passed ? "✓" : "✗"} ${gate.name.padEnd(16)} ${seconds(since)}`);
  if (!passed) failures.push(gate.name);
  if (!passed || wanted.includes(gate.name)) reports.push(`\n${gate.name}: ${gate.command.join(" ")}\n${output}`);
  return passed;
}

async function work(): Promise<void> {
  for (;;) {
    const gate = queue.shift();
    if (gate === undefined) return;
    const running = pass(gate);
    if (gate.name === "build") build = running;
    await running;
  }
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
for (const text of reports) console.log(text);
console.log(
  failures.length === 0
    ? `\ncheck: ${chosen.length} gates in ${seconds(started)}`
    : `\ncheck: failed in ${seconds(started)}: ${failures.join(", ")}`,
);
process.exit(failures.length === 0 ? 0 : 1);
