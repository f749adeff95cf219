import type { ChatResult, Message } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client, type Json, type SentBody } from "./support.ts";

const all = loadRecordings("ollama");
/** Older than the chat API, for one prompt without roles: POST /api/generate is not spoken. */
const NOT_SPOKEN = [
  "ollama.braintrust-sdk-javascript.ollama-instrumentation-ollama-v0.6-latest.2-87e36fbf",
  "ollama.crewai.utilities-test_converter_with_llama3_1_model.1-5b7c624b",
  "ollama.langchaingo.ollamaclient-testclient_generate.0-47bd855b",
  "ollama.openllmetry.test_generation-test_ollama_async_generation_legacy.0-fc463394",
  "ollama.openllmetry.test_ollama_metrics-test_ollama_streaming_metrics.0-0dfb91a9",
];
const recordings = all.filter(({ id }) => !NOT_SPOKEN.includes(id));

type Call = { id?: string; function: { name: string; arguments: unknown } };
type Line = Json & { message: { content?: string; thinking?: string; tool_calls?: Call[] }; done: boolean };

/** The answer as it was recorded, put together without the code under test. */
function recorded({ response }: Recording): { text: string; thinking: string; calls: Call[]; last: Line } {
  const lines = response.body.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line) as Line]));
  const said = (field: "content" | "thinking") => lines.map(({ message }) => message[field] ?? "").join("");
  return {
    text: said("content"),
    thinking: said("thinking"),
    calls: lines.flatMap(({ message }) => message.tool_calls ?? []),
    last: lines.find(({ done }) => done)!,
  };
}

function expected(recording: Recording): Json {
  const { text, thinking, calls, last } = recorded(recording);
  const counts: Json = { inputTokens: last["prompt_eval_count"], outputTokens: last["eval_count"] };
  if (counts["inputTokens"] === undefined) delete counts["inputTokens"];
  else counts["totalTokens"] = (counts["inputTokens"] as number) + (counts["outputTokens"] as number);
  return {
    text,
    reasoning: thinking || undefined,
    toolCalls: calls.map((call) => ({
      toolCallId: call.id ?? expect.stringMatching(/^call_\w+$/),
      toolName: call.function.name,
      input: call.function.arguments,
    })),
    finishReason: calls.length > 0 ? "tool-calls" : last["done_reason"],
    rawFinishReason: last["done_reason"],
    usage: counts,
    responseModel: last["model"],
    responseId: undefined,
    refusal: undefined,
    sources: [],
  };
}

function got(result: ChatResult): Json {
  const { text, reasoning, toolCalls, finishReason, rawFinishReason, usage, responseModel, responseId, refusal, sources } = result;
  return { text, reasoning, toolCalls, finishReason, rawFinishReason, usage, responseModel, responseId, refusal, sources };
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  // With a window of its own a call asks the server for nothing else.
  const llm = ({ model }: Recording) => client(server.url, { model: model!, providerOptions: { ollama: { numCtx: 4096 } } });

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    return recording.streaming ? llm(recording).stream("Hello").result : llm(recording).chat("Hello");
  }

  test("are all here", () => {
    expect(all.length).toBe(44);
    expect(recordings.length).toBe(39);
    expect(recordings.every(({ request }) => request.url.endsWith("/api/chat"))).toBe(true);
    expect(all.filter(({ request }) => request.url.endsWith("/api/generate")).map(({ id }) => id)).toEqual(NOT_SPOKEN);
    expect(recordings.every(({ response }) => response.status === 200)).toBe(true);
    expect(recordings.filter(({ streaming }) => streaming).length).toBe(19);
    expect(recordings.flatMap((recording) => recorded(recording).calls).length).toBe(22);
    expect(recordings.filter((recording) => recorded(recording).thinking !== "").length).toBeGreaterThan(5);
  });

  test.for(recordings)("$id", { timeout: 60_000 }, async (recording) => {
    const result = await run(recording);
    expect(got(result)).toEqual(expected(recording));
    if (!recording.streaming) return;
    const inBytes = await run(recording, 1);
    expect(got(inBytes)).toEqual(expected(recording));
    expect(withoutOurIds(inBytes.messages)).toEqual(withoutOurIds(result.messages));
  });

  test.for(recordings)("$id goes back as it came", async (recording) => {
    const { text, thinking, calls } = recorded(recording);
    const { messages, toolCalls } = await run(recording);
    const stored = JSON.parse(JSON.stringify(messages)) as Message[];
    await llm(recording)
      .chat([{ role: "user", content: "Hello" }, ...stored, { role: "user", content: "Go on" }])
      .catch(() => undefined);
    const sent = (server.requests.at(-1)!.body as SentBody).messages;
    expect(sent[1]).toEqual({
      role: "assistant",
      content: text,
      ...(thinking !== "" && { thinking }),
      ...(calls.length > 0 && {
        tool_calls: calls.map((call, index) => ({
          id: toolCalls[index]!.toolCallId,
          function: { name: call.function.name, arguments: call.function.arguments },
        })),
      }),
    });
  });
});

/** Ids that the server did not give are made anew for each answer. */
function withoutOurIds(messages: readonly Message[]): unknown {
  return JSON.parse(JSON.stringify(messages).replaceAll(/"call_[0-9a-f]{24}"/g, '"ours"'));
}
