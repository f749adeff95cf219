import { isLlmError, type ChatEvent, type ChatResult, type LlmError } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { client, events, reply, type Json, type SentBody } from "./support.ts";

let status = 200;
let body = "";
const server = await startLoopback((_request, response) => {
  response.writeHead(status, { "content-type": body.startsWith("data:") ? "text/event-stream" : "application/json" }).end(body);
});
afterAll(() => server.close());
beforeEach(() => {
  status = 200;
});

const llm = client(server.url, { model: "gemini-3.5-flash" });

function whole(answer: Json): Promise<ChatResult> {
  body = JSON.stringify(answer);
  return llm.chat("Hi");
}

function streamed(...chunks: Json[]): Promise<ChatResult> {
  body = events(...chunks);
  return llm.stream("Hi").result;
}

/** The answer's parts as they go back after a while in a database. */
async function sentBack({ messages }: ChatResult): Promise<unknown> {
  const stored = JSON.parse(JSON.stringify(messages)) as typeof messages;
  body = JSON.stringify(reply([{ text: "ok" }]));
  await llm.chat([{ role: "user", content: "Hi" }, ...stored, { role: "user", content: "Go on" }]);
  return (server.requests.at(-1)!.body as SentBody).contents[1];
}

async function errorOf(result: Promise<unknown>): Promise<LlmError> {
  const thrown: unknown = await result.then(
    () => new Error("It did not fail."),
    (error: unknown) => error,
  );
  if (!isLlmError(thrown)) throw thrown;
  return thrown;
}

const chunk = (parts: Json[], candidate: Json = {}, fields: Json = {}) => ({
  candidates: [{ content: { parts, role: "model" }, index: 0, ...candidate }],
  responseId: "r1",
  ...fields,
});
const STOP = { finishReason: "STOP" };

