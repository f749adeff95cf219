import { LlmError } from "../error.ts";
import { sleep } from "../http/signals.ts";
import type { Message } from "../message/types.ts";
import type { CallOptions, ChatEvent, Warning } from "../model/chat.ts";
import type { Emit } from "../stream/handover.ts";
import { toWanted } from "../output/schema.ts";
import { partialJson } from "../stream/partial-json.ts";
import { Attempt } from "./attempt.ts";
import { estimateTokens } from "./estimate.ts";
import { leadsTo, type Resting } from "./fallback.ts";
import type { Limiter, Pass } from "./limit.ts";
import { toError } from "./line.ts";
import { toRecord, usageOf, type Answered, type CallRecord } from "./meter.ts";
import { withFiles, type LoadedFiles } from "./media.ts";
import { planChat, type ChatPlan, type Target } from "./plan.ts";
import { finishReasonOf } from "./result.ts";
import type { CallSignal } from "./running.ts";
import { Tries } from "./tries.ts";

/** What a call carries from one step to the next. */
export interface Run {
  emit: Emit;
  signal: CallSignal;
  record: CallRecord;
  limiter: Limiter;
  resting: Resting;
  stream: boolean;
  /** Of the fallbacks, how many were left behind: a call stays where it was answered. */
  passed: number;
  /** Told that a profile was left for the next. */
  warnings: Warning[];
  files: LoadedFiles;
  started: boolean;
}

/** One model call on the first profile of the chain that answers; its events are handed over one batch a network chunk. */
export async function runStep(run: Run, messages: readonly Message[], changes: Partial<CallOptions>): Promise<Answered> {
  const { record, resting } = run;
  const { fallbacks } = record.first;
  skipResting(run);
  for (;;) {
    const begun = { visible: false };
    try {
      const plan = planChat(changed(record.target, changes), messages, run.stream);
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
      await run.emit([{ type: "fallback", from, to, restart: true, error }]);
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
      record.attempts.push(toRecord(target, attempt, attempt.assembler.usage, error));
      pass?.leave({ usage: attempt.assembler.usage, headers: attempt.headers, error });
    });
    try {
      await attempt.open(key);
      const next = batchesOf(run, plan, attempt);
      for (let batch = await next(); batch !== undefined; batch = await next()) {
        begun.visible ||= attempt.assembler.begun;
        await run.emit(batch);
      }
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
      await run.emit([{ type: "retry", attempt: record.attempts.length, delayMs, error }]);
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
  const { totalTokens, inputTokens = 0, outputTokens = 0 } = usageOf(record.attempts);
  return limiter.enter({
    profile,
    provider: provider.id,
    limits,
    inputTokens: estimateTokens(call),
    maxOutputTokens: call.maxOutputTokens,
    usedByCall: totalTokens ?? inputTokens + outputTokens,
    signal: signal.signal,
  });
}

/** Gives the batches of an open attempt, and notes when the first of them came. */
function batchesOf(run: Run, plan: ChatPlan, attempt: Attempt): () => Promise<ChatEvent[] | undefined> {
  const { assembler } = attempt;
  const { onDelta } = plan.target.options;
  const grow = objectGrower(run, plan);
  let head = opening(run, plan, attempt);
  let more = true;
  let over = false;
  return async () => {
    if (over) return undefined;
    const out = head;
    const known = out.length;
    head = [];
    if (more) more = await attempt.next(out);
    if (more && out.length === known) {
      // Nothing but the opening: it waits for what it opens, so that an attempt that fails before that leaves no trace.
      head = out;
      return [];
    }
    run.started = true;
    grow?.(out, known);
    if (assembler.begun) run.record.ttftMs ??= performance.now() - run.record.started;
    // Where the answer is not complete, its end is an error: what came last is delivered before it.
    over = !more && (attempt.complete || out.length === 0);
    if (over) endStep(run, attempt, out);
    if (onDelta !== undefined) await tell(onDelta, out);
    return out;
  };
}

/** Tells after each batch what the answer has grown to, where it is to be data. */
function objectGrower({ stream }: Run, { target }: ChatPlan): ((out: ChatEvent[], from: number) => void) | undefined {
  const { output } = target.options;
  if (output === undefined || !stream) return undefined;
  const { wrapped } = toWanted(output);
  const json = partialJson();
  return (out, from) => {
    let grown = false;
    for (const event of out.slice(from)) if (event.type === "text" && !event.choice && json.push(event.text)) grown = true;
    const object = wrapped ? (json.value as { value?: unknown } | undefined)?.value : json.value;
    if (grown && object !== undefined) out.push({ type: "object", object });
  };
}

function opening({ started, warnings }: Run, { target, warnings: own }: ChatPlan, { requestId }: Attempt): ChatEvent[] {
  if (started) return own.map((warning) => ({ type: "warning", warning }));
  const start: ChatEvent = {
    type: "start",
    provider: target.provider.id,
    model: target.model,
    ...(requestId !== undefined && { requestId }),
  };
  return [start, ...[...warnings, ...own].map((warning): ChatEvent => ({ type: "warning", warning }))];
}

function endStep({ record }: Run, attempt: Attempt, out: ChatEvent[]): void {
  attempt.end(out);
  const { assembler } = attempt;
  if (Object.keys(assembler.usage).length > 0) out.push({ type: "usage", usage: assembler.usage });
  out.push({ type: "step", step: record.answers.length + 1, finishReason: finishReasonOf(assembler), usage: assembler.usage });
}

async function tell(onDelta: (text: string) => void | Promise<void>, events: readonly ChatEvent[]): Promise<void> {
  for (const event of events) {
    if (event.type !== "text" || event.choice) continue;
    try {
      await onDelta(event.text);
    } catch (cause) {
      throw new LlmError("aborted", "onDelta threw, so the call was aborted.", { cause });
    }
  }
}
