// A conversation is held with one provider, stored, and taken up by another: every pair of them, over real sockets.
import { isLlmError, type AssistantPart, type ChatResult, type LlmError, type Message } from "plurivox";
import type { ReceivedCall, ReceivedItem, ReceivedRequest } from "@plurivox/conformance";
import { onWire } from "@plurivox/core/provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CALL_IDS,
  CANARY,
  FOLLOW_UP,
  goOn,
  hold,
  INPUTS,
  NAMES,
  OUTPUTS,
  QUESTION,
  SAID,
  SIGNATURES,
  startStand,
  stored,
  SYSTEM,
  wantedBack,
  wantsSignatures,
  type Held,
  type Stand,
} from "./support/conversations.ts";
import { placeOf, PLACES, type Place } from "./support/providers.ts";
import { faultOf, haveSpecs } from "./support/specs.ts";

const stands = new Map<string, Stand>();
const rich = new Map<string, Held>();
const plain = new Map<string, Held>();

beforeAll(async () => {
  for (const place of PLACES) {
    const stand = await startStand(place);
    stands.set(place.name, stand);
    rich.set(place.name, await hold(stand, true));
    plain.set(place.name, await hold(stand, false));
  }
});
afterAll(() => Promise.all([...stands.values()].map(({ server }) => server.close())));

interface Continued {
  request: ReceivedRequest;
  result: ChatResult;
  body: string;
}

const continued = new Map<string, Promise<Continued>>();

/** Each pair goes on once, and several tests look at it. */
function goOnFrom(from: Place, to: Place): Promise<Continued> {
  const pair = `${from.name} → ${to.name}`;
  let going = continued.get(pair);
  if (going === undefined) {
    going = goOn(stands.get(to.name)!, rich.get(from.name)!.history).then(({ request, result }) => ({
      request,
      result,
      body: JSON.stringify(request.body),
    }));
    continued.set(pair, going);
  }
  return going;
}

const assistantParts = (history: readonly Message[]): AssistantPart[] =>
  history.flatMap((message) => (message.role === "assistant" && typeof message.content !== "string" ? message.content : []));
const isVendorRun = (part: AssistantPart): boolean =>
  part.type === "tool-result" || (part.type === "tool-call" && part.providerExecuted === true);

/** Texts and calls that carry what only the vendor that signed them can check. */
const isSigned = (part: AssistantPart): boolean =>
  (part.type === "text" || (part.type === "tool-call" && part.providerExecuted !== true)) &&
  /thoughtSignature|encrypted/.test(JSON.stringify(part.providerMetadata ?? {}));

type Call = Extract<ReceivedItem, { type: "tool-call" }>;
type Result = Extract<ReceivedItem, { type: "tool-result" }>;
const callsOf = ({ items }: ReceivedCall): Call[] => items.filter((item) => item.type === "tool-call");
const resultsOf = ({ items }: ReceivedCall): Result[] => items.filter((item) => item.type === "tool-result");

/** Everything that was said, each call with its result, and ids that fit. */
function expectConversation(call: ReceivedCall, from: Place, to: Place): void {
  expect(call.system).toBe(SYSTEM);
  const said = (role: string) => call.items.flatMap((item) => (item.type === "text" && item.role === role ? [item.text] : [])).join("\n");
  expect(said("user")).toBe([QUESTION, FOLLOW_UP].join("\n"));
  for (const text of SAID) expect(said("assistant")).toContain(text);
  const calls = callsOf(call);
  expect(calls.map(({ name, input }) => ({ name, input }))).toEqual(NAMES.map((name, at) => ({ name, input: INPUTS[at] })));
  const ids = calls.map(({ id }) => id);
  expect(new Set(ids).size).toBe(2);
  const asTheyWere = CALL_IDS[from.name]!;
  for (const [at, id] of ids.entries()) {
    expect(id).toMatch(to.wire.toolCallId);
    if (to.wire.toolCallId.test(asTheyWere[at]!)) expect(id).toBe(asTheyWere[at]);
  }
  const results = resultsOf(call);
  expect(results.map(({ id }) => id)).toEqual(ids);
  expect(JSON.parse(results[0]!.text)).toEqual(OUTPUTS[0]);
  expect(results[1]!.text).toContain(OUTPUTS[1]);
  expect(call.items.findIndex(({ type }) => type === "tool-result")).toBeGreaterThan(
    call.items.findLastIndex(({ type }) => type === "tool-call"),
  );
}

