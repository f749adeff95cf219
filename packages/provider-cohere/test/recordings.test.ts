import { isLlmError, type CallOptions, type ChatResult, type Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client, readAnswer, type Json } from "./support.ts";

type Turn = Json & { role: string; content?: string | null | Json[] };

const all = loadRecordings("cohere");
const recordings = all.filter(({ request }) => request.url.endsWith("/v2/chat"));
const isAnswered = ({ response, streaming }: Recording) =>
  response.status === 200 && readAnswer(response.body, streaming)["finish_reason"] !== "ERROR";
const answered = recordings.filter(isAnswered);
const failed = recordings.filter((recording) => !isAnswered(recording));

/** Version 1 of Chat, which newer models refuse and nothing here speaks. */
const NOT_SPOKEN = [
  "cohere.agentops.test_cohere_provider.1-f48dba1a",
  "cohere.langchain-cohere.integration_tests-test_invoke_multihop_agent.0-0c53625f",
  "cohere.langchain-cohere.integration_tests-test_invoke_multihop_agent.1-3660395a",
  "cohere.openllmetry-js.est-and-response-attributes-in-span-for-given-prompt-with-stream.0-5f7906bf",
  "cohere.openllmetry.test_agents-test_agent_with_multiple_tools.6-9b70a82d",
  "cohere.openllmetry.test_chat-test_cohere_chat_legacy_async.0-ce0289c0",
];

const FINISH: Record<string, string> = { COMPLETE: "stop", STOP_SEQUENCE: "stop", MAX_TOKENS: "length", TOOL_CALL: "tool-calls" };
const FAILURES: Record<string, { kind: string; retryable: boolean }> = {
  200: { kind: "server", retryable: true },
  400: { kind: "context-length", retryable: false },
  401: { kind: "authentication", retryable: false },
  404: { kind: "not-found", retryable: false },
};

/** What a caller must get from a recorded answer. */
function expected(recording: Recording): Json {
  const answer = readAnswer(recording.response.body, recording.streaming);
  const message = answer["message"] as Json;
  const usage = answer["usage"] as { tokens: Record<string, number | undefined>; billed_units: Json; cached_tokens?: number };
  const content = (message["content"] ?? []) as Json[];
  const words = (type: string) => content.filter((block) => block["type"] === type).map((block) => String(block[type]));
  const input = usage.tokens["input_tokens"]! + (usage.tokens["image_tokens"] ?? 0);
  const counted = {
    inputTokens: input,
    outputTokens: usage.tokens["output_tokens"],
    totalTokens: input + usage.tokens["output_tokens"]!,
    ...(usage.cached_tokens !== undefined && { cacheReadTokens: usage.cached_tokens }),
    ...(usage.tokens["reasoning_tokens"] !== undefined && { reasoningTokens: usage.tokens["reasoning_tokens"] }),
  };
  return {
    text: words("text").join(""),
    reasoning: String(message["tool_plan"] ?? "") + words("thinking").join("") || undefined,
    toolCalls: ((message["tool_calls"] ?? []) as { id: string; function: { name: string; arguments: string } }[]).map((call) => ({
      toolCallId: call.id,
      toolName: call.function.name,
      input: inputOf(call.function.arguments),
    })),
    sources: ((message["citations"] ?? []) as { start: number; end: number; text: string; sources: Json[] }[]).flatMap((citation) =>
      citation.sources.map((source) => {
        const data = (source["document"] ?? source["tool_output"]) as Json;
        return {
          documentId: source["id"],
          url: data["url"],
          title: data["title"],
          text: data["text"] ?? data["content"],
          at: [citation.start, citation.end, citation.text],
        };
      }),
    ),
    finishReason: FINISH[String(answer["finish_reason"])],
    rawFinishReason: answer["finish_reason"],
    usage: counted,
    billed: usage.billed_units,
    responseId: answer["id"],
    refusal: undefined,
  };
}

