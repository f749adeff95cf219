import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client, fakeLmStudio } from "./support.ts";

type Json = Record<string, unknown>;

const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tool = (name: string) => ({ type: "function" as const, function: { name, parameters: CITY } });
const MODELS = () => ({
  mine: { maxContextLength: 131_072, loaded: { mine: 4096 } },
  other: { maxContextLength: 32_768, loaded: { other: 4096, "other:2": 4096 } },
  embed: { type: "embedding" as const, maxContextLength: 2048, loaded: { embed: 2048 } },
});
const loadedIn = (models: Record<string, { loaded: object }>) => Object.values(models).flatMap(({ loaded }) => Object.keys(loaded));

describe("what is asked of the server before a chat", () => {
  test("nothing, unless the call says so", async () => {
    await using server = await fakeLmStudio(MODELS());
    await client(server.url, { model: "mine" }).chat("Hi");
    expect(server.requests.map(({ path }) => path)).toEqual(["/v1/chat/completions"]);
  });

  test("other models are unloaded", async () => {
    await using server = await fakeLmStudio(MODELS());
    const llm = client(server.url, { model: "mine", providerOptions: { lmstudio: { unloadOthers: true } } });
    expect((await llm.chat("Hi")).text).toBe("ok");
    expect(loadedIn(server.models)).toEqual(["mine"]);
    expect(server.requests.at(-1)!.body).toEqual({ model: "mine", messages: [{ role: "user", content: "Hi" }] });
    const before = server.requests.length;
    await llm.stream("Hi").result.catch(() => undefined);
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(["/api/v1/models", "/v1/chat/completions"]);
  });

  test("a call may want what its profile does not", async () => {
    await using server = await fakeLmStudio(MODELS());
    await client(server.url, { model: "other" }).chat("Hi", { providerOptions: { lmstudio: { unloadOthers: true } } });
    expect(loadedIn(server.models)).toEqual(["other", "other:2"]);
  });

  test("a copy that is named by its id keeps its model", async () => {
    await using server = await fakeLmStudio(MODELS());
    await client(server.url, { model: "other:2" }).chat("Hi", { providerOptions: { lmstudio: { unloadOthers: true } } });
    expect(loadedIn(server.models)).toEqual(["other", "other:2"]);
  });

  test("a model with too little room is loaded anew, one with enough is not", async () => {
    await using server = await fakeLmStudio(MODELS());
    const ask = (contextLength: number) =>
      client(server.url, { model: "mine" }).chat("Hi", { providerOptions: { lmstudio: { contextLength } } });
    await ask(16_384);
    expect(server.models["mine"]!.loaded).toEqual({ mine: 16_384 });
    const before = server.requests.length;
    await ask(8192);
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(["/api/v1/models", "/v1/chat/completions"]);
  });

  test("of several copies the one with enough room answers", async () => {
    await using server = await fakeLmStudio({ mine: { maxContextLength: 131_072, loaded: { mine: 4096, "mine:2": 32_768 } } });
    await client(server.url, { model: "mine" }).chat("Hi", { providerOptions: { lmstudio: { contextLength: 16_384 } } });
    expect(server.requests.at(-1)!.body).toMatchObject({ model: "mine:2" });
  });

  test("an LM Studio that is too old says so, and is not asked to chat", async () => {
    await using server = await fakeLmStudio(MODELS(), true);
    const call = client(server.url, { model: "mine" }).chat("Hi", { providerOptions: { lmstudio: { unloadOthers: true } } });
    await expect(call).rejects.toMatchObject({ kind: "unsupported", provider: "lmstudio", model: "mine" });
    expect(server.requests.some(({ path }) => path === "/v1/chat/completions")).toBe(false);
  });

  test("a dry run unloads nothing", async () => {
    await using server = await fakeLmStudio(MODELS());
    const { request } = await client(server.url, { model: "mine" }).explain("Hi", {
      providerOptions: { lmstudio: { unloadOthers: true } },
    });
    expect(request.body).toMatchObject({ model: "mine" });
    expect(server.requests).toEqual([]);
  });
});

