import type { ToolCall } from "../error.ts";
import type { AssistantMessage, Message } from "../message/types.ts";
import type { CallOptions, PendingApproval, Step, ToolResult } from "../model/chat.ts";
import type { Tool, ToolLike } from "../model/tool.ts";
import { takeDecisions, withoutDecisions } from "./approval.ts";
import { runJobs, type JobSettings } from "./jobs.ts";

/** A model call that has been made. */
export interface StepMade {
  step: Step;
  message: AssistantMessage;
  /** The vendor paused and wants to be asked again. */
  resume: boolean;
}

/** What the loop needs of the call that it serves. */
export interface LoopSettings extends Omit<JobSettings, "tools" | "messages" | "decided"> {
  options: CallOptions;
  /** One model call on these messages. */
  makeStep(messages: readonly Message[], changes: Partial<CallOptions>): Promise<StepMade>;
}

/** A chat that is over: what to append to the history, and the calls that wait for a decision. */
export interface LoopDone {
  messages: Message[];
  steps: Step[];
  pending: PendingApproval[];
}

const MAX_STEPS = 20;

/**
 * The one loop of the house: model, tools, model, … until the model calls no tool that runs here, a limit is reached, or somebody has to decide. A history
 * that comes back with decisions goes on where it was left.
 */
export async function runLoop(history: readonly Message[], settings: LoopSettings): Promise<LoopDone> {
  const { options } = settings;
  const tools = (options.tools ?? []).filter(isRunnable);
  const { calls, decided } = await takeDecisions(history, settings.signer);
  const known = withoutDecisions(history);
  const made: Message[] = [];
  const steps: Step[] = [];
  const jobs = { ...options, ...settings, tools, decided };
  if (calls.length > 0) {
    const { results, pending } = await runJobs(calls, { ...jobs, messages: known });
    if (results.length > 0) made.push(toMessage(results));
    if (pending.length > 0) return { messages: made, steps, pending };
  }
  for (let number = 1; ; number++) {
    // A tool that had to be called has been called: the model may answer now.
    const changes: Partial<CallOptions> = number > 1 && options.toolChoice !== "none" ? { toolChoice: undefined } : {};
    const { step, message, resume } = await settings.makeStep([...known, ...made], changes);
    steps.push(step);
    if (isEmpty(message)) return { messages: made, steps, pending: [] };
    made.push(message);
    const last = number >= (options.maxSteps ?? MAX_STEPS);
    if (resume && !last) continue;
    const wanted = runnableCalls(step, tools, options);
    if (wanted.length === 0) return { messages: made, steps, pending: [] };
    const { results, pending } = await runJobs(wanted, { ...jobs, messages: [...known, ...made] });
    step.toolResults.push(...results);
    if (results.length > 0) made.push(toMessage(results));
    const others = step.toolCalls.some((call) => call.providerExecuted !== true && !wanted.includes(call));
    if (last || pending.length > 0 || others || (await options.stopWhen?.({ steps })) === true) return { messages: made, steps, pending };
  }
}

function isRunnable(tool: ToolLike): tool is Tool {
  return "execute" in tool && typeof tool.execute === "function";
}

/** The calls of a step that run here. Where the caller's own tools are among them, a name that nobody knows is an error that the model is told. */
function runnableCalls({ toolCalls }: Step, tools: readonly Tool[], { executeTools, tools: all = [], n = 1 }: CallOptions): ToolCall[] {
  if (executeTools === false || tools.length === 0 || n > 1) return [];
  const elsewhere = new Set(all.filter((tool) => !isRunnable(tool)).map(nameOf));
  return toolCalls.filter(({ toolName, providerExecuted }) => providerExecuted !== true && !elsewhere.has(toolName));
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