test("every source has said all that its wire can carry", () => {
  const having = (what: (part: AssistantPart) => boolean) =>
    PLACES.filter(({ name }) => assistantParts(rich.get(name)!.history).some(what)).map(({ name }) => name);
  const all = PLACES.map(({ name }) => name);
  for (const [name, { results }] of rich) {
    const own = results[0]!.toolCalls.filter(({ providerExecuted }) => providerExecuted !== true);
    expect(own.map(({ toolCallId }) => toolCallId)).toEqual(CALL_IDS[name]);
  }
  // OpenAI shows no reasoning there.
  expect(having(({ type }) => type === "reasoning")).toEqual(all.filter((name) => name !== "openai (chat)"));
  // The local server has no sources.
  expect(having(({ type }) => type === "source")).toEqual(all.filter((name) => name !== "ollama"));
  expect(having(isVendorRun)).toEqual(["openai (responses)", "azure (responses)", "anthropic", "google", "mistral", "groq"]);
});

describe.each(PLACES)("from $name", (from) => {
  const others = PLACES.filter((to) => to.provider.id !== from.provider.id);

  test.each(others)("to $name", async (to) => {
    const { request, result, body } = await goOnFrom(from, to);
    const call = to.wire.read(request);
    expectConversation(call, from, to);
    expect(CANARY.exec(body)?.input).toBeUndefined();
    expect(call.items.filter(({ type }) => type === "reasoning")).toEqual([]);

    const parts = assistantParts(rich.get(from.name)!.history);
    const rewritten = callsOf(call).filter(({ id }, at) => id !== CALL_IDS[from.name]![at]);
    const expected: [count: number, code: string][] = [
      [parts.filter(({ type }) => type === "reasoning").length, "reasoning-left-out"],
      [parts.filter((part) => isSigned(part)).length, "signatures-left-out"],
      [parts.filter(isVendorRun).length, "vendor-tools-left-out"],
      [rewritten.length, "tool-ids-changed"],
    ];
    expect(result.warnings.map(({ code, provider, message }) => [Number(/(\d+)\.$/.exec(message)?.[1]), code, provider])).toEqual(
      expected.filter(([count]) => count > 0).map(([count, code]) => [count, code, to.provider.id]),
    );
  });

  const otherWires = PLACES.filter((to) => to.provider.id === from.provider.id && to.name !== from.name);
  if (otherWires.length > 0)
    test.each(otherWires)("to $name, another wire of the same provider", async (to) => {
      const { request, result } = await goOnFrom(from, to);
      expectConversation(to.wire.read(request), from, to);
      const thoughts = assistantParts(rich.get(from.name)!.history).filter(({ type }) => type === "reasoning").length;
      const left = thoughts > 0 ? [`Reasoning that cannot go back left out for ${to.provider.id}: ${thoughts}.`] : [];
      const told = result.warnings.filter(({ code }) => code === "reasoning-left-out");
      expect(told.map(({ message }) => message)).toEqual(left);
    });

  test("to itself, unchanged", async () => {
    const { result, body } = await goOnFrom(from, from);
    expect(result.warnings).toEqual([]);
    const back = [...(wantsSignatures(from) ? SIGNATURES : []), ...wantedBack(from)];
    for (const piece of back) expect(body).toContain(JSON.stringify(piece).slice(1, -1));
    // What the vendor ran itself has no words in the kit, so the rest is read without it.
    const { request } = await goOn(stands.get(from.name)!, plain.get(from.name)!.history);
    expectConversation(from.wire.read(request), from, from);
  });
});

const twins = PLACES.flatMap((from) =>
  PLACES.filter((to) => to.provider.id === from.provider.id && to.name !== from.name).map((to) => [from.name, to.name] as const),
);

test.each(twins)("from %s to %s, which the same provider has too", async (source, target) => {
  const [from, to] = [placeOf(source), placeOf(target)];
  const { request, body } = await goOnFrom(from, to);
  expectConversation(to.wire.read(request), from, to);
  expect(body).not.toContain("CANARY");
});

/** Through every other provider and home again, with a turn in each. */
test.each(["openai (responses)", "anthropic", "google", "mistral", "openrouter"])("round the houses, and back to %s", async (name) => {
  const home = placeOf(name);
  let { history } = rich.get(name)!;
  for (const to of PLACES.filter(({ provider }) => provider.id !== home.provider.id)) {
    const stand = stands.get(to.name)!;
    stand.answers.push({ answer: { id: "OTHER", reasoning: { text: "OTHERS", signature: "OTHERsignature" }, text: `Here ${to.name}.` } });
    const { result } = await goOn(stand, history);
    history = stored([...history, { role: "user", content: FOLLOW_UP }, ...result.messages]);
  }
  const { request, result } = await goOn(stands.get(name)!, history);
  const body = JSON.stringify(request.body);
  for (const piece of [...SIGNATURES, ...wantedBack(home)]) expect(body).toContain(JSON.stringify(piece).slice(1, -1));
  for (const to of PLACES.filter(({ provider }) => provider.id !== home.provider.id)) expect(body).toContain(`Here ${to.name}.`);
  expect(body).not.toContain("OTHER");
  expect(result.warnings.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^Reasoning of another provider/));
});

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = Buffer.from("%PDF-1.7 a document").toString("base64");
const FILES = {
  imageInput: { type: "image", base64: PNG, mediaType: "image/png" },
  documentInput: { type: "file", base64: PDF, mediaType: "application/pdf", filename: "a.pdf" },
} as const;
type Files = keyof typeof FILES;

