import type { CallOptions, Message } from "@plurivox/core";
import type { Feature } from "@plurivox/core/provider";
import assert from "node:assert/strict";
import { bothWays, collect, essence, within } from "../expect.ts";
import { replies, says, writes, type Case, type Kit } from "../kit.ts";
import { HELLO, RICH, TOOLS } from "../samples.ts";
import type { ReceivedSettings } from "../wire.ts";

export const textCases: readonly Case[] = [
  { name: "text", run: text },
  { name: "text-empty", run: textEmpty },
  { name: "text-markers", run: textMarkers },
  { name: "multi-turn", run: multiTurn },
  { name: "system", run: system },
  { name: "unicode-split-at-every-byte", run: unicodeSplit },
  { name: "optional-fields-absent", run: optionalFieldsAbsent },
  { name: "unknown-fields", run: unknownFields },
  { name: "settings", run: settings },
  { name: "headers-and-extra-body", run: headersAndExtraBody },
  { name: "base-url-with-a-path", run: baseUrlWithPath },
  { name: "input-untouched", run: inputUntouched },
];

async function text(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ ...HELLO, id: "answer-1", model: "kit-model-dated" }));
  for (const [how, result] of await bothWays(served.llm, "Hi, who are you?")) {
    assert.equal(result.text, HELLO.text, `${how}: the text`);
    assert.equal(result.finishReason, "stop", `${how}: the finish reason`);
    assert.equal(result.rawFinishReason, kit.wire.finishes[0]!.raw, `${how}: the vendor's own finish reason`);
    const id = kit.wire.lacks?.includes("answer-id") ? undefined : "answer-1";
    assert.equal(result.responseId, id, `${how}: the vendor's id of the answer`);
    const model = kit.wire.lacks?.includes("model") ? undefined : "kit-model-dated";
    assert.equal(result.responseModel, model, `${how}: the model's name as the vendor reports it`);
    assert.equal(result.requestId, "req-kit", `${how}: the id of the request, from the headers`);
    assert.equal(result.provider, kit.provider.id);
    assert.equal(result.model, kit.model);
    assert.equal(result.reasoning, undefined, `${how}: no reasoning came, so there is none`);
    assert.deepEqual(result.toolCalls, [], `${how}: no tool was called`);
  }
  assert.deepEqual(
    served.calls.map(({ model, stream, items }) => ({ model, stream, items })),
    [true, false].map((stream) => ({ model: kit.model, stream, items: [{ type: "text", role: "user", text: "Hi, who are you?" }] })),
    "the vendor should get the model and the text, once to be streamed and once whole",
  );
}

async function textEmpty(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: "", usage: HELLO.usage! }));
  for (const [how, result] of await bothWays(served.llm, "Say nothing.")) {
    assert.equal(result.text, "", `${how}: an empty answer is an answer`);
    assert.equal(result.finishReason, "stop", `${how}: the finish reason of an empty answer`);
  }
}

async function textMarkers(kit: Kit): Promise<void> {
  const marked = 'a\n\ndata: [DONE]\n\n[DONE] b </think> c <|im_end|> event: error\r\n: d \u2028 e \\u0041 {"error":{}} f';
  for (const pieceLength of [1, 7, Number.POSITIVE_INFINITY]) {
    await using served = await kit.serve(says({ text: marked, pieceLength }));
    for (const [how, result] of await bothWays(served.llm, "hi"))
      assert.equal(result.text, marked, `${how}: text that looks like the wire is only text`);
  }
}

async function multiTurn(kit: Kit): Promise<void> {
  const history: Message[] = [
    { role: "user", content: "My name is Ada." },
    { role: "assistant", content: "Hello Ada." },
    {
      role: "user",
      content: [
        { type: "text", text: "What is" },
        { type: "text", text: "my name?" },
      ],
    },
  ];
  await using served = await kit.serve(says(HELLO));
  const [first] = await bothWays(served.llm, history);
  await bothWays(served.llm, [...history, ...first![1].messages, { role: "user", content: "Thank you." }]);
  const said = served.calls.map(({ items }) => items.map((item) => (item.type === "text" ? [item.role, item.text] : [item.type])));
  const last = ["What is", "my name?"];
  const turns = [
    ["user", "My name is Ada."],
    ["assistant", "Hello Ada."],
    ...(kit.wire.lacks?.includes("parts") ? [["user", last.join("\n\n")]] : last.map((one) => ["user", one])),
  ];
  assert.deepEqual(said[0], turns, "all turns should arrive, in order");
  assert.deepEqual(said[2], [...turns, ["assistant", HELLO.text], ["user", "Thank you."]], "an answer should go back as it came");
  assert.deepEqual([said[1], said[3]], [said[0], said[2]], "streamed and whole calls should send the same");
}

async function system(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  await bothWays(
    served.llm,
    [
      { role: "system", content: "Be brief." },
      { role: "user", content: "hi" },
    ],
    { system: "Be kind." },
  );
  for (const { system: arrived, items } of served.calls) {
    assert.match(arrived, /Be kind\.[\s\S]*Be brief\./, "both instructions should arrive as system text, in order");
    assert.equal(items.length, 1, "an instruction is no turn of the conversation");
  }
}

