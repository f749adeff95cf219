import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { haveRecordings, loadRecordings } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { client, type Json, type SentBody } from "./support.ts";

type Call = { function: { name: string; arguments: Json } };

const SPEC = new URL("../../../../shared/specs/ollama.openapi.yaml", import.meta.url);

/** A recorded message, in our words. A result belongs to the first call of its tool that has none yet. */
function toMessages(theirs: readonly Json[]): Message[] {
  const open: { id: string; name: string }[] = [];
  let count = 0;
  return theirs.map((message): Message => {
    const { role, content, thinking, tool_calls: calls, tool_name: name } = message as Json & { content: string };
    if (role === "tool") {
      const at = open.findIndex((call) => name === undefined || call.name === name);
      const [call] = open.splice(at, 1);
      return { role, content: [{ type: "tool-result", toolCallId: call!.id, toolName: call!.name, output: content }] };
    }
    if (role !== "assistant") return { role: role as "user", content };
    const parts = ((calls ?? []) as Call[]).map(({ function: { name: toolName, arguments: input } }) => {
      const toolCallId = `call_${count++}`;
      open.push({ id: toolCallId, name: toolName });
      return { type: "tool-call" as const, toolCallId, toolName, input };
    });
    const thought = thinking === undefined ? [] : [{ type: "reasoning" as const, text: String(thinking) }];
    return { role, content: [...thought, { type: "text", text: content }, ...parts] };
  });
}

function toCallOptions({ format, think, tools, options = {} }: Json): CallOptions {
  const { temperature, seed, num_predict: maxOutputTokens } = options as Record<string, number | undefined>;
  return {
    temperature,
    seed,
    maxOutputTokens,
    output: format === "json" ? "json" : typeof format === "object" ? { schema: format as Json, mode: "native" } : undefined,
    reasoning: think === undefined ? undefined : think === true ? {} : "none",
    tools: tools as CallOptions["tools"],
  };
}

describe.skipIf(!existsSync(SPEC))("requests by the vendor's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => void response.writeHead(500).end());
  afterAll(() => server.close());
  // The body of a skipped suite runs all the same, to find its tests.
  const spec = existsSync(SPEC) ? (parse(readFileSync(SPEC, "utf8")) as object) : { components: { schemas: { ChatRequest: {} } } };
  const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile({
    ...spec,
    $ref: "#/components/schemas/ChatRequest",
  });

  async function sent(messages: string | Message[], options: CallOptions, stream = false): Promise<SentBody> {
    const llm = client(server.url, { onUnsupported: "warn" });
    await (stream ? llm.stream(messages, options).result : llm.chat(messages, options)).catch(() => undefined);
    const { path, body } = server.requests.at(-1)!;
    expect(path).toBe("/api/chat");
    validate(body);
    expect(validate.errors).toBeNull();
    return body as SentBody;
  }

  const recordings = loadRecordings("ollama").filter(({ request }) => request.url.endsWith("/api/chat"));

  test.skipIf(!haveRecordings)("as many recordings as there should be, and what the description does not know", () => {
    expect(recordings.length).toBe(39);
    const refused = recordings.filter(({ request }) => !validate(request.body)).map(({ request }) => request.body as Json);
    expect(refused.length).toBe(8);
    // Older clients send empty fields, which we leave out.
    expect(refused.every(({ format }) => format === "")).toBe(true);
  });

  test.for(recordings)("$id", async ({ request, streaming }) => {
    const theirs = request.body as SentBody;
    const ours = await sent(
      toMessages(theirs.messages),
      { ...toCallOptions(theirs), model: `ollama/${String(theirs["model"])}` },
      streaming,
    );
    expect(ours["model"]).toBe(theirs["model"]);
    expect(ours["stream"]).toBe(theirs["stream"] ?? true);
    expect(ours["think"]).toBe(theirs["think"]);
    expect(ours["format"]).toEqual(theirs["format"] || undefined);
    expect(ours["tools"] ?? []).toEqual(theirs["tools"] ?? []);
    for (const name of ["temperature", "seed", "num_predict"]) expect(ours.options[name]).toBe(theirs.options?.[name]);
    const plain = ({ role, content, thinking, tool_calls: calls }: Json) => ({
      role,
      content,
      thinking,
      calls: ((calls ?? []) as Call[]).map(({ function: { name, arguments: input } }) => ({ name, input })),
    });
    expect(ours.messages.map(plain)).toEqual(theirs.messages.map(plain));
    const named = theirs.messages.filter(({ tool_name }) => tool_name !== undefined).map(({ tool_name }) => tool_name);
    if (named.length > 0) expect(ours.messages.flatMap(({ tool_name }) => tool_name ?? [])).toEqual(named);
  });

  test.for([false, true])("everything at once, streamed: %s", async (stream) => {
    const body = await sent(everything.messages, everything.options, stream);
    expect(body.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "tool", "user"]);
    expect(Object.keys(body).toSorted()).toEqual(
      "format keep_alive logprobs messages model options shift stream think tools top_logprobs truncate".split(" "),
    );
  });
});

const everything: { messages: Message[]; options: CallOptions } = {
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
        { type: "file", base64: "UklGRgAAAABXQVZF", mediaType: "audio/wav" },
      ],
    },
    {
      role: "assistant",
      provider: "ollama",
      content: [
        { type: "reasoning", text: "Hm" },
        { type: "text", text: "I will look." },
        { type: "tool-call", toolCallId: "c1", toolName: "look", input: { at: 1 } },
        { type: "tool-call", toolCallId: "c2", toolName: "look", input: "{ broken" },
      ],
    },
    {
      role: "tool",
      content: [
        { type: "tool-result", toolCallId: "c1", toolName: "look", output: { ok: true } },
        { type: "tool-result", toolCallId: "c2", toolName: "look", output: undefined },
      ],
    },
    { role: "user", content: "And?" },
  ],
  options: {
    model: "ollama/gpt-oss:20b",
    maxOutputTokens: 500,
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    seed: 7,
    stopSequences: ["END"],
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    logprobs: 3,
    reasoning: "high",
    tools: [
      {
        type: "function",
        function: { name: "look", description: "Looks", parameters: { type: "object", properties: { at: { type: "integer" } } } },
      },
    ],
    output: { schema: { type: "object", properties: { answer: { type: "string" } } }, mode: "native" },
    providerOptions: {
      ollama: {
        numCtx: 8192,
        keepAlive: "10m",
        minP: 0.05,
        repeatPenalty: 1.1,
        repeatLastN: 64,
        truncate: false,
        shift: false,
        parameters: { num_gpu: 1 },
      },
    },
  },
};
