import assert from "node:assert/strict";
import { bothFailures, bothWays, collect, within } from "../expect.ts";
import { begin, inTurn, joined, says, type Case, type Kit, type Responder } from "../kit.ts";
import { SCHEMA, WEATHER } from "../samples.ts";
import { runnable, untilResults } from "./tool-loop.ts";

export const outputWayCases: readonly Case[] = [
  { name: "output-by-tool", run: byTool },
  { name: "output-by-tool-among-tools", run: amongTools },
  { name: "output-repair", run: repair },
  { name: "output-objects", run: objects },
];

const CITY = { city: "Zürich", population: 436_551 };
const WRITTEN = JSON.stringify(CITY);
const BY_TOOL = { schema: SCHEMA, name: "city", mode: "tool" } as const;

/** A vendor that cannot be made to call a tool cannot be asked this way, and the caller is told before anything is sent. */
async function isRefused(kit: Kit): Promise<boolean> {
  if (!kit.refuses("tools") && !kit.refuses("toolChoice")) return false;
  await using served = await kit.serve(says({ text: WRITTEN }));
  for (const [how, error] of await bothFailures(served.llm, "A city?", "output by a tool", { output: BY_TOOL }))
    assert.equal(error.kind, "unsupported", `${how}: ${error.message}`);
  assert.equal(served.calls.length, 0, "nothing should be sent");
  return true;
}

async function byTool(kit: Kit): Promise<void> {
  if (await isRefused(kit)) return;
  await using served = await kit.serve(says({ toolCalls: [{ id: "callOut01", name: "city", input: WRITTEN }] }));
  for (const [how, result] of await bothWays(served.llm, "A city?", { output: BY_TOOL })) {
    const { output, toolCalls, finishReason } = result;
    assert.deepEqual(
      { output, toolCalls, finishReason },
      { output: CITY, toolCalls: [], finishReason: "stop" },
      `${how}: the answer as data`,
    );
    assert.deepEqual(JSON.parse(result.text), CITY, `${how}: the answer as a text`);
  }
  for (const { tools, toolChoice, output } of served.calls) {
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["city"],
      "the answer should be asked for as the input of a tool",
    );
    assert.deepEqual(Object.keys(tools[0]!.schema["properties"] as object), ["city", "population"], "with its properties");
    const byName = kit.wire.lacks?.includes("tool-by-name") ? "required" : { toolName: "city" };
    assert.deepEqual(toolChoice, byName, "the model should have to call it");
    assert.equal(output, undefined, "and not be asked by the vendor's own means as well");
  }
}

/** The model may call the caller's tools first. */
async function amongTools(kit: Kit): Promise<void> {
  if (await isRefused(kit)) return;
  const look = { toolCalls: [{ id: "callOut01", name: "get_weather", input: '{"city":"Rome"}' }] };
  const answer = { toolCalls: [{ id: "callOut02", name: "city", input: WRITTEN }] };
  await using served = await kit.serve(untilResults(look, answer));
  const tools = [runnable(WEATHER, () => "sunny")];
  for (const [how, { output, toolCalls, toolResults, finishReason }] of await bothWays(served.llm, "A city?", { output: BY_TOOL, tools })) {
    assert.deepEqual(output, CITY, `${how}: the answer as data`);
    assert.deepEqual(
      [toolCalls.map(({ toolName }) => toolName), toolResults.map((each) => each.output), finishReason],
      [["get_weather"], ["sunny"], "stop"],
      `${how}: the caller's tool should run, and the one that gives the answer be no call`,
    );
  }
  for (const { toolChoice } of served.calls) assert.equal(toolChoice, "required", "the model should have to call one of the tools");
}

/** A model can make good what it is told of, once. */
async function repair(kit: Kit): Promise<void> {
  const wrong = { text: '{"city":"Zürich","population":"many"}' };
  const right = { text: WRITTEN };
  await using served = await kit.serve(inTurn(says(wrong), says(right), says(wrong), says(right), says(wrong)));
  const options = { output: { schema: SCHEMA, repair: true } };
  for (const [how, { output, steps }] of await bothWays(served.llm, "A city?", options)) {
    assert.deepEqual(output, CITY, `${how}: the second answer should count`);
    assert.equal(steps.length, 2, `${how}: both are steps of the chat`);
  }
  for (const { items } of [served.calls[1]!, served.calls[3]!]) {
    const said = items.map((item) => (item.type === "text" ? item : undefined));
    assert.deepEqual([said.at(-2)?.role, said.at(-2)?.text], ["assistant", wrong.text], "the model should be shown its answer");
    assert.equal(said.at(-1)?.role, "user", "and be asked again");
    assert.match(said.at(-1)!.text, /population/, "with what is wrong about it");
  }
  for (const [how, error] of await bothFailures(served.llm, "A city?", "an answer that stays wrong", options))
    assert.equal(error.kind, "invalid-output", `${how}: ${error.message}`);
  assert.equal(served.calls.length, 8, "it should be asked again once, and no more");
}

/** Each is a beginning of the next. */
async function objects(kit: Kit): Promise<void> {
  const cities = { city: "Zürich — “ZH” 👋🏽", population: 436_551, twins: ["Kunming", "San Francisco"] };
  const schema = {
    type: "object",
    properties: { city: { type: "string" }, population: { type: "integer" }, twins: { type: "array", items: { type: "string" } } },
    required: ["city", "population", "twins"],
    additionalProperties: false,
  };
  const seen: Partial<typeof cities>[] = [];
  let more = Promise.withResolvers<void>();
  // Never more than a quarter before something of it has been seen, so that nothing can wait for the end.
  const inQuarters: Responder = async (exchange) => {
    const frames = kit.wire.stream({ text: JSON.stringify(cities), pieceLength: 3 }, exchange.call);
    const size = Math.ceil(frames.length / 4);
    await begin(exchange, "");
    for (let from = 0; from < frames.length; from += size) {
      const read = more.promise;
      exchange.response.write(joined(frames.slice(from, from + size)));
      await within(read, "The object should grow with what has been sent");
    }
    exchange.response.end();
  };
  await using served = await kit.serve((exchange) => (exchange.call.output === undefined ? says({ text: "{}" }) : inQuarters)(exchange));
  const stream = served.llm.stream("A city?", { output: { schema, mode: "native" } });
  const reading = (async () => {
    for await (const event of stream) {
      if (event.type !== "object") continue;
      // It is one value that grows.
      seen.push(structuredClone(event.object) as Partial<typeof cities>);
      more.resolve();
      more = Promise.withResolvers();
    }
  })();
  await within(reading, "The stream should end", 10_000);
  assert.ok(seen.length >= 4, `the answer should grow in events of its own; there were ${seen.length}`);
  for (const [index, { city = "", twins = [] }] of seen.entries()) {
    assert.ok(cities.city.startsWith(city), `${JSON.stringify(city)} should be a beginning of the city`);
    assert.ok(city.length >= (seen[index - 1]?.city ?? "").length, "a text should grow");
    assert.ok(twins.length >= (seen[index - 1]?.twins ?? []).length, "a list should grow");
  }
  assert.deepEqual(seen.at(-1), cities, "the last should be the whole answer");
  assert.deepEqual((await stream.result).output, cities, "and the result the same");
  const events = await collect(served.llm.stream("A city?"));
  assert.ok(!events.some(({ type }) => type === "object"), "a text that nobody asked to be data is a text");
}
