import { isLlmError, type ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client, list, type Json } from "./support.ts";

type WireError = { message: string; code: string; failed_generation?: string; status_code?: number };
type WireUsage = Record<string, number | undefined> & Record<string, Record<string, number> | null | undefined>;

const recordings = loadRecordings("groq");

/** The events of a recorded stream, or the one body, read without the code under test. */
function readEvents({ response, streaming }: Recording): Json[] {
  if (!streaming || response.status !== 200) return [JSON.parse(response.body) as Json];
  const data = response.body.split("\n").filter((line) => line.startsWith("data:") && line.slice(5).trim() !== "[DONE]");
  return data.map((line) => JSON.parse(line.slice(5)) as Json);
}

function errorIn(recording: Recording): WireError | undefined {
  return readEvents(recording).find((event) => event["error"] !== undefined)?.["error"] as WireError | undefined;
}

const FINISH: Record<string, string> = { stop: "stop", length: "length", tool_calls: "tool-calls" };
const KINDS: Record<string, [kind: string, retryable: boolean]> = {
  model_not_found: ["not-found", false],
  model_decommissioned: ["not-found", false],
  invalid_api_key: ["authentication", false],
  tool_use_failed: ["invalid-response", true],
};

/** What a caller must get from a recorded answer. */
function expected(recording: Recording): Json {
  const events = readEvents(recording);
  const choices = events.flatMap((event) => list(event["choices"]));
  const pieces = choices.map((choice) => (choice["delta"] ?? choice["message"] ?? {}) as Json);
  const joined = (field: string) => pieces.map((piece) => (piece[field] as string | null | undefined) ?? "").join("");
  const id = events[0]!["id"];
  const calls: { id?: unknown; name?: unknown; input: string }[] = [];
  for (const [at, call] of pieces.flatMap((piece) => list(piece["tool_calls"])).entries()) {
    const { name, arguments: input } = call["function"] as { name?: string; arguments?: string };
    const open = (calls[(call["index"] as number | undefined) ?? at] ??= { input: "" });
    open.id ??= call["id"];
    open.name ??= name;
    open.input += input ?? "";
  }
  const executed = pieces.flatMap((piece) => list(piece["executed_tools"]));
  const usage = events.map((event) => (event["usage"] ?? (event["x_groq"] as Json | undefined)?.["usage"]) as WireUsage).findLast(Boolean)!;
  const finish = choices.map((choice) => choice["finish_reason"]).findLast(Boolean);
  return {
    text: joined("content"),
    reasoning: joined("reasoning") || undefined,
    toolCalls: [
      ...executed.map((tool) => ({
        toolCallId: `${String(id)}-${String(tool["index"])}`,
        toolName: tool["type"],
        input: JSON.parse(String(tool["arguments"])) as unknown,
        providerExecuted: true,
      })),
      ...calls.map((call) => ({ toolCallId: call.id, toolName: call.name, input: JSON.parse(call.input) as unknown })),
    ],
    results: executed.map((tool) => (tool as { output: string }).output),
    sources: executed.flatMap((tool) => list((tool["search_results"] as Json | null)?.["results"]).map(({ url }) => url)),
    finishReason: FINISH[String(finish)],
    rawFinishReason: finish,
    usage: {
      inputTokens: usage["prompt_tokens"],
      outputTokens: usage["completion_tokens"],
      totalTokens: usage["total_tokens"],
      cacheReadTokens: usage["prompt_tokens_details"]?.["cached_tokens"],
      reasoningTokens: usage["completion_tokens_details"]?.["reasoning_tokens"],
    },
    responseId: id,
    responseModel: events[0]!["model"],
  };
}

function got(result: ChatResult): Json {
  const { text, reasoning, toolCalls, finishReason, rawFinishReason, usage, responseId, responseModel } = result;
  const results = result.toolResults.map(({ output }) => (output as Json)["output"]);
  const sources = result.sources.map(({ url }) => url);
  return { text, reasoning, toolCalls, results, sources, finishReason, rawFinishReason, usage, responseId, responseModel };
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const answered = recordings.filter((recording) => errorIn(recording) === undefined);
  const failed = recordings.filter((recording) => errorIn(recording) !== undefined);

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    const llm = client(server.url);
    return recording.streaming ? llm.stream("Hello").result : llm.chat("Hello");
  }

  test("are all here", () => {
    expect(recordings.length).toBe(83);
    expect(answered.length).toBe(71);
    expect(answered.filter(({ streaming }) => streaming).length).toBe(23);
    const all = answered.map(expected);
    const having = (has: (each: Json) => boolean) => all.filter(has).length;
    expect(having(({ reasoning }) => reasoning !== undefined)).toBe(18);
    expect(having(({ toolCalls }) => list(toolCalls).length > 0)).toBe(29);
    expect(having(({ sources }) => list(sources).length > 0)).toBe(1);
  });

  test.for(answered)("$id", { timeout: 60_000 }, async (recording) => {
    const result = await run(recording);
    expect(got(result)).toEqual(expected(recording));
    if (recording.streaming)
      expect(await run(recording, 1)).toEqual({ ...result, metrics: expect.anything(), attempts: expect.anything() });
  });

  test.for(failed)("$id fails as it should", async (recording) => {
    const { message, code, failed_generation: written, status_code } = errorIn(recording)!;
    const failure: unknown = await run(recording).catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    const [kind, retryable] = KINDS[code]!;
    expect(failure).toMatchObject({ kind, retryable, status: status_code ?? recording.response.status });
    expect(failure.message).toContain(message);
    if (written) expect(failure.hint).toContain(JSON.stringify(written.slice(0, 500)));
    if (recording.streaming) {
      const again: unknown = await run(recording, 1).catch((thrown: unknown) => thrown);
      expect(isLlmError(again) && [again.kind, again.message, again.partial?.reasoning]).toEqual([
        failure.kind,
        failure.message,
        failure.partial?.reasoning,
      ]);
    }
  });
});
