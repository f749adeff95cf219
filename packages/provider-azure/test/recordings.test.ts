import { isLlmError, type ChatResult, type ProfileSettings } from "@plurivox/core";
import { afterAll, describe, expect, test } from "vitest";
import { haveRecordings, loadRecordings, startReplay, type Recording } from "../../../tests/support/recordings.ts";
import {
  expectedOfChat,
  expectedOfResponses,
  gotOf,
  readEvents,
  readResponse,
  type Json,
} from "../../provider-openai-compatible/test/oracle.ts";
import { client } from "./support.ts";

const recordings = loadRecordings("azure-openai");
const isFailure = ({ response }: Recording) => response.status !== 200;
const addressOf = ({ request }: Recording) => new URL(request.url);
const wireOf = (recording: Recording) => (addressOf(recording).pathname.endsWith("/responses") ? "responses" : "chat");

/** Dated URLs of which the recorder took the version away. */
const SOME_VERSION = { chat: "2024-10-21", responses: "2025-04-01-preview" };

/** A profile that must lead to the recorded address: the bare endpoint, and what else is needed. */
function profileOf(recording: Recording, server: string): ProfileSettings {
  const { pathname, searchParams } = addressOf(recording);
  const wire = wireOf(recording);
  const version = searchParams.get("api-version") ?? (pathname.startsWith("/openai/v1/") ? undefined : SOME_VERSION[wire]);
  const deployment = /\/deployments\/([^/]+)\//.exec(pathname)?.[1];
  return {
    api: wire,
    model: recording.model ?? "gpt-4.1-mini",
    baseURL: pathname.startsWith("/models/") ? `${server}/models` : server,
    ...(version !== undefined && { apiVersion: version }),
    ...(deployment !== undefined && { azureDeployment: deployment }),
  };
}

/** What content filters found, as recorded: everything that is not safe. */
function flaggedIn(recording: Recording): Json {
  const found: Record<"promptFilter" | "contentFilter", Json> = { promptFilter: {}, contentFilter: {} };
  const walk = (value: unknown, kind: "promptFilter" | "contentFilter"): void => {
    if (typeof value !== "object" || value === null) return;
    const { content_filter_results: results, source_type: of } = value as { content_filter_results?: Json; source_type?: string };
    const mine = of === undefined ? kind : of === "prompt" ? "promptFilter" : "contentFilter";
    for (const [category, one] of Object.entries(results ?? {})) {
      const { filtered, detected, severity = "safe" } = one as { filtered?: boolean; detected?: boolean; severity?: string };
      if (filtered || detected || severity !== "safe") found[mine][category] = one;
    }
    for (const [key, inner] of Object.entries(value)) walk(inner, key === "prompt_filter_results" ? "promptFilter" : mine);
  };
  for (const event of wireOf(recording) === "chat" ? readEvents(recording) : [readResponse(recording)]) walk(event, "contentFilter");
  return Object.fromEntries(Object.entries(found).filter(([, results]) => Object.keys(results).length > 0));
}

describe.skipIf(!haveRecordings)("recordings (skipped where /shared/recordings is absent)", async () => {
  const server = await startReplay();
  afterAll(() => server.close());

  async function run(recording: Recording, pieceBytes?: number): Promise<ChatResult> {
    server.serve(recording, pieceBytes);
    const llm = client(profileOf(recording, server.url));
    return recording.streaming ? llm.stream("Hello").result : llm.chat("Hello");
  }

  test("are all here", () => {
    const answered = recordings.filter((recording) => !isFailure(recording));
    const count = (wire: string, streaming: boolean) =>
      answered.filter((recording) => wireOf(recording) === wire && recording.streaming === streaming).length;
    expect(recordings.length).toBe(88);
    expect([count("chat", false), count("chat", true), count("responses", false), count("responses", true)]).toEqual([41, 16, 12, 14]);
    expect(recordings.filter(isFailure).length).toBe(5);
  });

  test.for(recordings.filter((recording) => !isFailure(recording)))("$id", { timeout: 60_000 }, async (recording) => {
    const wire = wireOf(recording);
    const result = await run(recording);
    expect(gotOf(result, wire)).toEqual(wire === "chat" ? expectedOfChat(recording) : expectedOfResponses(recording));
    const { serviceTier: _, ...flagged } = result.providerMetadata?.["azure"] ?? {};
    expect(flagged).toEqual(flaggedIn(recording));
    if (recording.streaming)
      expect(await run(recording, 1)).toEqual({ ...result, metrics: expect.anything(), attempts: expect.anything() });
  });

  test.for(recordings.filter((recording) => !isFailure(recording)))("$id went where it was recorded", async (recording) => {
    await run(recording);
    const { pathname, search } = addressOf(recording);
    const sent = server.requests.at(-1)!;
    const at = new URL(sent.path, server.url);
    expect(at.pathname).toBe(pathname);
    if (search !== "") expect(at.search).toBe(search);
    expect(sent.headers["api-key"]).toBe("0123456789abcdef");
    const deployment = /\/deployments\/([^/]+)\//.exec(pathname)?.[1];
    expect((sent.body as Json)["model"]).toBe(deployment ?? recording.model ?? "gpt-4.1-mini");
  });

  test.for(recordings.filter(isFailure))("$id fails as it should", async (recording) => {
    const { status, headers, body } = recording.response;
    const { error } = JSON.parse(body) as { error: { code: string; message: string } };
    const failure: unknown = await run(recording).catch((thrown: unknown) => thrown);
    if (!isLlmError(failure)) throw failure;
    const kinds: Record<number, string> = { 401: "authentication", 404: "not-found", 429: "rate-limit" };
    expect(failure).toMatchObject({ status, kind: kinds[status], retryable: status === 429, provider: "azure" });
    expect(failure.message).toContain(error.message.replace(/\.$/, ""));
    if (headers["retry-after-ms"] !== undefined) expect(failure.retryAfterMs).toBe(Number(headers["retry-after-ms"]));
    if (error.code === "DeploymentNotFound") expect(failure.hint).toContain("azureDeployment");
    else if (status !== 429) expect(failure.hint).toContain("base URL");
  });
});
