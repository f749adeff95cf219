import assert from "node:assert/strict";
import { bothFailures, bothWays, failure } from "../expect.ts";
import { says, type Case, type Kit } from "../kit.ts";
import { SCHEMA } from "../samples.ts";

export const outputCases: readonly Case[] = [
  { name: "output-native", run: native },
  { name: "output-json", run: anyJson },
  { name: "output-optional", run: optional },
  { name: "output-invalid", run: invalid },
  { name: "refusal", run: refusal },
  { name: "refusal-of-output", run: refusalOfOutput },
];

const CITY = { city: "Zürich", population: 436_551 };
const NO = "I cannot help with that.";

async function native(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: JSON.stringify(CITY) }));
  for (const [how, result] of await bothWays(served.llm, "A city?", { output: { schema: SCHEMA, name: "city", mode: "native" } })) {
    assert.deepEqual(result.output, CITY, `${how}: the answer as data`);
    assert.deepEqual(result.warnings, [], `${how}: nothing to warn of`);
  }
  for (const { output } of served.calls) {
    const schema = output?.schema as typeof SCHEMA | undefined;
    assert.ok(schema !== undefined, "the schema should arrive by the vendor's own means");
    assert.deepEqual(Object.keys(schema["properties"] as object), ["city", "population"], "with its properties");
    assert.deepEqual(schema["required"], ["city", "population"], "and with what is required");
  }
}

async function anyJson(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: JSON.stringify(CITY) }));
  for (const [how, result] of await bothWays(served.llm, "A city?", { output: "json" }))
    assert.deepEqual(result.output, CITY, `${how}: the answer as data`);
  for (const { output, system } of served.calls) {
    if (kit.refuses("jsonMode")) assert.match(system, /JSON/, "a vendor without a mode for JSON should be asked in words");
    else assert.deepEqual(output, {}, "a vendor with a mode for JSON should be asked by it");
  }
}

/** A schema that has to name every field as required makes the optional ones nullable: such a null is a field that is not there. */
async function optional(kit: Kit): Promise<void> {
  const schema = { ...SCHEMA, required: ["city"] };
  for (const said of [{ city: "Rome" }, { city: "Rome", population: null }]) {
    await using served = await kit.serve(says({ text: JSON.stringify(said) }));
    for (const [how, { output }] of await bothWays(served.llm, "A city?", { output: schema }))
      assert.deepEqual(output, { city: "Rome" }, `${how}: ${JSON.stringify(said)} leaves an optional field out`);
  }
}

async function invalid(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ text: '{"city": "Zür' }));
  for (const [how, error] of await bothFailures(served.llm, "A city?", "no JSON came", { output: SCHEMA })) {
    assert.equal(error.kind, "invalid-output", `${how}: the kind`);
    assert.equal(error.partial?.text, '{"city": "Zür', `${how}: the text should be kept on the error`);
  }
}

async function refusal(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ refusal: NO }));
  for (const [how, result] of await bothWays(served.llm, "Something bad?")) {
    assert.equal(result.refusal, NO, `${how}: the words with which the model declined`);
    assert.equal(result.text, "", `${how}: they are no part of the text`);
    assert.ok(["stop", "content-filter"].includes(result.finishReason), `${how}: a refusal is an end, not "${result.finishReason}"`);
  }
  const error = await failure(served.llm.complete("Something bad?"), "complete() for a refusal");
  assert.equal(error.kind, "content-filter", "complete() has no other way to tell");
}

async function refusalOfOutput(kit: Kit): Promise<void> {
  await using served = await kit.serve(says({ refusal: NO }));
  for (const [how, error] of await bothFailures(served.llm, "A city?", "a refusal where data was asked for", { output: SCHEMA })) {
    assert.equal(error.kind, "content-filter", `${how}: a refusal is not output that went wrong`);
    assert.match(error.message, /cannot help/, `${how}: the words with which the model declined`);
  }
}
