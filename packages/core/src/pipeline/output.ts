import { LlmError } from "../error.ts";
import type { Message } from "../message/types.ts";
import type { Step } from "../model/chat.ts";
import type { Schema } from "../model/tool.ts";
import { readAnswers } from "../output/answer.ts";
import { toWanted, type Wanted } from "../output/schema.ts";
import type { Checked } from "../output/validate.ts";
import { once } from "../provider/define.ts";
import { isWhole } from "../stream/finish.ts";
import type { LoopDone } from "../tools/loop.ts";
import { lastAnswer, toStepMade } from "./result.ts";
import type { Run } from "./running.ts";
import { runStep } from "./step.ts";
import { cutShort, declined, openCalls, unanswered } from "./whole.ts";

/** Loaded by the first answer or input that has to be checked. */
const validator = once(() => import("../output/validate.ts"));

/** The input of a tool, as its schema gives it. Throws `tool` with what is wrong. */
export async function validInput(schema: Schema, input: unknown): Promise<unknown> {
  const { validate } = await validator();
  const checked = await validate(schema, input);
  if ("value" in checked) return checked.value;
  throw new LlmError("tool", `The input does not fit the tool's schema: ${checked.issues.join("; ")}.`);
}

/**
 * The answer as data, where that was asked for; nothing while calls wait for the caller. What does
 * not fit is sent back once, with what is wrong, where `repair` allows it. Throws `invalid-output`;
 * for an answer that is not whole `incomplete-output` or `content-filter`.
 */
export async function settleOutput(run: Run, messages: readonly Message[], done: LoopDone): Promise<{ output?: unknown }> {
  const { options } = run.record.target;
  if (options.output === undefined || done.pending.length > 0) return {};
  const wanted = toWanted(options.output);
  for (let repaired = false; ; repaired = true) {
    const { attempt } = run.record.answers.at(-1)!;
    const [answer] = attempt.assembler.answers;
    const step = lastAnswer(done)!;
    if (!repaired && openCalls(step).length > 0 && isWhole(step.finishReason)) return {};
    refuse(step, answer!.refusal);
    const calls = answer!.calls.all
      .filter((call) => call.answers)
      .map(({ part, text }) => (part.input === undefined ? text : JSON.stringify(part.input)));
    const checked = await check(calls.length > 0 ? calls : [step.text], wanted);
    if ("value" in checked) return { output: checked.value };
    const { provider } = step;
    if (step.finishReason === "tool-calls") throw unanswered(done.steps.length, { provider });
    const issues = checked.issues.join("; ");
    if (repaired || !wanted.repair) {
      throw new LlmError("invalid-output", `The answer is not what was asked for: ${issues}.`, {
        provider,
        hint: "The whole text is in `partial`.",
      });
    }
    const question: Message = {
      role: "user",
      content: `That answer is not valid: ${issues}. Answer again, with the whole corrected JSON and nothing else.`,
    };
    const made = toStepMade(await runStep(run, [...messages, question], {}));
    done.steps.push(made.step);
    done.messages.push(question, made.message);
    done.joined = 1;
  }
}

/** Throws for an answer that is no whole one. */
function refuse({ finishReason, provider }: Step, refusal: string): void {
  if (refusal !== "" || finishReason === "content-filter") throw declined(refusal || undefined, { provider });
  if (!isWhole(finishReason)) throw cutShort({ provider });
}

/** The first value that fits, or what is wrong with the likeliest one. */
async function check(texts: readonly string[], wanted: Wanted): Promise<Checked> {
  const values = readAnswers(texts, wanted);
  if (values.length === 0) return { issues: [`it is not JSON (it begins ${JSON.stringify(texts[0]!.slice(0, 100))})`] };
  if (wanted.schema === undefined || !wanted.validate) return { value: values[0] };
  const { validate } = await validator();
  const first = await validate(wanted.schema, values[0]);
  let checked = first;
  for (let at = 1; at < values.length && "issues" in checked; at++) checked = await validate(wanted.schema, values[at]);
  return "value" in checked ? checked : first;
}
