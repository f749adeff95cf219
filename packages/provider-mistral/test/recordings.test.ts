import { isLlmError, type ChatEvent, type ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client, type Json } from "./support.ts";

/** Endpoints of other wires: completions of code, and agents that are configured at the vendor. */
const NOT_SPOKEN = ["/v1/agents/completions", "/v1/fim/completions"];

const all = loadRecordings("mistral");
const pathOf = ({ request }: Recording) => new URL(request.url).pathname;
const recordings = all.filter((recording) => !NOT_SPOKEN.includes(pathOf(recording)));
const answered = recordings.filter(({ response }) => response.status === 200);
const failed = recordings.filter(({ response }) => response.status !== 200);

const FINISH: Record<string, string> = { stop: "stop", length: "length", tool_calls: "tool-calls" };

interface Message {
  content: Json[];
  calls: { id?: string; name: string; text: string }[];
  reason: string;
}

/** The recorded answers by index, as the vendor would have sent them whole: content as a list of chunks, equal neighbours joined. */
function readAnswers(replies: Json[]): Message[] {
  const answers: Message[] = [];
  for (const choice of replies.flatMap((reply) => (reply["choices"] ?? []) as Json[])) {
    const answer = (answers[choice["index"] as number] ??= { content: [], calls: [], reason: "" });
    const said = (choice["message"] ?? choice["delta"]) as Json;
    const content = said["content"] ?? [];
    for (const piece of typeof content === "string" ? [{ type: "text", text: content }] : (content as Json[]))
      addChunk(answer.content, piece);
    for (const call of (said["tool_calls"] ?? []) as Json[]) addCall(answer.calls, call);
    answer.reason = String(choice["finish_reason"] ?? answer.reason);
  }
  return answers;
}

function addChunk(content: Json[], piece: Json): void {
  const text = (piece["type"] === "thinking" ? (piece["thinking"] as Json[]) : [piece]).map((inner) => inner["text"]).join("");
  const last = content.at(-1);
  if (last !== undefined && last["type"] === piece["type"]) last["text"] = String(last["text"]) + text;
  else if (text !== "") content.push({ type: piece["type"], text });
}

function addCall(calls: Message["calls"], call: Json): void {
  const { name, arguments: text } = call["function"] as { name: string; arguments: string };
  const open = calls[call["index"] as number];
  if (open === undefined) calls[call["index"] as number] = { id: call["id"] as string, name, text };
  else open.text += text;
}

function parsed(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}

function repliesOf({ streaming, response }: Recording): Json[] {
  if (!streaming) return [JSON.parse(response.body) as Json];
  const data = response.body.split("\n").flatMap((line) => (line.startsWith("data:") ? [line.slice(5).trim()] : []));
  return data.filter((text) => text !== "[DONE]").map((text) => JSON.parse(text) as Json);
}

const joined = (content: Json[], type: string) =>
  content
    .filter((chunk) => chunk["type"] === type)
    .map(({ text }) => text)
    .join("");

/** What a caller must get from a recorded answer. */
function expected(recording: Recording): Json {
  const replies = repliesOf(recording);
  const [first, ...others] = readAnswers(replies);
  const { content, calls, reason } = first!;
  const usage = replies.findLast((reply) => reply["usage"])!["usage"] as Record<string, number> & {
    prompt_tokens_details?: Record<string, number>;
  };
  const details = usage.prompt_tokens_details;
  return {
    text: joined(content, "text"),
    reasoning: joined(content, "thinking") || undefined,
    toolCalls: calls.map(({ id, name, text }) => ({ toolCallId: id, toolName: name, input: parsed(text) })),
    sources: [],
    refusal: undefined,
    finishReason: FINISH[reason],
    rawFinishReason: reason,
    usage: {
      // Sound is counted beside the text of the prompt.
      inputTokens: usage["prompt_tokens"]! + (details?.["audio_tokens"] ?? 0),
      outputTokens: usage["completion_tokens"],
      totalTokens: usage["total_tokens"],
      cacheReadTokens: details?.["cached_tokens"] ?? usage["num_cached_tokens"],
      audioInputTokens: details?.["audio_tokens"] || undefined,
    },
    others: others.map((answer) => joined(answer.content, "text")),
    responseId: replies[0]!["id"],
    responseModel: replies[0]!["model"],
  };
}

