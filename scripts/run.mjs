// What `npm start`, `npm test`, `npm run build` and `npm run check` do on a machine that has nothing but Node and npm.
// Plain JavaScript without dependencies: it runs before anything is installed, on whatever Node the machine has.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32";
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const stampFile = join(root, "node_modules", ".plurivox-installed");
const parent = process.ppid;
const [task, ...args] = process.argv.slice(2);

// The workspace brings its own Node, pnpm and turbo; ahead in PATH, they are what every step and its children find.
const ownBin = join(root, "node_modules", ".bin");
const ownNode = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");
const env = { ...process.env, PATH: ownBin + delimiter + process.env.PATH, TURBO_TELEMETRY_DISABLED: "1" };

const say = (text) => process.stderr.write(`plurivox: ${text}\n`);

function stop(...lines) {
  lines.forEach(say);
  process.exit(1);
}

/** Starts a program. It resolves with the exit code, or with the name of the signal or the error that ended it. */
function run(command, commandArgs, options) {
  const child = spawn(command, commandArgs, { env, ...options });
  child.ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  // `npm start` gives a signal to its shell alone, which dies without passing it on: then nobody is left to work for.
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 250).unref();
  return child;
}

/** Runs one step without its output. If the step fails, this shows the end of the output and what to do, and exits. */
async function step(name, command, commandArgs, advise) {
  // A step that has nothing to do is over sooner, and nobody needs to read about it.
  const notice = setTimeout(() => say(`${name} …`), 400);
  const child = run(command, commandArgs, { cwd: root, shell: windows, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const result = await child.ended;
  clearTimeout(notice);
  if (result === 0) return;
  process.stderr.write(`${output.trimEnd().split("\n").slice(-40).join("\n")}\n`);
  stop(`${name} failed (${result}). The end of its output is above.`, advise(output));
}

/** Changes when the dependencies do, or when the folder comes from another kind of machine. */
function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\n`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

async function install() {
  const wanted = fingerprint();
  const found = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : undefined;
  if (found === wanted) return;
  // Without a stamp the last install was cut short, if there was one, so the pnpm in there may be broken: npm gets a fresh one.
  const version = manifest.devDependencies.pnpm;
  const usable = found !== undefined && JSON.parse(readFileSync(join(root, "node_modules/pnpm/package.json"), "utf8")).version === version;
  rmSync(stampFile, { force: true });
  const patience = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000"];
  const pnpm = usable ? ["pnpm"] : ["npm", "exec", "--yes", ...patience, `--package=pnpm@${version}`, "--", "pnpm"];
  const [command, ...rest] = [...pnpm, "install", "--frozen-lockfile"];
  await step("installing dependencies", command, rest, (output) => {
    if (/OUTDATED_LOCKFILE/.test(output)) return `pnpm-lock.yaml does not match package.json. Run: npx pnpm@${version} install`;
    if (/ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ERR_SOCKET|META_FETCH|network/i.test(output))
      return "The npm registry must be reachable for the first run. Check the connection (`npm ping`) or the proxy, then run the same command again.";
    return "Run the same command again. If it fails the same way, delete the node_modules folder and try once more.";
  });
  writeFileSync(stampFile, wanted);
}

async function build() {
  await step("building", "turbo", ["run", "build", "--output-logs=errors-only"], () => "Correct the error, then try again.");
}

/** Leaves the terminal to another program and ends as that one ends. */
async function handOver(program, cwd) {
  const child = run(ownNode, program, { cwd, stdio: "inherit" });
  const terminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // The terminal itself gives Ctrl-C to the child too: passed on, it would arrive twice, as from an impatient user.
    process.on(signal, () => (signal === "SIGINT" && terminal) || child.kill(signal));
  }
  const result = await child.ended;
  if (typeof result === "number") process.exit(result);
  if (result in constants.signals) process.exit(128 + constants.signals[result]);
  stop(`could not run ${ownNode} (${result}).`, "Delete the node_modules folder, then run the same command again.");
}

/** Runs the example of this name, or says which ones there are. */
function example() {
  const [name, ...others] = args;
  const file = join(root, "examples", `${name}.ts`);
  const names = readdirSync(join(root, "examples")).flatMap((one) => (one.endsWith(".ts") ? [one.slice(0, -3)] : []));
  if (!names.includes(name)) stop(`an example has a name: npm run example NAME. These are there: ${names.join(", ")}.`);
  return handOver(["--conditions=@plurivox/source", file, ...others], process.cwd());
}

const vitest = join(root, "node_modules/vitest/vitest.mjs");
const tasks = {
  bench: () => handOver(["--conditions=@plurivox/source", join(root, "bench/src/main.ts"), ...args], root),
  check: () => handOver([join(root, "scripts/check/index.ts"), ...args], root),
  example,
  build: () => say("built: packages/*/dist and apps/*/dist"),
  start: () => handOver([join(root, "apps/cli/dist/main.js"), ...args], process.cwd()),
  test: () => handOver([vitest, "run", ...args], root),
  "test:slow": () => handOver([vitest, "run", "--config", "vitest.slow.config.ts", ...args], root),
};

if (Number(process.versions.node.split(".")[0]) < 20) {
  stop(`Node ${process.versions.node} is too old: 20 or newer is needed to start. The workspace then brings the Node it runs on.`);
}
if (!Object.hasOwn(tasks, task)) stop(`unknown task "${task}". Use one of: ${Object.keys(tasks).join(", ")}.`);
await install();
// For `check` the build is a gate among others, and runs beside those that do without it; an example runs from the sources.
if (task !== "check" && task !== "example") await build();
tasks[task]();
