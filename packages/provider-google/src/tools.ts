import type * as SDK from "@google/genai/web";
import type { ChatDelta } from "@plurivox/core/provider";
import { toolNameOf } from "./quirks.ts";

type Json = Record<string, unknown>;
type Part = SDK.Part;

/** What a part says of a tool: that it is called, or what it gave back. */
interface Said {
  kind: "code" | "tool" | "function";
  id?: string | undefined;
  name?: string | undefined;
  input?: Json;
  result?: { output: unknown; isError?: true };
}
/** A call, as it was told and as it came. */
interface Call extends Said {
  part: string;
  toolCallId: string;
  input: Json;
  came: Part;
  answered: boolean;
}

/**
 * The tool calls of one answer. Some are the caller's, some the vendor runs itself. Of an MCP
 * server's functions it says so only by giving their results, in a stream some chunks later.
 */
export class Tools {
  readonly #calls: Call[] = [];
  readonly #newId: (count: number) => string;
  /** The function call whose input is still coming. */
  #open: Call | undefined;

  constructor(newId: (count: number) => string) {
    this.#newId = newId;
  }

  /** Adds what a part says of tools. False where it says nothing of them. */
  read(part: Part, out: ChatDelta[]): boolean {
    const said = toSaid(part);
    if (said === undefined) return false;
    if (said.result !== undefined) this.#result(said, said.result, part, out);
    else if (said.kind === "function") this.#function(said, part, out);
    else out.push({ ...told(this.#begin(said, part)), input: said.input, end: true, providerExecuted: true, ...kept(part) });
    return true;
  }

  /** The answer is over, and with it a function call whose end was not told. */
  end(out: ChatDelta[]): void {
    if (this.#open !== undefined) out.push({ ...told(this.#open), input: this.#open.input, end: true });
    this.#open = undefined;
  }

  #begin(said: Said, came: Part): Call {
    const count = this.#calls.length;
    const toolCallId = said.id || this.#newId(count);
    const call = { input: {}, ...said, part: `call_${count}`, toolCallId, came, answered: false };
    this.#calls.push(call);
    return call;
  }

  #function(said: Said, came: Part, out: ChatDelta[]): void {
    const { partialArgs = [], willContinue } = came.functionCall!;
    const isNew = said.name !== undefined;
    const call = isNew ? this.#begin(said, came) : this.#open;
    if (call === undefined) return;
    for (const piece of partialArgs) {
      const steps = stepsOf(piece.jsonPath);
      if (steps.length > 0) call.input = placed(call.input, steps, piece) as Json;
    }
    this.#open = willContinue ? call : undefined;
    if (!isNew && !willContinue) call.came = { ...call.came, functionCall: { id: call.id, name: call.name, args: call.input } };
    out.push({ ...told(call), ...(!willContinue && { input: call.input, end: true }), ...(isNew && signature(came)) });
  }

  /** The call was told before its result, and only the result says that the vendor ran it. */
  #result(said: Said, { output, isError }: NonNullable<Said["result"]>, part: Part, out: ChatDelta[]): void {
    const fitting = this.#calls.filter((each) => isOf(said, each));
    const call = fitting.find((each) => !each.answered) ?? fitting.at(-1);
    if (call !== undefined) {
      out.push({ ...told(call), input: call.input, end: true, providerExecuted: true, ...kept(call.came) });
      call.answered = true;
      if (this.#open === call) this.#open = undefined;
    }
    const toolCallId = call?.toolCallId ?? (said.id || this.#newId(this.#calls.length));
    out.push({ type: "tool-result", toolCallId, output, ...(isError && { isError }), ...kept(part) });
  }
}

function told({ part, toolCallId, name: toolName }: Call) {
  return { type: "tool-call" as const, part, toolCallId, ...(toolName && { toolName }) };
}

/**
 * A call and a result belong together by their ids where both have one, else by the tool's name.
 */
function isOf(result: Said, call: Call): boolean {
  if (result.kind !== call.kind) return false;
  return result.id && call.id ? result.id === call.id : result.name === undefined || result.name === call.name;
}

function toSaid(part: Part): Said | undefined {
  const { executableCode: code, codeExecutionResult, toolCall, toolResponse, functionCall, functionResponse } = part;
  if (code !== undefined) return { kind: "code", id: code.id, name: "codeExecution", input: without(code) };
  if (codeExecutionResult !== undefined) {
    const result = {
      output: without(codeExecutionResult),
      ...(codeExecutionResult.outcome !== "OUTCOME_OK" && { isError: true as const }),
    };
    return { kind: "code", id: codeExecutionResult.id, result };
  }
  const tool = toolCall ?? toolResponse;
  if (tool !== undefined) {
    const more = toolCall === undefined ? { result: { output: toolResponse!.response } } : { input: toolCall.args ?? {} };
    return { kind: "tool", id: tool.id, name: tool.toolType && toolNameOf(tool.toolType), ...more };
  }
  if (functionCall !== undefined) return { kind: "function", id: functionCall.id, name: functionCall.name, input: functionCall.args ?? {} };
  return (
    functionResponse && {
      kind: "function",
      id: functionResponse.id,
      name: functionResponse.name,
      result: { output: functionResponse.response },
    }
  );
}

function without({ id: _id, ...rest }: { id?: string }): Json {
  return rest;
}

/** Fields in the vendor's words, which go back as they came. */
export function kept(fields: object): Required<Pick<ChatDelta, "providerMetadata">> {
  return { providerMetadata: { google: { ...fields } } };
}

export function signature({ thoughtSignature }: Part): Pick<ChatDelta, "providerMetadata"> {
  return thoughtSignature === undefined ? {} : kept({ thoughtSignature });
}

/** The steps of a path such as `$.rooms[0]['bed size']`: names, and places in a list. */
function stepsOf(path = ""): (string | number)[] {
  const steps = path.matchAll(/\.([^.[\]]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/g);
  return Array.from(steps, ([, name, quoted, doubled, index]) => name ?? quoted ?? doubled ?? Number(index));
}

/** A value with one more piece at a place within it; a text goes on there. */
function placed(value: unknown, [step, ...steps]: (string | number)[], piece: SDK.PartialArg): unknown {
  const { stringValue, numberValue, boolValue } = piece;
  if (step === undefined) {
    if (stringValue === undefined) return numberValue ?? boolValue ?? null;
    return typeof value === "string" ? value + stringValue : stringValue;
  }
  // Neither reads nor sets what a prototype has.
  const entries = new Map(Object.entries(value ?? {}));
  entries.set(String(step), placed(entries.get(String(step)), steps, piece));
  return typeof step === "number" ? [...entries.values()] : Object.fromEntries(entries);
}