describe("answers", () => {
  const reasons: [raw: string, finishReason: string][] = [
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content-filter"],
    ["RECITATION", "content-filter"],
    ["LANGUAGE", "content-filter"],
    ["BLOCKLIST", "content-filter"],
    ["PROHIBITED_CONTENT", "content-filter"],
    ["SPII", "content-filter"],
    ["IMAGE_SAFETY", "content-filter"],
    ["IMAGE_PROHIBITED_CONTENT", "content-filter"],
    ["IMAGE_RECITATION", "content-filter"],
    ["SOMETHING_NEW", "other"],
  ];
  test.for(reasons)("%s means %s, whole and streamed", async ([raw, finishReason]) => {
    const expected = { finishReason, rawFinishReason: raw, text: "A" };
    expect(await whole(reply([{ text: "A" }], { finishReason: raw }))).toMatchObject(expected);
    expect(await streamed(chunk([{ text: "A" }]), chunk([], { finishReason: raw }))).toMatchObject(expected);
  });

  const failures: [raw: string, kind: string][] = [
    ["OTHER", "server"],
    ["IMAGE_OTHER", "server"],
    ["NO_IMAGE", "server"],
    ["UNEXPECTED_TOOL_CALL", "server"],
    ["TOO_MANY_TOOL_CALLS", "server"],
    ["MISSING_THOUGHT_SIGNATURE", "invalid-request"],
  ];
  test.for(failures)("%s fails, whole and streamed", async ([raw, kind]) => {
    for (const failure of [
      await errorOf(whole(reply([{ text: "A" }], { finishReason: raw }))),
      await errorOf(streamed(chunk([{ text: "A" }]), chunk([], { finishReason: raw }))),
    ]) {
      expect(failure).toMatchObject({ kind, partial: { text: "A" } });
      expect(failure.message).toContain(raw);
    }
  });

  const silences: [what: string, candidate: Json][] = [
    ["without parts", { content: { role: "model", parts: [] } }],
    ["without content", { content: undefined }],
    ["with nothing in its content", { content: {} }],
    ["with an empty part", { content: { parts: [{}] } }],
    ["with ratings alone", { content: { role: "model" }, safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "LOW" }] }],
  ];
  test.for(silences)("an answer that stops %s is none, and worth another try", async ([, candidate]) => {
    const usageMetadata = { promptTokenCount: 10, totalTokenCount: 10 };
    const expected = { kind: "invalid-response", retryable: true, partial: { text: "", usage: { inputTokens: 10 } } };
    expect(await errorOf(whole(reply([], candidate, { usageMetadata })))).toMatchObject(expected);
    expect(await errorOf(streamed(chunk([], { ...candidate, ...STOP }, { usageMetadata })))).toMatchObject(expected);
    expect(await errorOf(streamed(chunk([], candidate), chunk([], { ...candidate, ...STOP }), { usageMetadata }))).toMatchObject(expected);
  });

  test("an answer that says nothing for another reason, or says something without parts, is one", async () => {
    for (const candidate of [
      { finishReason: "MAX_TOKENS" },
      { finishReason: "SAFETY" },
      { ...STOP, groundingMetadata: { webSearchQueries: ["q"] } },
    ]) {
      expect((await whole(reply([], { content: {}, ...candidate }))).text).toBe("");
      expect((await streamed(chunk([], candidate))).text).toBe("");
    }
    expect((await whole(reply([{ text: "" }]))).finishReason).toBe("stop");
    expect((await streamed(chunk([], STOP), chunk([{ text: "After the end" }]))).text).toBe("After the end");
  });

  test.for(["MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE"])("%s is worth another try", async (raw) => {
    const slip = { finishReason: raw, finishMessage: "Malformed function call: print(" };
    const expected = { kind: "invalid-response", retryable: true, partial: { text: "A", usage: { inputTokens: 10 } } };
    const slips = [
      await errorOf(whole(reply([{ text: "A" }], slip))),
      await errorOf(streamed(chunk([{ text: "A" }], {}, { usageMetadata: { promptTokenCount: 10 } }), chunk([], slip))),
    ];
    for (const failure of slips) {
      expect(failure).toMatchObject(expected);
      expect(failure.message).toContain("print(");
      expect(failure.message).toContain(raw);
    }
  });

  test("a refused prompt says why", async () => {
    const promptFeedback = { blockReason: "PROHIBITED_CONTENT", blockReasonMessage: "Not that.", safetyRatings: [] };
    const expected = {
      finishReason: "content-filter",
      rawFinishReason: "PROHIBITED_CONTENT",
      refusal: "Not that.",
      text: "",
      usage: { inputTokens: 7 },
      providerMetadata: { google: { promptFeedback } },
    };
    expect(await whole({ promptFeedback, usageMetadata: { promptTokenCount: 7 } })).toMatchObject(expected);
    expect(await streamed({ promptFeedback, usageMetadata: { promptTokenCount: 7 } })).toMatchObject(expected);
    expect((await whole({ promptFeedback: { blockReason: "OTHER" } })).refusal).toBeUndefined();
  });

  test("an answer that is too long for one request hands out what goes on with it", async () => {
    const cut = await whole(reply([{ text: "A" }], { finishReason: "CONTINUATION", continuationToken: "t1" }));
    expect(cut).toMatchObject({ finishReason: "length", rawFinishReason: "CONTINUATION" });
    expect(cut.providerMetadata).toEqual({ google: { continuationToken: "t1" } });
  });

  test("usage: the last count wins, thoughts are output, tools are input, absent stays absent", async () => {
    const counts = { promptTokenCount: 10, toolUsePromptTokenCount: 5, cachedContentTokenCount: 4, trafficType: "ON_DEMAND" };
    const last = { ...counts, candidatesTokenCount: 7, thoughtsTokenCount: 3, totalTokenCount: 25 };
    const result = await streamed(
      chunk([{ text: "A" }], {}, { usageMetadata: { trafficType: "ON_DEMAND" } }),
      chunk([{ text: "B" }], {}, { usageMetadata: { ...counts, candidatesTokenCount: 1 } }),
      chunk([], STOP, { usageMetadata: last }),
    );
    expect(result.usage).toEqual({ inputTokens: 15, outputTokens: 10, totalTokens: 25, cacheReadTokens: 4, reasoningTokens: 3 });
    expect((await whole(reply([{ text: "A" }], {}, { usageMetadata: undefined }))).usage).toEqual({});
    expect((await whole(reply([{ text: "A" }], {}, { usageMetadata: { promptTokenCount: 3 } }))).usage).toEqual({ inputTokens: 3 });
  });

  test("usage by modality, and thoughts that only the total tells", async () => {
    const usageMetadata = {
      promptTokenCount: 62,
      candidatesTokenCount: 1300,
      totalTokenCount: 1442,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 37 },
        { modality: "AUDIO", tokenCount: 25 },
      ],
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1290 }, { modality: "AUDIO", tokenCount: 6 }, { modality: "TEXT" }],
    };
    const expected = {
      inputTokens: 62,
      outputTokens: 1380,
      totalTokens: 1442,
      audioInputTokens: 25,
      audioOutputTokens: 6,
      imageOutputTokens: 1290,
    };
    expect((await whole(reply([{ text: "A" }], {}, { usageMetadata }))).usage).toEqual(expected);
    expect((await streamed(chunk([{ text: "A" }], STOP, { usageMetadata }))).usage).toEqual(expected);
    const broken = { promptTokenCount: -1, candidatesTokenCount: "7", totalTokenCount: null, promptTokensDetails: null };
    expect((await whole(reply([{ text: "A" }], {}, { usageMetadata: broken }))).usage).toEqual({});
  });

  test("probabilities of tokens", async () => {
    const logprobsResult = {
      chosenCandidates: [{ token: "A", logProbability: -0.5, tokenId: 1 }],
      topCandidates: [
        {
          candidates: [
            { token: "A", logProbability: -0.5 },
            { token: "B", logProbability: -1 },
          ],
        },
      ],
    };
    const { logprobs, providerMetadata } = await whole(reply([{ text: "A" }], { logprobsResult, avgLogprobs: -0.5 }));
    expect(logprobs).toEqual([
      {
        token: "A",
        logprob: -0.5,
        top: [
          { token: "A", logprob: -0.5 },
          { token: "B", logprob: -1 },
        ],
      },
    ]);
    expect(providerMetadata).toEqual({ google: { avgLogprobs: -0.5 } });
  });

  test("sources of every kind", async () => {
    const groundingMetadata = {
      webSearchQueries: ["q"],
      groundingChunks: [
        { web: { uri: "https://example.com/a", title: "A" } },
        { maps: { uri: "https://maps.example/1", title: "M", text: "A place" } },
        { image: { sourceUri: "https://example.com/b", imageUri: "https://example.com/b.png", title: "B" } },
        { retrievedContext: { uri: "https://example.com/c", title: "C", text: "c" } },
        { retrievedContext: { uri: "gs-less/id", title: "D" } },
        { retrievedContext: { fileSearchStore: "fileSearchStores/s", text: "e" } },
        { somethingNew: {} },
      ],
    };
    const citationMetadata = { citationSources: [{ startIndex: 0, uri: "https://example.com/f" }, { startIndex: 1 }] };
    const { sources, providerMetadata } = await whole(reply([{ text: "A" }], { groundingMetadata, citationMetadata }));
    expect(sources).toEqual([
      { type: "source", url: "https://example.com/a", title: "A" },
      { type: "source", url: "https://maps.example/1", title: "M", text: "A place" },
      { type: "source", url: "https://example.com/b", title: "B" },
      { type: "source", url: "https://example.com/c", title: "C", text: "c" },
      { type: "source", documentId: "gs-less/id", title: "D" },
      { type: "source", documentId: "fileSearchStores/s", text: "e" },
      { type: "source", url: "https://example.com/f" },
    ]);
    expect(providerMetadata).toEqual({ google: { groundingMetadata, citationMetadata } });
  });

  test("fields and parts that nobody knows go by, and go back", async () => {
    const strange = { somethingNew: { a: 1 }, thoughtSignature: "c2ln" };
    const result = await streamed(
      chunk([{ text: "A" }, {}]),
      { madeUp: 1 },
      { candidates: [{}] },
      chunk([strange]),
      chunk([{ text: "B" }], STOP),
    );
    expect(result.text).toBe("AB");
    expect(result.reasoning).toBeUndefined();
    expect(await sentBack(result)).toEqual({ role: "model", parts: [{ text: "A" }, strange, { text: "B" }] });
  });
});