async function unicodeSplit(kit: Kit): Promise<void> {
  const said = "é 漢字 👩‍👩‍👧 ñ";
  const frames = kit.wire.stream({ text: said, pieceLength: Number.POSITIVE_INFINITY });
  const bytes = Buffer.from(frames.map((frame) => frame.text).join(""));
  const from = bytes.indexOf(said);
  const to = from + Buffer.byteLength(said);
  for (let at = from; at <= to; at++) {
    await using served = await kit.serve(writes([bytes.subarray(0, at), bytes.subarray(at)]));
    const { text: arrived } = await within(served.llm.stream("hi").result, `A stream split at byte ${at - from} of a text should end`);
    assert.equal(arrived, said, `the text, split between two writes at its byte ${at - from}`);
  }
}

async function optionalFieldsAbsent(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: "Hello", toolCalls: RICH.toolCalls!, bare: true }));
  for (const [how, result] of await bothWays(served.llm, "hi", TOOLS)) {
    assert.equal(result.text, "Hello", `${how}: an answer without id, date and model is an answer`);
    assert.equal(result.toolCalls.length, 2, `${how}: the tool calls`);
    assert.deepEqual(result.usage, {}, `${how}: usage that nobody told is absent, not 0`);
  }
}

async function unknownFields(kit: Kit): Promise<void> {
  await using plain = await kit.serve(says(RICH));
  const expected = essence(await plain.llm.stream("hi", TOOLS).result);
  const odd = (json: string) => JSON.stringify({ ...(JSON.parse(json) as object), x_made_up: { deep: [1, null] }, x_null: null });
  const frames = kit.wire.stream(RICH).map((frame) => frame.text.replace(/\{.*\}/s, odd));
  await using strange = await kit.serve(({ call, ...exchange }) =>
    call.stream ? writes(frames)({ call, ...exchange }) : replies(200, odd(kit.wire.whole(RICH)))({ call, ...exchange }),
  );
  for (const [how, result] of await bothWays(strange.llm, "hi", TOOLS))
    assert.deepEqual(essence(result), expected, `${how}: fields that do not exist should change nothing`);
}

/** Each option by itself, because some models refuse two of them together. */
async function settings(kit: Kit): Promise<void> {
  const options: [option: keyof ReceivedSettings, feature: Feature | undefined, value: unknown][] = [
    ["maxOutputTokens", undefined, 321],
    ["temperature", "temperature", 0.25],
    ["topP", "topP", 0.5],
    ["topK", "topK", 7],
    ["stopSequences", "stopSequences", ["END", "STOP"]],
    ["seed", "seed", 42],
    ["presencePenalty", "presencePenalty", 0.5],
    ["frequencyPenalty", "frequencyPenalty", -0.5],
    ["user", "user", "user-17"],
  ];
  const blocked = kit.family(kit.model)?.reasonsByDefault ? (kit.family(kit.model)?.notWhileReasoning ?? []) : [];
  await using served = await kit.serve(says(HELLO));
  for (const [option, feature, value] of options) {
    if (feature !== undefined && (kit.refuses(feature) || blocked.includes(feature))) continue;
    await served.llm.chat("hi", { [option]: value } as CallOptions);
    assert.deepEqual(served.calls.at(-1)!.settings[option], value, `${option} should arrive as it was set`);
  }
  await served.llm.chat("hi");
  const { maxOutputTokens: _, ...unset } = served.calls.at(-1)!.settings;
  assert.deepEqual(
    Object.entries(unset).filter(([, value]) => value !== undefined),
    [],
    "what nobody set should not be sent",
  );
}

async function headersAndExtraBody(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  await bothWays(served.llm, "hi", { headers: { "x-team": "kit" }, extraBody: { x_extra: { a: [1] } } });
  for (const { headers, body } of served.requests) {
    assert.equal(headers["x-team"], "kit", "the caller's headers should arrive");
    assert.deepEqual((body as Record<string, unknown>)["x_extra"], { a: [1] }, "extraBody should arrive as it stands");
    assert.match(headers["content-type"] ?? "", /application\/json/, "the request should say that it is JSON");
  }
}

async function baseUrlWithPath(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(HELLO));
  for (const baseURL of [`${served.server.url}/gateway/v9`, `${served.server.url}/gateway/v9/`]) {
    await served.llm.with({ baseURL }).chat("hi");
    const { path } = served.server.requests.at(-1)!;
    assert.match(path, /^\/gateway\/v9\/[^/]/, `a call to ${baseURL} should go below it; it went to ${path}`);
  }
}

/** Frozen, so that a mapper that writes into its input throws. */
async function inputUntouched(kit: Kit): Promise<void> {
  await using served = await kit.serve(says(RICH));
  const { messages } = await served.llm.chat("hi", TOOLS);
  const input = deepFrozen<Message[]>([
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "hi" }] },
    ...messages,
    {
      role: "tool",
      content: RICH.toolCalls!.map(({ id, name }) => ({
        type: "tool-result" as const,
        toolCallId: id,
        toolName: name,
        output: { ok: true },
      })),
    },
  ]);
  const options = deepFrozen({ ...TOOLS, stopSequences: ["END"], metadata: { team: "kit" }, onUnsupported: "ignore" as const });
  await bothWays(served.llm, input, options);
  await collect(served.llm.stream(input, options));
}

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const inner of Object.values(Object.freeze(value))) deepFrozen(inner);
  return value;
}
