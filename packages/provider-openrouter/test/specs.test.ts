import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { haveRecordings, loadRecordings, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { OpenRouterOptions } from "../src/index.ts";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

const SPEC = new URL("../../../../shared/specs/openrouter.openapi.yaml", import.meta.url);
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

function validator(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...(parse(readFileSync(SPEC, "utf8"), { maxAliasCount: -1 }) as object), $id: "openrouter" });
  return ajv.compile({ $ref: "openrouter#/components/schemas/ChatRequest" });
}

/** Tools of OpenRouter's own in our words; functions are spelled alike. */
function toTool(tool: Json): NonNullable<CallOptions["tools"]>[number] {
  const { type, ...options } = tool;
  return type === "function" ? (tool as never) : { type: "provider", provider: "openrouter", name: String(type), options };
}

function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), camel(inner)]),
  );
}

function toOptions(body: Json): CallOptions {
  const choice = body["tool_choice"] as "auto" | { function: { name: string } } | undefined;
  const format = body["response_format"] as { type: string; json_schema: { name: string; schema: Json; strict?: boolean } } | undefined;
  const { effort = body["reasoning_effort"], max_tokens: budgetTokens } = (body["reasoning"] ?? {}) as Json;
  const wanted =
    effort === undefined && budgetTokens === undefined ? undefined : ({ effort, budgetTokens } as NonNullable<CallOptions["reasoning"]>);
  const { provider, models, plugins, transforms, route } = body;
  return {
    tools: list(body["tools"]).map(toTool),
    toolChoice: typeof choice === "object" ? { toolName: choice.function.name } : choice,
    output:
      format?.type === "json_object"
        ? "json"
        : format && {
            name: format.json_schema.name,
            schema: format.json_schema.schema,
            strict: format.json_schema.strict === true,
            mode: "native",
          },
    temperature: body["temperature"] as number | undefined,
    topP: body["top_p"] as number | undefined,
    topK: body["top_k"] as number | undefined,
    maxOutputTokens: (body["max_completion_tokens"] ?? body["max_tokens"]) as number | undefined,
    stopSequences: body["stop"] as string[] | undefined,
    seed: body["seed"] as number | undefined,
    n: body["n"] as number | undefined,
    logprobs: (body["top_logprobs"] ?? body["logprobs"]) as boolean | number | undefined,
    parallelToolCalls: body["parallel_tool_calls"] as boolean | undefined,
    reasoning: wanted,
    providerOptions: { openrouter: camel({ provider, models, plugins, transforms, route }) as OpenRouterOptions },
  };
}

/** Their messages are in the wire's form, most of which ours is too; what OpenRouter adds to it goes where ours has a place. */
function toMessages(body: Json): unknown[] {
  return list(body["messages"]).map((message) => {
    const { role, content, reasoning, reasoning_details: details, tool_calls: calls, tool_call_id: id } = message;
    // Some mark the message, which OpenRouter takes for a mark on its content.
    const own = typeof content === "string" ? [{ type: "text", text: content, cache_control: message["cache_control"] }] : list(content);
    // A picture that a tool returned has no place in ours.
    if (role === "tool") {
      const { text: _, type: __, ...mark } = toPart(own[0]!);
      return { role, content: [{ type: "tool-result", toolCallId: id, output: own.map(({ text }) => text ?? "").join(""), ...mark }] };
    }
    if (role !== "assistant") return { role, content: own.map(toPart) };
    const metadata = { openrouter: { field: "reasoning", ...(details !== undefined && { details }) } };
    return {
      role,
      content: [
        ...(details === undefined && reasoning === undefined
          ? []
          : [{ type: "reasoning", text: reasoning ?? "", providerMetadata: metadata }]),
        ...own.map(toPart),
        ...list(calls).map((call) => {
          const { name, arguments: input } = call["function"] as { name: string; arguments: string };
          return { type: "tool-call", toolCallId: call["id"], toolName: name, input };
        }),
      ],
    };
  });
}

