import { LlmError, type ToolCall } from "../error.ts";
import { untilAborted } from "../http/signals.ts";
import type { Message } from "../message/types.ts";
import type { CallOptions, ChatEvent, PendingApproval, ToolResult } from "../model/chat.ts";
import type { Decision, Schema, Tool } from "../model/tool.ts";
import type { Emit } from "../stream/handover.ts";
import type { Decided, Signer } from "./approval.ts";
import { EventQueue } from "./event-queue.ts";
import { failedResult, runTool, toToolError } from "./run.ts";

/** What the tools of one step need. */
export interface JobSettings extends Pick<
  CallOptions,
  "maxConcurrency" | "toolTimeoutMs" | "toolContext" | "approval" | "approve" | "approvals"
> {
  tools: readonly Tool[];
  messages: readonly Message[];
  signal: AbortSignal;
  emit: Emit;
  signer: Signer;
  /** Of the chat that runs them. */
  depth: number;
  /** Decisions that came with the history. */
  decided: ReadonlyMap<string, Decided>;
  /** Somebody reads the events, and can decide by them. */
  attended(): boolean;
  /** The input as the schema gives it. Throws `tool` with what is wrong. */
  validate(schema: Schema, input: unknown): Promise<unknown>;
}

/** In the order of the calls. */
export interface JobsDone {
  results: ToolResult[];
  pending: PendingApproval[];
}

const MAX_CONCURRENCY = 10;

/** A call that may run, or why not. */
interface Ready {
  call: ToolCall;
  index: number;
  tool?: Tool;
  input?: unknown;
  error?: LlmError;
  pending?: PendingApproval;
}

/** Runs calls: checks their input, asks for approval where it is needed, and runs the rest side by side. Hands over what happens, as it happens. */
export async function runJobs(calls: readonly ToolCall[], settings: JobSettings): Promise<JobsDone> {
  const ready = await Promise.all(calls.map((call, index) => prepare(call, index, settings)));
  await decide(ready, settings);
  const results = new Map<string, ToolResult>();
  const refused = ready.filter(({ error }) => error !== undefined);
  for (const { call, error } of refused) results.set(call.toolCallId, failedResult(call, error!));
  if (refused.length > 0) await settings.emit(refused.map(({ call, error, index }) => toErrorEvent(call, error!, index)));
  const queue = new EventQueue();
  const runnable = ready.filter(({ error, pending }) => error === undefined && pending === undefined);
  const running = runAll(runnable, settings, queue, results).finally(() => queue.end());
  running.catch(() => {});
  for (let events = await queue.take(); events !== undefined; events = await queue.take()) await settings.emit(events);
  await running;
  return {
    results: calls.flatMap(({ toolCallId }) => results.get(toolCallId) ?? []),
    pending: ready.flatMap(({ pending }) => pending ?? []),
  };
}

/** The input is checked before anybody is asked to approve it. */
async function prepare(call: ToolCall, index: number, { tools, validate }: JobSettings): Promise<Ready> {
  const { toolName, toolCallId, invalid } = call;
  const tool = tools.find(({ name }) => name === toolName);
  if (tool === undefined) {
    const known = tools.map(({ name }) => name).join(", ");
    return {
      call,
      index,
      error: new LlmError("tool", `There is no tool "${toolName}". The tools are: ${known}.`, { toolCallId, toolName }),
    };
  }
  if (invalid !== undefined) return { call, index, error: invalid };
  try {
    return { call, index, tool, input: await validate(tool.input, call.input) };
  } catch (error) {
    return { call, index, error: toToolError(error, call) };
  }
}

/** Settles which calls may run. The last event of a batch is handed out before anybody is waited for. */
async function decide(ready: Ready[], settings: JobSettings): Promise<void> {
  const asked: { one: Ready; question: Question }[] = [];
  for (const one of ready) {
    if (one.error !== undefined) continue;
    const known = settings.decided.get(one.call.toolCallId);
    if (known !== undefined) one.error = known.approved ? undefined : notApproved(one.call, known.reason);
    else if (await needsApproval(one, settings)) asked.push({ one, question: await ask(one.call, settings.signer) });
  }
  if (asked.length === 0) return;
  if (settings.attended()) await settings.emit(asked.map(({ one, question }) => ({ ...question.event, job: one.index })));
  for (const { one, question } of asked) {
    const decision = await answerTo(question, one.call, settings);
    if (decision === undefined) one.pending = { ...pick(one.call), token: question.event.token };
    else if (!decision.approved) one.error = notApproved(one.call, decision.reason);
  }
}

