import { isLlmError, type ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { expectedOfChat, expectedOfResponses, gotOf, readEvents, type Json } from "./oracle.ts";
import type { PresetName } from "../src/index.ts";
import { client } from "./support.ts";

/** Hosts with a preset; the rest is read as any host's. At port 8080 ran llama.cpp. */
const PRESET_OF: Record<string, PresetName> = {
  "ai-gateway.vercel.sh": "vercel",
  "api.deepseek.com": "deepseek",
  "api.moonshot.ai": "moonshot",
  "api.perplexity.ai": "perplexity",
  "api.together.ai": "together",
  "api.together.xyz": "together",
  "api.venice.ai": "venice",
  "api.x.ai": "xai",
  "api.z.ai": "zai",
  "dashscope.aliyuncs.com": "dashscope",
  "localhost:8080": "llama-cpp",
  "router.huggingface.co": "huggingface",
};

/** Not taken, with the reason. */
const LEFT_OUT: Record<string, string> = {};

const recordings = loadRecordings("openai-compatible-other").filter(({ id }) => LEFT_OUT[id] === undefined);
const isFailure = ({ response }: Recording) => response.status !== 200;
const presetOf = ({ request }: Recording) => PRESET_OF[new URL(request.url).host];
const wireOf = ({ request }: Recording) => (request.url.endsWith("/responses") ? "responses" : "chat");

describe.skipIf(!haveRecordings)("recordings of other hosts (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const llm = (recording: Recording) => {
    const preset = presetOf(recording);
    return client(server.url, { api: wireOf(recording), model: recording.model ?? "local" }, preset === undefined ? {} : { preset });
  };

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    return recording.streaming ? llm(recording).stream("Hello").result : llm(recording).chat("Hello");
  }

  test("are all here", () => {
    expect(recordings.length + Object.keys(LEFT_OUT).length).toBe(88);
    expect(recordings.filter(isFailure).length).toBe(5);
    const read = new Set(recordings.map(presetOf).filter((preset) => preset !== undefined));
    expect([read.size, recordings.filter((recording) => presetOf(recording) !== undefined).length]).toEqual([11, 69]);
  });

  test.for(recordings.filter((recording) => !isFailure(recording)))("$id", { timeout: 60_000 }, async (recording) => {
    const wire = wireOf(recording);
    const result = await run(recording);
    const hoped = wire === "chat" ? expectedOfChat(recording) : expectedOfResponses(recording);
    expect(gotOf(result, wire)).toEqual({ ...hoped, toolCalls: (hoped["toolCalls"] as Json[]).map(withSomeId) });
    if (recording.streaming) {
      const again = await run(recording, 1);
      expect(gotOf(again, wire)).toEqual({ ...gotOf(result, wire), toolCalls: (hoped["toolCalls"] as Json[]).map(withSomeId) });
    }
  });

  test.for(recordings.filter(isFailure))("$id fails as it should", async (recording) => {
    const { error } = readEvents({ ...recording, streaming: false })[0] as { error: string | { message: string } };
    const failure: unknown = await run(recording).catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    expect(failure.message).toContain(typeof error === "string" ? error : error.message);
    const kinds: Record<number, string> = { 400: "invalid-request", 401: "authentication", 404: "not-found" };
    expect(failure).toMatchObject({ status: recording.response.status, kind: kinds[recording.response.status], retryable: false });
  });
});

/** A call without an id gets one of ours. */
function withSomeId(call: Json): Json {
  return call["id"] === "some" ? { ...call, id: expect.stringMatching(/^(call|item)_/) } : call;
}
