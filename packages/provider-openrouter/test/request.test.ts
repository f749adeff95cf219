import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const PIXEL = "data:image/png;base64,iVBORw0KGgo=";
const WEATHER = { type: "function" as const, function: { name: "weather", parameters: CITY } };
const SEARCH = {
  type: "provider" as const,
  provider: "openrouter",
  name: "openrouter:web_search",
  options: { parameters: { max_uses: 1 } },
};
const MARK = { cache_control: { type: "ephemeral", ttl: "1h" } };

const ANSWER = JSON.stringify({ id: "g", model: "m", choices: [{ message: { role: "assistant", content: "{}" }, finish_reason: "stop" }] });
const server = await startLoopback((_request, response) => void response.setHeader("content-type", "application/json").end(ANSWER));
afterAll(() => server.close());

/** The body that a call sends. */
async function sent(messages: string | unknown[], options: CallOptions = {}): Promise<Json> {
  await client(server.url).chat(messages as Message[], options);
  return server.requests.at(-1)!.body as Json;
}

test("says only what was asked, and a model keeps its slashes", async () => {
  expect(await sent("Hello")).toEqual({ model: "deepseek/deepseek-v4", messages: [{ role: "user", content: "Hello" }] });
  expect(await sent("Hello", { model: "openrouter/meta-llama/llama-4-scout:free" })).toMatchObject({
    model: "meta-llama/llama-4-scout:free",
  });
});

describe("options", () => {
  test("routing, plugins and the rest, as OpenRouter spells them", async () => {
    const openrouter = {
      provider: {
        order: ["azure"],
        only: ["azure"],
        ignore: ["x"],
        allowFallbacks: false,
        dataCollection: "deny" as const,
        sort: "price" as const,
      },
      models: ["openai/gpt-5", "z-ai/glm-5"],
      plugins: [{ id: "web", maxResults: 3 }],
      transforms: ["middle-out"],
      route: "fallback" as const,
      minP: 0.1,
      topA: 0.2,
      repetitionPenalty: 1.1,
      sessionId: "s",
      imageConfig: { aspectRatio: "16:9" },
      serviceTier: "flex",
      modalities: ["text" as const],
    };
    expect(await sent("Hi", { providerOptions: { openrouter }, topK: 5, seed: 1, presencePenalty: 1, stopSequences: ["X"] })).toMatchObject(
      {
        provider: { order: ["azure"], only: ["azure"], ignore: ["x"], allow_fallbacks: false, data_collection: "deny", sort: "price" },
        models: ["openai/gpt-5", "z-ai/glm-5"],
        plugins: [{ id: "web", max_results: 3 }],
        transforms: ["middle-out"],
        route: "fallback",
        min_p: 0.1,
        top_a: 0.2,
        repetition_penalty: 1.1,
        session_id: "s",
        image_config: { aspect_ratio: "16:9" },
        service_tier: "flex",
        modalities: ["text"],
        top_k: 5,
        seed: 1,
        presence_penalty: 1,
        stop: ["X"],
      },
    );
  });

  test.each<[what: string, options: CallOptions, reasoning: Json]>([
    ["an effort", { reasoning: "high" }, { effort: "high" }],
    ["none", { reasoning: "none" }, { effort: "none" }],
    ["a budget", { reasoning: { budgetTokens: 2000 } }, { max_tokens: 2000 }],
    ["as usual", { providerOptions: { openrouter: { reasoningEnabled: true } } }, { enabled: true }],
    [
      "an effort, kept back",
      { reasoning: "low", providerOptions: { openrouter: { reasoningExclude: true } } },
      { effort: "low", exclude: true },
    ],
  ])("reasoning: %s", async (_, options, reasoning) => {
    expect((await sent("Hi", options))["reasoning"]).toEqual(reasoning);
  });

  test("caching of all that can be cached", async () => {
    expect(await sent("Hi", { cache: "auto" })).toMatchObject({ cache_control: { type: "ephemeral" } });
    expect(await sent("Hi", { cache: { ttl: "1h", key: "k" } })).toMatchObject({
      cache_control: { type: "ephemeral", ttl: "1h" },
      prompt_cache_key: "k",
    });
    expect(await sent("Hi", { cache: "none" })).not.toHaveProperty("cache_control");
  });
});

