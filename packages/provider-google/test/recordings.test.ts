import { isLlmError, type ChatEvent, type ChatResult, type Message } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client, type Json, type SentBody } from "./support.ts";

interface RecordedPart extends Json {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
}
interface RecordedCandidate extends Json {
  parts: RecordedPart[];
  extras: Json[];
  finishReason?: string;
}

/** The Interactions API is another wire, which is not spoken here. */
const NOT_SPOKEN: readonly string[] = [
  "google.braintrust-sdk-javascript.google-genai-instrumentation-google-genai-v2-latest.7-63514f2a",
  "google.openinference.rumentation-test_generate_interactions_multi_model_messages-true.0-392bd69e",
  "google.openinference.test_interactions_instrumentation-test_agent_stream.0-bdade8d3",
  "google.openinference.umentation-test_generate_interactions_multi_model_messages-false.0-424c092f",
  "google.rig.streaming_grammar-interactions_same_tool_twice.0-3c9b1c14",
];
const OTHER_WIRE = /\/interactions(\?|$)/;

const all = loadRecordings("google");
const others = all.filter(({ request }) => OTHER_WIRE.test(request.url));
const recordings = all.filter((recording) => !others.includes(recording));
const answered = recordings.filter(({ response }) => response.status === 200);
const failed = recordings.filter(({ response }) => response.status !== 200);

const FINISH: Record<string, string> = { STOP: "stop", MAX_TOKENS: "length", SAFETY: "content-filter" };
const KINDS: Record<number, string> = { 404: "not-found", 429: "rate-limit" };

function chunksOf({ streaming, response }: Recording): Json[] {
  if (!streaming) return [JSON.parse(response.body) as Json];
  return response.body.split(/\r?\n/).flatMap((line) => (line.startsWith("data:") ? [JSON.parse(line.slice(5)) as Json] : []));
}

/** The answers of a recording with all their parts, read without the code under test. */
function candidatesOf(chunks: readonly Json[]): RecordedCandidate[] {
  const candidates: RecordedCandidate[] = [];
  for (const candidate of chunks.flatMap((chunk) => (chunk["candidates"] ?? []) as Json[])) {
    const found = (candidates[(candidate["index"] as number | undefined) ?? 0] ??= { parts: [], extras: [] });
    found.parts.push(...(((candidate["content"] as Json | undefined)?.["parts"] ?? []) as RecordedPart[]));
    found.extras.push(candidate);
    if (typeof candidate["finishReason"] === "string") found.finishReason = candidate["finishReason"];
  }
  return candidates;
}

/** A call that is answered in the same response was the vendor's own. */
function isRun(part: RecordedPart, parts: readonly RecordedPart[]): boolean {
  const nameOf = (holder: unknown) => (holder as Json | undefined)?.["name"];
  return parts.some(({ functionResponse }) => functionResponse !== undefined && nameOf(functionResponse) === nameOf(part["functionCall"]));
}

function callsOf(parts: readonly RecordedPart[]): Json[] {
  return parts.flatMap((part): Json[] => {
    const { functionCall, executableCode, toolCall } = part as Record<string, Json | undefined>;
    if (functionCall !== undefined) {
      const run = isRun(part, parts) && { providerExecuted: true };
      return [
        {
          toolCallId: functionCall["id"] ?? expect.stringMatching(/^call_.+_\d+$/),
          toolName: functionCall["name"],
          input: functionCall["args"],
          ...run,
        },
      ];
    }
    if (executableCode !== undefined) {
      const { id = expect.any(String) as unknown, ...input } = executableCode;
      return [{ toolCallId: id, toolName: "codeExecution", input, providerExecuted: true }];
    }
    if (toolCall === undefined) return [];
    return [{ toolCallId: toolCall["id"], toolName: "fileSearch", input: toolCall["args"] ?? {}, providerExecuted: true }];
  });
}

