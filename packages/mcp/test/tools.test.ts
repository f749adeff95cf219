import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mcp, type McpServer } from "../src/index.ts";
import { toNames } from "../src/tools.ts";
import type { Mode } from "./server.ts";
import { connect, failure, listening, run, type Running } from "./support.ts";

const MODES: Mode[] = ["stdio", "http", "modern"];
const LONG = `a_tool_with_a_name_that_is_${"very_".repeat(10)}long`;

describe.each(MODES)("over %s", (mode) => {
  let server: McpServer;
  beforeAll(async () => {
    server = await connect(mode);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("every page is listed, with names that vendors take", async () => {
    expect(server.name).toBe("test-server");
    expect(server.tools.length).toBeGreaterThan(15);
    const names = server.tools.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z_][\w-]{0,63}$/);
    expect(server.tools[0]).toMatchObject({ name: "echo", description: "Says it again" });
    expect(server.tools[0]?.input).toMatchObject({ type: "object", properties: { text: { type: "string" } }, required: ["text"] });
    expect(server.tools[1]).toMatchObject({ name: "json", description: "A text that is JSON" });
  });

  test("a tool is called, and gives a text, structured content, or pieces", async () => {
    expect((await run(server, "echo", { text: "grüezi" })).output).toBe("grüezi");
    expect((await run(server, "json", undefined)).output).toBe('{"a":1}');
    expect((await run(server, "nothing")).output).toBe("");
    expect((await run(server, "add", { a: 2, b: 3 })).output).toEqual({ sum: 5 });
    expect((await run(server, "picture")).output).toEqual([{ type: "image", mediaType: "image/png", base64: "cGl4ZWxz" }]);
    expect((await run(server, "look")).output).toEqual({
      content: [{ type: "image", mediaType: "image/png", base64: "cGl4ZWxz" }],
      structuredContent: { width: 1 },
    });
    expect((await run(server, "pieces")).output).toEqual([
      { type: "text", text: "See:" },
      { type: "image", mediaType: "image/png", base64: "cGl4ZWxz" },
      { type: "audio", mediaType: "audio/wav", base64: "d2F2ZXM=" },
      { type: "resource-link", uri: "file:///a.txt", name: "a.txt", description: "A file", mediaType: "text/plain" },
      { type: "resource-link", uri: "file:///b", name: "b" },
      { type: "resource", uri: "file:///a.txt", mediaType: "text/plain", text: "words" },
      { type: "resource", uri: "file:///c", base64: "Ynl0ZXM=" },
    ]);
  });

  test("what fails is an error of kind tool with the server's words", async () => {
    const failed = await failure(run(server, "fail"));
    expect(failed).toMatchObject({ kind: "tool", toolName: "fail", retryable: false });
    expect(failed.message).toBe('The tool "fail" of the MCP server "test-server" failed: The disk is full.\nBuy another.');
    expect((await failure(run(server, "fail_silently"))).message).toContain("does not say why");
    const wrong = await failure(run(server, "add_wrongly"));
    expect(wrong.kind).toBe("tool");
    expect(wrong.message).toContain("output schema");
  });

  test("progress is yielded while the tool runs", async () => {
    const { yields, output } = await run(server, "steps", {}, { onYield: () => run(server, "go_on") });
    expect(yields).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
    expect(output).toBe("done");
  });

  test("an abort reaches the server", async () => {
    const reason = new Error("The user has left.");
    const caller = new AbortController();
    const call = run(server, "slow", {}, { signal: caller.signal, onYield: () => caller.abort(reason) });
    const aborted = await failure(call);
    expect(aborted).toMatchObject({ kind: "aborted", cause: reason });
    const { output } = await run(server, "cancelled");
    expect(output).not.toContain("The user has left");
    expect((await failure(run(server, "echo", {}, { signal: caller.signal }))).kind).toBe("aborted");
  });

  test("calls run side by side", async () => {
    const words = Array.from({ length: 20 }, (_, index) => `word ${index}`);
    const answers = await Promise.all(words.map((text) => run(server, "echo", { text })));
    expect(answers.map(({ output }) => output)).toEqual(words);
  });

  test("the tools follow the server's, and only they", async () => {
    const changed = Promise.withResolvers<string[]>();
    await using growing = await connect(mode, {
      include: (name) => name !== "fail",
      onToolsChanged: (tools) => changed.resolve(tools.map(({ name }) => name)),
    });
    const before = growing.tools;
    await run(growing, "grow");
    const names = await changed.promise;
    expect(names).toContain("late");
    expect(names).not.toContain("fail");
    expect(before.some(({ name }) => name === "late")).toBe(false);
    expect((await run(growing, "late")).output).toBe("Here I am.");
    const tools = await growing.refresh();
    expect(tools.map(({ name }) => name)).toEqual(names);
    expect(growing.tools).toBe(tools);
  });

  test("tools with odd names are called by their own", async () => {
    const odd = server.tools.filter(({ name }) => name.startsWith("files_read_all_")).map(({ name }) => name);
    expect(odd).toHaveLength(2);
    const outputs = await Promise.all(odd.map(async (name) => (await run(server, name)).output));
    expect(outputs).toEqual(["files/read.all", "files.read/all"]);
    const long = server.tools.find(({ name }) => name.startsWith("a_tool_with"))?.name ?? "";
    expect(long).toHaveLength(64);
    expect((await run(server, long)).output).toBe("long");
  });
});

