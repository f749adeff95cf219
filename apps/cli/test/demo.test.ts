import { existsSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { PATIENT, run, start, type Ended } from "./cli.ts";

/** Wires that are called as their provider is. */
const ONE_WIRE = ["anthropic", "google", "mistral", "cohere", "groq", "ollama", "azure", "openrouter"];

describe("without a key", PATIENT, () => {
  let shown: Ended;
  beforeAll(async () => {
    shown = await run([], { env: { npm_lifecycle_event: "start" } });
  }, PATIENT.timeout);

  test("the demo says what it is, and ends by itself", () => {
    expect(shown.code).toBe(0);
    expect(shown.stderr).toMatch(/^DEMO: no API key was found.* at http:\/\/127\.0\.0\.1:\d+\.\n/);
  });

  test.each(["openai responses", "openai chat", ...ONE_WIRE])("it shows the wire of %s in one line: a tool call, text and time", (wire) => {
    const [line, ...others] = shown.stdout.split("\n").filter((one) => one.startsWith(`  ${wire} `));
    expect(others).toEqual([]);
    expect(line).toMatch(/ → get_weather\(Oslo\) → 7 °C and light rain\. {2}(\d+ tokens · )?\d\.\d\d s$/);
  });

  test("it shows reasoning and tokens wherever the mock has them", () => {
    expect(shown.stdout.match(/I have to look\. →/g)).toHaveLength(5);
    expect(shown.stdout.match(/rain\. {2}\d+ tokens/g)).toHaveLength(7);
  });

  test("it shows data, a rate limit and a broken stream that are tried again, and a fallback", () => {
    expect(shown.stdout).toContain("{ name: 'Oslo', country: 'Norway', coastal: true }");
    expect(shown.stdout).toMatch(/ ✗ 429, again after \d\.\d\d s → At the second try, yes\./);
    expect(shown.stdout).toMatch(
      / A sentence.* ✗ incomplete-stream, again after \d\.\d\d s → A sentence that breaks off is never taken for a whole one\./,
    );
    expect(shown.stdout).toMatch(/ ✗ openai → mistral: I am, in its place\./);
  });

  test("it says what to do next, in the words that started it", () => {
    for (const text of ['npm start -- "Why is the sky blue?"', "OPENAI_API_KEY, ANTHROPIC_API_KEY, ", "Ollama or LM Studio"])
      expect(shown.stderr).toContain(text);
  });
});

describe.concurrent("the demo", PATIENT, () => {
  test("a prompt is answered by the demo, which says so", async () => {
    const { code, stdout, stderr } = await run(["Who are you?", "--quiet"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^DEMO: /);
    expect(stdout).toMatch(/^You asked "Who are you\?"\. This is the demo/);
  });

  test("the demo's conversation changes between the wires", async () => {
    const cli = start(["-i", "Hello"], { stdin: "/model anthropic\nHello again\n/model cohere\nAnd again\n" });
    const { code, stdout, stderr } = await cli.done;
    expect(code).toBe(0);
    expect(stdout.match(/This is the demo/g)).toHaveLength(3);
    expect(stdout).not.toContain("no model reads the question");
    for (const provider of ["anthropic", "cohere"]) expect(stderr).toMatch(new RegExp(`${provider}/\\S+ · \\d+ tokens in`));
  });

  test("profiles that could be chosen are named", async () => {
    const files = { "plurivox.config.json": '{ "profiles": { "smart": "openai/some-model" } }' };
    expect(await run(["Hello"], { files })).toMatchObject({ code: 0, stderr: expect.stringContaining("with --profile: smart.") });
  });
});

/** Linux has it; elsewhere it takes other arguments. */
const haveTerminal = process.platform === "linux" && existsSync("/usr/bin/script");

describe.skipIf(!haveTerminal).concurrent("at a terminal", PATIENT, () => {
  test("the demo takes prompts, Ctrl-C stops an answer, Ctrl-D leaves", async () => {
    const cli = start([], { terminal: true, stdin: false });
    await cli.sees('plurivox "Why is the sky blue?"');
    await cli.sees("Your turn.");
    await cli.sees("› ");
    cli.write("Hello\r");
    await cli.sees("This is the demo");
    cli.write("\u0003");
    await cli.sees("stopped");
    await cli.sees("› ");
    cli.write("\u001B[A\r");
    await cli.sees('You asked "Hello"');
    await cli.sees("tokens in");
    await cli.sees("› ");
    cli.write("\u0004");
    const { code, stdout } = await cli.done;
    expect(code).toBe(0);
    expect(stdout).toContain("\u001B[2m");
  });

  test("control characters of an answer stay away from it", async () => {
    const { code, stdout } = await run(["a \u001B[31mred\u0007 question"], { terminal: true });
    expect(code).toBe(0);
    expect(stdout).toContain('You asked "a [31mred question"');
  });

  test("NO_COLOR is respected", async () => {
    const { code, stdout } = await run(["Hello"], { terminal: true, env: { NO_COLOR: "1" } });
    expect(code).toBe(0);
    expect(stdout).toContain("This is the demo");
    expect(stdout).not.toContain("\u001B[");
  });
});
