import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { haveRecordings, loadRecordings, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { client, type Json, type SentBody } from "./support.ts";

type Chunk = Json & { type: string };

const SPEC = new URL("../../../../shared/specs/mistral.openapi.yaml", import.meta.url);
const NOTHING = "components: { schemas: { ChatCompletionRequest: {} } }";

/** A recorded request, in our words. */
function toInput(body: Json): { messages: Message[]; options: CallOptions } {
  const choice = body["tool_choice"];
  const format = (body["response_format"] ?? {}) as { type?: string; json_schema?: { name: string; schema: Json; strict: boolean } };
  const given = format.json_schema;
  const native = given && { name: given.name, schema: given.schema, strict: given.strict, mode: "native" as const };
  const options: CallOptions = {
    temperature: body["temperature"] as number | undefined,
    topP: body["top_p"] as number | undefined,
    maxOutputTokens: body["max_tokens"] as number | undefined,
    stopSequences: body["stop"] as string[] | undefined,
    seed: body["random_seed"] as number | undefined,
    n: body["n"] as number | undefined,
    presencePenalty: body["presence_penalty"] as number | undefined,
    frequencyPenalty: body["frequency_penalty"] as number | undefined,
    reasoning: body["reasoning_effort"] as CallOptions["reasoning"],
    tools: withTypes(body["tools"]) as CallOptions["tools"],
    toolChoice: typeof choice === "object" ? { toolName: (choice as { function: { name: string } }).function.name } : toChoice(choice),
    parallelToolCalls: body["parallel_tool_calls"] as boolean | undefined,
    output: format.type === "json_object" ? "json" : native,
    providerOptions: { mistral: { safePrompt: body["safe_prompt"] as boolean | undefined } },
    onUnsupported: "warn",
  };
  return { messages: (body["messages"] as Json[]).map(toMessage), options };
}

/** The type may be left out where it is a function. */
function withTypes(tools: unknown): unknown {
  return (tools as Json[] | undefined)?.map((tool) => ({ type: "function", ...tool }));
}

function toChoice(choice: unknown): CallOptions["toolChoice"] {
  return choice === "any" ? "required" : (choice as "auto" | undefined);
}

function toMessage({ role, content, tool_calls: calls, tool_call_id: id }: Json): Message {
  if (role === "tool") return { role, content: [{ type: "tool-result", toolCallId: String(id), toolName: "", output: content }] };
  const parts = typeof content === "string" ? content : (content as Chunk[]).map(toPart);
  if (calls === undefined || calls === null) return { role, content: parts } as Message;
  const said = typeof parts === "string" ? [{ type: "text", text: parts }] : parts;
  const called = (calls as { id: string; function: { name: string; arguments: string } }[]).map(({ id: toolCallId, function: fn }) => ({
    type: "tool-call",
    toolCallId,
    toolName: fn.name,
    input: JSON.parse(fn.arguments) as unknown,
  }));
  return { role, content: [...said, ...called] } as Message;
}

function toPart(chunk: Chunk): unknown {
  switch (chunk.type) {
    case "text":
      return { type: "text", text: chunk["text"] };
    case "thinking":
      return { type: "reasoning", text: (chunk["thinking"] as Chunk[]).map(({ text }) => text).join("") };
    case "image_url": {
      const image = chunk["image_url"] as string | { url: string; detail: string };
      if (typeof image === "string") return { type: "image", url: image };
      return { type: "image", url: image.url, providerMetadata: { mistral: { detail: image.detail } } };
    }
    case "document_url":
      return { type: "file", url: chunk["document_url"], filename: chunk["document_name"] };
    case "input_audio":
      return { type: "file", base64: chunk["input_audio"], mediaType: "audio/mpeg" };
    default:
      throw new Error(`There is no part for ${chunk.type}.`);
  }
}

/** The recorded messages in the form that we send: texts joined, thoughts as one, JSON without its spaces, ids that are nine characters long. */
function normalized(messages: Json[]): Json[] {
  return messages.flatMap(({ role, content, tool_calls: calls, tool_call_id: id }) => {
    const chunks = typeof content === "string" ? [{ type: "text", text: content }] : ((content ?? []) as Chunk[]);
    const words = chunks.map(({ text }) => text).join("");
    const plain = role === "assistant" && chunks.every(({ type }) => type === "text");
    const called = (calls ?? []) as { function: { name: string; arguments: string } }[];
    if (role === "assistant" && words === "" && called.length === 0 && plain) return [];
    return [
      {
        role,
        content: typeof content === "string" ? content : plain ? words : chunks.map(withOneThought),
        ...(id !== undefined && { tool_call_id: expect.stringMatching(/^\w{9}$/) as unknown }),
        ...(called.length > 0 && {
          tool_calls: called.map(({ function: { name, arguments: input } }) => ({
            id: expect.stringMatching(/^\w{9}$/) as unknown,
            type: "function",
            function: { name, arguments: JSON.stringify(JSON.parse(input)) },
          })),
        }),
      },
    ];
  });
}

function withOneThought(chunk: Chunk): Chunk {
  if (chunk.type !== "thinking") return chunk;
  return { type: "thinking", thinking: [{ type: "text", text: (chunk["thinking"] as Chunk[]).map(({ text }) => text).join("") }] };
}

describe.skipIf(!existsSync(SPEC))("requests by the vendor's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => {
    response.writeHead(500).end();
  });
  afterAll(() => server.close());
  // The body of a skipped suite runs all the same, to find its tests.
  const spec = parse(existsSync(SPEC) ? readFileSync(SPEC, "utf8") : NOTHING) as { components: object };
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile({ components: spec.components, $ref: "#/components/schemas/ChatCompletionRequest" });

  async function sent(messages: Message[], options: CallOptions): Promise<SentBody> {
    const before = server.requests.length;
    const error: unknown = await client(server.url)
      .chat(messages, options)
      .catch((thrown: unknown) => thrown);
    if (server.requests.length === before) throw error;
    return server.requests.at(-1)!.body as SentBody;
  }

  const recordings = loadRecordings("mistral").filter(
    ({ request, response }) => request.url.endsWith("/v1/chat/completions") && request.body !== null && response.status === 200,
  );

  test.skipIf(!haveRecordings)("as many recordings as there should be", () => {
    expect(recordings.length).toBe(74);
  });

  test.for(recordings)("$id", async ({ request, model }: Recording) => {
    const recorded = request.body as Json & { messages: Json[] };
    const { messages, options } = toInput(recorded);
    const body = await sent(messages, { ...options, model: `mistral/${model}` });
    validate(body);
    expect(validate.errors).toBeNull();
    expect(body.messages).toEqual(normalized(recorded.messages));
    const same = ["model", "temperature", "max_tokens", "stop", "random_seed", "n", "presence_penalty", "frequency_penalty"];
    for (const name of [...same, "parallel_tool_calls", "reasoning_effort", "safe_prompt"])
      expect([name, body[name]]).toEqual([name, recorded[name]]);
    if (recorded["temperature"] !== 0) expect(body["top_p"]).toBe(recorded["top_p"]);
    expect(body["tools"]).toEqual(withTypes(recorded["tools"]));
    expect(body["tool_choice"]).toEqual(recorded["tool_choice"] === "required" ? "any" : recorded["tool_choice"]);
    const format = (of: Json) => {
      const { type, json_schema: given } = (of["response_format"] ?? {}) as { type?: string; json_schema?: Json };
      return { type, name: given?.["name"], schema: given?.["schema"], strict: given?.["strict"] };
    };
    expect(format(body)).toEqual(format(recorded));
  });

  test("everything at once", async () => {
    const body = await sent(everything.messages, everything.options);
    validate(body);
    expect(validate.errors).toBeNull();
    const kinds = (content: unknown) => (typeof content === "string" ? "text" : (content as Chunk[]).map(({ type }) => type));
    expect(body.messages.map(({ role, content }) => [role, kinds(content)])).toEqual([
      ["system", "text"],
      ["user", ["text", "image_url", "image_url", "image_url", "document_url", "document_url", "text", "file", "input_audio"]],
      ["assistant", ["thinking", "text", "reference"]],
      ["tool", "text"],
      ["tool", ["text", "image_url"]],
      ["user", "text"],
      ["user", "text"],
      ["assistant", "text"],
    ]);
    validate({ ...body, top_k: 5, tools: "none" });
    expect(validate.errors?.map(({ instancePath }) => instancePath)).toContain("/tools");
  });
});

