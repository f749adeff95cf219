import { describe, expect, test } from "vitest";
import { PATIENT, run } from "./cli.ts";
import { startVendor, type Vendor } from "./vendor.ts";

const FILE = "plurivox.config.json";

function configOf({ anthropic }: Vendor): string {
  const { ANTHROPIC_BASE_URL: baseURL } = anthropic;
  return JSON.stringify({
    profiles: {
      default: { provider: "anthropic", model: "everyday", baseURL, apiKey: "config-key" },
      smart: { provider: "anthropic", model: "thinker", baseURL, apiKey: "config-key", system: "Think." },
    },
  });
}

describe.concurrent("whom it talks to", PATIENT, () => {
  test("the default profile of the config file, before a key in the environment", async () => {
    const vendor = await startVendor(["hi", "Hi."]);
    const { code, stderr } = await run(["hi"], { files: { [FILE]: configOf(vendor) }, env: vendor.openai });
    expect(code).toBe(0);
    expect(stderr).toMatch(/using anthropic\/everyday at http:\/\/127\.0\.0\.1:\d+ \(profile default of .*plurivox\.config\.json\)/);
    expect(vendor.bodies()).toMatchObject([{ model: "everyday" }]);
  });

  test("the profile that --profile names, and its model unless --model names another", async () => {
    const vendor = await startVendor(["hi", "Hi."]);
    const files = { [FILE]: configOf(vendor) };
    expect(await run(["hi", "--profile", "smart"], { files })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/using anthropic\/thinker at http:\S+ \(profile smart of/),
    });
    expect(await run(["hi", "-p", "smart", "-m", "anthropic/other"], { files })).toMatchObject({ code: 0 });
    expect(await run(["hi", "-m", "anthropic/third"], { files })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/using anthropic\/third at http:\S+ \(--model\)/),
    });
    expect(vendor.bodies().map(({ model }) => model)).toEqual(["thinker", "other", "third"]);
  });

  test("an unknown profile is an error that names those that there are", async () => {
    const vendor = await startVendor();
    const { code, stdout, stderr } = await run(["hi", "--profile", "fast"], { files: { [FILE]: configOf(vendor) } });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: "",
      stderr: 'There is no profile "fast". Known profiles: default, smart.\n',
    });
    const json = await run(["hi", "--profile", "fast", "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { kind: "configuration", message: expect.stringContaining('There is no profile "fast"') },
    });
  });

  test("LLM_PROVIDER, before other keys", async () => {
    const vendor = await startVendor(["hi", "Hi."]);
    const env = { ...vendor.openai, ...vendor.anthropic, LLM_PROVIDER: "anthropic", ANTHROPIC_MODEL: "chosen" };
    expect(await run(["hi"], { env })).toMatchObject({ code: 0, stderr: expect.stringContaining("using anthropic/chosen (LLM_PROVIDER)") });
  });

  test("the provider that the environment has a key for", async () => {
    const vendor = await startVendor(["hi", "Hi."]);
    expect(await run(["hi"], { env: vendor.anthropic })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^using anthropic\/\S+ \(ANTHROPIC_API_KEY\)/),
    });
    expect(await run(["hi"], { env: vendor.openai })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^using openai\/\S+ \(OPENAI_API_KEY\)/),
    });
  });

  test("a model without a key is an error that names the variable", async () => {
    const { code, stderr } = await run(["hi", "--model", "anthropic/some-model"]);
    expect(code).toBe(1);
    expect(stderr).toContain("Set ANTHROPIC_API_KEY");
  });
});

describe.concurrent("the config file", PATIENT, () => {
  test.each<{ at: string; path: string; flags?: string[]; env?: Record<string, string> }>([
    { at: "in a folder above", path: "plurivox.config.json" },
    { at: "in the user's folder", path: ".config/plurivox/config.json" },
    { at: "where XDG_CONFIG_HOME says", path: "xdg/plurivox/config.json", env: { XDG_CONFIG_HOME: "../../xdg" } },
    { at: "where --config says", path: "elsewhere.json", flags: ["--config", "../../elsewhere.json"] },
  ])("is found $at", async ({ path, flags = [], env = {} }) => {
    const vendor = await startVendor(["hi", "Hi."]);
    const { code, stderr } = await run(["hi", ...flags], { env, folder: "project/src", files: { [path]: configOf(vendor) } });
    expect(code).toBe(0);
    expect(stderr).toContain(`${path})`);
  });

  test.each([
    ["is cut off", '{ "profiles": {\n', /plurivox\.config\.json:2:1 is not valid JSON/],
    ["has a slip", '{ "profiles": {\n  "a": "x/y",,\n} }', /plurivox\.config\.json:2:14 is not valid JSON/],
    ["is a list", "[]", /plurivox\.config\.json is malformed: it must hold an object, not a list/],
    ["has a misspelt field", '{ "profile": {} }', /unknown field "profile"/],
    ["has a number for a profile", '{ "profiles": { "fast": 7 } }', /profile "fast" must be "provider\/model" or an object, not a number/],
  ])("that %s is an error that names the place", async (_, text, message) => {
    const { code, stdout, stderr } = await run(["hi"], { files: { [FILE]: text } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test("that --config names must be there", async () => {
    expect(await run(["hi", "--config", "nowhere.json"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/There is no config file .*nowhere\.json/),
    });
  });
});

describe.concurrent("the env file", PATIENT, () => {
  const text = ({ anthropic }: Vendor) =>
    Object.entries({ ...anthropic, ANTHROPIC_MODEL: "from-file" })
      .map((pair) => pair.join("="))
      .join("\n");

  test(".env completes the environment, and what is set already wins", async () => {
    const vendor = await startVendor(["hi", "Hi."]);
    const files = { ".env": text(vendor) };
    expect(await run(["hi"], { files })).toMatchObject({ code: 0, stdout: "Hi.\n" });
    expect(await run(["hi"], { files, env: { ANTHROPIC_MODEL: "from-environment" } })).toMatchObject({ code: 0 });
    expect(vendor.bodies().map(({ model }) => model)).toEqual(["from-file", "from-environment"]);
  });

  test("--env-file names another", async () => {
    const vendor = await startVendor(["hi", "Hi."]);
    expect(await run(["hi", "--env-file", "other.env"], { files: { "other.env": text(vendor) } })).toMatchObject({
      code: 0,
      stdout: "Hi.\n",
    });
  });
});
