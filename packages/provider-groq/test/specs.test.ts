import { existsSync, readFileSync } from "node:fs";
import { startLoopback } from "@plurivox/conformance";
import type { CallOptions, Message } from "@plurivox/core";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { haveRecordings, loadRecordings, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { client, list, type Json } from "./support.ts";

const SPEC = new URL("../../../../shared/specs/groq.openapi.yaml", import.meta.url);

/** `nullable` is of OpenAPI 3.0; Ajv wants a null type. Some `oneOf`s hold twins: any string is also one of the tool types. */
function withNulls(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNulls);
  if (typeof schema !== "object" || schema === null) return schema;
  const {
    nullable,
    discriminator: _,
    ...rest
  } = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key === "oneOf" ? "anyOf" : key, withNulls(value)]));
  return nullable === true ? { anyOf: [rest, { type: "null" }] } : rest;
}

function validator(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...(withNulls(parse(readFileSync(SPEC, "utf8"))) as object), $id: "groq" });
  return ajv.compile({ $ref: "groq#/components/schemas/CreateChatCompletionRequest" });
}

/** A recorded request, in our words. Messages in the vendor's shape are input of ours as they are. */
function toOptions(body: Json): CallOptions {
  const choice = body["tool_choice"] as string | { function: { name: string } } | undefined;
  const format = body["response_format"] as { type: string; json_schema?: { name: string; schema: Json; strict?: boolean } } | undefined;
  return {
    tools: body["tools"] as CallOptions["tools"],
    toolChoice: typeof choice === "object" ? { toolName: choice.function.name } : (choice as "auto" | undefined),
    output: format?.type === "json_object" ? "json" : format && { ...format.json_schema!, mode: "native" },
    temperature: body["temperature"] as number | undefined,
    topP: body["top_p"] as number | undefined,
    maxOutputTokens: (body["max_completion_tokens"] ?? body["max_tokens"]) as number | undefined,
    stopSequences: body["stop"] as string[] | undefined,
    seed: body["seed"] as number | undefined,
    parallelToolCalls: body["parallel_tool_calls"] as boolean | undefined,
    user: body["user"] as string | undefined,
    reasoning:
      body["reasoning_effort"] === undefined
        ? undefined
        : { effort: body["reasoning_effort"] === "default" ? "medium" : (body["reasoning_effort"] as "low") },
    providerOptions: {
      groq: {
        serviceTier: body["service_tier"] as "flex" | undefined,
        reasoningFormat: body["reasoning_format"] as "parsed" | undefined,
        searchSettings: search(body["search_settings"] as Record<string, string[]> | undefined),
      },
    },
  };
}

function search(settings: Record<string, string[]> | undefined) {
  return settings && { includeDomains: settings["include_domains"], excludeDomains: settings["exclude_domains"] };
}

