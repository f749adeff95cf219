import { createContext, type CallOptions, type Message, type ProfileSettings } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { azure } from "../src/index.ts";
import { client, type ClientOptions } from "./support.ts";

type Json = Record<string, unknown>;

const CHAT = { id: "c", model: "m", choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }] };
const RESPONSE = { id: "r", model: "m", status: "completed", output: [] };
const server = await startLoopback((request, response) => {
  const body = request.path.includes("/responses") ? RESPONSE : CHAT;
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
});
afterAll(() => server.close());

async function sent(profile: ProfileSettings, options: CallOptions = {}, more: ClientOptions = {}) {
  await client({ baseURL: server.url, ...profile }, more).chat("Hi", options);
  const { path, headers, body } = server.requests.at(-1)!;
  return { path, headers, body: body as Json };
}

describe("where calls go", () => {
  const deployment = "/openai/deployments/my%20gpt";
  test.each<[path: string, apiVersion: string | undefined, chat: string, responses: string]>([
    ["", undefined, "/openai/v1/chat/completions", "/openai/v1/responses"],
    ["/", undefined, "/openai/v1/chat/completions", "/openai/v1/responses"],
    ["/openai", undefined, "/openai/v1/chat/completions", "/openai/v1/responses"],
    ["/openai/v1", undefined, "/openai/v1/chat/completions", "/openai/v1/responses"],
    ["/openai/v1/chat/completions", undefined, "/openai/v1/chat/completions", "/openai/v1/responses"],
    ["/openai/v1/responses", undefined, "/openai/v1/chat/completions", "/openai/v1/responses"],
    ["/api/projects/p", undefined, "/api/projects/p/openai/v1/chat/completions", "/api/projects/p/openai/v1/responses"],
    ["/gateway/v1", undefined, "/gateway/v1/chat/completions", "/gateway/v1/responses"],
    ["", "v1", "/openai/v1/chat/completions?api-version=v1", "/openai/v1/responses?api-version=v1"],
    ["", "preview", "/openai/v1/chat/completions?api-version=preview", "/openai/v1/responses?api-version=preview"],
    // A base URL that says v1 means it, whatever the environment still holds.
    ["/openai/v1", "2024-10-21", "/openai/v1/chat/completions", "/openai/v1/responses"],
    [
      "",
      "2025-04-01-preview",
      `${deployment}/chat/completions?api-version=2025-04-01-preview`,
      "/openai/responses?api-version=2025-04-01-preview",
    ],
    // Responses came later than this version, and v1 has it.
    ["", "2024-10-21", `${deployment}/chat/completions?api-version=2024-10-21`, "/openai/v1/responses"],
    ["/openai", "2024-10-21", `${deployment}/chat/completions?api-version=2024-10-21`, "/openai/v1/responses"],
    [
      "/openai/deployments/other/chat/completions?api-version=2025-01-01-preview",
      "2024-10-21",
      "/openai/deployments/other/chat/completions?api-version=2025-01-01-preview",
      "/openai/v1/responses",
    ],
    ["/openai/deployments/other", undefined, "/openai/deployments/other/chat/completions?api-version=2024-10-21", "/openai/v1/responses"],
    [
      "/openai/responses?api-version=2025-04-01-preview",
      undefined,
      `${deployment}/chat/completions?api-version=2025-04-01-preview`,
      "/openai/responses?api-version=2025-04-01-preview",
    ],
  ])("%s with version %s", async (path, apiVersion, chat, responses) => {
    const profile = { baseURL: server.url + path, model: "gpt-4o", azureDeployment: "my gpt", ...(apiVersion && { apiVersion }) };
    const named = path.includes("/other") ? "other" : "my gpt";
    const overChat = await sent({ ...profile, api: "chat" });
    expect([overChat.path, overChat.body["model"]]).toEqual([chat, named]);
    const overResponses = await sent(profile);
    expect([overResponses.path, overResponses.body["model"]]).toEqual([responses, named]);
  });

  test("model inference has chat alone, and the old name of the limit", async () => {
    const profile = { baseURL: `${server.url}/models`, model: "grok-4-1-fast-non-reasoning", apiVersion: "2024-10-21" };
    const { path, body } = await sent({ ...profile, api: "chat" }, { maxOutputTokens: 9 });
    expect(path).toBe("/models/chat/completions?api-version=2024-05-01-preview");
    expect(body).toEqual({ model: profile.model, messages: [{ role: "user", content: "Hi" }], max_tokens: 9 });
    expect((await sent({ api: "chat" }, { maxOutputTokens: 9 })).body).toMatchObject({ max_completion_tokens: 9 });
    await expect(sent(profile)).rejects.toMatchObject({ kind: "configuration", hint: expect.stringContaining(`api: "chat"`) });
  });

  test("explain shows the address", async () => {
    const llm = client({ baseURL: "https://name.openai.azure.com", model: "gpt-4o", api: "chat", apiVersion: "2024-10-21" });
    const { request, curl } = await llm.explain("Hi");
    expect(request).toMatchObject({
      url: "https://name.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
      headers: { "api-key": "[redacted]" },
    });
    expect(curl).not.toContain("0123456789abcdef");
  });

  test("places and keys take turns on one client", async () => {
    const calls = ["2024-10-21", "2025-01-01-preview", undefined].flatMap((apiVersion) =>
      ["key-of-one", "key-of-two"].map((apiKey) => ({ apiKey, api: "chat" as const, ...(apiVersion && { apiVersion }) })),
    );
    const before = server.requests.length;
    await Promise.all(calls.map((profile) => client({ baseURL: server.url, model: "d", ...profile }).chat("Hi")));
    const seen = server.requests.slice(before).map(({ path, headers }) => `${path} ${headers["api-key"]}`);
    expect(seen.toSorted()).toEqual(
      calls
        .map(({ apiKey, apiVersion }) =>
          apiVersion === undefined
            ? `/openai/v1/chat/completions ${apiKey}`
            : `/openai/deployments/d/chat/completions?api-version=${apiVersion} ${apiKey}`,
        )
        .toSorted(),
    );
  });
});

