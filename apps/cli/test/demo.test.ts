import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PATIENT, run, start } from "./cli.ts";

describe.concurrent("without a key", PATIENT, () => {
  test("the demo shows every feature of both providers, and ends by itself", async () => {
    const { code, stdout, stderr } = await run([]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^DEMO: no API key was found.*http:\/\/127\.0\.0\.1:\d+\./);
    for (const provider of ["openai", "anthropic"]) {
      for (const scene of ["streaming", "reasoning", "tool call", "JSON answer"])
        expect(stderr).toMatch(new RegExp(`^${provider}/\\S+: ${scene}$`, "m"));
      expect(stderr.match(new RegExp(`^${provider}/\\S+ · \\d+ tokens in, \\d+ out.* · \\d\\.\\d\\d s`, "gm"))).toHaveLength(5);
    }
    expect(stderr.match(/0\.10 comes to mind/g)).toHaveLength(2);
    expect(stderr.match(/^→ get_weather\(\{"city":"Oslo"\}\)$/gm)).toHaveLength(2);
    expect(stderr.match(/^← get_weather: \{"celsius":7/gm)).toHaveLength(2);
    expect(stderr.match(/^← as data: \{ name: 'Oslo'/gm)).toHaveLength(2);
    expect(stderr).toContain("For real answers set OPENAI_API_KEY or ANTHROPIC_API_KEY");
    const answers = stdout.trimEnd().split("\n");
    expect(answers).toHaveLength(8);
    expect(answers.slice(0, 4)).toEqual(answers.slice(4));
    expect(answers[2]).toBe("It is 7 °C in Oslo, with light rain.");
    expect(JSON.parse(answers[3]!)).toEqual({ name: "Oslo", country: "Norway", coastal: true });
  });

  test("a prompt is answered by the demo, which says so", async () => {
    const { code, stdout, stderr } = await run(["Who are you?", "--quiet"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^DEMO: /);
    expect(stdout).toMatch(/^You asked "Who are you\?"\. This is the demo/);
  });

  test("the demo's conversation changes between the providers", async () => {
    const cli = start(["-i", "Hello"], { stdin: "/model anthropic\nHello again\n" });
    const { code, stdout, stderr } = await cli.done;
    expect(code).toBe(0);
    expect(stdout.match(/This is the demo/g)).toHaveLength(2);
    expect(stderr).toMatch(/anthropic\/\S+ · \d+ tokens in/);
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
