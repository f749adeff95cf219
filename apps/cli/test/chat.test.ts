import { describe, expect, test } from "vitest";
import { PATIENT, run, start } from "./cli.ts";
import { startStalled, startVendor } from "./vendor.ts";

describe.concurrent("one prompt", PATIENT, () => {
  test("is answered on stdout; usage and time are on stderr", async () => {
    const { openai } = await startVendor(["hello", "Hello to you, too."]);
    const { code, stdout, stderr } = await run(["chat", "say", "hello"], { env: openai });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello to you, too.\n" });
    expect(stderr).toMatch(
      /^using openai\/\S+ \(OPENAI_API_KEY\)\nopenai\/\S+ · 12 tokens in, 34 out.* · \d\.\d\d s, the first after \d\.\d\d s/,
    );
  });

  test("is answered piece by piece", async () => {
    const server = await startStalled("Just the beginning");
    const cli = start(["hello"], { env: server.anthropic });
    await cli.sees("Just the beginning");
    expect(cli.stdout()).toBe("Just the beginning");
  });

  test("needs no command name, joins its words, and is silent beside the answer with --quiet", async () => {
    const vendor = await startVendor([/^two words$/, "Yes."]);
    expect(await run(["two", "words", "--quiet"], { env: vendor.openai })).toEqual({ code: 0, stdout: "Yes.\n", stderr: "" });
  });

  test("takes what is piped in as the prompt", async () => {
    const vendor = await startVendor([/^from the pipe$/, "Piped."]);
    expect(await run([], { env: vendor.openai, stdin: "from the pipe\n" })).toMatchObject({ code: 0, stdout: "Piped.\n" });
    expect(await run(["-"], { env: vendor.openai, stdin: "from the pipe\n" })).toMatchObject({ code: 0, stdout: "Piped.\n" });
  });

  test("puts what is piped in below the words of the command line", async () => {
    const vendor = await startVendor([/^Review this:\n\ndiff --git$/, "Fine."]);
    expect(await run(["Review this:"], { env: vendor.openai, stdin: "diff --git\n" })).toMatchObject({ code: 0, stdout: "Fine.\n" });
  });

  test("goes on without a pipe that a parent has left open", async () => {
    const vendor = await startVendor(["hello", "Hi."]);
    const { stdout, stderr, code } = await run(["hello"], { env: vendor.openai, stdin: false });
    expect({ stdout, code }).toEqual({ stdout: "Hi.\n", code: 0 });
    expect(stderr).toContain("nothing came on stdin");
  });

  test("sends the options of the command line", async () => {
    const vendor = await startVendor(["hello", "Hi."]);
    const flags = ["--model", "anthropic/some-model", "--system", "Be brief.", "--temperature", "0.5", "--max-output-tokens", "99"];
    expect(await run(["hello", ...flags], { env: vendor.anthropic })).toMatchObject({ code: 0, stdout: "Hi.\n" });
    expect(vendor.bodies()).toMatchObject([
      { model: "some-model", temperature: 0.5, max_tokens: 99, messages: [{ role: "system" }, { role: "user" }] },
    ]);
  });

  test("waits for the whole answer with --no-stream", async () => {
    const vendor = await startVendor(["hello", "Whole."]);
    expect(await run(["hello", "--no-stream"], { env: vendor.openai })).toMatchObject({ code: 0, stdout: "Whole.\n" });
    expect(vendor.bodies()[0]?.["stream"]).not.toBe(true);
  });

  test("shows reasoning on stderr, not in the answer", async () => {
    const vendor = await startVendor();
    vendor.mock.onMessage("riddle", { content: "Forty-two.", reasoning: "Seven times six." });
    const { stdout, stderr } = await run(["riddle"], { env: vendor.anthropic });
    expect(stdout).toBe("Forty-two.\n");
    expect(stderr).toContain("Seven times six.\n");
  });

  test("colours nothing that is not a terminal", async () => {
    const vendor = await startVendor(["hello", "Hi."]);
    const { stdout, stderr } = await run(["hello"], { env: vendor.openai });
    expect(stdout + stderr).not.toContain("\u001B");
  });
});

describe.concurrent("--json", PATIENT, () => {
  test("prints one object", async () => {
    const vendor = await startVendor(["hello", "Hi."]);
    const { code, stdout } = await run(["hello", "--json"], { env: vendor.openai });
    expect(code).toBe(0);
    expect(stdout.trimEnd()).not.toContain("\n");
    expect(JSON.parse(stdout)).toMatchObject({
      text: "Hi.",
      toolCalls: [],
      finishReason: "stop",
      usage: { inputTokens: 12, outputTokens: 34 },
      metrics: { durationMs: expect.any(Number), attempts: 1 },
      warnings: [],
      provider: "openai",
      model: expect.any(String),
    });
  });

  test("prints the error as an object, too", async () => {
    const vendor = await startVendor();
    vendor.mock.onMessage("hello", { error: { message: "No such key", type: "authentication_error" }, status: 401 });
    const { code, stdout, stderr } = await run(["hello", "--json"], { env: vendor.openai });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: "authentication", status: 401, provider: "openai" } });
    expect(stderr).toContain("No such key");
  });

  test("needs a prompt", async () => {
    expect(await run(["--json"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "There is no prompt. Give it as an argument or on stdin.\n",
    });
  });
});