function sourcesOf(extras: readonly Json[]): Json[] {
  const grounding = extras.flatMap(
    ({ groundingMetadata }) => ((groundingMetadata as Json | undefined)?.["groundingChunks"] ?? []) as Json[],
  );
  const citations = extras.flatMap(({ citationMetadata }) => {
    const { citations: cited, citationSources } = (citationMetadata ?? {}) as Record<string, Json[] | undefined>;
    return cited ?? citationSources ?? [];
  });
  return [
    ...grounding.map((chunk) => {
      const { uri, title, text, fileSearchStore } = (chunk["web"] ?? chunk["retrievedContext"]) as Json;
      return { place: uri ?? fileSearchStore, title, text };
    }),
    ...citations.filter(({ uri }) => uri !== undefined).map(({ uri, title }) => ({ place: uri, title, text: undefined })),
  ];
}

/** Words before and after a tool that the vendor ran are paragraphs. */
function paragraphs(parts: readonly RecordedPart[], thought: boolean): string {
  const found = [""];
  for (const { text, thought: isThought = false, ...part } of parts) {
    if (text !== undefined && isThought === thought) found.push(found.pop()! + text);
    else if (Object.keys(part).some((name) => /Response$|^tool|^executable|Result$/.test(name))) found.push("");
  }
  return found.filter((paragraph) => paragraph !== "").reduce((before, after) => joined(before, after), "");
}

function joined(before: string, after: string): string {
  const breaks = /\n*$/.exec(before)![0].length + /^\n*/.exec(after)![0].length;
  return before === "" ? after : `${before}${"\n".repeat(Math.max(0, 2 - breaks))}${after}`;
}

/** What a caller must get from a recorded answer. */
function expected(recording: Recording): Json {
  const chunks = chunksOf(recording);
  const [{ parts, extras, finishReason }] = candidatesOf(chunks) as [RecordedCandidate];
  const told = Object.assign({}, ...chunks.map(({ usageMetadata }) => usageMetadata)) as Json;
  const usage = told as Record<string, number | undefined>;
  const plus = (one: number | undefined, other: number | undefined) =>
    one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
  const words = (thought: boolean) => paragraphs(parts, thought);
  const toolCalls = callsOf(parts);
  const sounds = [told["promptTokensDetails"], told["toolUsePromptTokensDetails"]]
    .flatMap((details) => (details ?? []) as Json[])
    .flatMap(({ modality, tokenCount }) => (modality === "AUDIO" ? [tokenCount as number] : []));
  const called = toolCalls.some((call) => call["providerExecuted"] !== true);
  return {
    text: words(false),
    reasoning: words(true) || undefined,
    toolCalls,
    results: parts.filter(
      ({ functionResponse, codeExecutionResult, toolResponse }) => functionResponse ?? codeExecutionResult ?? toolResponse,
    ).length,
    files: parts.flatMap(({ inlineData }) => (inlineData === undefined ? [] : [(inlineData as Json)["data"]])),
    sources: sourcesOf(extras),
    finishReason: called && finishReason === "STOP" ? "tool-calls" : (FINISH[finishReason ?? ""] ?? "other"),
    rawFinishReason: finishReason,
    refusal: undefined,
    usage: {
      inputTokens: plus(usage["promptTokenCount"], usage["toolUsePromptTokenCount"]),
      outputTokens: plus(usage["candidatesTokenCount"], usage["thoughtsTokenCount"]),
      totalTokens: usage["totalTokenCount"],
      cacheReadTokens: usage["cachedContentTokenCount"],
      reasoningTokens: usage["thoughtsTokenCount"],
      audioInputTokens: sounds.length === 0 ? undefined : sounds.reduce((sum, count) => sum + count),
    },
    logprobs: extras
      .flatMap(({ logprobsResult }) => ((logprobsResult as Json | undefined)?.["chosenCandidates"] ?? []) as Json[])
      .map(({ token }) => token),
    responseId: chunks[0]!["responseId"],
    responseModel: chunks[0]!["modelVersion"],
  };
}

function got(result: ChatResult): Json {
  const { text, reasoning, toolCalls, finishReason, rawFinishReason, refusal, usage, responseId, responseModel } = result;
  return {
    text,
    reasoning,
    toolCalls,
    results: result.toolResults.length,
    files: result.files.map(({ base64 }) => base64),
    sources: result.sources.map(({ url, documentId, title, text: words }) => ({ place: url ?? documentId, title, text: words })),
    finishReason,
    rawFinishReason,
    refusal,
    usage,
    logprobs: (result.logprobs ?? []).map(({ token }) => token),
    responseId,
    responseModel,
  };
}