test("a name fits, stays the same in any order, and is the server's own where that fits", () => {
  const names = ["read", "a.b", "a_b", "a/b", "", "9lives", "-x", "ü".repeat(70), LONG, `${LONG}er`];
  const first = toNames(names, "");
  const second = toNames(names.toReversed(), "");
  for (const name of names) {
    expect(first.get(name)).toMatch(/^[A-Za-z_][\w-]{0,63}$/);
    expect(second.get(name)).toBe(first.get(name));
  }
  expect(new Set(first.values()).size).toBe(names.length);
  expect(first.get("read")).toBe("read");
  expect(first.get("a_b")).toBe("a_b");
  expect(first.get("9lives")).toBe("_9lives");
  expect(toNames(["read"], "files-").get("read")).toBe("files-read");
  expect(toNames(["a.b"], "x_").get("a.b")).toBe("x_a_b");
});

describe("with options", () => {
  let running: Running;
  beforeAll(async () => {
    running = await listening("http");
  });
  afterAll(() => running.kill());
  const include = ["echo", "add", "pieces"];

  test("a prefix, and only the tools that are wanted", async () => {
    await using server = await mcp(running, { prefix: "test_", include: ["echo", "add"] });
    expect(server.tools.map(({ name }) => name)).toEqual(["test_echo", "test_add"]);
    expect((await run(server, "test_echo", { text: "hello" })).output).toBe("hello");
  });

  test("a wanted tool that the server does not have is a configuration error", async () => {
    const error = await failure(mcp(running, { include: ["echo", "write"] }));
    expect(error.kind).toBe("configuration");
    expect(error.message).toContain('"test-server" has no tool "write"');
    expect(error.message).toContain("echo, json");
  });

  test.each([
    [undefined, [undefined, undefined, undefined]],
    [true, [true, true, true]],
    // echo is marked as nothing, add as read-only, pieces as harmless.
    ["destructive" as const, [true, false, false]],
  ])("approval: %s", async (approval, expected) => {
    await using server = await mcp(running, { include, approval });
    expect(server.tools.map((tool) => tool.approval)).toEqual(expected);
  });

  test("approval by a function of the server's name for the tool, and the input", async () => {
    const asked: unknown[] = [];
    const approval = (...call: unknown[]) => asked.push(call) > 1;
    await using server = await mcp(running, { include, prefix: "test_", approval });
    const rules = server.tools.map((tool) => tool.approval as (input: unknown) => boolean);
    expect([rules[0]?.({ text: "a" }), rules[1]?.({ a: 1 })]).toEqual([false, true]);
    expect(asked).toEqual([
      ["echo", { text: "a" }],
      ["add", { a: 1 }],
    ]);
  });
});