describe("deployments", () => {
  test("the model says what it can do, the deployment is what is sent", async () => {
    const result = await client({ baseURL: server.url, model: "gpt-5-mini", azureDeployment: "prod-eu", api: "chat" }).chat("Hi", {
      temperature: 0.5,
    });
    expect(result).toMatchObject({ model: "gpt-5-mini", warnings: [{ feature: "temperature" }] });
    expect(server.requests.at(-1)!.body).toEqual({ model: "prod-eu", messages: [{ role: "user", content: "Hi" }] });
    const { body } = await sent({ model: "gpt-5-mini", azureDeployment: "prod-eu" });
    expect(body).toMatchObject({ model: "prod-eu", include: ["reasoning.encrypted_content"] });
  });

  test("of a name that is no model's nothing is assumed", async () => {
    const { body } = await sent({ model: "prod-eu" }, { temperature: 0.5, reasoning: "low" });
    expect(body).toMatchObject({ model: "prod-eu", temperature: 0.5, reasoning: { effort: "low" } });
    expect(body).not.toHaveProperty("include");
  });

  test("another model of a call leaves the profile's deployment behind", async () => {
    const profile = { model: "gpt-5-mini", azureDeployment: "prod-eu" };
    expect((await sent(profile, { model: "azure/gpt-4.1" })).body["model"]).toBe("gpt-4.1");
    expect((await sent(profile, { model: "azure/gpt-5-mini" })).body["model"]).toBe("prod-eu");
  });

  test("bare names of OpenAI's models do not lead here", () => {
    const context = createContext({ providers: [azure()], env: { AZURE_API_KEY: "k" }, profiles: { default: { model: "gpt-5-mini" } } });
    expect(() => context.llm()).toThrow(/names no provider/);
  });
});