describe.concurrent("errors", PATIENT, () => {
  test("say what happened in one line, without a stack", async () => {
    const vendor = await startVendor();
    vendor.mock.onMessage("hello", { error: { message: "Your key is wrong", type: "authentication_error" }, status: 401 });
    const { code, stdout, stderr } = await run(["hello", "-q"], { env: vendor.anthropic });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^\[anthropic\] 401: Your key is wrong.*\n$/);
    expect(stderr).not.toContain("test-key");
  });

  test("keep the text that had arrived", async () => {
    const server = await startStalled("The beginning");
    const cli = start(["hello"], { env: server.anthropic });
    await cli.sees("The beginning");
    await server.close();
    const { code, stdout, stderr } = await cli.done;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "The beginning\n" });
    expect(stderr).toContain("[anthropic] ");
  });

  test.each([
    ["an unknown option", ["--nonsense"], "unknown option '--nonsense'"],
    ["a temperature that is no number", ["hi", "-t", "warm"], "It must be a number."],
    ["an unknown effort", ["hi", "-r", "extreme"], "Allowed choices are none, minimal, low"],
    ["--json in a conversation", ["--json", "-i"], "--json answers one prompt"],
  ])("wrong usage exits with 2: %s", async (_, args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

test("--help and --version", PATIENT, async () => {
  const help = await run(["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  for (const text of ["--model <provider/model>", "--env-file", "Examples:", "plurivox.config.json", "130"])
    expect(help.stdout).toContain(text);
  expect(await run(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
});

describe.concurrent("Ctrl-C", PATIENT, () => {
  test("aborts the request, keeps the text and exits with 130", async () => {
    const server = await startStalled("Half an ans");
    const cli = start(["hello"], { env: server.anthropic });
    await cli.sees("Half an ans");
    cli.interrupt();
    const { code, stdout, stderr } = await cli.done;
    await server.clientClosed();
    expect({ code, stdout }).toEqual({ code: 130, stdout: "Half an ans\n" });
    expect(stderr).toMatch(/ s, the first after .* · stopped\n$/);
  });

  test("is an error in the object of --json", async () => {
    const server = await startStalled("Half an ans");
    const cli = start(["hello", "--json"], { env: server.anthropic });
    await expect.poll(() => server.requests.length, PATIENT).toBe(1);
    cli.interrupt();
    const { code, stdout } = await cli.done;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: "aborted", provider: "anthropic" } });
  });
});

describe.concurrent("a conversation", PATIENT, () => {
  test("remembers, forgets, changes the model and ends with its input", async () => {
    const vendor = await startVendor(["one", "First."], ["two", "Second."], ["three", "Third."]);
    const cli = start(["-i", "--system", "Be brief."], { env: { ...vendor.openai, ...vendor.anthropic }, stdin: false });
    cli.write("one\n");
    await cli.sees("tokens in");
    cli.write("/model anthropic/some-model\n\ntwo\n");
    await cli.sees("tokens in");
    cli.write("/reset\n/nonsense\nthree\n/exit\nnever\n");
    const { code, stdout, stderr } = await cli.done;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "First.\nSecond.\nThird.\n" });
    expect(stderr).toContain("There is no command /nonsense");
    const conversations = vendor
      .bodies()
      .map(({ messages }) => messages.filter(({ role }) => role !== "system").map(({ content }) => content));
    expect(conversations).toEqual([["one"], ["one", "First.", "two"], ["three"]]);
    expect(vendor.bodies().map(({ model }) => model === "some-model")).toEqual([false, true, true]);
  });

  test("goes on after Ctrl-C with what there is of the answer, and after an error without it", async () => {
    const vendor = await startVendor(
      ["long", "It never ends and it never ends and never will it end.", { streamingProfile: { ttft: 0, tps: 5 }, chunkSize: 3 }],
      ["next", "Done."],
    );
    vendor.mock.onMessage("fail", { error: { message: "Not like this" }, status: 400 });
    const cli = start(["-i", "long"], { env: vendor.openai, stdin: false });
    await cli.sees("It ");
    cli.interrupt();
    await cli.sees("stopped");
    cli.write("fail\n");
    await cli.sees("Not like this");
    cli.write("next\n");
    cli.end();
    const { code, stdout } = await cli.done;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^It .*\nDone\.\n$/);
    const { messages } = vendor.bodies().at(-1)!;
    expect(messages.map(({ content }) => content)).toEqual(["long", stdout.split("\n")[0], "next"]);
  });
});
