import { existsSync, readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { haveRecordings, loadRecordings, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { client } from "./support.ts";

type Json = Record<string, unknown>;
type Wire = "chat" | "responses";

const SPEC = new URL("../../../../shared/specs/openai.openapi.yaml", import.meta.url);
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** The service took these from their recorders, and the description refuses them: reasoning without an id, null for no sources, a picture named by its id alone. */
const BEYOND_SPEC: readonly string[] = [
  "openai-responses.chatlas.test_provider_openai-test_openai_web_search.1-dd57860b",
  "openai-responses.pydantic-ai.esponses-test_openai_responses_image_generation_with_tool_output.1-d96fae79",
  "openai-responses.ruby-llm.chat_pdf_models_openai_gpt-5-nano_understands_pdfs.1-20206df4",
  "openai-responses.ruby-llm.gpt-5-nano_can_use_tools_with_multi-turn_streaming_conversations.2-b0d3b2ff",
  "openai-responses.ruby-llm.i_gpt-5-nano_can_handle_multiple_tool_calls_in_a_single_response.1-75862fe9",
  "openai-responses.ruby-llm.i_gpt-5-nano_can_handle_multiple_tool_calls_in_a_single_response.2-647707cb",
  "openai-responses.ruby-llm.ol_openai_gpt-5-nano_respects_calls_one_for_sequential_execution.1-dcfa6937",
  "openai-responses.ruby-llm.ol_openai_gpt-5-nano_respects_calls_one_for_sequential_execution.2-802a8f27",
  "openai-responses.ruby-llm.ool_attachments_openai_gpt-5-nano_reads_pdfs_returned_from_tools.1-dca2ef77",
];

/** A model that takes no tools; the service refused the request, for another reason. */
const TOOLLESS = "gpt-5-chat-latest";

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

/** `nullable` is of OpenAPI 3.0; Ajv wants a null type. Of its `oneOf`s, some hold twins: a message is "easy" and an item at once. */
function withNulls(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNulls);
  if (typeof schema !== "object" || schema === null) return schema;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key === "oneOf" ? "anyOf" : key, withNulls(value)]),
  );
  return nullable === true ? { anyOf: [rest, { type: "null" }] } : rest;
}

function validators(): Record<Wire, ValidateFunction> {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...(withNulls(parse(readFileSync(SPEC, "utf8"), { maxAliasCount: -1 })) as object), $id: "openai" });
  return {
    chat: ajv.compile({ $ref: "openai#/components/schemas/CreateChatCompletionRequest" }),
    responses: ajv.compile({ $ref: "openai#/components/schemas/CreateResponse" }),
  };
}

/** Tools as the wires write them, in our words. */
function toTool(tool: Json): NonNullable<CallOptions["tools"]>[number] {
  const { type, name, description, parameters, strict, ...options } = tool;
  if (type === "function" && "function" in tool) return tool as never;
  if (type === "function") return { type, function: { name: String(name), description, parameters, strict: strict ?? undefined } } as never;
  if (type === "custom" && tool["custom"] !== undefined)
    return { type: "provider", provider: "openai", name: "custom", options: tool["custom"] as Json };
  return { type: "provider", provider: "openai", name: String(type), options: { ...options, name, description, parameters } };
}

