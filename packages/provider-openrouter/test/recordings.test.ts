import { isLlmError, type ChatResult } from "@plurivox/core";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { expectedOfChat, expectedOfResponses, gotOf, readEvents, type Json } from "../../provider-openai-compatible/test/oracle.ts";
import { client } from "./support.ts";

/** Every chat recording, of both wires. Those of embeddings, reranking, the list of models and looking up a generation are no chats. */
const recordings = loadRecordings("openrouter");
const wireOf = ({ request }: Recording) => (request.url.endsWith("/responses") ? "responses" : "chat");
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

interface WireFailure {
  code: number;
  message: string;
  metadata?: { provider_name?: string; raw?: string };
}

/** The error that a recording holds, as a body or as a chunk. */
function errorIn(recording: Recording): WireFailure | undefined {
  return (
    readEvents(recording)
      .map((event) => event["error"] as WireFailure | null | undefined)
      .find((error) => error) ?? undefined
  );
}

const answered = recordings.filter((recording) => errorIn(recording) === undefined);
const failed = recordings.filter((recording) => errorIn(recording) !== undefined);
const KINDS: Record<number, string> = {
  400: "invalid-request",
  401: "authentication",
  403: "permission",
  404: "not-found",
  429: "rate-limit",
  502: "server",
};

const piecesOf = (recording: Recording): Json[] =>
  readEvents(recording)
    .flatMap((event) => list(event["choices"]))
    .filter(({ index }) => !index)
    .map((choice) => (choice["delta"] ?? choice["message"]) as Json);

/** The blocks of reasoning as they must go back: what was streamed in pieces in one. */
function detailsIn(recording: Recording): Json[] {
  const blocks: Json[] = [];
  for (const piece of piecesOf(recording).flatMap((one) => list(one["reasoning_details"]))) {
    const last = blocks.at(-1);
    const goesOn = recording.streaming && last?.["type"] === piece["type"] && piece["type"] !== "reasoning.encrypted";
    if (!goesOn) blocks.push({ ...piece });
    else
      for (const [key, value] of Object.entries(piece))
        last![key] = key === "text" || key === "summary" ? `${String(last![key] ?? "")}${String(value)}` : value;
  }
  return blocks;
}

function expected(recording: Recording): Json {
  const hoped = wireOf(recording) === "chat" ? expectedOfChat(recording) : expectedOfResponses(recording);
  if (hoped["rawFinishReason"] === "content_filter") return { ...hoped, finishReason: "content-filter" };
  // An early answer of the responses wire that has no status; it calls a tool.
  return hoped["rawFinishReason"] === "" ? { ...hoped, finishReason: "tool-calls", rawFinishReason: undefined } : hoped;
}

function costIn(recording: Recording): number | undefined {
  const usages = readEvents(recording).map(
    (event) => (event["usage"] ?? (event["response"] as Json | undefined)?.["usage"]) as Json | undefined,
  );
  const usage = usages.findLast((one) => one);
  if (usage?.["cost"] === undefined) return undefined;
  const upstream = usage["is_byok"] === true ? (usage["cost_details"] as Json)["upstream_inference_cost"] : 0;
  return (usage["cost"] as number) + (upstream as number);
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());
  const llm = (recording: Recording) => client(server.url, { api: wireOf(recording), model: recording.model ?? "openrouter/auto" });

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    return recording.streaming ? llm(recording).stream("Hello").result : llm(recording).chat("Hello");
  }

  test("are all here", () => {
    const of = (wire: string) => answered.filter((recording) => wireOf(recording) === wire);
    expect([of("chat").length, of("responses").length, failed.length]).toEqual([79, 7, 8]);
    expect(answered.filter(({ streaming }) => streaming).length).toBe(44);
    expect(answered.filter((recording) => costIn(recording) !== undefined).length).toBe(82);
    expect(answered.filter((recording) => detailsIn(recording).length > 0).length).toBe(30);
  });

  test.for(answered)("$id", { timeout: 60_000 }, async (recording) => {
    const wire = wireOf(recording);
    const result = await run(recording);
    expect(gotOf(result, wire)).toEqual(expected(recording));
    expect(result.cost).toEqual(costIn(recording) === undefined ? undefined : { totalUsd: costIn(recording), source: "provider-reported" });
    if (wire === "chat") {
      const last = readEvents(recording).findLast((event) => list(event["choices"])[0]?.["finish_reason"])!;
      expect(result.providerMetadata?.["openrouter"]).toMatchObject({
        provider: last["provider"],
        nativeFinishReason: list(last["choices"])[0]!["native_finish_reason"],
      });
    }
    if (recording.streaming)
      expect(await run(recording, 1)).toEqual({ ...result, metrics: expect.anything(), attempts: expect.anything() });
  });

  test.for(answered.filter((recording) => (recording.request.body as Json | null)?.["n"] === 2))(
    "$id has two answers",
    async (recording) => {
      server.serve(recording);
      const { choices } = await llm(recording).chat("Hello", { n: 2 });
      const theirs = list(readEvents(recording)[0]!["choices"]);
      expect(choices?.map(({ index, text }) => [index, text])).toEqual(
        theirs.map((one) => [one["index"], (one["message"] as Json)["content"]]),
      );
    },
  );

  test.for(answered.filter((recording) => detailsIn(recording).length > 0))("$id: reasoning goes back as it came", async (recording) => {
    const { messages } = await run(recording);
    const stored = JSON.parse(JSON.stringify(messages)) as typeof messages;
    await llm(recording)
      .chat([{ role: "user", content: "Hello" }, ...stored, { role: "user", content: "Go on" }])
      .catch(() => undefined);
    const { messages: sent } = server.requests.at(-1)!.body as { messages: Json[] };
    const said = sent.find(({ role }) => role === "assistant");
    // Reasoning that led to nothing is no message.
    if (messages.every(({ content }) => typeof content !== "string" && content.every(({ type }) => type === "reasoning")))
      return expect(said).toBeUndefined();
    expect(said!["reasoning_details"]).toEqual(detailsIn(recording));
    return expect(said!["reasoning"] ?? "").toBe(
      piecesOf(recording)
        .map((piece) => piece["reasoning"] ?? "")
        .join(""),
    );
  });

  test.for(failed)("$id fails as it should", async (recording) => {
    const { code, message, metadata } = errorIn(recording)!;
    const failure: unknown = await run(recording).catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    expect(failure).toMatchObject({ kind: KINDS[code], status: code, provider: "openrouter", retryable: [429, 502].includes(code) });
    const { raw, provider_name: host } = metadata ?? {};
    const said = raw === undefined ? message.trim() : raw.startsWith("{") ? (JSON.parse(raw) as { error: string }).error : raw;
    expect(failure.message).toContain(host ? host : "");
    expect(failure.message).toContain(said);
  });
});