describe("requests", async () => {
  const server = await startLoopback(({ path }, response) => {
    const chat = { model: "m", choices: [{ message: { content: '{"city":"Oslo"}' }, finish_reason: "stop" }] };
    const message = { type: "message", role: "assistant", content: [{ type: "output_text", text: '{"city":"Oslo"}', annotations: [] }] };
    response
      .setHeader("content-type", "application/json")
      .end(JSON.stringify(path === "/v1/responses" ? { id: "r", status: "completed", output: [message] } : chat));
  });
  afterAll(() => server.close());

  async function sent(options: CallOptions = {}, api: "chat" | "responses" = "chat", messages: string | Message[] = "Hi"): Promise<Json> {
    await client(server.url, { api }).chat(messages as Message[], options);
    return server.requests.at(-1)!.body as Json;
  }

  test("options go where the wire has them", async () => {
    const lmstudio = { ttl: 300, draftModel: "small", repeatPenalty: 1.1, unloadOthers: false, logitBias: { 5: 1 } };
    const body = await sent({ providerOptions: { lmstudio }, topK: 20, maxOutputTokens: 9, seed: 1 });
    expect(body).toMatchObject({
      ttl: 300,
      draft_model: "small",
      repeat_penalty: 1.1,
      logit_bias: { 5: 1 },
      top_k: 20,
      max_tokens: 9,
      seed: 1,
    });
    expect(Object.keys(body).filter((name) => /unload|context/i.test(name))).toEqual([]);
  });

  test("any JSON is asked for by a schema, because there is no json_object", async () => {
    const body = await sent({ output: "json" });
    expect(body["response_format"]).toEqual({ type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } });
    expect(body["messages"]).toEqual([
      { role: "system", content: "Answer with JSON." },
      { role: "user", content: "Hi" },
    ]);
    expect((await sent({ output: { schema: CITY } }))["response_format"]).toMatchObject({ json_schema: { name: "answer", strict: true } });
  });

  test("responses knows no schema, so it is asked in words", async () => {
    const { warnings, output } = await client(server.url, { api: "responses" }).chat("Hi", { output: { schema: CITY } });
    expect(output).toEqual({ city: "Oslo" });
    expect(warnings).toMatchObject([{ code: "emulated", feature: "structuredOutput" }]);
    expect(server.requests.at(-1)!.body).not.toHaveProperty("text");
  });

  test("one tool by its name is the only one, and required", async () => {
    const tools = [tool("one"), tool("two")];
    expect(await sent({ tools, toolChoice: { toolName: "two" } })).toMatchObject({ tool_choice: "required", tools: [tool("two")] });
    for (const toolChoice of ["auto", "none", "required"] as const)
      expect(await sent({ tools, toolChoice })).toMatchObject({ tool_choice: toolChoice, tools });
  });

  test("log probabilities are dropped with a warning on chat, where they never come", async () => {
    const { warnings } = await client(server.url).chat("Hi", { logprobs: 2 });
    expect(warnings).toMatchObject([{ code: "unsupported", feature: "logprobs" }]);
    expect(await sent({ logprobs: 2 }, "responses")).toMatchObject({ top_logprobs: 2 });
  });

  test("images by their bytes, and reasoning in the field that it came in", async () => {
    const body = await sent({}, "chat", [
      { role: "user", content: [{ type: "image", base64: "iVBORw0KGgo=" }] },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "Hm", providerMetadata: { lmstudio: { field: "reasoning" } } },
          { type: "text", text: "A" },
        ],
      },
      { role: "user", content: "Go on" },
    ]);
    expect(body["messages"]).toEqual([
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }] },
      { role: "assistant", content: "A", reasoning: "Hm" },
      { role: "user", content: "Go on" },
    ]);
  });

  test("a key is sent where there is one", async () => {
    await sent();
    expect(server.requests.at(-1)!.headers).not.toHaveProperty("authorization");
    await client(server.url, { apiKey: "sk-lm" }).chat("Hi");
    expect(server.requests.at(-1)!.headers["authorization"]).toBe("Bearer sk-lm");
  });
});

describe("answers", () => {
  test.each(["reasoning_content", "reasoning"])("reasoning in %s", async (field) => {
    await using server = await startLoopback((_request, response) => {
      const chunk = (delta: object, finish_reason: string | null = null) =>
        `data: ${JSON.stringify({ choices: [{ delta, finish_reason }] })}\n\n`;
      response.setHeader("content-type", "text/event-stream");
      response.end(`${chunk({ [field]: "Hm" })}${chunk({ content: "A" })}${chunk({}, "stop")}data: [DONE]\n\n`);
    });
    expect(await client(server.url).stream("Hi").result).toMatchObject({ reasoning: "Hm", text: "A", finishReason: "stop" });
  });

  test.each<[status: number, body: string, kind: string]>([
    [400, `{"error":"'url' field must be a base64 encoded image."}`, "invalid-request"],
    [404, '{"error":{"message":"Model not found","code":"model_not_found"}}', "not-found"],
    [
      400,
      '{"error":"Trying to keep the first 6547 tokens when context the overflows. However, the model is loaded with context length of only 4096"}',
      "context-length",
    ],
    [500, '{"error":"Model unloaded."}', "server"],
    [200, '{"error":"Unexpected endpoint or method. (POST /v2/chat/completions)"}', "server"],
  ])("status %i with %s", async (status, body, kind) => {
    await using server = await startLoopback(
      (_request, response) => void response.writeHead(status, { "content-type": "application/json" }).end(body),
    );
    await expect(client(server.url).chat("Hi")).rejects.toMatchObject({ kind, provider: "lmstudio" });
  });
});