describe("parts with a signature go back as they came", () => {
  test("thoughts, texts, calls, empty texts, in pieces or whole", async () => {
    const parts = [
      { text: "Hm", thought: true },
      { text: "", thought: true, thoughtSignature: "czE=" },
      { text: "One " },
      { text: "two", thoughtSignature: "czI=" },
      { text: "three" },
      { functionCall: { id: "c1", name: "f", args: { a: 1 } }, thoughtSignature: "czM=" },
      { functionCall: { id: "c2", name: "f", args: {} } },
      { text: "", thoughtSignature: "czQ=" },
    ];
    for (const result of [await whole(reply(parts)), await streamed(...parts.map((part) => chunk([part])), chunk([], STOP))]) {
      expect(result).toMatchObject({ text: "One twothree", reasoning: "Hm", finishReason: "tool-calls" });
      expect(await sentBack(result)).toEqual({ role: "model", parts });
    }
  });

  test("pictures, also those of a thought, which are not shown", async () => {
    const thought = { inlineData: { mimeType: "image/png", data: "AAAA" }, thought: true };
    const picture = { inlineData: { mimeType: "image/png", data: "iVBORw0K" }, thoughtSignature: "c2ln" };
    const result = await streamed(chunk([thought]), chunk([picture], STOP));
    expect(result.files).toMatchObject([{ type: "image", base64: "iVBORw0K", mediaType: "image/png" }]);
    expect(await sentBack(result)).toEqual({ role: "model", parts: [thought, picture] });
    const { files } = await whole(reply([{ fileData: { fileUri: "gs://b/a.wav", mimeType: "audio/wav" } }]));
    expect(files).toEqual([{ type: "file", url: "gs://b/a.wav", mediaType: "audio/wav" }]);
  });

  test("tools that the vendor runs", async () => {
    const parts = [
      { executableCode: { language: "PYTHON", code: "1/0", id: "e1" }, thoughtSignature: "czE=" },
      { codeExecutionResult: { outcome: "OUTCOME_FAILED", output: "ZeroDivisionError", id: "e1" } },
      { executableCode: { language: "PYTHON", code: "print(1)" } },
      { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
      { toolCall: { id: "t1", toolType: "GOOGLE_SEARCH_WEB", args: { queries: ["q"] } }, thoughtSignature: "czI=" },
      { toolResponse: { id: "t1", toolType: "GOOGLE_SEARCH_WEB", response: { search_suggestions: "s" } } },
      { functionCall: { name: "wiki_ask", args: { q: 1 } } },
      { functionResponse: { name: "wiki_ask", response: { result: "r" } } },
      { text: "Done" },
    ];
    for (const result of [await whole(reply(parts)), await streamed(chunk(parts.slice(0, 4)), chunk(parts.slice(4), STOP))]) {
      expect(result.finishReason).toBe("stop");
      expect(result.toolCalls).toEqual([
        { toolCallId: "e1", toolName: "codeExecution", input: { language: "PYTHON", code: "1/0" }, providerExecuted: true },
        { toolCallId: "call_r1_1", toolName: "codeExecution", input: { language: "PYTHON", code: "print(1)" }, providerExecuted: true },
        { toolCallId: "t1", toolName: "googleSearch", input: { queries: ["q"] }, providerExecuted: true },
        { toolCallId: "call_r1_3", toolName: "wiki_ask", input: { q: 1 }, providerExecuted: true },
      ]);
      expect(result.toolResults).toEqual([
        { toolCallId: "e1", toolName: "codeExecution", output: { outcome: "OUTCOME_FAILED", output: "ZeroDivisionError" }, isError: true },
        { toolCallId: "call_r1_1", toolName: "codeExecution", output: { outcome: "OUTCOME_OK", output: "1" } },
        { toolCallId: "t1", toolName: "googleSearch", output: { search_suggestions: "s" } },
        { toolCallId: "call_r1_3", toolName: "wiki_ask", output: { result: "r" } },
      ]);
      expect(await sentBack(result)).toEqual({ role: "model", parts });
    }
  });
});

describe("tools of the vendor's in a stream, call and result in chunks of their own", () => {
  const weather = (city: string, more: Json = {}) => ({ functionCall: { name: "mcp_weather", args: { city }, ...more } });
  const found = (result: string, more: Json = {}) => ({ functionResponse: { name: "mcp_weather", response: { result }, ...more } });
  const executed = { providerExecuted: true };

  test("an MCP server's functions, several of one name, with and without ids", async () => {
    const parts = [
      { text: "I look. " },
      { ...weather("Rome"), thoughtSignature: "czE=" },
      weather("Oslo"),
      found("hot"),
      found("cold"),
      { text: "Now Bern. " },
      weather("Bern", { id: "w3" }),
      found("mild", { id: "w3" }),
      { text: "Done." },
    ];
    for (const responseId of ["r1", undefined]) {
      const chunks = [...parts.map((part) => chunk([part], {}, { responseId })), chunk([], STOP, { responseId })];
      for (const result of [await whole(reply(parts, {}, { responseId })), await streamed(...chunks)]) {
        expect(result).toMatchObject({ finishReason: "stop", text: "I look. \n\nNow Bern. \n\nDone." });
        expect(result.toolCalls).toMatchObject([
          { input: { city: "Rome" }, ...executed },
          { input: { city: "Oslo" }, ...executed },
          { toolCallId: "w3", input: { city: "Bern" }, ...executed },
        ]);
        expect(result.toolResults.map(({ output }) => output)).toEqual([{ result: "hot" }, { result: "cold" }, { result: "mild" }]);
        const ids = result.toolCalls.map(({ toolCallId }) => toolCallId);
        expect(new Set(ids).size).toBe(3);
        expect(ids).not.toContain("");
        expect(result.toolResults.map(({ toolCallId, toolName }) => [toolCallId, toolName])).toEqual(ids.map((id) => [id, "mcp_weather"]));
        expect(await sentBack(result)).toEqual({ role: "model", parts });
      }
    }
  });

  test("results that come in another order than their calls are known by their ids", async () => {
    const parts = [weather("Rome", { id: "a" }), weather("Oslo", { id: "b" }), found("cold", { id: "b" }), found("hot", { id: "a" })];
    const { toolResults } = await streamed(...parts.map((part) => chunk([part])), chunk([], STOP));
    expect(toolResults.map(({ toolCallId, output }) => [toolCallId, output])).toEqual([
      ["b", { result: "cold" }],
      ["a", { result: "hot" }],
    ]);
  });

  test("code, and searches", async () => {
    const parts = [
      { executableCode: { language: "PYTHON", code: "1" } },
      { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
      { toolCall: { toolType: "GOOGLE_SEARCH_WEB", args: { queries: ["q"] } } },
      { toolCall: { toolType: "URL_CONTEXT", args: {} } },
      { toolResponse: { toolType: "URL_CONTEXT", response: { page: 1 } } },
      { toolResponse: { toolType: "GOOGLE_SEARCH_WEB", response: { hits: 2 } } },
      { text: "Done" },
    ];
    const result = await streamed(...parts.map((part) => chunk([part], {}, { responseId: undefined })), chunk([], STOP));
    expect(result.finishReason).toBe("stop");
    const [code, search, url] = result.toolCalls;
    expect([code, search, url]).toMatchObject([
      { toolName: "codeExecution", ...executed },
      { toolName: "googleSearch", ...executed },
      { toolName: "urlContext", ...executed },
    ]);
    expect(result.toolResults.map(({ toolCallId }) => toolCallId)).toEqual([code!.toolCallId, url!.toolCallId, search!.toolCallId]);
    expect(await sentBack(result)).toEqual({ role: "model", parts });
  });

  test("beside a tool of the caller's only that one is run", async () => {
    const parts = [weather("Rome"), { functionCall: { name: "add", args: { a: 1 } } }, found("hot")];
    body = events(...parts.map((part) => chunk([part])), chunk([], STOP));
    const stream = llm.stream("Hi", { tools: [{ type: "function", function: { name: "add", parameters: { type: "object" } } }] });
    const told: ChatEvent[] = [];
    for await (const event of stream) told.push(event);
    const result = await stream.result;
    expect(result.finishReason).toBe("tool-calls");
    expect(result.toolCalls).toMatchObject([{ toolName: "mcp_weather", ...executed }, { toolName: "add" }]);
    expect(result.toolCalls[1]).not.toHaveProperty("providerExecuted");
    const calls = told.flatMap((event) => (event.type === "tool-call" ? [[event.toolName, event.providerExecuted]] : []));
    expect(calls).toEqual([
      ["mcp_weather", true],
      ["add", undefined],
    ]);
  });

  test("a result of a call that nobody told has an id of its own", async () => {
    const { toolResults, finishReason } = await streamed(chunk([found("hot")]), chunk([{ text: "A" }], STOP));
    expect(finishReason).toBe("stop");
    expect(toolResults[0]!.toolCallId).not.toBe("");
  });
});

describe("function calls", () => {
  test("without ids get some: the same however they come, others in another answer", async () => {
    const parts = [{ functionCall: { name: "f", args: { a: 1 } } }, { functionCall: { name: "f", args: { a: 2 } } }];
    const ids = (result: ChatResult) => result.toolCalls.map(({ toolCallId }) => toolCallId);
    expect(ids(await whole(reply(parts)))).toEqual(["call_r1_0", "call_r1_1"]);
    expect(ids(await streamed(chunk([parts[0]!]), chunk([parts[1]!], STOP)))).toEqual(["call_r1_0", "call_r1_1"]);
    expect(ids(await whole(reply(parts, {}, { responseId: "r2" })))).toEqual(["call_r2_0", "call_r2_1"]);
    expect(new Set(ids(await whole(reply(parts, {}, { responseId: undefined })))).size).toBe(2);
  });

  test("in pieces", async () => {
    const piece = (functionCall: Json) => chunk([{ functionCall }]);
    const result = await streamed(
      chunk([{ functionCall: { id: "c1", name: "book", willContinue: true }, thoughtSignature: "c2ln" }]),
      piece({ partialArgs: [{ jsonPath: "$.city", stringValue: "New ", willContinue: true }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: "$.city", stringValue: "York" }], willContinue: true }),
      piece({
        partialArgs: [
          { jsonPath: "$.rooms[0].beds", numberValue: 2 },
          { jsonPath: "$.rooms[1]['with view']", boolValue: true },
          { jsonPath: "$.until", nullValue: "NULL_VALUE" },
          { jsonPath: "$.__proto__.polluted", numberValue: 1 },
        ],
        willContinue: true,
      }),
      piece({}),
      chunk([{ functionCall: { name: "pay", args: { sum: 1 } } }]),
      chunk([{ functionCall: { name: "cut", willContinue: true } }]),
      piece({ partialArgs: [{ jsonPath: "$", nullValue: "NULL_VALUE" }, { boolValue: true }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: "$.off", boolValue: false }], willContinue: true }),
      chunk([], STOP),
    );
    const [book, ...others] = result.toolCalls;
    expect(book).toMatchObject({ toolCallId: "c1", input: { city: "New York", rooms: [{ beds: 2 }, { "with view": true }], until: null } });
    expect(others).toMatchObject([
      { toolCallId: "call_r1_1", input: { sum: 1 } },
      { toolCallId: "call_r1_2", input: { off: false } },
    ]);
    expect(({} as Json)["polluted"]).toBeUndefined();
  });
});