/** What must go back of an answer: every part as it came, where texts without a signature are one, and empty ones are none. */
function sentBack(recording: Recording): Json[] {
  const [{ parts }] = candidatesOf(chunksOf(recording)) as [RecordedCandidate];
  const back: RecordedPart[] = [];
  for (const part of parts) {
    const last = back.at(-1);
    const plain = part.text !== undefined && part.thoughtSignature === undefined;
    if (part.text === "" && plain) continue;
    if (plain && last?.text !== undefined && last.thoughtSignature === undefined && last.thought === part.thought) last.text += part.text!;
    else back.push({ ...part });
  }
  return back.map((part) => {
    const call = part["functionCall"] as Json | undefined;
    return call === undefined || isRun(part, parts)
      ? part
      : { ...part, functionCall: { id: expect.any(String) as unknown, args: {}, ...call } };
  });
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const llm = (recording: Recording) => client(server.url, { model: recording.model ?? "gemini-2.5-flash" });
  const many = (recording: Recording) => (candidatesOf(chunksOf(recording)).length > 1 ? { n: 2, onUnsupported: "warn" as const } : {});

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    const options = many(recording);
    return recording.streaming ? llm(recording).stream("Hello", options).result : llm(recording).chat("Hello", options);
  }

  test("are all here", () => {
    expect(others.map(({ id }) => id)).toEqual(NOT_SPOKEN);
    expect(answered).toHaveLength(91);
    expect(failed).toHaveLength(2);
    expect(answered.filter(({ streaming }) => streaming)).toHaveLength(44);
  });

  test.for(answered)("$id", { timeout: 60_000 }, async (recording) => {
    const result = await run(recording);
    expect(got(result)).toEqual(expected(recording));
    if (recording.streaming) {
      const again = await run(recording, 1);
      expect(again).toEqual({ ...result, metrics: expect.anything() as unknown, attempts: expect.anything() as unknown });
    }
  });

  /** Thoughts that led to nothing are no turn. */
  const thoughtOnly = (messages: readonly Message[]) =>
    messages.every(({ content }) => typeof content !== "string" && content.every(({ type }) => type === "reasoning"));

  test.for(answered)("$id goes back as it came", async (recording) => {
    const { messages } = await run(recording);
    const stored = JSON.parse(JSON.stringify(messages)) as typeof messages;
    await llm(recording)
      .with({ model: "gemini-2.5-flash" })
      .chat([{ role: "user", content: "Hello" }, ...stored, { role: "user", content: "Go on" }])
      .catch(() => undefined);
    const body = server.requests.at(-1)!.body as SentBody;
    expect(body.contents.find(({ role }) => role === "model")?.parts ?? []).toEqual(thoughtOnly(messages) ? [] : sentBack(recording));
  });

  test.for(failed)("$id fails as it should", async (recording) => {
    const { error } = JSON.parse(recording.response.body) as { error: { message: string; status: string } };
    server.serve(recording);
    const failure: unknown = await llm(recording)
      .chat("Hello")
      .catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    const { status } = recording.response;
    expect(failure).toMatchObject({ kind: KINDS[status], status, retryable: status === 429 });
    expect(failure.message).toContain(error.message);
    expect(failure.message).toContain(error.status);
  });

  test("two answers are two choices", async () => {
    const recording = answered.find(({ id }) => id.includes("text_response_across_two_cand"))!;
    const { choices } = await run(recording);
    expect(choices?.map(({ text, finishReason }) => [text, finishReason])).toEqual([
      ["RedRed", "stop"],
      ["Red", "stop"],
    ]);
  });

  test("a stream's events say what its result says", async () => {
    const recording = answered.find(({ id }) => id.includes("file_search_tool_stream"))!;
    server.serve(recording, 7);
    const events: ChatEvent[] = [];
    for await (const event of llm(recording).stream("Hello")) events.push(event);
    const text = events.flatMap((event) => (event.type === "text" ? [event.text] : [])).join("");
    expect(text).toBe(expected(recording)["text"]);
    expect(events.filter(({ type }) => type === "tool-call" || type === "source").map(({ type }) => type)).toEqual(["tool-call", "source"]);
  });
});
