import type { ChatResult } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let body = "";
const server = await startLoopback((_request, response) => {
  response.writeHead(200, { "content-type": body.startsWith("{") ? "application/json" : "text/event-stream" }).end(body);
});
afterAll(() => server.close());
const llm = client(server.url, { api: "responses" });

function streamed(...events: Json[]): Promise<ChatResult> {
  body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return llm.stream("Hi").result;
}

function whole(reply: Json): Promise<ChatResult> {
  body = JSON.stringify({ id: "r", model: "m", status: "completed", ...reply });
  return llm.chat("Hi");
}

const added = (item: Json, more: Json = {}) => ({ type: "response.output_item.added", item: { ...item, status: "in_progress" }, ...more });
const done = (item: Json, more: Json = {}) => ({ type: "response.output_item.done", item, ...more });
const says = (delta: string, more: Json = {}) => ({ type: "response.output_text.delta", delta, ...more });
const gives = (delta: string, more: Json = {}) => ({ type: "response.function_call_arguments.delta", delta, ...more });
const end = (output?: Json[]) => ({ type: "response.completed", response: { id: "r", status: "completed", ...(output && { output }) } });

const message = (text: string, id?: string): Json => ({ type: "message", role: "assistant", id, content: [{ type: "output_text", text }] });
const call = (callId: string, city: string, id?: string): Json => ({
  type: "function_call",
  id,
  call_id: callId,
  name: "weather",
  arguments: JSON.stringify({ city }),
});
const bare = (item: Json): Json => ({ ...item, ...(item["type"] === "message" ? { content: [] } : { arguments: "" }) });

/**
 * What counts of an answer. Where items run into each other, their order is not known. How
 * paragraphs are joined is not this wire's business.
 */
const said = ({ text, reasoning = "", toolCalls, refusal = "" }: ChatResult) => ({
  text: text.replaceAll("\n", ""),
  reasoning: reasoning.replaceAll("\n", ""),
  refusal,
  calls: toolCalls
    .map(({ toolCallId, toolName, input, invalid }) => ({ toolCallId, toolName, input, ...(invalid && { invalid: true }) }))
    .toSorted((one, other) => one.toolCallId.localeCompare(other.toolCallId)),
});

describe("items without an index", () => {
  test("as llama-server sends them: calls are known by their call's id, and all are done at the end", async () => {
    const thought = {
      type: "reasoning",
      id: "rs_1",
      summary: [],
      content: [{ type: "reasoning_text", text: "Hm." }],
      encrypted_content: "",
    };
    const text = message("Let me see.", "msg_1");
    const [oslo, rome] = [call("fc_a", "Oslo"), call("fc_b", "Rome")];
    const result = await streamed(
      { type: "response.created", response: { id: "r", status: "in_progress" } },
      added({ ...thought, content: [] }),
      { type: "response.reasoning_text.delta", item_id: "rs_1", delta: "Hm." },
      added(bare(text)),
      says("Let me ", { item_id: "msg_1" }),
      says("see.", { item_id: "msg_1" }),
      added(bare(oslo)),
      gives('{"city":', { item_id: "fc_a" }),
      gives('"Oslo"}', { item_id: "fc_a" }),
      added(bare(rome)),
      gives('{"city":"Rome"}', { item_id: "fc_b" }),
      done(thought),
      { type: "response.output_text.done", item_id: "msg_1", text: "Let me see." },
      done(text),
      done(oslo),
      done(rome),
      end([thought, text, oslo, rome]),
    );
    expect(said(result)).toEqual({
      text: "Let me see.",
      reasoning: "Hm.",
      refusal: "",
      calls: [
        { toolCallId: "fc_a", toolName: "weather", input: { city: "Oslo" } },
        { toolCallId: "fc_b", toolName: "weather", input: { city: "Rome" } },
      ],
    });
  });

  test("two calls whose pieces alternate, by the index where ids change", async () => {
    const { toolCalls } = await streamed(
      added(bare(call("a", "Oslo", "x1")), { output_index: 1 }),
      added(bare(call("b", "Rome", "x2")), { output_index: 2 }),
      gives('{"city":', { item_id: "x3", output_index: 1 }),
      gives('{"city":', { item_id: "x4", output_index: 2 }),
      gives('"Oslo"}', { item_id: "x5", output_index: 1 }),
      gives('"Rome"}', { item_id: "x6", output_index: 2 }),
      done(call("b", "Rome", "x7"), { output_index: 2 }),
      done(call("a", "Oslo", "x8"), { output_index: 1 }),
      end([call("a", "Oslo", "x9"), call("b", "Rome", "x10")]),
    );
    expect(toolCalls).toMatchObject([
      { toolCallId: "a", input: { city: "Oslo" } },
      { toolCallId: "b", input: { city: "Rome" } },
    ]);
  });
});

