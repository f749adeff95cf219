import { LlmError } from "../error.ts";
import type { Message } from "../message/types.ts";
import type { Schema } from "../model/tool.ts";
import { once } from "../provider/define.ts";
import { readAnswer, toWanted } from "../output/schema.ts";
import type { LoopDone } from "../tools/loop.ts";
import { toStepMade } from "./result.ts";
import type { Run } from "./running.ts";
import { runStep } from "./step.ts";

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
 * The answer as data, where that was asked for and the model had its say. What does not fit is sent back once, with what is wrong, where `repair` allows it.
 * Throws `invalid-output`.
 */
export async function settleOutput(run: Run, messages: readonly Message[], done: LoopDone): Promise<{ output?: unknown }> {
  const { options } = run.record.target;
  if (options.output === undefined || done.pending.length > 0) return {};
  const wanted = toWanted(options.output);
  for (let repaired = false; ; repaired = true) {
    const { attempt } = run.record.answers.at(-1)!;
    const { text, finishReason, provider } = done.steps.at(-1)!;
    if (finishReason !== "stop" || attempt.assembler.answers[0]!.refusal !== "") return {};
    const answer = readAnswer(text, wanted);
    const checked =
      "issues" in answer || wanted.schema === undefined || !wanted.validate
        ? answer
        : await (await validator()).validate(wanted.schema, answer.value);
    if ("value" in checked) return { output: checked.value };
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
    const { step, message } = toStepMade(await runStep(run, [...messages, question], {}));
    done.steps.push(step);
    done.messages.push(question, message);
  }
}
