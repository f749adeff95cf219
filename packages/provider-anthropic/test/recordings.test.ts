import { isLlmError, type ChatEvent, type ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client, readAnswer } from "./support.ts";

type Json = Record<string, unknown>;

const recordings = loadRecordings("anthropic");
const answered = recordings.filter(({ response }) => response.status === 200);
const failed = recordings.filter(({ response }) => response.status !== 200);

const FINISH: Record<string, string> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  pause_turn: "stop",
};
const KINDS: Record<number, string> = { 400: "invalid-request", 401: "authentication", 404: "not-found" };

/**
 * Blocks side by side are one text, cut where its citations change. Something else between two of
 * them makes paragraphs.
 */
function paragraphs(content: readonly Json[], type: string, field: string): string {
  const runs: string[] = [];
  content.forEach((block, at) => {
    if (block["type"] !== type) return;
    const words = String(block[field]);
    if (content[at - 1]?.["type"] === type) runs.push(`${runs.pop()!}${words}`);
    else runs.push(words);
  });
  const said = runs.filter((words) => words.trim() !== "");
  if (said.length < 2) return runs.join("");
  return said.reduce((before, after) => {
    const breaks = /\n*$/.exec(before)![0].length + /^\n*/.exec(after)![0].length;
    return before + "\n".repeat(Math.max(0, 2 - breaks)) + after;
  });
}

/** What a caller must get from a recorded answer. */
function expected(recording: Recording): Json {
  const answer = readAnswer(recording.response.body, recording.streaming);
  const content = answer["content"] as Json[];
  const usage = answer["usage"] as Record<string, number | undefined> & {
    output_tokens_details?: { thinking_tokens?: number };
    cache_creation?: { ephemeral_1h_input_tokens?: number };
  };
  const ofType = (type: string) => content.filter((block) => block["type"] === type);
  const calls = content.filter(({ type }) => String(type).endsWith("tool_use"));
  const input = usage["input_tokens"]! + (usage["cache_creation_input_tokens"] ?? 0) + (usage["cache_read_input_tokens"] ?? 0);
  return {
    text: paragraphs(content, "text", "text"),
    reasoning: paragraphs(content, "thinking", "thinking") || undefined,
    toolCalls: calls.map(({ id, name, input: given, type }) => ({
      toolCallId: id,
      toolName: name,
      input: given,
      ...(type !== "tool_use" && { providerExecuted: true }),
    })),
    toolResults: content
      .filter(({ type }) => String(type).endsWith("_tool_result"))
      .map(({ tool_use_id, content: output }) => ({ toolCallId: tool_use_id, output })),
    sources: ofType("text")
      .flatMap(({ citations }) => (citations ?? []) as Json[])
      .map((citation) => ({
        text: citation["cited_text"],
        place: citation["url"] ?? citation["source"] ?? String(citation["document_index"]),
      })),
    finishReason: FINISH[String(answer["stop_reason"])],
    rawFinishReason: answer["stop_reason"],
    usage: {
      inputTokens: input,
      outputTokens: usage["output_tokens"],
      totalTokens: input + usage["output_tokens"]!,
      cacheReadTokens: usage["cache_read_input_tokens"],
      cacheWriteTokens: usage["cache_creation_input_tokens"],
      reasoningTokens: usage.output_tokens_details?.thinking_tokens,
      cacheWrite1hTokens: usage.cache_creation?.ephemeral_1h_input_tokens || undefined,
    },
    responseId: answer["id"],
    responseModel: answer["model"],
  };
}

function got(result: ChatResult): Json {
  const { text, reasoning, finishReason, rawFinishReason, usage, responseId, responseModel } = result;
  return {
    text,
    reasoning,
    toolCalls: result.toolCalls,
    toolResults: result.toolResults.map(({ toolCallId, output }) => ({ toolCallId, output })),
    sources: result.sources.map((source) => ({ text: source.text, place: source.url ?? source.documentId })),
    finishReason,
    rawFinishReason,
    usage,
    responseId,
    responseModel,
  };
}

/** What must be sent back of an answer: every block as it came, without texts of nothing but white space. */
function sentBack(recording: Recording): Json[] {
  const content = readAnswer(recording.response.body, recording.streaming)["content"] as Json[];
  return content.flatMap((block) => {
    if (block["type"] !== "text") return [block];
    const citations = block["citations"] as unknown[] | null | undefined;
    return String(block["text"]).trim() === "" ? [] : [{ type: "text", text: block["text"], ...(citations?.length && { citations }) }];
  });
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const llm = (recording: Recording) => client(server.url, { model: recording.model ?? "claude-sonnet-4-5" });

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    return recording.streaming ? llm(recording).stream("Hello").result : llm(recording).chat("Hello");
  }

  test("are all here", () => {
    expect(answered.length).toBe(92);
    expect(failed.length).toBe(5);
    expect(answered.filter(({ streaming }) => streaming).length).toBe(50);
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
      .chat([{ role: "user", content: "Hello" }, ...stored, { role: "user", content: "Go on" }])
      .catch(() => undefined);
    const body = server.requests.at(-1)!.body as { messages: { role: string; content: Json[] }[] };
    expect(body.messages.find(({ role }) => role === "assistant")?.content ?? []).toEqual(sentBack(recording));
  });

  test.for(failed)("$id fails as it should", async (recording) => {
    const { error, request_id } = JSON.parse(recording.response.body) as { error: { message: string }; request_id: string };
    server.serve(recording);
    const failure: unknown = await llm(recording)
      .chat("Hello")
      .catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    expect(failure).toMatchObject({
      kind: KINDS[recording.response.status],
      status: recording.response.status,
      requestId: request_id,
      retryable: false,
    });
    expect(failure.message).toContain(error.message);
  });

  test("a stream's events say what its result says", async () => {
    const recording = answered.find(({ id }) => id.includes("advisor_tool_stream"))!;
    server.serve(recording, 7);
    const events: ChatEvent[] = [];
    const stream = llm(recording).stream("Hello");
    for await (const event of stream) events.push(event);
    const text = events.flatMap((event) => (event.type === "text" ? [event.text] : [])).join("");
    const told = readAnswer(recording.response.body, true)["content"] as Json[];
    expect(text).toBe(told.flatMap((block) => (block["type"] === "text" ? [block["text"]] : [])).join(""));
    expect((await stream.result).text).toBe(expected(recording)["text"]);
    expect(events.filter(({ type }) => type === "tool-call" || type === "tool-result").map(({ type }) => type)).toEqual([
      "tool-call",
      "tool-result",
    ]);
  });
});