/** A model of the place that cannot take such files, by its row or by the wire. */
function blindModel({ provider, api, model }: Place, feature: Files): string | undefined {
  const wire = api === undefined ? provider.chat : provider.apis?.[api];
  if (wire?.capabilities?.[feature] === false) return model;
  const row = provider.families.find((family) => onWire(family, api ?? provider.defaultApi)?.capabilities[feature] === false);
  return row?.prefix;
}

describe.each(Object.keys(FILES) as Files[])("files in the history that a model cannot take (%s)", (feature) => {
  const targets = PLACES.flatMap((place) => {
    const model = blindModel(place, feature);
    return model === undefined ? [] : [[place.name, model] as const];
  });

  test("there are such models", () => {
    const names = {
      imageInput: ["openai (responses)", "openai (chat)", "cohere", "groq", "nvidia-nim"],
      documentInput: ["cohere", "groq", "ollama"],
    };
    expect(targets.map(([name]) => name)).toEqual(names[feature]);
  });

  test.each(targets)("%s, %s", async (name, model) => {
    const source = stands.get(feature === "imageInput" ? "anthropic" : "google")!;
    const asked: Message[] = [{ role: "user", content: [{ type: "text", text: "What is this?" }, FILES[feature]] }];
    source.answers.push({ answer: { text: "A dot." } });
    const history = stored([...asked, ...(await source.llm.chat(asked)).messages, { role: "user", content: FOLLOW_UP }]);

    const { llm, requests, place } = stands.get(name)!;
    const client = llm.with({ provider: place.provider.id, model });
    const before = requests.length;
    const error = await client.chat(history).catch((thrown: unknown) => thrown as LlmError);
    expect(isLlmError(error) && error.kind).toBe("unsupported");
    expect(requests.length).toBe(before);

    const { warnings } = await client.chat(history, { onUnsupported: "warn" });
    expect(warnings).toEqual([expect.objectContaining({ code: "unsupported", feature, provider: place.provider.id })]);
    const { items } = place.wire.read(requests.at(-1)!);
    expect(items).toEqual([
      { type: "text", role: "user", text: "What is this?" },
      { type: "text", role: "assistant", text: "A dot." },
      { type: "text", role: "user", text: FOLLOW_UP },
    ]);
  });
});

/** The vendor's description of a request, where it has published one; Azure's v1 API, NIM and LM Studio follow OpenAI's. */
const SPECS: Readonly<Record<string, readonly [file: string, schema: string]>> = {
  "openai-chat": ["openai.openapi.yaml", "CreateChatCompletionRequest"],
  "openai-responses": ["openai.openapi.yaml", "CreateResponse"],
  anthropic: ["anthropic.openapi.json", "BetaCreateMessageParams"],
  google: ["google-gemini.openapi.json", "GenerateContentRequest"],
  mistral: ["mistral.openapi.yaml", "ChatCompletionRequest"],
  "groq-chat": ["groq.openapi.yaml", "CreateChatCompletionRequest"],
  ollama: ["ollama.openapi.yaml", "ChatRequest"],
  "openrouter-chat": ["openrouter.openapi.yaml", "ChatRequest"],
};

// At the end, because reading them takes so long that idle connections of the servers run out.
describe.skipIf(!haveSpecs)("by the vendors' descriptions (skipped where /shared/specs is absent)", () => {
  for (const to of PLACES) {
    const spec = SPECS[to.wire.name];
    if (spec === undefined) test.skip(`${to.name} — skipped: there is no description to go by`, () => {});
    else
      test(to.name, async () => {
        for (const from of PLACES) {
          const { request } = await goOnFrom(from, to);
          expect([from.name, faultOf(...spec, request.body)]).toEqual([from.name, undefined]);
        }
      });
  }

  test("the descriptions see what is wrong", async () => {
    for (const to of PLACES.filter(({ wire }) => SPECS[wire.name] !== undefined)) {
      const { request } = await goOnFrom(to, to);
      const field = to.wire.name === "google" ? "contents" : to.wire.name === "openai-responses" ? "input" : "messages";
      expect([to.name, faultOf(...SPECS[to.wire.name]!, { ...(request.body as object), [field]: [{ role: 7 }] })]).not.toEqual([
        to.name,
        undefined,
      ]);
    }
  });
});