/** All texts of a body's messages, in order. No arguments at all are the same as none in particular. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" && ["text", "content", "reasoning", "arguments", "url"].includes(key) && inner !== ""
      ? [key === "arguments" ? JSON.stringify(JSON.parse(inner) ?? {}) : inner]
      : textsOf(inner),
  );
}

const shape = (body: Json) =>
  list(body["messages"]).map(({ role, tool_call_id, tool_calls }) => [role, tool_call_id, list(tool_calls).map(({ id }) => id)]);
const toolNames = (body: Json) => list(body["tools"]).map((tool) => (tool["function"] as Json | undefined)?.["name"] ?? tool["type"]);

describe.skipIf(!existsSync(SPEC))("requests against Groq's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => void response.writeHead(500).end());
  afterAll(() => server.close());
  const valid = existsSync(SPEC) ? validator() : undefined!;

  async function sent(model: string, messages: unknown[], options: CallOptions, stream = false): Promise<Json> {
    const before = server.requests.length;
    const llm = client(server.url, { model });
    const result = stream ? llm.stream(messages as Message[], options).result : llm.chat(messages as Message[], options);
    await result.catch((error: unknown) => {
      if (server.requests.length === before) throw error;
    });
    const body = server.requests.at(-1)!.body as Json;
    if (!valid(body)) throw new Error(`${JSON.stringify(valid.errors?.slice(0, 3))} in ${JSON.stringify(body).slice(0, 2000)}`);
    return body;
  }

  const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
  const everything: CallOptions = {
    tools: [
      { type: "function", function: { name: "weather", description: "Weather", parameters, strict: true } },
      { type: "provider", provider: "groq", name: "browser_search" },
    ],
    toolChoice: { toolName: "weather" },
    parallelToolCalls: false,
    output: { schema: parameters },
    maxOutputTokens: 100,
    temperature: 0.5,
    topP: 0.9,
    stopSequences: ["END"],
    seed: 7,
    reasoning: "high",
    user: "u1",
    providerOptions: {
      groq: {
        serviceTier: "flex",
        reasoningFormat: "parsed",
        citationOptions: "enabled",
        disableToolValidation: true,
        documents: [
          { id: "a", source: { type: "text", text: "Facts" } },
          { id: "b", source: { type: "json", data: { someKey: [1] } } },
        ],
        searchSettings: { includeDomains: ["a.example"], excludeDomains: ["b.example"], includeImages: true, country: "france" },
        compoundCustom: {
          models: { answeringModel: "openai/gpt-oss-120b", reasoningModel: "openai/gpt-oss-20b" },
          tools: { enabledTools: ["wolfram_alpha"], wolframSettings: { authorization: "w" } },
        },
      },
    },
  };
  const messages: Message[] = [
    {
      role: "system",
      content: [
        { type: "text", text: "Be brief." },
        { type: "text", text: "Be kind." },
      ],
    },
    {
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image", url: "https://example.com/cat.png" },
        { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
      ],
    },
    {
      role: "assistant",
      provider: "groq",
      content: [
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "Well" },
        { type: "tool-call", toolCallId: "call_1", toolName: "weather", input: { city: "Oslo" } },
      ],
    },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "call_1", toolName: "weather", output: { degrees: 3 } }] },
    { role: "user", content: "Go on" },
  ];

  test.each([false, true])("everything at once, streamed %s", async (stream) => {
    const body = await sent("qwen/qwen3.8-27b", messages, everything, stream);
    expect(shape(body).map(([role]) => role)).toEqual(["system", "user", "assistant", "tool", "user"]);
    expect(textsOf(body["messages"])).toEqual([
      "Be brief.",
      "Be kind.",
      "Look",
      "https://example.com/cat.png",
      "data:image/png;base64,iVBORw==",
      "Well",
      '{"city":"Oslo"}',
      "Hm.",
      '{"degrees":3}',
      "Go on",
    ]);
  });

  test("a field that the vendor does not know is told", async () => {
    await expect(sent("m", [{ role: "user", content: "Hi" }], { extraBody: { made_up: 1 } })).rejects.toThrow("made_up");
  });

  describe.skipIf(!haveRecordings)("built anew from recorded ones", () => {
    // Some were handed down without their request.
    const asked = loadRecordings("groq").filter(({ request }) => request.body !== null);

    test("are all here", () => expect(asked.length).toBe(81));

    test.for(asked)("$id", async ({ request }: Recording) => {
      const theirs = request.body as Json;
      const ours = await sent(String(theirs["model"]), list(theirs["messages"]), toOptions(theirs), theirs["stream"] === true);
      const asTheyWere = [
        "model",
        "temperature",
        "top_p",
        "stop",
        "seed",
        "parallel_tool_calls",
        "reasoning_effort",
        "service_tier",
        "search_settings",
      ];
      const picked = (body: Json) => asTheyWere.map((name) => [name, body[name]]);
      expect(picked(ours)).toEqual(picked(theirs));
      expect(ours["stream"] ?? false).toBe(theirs["stream"] ?? false);
      expect(ours["tool_choice"]).toEqual(toolNames(theirs).length > 0 ? theirs["tool_choice"] : undefined);
      expect(toolNames(ours)).toEqual(toolNames(theirs));
      expect((ours["response_format"] as Json | undefined)?.["type"]).toBe((theirs["response_format"] as Json | undefined)?.["type"]);
      expect(shape(ours)).toEqual(shape(theirs));
      expect(textsOf(ours["messages"])).toEqual(textsOf(theirs["messages"]));
    });
  });
});
