import type { LlmError } from "../error.ts";
import { sleep } from "../http/signals.ts";
import type { Message } from "../message/types.ts";
import type { CallOptions } from "../model/chat.ts";
import { Attempt } from "./attempt.ts";
import { batchesOf } from "./batches.ts";
import { estimateTokens } from "./estimate.ts";
import { leadsTo } from "./fallback.ts";
import type { Pass } from "./limit.ts";
import { toError } from "./line.ts";
import { toRecord, type Answered } from "./meter.ts";
import { withFiles } from "./media.ts";
import { planChat, type ChatPlan, type Target } from "./plan.ts";
import type { Run } from "./running.ts";
import { Tries } from "./tries.ts";
import { tokensOf, usedBy } from "./used.ts";

/** One model call on the first profile of the chain that answers; its events are handed over one batch a network chunk. */
export async function runStep(run: Run, messages: readonly Message[], changes: Partial<CallOptions>): Promise<Answered> {
  const { record, resting } = run;
  const { fallbacks } = record.first;
  skipResting(run);
  for (;;) {
    const begun = { visible: false };
    try {
      const plan = await planChat(changed(record.target, changes), messages, run.stream);
      return await runAttempts(run, await withFiles(plan, run.files, run.signal.signal), begun);
    } catch (thrown) {
      const error = toError(thrown, record);
      const next = fallbacks.findIndex((fallback, index) => index >= run.passed && leadsTo(fallback, error));
      if (next === -1 || run.signal.signal.aborted) throw error;
      const from = record.target.profile;
      resting.rest(from, error);
      move(run, next);
      const to = fallbacks[next]!.name;
      run.warnings.push({
        code: "fallback",
        provider: record.target.provider.id,
        message: `"${from}" failed, so "${to}" was used: ${error.message}`,
      });
      if (!begun.visible) continue;
      run.started = false;
      await run.outlet.emit([{ type: "fallback", from, to, restart: true, error }]);
    }
  }
}

function changed(target: Target, changes: Partial<CallOptions>): Target {
  return Object.keys(changes).length === 0 ? target : { ...target, options: { ...target.options, ...changes } };
}

/** Leaves out profiles that failed a moment ago, as long as one is left that did not. */
function skipResting(run: Run): void {
  const { record, resting, warnings } = run;
  if (run.passed > 0 || !resting.rests(record.target.profile)) return;
  const next = record.first.fallbacks.findIndex(({ name }) => !resting.rests(name));
  if (next === -1) return;
  const from = record.target.profile;
  move(run, next);
  warnings.push({
    code: "fallback",
    provider: record.target.provider.id,
    message: `"${from}" failed a while ago, so "${record.first.fallbacks[next]!.name}" was used.`,
  });
}

function move(run: Run, index: number): void {
  run.record.target = run.record.first.fallbacks[index]!.target;
  run.passed = index + 1;
}

/** The attempts of one profile. `begun.visible` is set once anything of an answer has been handed out. */
async function runAttempts(run: Run, plan: ChatPlan, begun: { visible: boolean }): Promise<Answered> {
  const { record, signal } = run;
  const { target } = plan;
  const tries = new Tries(target, plan.retry);
  for (;;) {
    const pass = await enterLimits(run, plan);
    const attempt = (record.current = new Attempt(plan, signal.signal));
    const key = tries.next();
    const end = once((error?: LlmError) => {
      attempt.close();
      const { usage } = attempt.assembler;
      const used = error === undefined && pass === undefined ? usage : usedBy(attempt, plan.call);
      // A whole answer has the vendor's own counts. For one that was cut short, estimates fill them in.
      if (error !== undefined) Object.assign(usage, used);
      record.attempts.push(toRecord(target, attempt, usage, error));
      record.tokens = (record.tokens ?? 0) + tokensOf(used);
      pass?.leave({ usage: used, headers: attempt.headers, error });
    });
    try {
      await attempt.open(key);
      await run.outlet.relay(batchesOf(run, plan, attempt, begun));
      end();
      const answered = { plan, attempt };
      record.answers.push(answered);
      return answered;
    } catch (thrown) {
      const error = attempt.toError(thrown);
      // Now and not after the wait: a body that nobody reads holds its socket, and its place within the limits.
      end(error);
      const delayMs = tries.delayAfter(error, signal.left());
      const mayRepeat = !attempt.assembler.begun || plan.retry.midStream;
      if (delayMs === undefined || !mayRepeat) throw error;
      await run.outlet.emit([{ type: "retry", attempt: record.attempts.length, delayMs, error }]);
      await sleep(delayMs, signal.signal);
    } finally {
      end();
    }
  }
}

function once(end: (error?: LlmError) => void): (error?: LlmError) => void {
  let over = false;
  return (error) => {
    if (!over) end(error);
    over = true;
  };
}

/** A turn within the profile's limits, undefined where it has none. */
async function enterLimits({ record, limiter, signal }: Run, { target, call }: ChatPlan): Promise<Pass | undefined> {
  const { limits, profile, provider } = target;
  if (limits === undefined) return undefined;
  return limiter.enter({
    profile,
    provider: provider.id,
    limits,
    inputTokens: estimateTokens(call),
    maxOutputTokens: call.maxOutputTokens,
    usedByCall: record.tokens ?? 0,
    signal: signal.signal,
  });
}
