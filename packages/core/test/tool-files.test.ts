import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLoopback, type Loopback } from "../../conformance/src/loopback.ts";
import {
  tool,
  type ChatResult,
  type ContextOptions,
  type FilePart,
  type Message,
  type ToolResultPart,
  type UserPart,
} from "../src/index.ts";
import type { ResultFiles } from "../src/provider.ts";
import { sse, toy, toyContext } from "./toy.ts";

// What arrives at the toy's server is the call itself, with bytes as JSON has them, so pictures are
// in base64 here.
const PNG = Buffer.from("\x89PNG\r\n\x1a\n and so on", "latin1").toString("base64");
const PDF = Buffer.from("%PDF-1.7 and so on").toString("base64");
const WAV = Buffer.from("RIFF????WAVE and so on").toString("base64");
const image = { base64: PNG, mediaType: "image/png" };
const pdf = { type: "file", base64: PDF, mediaType: "application/pdf" };

let server: Loopback;
let folder: string;
let messages: Message[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tool-files-"));
  await writeFile(join(folder, "a.png"), Buffer.from(PNG, "base64"));
  server = await startLoopback((request, response) => {
    if (request.path.endsWith(".png")) return void response.setHeader("content-type", "image/png").end(Buffer.from(PNG, "base64"));
    messages = (request.body as { messages: Message[] }).messages;
    const call = messages.some(({ role }) => role === "tool")
      ? sse({ type: "text", text: "ok" }, { type: "finish", finishReason: "stop" })
      : sse({ type: "tool-call", index: 0, toolCallId: "c1", toolName: "look", input: {} }, { type: "finish", finishReason: "tool-calls" });
    response.setHeader("content-type", "text/event-stream").end(call);
  });
});
afterAll(() => Promise.all([server.close(), rm(folder, { recursive: true })]));

/** A chat whose one tool returns this. */
async function run(output: unknown, resultFiles: ResultFiles = {}, options: ContextOptions = {}): Promise<ChatResult> {
  const { chat } = toy();
  const provider = toy({ chat: { ...chat!, resultFiles } });
  const look = tool({ name: "look", input: { type: "object" }, execute: () => output });
  return toyContext(server.url, { providers: [provider], ...options })
    .llm()
    .stream("Look!", { tools: [look] }).result;
}

function sent(): { output: unknown; behind: UserPart[] } {
  const at = messages.findIndex(({ role }) => role === "tool");
  const [result] = messages[at]!.content as ToolResultPart[];
  const behind = messages[at + 1];
  return { output: result!.output, behind: (behind?.content as UserPart[] | undefined) ?? [] };
}

const filesOf = (parts: readonly UserPart[]) => parts.filter((part) => part.type !== "text");
const HOLDS: ResultFiles = { within: ["image", "document", "audio"] };

const FORMS: [what: string, output: unknown, file: object][] = [
  ["ours, by base64", { type: "image", base64: PNG }, image],
  ["ours, with a name", { ...pdf, filename: "a.pdf" }, { ...pdf, filename: "a.pdf" }],
  ["ours, by a data: URL", { type: "image", url: `data:image/png;base64,${PNG}` }, image],
  ["ours, by URL", { type: "image", url: "https://example.com/a.png" }, { url: "https://example.com/a.png" }],
  ["MCP's image", { type: "image", data: PNG, mimeType: "image/png", annotations: {} }, image],
  ["MCP's audio", { type: "audio", data: WAV, mimeType: "audio/wav" }, { base64: WAV, mediaType: "audio/wav" }],
  [
    "MCP's resource",
    { type: "resource", resource: { uri: "x://a.pdf", mimeType: "application/pdf", blob: PDF } },
    { ...pdf, filename: "a.pdf" },
  ],
  ["a resource without a type", { type: "resource", resource: { uri: "x://a", blob: PNG } }, image],
  ["an MCP result", { content: [{ type: "image", data: PNG, mimeType: "image/png" }], isError: false }, image],
  ["the AI SDK's media", { type: "content", value: [{ type: "media", data: PNG, mediaType: "image/png" }] }, image],
  ["the AI SDK's image", { type: "content", value: [{ type: "image-data", data: PNG, mediaType: "image/png" }] }, image],
  ["the AI SDK's file", { type: "content", value: [{ type: "file-data", data: PDF, mediaType: "application/pdf" }] }, pdf],
  ["OpenAI's image_url", { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } }, image],
  ["OpenAI's input_image", { type: "input_image", image_url: `data:image/png;base64,${PNG}` }, image],
  ["OpenAI's input_audio", { type: "input_audio", input_audio: { data: WAV, format: "wav" } }, { base64: WAV, mediaType: "audio/wav" }],
  ["OpenAI's file", { type: "file", file: { file_data: `data:application/pdf;base64,${PDF}`, filename: "a.pdf" } }, pdf],
  ["OpenAI's input_file", { type: "input_file", file_data: PDF, filename: "a.pdf" }, pdf],
  ["Anthropic's image", { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } }, image],
  ["Anthropic's document", { type: "document", source: { type: "base64", media_type: "application/pdf", data: PDF } }, pdf],
  ["Google's", { inlineData: { mimeType: "image/png", data: PNG } }, image],
  ["a data: URL", `data:image/png;base64,${PNG}`, image],
  ["base64 in lines", { type: "image", data: PNG.replace(/(.{8})/g, "$1\r\n"), mimeType: "image/png" }, image],
  ["bytes that JSON made numbers of", { ...new Uint8Array(Buffer.from(PNG, "base64")) }, { mediaType: "image/png" }],
  ["bytes that JSON made a Buffer of", Buffer.from(PNG, "base64").toJSON(), { mediaType: "image/png" }],
];