function got(result: ChatResult): Json {
  const { text, reasoning, toolCalls, finishReason, rawFinishReason, usage, responseId, refusal } = result;
  const sources = result.sources.map(({ documentId, url, title, text: words, providerMetadata }) => {
    const { start, end, text: stretch } = providerMetadata!["cohere"]!;
    return { documentId, url, title, text: words, at: [start, end, stretch] };
  });
  const billed = result.providerMetadata?.["cohere"]?.["billed_units"];
  return { text, reasoning, toolCalls, sources, finishReason, rawFinishReason, usage, billed, responseId, refusal };
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const llm = (recording: Recording) => client(server.url, { model: recording.model ?? "command-a-03-2025" });

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    return recording.streaming ? llm(recording).stream("Hello").result : llm(recording).chat("Hello");
  }

  test("are all here", () => {
    expect(answered.length).toBe(72);
    expect(answered.filter(({ streaming }) => streaming).length).toBe(19);
    expect(failed.length).toBe(5);
    expect(
      all
        .filter((recording) => !recordings.includes(recording))
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(NOT_SPOKEN);
  });

  test("hold something of everything", () => {
    const shown = answered.map(expected);
    const having = (what: (answer: Json) => unknown) => shown.filter((answer) => what(answer)).length;
    expect(having(({ reasoning }) => reasoning)).toBeGreaterThan(20);
    expect(having(({ toolCalls }) => (toolCalls as []).length)).toBeGreaterThan(15);
    expect(having(({ sources }) => (sources as []).length)).toBeGreaterThan(10);
  });

  test.for(answered)("$id", { timeout: 60_000 }, async (recording) => {
    const result = await run(recording);
    expect(got(result)).toEqual(expected(recording));
    if (recording.streaming)
      expect(await run(recording, 1)).toEqual({ ...result, metrics: expect.anything(), attempts: expect.anything() });
  });

  test.for(answered)("$id goes back as it came", async (recording) => {
    const { messages } = await run(recording);
    const stored = JSON.parse(JSON.stringify(messages)) as typeof messages;
    await llm(recording)
      .chat([{ role: "user", content: "Hello" }, ...stored, { role: "user", content: "Go on" }], { model: "cohere/command-a-plus-05-2026" })
      .catch(() => undefined);
    const { messages: sent } = server.requests.at(-1)!.body as { messages: Turn[] };
    const { content, tool_plan, tool_calls } = readAnswer(recording.response.body, recording.streaming)["message"] as Turn;
    expect(sent[1]).toEqual({
      role: "assistant",
      ...((content?.length ?? 0) > 0 && { content }),
      ...(tool_plan !== undefined && tool_plan !== "" && { tool_plan }),
      ...(((tool_calls as [])?.length ?? 0) > 0 && { tool_calls: (tool_calls as Json[]).map(compact) }),
    });
  });

  test.for(failed)("$id fails as it should", async (recording) => {
    const { response, streaming } = recording;
    const { message, error, id } = readAnswer(response.body, streaming) as { message: unknown; error?: string; id: string };
    const failure: unknown = await run(recording).catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    expect(failure).toMatchObject(FAILURES[response.status]!);
    expect(failure.message).toContain(error ?? message);
    if (!streaming) expect(failure).toMatchObject({ status: response.status, requestId: id });
    else expect(failure.partial?.reasoning).toBe((message as Json)["tool_plan"]);
  });
});

/** Arguments as `JSON.stringify` spaces them. */
function compact(call: Json): Json {
  const { name, arguments: written } = call["function"] as { name: string; arguments: string };
  return { ...call, function: { name, arguments: JSON.stringify(inputOf(written)) } };
}

/** A tool without parameters may be called with no text at all. */
function inputOf(written: string): unknown {
  return JSON.parse(written || "{}");
}