describe("who asks", () => {
  const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJjb2duaXRpdmUifQ.c2lnbmF0dXJl";

  test("a key goes into its own header, a token is a bearer", async () => {
    const withKey = await sent({});
    expect(withKey.headers).toMatchObject({ "api-key": "0123456789abcdef" });
    expect(withKey.headers).not.toHaveProperty("authorization");
    for (const apiKey of [TOKEN, () => TOKEN, async () => TOKEN]) {
      const { headers } = await sent({ apiKey });
      expect(headers["authorization"]).toBe(`Bearer ${TOKEN}`);
      expect(headers).not.toHaveProperty("api-key");
    }
  });

  test("the token function is asked at each attempt, before the environment and after the profile", async () => {
    let count = 0;
    const more: ClientOptions = {
      settings: { token: async () => `opaque-token-${++count}` },
      env: { AZURE_API_KEY: "from-the-environment" },
    };
    const llm = client({ baseURL: server.url, apiKey: undefined }, more);
    await llm.chat("Hi");
    await llm.chat("Hi");
    expect(server.requests.slice(-2).map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer opaque-token-1",
      "Bearer opaque-token-2",
    ]);
    expect((await sent({ apiKey: "opaque-of-the-profile" }, {}, more)).headers["authorization"]).toBe("Bearer opaque-of-the-profile");
    expect(count).toBe(2);
  });

  test("a token in an error is taken out", async () => {
    await using echo = await startLoopback((request, response) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "401", message: `Bad ${request.headers["authorization"]}` } }));
    });
    const failure = client({ baseURL: echo.url, apiKey: undefined }, { settings: { token: () => TOKEN } }).chat("Hi");
    await expect(failure).rejects.toMatchObject({ kind: "authentication", message: expect.not.stringContaining(TOKEN) });
  });

  test.each<[name: string, env: Record<string, string>, path: string, key: string]>([
    ["AZURE_API_KEY first", { AZURE_API_KEY: "one", AZURE_OPENAI_API_KEY: "two" }, "/openai/v1/responses", "one"],
    ["the vendor's own", { AZURE_OPENAI_API_KEY: "two" }, "/openai/v1/responses", "two"],
    [
      "a version",
      { AZURE_API_KEY: "one", OPENAI_API_VERSION: "2025-04-01-preview" },
      "/openai/responses?api-version=2025-04-01-preview",
      "one",
    ],
    [
      "versions in order",
      { AZURE_API_KEY: "one", AZURE_API_VERSION: "2025-03-01-preview", OPENAI_API_VERSION: "2025-04-01-preview" },
      "/openai/responses?api-version=2025-03-01-preview",
      "one",
    ],
  ])("from the environment: %s", async (_, env, path, key) => {
    const more = { env: { AZURE_OPENAI_ENDPOINT: `${server.url}/`, AZURE_MODEL: "from-env", ...env } };
    await client({ apiKey: undefined, model: undefined }, more).chat("Hi");
    expect(server.requests.at(-1)).toMatchObject({ path, headers: { "api-key": key }, body: { model: "from-env" } });
    await client({ apiKey: undefined }, { env: { AZURE_BASE_URL: `${server.url}/gateway/v1`, ...more.env } }).chat("Hi");
    expect(server.requests.at(-1)!.path).toBe("/gateway/v1/responses");
  });

  test("without a key or a base URL it says what is missing", async () => {
    expect(() => client({})).toThrow(/AZURE_BASE_URL/);
    await expect(client({ baseURL: server.url, apiKey: undefined }).chat("Hi")).rejects.toThrow(/AZURE_API_KEY or AZURE_OPENAI_API_KEY/);
  });
});

describe("what only Azure takes", () => {
  test("data sources and the security context, in Azure's spelling", async () => {
    const { body } = await sent(
      { api: "chat" },
      {
        providerOptions: {
          azure: {
            dataSources: [
              {
                type: "azure_search",
                parameters: { endpoint: "https://s", indexName: "i", authentication: { type: "system_assigned_managed_identity" } },
              },
            ],
            userSecurityContext: { applicationName: "app", endUserId: "u" },
            verbosity: "low",
          },
        },
      },
    );
    expect(body).toMatchObject({
      data_sources: [
        {
          type: "azure_search",
          parameters: { endpoint: "https://s", index_name: "i", authentication: { type: "system_assigned_managed_identity" } },
        },
      ],
      user_security_context: { application_name: "app", end_user_id: "u" },
      verbosity: "low",
    });
  });

  test("what is not named goes through extraBody", async () => {
    expect((await sent({ api: "chat" }, { extraBody: { enhancements: { ocr: { enabled: true } } } })).body).toMatchObject({
      enhancements: { ocr: { enabled: true } },
    });
  });

  test("ids of other vendors' calls are made to fit", async () => {
    const id = "x".repeat(60);
    const messages: Message[] = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool-call", toolCallId: id, toolName: "f", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: id, toolName: "f", output: "1" }] },
    ];
    await client({ baseURL: server.url, api: "chat" }).chat(messages);
    const { messages: asSent } = server.requests.at(-1)!.body as { messages: { tool_calls?: { id: string }[]; tool_call_id?: string }[] };
    expect(asSent[1]!.tool_calls![0]!.id).toBe(asSent[2]!.tool_call_id);
    expect(asSent[2]!.tool_call_id!.length).toBeLessThanOrEqual(40);
  });
});