describe("what is a file", () => {
  test.each(FORMS)("%s: alone, in a list, in data", async (_what, output, file) => {
    const { toolResults } = await run(output, HOLDS);
    expect(toolResults[0]!.output).toEqual(output);
    expect(sent()).toEqual({ output: [expect.objectContaining(file)], behind: [] });

    await run([{ type: "text", text: "See:" }, output], HOLDS);
    expect(sent().output).toEqual(
      typeof output === "object" && output !== null && ("content" in output || "value" in output)
        ? [{ type: "text", text: expect.stringMatching(/ 1\)/) as string }, expect.objectContaining(file)]
        : [{ type: "text", text: "See:" }, expect.objectContaining(file)],
    );

    await run({ page: 1, shots: [{ at: output }] });
    expect(JSON.stringify(sent().output)).toContain("1 follows in the next message)");
    expect(sent().output).toMatchObject({ page: 1 });
    expect(filesOf(sent().behind)).toEqual([expect.objectContaining(file)]);
  });

  test("bytes and blobs", async () => {
    const bytes = new Uint8Array(Buffer.from(PNG, "base64"));
    for (const output of [bytes, Buffer.from(bytes), bytes.buffer, new Blob([bytes]), new Blob([bytes], { type: "image/png" })]) {
      await run({ output });
      const [file] = filesOf(sent().behind) as FilePart[];
      // JSON writes a Buffer and any other array of bytes in two ways.
      const data = file!.data as object;
      expect("data" in data ? data.data : Object.values(data)).toEqual([...bytes]);
      expect(sent().output).toEqual({ output: "(picture 1 follows in the next message)" });
    }
  });

  const LOOKALIKES: [what: string, output: unknown][] = [
    [
      "a folder",
      [
        { type: "file", name: "a.ts" },
        { type: "file", path: "b.ts" },
      ],
    ],
    ["a file of a repository", { type: "file", path: "README.md", url: "https://example.com/README.md", size: 3 }],
    ["pictures found", { type: "image", url: "https://example.com/a.png", title: "A", width: 3 }],
    ["no base64", { type: "image", data: "not base64!", mimeType: "image/png" }],
    ["no media type", { type: "image", data: PNG, mimeType: "png" }],
    ["a name and no bytes", { type: "image", name: "a" }],
    ["a type alone", { type: "resource", id: 3 }],
    ["numbers", [137, 80, 78, 71]],
    ["numbers by number", { 0: 1, 1: 2 }],
    ["a content of other things", { content: "x", isError: false }],
    ["texts with scores", [{ type: "text", text: "a", score: 0.5 }]],
    ["an empty list", []],
    ["a text that speaks of one", "see data:image/png;base64,AAAA"],
    ["a date", { at: "2026-11-29T00:00:00.000Z" }],
  ];
  test.each(LOOKALIKES)("%s stays what it is", async (_what, output) => {
    const { warnings } = await run(output);
    expect(warnings).toEqual([]);
    const { output: now, behind } = sent();
    expect(behind).toEqual([]);
    expect(typeof output === "string" || typeof now !== "string" ? now : JSON.parse(now)).toEqual(output);
  });

  test("nothing is read from prototypes, and depth and circles end", async () => {
    await run(Object.create({ type: "image", data: PNG, mimeType: "image/png" }));
    expect(sent().output).toEqual({});
    let deep: unknown = 1;
    for (let level = 0; level < 500; level++) deep = { deep };
    await run(deep);
    expect(JSON.stringify(sent().output)).toContain('"deep":1');
    let wide: unknown = { type: "image", data: PNG, mimeType: "image/png" };
    for (let level = 0; level < 12; level++) wide = [wide];
    const shared = { wide };
    await run(Array.from({ length: 50 }, () => shared));
    expect(filesOf(sent().behind).length).toBe(1);
  });
});

