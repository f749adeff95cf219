import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CallOptions, Message } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { haveRecordings, loadRecordings, type Recording } from "../../../tests/support/recordings.ts";
import { afterAll, describe, expect, test } from "vitest";
import { client, type Json, type SentBody } from "./support.ts";

const SPEC = new URL("../../../../shared/specs/google-gemini.openapi.json", import.meta.url);

/** Recorders write fields in either case, one part as an object, and null for what is not there; the service takes all of it. */
function normalized(value: unknown, isData = false): unknown {
  if (Array.isArray(value)) return value.map((item) => normalized(item, isData));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (inner === null) return [];
      const key = isData ? name : name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (key === "parts" && !Array.isArray(inner)) return [[key, [normalized(inner)]]];
      // Python writes bytes in the alphabet of URLs.
      if (key === "thoughtSignature" || (key === "data" && typeof inner === "string")) return [[key, inner]];
      return [
        [
          key,
          normalized(
            inner,
            isData || /^(args|response|properties|parameters|parametersJsonSchema|responseSchema|responseJsonSchema)$/.test(key),
          ),
        ],
      ];
    }),
  );
}

/** Some were recorded without the result of a call. */
const INTERRUPTED = "This call was interrupted; it has no result.";

interface Recorded extends Json {
  contents: { role?: string; parts: Json[] }[];
  systemInstruction?: { parts: Json[] };
  generationConfig?: Json;
  tools?: Json[];
  toolConfig?: Json;
}

/** A recorded request, in our words. */
function toInput(body: Recorded): { messages: Message[]; options: CallOptions } {
  const messages: Message[] = (body.systemInstruction?.parts ?? []).map(({ text }) => ({ role: "system", content: String(text) }));
  let calls = 0;
  let answered = 0;
  for (const { role, parts } of body.contents) {
    const results = role === "model" ? [] : parts.filter((part) => part["functionResponse"] !== undefined);
    if (results.length > 0) messages.push({ role: "tool", content: results.map((part) => toResult(part, `id_${answered++}`)) } as Message);
    const rest = parts.filter((part) => !results.includes(part));
    if (rest.length === 0) continue;
    const content = rest.map((part) => toPart(part, () => `id_${calls++}`));
    messages.push((role === "model" ? { role: "assistant", provider: "google", content } : { role: "user", content }) as Message);
  }
  const config = body.generationConfig ?? {};
  const calling = body.toolConfig?.["functionCallingConfig"] as { mode?: string; allowedFunctionNames?: string[] } | undefined;
  const { thinkingLevel, thinkingBudget } = (config["thinkingConfig"] ?? {}) as { thinkingLevel?: string; thinkingBudget?: number };
  const effort = thinkingBudget === 0 ? "none" : thinkingLevel?.toLowerCase();
  const schema = (config["responseJsonSchema"] ?? config["responseSchema"]) as Json | undefined;
  const options: CallOptions = {
    ...pick(config, ["temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "seed"]),
    n: config["candidateCount"] as number | undefined,
    logprobs: (config["logprobs"] as number | undefined) ?? (config["responseLogprobs"] as boolean | undefined),
    tools: (body.tools ?? []).flatMap(toTools) as CallOptions["tools"],
    toolChoice: calling?.allowedFunctionNames
      ? { toolName: calling.allowedFunctionNames[0]! }
      : ({ ANY: "required", AUTO: "auto", NONE: "none" } as const)[calling?.mode ?? ""],
    reasoning:
      config["thinkingConfig"] === undefined
        ? undefined
        : ({ effort, budgetTokens: thinkingBudget || undefined } as CallOptions["reasoning"]),
    output:
      config["responseMimeType"] === undefined
        ? undefined
        : schema === undefined
          ? "json"
          : { schema: lowered(schema) as Json, mode: "native" },
    providerOptions: {
      google: {
        safetySettings: body["safetySettings"] as never,
        generationConfig: { responseModalities: config["responseModalities"] as string[] | undefined },
      },
    },
    onUnsupported: "warn",
  };
  return { messages, options };
}

function pick(from: Json, names: string[]): Json {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

/** The vendor's older schemas write types in capitals. */
function lowered(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowered);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === "type" && typeof value === "string" ? value.toLowerCase() : lowered(value),
    ]),
  );
}

function toTools(tool: Json): unknown[] {
  const { functionDeclarations = [], ...others } = tool as { functionDeclarations?: Json[] };
  const run = Object.entries(others).map(([name, options]) => ({
    type: "provider",
    provider: "google",
    name,
    options: normalized(options),
  }));
  const functions = functionDeclarations.map(({ name, description, parameters, parametersJsonSchema }) => ({
    type: "function",
    function: { name, description, parameters: parametersJsonSchema ?? lowered(parameters) },
  }));
  return [...functions, ...run];
}

