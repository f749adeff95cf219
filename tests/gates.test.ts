// A gate that cannot see passes everything. So each one is shown a violation here, and then the same without it.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const bin = (name: string) => join(root, "node_modules/.bin", name);
const node = (script: string, ...args: string[]) => [process.execPath, join(root, script), ...args];
/** Inside the repository, for what has to find its packages; git does not see it. */
const inside = join(import.meta.dirname, ".planted");
const folders: string[] = [inside];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

type Files = Record<string, string | object>;

/** A folder with these files; objects are written as JSON. */
async function plant(files: Files, where = tmpdir()): Promise<string> {
  await mkdir(where, { recursive: true });
  const folder = await mkdtemp(join(where, "plurivox-gate-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

async function run([program, ...args]: string[], cwd = root): Promise<{ passed: boolean; output: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program!, args, { cwd, env: { ...process.env, NO_COLOR: "1" } });
    return { passed: true, output: stdout + stderr };
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return { passed: false, output: stdout + stderr };
  }
}

/** The gate fails on all of the files and says each of the things, and passes on those that are sound. */
async function expectToSee(
  gate: (folder: string) => string[],
  planted: Files,
  says: (string | RegExp)[],
  sound: Files,
  where?: string,
): Promise<void> {
  const bad = await plant(planted, where);
  const seen = await run(gate(bad), bad);
  expect(seen.passed, seen.output).toBe(false);
  for (const thing of says) expect(seen.output).toMatch(thing);
  const good = await plant(sound, where);
  const clear = await run(gate(good), good);
  expect(clear.passed, clear.output).toBe(true);
}

const packageJson = (name: string, more: object = {}) => ({
  name,
  version: "1.0.0",
  license: "MIT",
  type: "module",
  sideEffects: false,
  files: ["dist"],
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
  ...more,
});

const ROOMS = ["message", "model", "provider", "http", "stream", "tools", "output", "media", "pricing", "pipeline", "context"];
const PARALLEL = new Set(["tools", "output", "media", "pricing"]);
/** Whether a room of core may import from another. */
function mayImport(from: string, to: string): boolean {
  if (PARALLEL.has(from) && PARALLEL.has(to)) return false;
  return ROOMS.indexOf(to) < ROOMS.indexOf(from);
}

/** File → its code, and what the linter must say of it; nothing: it must be silent. */
type Linted = Record<string, [code: string, says?: string]>;

function roomsOfCore(): Linted {
  const files: Linted = {
    "packages/core/src/error.ts": [`import { a } from "./message/a.ts";\nexport const b = a;`, "imports nothing"],
    "packages/core/src/index.ts": [`export { a } from "./context/index.ts";`],
    "packages/core/src/provider.ts": [`export { a } from "./provider/index.ts";`],
  };
  const left = "only from its left";
  for (const from of ROOMS) {
    const src = `packages/core/src/${from}`;
    files[`${src}/index.ts`] = [`export { b } from "../error.ts";`];
    files[`${src}/entry.ts`] = [`export { a } from "../index.ts";`, left];
    files[`${src}/author.ts`] = [`export { a } from "../provider.ts";`, left];
    files[`${src}/sdk.ts`] = [`export { OpenAI } from "openai";`, left];
    files[`${src}/node.ts`] = [`export { readFile } from "node:fs/promises";`, left];
    for (const to of ROOMS.filter((name) => name !== from)) {
      files[`${src}/to-${to}.ts`] = [`export { b } from "../${to}/index.ts";`, mayImport(from, to) ? undefined : left];
    }
  }
  const forms = "packages/core/src/stream";
  files[`${forms}/form-value.ts`] = [`import { a } from "../pipeline/a.ts";\nexport const b = a;`, left];
  files[`${forms}/form-type.ts`] = [`import type { A } from "../pipeline/a.ts";\nexport type B = A;`, left];
  files[`${forms}/form-all.ts`] = [`export * from "../pipeline/a.ts";`, left];
  files[`${forms}/form-later.ts`] = [`export const b = () => import("../pipeline/a.ts");`, left];
  files[`${forms}/form-inline.ts`] = [`export type B = import("../pipeline/a.ts").A;`, "consistent-type-imports"];
  files[`${forms}/deep/er.ts`] = [`export { a } from "../../pipeline/a.ts";`, left];
  return files;
}

const LINTED: Linted = {
  ...roomsOfCore(),
  "packages/core/src/http/cycle-a.ts": [`import { b } from "./cycle-b.ts";\nexport const a = b;`, "import(no-cycle)"],
  "packages/core/src/http/cycle-b.ts": [`import { a } from "./cycle-a.ts";\nexport const b = a;`, "import(no-cycle)"],
  "packages/core/src/http/cycle-c.ts": [`import type { D } from "./cycle-d.ts";\nexport type C = D;`, "import(no-cycle)"],
  "packages/core/src/http/cycle-d.ts": [`import type { C } from "./cycle-c.ts";\nexport type D = C;`, "import(no-cycle)"],
  "packages/core/src/http/long.ts": [
    `export function long(a: number): number {\n${"  a += 1;\n".repeat(50)}  return a;\n}`,
    "max-lines-per-function",
  ],
  "packages/core/src/http/short.ts": [`export function short(a: number): number {\n${"  // why\n".repeat(50)}  return a;\n}`],
  "packages/core/src/http/any.ts": [`export const a = (b: any): unknown => b;`, "no-explicit-any"],

  "packages/core/src/http/env.ts": [`export const a = process.env.A;`, "process.env"],
  "packages/core/src/http/env-key.ts": [`export const a = process["env"].A;`, "process.env"],
  "packages/core/src/http/env-parts.ts": [`export const { env } = process;`, "process.env"],
  "packages/core/src/http/env-global.ts": [`export const a = globalThis.process.env.A;`, "globalThis.process"],
  "packages/core/src/http/env-import.ts": [`import { env } from "node:process";\nexport const a = env.A;`, "only from its left"],
  "packages/core/src/context/env.ts": [`export const a = process.env.A;`],
  "packages/provider-x/src/env.ts": [`export const a = process.env.A;`, "process.env"],
  "packages/provider-x/src/env-import.ts": [`import { env } from "node:process";\nexport const a = env.A;`, "reads no environment"],
  "packages/conformance/src/env-import.ts": [`import { env } from "node:process";\nexport const a = env.A;`, "not the kit's"],
  "apps/cli/src/env.ts": [`export const a = process.env.A;`, "process.env"],
  "apps/cli/src/env-import.ts": [`import { env } from "node:process";\nexport const a = env.A;`, "so that the rule"],
  "apps/cli/src/environment.ts": [`export const a = process.env.A;`],
  "apps/cli/src/stdin.ts": [`export const a = process.stdin;`],

  "packages/provider-x/src/core.ts": [`export { a } from "@plurivox/core/provider";\nexport { OpenAI } from "openai";`],
  "packages/provider-x/src/base.ts": [`export { a } from "@plurivox/provider-openai-compatible";`],
  "packages/provider-x/src/core-type.ts": [`import type { A } from "@plurivox/core";\nexport type B = A;`],
  "packages/provider-x/src/core-whole.ts": [`export { a } from "@plurivox/core";`, "may only extend the types"],
  "packages/provider-x/src/core-deep.ts": [`export { a } from "@plurivox/core/context";`, "Of other providers, only openai-compatible"],
  "packages/provider-x/src/other.ts": [`export { a } from "@plurivox/provider-y";`, "Of other providers, only openai-compatible"],
  "packages/provider-x/src/other-later.ts": [
    `export const a = () => import("@plurivox/provider-y");`,
    "Of other providers, only openai-compatible",
  ],
  "packages/provider-x/src/umbrella.ts": [`export { a } from "plurivox";`, "Of other providers, only openai-compatible"],
  "packages/provider-x/src/path.ts": [`export { a } from "../../core/src/index.ts";`, "by its name"],
  "packages/umbrella/src/index.ts": [`export * from "@plurivox/core";\nexport * from "./context.ts";`],
  "packages/umbrella/src/sdk.ts": [`export { OpenAI } from "openai";`, "nothing else"],
  "packages/conformance/src/index.ts": [`export { a } from "@plurivox/core/provider";\nexport { createServer } from "node:http";`],
  "packages/conformance/src/vitest.ts": [`export { test } from "vitest";`, "runner's"],
  "packages/conformance/src/node-test.ts": [`export { test } from "node:test";`, "runner's"],
  "packages/conformance/src/provider.ts": [`export { a } from "@plurivox/provider-y";`, "no provider by name"],
  "apps/cli/src/main.ts": [`export { a } from "plurivox";\nexport { readFileSync } from "node:fs";`],
  "apps/cli/src/core.ts": [`export { a } from "@plurivox/core";`, "imports the umbrella"],
  "apps/cli/src/provider.ts": [`export const a = () => import("@plurivox/provider-y");`, "imports the umbrella"],
};

const gates: Record<string, () => Promise<void>> = {
  async build() {
    const source = { name: "planted", type: "module", exports: { ".": { default: "./dist/index.js" } }, devDependencies: { zod: "*" } };
    const tsdown = () => [process.execPath, bin("../tsdown/dist/run.mjs"), "--config", join(root, "tsdown.config.ts")];
    await expectToSee(
      tsdown,
      { "package.json": source, "src/index.ts": `export { z } from "zod";` },
      [/zod/],
      { "package.json": source, "src/index.ts": "export const a: number = 1;" },
      inside,
    );
  },

  async "dead-code"() {
    const workspace = (more: Files): Files => ({
      "package.json": { name: "planted", private: true, type: "module" },
      "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
      "packages/a/package.json": packageJson("a", { exports: { ".": "./src/index.ts" }, dependencies: { zod: "1.0.0" } }),
      "packages/a/src/index.ts": `import { used } from "./used.ts";\nimport { z } from "zod";\nexport const a = [used, z];`,
      "packages/a/src/used.ts": "export const used = 1;",
      ...more,
    });
    const knip = (folder: string) => [bin("knip"), "--no-config-hints", "--config", join(root, "knip.jsonc"), "--directory", folder];
    const planted = workspace({
      "packages/a/package.json": packageJson("a", { exports: { ".": "./src/index.ts" }, dependencies: { zod: "1.0.0", ajv: "1.0.0" } }),
      "packages/a/src/used.ts": `import { c } from "commander";\nexport const used = c;\nexport const exportedForNobody = 2;\nexport interface TypeForNobody { a: 1 }`,
      "packages/a/src/nobody.ts": "export const nobody = 1;",
    });
    await expectToSee(
      knip,
      planted,
      ["Unused files", /nobody\.ts/, /ajv/, /Unlisted.*\n.*commander/, /exportedForNobody/, /TypeForNobody/],
      workspace({}),
    );
  },

  async types() {
    const { output } = await run([process.execPath, bin("../typescript/bin/tsc"), "-p", "tsconfig.json", "--listFilesOnly"]);
    for (const file of ["packages/core/src/index.ts", "tests/types/output.ts", "scripts/check/index.ts"]) {
      expect(output).toContain(`/${file}\n`);
    }
    const config = { extends: join(root, "tsconfig.json"), include: ["*.ts"], exclude: [] };
    await expectToSee(
      (folder) => [bin("tsc"), "-p", folder],
      {
        "tsconfig.json": config,
        "wrong.ts": `import { createContext } from "plurivox";\ncreateContext({ profile: {} });`,
        "unsure.ts": "export const [a]: [string] = [[] as string[]][0]!;\nexport const b: number = [1][0];",
        "type-tests.ts": `
          import { is, type AnyIn, type IsAny, type Same } from ${JSON.stringify(join(root, "tests/types/assert.ts"))};
          interface Leaky { a: any; b: (c: any) => void; d(): Promise<any>; sound(e: string): Promise<unknown> }
          is<Same<AnyIn<Leaky>, "a" | "b" | "d">>();
          is<Same<IsAny<any>, false>>();
          // @ts-expect-error: nothing is wrong here.
          is<Same<"a" | (string & {}), "a" | (string & {})>>();
          is<Same<"a" | (string & {}), string>>();`,
      },
      [
        /wrong\.ts\(2,17\).*'profile' does not exist/,
        /unsure\.ts\(2,14\).*undefined/,
        /type-tests\.ts\(5,14\).*TS2344/,
        /type-tests\.ts\(6,11\).*Unused '@ts-expect-error'/,
        /type-tests\.ts\(8,14\).*TS2344/,
      ],
      { "tsconfig.json": config, "right.ts": `import { createContext } from "plurivox";\ncreateContext({ profiles: {} });` },
      inside,
    );
  },

  async "isolated-types"() {
    const config = { extends: join(root, "tsconfig.src.json"), include: ["*.ts"], exclude: [] };
    await expectToSee(
      (folder) => [bin("tsc"), "-p", folder],
      { "tsconfig.json": config, "a.ts": "export const a = Math.random();" },
      ["isolatedDeclarations"],
      { "tsconfig.json": config, "a.ts": "export const a: number = Math.random();" },
      inside,
    );
  },

  async "published-types"() {
    const config = { extends: join(root, "tests/types/tsconfig.json"), include: ["*.ts"] };
    const vendor = (type: string) => ({
      "tsconfig.json": config,
      "package.json": { type: "module" },
      "node_modules/a/package.json": packageJson("a"),
      "node_modules/a/dist/index.d.ts": `export declare const a: ${type};`,
      "a.ts": `import { a } from "a";\nexport const b: number = a;`,
    });
    // What is not found is silently \`any\` where declarations are not checked.
    await expectToSee(
      (folder) => [bin("tsc"), "-p", folder],
      vendor(`import("nowhere").Vendor`),
      [/Cannot find module 'nowhere'/],
      vendor("number"),
      inside,
    );
  },

  async lint() {
    const files = Object.fromEntries(Object.entries(LINTED).map(([name, [code]]) => [name, `${code}\n`]));
    const folder = await plant(files);
    await cp(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    const { passed, output } = await run([bin("oxlint"), "--format=json"], folder);
    expect(passed).toBe(false);
    const { diagnostics } = JSON.parse(output) as { diagnostics: { filename: string; code: string; message: string; help?: string }[] };
    const of = (name: string) =>
      diagnostics.filter(({ filename }) => filename === name).map(({ code, message, help }) => `${code}: ${message} ${help}`);
    const wrong = Object.entries(LINTED).filter(([name, [, says]]) =>
      says === undefined ? of(name).length > 0 : !of(name).some((line) => line.includes(says)),
    );
    expect(wrong.map(([name, [, says]]) => [name, says ?? "nothing", of(name)])).toEqual([]);
  },

  async format() {
    const folder = await plant({ "a.ts": "export  const a = 'b'\n", "b.ts": `export const b = "a";\n` });
    await cp(join(root, ".oxfmtrc.json"), join(folder, ".oxfmtrc.json"));
    const seen = await run([bin("oxfmt"), "--check"], folder);
    expect(seen.passed).toBe(false);
    expect(seen.output).toMatch(/a\.ts/);
    expect(seen.output).not.toMatch(/\bb\.ts/);
    expect((await run([bin("oxfmt"), "--check", "b.ts"], folder)).passed).toBe(true);
  },

  async house() {
    const house = (folder: string) => node("scripts/check/house.ts", folder);
    const sound: Files = {
      "packages/core/package.json": packageJson("@plurivox/core"),
      "packages/core/src/error.ts":
        "/** Such as gpt-6-luna. */\nexport const a = 'claude, o1x, foo-gpt-4, llama.cpp, https://github.com/x/y';",
      "packages/core/src/stream/a.ts": "export const a = 1;",
      "packages/provider-x/package.json": packageJson("@plurivox/provider-x", {
        dependencies: { sdk: "^1.0.0", "@plurivox/provider-openai-compatible": "^1.0.0" },
        peerDependencies: { "@plurivox/core": "^1.0.0" },
      }),
      "packages/provider-x/src/models.ts": "export const a = 'gpt-6-luna';",
      "packages/provider-x/src/quirks.ts": "export const a = /^gpt-6/;",
      "packages/provider-x/src/wire/quirks.ts": "export const a = 'o3-mini';",
      "apps/cli/package.json": packageJson("@plurivox/cli", { dependencies: { plurivox: "^1.0.0", commander: "^1.0.0" } }),
    };
    const planted: Files = {
      ...sound,
      "packages/core/package.json": packageJson("@plurivox/core", { dependencies: { sdk: "^1.0.0" } }),
      "packages/core/src/stream/a.ts": "export const a = 'claude-haiku-5-5';",
      "packages/core/src/util/a.ts": "export const a = 1;",
      "packages/provider-x/package.json": packageJson("@plurivox/provider-x", {
        dependencies: { sdk: "1", other: "1", "@plurivox/provider-y": "1" },
      }),
      "packages/provider-x/src/request.ts": [
        "export type A = 'o3-mini';",
        "export const b = (model: string) => model.startsWith('gpt-');",
        "export const c = /^claude-opus/;",
        "export const d = (e: string) => `openai/gpt-4.1-${e}`;",
        "export const f = 'Use mistral-large-latest, or qwen3:8b.';",
      ].join("\n"),
      "apps/cli/package.json": packageJson("@plurivox/cli", { dependencies: { "@plurivox/core": "^1.0.0" } }),
      "apps/cli/src/main.ts": "export const a = 'llama-3.3-70b';",
    };
    await expectToSee(
      house,
      planted,
      [
        "packages/core/src/stream/a.ts:1: model id",
        ...[1, 2, 3, 4, 5].map((line) => `packages/provider-x/src/request.ts:${line}: model id`),
        "apps/cli/src/main.ts:1: model id",
        "packages/core/src/util/a.ts: not in a room",
        "packages/core/package.json: only providers depend on a vendor's SDK",
        "packages/provider-x/package.json: a provider depends on one SDK, not on sdk and other",
        "packages/provider-x/package.json: the only provider that another may depend on is openai-compatible, not @plurivox/provider-y",
        "apps/cli/package.json: an app depends on the umbrella",
      ],
      sound,
    );
  },

  async budgets() {
    const lines = (count: number) => "// a line\n".repeat(count);
    const code = (count: number) => "export type A = 1;\n".repeat(count);
    const noise = Array.from({ length: 1500 }, (_, i) => Math.sin(i + 1).toString(36)).join("");
    const sound: Files = {
      "packages/core/package.json": packageJson("@plurivox/core"),
      "packages/core/src/index.ts": "export const a = () => import('./later.ts');",
      "packages/core/src/later.ts": `export const noise = '${noise}${noise}';`,
      "packages/core/src/long.ts": lines(300),
      "packages/core/src/provider/contract.ts": `${lines(100)}${code(80)}`,
      "packages/provider-x/package.json": packageJson("@plurivox/provider-x"),
      "packages/provider-x/src/index.ts": "export const b = () => import('sdk');\n",
      "packages/provider-x/src/models.ts": lines(1000),
      "packages/provider-x/src/request.ts": code(250),
      "packages/provider-x/src/response.ts": `${lines(1)}${code(249)}`,
      "packages/provider-x/src/embed.ts": code(120),
    };
    await expectToSee(
      (folder) => node("scripts/check/budgets.ts", folder),
      {
        ...sound,
        "packages/core/src/index.ts": "export * from './later.ts';",
        "packages/core/src/long.ts": lines(301),
        "packages/core/src/provider/contract.ts": code(81),
        "packages/provider-x/src/index.ts": "export * from 'sdk';\n",
        "packages/provider-x/src/request.ts": code(251),
        "packages/provider-x/src/embed.ts": code(121),
      },
      [
        /core, longest file \(packages\/core\/src\/long\.ts\): 301 lines, 1 over the limit of 300/,
        /core, contract, lines of code: 81 lines, 1 over/,
        /provider-x, longest file \(packages\/provider-x\/src\/request\.ts\): 251 lines, 1 over/,
        /provider-x, lines of code: 501 lines, 1 over the limit of 500/,
        /provider-x\/src\/embed\.ts: 121 lines, 1 over/,
        /core \+ @plurivox\/provider-x, gzip: \d+ bytes, \d+ over the limit of \d+\.\n +\d+ packages\/core\/src\/later\.ts/,
        /packages\/provider-x: imports "sdk" at once/,
      ],
      sound,
    );
  },

  async snippets() {
    const page = (code: string) => `# Page\n\n\`\`\`ts\nimport { llm } from "plurivox";\n${code}\n\`\`\`\n`;
    await expectToSee(
      (folder) => node("scripts/check/snippets.ts", folder),
      {
        "README.md": page("await llm().complete(1);"),
        "docs/deep/page.md": page("await llm().compleet('');"),
        "packages/core/README.md": page("const wrong: number = llm().label;"),
      },
      [/^README\.md\(5,22\): error/m, /^docs\/deep\/page\.md\(5,13\): error.*'compleet'/m, /^packages\/core\/README\.md\(5,7\): error/m],
      { "README.md": page("await llm().complete('');"), "docs/page.md": "```ts ignore\nnot TypeScript\n```\n" },
      inside,
    );
    const bare = await run(node("scripts/check/snippets.ts", await plant({ "README.md": "# Nothing\n" }, inside)));
    expect(bare).toMatchObject({ passed: false, output: expect.stringContaining("No snippet") });
  },

  async packages() {
    const one = (name: string, manifest: object, types = "export declare const a: number;"): Files => ({
      [`packages/${name}/package.json`]: packageJson(name, manifest),
      [`packages/${name}/LICENSE`]: "MIT",
      [`packages/${name}/dist/index.js`]: "export const a = 1;",
      [`packages/${name}/dist/index.d.ts`]: types,
    });
    await expectToSee(
      (folder) => node("scripts/check/packages.ts", folder),
      {
        ...one("missing-file", { exports: { ".": { types: "./dist/index.d.ts", default: "./dist/other.js" } } }),
        ...one("unresolved-types", {}, `export { a } from "./gone.js";`),
        ...one("conditions", {
          exports: { ".": { "@plurivox/source": "./dist/index.js", types: "./dist/index.d.ts", default: "./dist/index.js" } },
        }),
      },
      [
        /missing-file: publint.*\n?[\s\S]*other\.js/,
        /unresolved-types: attw[\s\S]*Internal resolution error/,
        /conditions: package\.json still says "@plurivox\/source"/,
      ],
      {
        ...one("sound", {
          exports: { ".": { "@plurivox/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" } },
          publishConfig: { exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } } },
        }),
        ...one("never-published", { private: true, exports: { ".": "./nowhere.js" } }),
      },
    );
  },

  async api() {
    const api = (folder: string) => node("scripts/check/api.ts", folder);
    const one = (types: string, committed: string): Files => ({
      "packages/core/package.json": packageJson("@plurivox/core"),
      "packages/core/dist/index.d.ts": `export * from "./chunk-ab12.js";\n`,
      "packages/core/dist/chunk-ab12.d.ts": types,
      "api/core.d.ts": committed,
    });
    const sound = one("/** A number. */\nexport declare const a: number;", "declare const a: number;\nexport { a };\n");
    await expectToSee(
      api,
      one(
        `import { Vendor } from "sdk";\nexport declare const a: string;\nexport declare const leak: any;\nexport declare const vendor: Vendor;`,
        "declare const a: number;\nexport { a };\n",
      ),
      [
        "api/core.d.ts: the public types have changed",
        "  - declare const a: number;\n",
        "  + declare const a: string;\n",
        /api\/core\.d\.ts:3: `any` in the public types/,
        /api\/core\.d\.ts:1: the public types import "sdk"/,
      ],
      sound,
    );
    const stale = await run(api(await plant({ ...sound, "api/gone.d.ts": "" })));
    expect(stale).toMatchObject({ passed: false, output: expect.stringContaining("no package has this entry any more") });
    const folder = await plant({ ...sound, "api/core.d.ts": "", "api/gone.d.ts": "" });
    expect((await run([...api(folder), "--write"])).passed).toBe(true);
    expect((await run(api(folder))).passed).toBe(true);
    expect(await readdir(join(folder, "api"))).toEqual(["core.d.ts"]);
  },
};

const listed = await run(node("scripts/check/index.ts", "no-such-gate"));
const names = /There are: (.*)\./.exec(listed.output)![1]!.split(", ");

test("every gate is shown a violation", () => {
  expect(Object.keys(gates).toSorted()).toEqual(names.toSorted());
});

test.concurrent.each(Object.entries(gates))("gate %s", { timeout: 60_000 }, (_, show) => show());

test("check fails when a gate does", async () => {
  const check = promisify(execFile)(process.execPath, [join(root, "scripts/check/index.ts"), "lint", "format"], {
    env: { PATH: "/nowhere" },
  });
  await expect(check).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining("failed") });
});
