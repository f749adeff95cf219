import type { ToolCall } from "../error.ts";
import type { AssistantMessage, Message } from "../message/types.ts";
import { untilAborted } from "../http/signals.ts";
import type { CallOptions, PendingApproval, Step, ToolResult } from "../model/chat.ts";
import type { Tool, ToolLike } from "../model/tool.ts";
import { isWhole } from "../stream/finish.ts";
import { takeDecisions } from "./approval.ts";
import { runJobs, type JobSettings } from "./jobs.ts";

/** A model call that has been made. */
export interface StepMade {
  step: Step;
  message: AssistantMessage;
  /** The vendor paused and wants to be asked again. */
  resume: boolean;
}

/** What the loop needs of the call that it serves. */
export interface LoopSettings extends Omit<JobSettings, "tools" | "messages" | "turn" | "decided"> {
  options: CallOptions;
  /** One model call on these messages. */
  makeStep(messages: readonly Message[], changes: Partial<CallOptions>): Promise<StepMade>;
}

/** A chat that is over: what to append to the history, and the calls that wait for a decision. */
export interface LoopDone {
  messages: Message[];
  steps: Step[];
  pending: PendingApproval[];
  /** How many of the last steps are one answer: a vendor that paused was asked to go on. */
  joined: number;
  /** `maxSteps` ended it, while the model still called tools or had paused. */
  atLimit: boolean;
}

const MAX_STEPS = 20;

/**
 * The one loop of the house: model, tools, model, … until the model calls no tool that runs here, a limit is reached, or somebody has to decide. A history
 * that comes back with decisions goes on where it was left.
 */
export async function runLoop(history: readonly Message[], settings: LoopSettings): Promise<LoopDone> {
  const { options } = settings;
  const tools = (options.tools ?? []).filter(isRunnable);
  const done: LoopDone = { messages: [], steps: [], pending: [], joined: 1, atLimit: false };
  const run = async (calls: readonly ToolCall[], from: Pick<JobSettings, "turn" | "decided">) => {
    const { results, pending } = await runJobs(calls, {
      ...options,
      ...settings,
      ...from,
      tools,
      messages: [...history, ...done.messages],
    });
    if (results.length > 0) done.messages.push(toMessage(results));
    done.pending = pending;
    return results;
  };
  const left = await takeDecisions(history, settings.signer);
  if (left !== undefined) {
    const calls = left.open.filter((call) => runsHere(call, options));
    await run(calls, left);
    if (done.pending.length > 0 || calls.length < left.open.length) return done;
  }
  let resumes = false;
  for (let number = 1; ; number++) {
    // A tool that had to be called has been called: the model may answer now.
    const changes: Partial<CallOptions> = done.messages.length > 0 && options.toolChoice !== "none" ? { toolChoice: undefined } : {};
    const over = number > (options.maxSteps ?? MAX_STEPS);
    const made = await settings.makeStep([...history, ...done.messages], over ? WITHOUT_TOOLS : changes);
    const { step, message } = made;
    done.joined = resumes ? done.joined + 1 : 1;
    resumes = made.resume;
    done.steps.push(step);
    if (isEmpty(message)) return done;
    done.messages.push(message);
    if (over || !isWhole(step.finishReason)) return done;
    if (!resumes) {
      const turn = step.toolCalls.filter(({ providerExecuted }) => providerExecuted !== true);
      const wanted = mayRun(tools, options) ? turn.filter((call) => runsHere(call, options)) : [];
      if (wanted.length === 0) return done;
      step.toolResults.push(...(await run(wanted, { turn })));
      if (done.pending.length > 0 || wanted.length < turn.length) return done;
      if (await untilAborted(Promise.resolve(options.stopWhen?.({ steps: done.steps })), settings.signal)) return done;
    }
    if (number < (options.maxSteps ?? MAX_STEPS) || options.atStepLimit === "answer") continue;
    done.atLimit = true;
    return done;
  }
}

/** What the last step is made with, in which the model has to answer. */
const WITHOUT_TOOLS: Partial<CallOptions> = { tools: undefined, toolChoice: undefined, parallelToolCalls: undefined };

function mayRun(tools: readonly Tool[], { executeTools, n = 1 }: CallOptions): boolean {
  return executeTools !== false && tools.length > 0 && n === 1;
}

export function isRunnable(tool: ToolLike): tool is Tool {
  return "execute" in tool && typeof tool.execute === "function";
}

/** Where the caller's own tools are among them, a name that nobody knows is an error that the model is told. */
export function runsHere({ toolName }: Pick<ToolCall, "toolName">, { tools = [] }: Pick<CallOptions, "tools">): boolean {
  return !tools.some((tool) => !isRunnable(tool) && nameOf(tool) === toolName);
}

function nameOf(tool: ToolLike): string {
  return "function" in tool ? tool.function.name : tool.name;
}

function toMessage(results: readonly ToolResult[]): Message {
  return { role: "tool", content: results.map((result) => ({ type: "tool-result", ...result })) };
}

function isEmpty({ content }: AssistantMessage): boolean {
  return content.length === 0;
}