async function needsApproval({ call, tool, input }: Ready, { approval }: JobSettings): Promise<boolean> {
  const own = tool?.approval as boolean | ((input: unknown) => boolean | Promise<boolean>) | undefined;
  if (typeof own === "function" ? await own(input) : own === true) return true;
  return (await approval?.(call)) === true;
}

interface Question {
  event: Extract<ChatEvent, { type: "approval-request" }>;
  decided: Promise<Decided>;
  /** Somebody has decided. */
  settled(): boolean;
}

async function ask(call: ToolCall, signer: Signer, reason?: string): Promise<Question> {
  const { promise, resolve } = Promise.withResolvers<Decided>();
  let settled = false;
  const settle = (decision: Decided) => {
    settled = true;
    resolve(decision);
  };
  const token = await signer.sign(call);
  const event: Question["event"] = {
    type: "approval-request",
    ...pick(call),
    token,
    ...(reason !== undefined && { reason }),
    approve: () => settle({ approved: true }),
    reject: (why) => settle({ approved: false, ...(why !== undefined && { reason: why }) }),
  };
  return { event, decided: promise, settled: () => settled };
}

/** By the event, by the callback, by waiting for the event; undefined: nobody can decide now, and the call is to be handed back. */
async function answerTo(
  question: Question,
  call: ToolCall,
  { approve, approvals, attended, signal }: JobSettings,
): Promise<Decided | undefined> {
  if (question.settled()) return question.decided;
  if (approve !== undefined) return toDecided(await untilAborted(Promise.resolve(approve(call)), signal));
  if (approvals === "pause") return undefined;
  if (attended()) return untilAborted(question.decided, signal);
  return { approved: false, reason: "Nobody was there to approve it." };
}

function toDecided(decision: Decision): Decided {
  return typeof decision === "boolean" ? { approved: decision } : decision;
}

/** A question of a running tool: its answer cannot come from another process. */
async function askMidway(
  call: ToolCall,
  reason: string | undefined,
  index: number,
  settings: JobSettings,
  queue: EventQueue,
): Promise<boolean> {
  if (settings.approvals === "pause") {
    throw new LlmError("tool", `The tool "${call.toolName}" asks for approval while it runs, which cannot be paused.`, {
      hint: `Give it \`approval\`, or do not set approvals: "pause".`,
    });
  }
  const question = await ask(call, settings.signer, reason);
  if (settings.attended()) void queue.push({ ...question.event, job: index });
  const decision =
    settings.attended() && settings.approve === undefined
      ? await untilAborted(question.decided, settings.signal)
      : await answerTo(question, call, settings);
  return decision?.approved === true;
}

async function runAll(ready: readonly Ready[], settings: JobSettings, queue: EventQueue, results: Map<string, ToolResult>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let one = ready[next++]; one !== undefined; one = ready[next++]) await runOne(one, settings, queue, results);
  };
  const workers = Math.min(settings.maxConcurrency ?? MAX_CONCURRENCY, ready.length);
  const ended = await Promise.allSettled(Array.from({ length: workers }, worker));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

async function runOne(
  { call, tool, input, index }: Ready,
  settings: JobSettings,
  queue: EventQueue,
  results: Map<string, ToolResult>,
): Promise<void> {
  const { toolCallId, toolName } = call;
  const { messages, depth, toolContext, signal } = settings;
  try {
    const output = await runTool({
      tool: tool!,
      call,
      input,
      timeoutMs: tool!.timeoutMs ?? settings.toolTimeoutMs,
      signal,
      run: {
        toolCallId,
        toolContext,
        depth: depth + 1,
        messages,
        approve: (reason) => askMidway(call, reason, index, settings, queue),
      },
      onYield: (said) => queue.push({ type: "tool-stream", toolCallId, toolName, output: said, job: index, depth: depth + 1 }),
    });
    JSON.stringify(output);
    results.set(toolCallId, { toolCallId, toolName, output });
    void queue.push({ type: "tool-result", toolCallId, toolName, output, job: index });
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toToolError(thrown, call);
    results.set(toolCallId, failedResult(call, error));
    void queue.push(toErrorEvent(call, error, index));
  }
}

function toErrorEvent({ toolCallId, toolName }: ToolCall, error: LlmError, job: number): ChatEvent {
  return { type: "tool-error", toolCallId, toolName, error, job };
}

function notApproved({ toolCallId, toolName }: ToolCall, reason: string | undefined): LlmError {
  const why = reason === undefined ? "" : ` ${reason}`;
  return new LlmError("tool", `The call of the tool "${toolName}" was not approved.${why}`, { toolCallId, toolName });
}

function pick({ toolCallId, toolName, input }: ToolCall): Pick<ToolCall, "toolCallId" | "toolName" | "input"> {
  return { toolCallId, toolName, input };
}
