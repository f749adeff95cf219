// A tool returns a picture: what each vendor gets of it, over real sockets.
import type { ReceivedFile, ReceivedItem } from "@plurivox/conformance";
import { findFamily, onWire } from "@plurivox/core/provider";
import { isLlmError, tool, type ChatEvent, type Message } from "plurivox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startStand, type Stand } from "./support/conversations.ts";
import { PLACES, type Place } from "./support/providers.ts";
import { faultOf, haveSpecs } from "./support/specs.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const OTHER_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const WAV = Buffer.from("RIFF\x24\0\0\0WAVEfmt and so on").toString("base64");
const PDF = Buffer.from("%PDF-1.7 a document").toString("base64");
const mcpImage = (data: string) => ({
  content: [
    { type: "text", text: "Here it is." },
    { type: "image", data, mimeType: "image/png" },
  ],
});

/** The places whose results hold pictures. */
const WITHIN = ["openai (responses)", "azure (responses)", "anthropic", "google", "mistral"];

const stands = new Map<string, Stand>();
beforeAll(async () => {
  for (const place of PLACES) stands.set(place.name, await startStand(place));
});
afterAll(() => Promise.all([...stands.values()].map(({ server }) => server.close())));

const kinds = { image: "imageInput", audio: "audioInput", document: "documentInput" } as const;

function takes({ provider, api, model }: Place, kind: keyof typeof kinds): boolean {
  const name = api ?? provider.defaultApi;
  const wire = name === undefined ? provider.chat : (provider.apis?.[name] ?? provider.chat);
  const family = onWire(findFamily(provider.families, model), name);
  return wire?.capabilities?.[kinds[kind]] !== false && family?.capabilities[kinds[kind]] !== false;
}

interface Looked {
  body: string;
  items: ReceivedItem[];
  events: ChatEvent[];
}

/** A streamed loop: the model calls the tools, gets what they return, and answers. */
async function look({ place, llm, requests, answers }: Stand, ...outputs: unknown[]): Promise<Looked> {
  const ids = ["aaaaaaaa1", "aaaaaaaa2", "aaaaaaaa3"];
  const toolCalls = outputs.map((_, at) => ({ id: ids[at]!, name: `look_${at}`, input: "{}" }));
  answers.push({ answer: { toolCalls } }, { answer: { text: "I see." } });
  const tools = outputs.map((output, at) => tool({ name: `look_${at}`, input: { type: "object" }, execute: () => output }));
  const events: ChatEvent[] = [];
  for await (const event of llm.stream("Look!", { tools })) events.push(event);
  const request = requests.at(-1)!;
  return { body: JSON.stringify(request.body), items: place.wire.read(request).items, events };
}

const count = (text: string, piece: string) => text.split(piece).length - 1;
const resultsOf = (items: ReceivedItem[]) => items.filter((item) => item.type === "tool-result");
const usersFiles = (items: ReceivedItem[]) => items.filter((item): item is ReceivedFile & ReceivedItem => item.type in kinds);
const textsOf = (items: ReceivedItem[]) => items.flatMap((item) => ("text" in item ? [item.text] : [])).join("\n");

