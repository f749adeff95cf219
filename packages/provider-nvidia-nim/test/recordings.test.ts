import type { ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { expectedOfChat, gotOf } from "../../provider-openai-compatible/test/oracle.ts";
import { client } from "./support.ts";

const recordings = loadRecordings("nvidia-nim");

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    const llm = client(server.url, { model: recording.model! });
    return recording.streaming ? llm.stream("Hello").result : llm.chat("Hello");
  }

  test("are all here", () => {
    expect(recordings.length).toBe(4);
    expect(recordings.filter(({ streaming }) => streaming).length).toBe(1);
    expect(recordings.map((recording) => (expectedOfChat(recording)["toolCalls"] as unknown[]).length)).toEqual([1, 0, 0, 1]);
  });

  test.for(recordings)("$id", { timeout: 60_000 }, async (recording) => {
    const result = await run(recording);
    expect(gotOf(result, "chat")).toEqual(expectedOfChat(recording));
    expect(result.usage.inputTokens).toBeGreaterThan(0);
    if (recording.streaming)
      expect(await run(recording, 1)).toEqual({ ...result, metrics: expect.anything(), attempts: expect.anything() });
  });
});