const everything: { messages: Message[]; options: CallOptions } = {
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image", url: "https://example.com/cat.png" },
        { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]), providerMetadata: { mistral: { detail: "high" } } },
        { type: "image", url: "data:image/gif;base64,R0lGOA==" },
        { type: "file", base64: "JVBERi0=", filename: "a.pdf" },
        { type: "file", url: "https://example.com/b.pdf" },
        { type: "file", data: new TextEncoder().encode("notes"), mediaType: "text/markdown" },
        { type: "file", url: "file-id:6e8e4f0c-7a52-4c8b-9a35-3f8a4ac0f1b2" },
        { type: "file", base64: "SUQz", mediaType: "audio/mpeg" },
      ],
    },
    {
      role: "assistant",
      provider: "mistral",
      content: [
        { type: "reasoning", text: "Hm", providerMetadata: { mistral: { signature: "sig" } } },
        { type: "text", text: "I will look." },
        { type: "source", documentId: "0", providerMetadata: { mistral: { reference_ids: [0] } } },
        { type: "tool-call", toolCallId: "call_1", toolName: "look", input: { at: 1 } },
        { type: "tool-call", toolCallId: "call_2", toolName: "look", input: {} },
      ],
    },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "call_1", toolName: "look", output: { ok: true } }] },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          toolCallId: "call_2",
          toolName: "look",
          output: [
            { type: "text", text: "see" },
            { type: "image", url: "https://example.com/b.png" },
          ],
        },
      ],
    },
    { role: "system", content: "Answer in French." },
    { role: "user", content: "And?" },
    { role: "assistant", content: "Bien" },
  ],
  options: {
    model: "mistral/mistral-medium-3-5",
    maxOutputTokens: 5000,
    temperature: 0.3,
    topP: 0.9,
    stopSequences: ["END"],
    seed: 7,
    n: 2,
    presencePenalty: 0.5,
    frequencyPenalty: 0.5,
    reasoning: "high",
    tools: [
      {
        type: "function",
        function: {
          name: "look",
          description: "Looks",
          parameters: { type: "object", properties: { at: { type: "integer" } } },
          strict: true,
        },
      },
      { type: "provider", provider: "mistral", name: "web_search" },
    ],
    toolChoice: { toolName: "look" },
    parallelToolCalls: false,
    output: { type: "object", properties: { answer: { type: "string" } } },
    metadata: { team: "kit" },
    cache: { key: "mine" },
    providerOptions: {
      mistral: {
        safePrompt: true,
        serviceTier: "auto",
        prediction: "The same",
        promptMode: "reasoning",
        guardrails: [{ block_on_error: true, moderation_llm_v2: null }],
      },
    },
  },
};