function toPart(part: Json, newId: () => string): unknown {
  const { text, thought, inlineData, fileData, functionCall, ...own } = part as Record<string, Json | undefined> & { text?: string };
  const kept = (fields: Json) => (Object.keys(fields).length === 0 ? {} : { providerMetadata: { google: fields } });
  if (text !== undefined) return { type: thought ? "reasoning" : "text", text, ...kept(own) };
  if (inlineData !== undefined) return { type: "file", base64: inlineData["data"], mediaType: inlineData["mimeType"], ...kept(own) };
  if (fileData !== undefined) return { type: "file", url: fileData["fileUri"], mediaType: fileData["mimeType"], ...kept(own) };
  if (functionCall === undefined) return { type: "tool-result", toolCallId: "x", toolName: "x", output: null, ...kept(part) };
  const { id = newId(), name, args = {} } = functionCall;
  return { type: "tool-call", toolCallId: id, toolName: name, input: args, ...kept(own) };
}

function toResult({ functionResponse }: Json, fallback: string): unknown {
  const { id = fallback, name, response, parts } = functionResponse as Json & { parts?: { inlineData: Json }[] };
  if (parts === undefined) return { type: "tool-result", toolCallId: id, toolName: name, output: response };
  const files = parts.map(({ inlineData }) => ({ type: "file", base64: inlineData["data"], mediaType: inlineData["mimeType"] }));
  return { type: "tool-result", toolCallId: id, toolName: name, output: [{ type: "text", text: "said" }, ...files] };
}

/** The recorded turns in the one form that we send: results of functions by themselves, each call with an id. */
function turns(contents: Recorded["contents"]): unknown[] {
  return contents.flatMap(({ role = "user", parts }) => {
    const said = parts.filter((part) => part["text"] !== "" || part["thoughtSignature"] !== undefined);
    const isResult = (part: Json) => role === "user" && part["functionResponse"] !== undefined;
    const lists = [said.filter(isResult), said.filter((part) => !isResult(part))].filter((list) => list.length > 0);
    return lists.map((list) => ({ role, parts: list.map((part) => toTurnPart(part, role)) }));
  });
}

function toTurnPart({ thought, ...part }: Json, role: string): unknown {
  const { functionCall, functionResponse } = part as Record<string, Json | undefined>;
  const id = expect.any(String) as unknown;
  if (functionCall !== undefined) return { ...part, functionCall: { args: {}, id, ...functionCall } };
  if (functionResponse !== undefined && role === "user") {
    const said = functionResponse["parts"] === undefined ? {} : { response: { output: "said" } };
    return { ...part, functionResponse: { id, ...functionResponse, ...said } };
  }
  return thought === true ? { ...part, thought } : part;
}

describe.skipIf(!existsSync(SPEC))("requests by the vendor's description (skipped where /shared/specs is absent)", async () => {
  const server = await startLoopback((_request, response) => {
    response.writeHead(500).end();
  });
  afterAll(() => server.close());
  // The body of a skipped suite runs all the same, to find its tests.
  const spec = existsSync(SPEC) ? readFileSync(SPEC, "utf8") : '{ "components": { "schemas": { "GenerateContentRequest": {} } } }';
  const { components } = JSON.parse(spec) as { components: { schemas: Record<string, Json> } };
  // The service passes over fields that it does not know only here: a name that is not in the description is a mistake of ours.
  for (const schema of Object.values(components.schemas)) if (schema["properties"] !== undefined) schema["additionalProperties"] = false;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile({ components, $ref: "#/components/schemas/GenerateContentRequest" });

  async function sent(messages: string | Message[], options: CallOptions): Promise<SentBody> {
    await client(server.url)
      .chat(messages, options)
      .catch((error: unknown) => {
        if ((error as { kind?: string }).kind !== "server") throw error;
      });
    return server.requests.at(-1)!.body as SentBody;
  }

  const recordings = loadRecordings("google").filter(
    ({ request, response }) => request.body !== null && response.status === 200 && "contents" in (request.body as Json),
  );

  test.skipIf(!haveRecordings)("as many recordings as there should be", () => {
    expect(recordings).toHaveLength(91);
  });

  test.for(recordings)("$id", async ({ request, model }: Recording) => {
    const recorded = normalized(request.body) as Recorded;
    if (!Array.isArray(recorded.contents)) recorded.contents = [recorded.contents];
    const { messages, options } = toInput(recorded);
    const body = await sent(messages, { ...options, model: `google/${model}` });
    expect(server.requests.at(-1)!.path).toBe(`/v1beta/models/${model}:generateContent`);
    expect(body.contents.filter((turn) => !JSON.stringify(turn).includes(INTERRUPTED))).toEqual(turns(recorded.contents));
    const system = (from: Json) =>
      ((from["systemInstruction"] as Json | undefined)?.["parts"] as Json[] | undefined)?.map(({ text }) => text);
    expect(system(body) ?? []).toEqual((system(recorded) ?? []).filter((text) => text !== ""));
    const names = (from: Json) =>
      ((from["tools"] ?? []) as Json[]).flatMap((tool) =>
        Object.entries(tool).flatMap(([name, inner]) =>
          name === "functionDeclarations" ? (inner as Json[]).map((each) => each["name"]) : [name],
        ),
      );
    expect(names(body).toSorted()).toEqual(names(recorded).toSorted());
    const [ours, theirs] = [body.generationConfig ?? {}, recorded.generationConfig ?? {}];
    for (const field of ["maxOutputTokens", "stopSequences", "seed", "responseMimeType", "responseModalities", "candidateCount"])
      expect(ours[field]).toEqual(theirs[field]);
    validate(body);
    expect(validate.errors).toBeNull();
  });

  test("everything at once", async () => {
    const body = await sent(everything.messages, everything.options);
    validate(body);
    expect(validate.errors).toBeNull();
    expect(body.contents.map(({ role, parts }) => [role, parts.map((part) => Object.keys(part)[0])])).toEqual([
      ["user", ["text", "inlineData", "inlineData", "fileData", "inlineData", "fileData"]],
      ["model", ["text", "text", "functionCall", "functionCall", "executableCode", "codeExecutionResult", "inlineData"]],
      ["user", ["functionResponse", "functionResponse"]],
      ["user", ["text", "text"]],
      ["model", ["text"]],
      ["user", ["text"]],
    ]);
  });
});