describe("messages", () => {
  test("cache marks on the parts that have them", async () => {
    const marked = { providerMetadata: { openrouter: MARK } };
    const body = await sent(
      [
        { role: "system", content: [{ type: "text", text: "Rules", ...marked }] },
        {
          role: "user",
          content: [
            { type: "text", text: "A", providerMetadata: { anthropic: MARK } },
            { type: "text", text: "B" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: "C", ...marked },
            { type: "tool-call", toolCallId: "t1", toolName: "weather", input: {} },
            { type: "tool-call", toolCallId: "t2", toolName: "weather", input: {} },
          ],
        },
        {
          role: "tool",
          content: [
            { type: "tool-result", toolCallId: "t1", toolName: "weather", output: "1" },
            { type: "tool-result", toolCallId: "t2", toolName: "weather", output: "2", ...marked },
          ],
        },
        { role: "user", content: "D" },
      ],
      // Puts an instruction in front of them all.
      { output: "json" },
    );
    const text = (words: string, more = {}) => ({ type: "text", text: words, ...more });
    expect((body["messages"] as Json[]).map(({ content }) => content)).toEqual([
      "Answer with JSON.",
      [text("Rules", MARK)],
      [text("A", MARK), text("B")],
      [text("C", MARK)],
      "1",
      [text("2", MARK)],
      "D",
    ]);
  });

  test("media in every form, documents by URL too", async () => {
    const body = await sent([
      {
        role: "user",
        content: [
          { type: "image", url: "https://example.com/a.png" },
          { type: "image", data: Uint8Array.from(Buffer.from("iVBORw0KGgo=", "base64")) },
          { type: "file", url: "https://example.com/a.pdf", filename: "a.pdf" },
          { type: "file", base64: "JVBERi0xLjQ=" },
          { type: "file", base64: "UklGRiQAAABXQVZF" },
          { type: "file", url: "https://example.com/a.mp4", mediaType: "video/mp4" },
        ],
      },
    ]);
    expect((body["messages"] as Json[])[0]!["content"]).toEqual([
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
      { type: "image_url", image_url: { url: PIXEL } },
      { type: "file", file: { file_data: "https://example.com/a.pdf", filename: "a.pdf" } },
      { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0xLjQ=", filename: "document" } },
      { type: "input_audio", input_audio: { data: "UklGRiQAAABXQVZF", format: "wav" } },
      { type: "video_url", video_url: { url: "https://example.com/a.mp4" } },
    ]);
  });

  test("pictures that the model made go back to it", async () => {
    const body = await sent([
      { role: "user", content: "A cat" },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Here" },
          { type: "image", url: PIXEL },
          { type: "image", base64: "iVBORw0KGgo=" },
        ],
      },
      { role: "user", content: "Make it blue" },
    ]);
    const image = { type: "image_url", image_url: { url: PIXEL } };
    expect((body["messages"] as Json[])[1]).toEqual({ role: "assistant", content: "Here", images: [image, image] });
  });
});

describe("tools", () => {
  test("of OpenRouter's own beside the caller's, and chosen", async () => {
    const choose = async (toolChoice: CallOptions["toolChoice"]) => sent("Hi", { tools: [WEATHER, SEARCH], toolChoice });
    expect((await choose("auto"))["tools"]).toEqual([WEATHER, { type: "openrouter:web_search", parameters: { max_uses: 1 } }]);
    const chosen = async (toolChoice: CallOptions["toolChoice"]) => (await choose(toolChoice))["tool_choice"];
    expect(await chosen("auto")).toBe("auto");
    expect(await chosen("none")).toBe("none");
    expect(await chosen("required")).toBe("required");
    expect(await chosen({ toolName: "weather" })).toEqual({ type: "function", function: { name: "weather" } });
    expect(await chosen({ toolName: "openrouter:web_search" })).toEqual({ type: "openrouter:web_search" });
  });
});

describe("who calls", () => {
  test("says its name only where it has one, and the caller's headers go over it", async () => {
    await client(server.url).chat("Hi");
    expect(Object.keys(server.requests.at(-1)!.headers).filter((name) => /referer|title/.test(name))).toEqual([]);
    const host = { appName: "Plurivox", appUrl: "https://example.com" };
    await client(server.url, {}, host).chat("Hi");
    expect(server.requests.at(-1)!.headers).toMatchObject({ "x-title": "Plurivox", "http-referer": "https://example.com" });
    await client(server.url, { headers: { "x-title": "Mine" } }, host).chat("Hi");
    expect(server.requests.at(-1)!.headers).toMatchObject({
      "x-title": "Mine",
      "http-referer": "https://example.com",
      authorization: "Bearer sk-test",
    });
  });
});
