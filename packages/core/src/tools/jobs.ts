import { LlmError, type ToolCall } from "../error.ts";
import { untilAborted } from "../http/signals.ts";
import type { Message } from "../message/types.ts";
import type { CallOptions, PendingApproval, ToolResult } from "../model/chat.ts";
import type { Schema, Tool } from "../model/tool.ts";
import type { Emit } from "../stream/handover.ts";
import type { Claim, Decided } from "./approval.ts";
import { EventQueue } from "./event-queue.ts";
import { answerTo, ask, refuseToPause, type AskSettings, type Question } from "./question.ts";
import { failedResult, runTool, toToolError } from "./run.ts";
import { slots, type Slots } from "./slots.ts";

/** What the tools of one step need. */
export interface JobSettings extends AskSettings, Pick<CallOptions, "maxConcurrency" | "toolTimeoutMs" | "toolContext" | "approval"> {
  tools: readonly Tool[];
  messages: readonly Message[];
  emit: Emit;
  /** Of the chat that runs them. */
  depth: number;
  /** There where the calls came with a history. Of those nothing runs by itself: what is not decided is asked about, whatever tool it calls. */
  decided?: ReadonlyMap<Claim, Decided> | undefined;
  /** The input as the schema gives it. Throws `tool` with what is wrong. */
  validate(schema: Schema, input: unknown): Promise<unknown>;
}

/** In the order of the calls. */
export interface JobsDone {
  results: ToolResult[];
  pending: PendingApproval[];
}

const MAX_CONCURRENCY = 10;

/** Runs calls: checks their input, asks for approval where it is needed, and runs the rest side by side. Hands over what happens, as it happens. */
export async function runJobs(calls: readonly ToolCall[], settings: JobSettings): Promise<JobsDone> {
  const queue = new EventQueue();
  const jobs = new Jobs(settings, queue);
  const working = jobs.run(calls).finally(() => queue.end());
  working.catch(() => {});
  await handOver(queue, settings.emit);
  await working;
  return { results: jobs.results.flatMap((result) => result ?? []), pending: jobs.pending.flatMap((call) => call ?? []) };
}

/** To its end in any case: the tools clean up while nobody listens any more. */
async function handOver(queue: EventQueue, emit: Emit): Promise<void> {
  let failure: { error: unknown } | undefined;
  for (let events = await queue.take(); events !== undefined; events = await queue.take()) {
    if (failure !== undefined) continue;
    try {
      await emit(events);
    } catch (error) {
      failure = { error };
    }
  }
  if (failure !== undefined) throw failure.error;
}

/** A call whose input has been checked. */
interface Ready {
  call: ToolCall;
  /** Where it stands among the calls. */
  job: number;
  tool: Tool;
  input: unknown;
}

class Jobs {
  readonly results: (ToolResult | undefined)[] = [];
  readonly pending: (PendingApproval | undefined)[] = [];
  readonly #settings: JobSettings;
  readonly #queue: EventQueue;
  readonly #running: Promise<void>[] = [];
  readonly #slots: Slots;
  readonly #oneByOne: Slots = slots(1);

  constructor(settings: JobSettings, queue: EventQueue) {
    this.#settings = settings;
    this.#queue = queue;
    this.#slots = slots(settings.maxConcurrency ?? MAX_CONCURRENCY);
  }

