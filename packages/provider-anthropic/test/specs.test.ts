import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { haveRecordings, loadRecordings, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;
type Block = Json & { type: string };
interface Body extends Json {
  messages: { role: string; content: Block[] }[];
  tools?: Json[];
}

const SPEC = new URL("../../../../shared/specs/anthropic.openapi.json", import.meta.url);

/** Tools that the service accepted from the recorders, and that the description, older than they are, refuses from them and from us. */
const NEWER_THAN_SPEC: readonly unknown[] = ["advisor_20260301", "web_search_20260318"];

/** A recorded request, in our words. */
function toInput(body: Json): { messages: Message[]; options: CallOptions } {
  const messages: Message[] = [];
  for (const part of toBlocks(body["system"] ?? [])) messages.push({ role: "system", content: [toPart(part) as never] });
  for (const { role, content } of body["messages"] as { role: string; content: string | Block[] }[]) {
    const blocks = toBlocks(content);
    const results = blocks.filter(({ type }) => role === "user" && type === "tool_result");
    const rest = blocks.filter((block) => !results.includes(block));
    if (results.length > 0) messages.push({ role: "tool", content: results.map(toPart) } as Message);
    if (rest.length > 0) messages.push({ role, content: rest.map(toPart) } as Message);
  }
  const choice = (body["tool_choice"] ?? {}) as { type?: string; name?: string; disable_parallel_tool_use?: boolean };
  const thinking = body["thinking"] as { type: string; budget_tokens?: number } | undefined;
  const config = (body["output_config"] ?? {}) as { effort?: never; format?: { schema: Json } };
  const schema = config.format?.schema ?? (body["output_format"] as { schema?: Json } | undefined)?.schema;
  const options: CallOptions = {
    maxOutputTokens: body["max_tokens"] as number,
    temperature: body["temperature"] as number | undefined,
    topP: body["top_p"] as number | undefined,
    topK: body["top_k"] as number | undefined,
    stopSequences: body["stop_sequences"] as string[] | undefined,
    tools: (body["tools"] as Json[] | undefined)?.map(toTool) as CallOptions["tools"],
    toolChoice:
      choice.name !== undefined ? { toolName: choice.name } : choice.type === "any" ? "required" : (choice.type as "auto" | undefined),
    parallelToolCalls: choice.disable_parallel_tool_use === true ? false : undefined,
    reasoning:
      thinking === undefined && config.effort === undefined ? undefined : { budgetTokens: thinking?.budget_tokens, effort: config.effort },
    output: schema === undefined ? undefined : { schema, mode: "native" },
    providerOptions: {
      anthropic: {
        container: body["container"] as string | undefined,
        mcpServers: body["mcp_servers"] as { name: string; url: string }[] | undefined,
      },
    },
    onUnsupported: "warn",
  };
  return { messages, options };
}

function toBlocks(content: unknown): Block[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : (content as Block[]);
}

function toTool({ type, name, description, input_schema, strict, ...rest }: Json): unknown {
  if (type !== undefined && type !== "custom") return { type: "provider", provider: "anthropic", name: type, options: rest };
  return { type: "function", function: { name, description, parameters: input_schema, strict } };
}

function toPart({ type, ...fields }: Block): unknown {
  const { text, source, title, thinking, id, name, input, tool_use_id: toolCallId, content, is_error, ...own } = fields;
  const extra = (more: Json) => (Object.keys(more).length === 0 ? {} : { providerMetadata: { anthropic: more } });
  if (type === "container_upload") return { type: "file", url: `file-id:${String(own["file_id"])}`, ...extra({ type, ...own }) };
  if (type === "text") return { type, text, ...extra(own) };
  if (type === "thinking") return { type: "reasoning", text: thinking, ...extra(own) };
  if (type === "image" || type === "document")
    return { type: type === "image" ? type : "file", filename: title, ...toSource(source as Json), ...extra(own) };
  if (type === "tool_use") return { type: "tool-call", toolCallId: id, toolName: name, input, ...extra(own) };
  if (type.endsWith("_tool_use"))
    return { type: "tool-call", toolCallId: id, toolName: name, input, providerExecuted: true, ...extra({ type, ...own }) };
  if (type === "tool_result") {
    const plain = typeof content === "string" || (content as Block[]).every((part) => part.type === "text" || part.type === "image");
    const output = typeof content === "string" || !plain ? content : (content as Block[]).map(toPart);
    return { type: "tool-result", toolCallId, toolName: "", output, isError: is_error, ...extra({ ...own, ...(!plain && { content }) }) };
  }
  if (type.endsWith("_tool_result")) return { type: "tool-result", toolCallId, toolName: "", output: content, ...extra({ type, ...own }) };
  throw new Error(`There is no part for ${type}.`);
}

function toSource({ type, data, url, file_id, media_type }: Json): Json {
  if (type === "url") return { url, mediaType: undefined };
  if (type === "file") return { url: `file-id:${String(file_id)}` };
  return type === "text"
    ? { data: new TextEncoder().encode(String(data)), mediaType: media_type }
    : { base64: data, mediaType: media_type };
}

/** The recorded messages in the one form that we send: blocks. */
function normalized(body: Json): Body["messages"] {
  return (body["messages"] as { role: string; content: string | Block[] }[]).map(({ role, content }) => ({
    role,
    content: toBlocks(content),
  }));
}

describe.skipIf(!existsSync(SPEC))("requests by the vendor's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => {
    response.writeHead(500).end();
  });
  afterAll(() => server.close());
  // The body of a skipped suite runs all the same, to find its tests.
  const spec = existsSync(SPEC) ? readFileSync(SPEC, "utf8") : '{ "components": { "schemas": { "BetaCreateMessageParams": {} } } }';
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile({ ...(JSON.parse(spec) as { components: object }), $ref: "#/components/schemas/BetaCreateMessageParams" });

  async function sent(messages: string | Message[], options: CallOptions): Promise<Body> {
    await client(server.url)
      .chat(messages, options)
      .catch(() => undefined);
    return server.requests.at(-1)!.body as Body;
  }

  const recordings = loadRecordings("anthropic").filter(({ request, response }) => request.body !== null && response.status === 200);

  test.skipIf(!haveRecordings)("as many recordings as there should be", () => {
    expect(recordings.length).toBe(89);
    expect(recordings.filter(({ request }) => isNewer(request.body as Json)).length).toBe(4);
  });

  test.for(recordings)("$id", async ({ request, model }: Recording) => {
    const recorded = request.body as Json;
    const { messages, options } = toInput(recorded);
    const body = await sent(messages, { ...options, model: `anthropic/${model}` });
    expect(body.messages).toEqual(normalized(recorded));
    expect(body["model"]).toBe(recorded["model"]);
    expect(body["max_tokens"]).toBe(recorded["max_tokens"]);
    expect(body["stop_sequences"]).toEqual(recorded["stop_sequences"]);
    expect((body["tool_choice"] as Json | undefined)?.["type"]).toBe((recorded["tool_choice"] as Json | undefined)?.["type"]);
    expect((body["thinking"] as Json | undefined)?.["budget_tokens"]).toBe((recorded["thinking"] as Json | undefined)?.["budget_tokens"]);
    const schema = (config: Json | undefined) => (config?.["format"] as Json | undefined)?.["schema"];
    if (recorded["output_config"] !== undefined)
      expect(schema(body["output_config"] as Json | undefined)).toEqual(schema(recorded["output_config"] as Json));
    const tools = (of: Json) =>
      ((of["tools"] ?? []) as Json[])
        .filter(({ type }) => type !== "mcp_toolset")
        .map(({ name, type, input_schema }) => ({
          name,
          type,
          input_schema: input_schema && { properties: {}, ...(input_schema as Json) },
        }));
    expect(tools(body)).toEqual(tools(recorded));
    validate(body);
    if (isNewer(recorded)) expect(validate(recorded)).toBe(false);
    else expect(validate.errors).toBeNull();
  });

  test("everything at once", async () => {
    const body = await sent(everything.messages, everything.options);
    validate(body);
    expect(validate.errors).toBeNull();
    expect(body.messages.map(({ role, content }) => [role, content.map(({ type }) => type)])).toEqual([
      ["user", ["text", "image", "image", "document", "document", "document"]],
      ["assistant", ["thinking", "text", "tool_use", "tool_use"]],
      ["user", ["tool_result", "tool_result", "text", "text"]],
      ["assistant", ["text"]],
      ["user", ["text"]],
    ]);
  });
});