function toPart(part: Json): Json {
  const { type, cache_control, video_url, ...rest } = part;
  const marked = cache_control === undefined ? {} : { providerMetadata: { openrouter: { cache_control } } };
  if (type === "video_url") return { type: "file", mediaType: "video/mp4", url: (video_url as { url: string }).url };
  if (type === "text") return { type, text: part["text"], ...marked };
  return { type, ...rest };
}

/** All texts of a body's messages, in order. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" && ["text", "content"].includes(key) && inner !== ""
      ? [inner]
      : key === "reasoning_details"
        ? []
        : textsOf(inner),
  );
}

const toolNames = (body: Json) => list(body["tools"]).map((tool) => (tool["function"] as Json | undefined)?.["name"] ?? tool["type"]);
/** Marks on tool calls, which one recorder sets, are not in the description. */
const marksOf = (body: Json) =>
  JSON.stringify(list(body["messages"]).map((message) => ({ ...message, tool_calls: undefined }))).match(/"cache_control"/g)?.length ?? 0;

describe.skipIf(!existsSync(SPEC))("requests against OpenRouter's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => void response.writeHead(500).end());
  afterAll(() => server.close());
  const valid = existsSync(SPEC) ? validator() : undefined!;

  async function sent(model: string, messages: unknown[], options: CallOptions, stream: boolean): Promise<Json> {
    const before = server.requests.length;
    const llm = client(server.url, { model });
    await (stream ? llm.stream(messages as Message[], options).result : llm.chat(messages as Message[], options)).catch(
      (error: unknown) => {
        if (server.requests.length === before) throw error;
      },
    );
    return server.requests.at(-1)!.body as Json;
  }

  function check(body: Json): void {
    if (!valid(body)) throw new Error(`${JSON.stringify(valid.errors?.slice(0, 3))} in ${JSON.stringify(body).slice(0, 2000)}`);
  }

  test("the description refuses what is wrong", () => {
    expect(valid({ messages: [{ role: "user", content: "Hi" }], provider: { allowFallbacks: false } })).toBe(false);
    expect(valid({ messages: [{ role: "user", content: [{ type: "text" }] }] })).toBe(false);
  });

  test.each([false, true])("streamed %s, with everything", async (stream) => {
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const mark = { providerMetadata: { openrouter: { cache_control: { type: "ephemeral", ttl: "5m" } } } };
    const details = [
      { type: "reasoning.text", text: "Hm", signature: "s", format: "anthropic-claude-v1", index: 0 },
      { type: "reasoning.summary", summary: "Hm", format: "openai-responses-v1", index: 1 },
      { type: "reasoning.encrypted", data: "x", id: "rs", format: "openai-responses-v1", index: 2 },
    ];
    const messages = [
      { role: "system", content: [{ type: "text", text: "Be brief.", ...mark }] },
      {
        role: "user",
        content: [
          { type: "text", text: "Look", ...mark },
          { type: "image", url: "https://example.com/cat.png" },
          { type: "image", base64: PNG },
          { type: "file", base64: "JVBERi0xLjQ=", filename: "a.pdf" },
          { type: "file", url: "https://example.com/a.pdf" },
          { type: "file", url: "file-id:file-abc" },
          { type: "file", base64: "UklGRiQAAABXQVZF" },
          { type: "file", url: "https://example.com/a.mp4" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "Hm", providerMetadata: { openrouter: { field: "reasoning", details } } },
          { type: "text", text: "Well", ...mark },
          { type: "text", text: "No.", refusal: true },
          { type: "image", base64: PNG },
          { type: "tool-call", toolCallId: "call_1", toolName: "weather", input: { city: "Oslo" } },
        ],
      },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "call_1", toolName: "weather", output: { degrees: 3 }, ...mark }] },
      { role: "user", content: "Go on" },
    ];
    const openrouter: OpenRouterOptions = {
      provider: {
        order: ["azure"],
        only: ["azure"],
        ignore: ["openai"],
        allowFallbacks: false,
        dataCollection: "deny",
        zdr: true,
        requireParameters: true,
        quantizations: ["fp8"],
        sort: { by: "price", partition: "model" },
        maxPrice: { prompt: "1", completion: "2" },
        preferredMaxLatency: 5,
        preferredMinThroughput: { p50: 10 },
        enforceDistillableText: true,
      },
      models: ["openai/gpt-5"],
      plugins: [{ id: "web", maxResults: 3 }, { id: "file-parser", pdf: { engine: "native" } }, { id: "response-healing" }],
      transforms: ["middle-out"],
      route: "fallback",
      reasoningEnabled: true,
      reasoningExclude: false,
      minP: 0.1,
      topA: 0.1,
      repetitionPenalty: 1.1,
      sessionId: "s",
      trace: { traceId: "t" },
      imageConfig: { aspectRatio: "16:9" },
      stopServerToolsWhen: [{ type: "step_count_is", stepCount: 2 }],
      debug: { echoUpstreamBody: true },
      serviceTier: "flex",
      logitBias: { 50256: -100 },
      prediction: { type: "content", content: "x" },
      modalities: ["text", "audio"],
    };
    const body = await sent(
      "deepseek/deepseek-v4",
      messages,
      {
        tools: [
          { type: "function", function: { name: "weather", description: "Weather", parameters, strict: true } },
          { type: "provider", provider: "openrouter", name: "openrouter:web_search", options: { parameters: { max_results: 3 } } },
        ],
        toolChoice: { toolName: "openrouter:web_search" },
        parallelToolCalls: false,
        output: { schema: parameters },
        maxOutputTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        topK: 5,
        stopSequences: ["END"],
        seed: 7,
        n: 2,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        logprobs: 3,
        reasoning: "high",
        cache: { ttl: "1h", key: "k" },
        user: "u1",
        metadata: { team: "a" },
        providerOptions: { openrouter },
      },
      stream,
    );
    check(body);
    const [, , assistant] = list(body["messages"]);
    expect(assistant).toMatchObject({ reasoning: "Hm", reasoning_details: details });
    expect(marksOf(body)).toBe(4);
  });

  describe.skipIf(!haveRecordings)("built anew from recorded ones", () => {
    const asked = loadRecordings("openrouter").filter(({ request }) => request.url.endsWith("/chat/completions"));

    test("are all here", () => {
      expect(asked.length).toBe(87);
      expect(asked.every(({ request }) => list((request.body as Json)["messages"]).length > 0)).toBe(true);
    });

    test.for(asked)("$id", async (recording: Recording) => {
      const theirs = recording.request.body as Json;
      const model = String(theirs["model"] ?? "openrouter/auto");
      const ours = await sent(model, toMessages(theirs), toOptions(theirs), theirs["stream"] === true);
      check(ours);
      expect(ours["model"]).toBe(model);
      expect(ours["stream"] ?? false).toBe(theirs["stream"] ?? false);
      expect(toolNames(ours)).toEqual(toolNames(theirs));
      for (const name of ["provider", "models", "plugins", "transforms", "route", "tool_choice", "top_k", "seed", "stop"])
        expect(ours[name]).toEqual(theirs[name]);
      const extra = list(ours["messages"]).length - list(theirs["messages"]).length;
      const isJsonMode = (theirs["response_format"] as Json | undefined)?.["type"] === "json_object";
      expect(extra).toBe(isJsonMode && !/json/i.test(textsOf(theirs["messages"]).join("")) ? 1 : 0);
      expect(textsOf(list(ours["messages"]).slice(extra))).toEqual(textsOf(theirs["messages"]));
      expect(
        list(ours["messages"])
          .slice(extra)
          .map((message) => message["reasoning_details"]),
      ).toEqual(list(theirs["messages"]).map((message) => message["reasoning_details"]));
      expect(marksOf(ours)).toBe(marksOf(theirs));
    });
  });
});