describe("nothing twice, nothing lost", () => {
  const A = call("a", "Oslo", "fc_1");
  test.each<[string, Json[], number]>([
    ["only the list has it", [end([A])], 1],
    ["no item is added", [gives('{"city":"Oslo"}', { item_id: "fc_1" }), done(A), end([A])], 1],
    ["no item is done", [added(bare(A)), gives('{"city":"Oslo"}'), end([A])], 1],
    ["there is no list", [added(bare(A)), gives('{"city":"Oslo"}'), done(A), end()], 1],
    ["there are only deltas", [added(bare(A)), gives('{"city":'), gives('"Oslo"}'), end([])], 1],
    [
      "the end of the input names the call",
      [{ type: "response.function_call_arguments.done", name: "weather", arguments: A["arguments"] }, end()],
      1,
    ],
    [
      "ids are others at each place",
      [added(bare(A)), gives('{"city":"Oslo"}', { item_id: "q" }), done({ ...A, id: "s" }), end([{ ...A, id: "t" }])],
      1,
    ],
    [
      "also those of the call",
      [added(bare(A)), gives('{"city":"Oslo"}'), done({ ...A, id: "s", call_id: "b" }), end([{ ...A, id: "t", call_id: "c" }])],
      1,
    ],
    ["it is added twice", [added(bare(A)), added(bare(A)), done(A), end([A])], 1],
    ["it is done twice", [done(A), done(A), end([A])], 1],
    ["it stands twice in the list", [end([A, A])], 1],
    ["the deltas lack the end", [added(bare(A)), gives('{"ci'), done(A), end([A])], 1],
    ["the deltas lack the beginning", [added(bare(A)), gives('o"}'), done(A), end([A])], 1],
    [
      "the end leaves the input out",
      [added(bare(A)), gives('{"city":"Oslo"}'), done({ ...A, arguments: "" }), end([{ ...A, arguments: "{}" }])],
      1,
    ],
    ["two calls ask for the same", [done(A), done({ ...A, id: "fc_2", call_id: "b" }), end([A, { ...A, id: "fc_2", call_id: "b" }])], 2],
    ["the second of two is only in the list, and first there", [done(A), end([{ ...A, id: "fc_0", call_id: "z" }, A])], 2],
  ])("a call where %s", async (_, events, count) => {
    const { toolCalls } = await streamed(...events);
    expect(toolCalls.map(({ toolName, input, invalid }) => [toolName, input, invalid])).toEqual(
      Array.from({ length: count }, () => ["weather", { city: "Oslo" }, undefined]),
    );
    expect(new Set(toolCalls.map(({ toolCallId }) => toolCallId)).size).toBe(count);
  });

  test("a whole answer that names a call twice has it once, and two calls of one id with other inputs are two", async () => {
    expect((await whole({ output: [A, A] })).toolCalls).toHaveLength(1);
    expect((await whole({ output: [A, { ...A, arguments: '{"city":"Rome"}' }] })).toolCalls).toHaveLength(2);
  });

  test.each<[string, Json[]]>([
    ["its end has more than its deltas", [says("Hel"), done(message("Hello", "m")), end([message("Hello", "m")])]],
    ["only the end of the text has it", [{ type: "response.output_text.done", text: "Hello" }, end()]],
    ["the list has it under another id", [added(bare(message("", "a"))), says("Hello", { item_id: "b" }), end([message("Hello", "c")])]],
    [
      "the deltas come as one message and the list has two",
      [says("Hel", { item_id: "x" }), says("lo", { item_id: "x" }), end([message("Hel", "x"), message("lo", "x")])],
    ],
    ["the server trims it at the end", [says("Hello", { item_id: "a" }), done(message("Hello ", "b")), end([message("Hello", "c")])]],
    [
      "deltas come after its end",
      [says("Hello", { item_id: "a" }), done(message("Hello", "a")), says("Hello", { item_id: "a" }), end([message("Hello", "a")])],
    ],
    ["its content is a text", [end([{ type: "message", id: "m", content: "Hello" }])]],
  ])("a text where %s", async (_, events) => {
    expect((await streamed(...events)).text.replaceAll("\n", "").trim()).toBe("Hello");
  });

  test("an answer of another tool's name is another call", async () => {
    const { toolCalls } = await streamed(
      added(bare(A)),
      done({ ...A, id: "z", call_id: "z", name: "news" }),
      end([A, { ...A, id: "z", call_id: "z", name: "news" }]),
    );
    expect(toolCalls.map(({ toolName }) => toolName)).toEqual(["weather", "news"]);
  });

  test("names that every object has are no types", async () => {
    expect((await whole({ output: [{ type: "constructor", id: "c" }, message("Hello")] })).text).toBe("Hello");
  });
});

