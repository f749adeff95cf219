import { isLlmError, type LlmError } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { describe, expect, test } from "vitest";
import { lmstudioModels } from "../src/index.ts";
import { fakeLmStudio } from "./support.ts";

const MODELS = () => ({
  big: { maxContextLength: 131_072, loaded: { big: 4096, "big:2": 8192 } },
  small: { maxContextLength: 32_768, loaded: {} },
  embed: { type: "embedding" as const, maxContextLength: 2048, loaded: { embed: 2048 } },
});

async function failure(promise: Promise<unknown>): Promise<LlmError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isLlmError(error)) throw new Error("There should be an LlmError.", { cause: error });
  return error;
}

describe("the models of LM Studio", () => {
  test("are listed with what is in memory", async () => {
    await using server = await fakeLmStudio(MODELS());
    const models = await lmstudioModels({ baseURL: `${server.url}/v1` }).list();
    expect(models.map(({ key, type, maxContextLength, instances }) => ({ key, type, maxContextLength, instances }))).toEqual([
      {
        key: "big",
        type: "llm",
        maxContextLength: 131_072,
        instances: [
          { id: "big", contextLength: 4096 },
          { id: "big:2", contextLength: 8192 },
        ],
      },
      { key: "small", type: "llm", maxContextLength: 32_768, instances: [] },
      { key: "embed", type: "embedding", maxContextLength: 2048, instances: [{ id: "embed", contextLength: 2048 }] },
    ]);
  });

  test.each(["", "/", "/v1", "/v1/", "/api/v0", "/api/v1"])("are found from a base URL that ends with %j", async (path) => {
    await using server = await fakeLmStudio(MODELS());
    expect(await lmstudioModels({ baseURL: `${server.url}${path}` }).list()).toHaveLength(3);
  });

  test("are loaded as they are asked for, and unloaded by key or by copy", async () => {
    await using server = await fakeLmStudio(MODELS());
    const models = lmstudioModels({ baseURL: server.url, apiKey: "sk-test", headers: { "x-mine": "yes" } });
    expect(await models.load("small", { contextLength: 16_384, flashAttention: true })).toEqual({ id: "small", contextLength: 16_384 });
    expect(server.requests.at(-1)).toMatchObject({
      path: "/api/v1/models/load",
      body: { model: "small", context_length: 16_384, flash_attention: true, echo_load_config: true },
      headers: { authorization: "Bearer sk-test", "x-mine": "yes" },
    });
    expect(await models.load("small")).toEqual({ id: "small:2", contextLength: 4096 });
    expect(await models.unload("big:2")).toEqual(["big:2"]);
    expect(await models.unload("small")).toEqual(["small", "small:2"]);
    expect(await models.unload("small")).toEqual([]);
    expect(server.models).toMatchObject({ big: { loaded: { big: 4096 } }, small: { loaded: {} } });
  });

  test("have the context of the copy in memory, else the longest", async () => {
    await using server = await fakeLmStudio(MODELS());
    const models = lmstudioModels({ baseURL: server.url });
    expect(await models.contextLength("big")).toBe(4096);
    expect(await models.contextLength("big:2")).toBe(8192);
    expect(await models.contextLength("small")).toBe(32_768);
    expect(await failure(models.contextLength("none"))).toMatchObject({ kind: "not-found", provider: "lmstudio", model: "none" });
  });

  test("count the tokens of a prompt by reading it", async () => {
    await using server = await fakeLmStudio(MODELS());
    const models = lmstudioModels({ baseURL: server.url });
    expect(await models.countTokens("big", "one two three")).toBe(7);
    expect(server.requests.at(-1)!.body).toEqual({ model: "big", messages: [{ role: "user", content: "one two three" }], max_tokens: 1 });
    expect(
      await models.countTokens("big", [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello" },
      ]),
    ).toBe(11);
  });
});

describe("failures", () => {
  test("before 0.4 there is only the list", async () => {
    await using server = await fakeLmStudio(MODELS(), true);
    const models = lmstudioModels({ baseURL: server.url });
    expect((await models.list()).map(({ key, instances }) => [key, instances.length])).toEqual([
      ["big", 1],
      ["small", 0],
      ["embed", 1],
    ]);
    expect(await failure(models.load("small"))).toMatchObject({
      kind: "unsupported",
      message: "[lmstudio] This LM Studio has no /api/v1/models/load. Use LM Studio 0.4 or later.",
    });
    expect(await failure(models.unload("big"))).toMatchObject({ kind: "unsupported" });
  });

  test("what the server says, with the status that it gives", async () => {
    await using server = await fakeLmStudio(MODELS());
    const error = await failure(lmstudioModels({ baseURL: server.url }).load("none"));
    expect(error).toMatchObject({ kind: "not-found", status: 404, retryable: false });
    expect(error.message).toContain('Model "none" not found');
  });

  test("an answer that counts nothing", async () => {
    await using server = await startLoopback((_request, response) => void response.end('{"choices":[]}'));
    expect(await failure(lmstudioModels({ baseURL: server.url }).countTokens("big", "Hi"))).toMatchObject({ kind: "invalid-response" });
  });

  test.each<[status: number, body: string, kind: string]>([
    [401, '{"error":{"message":"Bad token"}}', "authentication"],
    [500, '{"error":"Failed to load model"}', "server"],
    [502, "<html><title>Bad gateway</title></html>", "server"],
    [200, '{"error":"Out of memory"}', "server"],
  ])("status %i with %s", async (status, body, kind) => {
    await using server = await startLoopback((_request, response) => void response.writeHead(status).end(body));
    expect(await failure(lmstudioModels({ baseURL: server.url }).list())).toMatchObject({ kind, provider: "lmstudio" });
  });

  test("a key that comes back is not shown", async () => {
    await using server = await startLoopback(
      (_request, response) => void response.writeHead(401).end('{"error":"No sk-canary-123456 here"}'),
    );
    const error = await failure(lmstudioModels({ baseURL: server.url, apiKey: "sk-canary-123456" }).list());
    expect(error.message).not.toContain("canary");
  });

  test("nobody there, and given up", async () => {
    const server = await startLoopback(() => {});
    const { url } = server;
    const given = new AbortController();
    const waiting = failure(lmstudioModels({ baseURL: url, signal: given.signal }).list());
    given.abort();
    expect(await waiting).toMatchObject({ kind: "aborted", provider: "lmstudio" });
    await server.close();
    expect(await failure(lmstudioModels({ baseURL: url }).list())).toMatchObject({ kind: "connection", retryable: true });
  });
});
