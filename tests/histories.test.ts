// Histories that a program broke in any way, for every provider: what is sent is valid by the rules
// of the wire, or there is an error before.
import fc from "fast-check";
import { createContext, isLlmError, type AssistantPart, type LLM, type Message, type ToolResultPart } from "plurivox";
import { describe, expect, test } from "vitest";
import { PLACES, type Place } from "./support/providers.ts";
import { faultOf, haveSpecs } from "./support/specs.ts";

type Json = Record<string, unknown>;
const list = (value: unknown): Json[] => (value ?? []) as Json[];

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PROVIDERS = [...new Set(PLACES.map(({ provider }) => provider.id))];

const id = fc.constantFrom("call_0", "call_1", "a", "functions.f:0", "", "x".repeat(70));
const toolName = fc.constantFrom("f", "g", "get weather!", "", "my.tool", "天气");
const toolInput = fc.constantFrom<unknown>({}, { path: "a" }, '{"path": "a', '{"path": "a"}', [1], 7, false, null, undefined, "");
const output = fc.constantFrom<unknown>("ok", { n: 1 }, [], undefined, null, "");
const said = fc.constantFrom("Well.", "", " ", "\n");
const metadata = fc.constantFrom<Record<string, Json> | undefined>(
  undefined,
  { anthropic: { signature: "s" } },
  { anthropic: { type: "redacted_thinking", data: "d" } },
  { openai: { item: { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "e" } } },
  { google: { thoughtSignature: "dGhvdWdodA==" } },
  { groq: {} },
);
const thought = fc.record({ text: fc.constantFrom("Hm.", ""), metadata }).map(({ text, metadata: providerMetadata }): AssistantPart => {
  const redacted = providerMetadata?.["anthropic"]?.["type"] !== undefined;
  return { type: "reasoning", text, ...(redacted && { redacted }), ...(providerMetadata !== undefined && { providerMetadata }) };
});
const call = fc.record({ toolCallId: id, toolName, input: toolInput }).map((fields): AssistantPart => ({ type: "tool-call", ...fields }));
const result = fc
  .record({ toolCallId: id, toolName, output, isError: fc.boolean() })
  .map(({ isError, ...fields }): ToolResultPart => ({ type: "tool-result", ...fields, ...(isError && { isError }) }));
const vendors = fc.record({ toolCallId: id, toolName: fc.constant("web_search"), input: fc.constant({}) });
const part: fc.Arbitrary<AssistantPart> = fc.oneof(
  { weight: 4, arbitrary: call },
  { weight: 3, arbitrary: said.map((text): AssistantPart => ({ type: "text", text })) },
  { weight: 3, arbitrary: thought },
  result,
  vendors.map((fields): AssistantPart => ({ type: "tool-call", ...fields, providerExecuted: true })),
  fc.constant<AssistantPart>({ type: "source", url: "https://example.com" }),
  fc.constant<AssistantPart>({ type: "image", base64: PNG, mediaType: "image/png" }),
);
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Message>({ role: "user", content: "Go on." }) },
  { weight: 1, arbitrary: said.map((content): Message => ({ role: "system", content })) },
  { weight: 1, arbitrary: said.map((content): Message => ({ role: "assistant", content })) },
  {
    weight: 6,
    arbitrary: fc
      .record({ content: fc.array(part, { maxLength: 5 }), provider: fc.option(fc.constantFrom(...PROVIDERS), { nil: undefined }) })
      .map(({ content, provider }): Message => ({ role: "assistant", content, ...(provider !== undefined && { provider }) })),
  },
  { weight: 6, arbitrary: fc.array(result, { minLength: 1, maxLength: 4 }).map((content): Message => ({ role: "tool", content })) },
);
const history = fc.array(message, { maxLength: 10 }).map((messages): Message[] => [...messages, { role: "user", content: "And now?" }]);

function clientOf({ provider, api, model }: Place): LLM {
  const settings = { provider: provider.id, model, baseURL: "http://127.0.0.1:9", apiKey: "key", ...(api && { api }) };
  return createContext({ providers: [provider], profiles: { default: settings }, env: {} }).llm();
}

/** Calls and results as they stand on a wire: of one side's turn, in order. */
type Turn = { who: string; calls: { id: string; name: string; input: unknown }[]; results: string[]; empty: boolean; note?: string };

const parsed = (text: unknown): unknown => JSON.parse(String(text));
const isBlank = (content: unknown): boolean =>
  typeof content === "string" ? content.trim() === "" : !Array.isArray(content) || content.length === 0;

function chatTurns(messages: Json[]): Turn[] {
  return messages.map((one) => ({
    who: String(one["role"]),
    calls: list(one["tool_calls"]).map((each) => {
      const { name, arguments: input } = each["function"] as Json;
      return { id: String(each["id"]), name: String(name), input: typeof input === "string" ? parsed(input) : input };
    }),
    results: one["role"] === "tool" ? [String(one["tool_call_id"])] : [],
    empty: one["role"] !== "tool" && isBlank(one["content"]) && one["tool_calls"] === undefined && one["images"] === undefined,
  }));
}

function responsesTurns(items: Json[]): Turn[] {
  return items.map(({ type = "message", role, ...item }) => ({
    who: type === "message" ? String(role) : type === "function_call_output" ? "tool" : "assistant",
    calls: type === "function_call" ? [{ id: String(item["call_id"]), name: String(item["name"]), input: parsed(item["arguments"]) }] : [],
    results: type === "function_call_output" ? [String(item["call_id"])] : [],
    empty: false,
    ...(type === "reasoning" && { note: "leads" }),
  }));
}

