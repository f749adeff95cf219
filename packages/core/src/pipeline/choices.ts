import { isLlmError, LlmError } from "../error.ts";
import type { ChatEvent, ChatResult } from "../model/chat.ts";
import type { Emit } from "../stream/handover.ts";
import { EventQueue } from "../tools/event-queue.ts";
import { usageOf } from "./meter.ts";
import type { Target } from "./plan.ts";
import type { CallSignal } from "./running.ts";

/** One call of the several that together give the choices. It is told where to go, what ends it, and whom to tell. */
type RunOne = (target: Target, signal: CallSignal, emit: Emit) => Promise<ChatResult>;

/** How many calls stand in for one with `n` answers: where the vendor gives one at a time, and the caller wants that made up for. */
export function copiesOf({ options, wire, family }: Target): number {
  const { n = 1, onUnsupported } = options;
  const refused = wire.capabilities?.n === false || family?.capabilities.n === false;
  return n > 1 && onUnsupported === "emulate" && refused ? n : 1;
}

/** As many calls side by side, as one call with as many choices. One that fails ends the others. */
export async function runCopies(target: Target, copies: number, signal: CallSignal, emit: Emit, runOne: RunOne): Promise<ChatResult> {
  const { n: _, onDelta, ...options } = target.options;
  const queue = new EventQueue();
  const own: CallSignal = { ...signal, signal: signal.signal, close() {} };
  const runs = Array.from({ length: copies }, (_unused, choice) => {
    const to = { ...target, options: { ...options, ...(choice === 0 && { onDelta }) } };
    return runOne(to, own, (events) => queue.push(...ofChoice(events, choice)));
  });
  const all = Promise.all(runs).finally(() => queue.end());
  all.catch((error: unknown) => signal.abort(isLlmError(error) ? error : new LlmError("aborted", String(error), { cause: error })));
  try {
    for (let events = await queue.take(); events !== undefined; events = await queue.take()) if (events.length > 0) await emit(events);
    const result = joined(await all, target);
    await emit([{ type: "done", result }]);
    return result;
  } finally {
    await Promise.allSettled(runs);
    signal.close();
  }
}

/** The call as a whole has one beginning and one end. */
function ofChoice(events: readonly ChatEvent[], choice: number): ChatEvent[] {
  return events.filter(({ type }) => type !== "done" && (type !== "start" || choice === 0)).map((event) => ({ ...event, choice }));
}

function joined(results: readonly ChatResult[], { provider }: Target): ChatResult {
  const [first] = results;
  const attempts = results.flatMap((result) => result.attempts);
  const usage = usageOf(results);
  const costs = results.flatMap(({ cost }) => cost ?? []);
  const message = `${provider.id} gives one answer a call, so ${results.length} calls were made.`;
  return {
    ...first!,
    choices: results.map(({ text, finishReason, messages }, index) => ({ index, text, finishReason, messages })),
    usage,
    attempts,
    ...(costs.length > 0 && { cost: { ...costs[0]!, totalUsd: costs.reduce((sum, { totalUsd }) => sum + totalUsd, 0) } }),
    metrics: { ...first!.metrics, usage, attempts: attempts.length },
    warnings: [...first!.warnings, { code: "emulated", feature: "n", provider: provider.id, message }],
  };
}
