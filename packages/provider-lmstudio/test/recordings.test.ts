import type { ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { lmstudioModels } from "../src/index.ts";
import { expectedOfChat, expectedOfResponses, gotOf, readEvents, type Json } from "../../provider-openai-compatible/test/oracle.ts";
import { client } from "./support.ts";

/** Of /api/v0/chat/completions, which answers as /v1 does and says more, and of /v1/responses. The two of /api/v0/completions are no chats. */
const recordings = loadRecordings("lmstudio");
const wireOf = ({ request }: Recording) => (request.url.endsWith("/responses") ? "responses" : "chat");

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    const llm = client(server.url, { api: wireOf(recording), model: recording.model ?? "some-model" });
    return recording.streaming ? llm.stream("Hello").result : llm.chat("Hello");
  }

  test("are all here", () => {
    expect([recordings.length, recordings.filter(({ streaming }) => streaming).length]).toEqual([10, 3]);
    expect(recordings.filter((recording) => wireOf(recording) === "chat").length).toBe(6);
    expect(recordings.every(({ response }) => response.status === 200)).toBe(true);
  });

  test.for(recordings)("$id", { timeout: 60_000 }, async (recording) => {
    const wire = wireOf(recording);
    const result = await run(recording);
    expect(gotOf(result, wire)).toEqual(wire === "chat" ? expectedOfChat(recording) : expectedOfResponses(recording));
    const { stats, model_info } = readEvents(recording)[0] as { stats?: Json; model_info?: Json };
    expect(result.providerMetadata?.["lmstudio"]?.["stats"]).toEqual(wire === "chat" ? stats : undefined);
    if (wire === "chat") expect(result.providerMetadata?.["lmstudio"]?.["modelInfo"]).toEqual(model_info);
    if (recording.streaming)
      expect(await run(recording, 1)).toEqual({ ...result, metrics: expect.anything(), attempts: expect.anything() });
  });

  test("the list of models as it was before 0.4", async () => {
    const [recording] = loadRecordings("lmstudio", "models");
    server.serve(recording!);
    const models = await lmstudioModels({ baseURL: `${server.url}/v1` }).list();
    const { data } = readEvents(recording!)[0] as { data: Json[] };
    expect(models.map(({ key }) => key)).toEqual(data.map(({ id }) => id));
    const loaded = models.filter(({ instances }) => instances.length > 0);
    expect(loaded.length).toBe(data.filter(({ state }) => state === "loaded").length);
    expect(loaded[0]).toMatchObject({
      type: "llm",
      maxContextLength: 32768,
      instances: [{ id: "qwen2.5-7b-instruct", contextLength: 4096 }],
    });
    expect(models.map(({ type }) => type === "embedding")).toEqual(data.map(({ type }) => type === "embeddings"));
  });
});