/** A recorded request, in our words. */
function toInput(body: Json): { messages: Message[]; options: CallOptions } {
  const format = body["response_format"] as { json_schema?: Json; schema?: Json } | undefined;
  const choice = body["tool_choice"] as string | undefined;
  return {
    messages: (body["messages"] as Turn[]).map(toMessage),
    options: {
      model: `cohere/${String(body["model"])}`,
      maxOutputTokens: body["max_tokens"] as number | undefined,
      temperature: body["temperature"] as number | undefined,
      topK: body["k"] as number | undefined,
      topP: body["p"] as number | undefined,
      seed: body["seed"] as number | undefined,
      frequencyPenalty: body["frequency_penalty"] as number | undefined,
      presencePenalty: body["presence_penalty"] as number | undefined,
      stopSequences: body["stop_sequences"] as string[] | undefined,
      tools: body["tools"] as CallOptions["tools"],
      toolChoice: choice?.toLowerCase() as "required" | "none" | undefined,
      reasoning: body["thinking"] === undefined ? undefined : "high",
      output: format && { schema: format.json_schema ?? format.schema!, mode: "native" },
      providerOptions: { cohere: { documents: body["documents"] as [] | undefined } },
    },
  };
}

function toMessage({ role, content, tool_calls, tool_plan, tool_call_id }: Turn): Message {
  if (role === "tool")
    return { role, content: [{ type: "tool-result", toolCallId: String(tool_call_id), toolName: "", output: content }] } as Message;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
  const said = blocks.map((block) => {
    if (block["type"] === "image_url") {
      const { url, ...own } = block["image_url"] as Json;
      return { type: "image", url, providerMetadata: { cohere: own } };
    }
    return block["type"] === "thinking" ? { type: "reasoning", text: block["thinking"] } : block;
  });
  const calls = ((tool_calls ?? []) as { id: string; function: { name: string; arguments: string } }[]).map(({ id, function: called }) => ({
    type: "tool-call",
    toolCallId: id,
    toolName: called.name,
    input: JSON.parse(called.arguments) as unknown,
  }));
  const plan = tool_plan ? [{ type: "reasoning", text: tool_plan, providerMetadata: { cohere: { tool_plan: true } } }] : [];
  return { role, content: [...plan, ...said, ...calls] } as Message;
}

/** A recorded body in the one form that we send, of the many that the vendor takes. */
function normalized(body: Json): Json {
  const { messages, response_format: format, ...rest } = body;
  return {
    ...rest,
    stream: body["stream"] === true,
    ...(format !== undefined && {
      response_format: { type: "json_object", json_schema: (format as Json)["json_schema"] ?? (format as Json)["schema"] },
    }),
    messages: (messages as Turn[]).map(({ role, tool_call_id, content, tool_calls: calls, tool_plan: plan }) => {
      const blocks = typeof content === "string" && role !== "tool" ? [{ type: "text", text: content }] : content;
      const said = Array.isArray(blocks) ? blocks.filter(({ text }) => text !== "") : blocks;
      return {
        role,
        ...(tool_call_id !== undefined && { tool_call_id }),
        ...(said != null && said.length > 0 && { content: said }),
        ...(typeof plan === "string" && plan !== "" && { tool_plan: plan }),
        ...(Array.isArray(calls) && calls.length > 0 && { tool_calls: calls.map(compact) }),
      };
    }),
  };
}

describe.skipIf(!haveRecordings)("recorded requests, rebuilt (skipped where /shared/recordings is absent)", async () => {
  const server = await startLoopback((_request, response) => void response.writeHead(500).end());
  afterAll(() => server.close());
  const asked = recordings.filter(({ request }) => request.body !== null);

  test("are all here", () => {
    expect(asked.length).toBe(75);
  });

  test.for(asked)("$id", async ({ request, streaming }) => {
    const { messages, options } = toInput(request.body as Json);
    const llm = client(server.url);
    const call = streaming ? llm.stream(messages, options).result : llm.chat(messages, options);
    await call.catch(() => undefined);
    expect(server.requests.at(-1)!.body).toEqual(normalized(request.body as Json));
  });
});