function toOptions(body: Json, wire: Wire): CallOptions {
  const choice = body["tool_choice"] as string | { name?: string; function?: { name: string } } | undefined;
  const format = (wire === "chat" ? body["response_format"] : (body["text"] as Json | undefined)?.["format"]) as Json | undefined;
  const schema = (format?.["json_schema"] ?? format) as { name: string; schema: object; strict?: boolean } | undefined;
  const { effort, summary } = (body["reasoning"] ?? { effort: body["reasoning_effort"] }) as { effort?: never; summary?: never };
  const top = body["top_logprobs"] as number | undefined;
  const functions = list(body["functions"]).map((legacy) => ({ type: "function", function: legacy }));
  return {
    tools: [...list(body["tools"]), ...functions].map(toTool),
    toolChoice: typeof choice === "object" ? { toolName: (choice.function?.name ?? choice.name)! } : (choice as "auto" | undefined),
    output:
      format?.["type"] === "json_object"
        ? "json"
        : format?.["type"] === "json_schema"
          ? { name: schema!.name, schema: schema!.schema as Json, strict: schema!.strict === true, mode: "native" }
          : undefined,
    temperature: body["temperature"] as number | undefined,
    topP: body["top_p"] as number | undefined,
    maxOutputTokens: (body["max_output_tokens"] ?? body["max_completion_tokens"] ?? body["max_tokens"] ?? undefined) as number | undefined,
    stopSequences: typeof body["stop"] === "string" ? [body["stop"]] : (body["stop"] as string[] | undefined),
    seed: body["seed"] as number | undefined,
    n: body["n"] as number | undefined,
    presencePenalty: body["presence_penalty"] as number | undefined,
    frequencyPenalty: body["frequency_penalty"] as number | undefined,
    logprobs: top ?? (body["logprobs"] as boolean | undefined),
    parallelToolCalls: body["parallel_tool_calls"] as boolean | undefined,
    user: body["user"] as string | undefined,
    reasoning: effort === undefined && summary === undefined ? undefined : { effort, summary },
    providerOptions: {
      openai: {
        // The recorders let the service store what they named by id.
        store: (body["store"] ?? true) as boolean,
        serviceTier: body["service_tier"] as string | undefined,
        modalities: body["modalities"] as "text"[] | undefined,
        audio: body["audio"] as { voice: string; format: string } | undefined,
        previousResponseId: body["previous_response_id"] as string | undefined,
        conversation: body["conversation"] as string | undefined,
        include: body["include"] as string[] | undefined,
        background: body["background"] as boolean | undefined,
        truncation: body["truncation"] as "auto" | undefined,
        promptCacheKey: body["prompt_cache_key"] as string | undefined,
      },
    },
    onUnsupported: "ignore",
  };
}

/** Items of the responses wire as our messages; those that only this vendor knows ride along as they are. */
function toMessages(items: Json[]): Message[] {
  return items.map((item): Message => {
    const { type = "message", role, call_id, output, content } = item;
    const metadata = { openai: { item } };
    if (type === "message" && role === "assistant")
      return {
        role,
        content:
          typeof content === "string"
            ? content
            : list(content).map((part) => ({
                type: "text",
                text: String(part["text"]),
                providerMetadata: { openai: { itemId: item["id"], phase: item["phase"] } },
              })),
      };
    if (type === "message")
      return {
        role: role === "user" ? "user" : "system",
        content: typeof content === "string" ? content : list(content).map(toPart),
      } as Message;
    if (type === "function_call")
      return {
        role: "assistant",
        content: [
          {
            type: "tool-call",
            toolCallId: String(call_id),
            toolName: String(item["name"]),
            input: item["arguments"],
            providerMetadata: { openai: { item: { ...item, arguments: undefined } } },
          },
        ],
      };
    if (type === "function_call_output")
      return { role: "tool", content: [{ type: "tool-result", toolCallId: String(call_id), toolName: "", output }] };
    return { role: "assistant", content: [{ type: "reasoning", text: "", redacted: true, providerMetadata: metadata }] };
  });
}

function toPart(part: Json): Json {
  if (part["type"] === "input_image")
    return { type: "image", url: part["image_url"], providerMetadata: { openai: { detail: part["detail"] } } };
  if (part["type"] === "input_file") return { type: "file", url: part["file_data"] ?? part["file_url"], filename: part["filename"] };
  return { type: "text", text: part["text"] };
}

/** All texts of a body's messages, in order. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" && ["text", "content", "output"].includes(key) && inner !== "" ? [inner] : textsOf(inner),
  );
}

/** An answer of nothing but white space is not sent again. */
const says = ({ role, content, tool_calls: calls, refusal }: Json) =>
  role !== "assistant" || calls !== undefined || refusal != null || textsOf({ content }).some((text) => text.trim() !== "");

const toolNames = (body: Json) =>
  [...list(body["tools"]), ...list(body["functions"])].map(
    (tool) => ((tool["function"] ?? tool["custom"]) as Json | undefined)?.["name"] ?? tool["name"] ?? tool["type"],
  );

