import { isLlmError, type ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import {
  expectedOfChat,
  expectedOfResponses,
  gotOf,
  readEvents,
  readResponse,
  type Json,
} from "../../provider-openai-compatible/test/oracle.ts";
import { client } from "./support.ts";

const WIRES = [
  { wire: "chat", recordings: loadRecordings("openai-chat"), expected: expectedOfChat, answered: 92, streamed: 47, failed: 6 },
  {
    wire: "responses",
    recordings: loadRecordings("openai-responses"),
    expected: expectedOfResponses,
    answered: 100,
    streamed: 51,
    failed: 3,
  },
] as const;
const KINDS: Record<string, string> = {
  invalid_api_key: "authentication",
  model_not_found: "not-found",
  insufficient_quota: "quota",
  invalid_function_parameters: "invalid-request",
  invalid_image_format: "invalid-request",
  invalid_parameter_combination: "invalid-request",
  invalid_json_schema: "invalid-request",
  previous_response_not_found: "invalid-request",
};

/** The error that a recording holds, as a body or as an event. */
function errorIn(recording: Recording): { code: string; message: string } | undefined {
  return (
    readEvents(recording)
      .map((event) => event["error"] as { code: string; message: string } | null | undefined)
      .find((error) => error) ?? undefined
  );
}

describe.skipIf(!haveRecordings).each(WIRES)(
  "recordings of $wire (skipped where /shared/recordings is absent)",
  async ({ wire, recordings, expected, ...counts }) => {
    const server = await startReplay();
    afterAll(() => server.close());
    const running = recordings.filter((recording) => !recording.streaming && readEvents(recording)[0]!["status"] === "queued");
    const answered = recordings.filter((recording) => errorIn(recording) === undefined && !running.includes(recording));
    const failed = recordings.filter((recording) => errorIn(recording) !== undefined);

    const llm = (recording: Recording) => client(server.url, { api: wire, model: recording.model ?? "gpt-6-luna" });

    async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
      server.serve(recording, pieceBytes);
      return recording.streaming ? llm(recording).stream("Hello").result : llm(recording).chat("Hello");
    }

    test("are all here", () => {
      expect([answered.length, answered.filter(({ streaming }) => streaming).length, failed.length]).toEqual([
        counts.answered,
        counts.streamed,
        counts.failed,
      ]);
    });

    test.for(answered)("$id", { timeout: 60_000 }, async (recording) => {
      const result = await run(recording);
      const hoped = expected(recording);
      // The one tool call of 2023 had no id; it gets one of ours.
      const noId = (hoped["toolCalls"] as Json[]).some(({ id }) => id === "some");
      expect(gotOf(result, wire)).toEqual(
        noId ? { ...hoped, toolCalls: [{ ...(hoped["toolCalls"] as Json[])[0], id: expect.stringMatching(/^call_/) }] } : hoped,
      );
      if (recording.streaming)
        expect(await run(recording, 1)).toEqual({ ...result, metrics: expect.anything(), attempts: expect.anything() });
    });

    test.for(running)("$id is still running, and waited for", async (recording) => {
      const call = run(recording);
      await expect.poll(() => server.requests.at(-1)?.method, { timeout: 5000 }).toBe("GET");
      server.serve({ ...recording, response: { ...recording.response, body: recording.response.body.replace('"queued"', '"cancelled"') } });
      await expect(call).rejects.toMatchObject({ kind: "server", retryable: false });
    });

    test.for(failed)("$id fails as it should", async (recording) => {
      const { code, message } = errorIn(recording)!;
      const failure: unknown = await run(recording).catch((thrown: unknown) => thrown);
      if (!isLlmError(failure)) throw failure;
      const { status } = recording.response;
      expect(failure).toMatchObject({ kind: KINDS[code], retryable: false, provider: "openai", ...(status !== 200 && { status }) });
      expect(failure.message).toContain(message);
      const requestId = recording.response.headers["x-request-id"];
      if (status !== 200 && requestId !== undefined) expect(failure.requestId).toBe(requestId);
    });

    test.for(wire === "responses" ? answered : [])("$id goes back as it came", async (recording) => {
      const { messages } = await run(recording);
      const stored = JSON.parse(JSON.stringify(messages)) as typeof messages;
      await llm(recording)
        .with({ providerOptions: { openai: { store: true } } })
        .chat([{ role: "user", content: "Hello" }, ...stored, { role: "user", content: "Go on" }], { onUnsupported: "ignore" })
        .catch(() => undefined);
      const { input } = server.requests.at(-1)!.body as { input: Json[] };
      const output = (readResponse(recording)["output"] as Json[]).map(asSent);
      // Reasoning that led to nothing would be refused; calls that nobody answered get a result.
      const kept = output.filter((item, index) => output.slice(index).some(({ type }) => type !== "reasoning"));
      expect(input.slice(1, -1).filter((item) => item["output"] !== INTERRUPTED)).toEqual(kept);
    });
  },
);

const INTERRUPTED = "This call was interrupted; it has no result.";

/** An output item as it must go back: what the wire takes of it. Annotations and log probabilities are not for the model, nor is it told that a message was cut. */
function asSent(item: Json): Json {
  if (item["type"] === "message") {
    const content = (item["content"] as Json[]).map((part) =>
      part["type"] === "refusal" ? part : { ...part, annotations: [], logprobs: [] },
    );
    return { ...item, content, status: "completed" };
  }
  // What was cut is sent as JSON all the same.
  if (item["status"] === "incomplete") return { ...item, arguments: JSON.stringify({ input: item["arguments"] }) };
  if (item["type"] !== "reasoning") return item;
  const { type, id, summary, content, encrypted_content } = item;
  return {
    type,
    id,
    summary,
    ...((content as unknown[] | undefined)?.length ? { content } : {}),
    ...(encrypted_content !== undefined && { encrypted_content }),
  };
}