describe("errors", () => {
  const fault = (code: number, message: string, word: string, details?: Json[]) => ({ error: { code, message, status: word, details } });
  const info = (reason: string) => [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" }];
  const quota = (quotaId: string, retryDelay?: string) => [
    { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId, quotaValue: "20" }] },
    ...(retryDelay === undefined ? [] : [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }]),
  ];
  const cases: [status: number, body: Json, expected: Json][] = [
    [400, fault(400, "contents is not specified", "INVALID_ARGUMENT"), { kind: "invalid-request", retryable: false }],
    [400, fault(400, "API key not valid.", "INVALID_ARGUMENT", info("API_KEY_INVALID")), { kind: "authentication" }],
    [400, fault(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"), { kind: "permission" }],
    [
      400,
      fault(400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "INVALID_ARGUMENT"),
      { kind: "context-length" },
    ],
    [
      400,
      fault(400, "Function calling with a response mime type: 'application/json' is unsupported", "INVALID_ARGUMENT"),
      { kind: "invalid-request", hint: expect.stringContaining("newer model") },
    ],
    [
      400,
      fault(400, "Function call is missing a thought_signature in functionCall parts.", "INVALID_ARGUMENT"),
      { kind: "invalid-request", hint: expect.stringContaining("providerMetadata") },
    ],
    [401, fault(401, "Bad token", "UNAUTHENTICATED", info("ACCESS_TOKEN_EXPIRED")), { kind: "authentication" }],
    [403, fault(403, "No", "PERMISSION_DENIED"), { kind: "permission" }],
    [404, fault(404, "models/x is not found", "NOT_FOUND"), { kind: "not-found" }],
    [
      429,
      fault(429, "Slow down", "RESOURCE_EXHAUSTED", quota("PerMinute", "34.07s")),
      { kind: "rate-limit", retryable: true, retryAfterMs: 34_070 },
    ],
    [429, fault(429, "Slow down", "RESOURCE_EXHAUSTED"), { kind: "rate-limit", retryable: true }],
    [429, fault(429, "Quota", "RESOURCE_EXHAUSTED", quota("GenerateRequestsPerDayPerProject", "36s")), { kind: "quota", retryable: false }],
    [429, fault(429, "Your prepayment credits are depleted.", "RESOURCE_EXHAUSTED"), { kind: "quota" }],
    [500, fault(500, "Oops", "INTERNAL"), { kind: "server", retryable: true }],
    [503, fault(503, "The model is overloaded.", "UNAVAILABLE"), { kind: "overloaded", retryable: true }],
    [504, fault(504, "Late", "DEADLINE_EXCEEDED"), { kind: "timeout", retryable: true }],
    [400, { error: "plain words" }, { kind: "invalid-request" }],
  ];
  test.for(cases)("%i %j", async ([code, answer, expected]) => {
    status = code;
    const words = (answer["error"] as { message?: string }).message ?? "plain words";
    for (const form of [answer, [answer]]) {
      body = JSON.stringify(form);
      for (const call of [llm.chat("Hi"), llm.stream("Hi").result]) {
        const error = await errorOf(call);
        expect(error).toMatchObject({ ...expected, status: code, provider: "google" });
        expect(error.message).toContain(words);
      }
    }
  });

  test("in mid-stream: the kind, and what had come", async () => {
    const half = chunk([{ text: "Half" }], {}, { usageMetadata: { promptTokenCount: 10 } });
    const error = await errorOf(streamed(half, fault(503, "Overloaded", "UNAVAILABLE")));
    expect(error).toMatchObject({
      kind: "overloaded",
      retryable: true,
      status: 503,
      partial: { text: "Half", usage: { inputTokens: 10 } },
    });
    expect(await errorOf(streamed(half))).toMatchObject({ kind: "incomplete-stream", partial: { text: "Half" } });
  });

  test("bodies that are no answer", async () => {
    expect(await errorOf(whole({ usageMetadata: {} }))).toMatchObject({ kind: "invalid-response" });
    expect(await errorOf(whole(fault(503, "Under a 200", "UNAVAILABLE")))).toMatchObject({ kind: "overloaded" });
  });
});

test("raw events stay as they came", async () => {
  const came = [chunk([{ text: "A" }]), chunk([{ functionCall: { name: "f", willContinue: true } }]), chunk([{ functionCall: {} }], STOP)];
  body = events(...came);
  const seen: ChatEvent[] = [];
  for await (const event of llm.stream("Hi", { includeRaw: true })) seen.push(event);
  expect(seen.flatMap((event) => (event.type === "raw" ? [event.raw] : []))).toEqual(came);
});