function anthropicTurns(messages: Json[]): Turn[] {
  return messages.map(({ role, content }) => {
    const blocks = list(content);
    const uses = blocks.filter(({ type }) => type === "tool_use");
    return {
      who: String(role),
      calls: uses.map((use) => ({ id: String(use["id"]), name: String(use["name"]), input: use["input"] })),
      results: blocks.filter(({ type }) => type === "tool_result").map((block) => String(block["tool_use_id"])),
      empty: blocks.length === 0 || blocks.some(({ type, text }) => type === "text" && isBlank(text)),
      ...(role === "assistant" && /thinking/.test(String(blocks.at(-1)?.["type"])) && { note: "leads" }),
    };
  });
}

function googleTurns(contents: Json[]): Turn[] {
  return contents.map(({ role, parts }) => {
    const those = (field: string) => list(parts).flatMap((each) => (each[field] === undefined ? [] : [each[field] as Json]));
    return {
      who: role === "model" ? "assistant" : String(role),
      calls: those("functionCall").map(({ id: own, name, args }) => ({ id: String(own), name: String(name), input: args })),
      results: those("functionResponse").map(({ id: own }) => String(own)),
      empty: list(parts).length === 0,
    };
  });
}

function turnsOf({ wire }: Place, body: Json): Turn[] {
  if (wire.name === "anthropic") return anthropicTurns(list(body["messages"]));
  if (wire.name === "google") return googleTurns(list(body["contents"]));
  return wire.name === "openai-responses" ? responsesTurns(list(body["input"])) : chatTurns(list(body["messages"]));
}

/** Every rule that all vendors share; what is wrong, or undefined. */
function faultIn(turns: readonly Turn[], { wire, provider }: Place): string | undefined {
  const names = provider.id === "google" ? /^[a-z_][\w.-]{0,63}$/i : /^[\w-]{1,64}$/;
  const seen = new Set<string>();
  const open: string[] = [];
  for (const [at, { who, calls, results, empty, note }] of turns.entries()) {
    if (empty) return `turn ${at} is empty`;
    for (const one of results) if (open.shift() !== one) return `result ${one} in turn ${at} has no call in its place`;
    if (open.length > 0 && results.length === 0 && (who !== "assistant" || wire.name !== "openai-responses"))
      return `calls ${open.join()} have no result before turn ${at}`;
    for (const { id: own, name, input: given } of calls) {
      if (own === "" || seen.has(own)) return `id ${JSON.stringify(own)} is empty or not the first`;
      if (!wire.toolCallId.test(own)) return `id ${own} does not fit`;
      if (!names.test(name)) return `name ${name} does not fit`;
      if (typeof given !== "object" || given === null || Array.isArray(given)) return `input ${JSON.stringify(given)} is no object`;
      seen.add(own);
      open.push(own);
    }
    if (note === "leads" && turns[at + 1]?.who !== "assistant") return `reasoning in turn ${at} leads to nothing`;
  }
  return open.length === 0 ? undefined : `calls ${open.join()} have no result`;
}

const SPECS: Readonly<Record<string, readonly [file: string, schema: string]>> = {
  anthropic: ["anthropic.openapi.json", "BetaCreateMessageParams"],
  google: ["google-gemini.openapi.json", "GenerateContentRequest"],
};

describe.each(PLACES)("for $name", (place) => {
  const llm = clientOf(place);

  async function sent(messages: readonly Message[]): Promise<Json | undefined> {
    const explanation = await llm.explain([...messages]).catch((thrown: unknown) => {
      if (isLlmError(thrown) && (thrown.kind === "unsupported" || thrown.kind === "invalid-request")) return undefined;
      throw thrown;
    });
    return explanation?.request.body as Json | undefined;
  }

  test("what is sent is valid", async () => {
    const spec = SPECS[place.wire.name];
    const property = fc.asyncProperty(history, async (messages) => {
      const body = await sent(messages);
      if (body === undefined) return;
      expect(faultIn(turnsOf(place, body), place)).toBeUndefined();
      if (spec !== undefined && haveSpecs) expect(faultOf(...spec, body)).toBeUndefined();
    });
    await fc.assert(property, { seed: 11, numRuns: 100 });
  });

  test("what is sent of a history stays the same as it grows", async () => {
    const property = fc.asyncProperty(history, async (messages) => {
      const before = await sent(messages);
      const after = await sent([...messages, { role: "assistant", content: "So." }, { role: "user", content: "Thanks." }]);
      if (before === undefined || after === undefined) return;
      const turns = (body: Json) => JSON.stringify(body["messages"] ?? body["contents"] ?? body["input"]).slice(0, -1);
      expect(turns(after).startsWith(turns(before))).toBe(true);
    });
    await fc.assert(property, { seed: 12, numRuns: 30 });
  });
});

test("the rules see what is wrong", () => {
  const place = PLACES.find(({ name }) => name === "openai (chat)")!;
  const turn = (more: Partial<Turn>): Turn => ({ who: "assistant", calls: [], results: [], empty: false, ...more });
  const calls = [{ id: "a", name: "f", input: {} }];
  const answered = [turn({ calls }), turn({ who: "tool", results: ["a"] })];
  expect(faultIn(answered, place)).toBeUndefined();
  const wrong = [
    [turn({ calls })],
    [turn({ who: "tool", results: ["a"] })],
    [turn({ calls }), turn({ who: "user" }), answered[1]!],
    [...answered, ...answered],
    [turn({ empty: true })],
    [turn({ calls: [{ id: "a", name: "", input: {} }] }), answered[1]!],
    [turn({ calls: [{ id: "a", name: "f", input: "{" }] }), answered[1]!],
    [turn({ note: "leads" }), turn({ who: "user" })],
  ];
  for (const turns of wrong) expect(faultIn(turns, place)).toBeDefined();
});
