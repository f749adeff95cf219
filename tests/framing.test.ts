// The right answer in another framing than it was asked for: the first bytes tell, and both
// decoders are there.
import { startLoopback, writePieces, type Answer } from "@plurivox/conformance";
import { createContext, isLlmError, type ChatResult, type LLM } from "plurivox";
import { afterAll, describe, expect, test } from "vitest";
import { PLACES, placeOf, type Place } from "./support/providers.ts";

const ANSWER: Answer = {
  text: "Grüße 👋🏽",
  toolCalls: [{ id: "callOne01", name: "get_weather", input: '{"city":"Zürich"}' }],
  usage: { inputTokens: 12, outputTokens: 7, totalTokens: 19 },
};

let pieces: Iterable<string | Uint8Array> = [];
let type = "";
const server = await startLoopback(async (request, response) => {
  if (request.path.endsWith("/api/show")) return void response.writeHead(404).end("{}");
  response.setHeader("content-type", type);
  await writePieces(response, pieces);
});
afterAll(() => server.close());

function clientOf({ provider, api, model }: Place): LLM {
  const settings = { provider: provider.id, model, baseURL: server.url, apiKey: "k", retry: false as const, ...(api && { api }) };
  return createContext({ providers: [provider], profiles: { default: settings }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

const essence = ({ text, toolCalls, finishReason, usage }: ChatResult) => ({
  text,
  calls: toolCalls.map(({ toolName, input }) => [toolName, input]),
  finishReason,
  usage,
});
const pretty = (text: string) => JSON.stringify(JSON.parse(text), undefined, 2);

describe.each(PLACES)("$name", (place) => {
  const { wire } = place;
  const llm = clientOf(place);
  const whole = wire.whole(ANSWER);
  const stream = wire
    .stream(ANSWER)
    .map(({ text }) => text)
    .join("");

  test("whole where a stream was asked for", async () => {
    [pieces, type] = [[whole], "application/json"];
    const asked = essence(await llm.chat("Hi"));
    for (const body of [
      [whole],
      [pretty(whole)],
      ["\ufeff \r\n", pretty(whole)],
      Array.from(new TextEncoder().encode(pretty(whole)), (byte) => Uint8Array.of(byte)),
    ]) {
      for (const odd of ["application/json", "text/event-stream", "text/plain"]) {
        [pieces, type] = [[...body], odd];
        expect(essence(await llm.stream("Hi").result)).toEqual(asked);
      }
    }
  });

  test("streamed where a whole answer was asked for", async () => {
    [pieces, type] = [[stream], "text/event-stream"];
    const asked = essence(await llm.stream("Hi").result);
    for (const body of [[stream], [`: ping\n\n${stream}`], [`\n${stream}`]]) {
      if (wire.framing === "ndjson" && body[0]!.startsWith(":")) continue;
      [pieces, type] = [body, "application/json"];
      expect(essence(await llm.chat("Hi"))).toEqual(asked);
    }
  });

  test("half of it is no answer in either", async () => {
    const failures: [string, () => Promise<unknown>][] = [
      [whole.slice(0, whole.length / 2), () => llm.stream("Hi").result],
      [stream.slice(0, stream.length / 3), () => llm.chat("Hi")],
    ];
    for (const [body, call] of failures) {
      [pieces, type] = [[body], "application/json"];
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(isLlmError(error) && error.kind).toMatch(/^(incomplete-stream|invalid-response)$/);
    }
  });
});

test("Gemini's list, which a stream is without alt=sse", async () => {
  const place = placeOf("google");
  const llm = clientOf(place);
  const chunks = place.wire.stream(ANSWER).map(({ text }) => text.slice("data: ".length).trim());
  [pieces, type] = [place.wire.stream(ANSWER).map(({ text }) => text), "text/event-stream"];
  const asked = essence(await llm.stream("Hi").result);
  for (const list of [`[${chunks.join("\n,\r\n")}]`, pretty(`[${chunks.join(",")}]`)]) {
    [pieces, type] = [[list], "application/json"];
    expect(essence(await llm.stream("Hi").result)).toEqual(asked);
    expect(essence(await llm.chat("Hi"))).toEqual(asked);
  }
  [pieces, type] = [[`[${chunks[0]!}]`], "application/json"];
  await expect(llm.stream("Hi").result).rejects.toMatchObject({ kind: "incomplete-stream" });
});