function isNewer(body: Json): boolean {
  return ((body["tools"] ?? []) as Json[]).some(({ type }) => NEWER_THAN_SPEC.includes(type));
}

const everything: { messages: Message[]; options: CallOptions } = {
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image", url: "https://example.com/cat.png" },
        { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
        { type: "file", base64: "JVBERi0=", filename: "a.pdf" },
        { type: "file", data: new TextEncoder().encode("notes"), mediaType: "text/markdown" },
        { type: "file", url: "https://example.com/b.pdf" },
      ],
    },
    {
      role: "assistant",
      provider: "anthropic",
      content: [
        { type: "reasoning", text: "Hm", providerMetadata: { anthropic: { signature: "sig" } } },
        { type: "text", text: "I will look." },
        { type: "tool-call", toolCallId: "toolu_1", toolName: "look", input: { at: 1 } },
        { type: "tool-call", toolCallId: "toolu_2", toolName: "look", input: {} },
      ],
    },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "toolu_1", toolName: "look", output: { ok: true } }] },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "toolu_2", toolName: "look", output: "no", isError: true }] },
    { role: "system", content: "Answer in French." },
    { role: "user", content: "And?" },
    { role: "assistant", content: "Bien." },
    { role: "user", content: "Merci" },
  ],
  options: {
    model: "anthropic/claude-opus-4-6",
    maxOutputTokens: 5000,
    stopSequences: ["END"],
    reasoning: { effort: "high", budgetTokens: 2000 },
    tools: [
      {
        type: "function",
        function: {
          name: "look",
          description: "Looks",
          parameters: { type: "object", properties: { at: { type: "integer", minimum: 0 } } },
          strict: true,
        },
      },
      { type: "provider", provider: "anthropic", name: "web_search_20250305", options: { max_uses: 2 } },
    ],
    toolChoice: "auto",
    parallelToolCalls: false,
    output: { type: "object", properties: { answer: { type: "string", maxLength: 9 } } },
    cache: { ttl: "1h" },
    user: "user-7",
    providerOptions: {
      anthropic: {
        serviceTier: "auto",
        inferenceGeo: "us",
        container: "container_1",
        mcpServers: [{ name: "wiki", url: "https://example.com/mcp", authorizationToken: "t" }],
      },
    },
  },
};
