import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startLoopback } from "@plurivox/conformance";
import { afterEach, describe, expect, test, vi } from "vitest";
import { mcp } from "../src/index.ts";
import { command, failure, isAlive, run, shown } from "./support.ts";

const CANARY = "canary-8f1c2b7e";

afterEach(() => vi.unstubAllEnvs());

describe("a child process", () => {
  test("gets no more of our environment than it needs, and what it is given", async () => {
    vi.stubEnv("PLURIVOX_CANARY", CANARY);
    await using server = await mcp(command({ SERVER_OWN: "given" }));
    const { output } = await run(server, "environment");
    expect(output).toMatchObject({ SERVER_OWN: "given", PATH: process.env.PATH });
    expect(JSON.stringify(output)).not.toContain(CANARY);
  });

  test("starts in the folder that it is given", async () => {
    const cwd = realpathSync(tmpdir());
    await using server = await mcp({ ...command(), cwd });
    expect((await run(server, "folder")).output).toBe(cwd);
  });

  test.each<Record<string, string>>([{}, { SERVER_STAYS: "1" }])("ends when the server is closed: %j", async (env) => {
    const server = await mcp(command(env));
    const pid = Number((await run(server, "pid")).output);
    expect(isAlive(pid)).toBe(true);
    await Promise.all([server.close(), server.close()]);
    expect(isAlive(pid)).toBe(false);
    await server.close();
  });

  test("ends with `await using`", async () => {
    let pid = 0;
    {
      await using server = await mcp(command());
      pid = Number((await run(server, "pid")).output);
    }
    expect(isAlive(pid)).toBe(false);
  });

  test("that dies fails the call with its last words, and all calls after it", async () => {
    await using server = await mcp(command({ SERVER_TOKEN: CANARY }), { name: "mortal" });
    const died = await failure(run(server, "die"));
    expect(died.kind).toBe("connection");
    expect(died.message).toBe(
      'MCP server "mortal": Connection closed. Its last words: I had to go, [redacted]. Check that the server runs, and call mcp() again.',
    );
    expect(await failure(run(server, "echo", { text: "?" }))).toMatchObject({ kind: "connection" });
    expect(await failure(server.refresh())).toMatchObject({ kind: "connection" });
  });

  test("that cannot start says why", async () => {
    const error = await failure(mcp(command({ SERVER_REFUSES: "/nowhere" }), { name: "picky" }));
    expect(error.kind).toBe("connection");
    expect(error.message).toContain('"picky"');
    expect(error.message).toContain("There is no database at /nowhere.");
  });

  test.each([{ command: "no-such-command-8f1c" }, { ...command(), cwd: "/no/such/folder" }, { command: "" }])(
    "that does not exist is a configuration error: %j",
    async (target) => {
      const error = await failure(mcp(target));
      expect(error.kind).toBe("configuration");
      expect(error.message).toContain("Check that the command is installed");
    },
  );

  test("repeats no secret of its environment to the model", async () => {
    await using server = await mcp(command({ SERVER_TOKEN: CANARY }));
    const error = await failure(run(server, "leak"));
    expect(error.message).toContain("Your key [redacted] is wrong.");
    expect(shown(error)).not.toContain(CANARY);
  });

  test("ends when connecting is aborted", async () => {
    const aborting = new AbortController();
    await using witness = await startLoopback(() => aborting.abort());
    // It tells that it was spoken to, and never answers.
    const script = `process.stdin.once("data", () => fetch("${witness.url}"))`;
    const error = await failure(mcp({ command: process.execPath, args: ["-e", script] }, { signal: aborting.signal }));
    expect(error.kind).toBe("aborted");
    await witness.clientClosed();
  });
});

test("importing the package loads neither the SDK nor anything else of weight", async () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ resolve(name, context, next) { const found = next(name, context); loaded.push(found.url); return found; } });
    await import(${JSON.stringify(join(import.meta.dirname, "../src/index.ts"))});
    console.log(loaded.join("\\n"));
  `;
  const args = ["--conditions=@plurivox/source", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  expect(stdout).toContain("src/mcp.ts");
  expect(stdout).not.toContain("modelcontextprotocol");
  expect(stdout).not.toContain("zod");
});