describe.skipIf(!existsSync(SPEC))("requests against OpenAI's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => void response.writeHead(500).end());
  afterAll(() => server.close());
  const valid = existsSync(SPEC) ? validators() : undefined!;

  async function sent(api: Wire, model: string, messages: unknown[], options: CallOptions, stream = false): Promise<Json> {
    const before = server.requests.length;
    const llm = client(server.url, { api, model });
    await (stream ? llm.stream(messages as Message[], options).result : llm.chat(messages as Message[], options)).catch(
      (error: unknown) => {
        if (server.requests.length === before) throw error;
      },
    );
    return server.requests.at(-1)!.body as Json;
  }

  function check(wire: Wire, body: Json): void {
    if (!valid[wire](body)) throw new Error(`${JSON.stringify(valid[wire].errors?.slice(0, 3))} in ${JSON.stringify(body).slice(0, 2000)}`);
  }

  test.each<[wire: Wire, stream: boolean]>([
    ["chat", false],
    ["chat", true],
    ["responses", false],
    ["responses", true],
  ])("%s, streamed %s, with everything", async (wire, stream) => {
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const messages = [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "Look" },
          { type: "image", url: "https://example.com/cat.png" },
          { type: "image", base64: PNG },
          { type: "file", base64: "JVBERi0xLjQ=", filename: "a.pdf" },
          { type: "file", url: "file-id:file-abc" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "text", text: "Well" },
          { type: "text", text: "No.", refusal: true },
          { type: "tool-call", toolCallId: "call_1", toolName: "weather", input: { city: "Oslo" } },
        ],
      },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "call_1", toolName: "weather", output: { degrees: 3 } }] },
      { role: "user", content: "Go on" },
    ];
    const body = await sent(
      wire,
      wire === "chat" ? "gpt-4.1" : "gpt-5.4",
      messages,
      {
        tools: [
          { type: "function", function: { name: "weather", description: "Weather", parameters, strict: true } },
          { type: "function", function: { name: "loose", parameters } },
          { type: "provider", provider: "openai", name: "custom", options: { name: "code", description: "Runs code" } },
        ],
        toolChoice: { toolName: "weather" },
        parallelToolCalls: false,
        output: { schema: parameters },
        maxOutputTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        stopSequences: ["END"],
        seed: 7,
        n: 2,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        logprobs: 3,
        reasoning: { effort: "high", summary: "auto" },
        cache: { key: "session" },
        user: "u1",
        metadata: { team: "a" },
        providerOptions: {
          openai: {
            serviceTier: "flex",
            verbosity: "low",
            promptCacheRetention: "24h",
            safetyIdentifier: "s",
            logitBias: { 50256: -100 },
            prediction: { type: "content", content: "x" },
            webSearchOptions: { searchContextSize: "low" },
            truncation: "auto",
            maxToolCalls: 3,
            include: ["file_search_call.results"],
          },
        },
        onUnsupported: "ignore",
      },
      stream,
    );
    check(wire, body);
  });

  describe.skipIf(!haveRecordings).each<[wire: Wire, folder: string, count: number]>([
    ["chat", "openai-chat", 98],
    ["responses", "openai-responses", 95],
  ])("%s, built anew from recorded ones", (wire, folder, count) => {
    // Some were handed down without their request.
    const asked = loadRecordings(folder).filter(({ request }) => request.body !== null);

    test("are all here", () => expect(asked.length).toBe(count));

    test.for(asked)("$id", async (recording: Recording) => {
      const theirs = recording.request.body as Json;
      const messages =
        wire === "chat"
          ? list(theirs["messages"])
          : typeof theirs["input"] === "string"
            ? [{ role: "user", content: theirs["input"] }]
            : toMessages(list(theirs["input"]));
      const ours = await sent(
        wire,
        String(theirs["model"]),
        messages,
        { ...toOptions(theirs, wire), ...(theirs["instructions"] ? { system: theirs["instructions"] as string } : {}) },
        theirs["stream"] === true,
      );
      if (BEYOND_SPEC.includes(recording.id)) expect(valid[wire](theirs)).toBe(false);
      else check(wire, ours);
      expect(ours["model"]).toBe(theirs["model"]);
      expect(ours["stream"] ?? false).toBe(theirs["stream"] ?? false);
      expect(toolNames(ours)).toEqual(theirs["model"] === TOOLLESS ? [] : toolNames(theirs));
      const field = wire === "chat" ? "messages" : "input";
      const extra = theirs["instructions"] ? 1 : 0;
      expect(list(ours[field]).length).toBe(
        typeof theirs["input"] === "string" ? 1 + extra : list(theirs[field]).filter(says).length + extra,
      );
      expect(textsOf(ours[field]).slice(extra)).toEqual(
        typeof theirs["input"] === "string" ? [theirs["input"]] : textsOf(list(theirs[field]).filter(says)),
      );
    });
  });
});