function got(result: ChatResult): Json {
  const { text, reasoning, sources, refusal, finishReason, rawFinishReason, usage, responseId, responseModel } = result;
  return {
    text,
    reasoning,
    toolCalls: result.toolCalls.map(({ toolCallId, toolName, input }) => ({ toolCallId, toolName, input })),
    sources,
    refusal,
    finishReason,
    rawFinishReason,
    usage,
    others: (result.choices ?? []).slice(1).map((choice) => choice.text),
    responseId,
    responseModel,
  };
}

/** What must be sent back of an answer: thoughts as chunks, texts as they were. */
function sentBack(recording: Recording): Json | undefined {
  const { content, calls } = readAnswers(repliesOf(recording))[0]!;
  if (content.length + calls.length === 0) return undefined;
  const chunks = content.map(({ type, text }) => (type === "text" ? { type, text } : { type, thinking: [{ type: "text", text }] }));
  return {
    role: "assistant",
    content: chunks.every(({ type }) => type === "text") ? joined(content, "text") : chunks,
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ name, text }) => ({
        id: expect.stringMatching(/^[a-zA-Z0-9]{9}$/) as unknown,
        type: "function",
        function: { name, arguments: JSON.stringify(typeof parsed(text) === "string" ? { input: text } : parsed(text)) },
      })),
    }),
  };
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const llm = (recording: Recording) => client(server.url, { model: recording.model ?? "mistral-small-latest" });

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    const n = ((recording.request.body ?? {}) as { n?: number }).n ?? 1;
    return recording.streaming ? llm(recording).stream("Hello", { n }).result : llm(recording).chat("Hello", { n });
  }

  test("are all here", () => {
    expect(all.length).toBe(86);
    expect(all.filter((recording) => NOT_SPOKEN.includes(pathOf(recording))).length).toBe(8);
    expect(answered.length).toBe(75);
    expect(failed.length).toBe(3);
    expect(answered.filter(({ streaming }) => streaming).length).toBe(33);
    expect(answered.filter((recording) => expected(recording)["reasoning"] !== undefined).length).toBe(5);
    expect(answered.filter((recording) => (expected(recording)["toolCalls"] as Json[]).length > 0).length).toBeGreaterThan(20);
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
    const body = server.requests.at(-1)!.body as { messages: Json[] };
    expect(body.messages.find(({ role }) => role === "assistant")).toEqual(sentBack(recording));
  });

  test.for(failed)("$id fails as it should", async (recording) => {
    const { status, body } = recording.response;
    const { message, detail } = JSON.parse(body) as { message?: string; detail?: string };
    server.serve(recording);
    const failure: unknown = await llm(recording)
      .chat("Hello")
      .catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    expect(failure).toMatchObject({ kind: status === 401 ? "authentication" : "invalid-request", status, retryable: false });
    expect(failure.message).toContain(message ?? detail);
  });

  test("a stream's events say what its result says", async () => {
    const recording = answered.find(({ id }) => id.includes("streams_thinking_separately_from_content"))!;
    server.serve(recording, 7);
    const seen: ChatEvent[] = [];
    for await (const event of llm(recording).stream("Hello")) seen.push(event);
    const words = (type: "text" | "reasoning") => seen.flatMap((event) => (event.type === type ? [event.text] : [])).join("");
    expect(words("text")).toBe("144");
    expect(words("reasoning")).toBe(expected(recording)["reasoning"]);
    expect(seen.filter(({ type }) => /-(start|end)$/.test(type)).map(({ type }) => type)).toEqual([
      "reasoning-start",
      "reasoning-end",
      "text-start",
      "text-end",
    ]);
  });
});