/** A response in the events that a careful server sends. */
interface Planned {
  item: Json;
  pieces: { deltas: readonly string[]; index: number }[];
}
const words = fc.array(fc.constantFrom("a", "b", "ab ", "c", "\nd"), { minLength: 1, maxLength: 3 });
const planned: fc.Arbitrary<Planned> = fc.oneof(
  fc.array(words, { minLength: 1, maxLength: 2 }).map((parts) => ({
    item: { type: "message", content: parts.map((deltas) => ({ type: "output_text", text: deltas.join("") })) },
    pieces: parts.map((deltas, index) => ({ deltas, index })),
  })),
  fc.array(words, { minLength: 1, maxLength: 2 }).map((parts) => ({
    item: {
      type: "reasoning",
      encrypted_content: "sealed",
      summary: parts.map((deltas) => ({ type: "summary_text", text: deltas.join("") })),
    },
    pieces: parts.map((deltas, index) => ({ deltas, index })),
  })),
  fc.tuple(fc.constantFrom("f", "g"), fc.constantFrom(["{", '"a":1', "}"], ['{"b":', '"x"}'], ["{}"])).map(([name, deltas]) => ({
    item: { type: "function_call", name, arguments: deltas.join("") },
    pieces: [{ deltas, index: 0 }],
  })),
  fc.tuple(fc.constantFrom("h", "i"), words).map(([name, deltas]) => ({
    item: { type: "custom_tool_call", name, input: deltas.join("") },
    pieces: [{ deltas, index: 0 }],
  })),
);
const DELTAS: Record<string, [event: string, index?: string, whole?: string]> = {
  message: ["output_text", "content_index", "text"],
  reasoning: ["reasoning_summary_text", "summary_index", "text"],
  function_call: ["function_call_arguments", undefined, "arguments"],
  custom_tool_call: ["custom_tool_call_input", undefined, "input"],
};
const servers = fc.record({
  index: fc.constantFrom("right", "absent", "constant", "shifted"),
  ids: fc.constantFrom("right", "absent", "constant", "fresh"),
  pieceIndex: fc.constantFrom("right", "absent", "constant"),
  added: fc.boolean(),
  ends: fc.boolean(),
  done: fc.constantFrom("each", "at the end", "never"),
  list: fc.boolean(),
});
type Ways = typeof servers extends fc.Arbitrary<infer T> ? T : never;
const CAREFUL: Ways = { index: "right", ids: "right", pieceIndex: "right", added: true, ends: true, done: "each", list: true };

function eventsOf(items: readonly Planned[], ways: Ways): Json[] {
  let fresh = 0;
  const named = (at: number) => ({ right: `item_${at}`, absent: undefined, constant: "item", fresh: `fresh_${fresh++}` })[ways.ids];
  const placed = (at: number, way: string = ways.index) => ({ right: at, absent: undefined, constant: 0, shifted: at + 1 })[way];
  const itemOf = (at: number) => {
    const { item } = items[at]!;
    return { ...item, id: named(at), ...("name" in item && { call_id: `call_${at}` }) };
  };
  const bareOf = (at: number) => ({
    ...itemOf(at),
    ...(items[at]!.item["type"] === "message" ? { content: [] } : { summary: [], arguments: "", input: "" }),
  });
  const doneOf = (at: number) => done(itemOf(at), { output_index: placed(at) });
  const events = items.flatMap(({ item, pieces }, at): Json[] => {
    const [event, index, text] = DELTAS[item["type"] as string]!;
    const address = (piece: number) => ({
      item_id: named(at),
      output_index: placed(at),
      ...(index && { [index]: placed(piece, ways.pieceIndex) }),
    });
    return [
      ...(ways.added ? [added(bareOf(at), { output_index: placed(at) })] : []),
      ...pieces.flatMap(({ deltas, index: piece }) => [
        ...deltas.map((delta) => ({ type: `response.${event}.delta`, delta, ...address(piece) })),
        ...(ways.ends ? [{ type: `response.${event}.done`, [text!]: deltas.join(""), ...address(piece) }] : []),
      ]),
      ...(ways.done === "each" ? [doneOf(at)] : []),
    ];
  });
  const late = ways.done === "at the end" ? items.map((_, at) => doneOf(at)) : [];
  return [...events, ...late, end(ways.list ? items.map((_, at) => itemOf(at)) : [])];
}

test("what a careless server sends decodes to what a careful one does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(planned, { minLength: 1, maxLength: 4 }), servers, async (items, ways) => {
      // Somewhere a call must have its name.
      fc.pre(ways.added || ways.done !== "never" || ways.list);
      const careful = said(await streamed(...eventsOf(items, CAREFUL)));
      expect(careful.calls).toHaveLength(items.filter(({ item }) => "name" in item).length);
      expect(said(await streamed(...eventsOf(items, ways)))).toEqual(careful);
    }),
    { numRuns: 200 },
  );
});
