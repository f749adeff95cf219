import { isLlmError, type CallOptions, type Message } from "@plurivox/core";
import { startLoopback, type ReceivedRequest } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client, reply, type Json, type SentBody } from "./support.ts";

const server = await startLoopback((_request, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(reply([{ text: "{}" }])));
});
afterAll(() => server.close());

async function sent(messages: string | Message[], options: CallOptions = {}): Promise<SentBody> {
  await client(server.url).chat(messages, { model: "google/gemini-2.5-flash", ...options });
  return server.requests.at(-1)!.body as SentBody;
}

const config = async (options: CallOptions) => (await sent("Hi", options)).generationConfig;
const fn = (name: string, more: Json = {}) => ({
  type: "function" as const,
  function: { name, parameters: { type: "object", properties: {} }, ...more },
});
const run = (name: string, options?: Json) => ({ type: "provider" as const, provider: "google", name, ...(options && { options }) });
const user = (text: string) => ({ role: "user", parts: [{ text }] });

describe("messages", () => {
  test("leading system messages stand apart; later ones are told in the user's turn, and never part a call from its result", async () => {
    const body = await sent(
      [
        { role: "system", content: "One" },
        { role: "system", content: [{ type: "text", text: "Two" }] },
        { role: "user", content: "A" },
        { role: "assistant", content: [{ type: "tool-call", toolCallId: "t1", toolName: "f", input: {} }] },
        { role: "system", content: "Hurry." },
        { role: "tool", content: [{ type: "tool-result", toolCallId: "t1", toolName: "f", output: "ok" }] },
        { role: "user", content: "B" },
        { role: "system", content: "Be kind." },
      ],
      { system: "Zero" },
    );
    expect(body["systemInstruction"]).toEqual({ parts: [{ text: "Zero" }, { text: "One" }, { text: "Two" }] });
    expect(body.contents).toEqual([
      user("A"),
      { role: "model", parts: [{ functionCall: { id: "t1", name: "f", args: {} } }] },
      { role: "user", parts: [{ functionResponse: { id: "t1", name: "f", response: { output: "ok" } } }] },
      { role: "user", parts: [{ text: "<system>\nHurry.\n</system>" }, { text: "B" }, { text: "<system>\nBe kind.\n</system>" }] },
    ]);
  });

  test("texts of nothing and turns of nothing are left out", async () => {
    const content = [
      { type: "text" as const, text: "" },
      { type: "text" as const, text: " B " },
    ];
    const body = await sent([
      { role: "user", content: "A" },
      { role: "assistant", content: "" },
      { role: "assistant", content: [{ type: "source", url: "https://example.com" }] },
      { role: "user", content },
    ]);
    expect(body.contents).toEqual([{ role: "user", parts: [{ text: "A" }, { text: " B " }] }]);
  });

  const results: Message[] = [
    { role: "user", content: "A" },
    {
      role: "assistant",
      content: [
        { type: "tool-call", toolCallId: "a", toolName: "f", input: "{ broken" },
        { type: "tool-call", toolCallId: "b", toolName: "g", input: { x: 1 } },
        ...["c", "d", "e"].map((toolCallId) => ({ type: "tool-call" as const, toolCallId, toolName: "h", input: {} })),
      ],
    },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          toolCallId: "a",
          toolName: "",
          output: [
            { type: "text", text: "see" },
            { type: "image", base64: "iVBORw0K" },
          ],
        },
        { type: "tool-result", toolCallId: "b", toolName: "g", output: { n: 1 } },
      ],
    },
    {
      role: "tool",
      content: [
        { type: "tool-result", toolCallId: "c", toolName: "h", output: "no", isError: true },
        { type: "tool-result", toolCallId: "d", toolName: "h", output: [1, 2] },
        { type: "tool-result", toolCallId: "e", toolName: "h", output: undefined },
      ],
    },
  ];
  const picture = { inlineData: { mimeType: "image/png", data: "iVBORw0K" } };
  const others = [
    { functionResponse: { id: "b", name: "g", response: { n: 1 } } },
    { functionResponse: { id: "c", name: "h", response: { error: "no" } } },
    { functionResponse: { id: "d", name: "h", response: { output: [1, 2] } } },
    { functionResponse: { id: "e", name: "h", response: {} } },
  ];

  test("results of tools are one turn, with files behind them up to Gemini 2.5", async () => {
    const body = await sent(results);
    expect(body.contents.slice(1)).toEqual([
      {
        role: "model",
        parts: [
          { functionCall: { id: "a", name: "f", args: { input: "{ broken" } } },
          { functionCall: { id: "b", name: "g", args: { x: 1 } } },
          ...["c", "d", "e"].map((id) => ({ functionCall: { id, name: "h", args: {} } })),
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "a", name: "f", response: { output: "see\n\n(picture 1 follows in the next message)" } } },
          ...others,
        ],
      },
      { role: "user", parts: [{ text: 'Picture 1, which the tool "f" returned:' }, picture] },
    ]);
  });

  test.for(["gemini-3.5-flash", "gemini-4-argon", "gemini-from-next-year"])(
    "%s takes files in them, and wants calls signed",
    async (model) => {
      const body = await sent(results, { model: `google/${model}` });
      expect(body.contents[1]!.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([
        "skip_thought_signature_validator",
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      expect(body.contents[2]!.parts).toEqual([
        { functionResponse: { id: "a", name: "f", response: { output: "see" }, parts: [picture] } },
        ...others,
      ]);
    },
  );

  test("files, from everywhere", async () => {
    const body = await sent([
      {
        role: "user",
        content: [
          { type: "image", url: "https://example.com/a.jpg" },
          { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
          { type: "image", url: "data:image/gif;base64,R0lGOA==" },
          { type: "file", base64: "JVBERi0=", filename: "a.pdf" },
          { type: "file", base64: "UklGRgAAAABXQVZF" },
          { type: "file", data: new TextEncoder().encode("{}"), mediaType: "application/json" },
          { type: "file", url: "https://www.youtube.com/watch?v=1", providerMetadata: { google: { videoMetadata: { fps: 2 } } } },
          { type: "file", url: "gs://bucket/a.mp4", mediaType: "video/mp4" },
          { type: "file", url: "file-id:files/abc", mediaType: "application/pdf" },
          { type: "file", url: "file-id:https://generativelanguage.googleapis.com/v1beta/files/def", filename: "d.pdf" },
        ],
      },
    ]);
    expect(body.contents[0]!.parts).toEqual([
      { fileData: { fileUri: "https://example.com/a.jpg", mimeType: "image/jpeg" } },
      { inlineData: { mimeType: "image/png", data: "iVBORw==" } },
      { inlineData: { mimeType: "image/gif", data: "R0lGOA==" } },
      { inlineData: { mimeType: "application/pdf", data: "JVBERi0=" } },
      { inlineData: { mimeType: "audio/wav", data: "UklGRgAAAABXQVZF" } },
      { inlineData: { mimeType: "text/plain", data: "e30=" } },
      { fileData: { fileUri: "https://www.youtube.com/watch?v=1" }, videoMetadata: { fps: 2 } },
      { fileData: { fileUri: "gs://bucket/a.mp4", mimeType: "video/mp4" } },
      { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mimeType: "application/pdf" } },
      { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/def", mimeType: "application/pdf" } },
    ]);
  });
});

describe("tools", () => {
  test("functions in one list, the vendor's own beside it", async () => {
    const tools = [fn("a", { description: "Does a" }), run("googleSearch"), fn("b"), run("fileSearch", { fileSearchStoreNames: ["s"] })];
    const body = await sent("Hi", { tools });
    const parametersJsonSchema = { type: "object", properties: {} };
    expect(body["tools"]).toEqual([
      {
        functionDeclarations: [
          { name: "a", description: "Does a", parametersJsonSchema },
          { name: "b", parametersJsonSchema },
        ],
      },
      { googleSearch: {} },
      { fileSearch: { fileSearchStoreNames: ["s"] } },
    ]);
    expect(body["toolConfig"]).toEqual({ includeServerSideToolInvocations: true });
    expect(await sent("Hi", { tools: [run("codeExecution")] })).not.toHaveProperty("toolConfig");
    const off = { google: { toolConfig: { includeServerSideToolInvocations: false } } };
    expect((await sent("Hi", { tools, providerOptions: off }))["toolConfig"]).toEqual({ includeServerSideToolInvocations: false });
  });

  const tools = [fn("a"), fn("b")];
  const strict = [fn("a", { strict: true }), fn("b")];
  const choices: [options: CallOptions, calling: unknown][] = [
    [{ tools }, undefined],
    [{ tools, toolChoice: "auto" }, { mode: "AUTO" }],
    [{ tools, toolChoice: "none" }, { mode: "NONE" }],
    [{ tools, toolChoice: "required" }, { mode: "ANY" }],
    [
      { tools, toolChoice: { toolName: "b" } },
      { mode: "ANY", allowedFunctionNames: ["b"] },
    ],
    [{ tools: strict }, { mode: "VALIDATED" }],
    [{ tools: strict, toolChoice: "auto" }, { mode: "VALIDATED" }],
    [{ tools: strict, toolChoice: "required" }, { mode: "ANY" }],
    [{ toolChoice: "none" }, undefined],
    [{ tools: [run("googleSearch")], toolChoice: "required" }, undefined],
    [
      { tools, providerOptions: { google: { toolConfig: { functionCallingConfig: { streamFunctionCallArguments: true } } } } },
      { streamFunctionCallArguments: true },
    ],
  ];
  test.for(choices)("choice %#", async ([options, calling]) => {
    expect(((await sent("Hi", options))["toolConfig"] as Json | undefined)?.["functionCallingConfig"]).toEqual(calling);
  });
});

describe("reasoning", () => {
  const cases: [model: string, reasoning: CallOptions["reasoning"], thinking: Json | undefined][] = [
    ["gemini-3.8-flash", undefined, undefined],
    ["gemini-3.8-flash", {}, { includeThoughts: true }],
    ["gemini-3.8-flash", "high", { includeThoughts: true, thinkingLevel: "HIGH" }],
    ["gemini-3.8-flash", "none", { includeThoughts: true, thinkingLevel: "LOW" }],
    ["gemini-3.6-flash", "minimal", { includeThoughts: true, thinkingLevel: "MINIMAL" }],
    ["gemini-3-pro-preview", "medium", { includeThoughts: true, thinkingLevel: "HIGH" }],
    ["gemini-4-argon", "max", { includeThoughts: true, thinkingLevel: "HIGH" }],
    ["gemini-4-argon", { effort: "low", budgetTokens: 500 }, { includeThoughts: true, thinkingLevel: "LOW" }],
    ["gemini-3-flash-preview", { budgetTokens: 500 }, { includeThoughts: true, thinkingBudget: 500 }],
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-flash", "medium", { includeThoughts: true, thinkingBudget: 8192 }],
    ["gemini-2.5-flash", {}, { includeThoughts: true }],
    ["gemini-2.5-flash", { effort: "low", budgetTokens: 77 }, { includeThoughts: true, thinkingBudget: 77 }],
    ["gemini-2.5-pro", "none", { includeThoughts: true, thinkingBudget: 128 }],
    ["gemini-2.5-pro", "max", { includeThoughts: true, thinkingBudget: 32_768 }],
    ["gemini-2.0-flash", "high", undefined],
    ["gemini-from-next-year", "xhigh", { includeThoughts: true, thinkingLevel: "HIGH" }],
    ["gemini-from-next-year", "none", { thinkingBudget: 0 }],
  ];
  test.for(cases)("%s, %j", async ([model, reasoning, thinking]) => {
    const sentConfig = await config({ model: `google/${model}`, ...(reasoning !== undefined && { reasoning }), onUnsupported: "warn" });
    expect(sentConfig?.["thinkingConfig"]).toEqual(thinking);
  });

  test("a budget that the model refuses is an option less, not a call less", async () => {
    const { warnings } = await client(server.url).chat("Hi", { model: "google/gemini-4-argon", reasoning: { budgetTokens: 5 } });
    expect(warnings).toMatchObject([{ feature: "reasoningBudget" }]);
  });
});

describe("settings", () => {
  test("each by the vendor's name", async () => {
    const options: CallOptions = {
      model: "google/gemini-2.0-flash",
      temperature: 0.5,
      topP: 0.6,
      topK: 7,
      maxOutputTokens: 8,
      stopSequences: ["END"],
      seed: 9,
      n: 2,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      logprobs: 3,
    };
    const { model: _, n, logprobs, ...same } = options;
    expect(await config(options)).toEqual({ ...same, candidateCount: n, responseLogprobs: true, logprobs });
    expect(await config({ logprobs: true })).toEqual({ responseLogprobs: true });
    expect(await sent("Hi")).toEqual({ contents: [user("Hi")] });
  });

  test("options of this vendor", async () => {
    const google = {
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" }],
      cachedContent: "cachedContents/a",
      serviceTier: "flex" as const,
      labels: { team: "a" },
      generationConfig: { temperature: 1, responseModalities: ["IMAGE"], somethingNew: true },
    };
    expect(await sent("Hi", { temperature: 0, providerOptions: { google } })).toEqual({
      contents: [user("Hi")],
      ...google,
    });
  });

  test("structured output, down to what the vendor reads", async () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        name: { type: "string", minLength: 1, description: "Full" },
        size: { type: ["integer", "null"], minimum: 0, exclusiveMaximum: 9 },
        kind: { const: "cat" },
        tags: { type: "array", items: { enum: ["a", "b"], default: "a" }, maxItems: 3 },
        next: { $ref: "#/definitions/node", description: "kept" },
      },
      required: ["name"],
      additionalProperties: { type: "string", pattern: "^x" },
      definitions: { node: { anyOf: [{ type: "null" }, { const: true }] } },
    };
    const asked = await config({ output: { schema, name: "thing", validate: false } });
    expect(asked).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: {
        type: "object",
        properties: {
          name: { type: "string", description: "Full\n\n{minLength: 1}" },
          size: { type: ["integer", "null"], minimum: 0, description: "{exclusiveMaximum: 9}" },
          kind: { type: "string", enum: ["cat"] },
          tags: { type: "array", items: { type: "string", enum: ["a", "b"], description: '{default: "a"}' }, maxItems: 3 },
          next: { anyOf: [{ $ref: "#/$defs/node" }], description: "kept" },
        },
        required: ["name"],
        additionalProperties: { type: "string", description: '{pattern: "^x"}' },
        $defs: { node: { anyOf: [{ type: "null" }, { type: "boolean", description: "{enum: [true]}" }] } },
      },
    });
    expect(await config({ output: "json" })).toEqual({ responseMimeType: "application/json" });
  });
});