describe("texts", () => {
  test.each<[unknown, string]>([
    [{ type: "resource", resource: { uri: "x://a", text: "words" } }, "words"],
    [{ type: "resource", resource: { uri: "x://a.csv", mimeType: "text/csv", blob: Buffer.from("a;b").toString("base64") } }, "a;b"],
    [Buffer.from("grüezi"), "grüezi"],
    [
      {
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      "a\n\nb",
    ],
    [{ content: [], structuredContent: { a: 1 } }, '{"a":1}'],
    [{ type: "image", data: Buffer.from("<svg/>").toString("base64"), mimeType: "image/svg+xml" }, "<svg/>"],
  ])("%j", async (output, text) => {
    await run(output);
    expect(sent()).toEqual({ output: text, behind: [] });
  });

  test("unknown bytes and archives are left out", async () => {
    for (const output of [new Uint8Array([1, 0, 255, 254]), { type: "file", data: "UEsDBAo=", mediaType: "application/zip" }]) {
      const { warnings, text } = await run(output, HOLDS);
      expect(text).toBe("ok");
      expect(warnings).toMatchObject([{ code: "tool-result-files" }]);
      expect(sent().output).toBe("(document 1 was left out: this model cannot read it)");
    }
  });
});

describe("what has to be loaded", () => {
  test("a path, where paths are allowed", async () => {
    const output = { type: "image", path: join(folder, "a.png"), mediaType: "image/png" };
    expect((await run(output, HOLDS, { media: { allowPaths: [folder] } })).warnings).toEqual([]);
    expect(sent().output).toMatchObject([{ type: "image", mediaType: "image/png" }]);
    for (const allowPaths of [undefined, [join(folder, "other")]]) {
      const { warnings, text } = await run(output, HOLDS, allowPaths && { media: { allowPaths } });
      expect(text).toBe("ok");
      expect(warnings).toMatchObject([{ code: "tool-result-files", provider: "toy" }]);
      expect(sent().output).toEqual([{ type: "text", text: "(This file could not be loaded.)" }]);
    }
  });

  test("an address that the vendor does not fetch, and one that is not public", async () => {
    const chat = { ...toy().chat!, noUrls: ["image" as const] };
    const look = tool({ name: "look", input: { type: "object" }, execute: () => ({ type: "image", url: `${server.url}/a.png` }) });
    for (const allowPrivate of [true, false]) {
      const context = toyContext(server.url, { providers: [toy({ chat })], media: { allowPrivate } });
      const { warnings } = await context.llm().stream("Look!", { tools: [look] }).result;
      expect(warnings.length).toBe(allowPrivate ? 0 : 1);
      const [file] = filesOf(sent().behind);
      expect(file?.mediaType).toBe(allowPrivate ? "image/png" : undefined);
    }
  });

  test("what is too large, and what is not what it says", async () => {
    const large = await run({ type: "image", data: PNG, mimeType: "image/png" }, HOLDS, { media: { maxBytes: 5 } });
    expect(large.warnings).toMatchObject([{ code: "tool-result-files", message: expect.stringContaining("maxBytes") as string }]);
    const wrong = await run({ type: "image", data: PDF, mimeType: "image/png" }, HOLDS);
    expect(wrong.warnings).toMatchObject([{ code: "tool-result-files" }]);
    expect(JSON.stringify(messages)).not.toContain(PDF);
  });
});