describe.each(PLACES)("$name", (place) => {
  test("a picture arrives once, as a picture", async () => {
    const output = mcpImage(PNG);
    const { body, items, events } = await look(stands.get(place.name)!, output);
    expect(count(body, PNG)).toBe(takes(place, "image") ? 1 : 0);
    expect(textsOf(items)).not.toContain(PNG.slice(0, 20));
    const [result] = resultsOf(items);
    expect(result?.text).toContain("Here it is.");
    const told = events.find(({ type }) => type === "tool-result");
    expect(told).toMatchObject({ output });
    if (!takes(place, "image")) {
      expect(result?.text).toContain("picture 1 was left out");
      expect(events.at(-1)).toMatchObject({ result: { warnings: [{ code: "tool-result-files", feature: "imageInput" }] } });
    } else if (WITHIN.includes(place.name)) {
      expect(result?.files).toMatchObject([{ type: "image", base64: PNG }]);
      expect(usersFiles(items)).toEqual([]);
    } else {
      expect(result?.text).toContain("picture 1 follows in the next message");
      expect(usersFiles(items)).toMatchObject([{ type: "image", role: "user", base64: PNG }]);
      expect(items.findIndex((item) => item.type === "image")).toBeGreaterThan(items.indexOf(result!));
    }
  });

  test("pictures of two results in one turn, in order, behind both results or in them", async () => {
    const { body, items } = await look(stands.get(place.name)!, mcpImage(PNG), mcpImage(OTHER_PNG));
    const results = resultsOf(items);
    expect(results.length).toBe(2);
    if (!takes(place, "image")) return expect(body).not.toContain(PNG);
    expect([count(body, PNG), count(body, OTHER_PNG)]).toEqual([1, 1]);
    const all = items.flatMap((item) => (item.type === "tool-result" ? (item.files ?? []) : item.type === "image" ? [item] : []));
    expect(all.map(({ base64 }) => base64)).toEqual([PNG, OTHER_PNG]);
    const first = items.findIndex((item) => item.type === "tool-result");
    expect(items[first + 1]?.type).toBe("tool-result");
  });

  test.each([
    ["audio", { type: "audio", data: WAV, mimeType: "audio/wav" }, WAV],
    ["document", { type: "resource", resource: { uri: "file:///a.pdf", mimeType: "application/pdf", blob: PDF } }, PDF],
  ] as const)("a file of kind %s", async (kind, output, base64) => {
    const { body, items } = await look(stands.get(place.name)!, { found: [output], more: 1 });
    const [result] = resultsOf(items);
    expect(count(body, base64)).toBe(takes(place, kind) ? 1 : 0);
    expect(textsOf(items)).not.toContain(base64.slice(0, 20));
    expect(result?.text).toContain('"more":1');
  });

  test("a picture within a JSON text arrives as a picture, and a file by its id ends nothing", async () => {
    const { body, items } = await look(stands.get(place.name)!, JSON.stringify(mcpImage(PNG)));
    expect(count(body, PNG)).toBe(takes(place, "image") ? 1 : 0);
    expect(textsOf(items)).not.toContain(PNG.slice(0, 20));
    const byId = await look(stands.get(place.name)!, { type: "image", url: "file-id:file_1" });
    expect(resultsOf(byId.items).length).toBe(1);
  });

  test("texts of resources are texts, bytes in data are no numbers, videos kill nothing", async () => {
    const bytes = new Uint8Array(Buffer.from(PNG, "base64"));
    const video = { type: "resource", resource: { uri: "a.mp4", mimeType: "video/mp4", blob: "AAAAGGZ0eXBpc29t" } };
    const { body, items } = await look(
      stands.get(place.name)!,
      [{ type: "resource", resource: { uri: "file:///a.txt", text: "words of it" } }],
      { shot: bytes },
      video,
    );
    expect(resultsOf(items)[0]?.text).toBe("words of it");
    expect(count(body, PNG)).toBe(takes(place, "image") ? 1 : 0);
    expect(body).not.toContain("137");
  });

  test("a history of another's making, the same at every turn", async () => {
    const { llm, requests } = stands.get(place.name)!;
    const history = [
      { role: "user", content: "Look!" },
      { role: "assistant", tool_calls: [{ id: "aaaaaaaa1", type: "function", function: { name: "look", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "aaaaaaaa1", content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } }] },
      { role: "assistant", content: "A dot." },
      { role: "user", content: "Sure?" },
    ];
    const sent: string[] = [];
    for (let turn = 0; turn < 2; turn++) {
      await llm.chat(history as Message[]);
      sent.push(JSON.stringify(requests.at(-1)!.body));
    }
    expect(sent[0]).toBe(sent[1]);
    expect(count(sent[0]!, PNG)).toBe(takes(place, "image") ? 1 : 0);
  });

  test("limits count a picture as a picture", async () => {
    const { llm } = stands.get(place.name)!;
    const large = PNG.repeat(1).slice(0, 40) + "A".repeat(400_000);
    const messages: Message[] = [
      { role: "user", content: "Look!" },
      { role: "assistant", content: [{ type: "tool-call", toolCallId: "aaaaaaaa1", toolName: "look", input: {} }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "aaaaaaaa1", toolName: "look", output: mcpImage(large) }] },
    ];
    const { estimate, request } = await llm.explain(messages);
    expect(estimate?.inputTokens).toBeLessThan(2_000);
    if (place.name === "ollama") expect((request.body as { options: { num_ctx: number } }).options.num_ctx).toBeLessThan(20_000);
  });
});

test("a model that sees nothing: an error only where that is asked for", async () => {
  const { llm, requests, answers } = stands.get("groq")!;
  const blind = llm.with({ provider: "groq", model: "openai/gpt-oss-120b" });
  const messages: Message[] = [
    { role: "user", content: "Look!" },
    { role: "assistant", content: [{ type: "tool-call", toolCallId: "aaaaaaaa1", toolName: "look", input: {} }] },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "aaaaaaaa1", toolName: "look", output: mcpImage(PNG) }] },
  ];
  answers.push({ answer: { text: "No." } }, { answer: { text: "No." } });
  const { warnings } = await blind.chat(messages);
  expect(warnings).toEqual([expect.objectContaining({ code: "tool-result-files", feature: "imageInput", provider: "groq" })]);
  expect((await blind.chat(messages, { onUnsupported: "ignore" })).warnings).toEqual([]);
  expect(JSON.stringify(requests.at(-1)!.body)).not.toContain(PNG);
  const error = await blind.chat(messages, { onUnsupported: "error" }).catch((thrown: unknown) => thrown);
  expect(isLlmError(error, "unsupported")).toBe(true);
});

/** The vendor's description of a request, where it has published one. */
const SPECS: Readonly<Record<string, readonly [file: string, schema: string]>> = {
  "openai (responses)": ["openai.openapi.yaml", "CreateResponse"],
  "openai (chat)": ["openai.openapi.yaml", "CreateChatCompletionRequest"],
  anthropic: ["anthropic.openapi.json", "BetaCreateMessageParams"],
  google: ["google-gemini.openapi.json", "GenerateContentRequest"],
  mistral: ["mistral.openapi.yaml", "ChatCompletionRequest"],
};

describe.skipIf(!haveSpecs)("by the vendors' descriptions (skipped where /shared/specs is absent)", () => {
  test.each(Object.entries(SPECS))("%s", async (name, spec) => {
    const stand = stands.get(name)!;
    await look(stand, mcpImage(PNG), { type: "resource", resource: { uri: "a.pdf", mimeType: "application/pdf", blob: PDF } });
    expect(faultOf(...spec, stand.requests.at(-1)!.body)).toBeUndefined();
  });
});