describe("addresses and keys", () => {
  async function asked(baseURL: string, options: CallOptions = {}, settings: Parameters<typeof client>[2] = {}): Promise<ReceivedRequest> {
    await client(server.url + baseURL, {}, settings).chat("Hi", { model: "google/gemini-2.5-flash", ...options });
    return server.requests.at(-1)!;
  }
  const vertexai = { project: "p-1" };
  const gemini = "models/gemini-2.5-flash:generateContent";

  test.for([
    ["", {}, {}, `/v1beta/${gemini}`],
    ["/v1", {}, {}, `/v1/${gemini}`],
    ["/proxy/v1alpha/", {}, {}, `/proxy/v1alpha/${gemini}`],
    ["", { apiVersion: "v1" }, {}, `/v1/${gemini}`],
    ["", {}, { model: "google/tunedModels/mine" }, "/v1beta/tunedModels/mine:generateContent"],
    ["", {}, { model: "google/a b?c" }, "/v1beta/models/a%20b%3Fc:generateContent"],
    ["", { vertexai }, {}, `/v1beta1/projects/p-1/locations/global/publishers/google/${gemini}`],
    ["/v1", { vertexai: { ...vertexai, location: "us-east5" } }, {}, `/v1/projects/p-1/locations/us-east5/publishers/google/${gemini}`],
    [
      "",
      { vertexai },
      { model: "google/projects/p/locations/l/endpoints/7" },
      "/v1beta1/projects/p/locations/l/endpoints/7:generateContent",
    ],
    [
      "",
      { vertexai },
      { model: "google/publishers/x/models/y" },
      "/v1beta1/projects/p-1/locations/global/publishers/x/models/y:generateContent",
    ],
  ] satisfies [string, Parameters<typeof client>[2], CallOptions, string][])("%s %j %j", async ([baseURL, settings, options, path]) => {
    expect((await asked(baseURL, options, settings)).path).toBe(path);
  });

  test("exactly one credential, and the caller's headers once", async () => {
    const own = await asked("", { headers: { "content-type": "application/json; charset=utf-8", "X-Mine": "1" } });
    expect(own.headers).toMatchObject({ "x-goog-api-key": "AIza-test", "content-type": "application/json; charset=utf-8", "x-mine": "1" });
    expect(own.headers).not.toHaveProperty("authorization");
    const bearer = await asked("", { headers: { Authorization: "Bearer token" } });
    expect(bearer.headers["authorization"]).toBe("Bearer token");
    expect(bearer.headers).not.toHaveProperty("x-goog-api-key");
    const vertex = await asked("", {}, { vertexai });
    expect(vertex.headers["authorization"]).toBe("Bearer AIza-test");
    expect(vertex.headers).not.toHaveProperty("x-goog-api-key");
  });

  test("Vertex AI is not told what only the Gemini API knows", async () => {
    const { body } = await asked("", { tools: [fn("a"), run("googleSearch")] }, { vertexai });
    expect(body).not.toHaveProperty("toolConfig");
  });

  test("a call needs a key", async () => {
    const thrown: unknown = await client(server.url, { apiKey: "" })
      .chat("Hi")
      .catch((error: unknown) => error);
    expect(isLlmError(thrown) && thrown.hint).toContain("GEMINI_API_KEY");
  });
});