const code = { executableCode: { language: "PYTHON", code: "1" } };
const ran = { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } };
const everything: { messages: Message[]; options: CallOptions } = {
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image", data: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
        { type: "file", base64: "JVBERi0=", filename: "a.pdf" },
        { type: "file", url: "https://example.com/b.pdf" },
        { type: "file", base64: "SUQz", mediaType: "audio/mpeg" },
        { type: "file", url: "file-id:files/abc", mediaType: "video/mp4", providerMetadata: { google: { videoMetadata: { fps: 1 } } } },
      ],
    },
    {
      role: "assistant",
      provider: "google",
      content: [
        { type: "reasoning", text: "Hm" },
        { type: "text", text: "I will look.", providerMetadata: { google: { thoughtSignature: "c2ln" } } },
        { type: "tool-call", toolCallId: "c1", toolName: "look", input: { at: 1 } },
        { type: "tool-call", toolCallId: "c2", toolName: "look", input: {} },
        {
          type: "tool-call",
          toolCallId: "e1",
          toolName: "codeExecution",
          input: {},
          providerExecuted: true,
          providerMetadata: { google: code },
        },
        { type: "tool-result", toolCallId: "e1", toolName: "codeExecution", output: {}, providerMetadata: { google: ran } },
        { type: "image", base64: "iVBORw0K", mediaType: "image/png" },
      ],
    },
    {
      role: "tool",
      content: [{ type: "tool-result", toolCallId: "c1", toolName: "look", output: [{ type: "image", base64: "iVBORw0K" }] }],
    },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "c2", toolName: "look", output: "no", isError: true }] },
    { role: "system", content: "Answer in French." },
    { role: "user", content: "And?" },
    { role: "assistant", content: "Bien." },
    { role: "user", content: "Merci" },
  ],
  options: {
    model: "google/gemini-from-next-year",
    temperature: 0.5,
    topP: 0.5,
    topK: 5,
    seed: 7,
    n: 2,
    presencePenalty: 0.5,
    frequencyPenalty: 0.5,
    logprobs: 3,
    maxOutputTokens: 5000,
    stopSequences: ["END"],
    reasoning: "high",
    tools: [
      {
        type: "function",
        function: {
          name: "look",
          description: "Looks",
          parameters: { type: "object", properties: { at: { type: "integer", default: 0 } } },
          strict: true,
        },
      },
      ...["googleSearch", "urlContext", "codeExecution", "googleMaps"].map((name) => ({
        type: "provider" as const,
        provider: "google",
        name,
      })),
      { type: "provider", provider: "google", name: "fileSearch", options: { fileSearchStoreNames: ["fileSearchStores/a"] } },
    ],
    output: { type: "object", properties: { answer: { type: "string", maxLength: 9 } } },
    providerOptions: {
      google: {
        safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
        cachedContent: "cachedContents/a",
        serviceTier: "flex",
        toolConfig: { retrievalConfig: { latLng: { latitude: 1, longitude: 2 } } },
        generationConfig: { responseModalities: ["TEXT"], mediaResolution: "MEDIA_RESOLUTION_LOW", imageConfig: { aspectRatio: "1:1" } },
      },
    },
  },
};