  async run(calls: readonly ToolCall[]): Promise<void> {
    const waiting = await untilAborted(Promise.all(calls.map((call, job) => this.#prepare(call, job))), this.#settings.signal);
    try {
      await this.#decide(waiting.flatMap((ready) => ready ?? []));
    } finally {
      await Promise.allSettled(this.#running);
    }
    await Promise.all(this.#running);
  }

  /** Starts a call, refuses it, or gives it back because it has to be approved. Its input is checked before anybody is asked about it. */
  async #prepare(call: ToolCall, job: number): Promise<Ready | undefined> {
    const { tools, decided, validate } = this.#settings;
    try {
      const tool = tools.find(({ name }) => name === call.toolName);
      if (tool === undefined) throw unknownTool(call, tools);
      if (call.invalid !== undefined) throw call.invalid;
      const ready = { call, job, tool, input: await validate(tool.input, call.input) };
      const known = decided?.get(call);
      if (known?.approved === false) throw notApproved(call, known.reason);
      if (known === undefined && (decided !== undefined || (await needsApproval(ready, this.#settings)))) return ready;
      this.#start(ready);
    } catch (error) {
      this.#fail(call, job, error);
    }
    return undefined;
  }

  async #decide(asked: readonly Ready[]): Promise<void> {
    const questions: Question[] = [];
    for (const { call, job } of asked) questions.push(await ask(call, job, this.#settings));
    const events = questions.map(({ event }) => event);
    const taken = events.length > 0 && this.#settings.attended() ? this.#queue.push(...events) : undefined;
    const answers = asked.map(async (ready, index) => {
      const { call, job } = ready;
      const question = questions[index]!;
      try {
        const decision = await answerTo(question, taken, this.#settings, this.#oneByOne);
        const { toolCallId, toolName, input, token } = question.event;
        if (decision === undefined) this.pending[job] = { toolCallId, toolName, input, token };
        else if (decision.approved) this.#start(ready);
        else throw notApproved(call, decision.reason);
      } catch (error) {
        this.#fail(call, job, error);
      }
    });
    await Promise.all(answers);
  }

  #start(ready: Ready): void {
    const running = this.#slots(() => this.#run(ready));
    running.catch(() => {});
    this.#running.push(running);
  }

  async #run({ call, job, tool, input }: Ready): Promise<void> {
    const { toolCallId, toolName } = call;
    const { messages, depth, toolContext, toolTimeoutMs, signal } = this.#settings;
    try {
      const output = await runTool({
        tool,
        call,
        input,
        timeoutMs: tool.timeoutMs ?? toolTimeoutMs,
        signal,
        run: { toolCallId, toolContext, depth: depth + 1, messages },
        onYield: (said) => this.#queue.push({ type: "tool-stream", toolCallId, toolName, output: said, job, depth: depth + 1 }),
        approve: (reason, until) => this.#askMidway(call, job, reason, until),
      });
      this.results[job] = { toolCallId, toolName, output };
      void this.#queue.push({ type: "tool-result", toolCallId, toolName, output, job });
    } catch (error) {
      this.#fail(call, job, error);
    }
  }

  async #askMidway(call: ToolCall, job: number, reason: string | undefined, signal: AbortSignal): Promise<boolean> {
    if (this.#settings.approvals === "pause") throw refuseToPause(call);
    const question = await ask(call, job, this.#settings, reason);
    const taken = this.#settings.attended() ? this.#queue.push(question.event) : undefined;
    const decision = await answerTo(question, taken, { ...this.#settings, signal }, this.#oneByOne);
    return decision?.approved === true;
  }

  /** What goes wrong with a call is told to the model, unless all is over. */
  #fail(call: ToolCall, job: number, thrown: unknown): void {
    this.#settings.signal.throwIfAborted();
    const error = toToolError(thrown, call);
    const { toolCallId, toolName } = call;
    this.results[job] = failedResult(call, error);
    void this.#queue.push({ type: "tool-error", toolCallId, toolName, error, job });
  }
}

async function needsApproval({ call, tool, input }: Ready, { approval }: JobSettings): Promise<boolean> {
  const own = tool.approval as boolean | ((input: unknown) => boolean | Promise<boolean>) | undefined;
  if (typeof own === "function" ? await own(input) : own) return true;
  return Boolean(await approval?.(call));
}

function unknownTool({ toolCallId, toolName }: ToolCall, tools: readonly Tool[]): LlmError {
  const known = tools.map(({ name }) => name).join(", ");
  return new LlmError("tool", `There is no tool "${toolName}". The tools are: ${known}.`, { toolCallId, toolName });
}

function notApproved({ toolCallId, toolName }: ToolCall, reason: string | undefined): LlmError {
  const why = reason === undefined ? "" : ` ${reason}`;
  return new LlmError("tool", `The call of the tool "${toolName}" was not approved.${why}`, { toolCallId, toolName });
}
