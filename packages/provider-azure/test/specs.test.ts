import { existsSync, readFileSync } from "node:fs";
import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { haveRecordings, loadRecordings, type Recording } from "../../../tests/support/recordings.ts";
import { client } from "./support.ts";

type Json = Record<string, unknown>;
type Wire = "chat" | "responses";

/** Azure's v1 API follows OpenAI's description. */
const SPEC = new URL("../../../../shared/specs/openai.openapi.yaml", import.meta.url);
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** The service took it from its recorder, and the description refuses it: reasoning without an id. */
const BEYOND_SPEC = "azure-openai.ruby-llm.with_azure_gpt-5-nano_chats_on_the_openai_v1_responses_endpoint.1";

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

const wireOf = ({ request }: Recording): Wire => (new URL(request.url).pathname.endsWith("/responses") ? "responses" : "chat");

/** Tools as the wires write them, in our words. */
function toTool(tool: Json): NonNullable<CallOptions["tools"]>[number] {
  const { type, name, description, parameters, strict, ...options } = tool;
  if (type === "function" && "function" in tool) return tool as never;
  if (type === "function") return { type, function: { name, description, parameters, strict: strict ?? undefined } } as never;
  return { type: "provider", provider: "azure", name: String(type), options };
}

function toOptions(body: Json, wire: Wire): CallOptions {
  const choice = body["tool_choice"] as string | { name?: string; function?: { name: string } } | undefined;
  const format = (wire === "chat" ? body["response_format"] : (body["text"] as Json | undefined)?.["format"]) as Json | undefined;
  const schema = (format?.["json_schema"] ?? format) as { name: string; schema: object; strict?: boolean } | undefined;
  const { effort, summary } = (body["reasoning"] ?? { effort: body["reasoning_effort"] }) as { effort?: never; summary?: never };
  return {
    tools: list(body["tools"]).map(toTool),
    toolChoice: typeof choice === "object" ? { toolName: (choice.function?.name ?? choice.name)! } : (choice as "auto" | undefined),
    output:
      format?.["type"] === "json_schema" ? { ...schema!, schema: schema!.schema as Json, strict: schema!.strict === true } : undefined,
    temperature: body["temperature"] as number | undefined,
    topP: body["top_p"] as number | undefined,
    maxOutputTokens: (body["max_output_tokens"] ?? body["max_completion_tokens"] ?? body["max_tokens"] ?? undefined) as number | undefined,
    stopSequences: body["stop"] as string[] | undefined,
    seed: body["seed"] as number | undefined,
    n: body["n"] as number | undefined,
    reasoning: effort === undefined && summary === undefined ? undefined : { effort, summary },
    providerOptions: {
      azure: {
        // The recorders let the service store what they named by id.
        store: (body["store"] ?? true) as boolean,
        previousResponseId: body["previous_response_id"] as string | undefined,
        include: body["include"] as string[] | undefined,
      },
    },
    onUnsupported: "ignore",
  };
}

/** Items of the responses wire as our messages; those that only the vendor knows ride along as they are. */
function toMessages(items: Json[]): Message[] {
  return items.map((item): Message => {
    const { type = "message", role, call_id, output, content } = item;
    if (type === "message") {
      const text = typeof content === "string" ? content : list(content).map((part) => ({ type: "text", text: part["text"] }));
      return { role: role === "user" || role === "assistant" ? role : "system", content: text } as Message;
    }
    if (type === "function_call") {
      const call = { type: "tool-call" as const, toolCallId: String(call_id), toolName: String(item["name"]), input: item["arguments"] };
      return { role: "assistant", content: [{ ...call, providerMetadata: { azure: { item: { ...item, arguments: undefined } } } }] };
    }
    if (type === "function_call_output")
      return { role: "tool", content: [{ type: "tool-result", toolCallId: String(call_id), toolName: "", output }] };
    return { role: "assistant", content: [{ type: "reasoning", text: "", redacted: true, providerMetadata: { azure: { item } } }] };
  });
}

/** All texts of a body's messages, in order. */
function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" && ["text", "content", "output"].includes(key) && inner !== "" ? [inner] : textsOf(inner),
  );
}

const toolNames = (body: Json) =>
  list(body["tools"]).map((tool) => (tool["function"] as Json | undefined)?.["name"] ?? tool["name"] ?? tool["type"]);

describe.skipIf(!existsSync(SPEC))("requests against OpenAI's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => void response.writeHead(500).end());
  afterAll(() => server.close());
  const valid = existsSync(SPEC) ? validators() : undefined!;

  async function sent(wire: Wire, model: string, messages: unknown[], options: CallOptions, stream = false): Promise<Json> {
    const before = server.requests.length;
    const llm = client({ baseURL: server.url, api: wire, model });
    const run = stream ? llm.stream(messages as Message[], options).result : llm.chat(messages as Message[], options);
    await run.catch((error: unknown) => {
      if (server.requests.length === before) throw error;
    });
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
    const call = { type: "tool-call", toolCallId: "call_1", toolName: "weather", input: { city: "Oslo" } };
    const messages = [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "Look" },
          { type: "image", url: "https://example.com/cat.png" },
          { type: "image", base64: PNG },
          { type: "file", base64: "JVBERi0xLjQ=", filename: "a.pdf" },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "Well" }, call] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "call_1", toolName: "weather", output: { degrees: 3 } }] },
      { role: "user", content: "Go on" },
    ];
    const body = await sent(
      wire,
      "my-deployment",
      messages,
      {
        tools: [
          { type: "function", function: { name: "weather", description: "Weather", parameters, strict: true } },
          { type: "function", function: { name: "loose", parameters } },
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
        providerOptions: { azure: { verbosity: "low", logitBias: { 50256: -100 }, truncation: "auto", maxToolCalls: 3 } },
        onUnsupported: "ignore",
      },
      stream,
    );
    check(wire, body);
  });

  describe.skipIf(!haveRecordings)("built anew from recorded ones", () => {
    const asked = loadRecordings("azure-openai").filter(({ request }) => request.body !== null);

    test("are all here", () => expect(asked.length).toBe(82));

    test.for(asked)("$id", async (recording: Recording) => {
      const wire = wireOf(recording);
      const theirs = recording.request.body as Json;
      const field = wire === "chat" ? "messages" : "input";
      const messages = wire === "chat" ? list(theirs[field]) : toMessages(list(theirs[field]));
      const model = String(theirs["model"] ?? recording.model);
      const ours = await sent(wire, model, messages, toOptions(theirs, wire), theirs["stream"] === true);
      if (recording.id.startsWith(BEYOND_SPEC)) expect(valid[wire](theirs)).toBe(false);
      else check(wire, ours);
      expect(ours["model"]).toBe(model);
      expect(ours["stream"] ?? false).toBe(theirs["stream"] ?? false);
      expect(toolNames(ours)).toEqual(toolNames(theirs));
      expect(list(ours[field]).length).toBe(list(theirs[field]).length);
      expect(textsOf(ours[field])).toEqual(textsOf(theirs[field]));
    });
  });
});
