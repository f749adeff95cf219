import type { LlmError, Message } from "@plurivox/core";
import type { Feature, ModelFamily } from "@plurivox/core/provider";
import assert from "node:assert/strict";
import { isLlmError } from "@plurivox/core";
import { says, type Case, type Kit, type Served } from "../kit.ts";
import { SCHEMA } from "../samples.ts";
import { FEATURES, USES, type Use } from "./features.ts";

export const capabilityCases: readonly Case[] = [
  { name: "capabilities-false", run: eachFalse },
  { name: "capabilities-true", run: eachTrue },
  { name: "capabilities-of-an-unknown-model", run: unknownModel },
  { name: "capabilities-while-reasoning", run: whileReasoning },
  { name: "unsupported-left-out", run: leftOut },
];

/** Right for any call, also for one that asks for JSON. */
const ANSWER = says({ text: JSON.stringify({ city: "Rome", population: 3 }) });

const HI: Message = { role: "user", content: "hi" };

/** What the tables say of a feature: that of the wire first, then the model's. */
function stated(kit: Kit, family: ModelFamily | undefined, feature: Feature): boolean | undefined {
  return kit.wireCapabilities[feature] === false ? false : family?.capabilities[feature];
}

/** A model that reasons unless it is told not to, without having been told. */
function isBlocked(family: ModelFamily | undefined, feature: Feature): boolean {
  return family?.reasonsByDefault === true && family.notWhileReasoning?.includes(feature) === true;
}

/** A use is refused where anything that it needs is. */
function isRefused(kit: Kit, family: ModelFamily | undefined, { needs }: Use): boolean {
  return needs.some((feature) => stated(kit, family, feature) === false || isBlocked(family, feature));
}

/** Sends a call that uses the feature. The error where it was refused, and the body where it was sent. */
async function use(served: Served, model: string, { input = [HI], options }: Use): Promise<{ error?: LlmError; body?: string }> {
  const before = served.requests.length;
  const error = await served.llm
    .with({ model })
    .chat(input, { ...options, onUnsupported: "error" })
    .then(
      () => undefined,
      (thrown: unknown) => {
        assert.ok(isLlmError(thrown), `${model}: a call should fail with an LlmError; it threw ${String(thrown)}`);
        return thrown;
      },
    );
  const sent = served.requests[before];
  return { ...(error !== undefined && { error }), ...(sent !== undefined && { body: JSON.stringify(sent.body) }) };
}

/** Every row of the table as it is on this wire. */
function families(kit: Kit): [model: string, family: ModelFamily | undefined][] {
  return kit.provider.families.map(({ prefix }) => [prefix, kit.family(prefix)]);
}

function report(problems: readonly string[]): void {
  assert.equal(problems.length, 0, `\n${problems.join("\n")}`);
}

async function eachFalse(kit: Kit): Promise<void> {
  await using served = await kit.serve(ANSWER);
  const problems: string[] = [];
  for (const [model, family] of families(kit)) {
    for (const feature of FEATURES) {
      if (stated(kit, family, feature) !== false) continue;
      const { error, body } = await use(served, model, USES[feature]);
      if (error?.kind !== "unsupported") problems.push(`${model}: ${feature} is false, but the call ${error?.message ?? "was answered"}`);
      if (body !== undefined) problems.push(`${model}: ${feature} is false, but the call was sent`);
    }
  }
  report(problems);
}

async function eachTrue(kit: Kit): Promise<void> {
  await using served = await kit.serve(ANSWER);
  const problems: string[] = [];
  for (const [model, family] of families(kit)) problems.push(...(await sentProblems(kit, served, model, family)));
  report(problems);
}

/** Only an explicit `false` stops a call, so that a new model works on its first day. */
async function unknownModel(kit: Kit): Promise<void> {
  await using served = await kit.serve(ANSWER);
  report(await sentProblems(kit, served, "kit-model-of-tomorrow", undefined));
}

/** Features that the tables do not refuse must be sent; those that they promise must show in the request. */
async function sentProblems(kit: Kit, served: Served, model: string, family: ModelFamily | undefined): Promise<string[]> {
  const problems: string[] = [];
  const plain = new Map<Use["without"], string>();
  for (const feature of FEATURES) {
    const used = USES[feature];
    if (isRefused(kit, family, used)) continue;
    if (!plain.has(used.without))
      plain.set(used.without, (await use(served, model, { needs: [], options: used.without, without: {} })).body ?? "");
    const { error, body } = await use(served, model, used);
    if (error !== undefined) problems.push(`${model}: ${feature} is not false, but the call failed: ${error.message}`);
    else if (stated(kit, family, feature) === true && body === plain.get(used.without))
      problems.push(`${model}: ${feature} is true, but nothing of it was sent`);
  }
  return problems;
}

async function whileReasoning(kit: Kit): Promise<void> {
  await using served = await kit.serve(ANSWER);
  const problems: string[] = [];
  for (const [model, family] of families(kit)) {
    if (stated(kit, family, "reasoning") === false) continue;
    for (const feature of family?.notWhileReasoning ?? []) {
      const { options, ...used } = USES[feature];
      const effort = family?.efforts?.find((each) => each !== "none") ?? "low";
      const { error, body } = await use(served, model, { ...used, options: { ...options, reasoning: effort } });
      if (error?.kind !== "unsupported" || body !== undefined)
        problems.push(`${model}: ${feature} is refused while it reasons, but the call was sent`);
    }
  }
  report(problems);
}

/** What only tunes an answer may be left out, if somebody says so. */
async function leftOut(kit: Kit): Promise<void> {
  await using served = await kit.serve(ANSWER);
  const tuning = ["seed", "topK", "topP", "temperature", "presencePenalty", "frequencyPenalty", "logprobs", "stopSequences"] as const;
  for (const [model, family] of families(kit)) {
    const llm = served.llm.with({ model });
    await llm.chat("hi");
    const plain = served.server.requests.at(-1)!.body;
    for (const feature of tuning.filter((each) => stated(kit, family, each) === false)) {
      const { warnings } = await llm.chat("hi", { ...USES[feature].options, onUnsupported: "warn" });
      assert.deepEqual(
        warnings.map((warning) => warning.feature),
        [feature],
        `${model}: leaving out ${feature} should be warned of`,
      );
      assert.deepEqual(served.server.requests.at(-1)!.body, plain, `${model}: ${feature} should be left out`);
    }
  }
  const emulated = families(kit).find(([, family]) => stated(kit, family, "structuredOutput") === false);
  if (emulated === undefined) return;
  const { output, warnings } = await served.llm.with({ model: emulated[0] }).chat("A city?", { output: SCHEMA });
  assert.deepEqual(output, { city: "Rome", population: 3 }, `${emulated[0]}: structured output should fall back to words`);
  assert.equal(warnings[0]?.feature, "structuredOutput", `${emulated[0]}: and be warned of`);
}
