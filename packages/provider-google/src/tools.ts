import type * as SDK from "@google/genai/web";
import type { ChatDelta } from "@plurivox/core/provider";
import * as quirks from "./quirks.ts";

type Json = Record<string, unknown>;
type Part = SDK.Part;
type Field = "executableCode" | "toolCall" | "functionCall";
type CallDelta = Extract<ChatDelta, { type: "tool-call" }>;

/** What a part says of a call or of its result. `field` is the part's field that holds the call. */
interface Said {
  field: Field;
  id?: string | undefined;
  name?: string | undefined;
}
interface Result extends Said {
  output: unknown;
  isError?: true;
}
/** A call, as it came and as it was told. */
interface Call extends Said {
  toolCallId: string;
  input: Json;
  came: Part;
  answered: boolean;
  told: CallDelta;
}

/**
 * The tool calls of one answer. Some are the caller's, some the vendor runs itself. Of an MCP server's
 * functions it says so only by giving their results, in a stream some chunks later.
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
    const result = toResult(part);
    if (result !== undefined) this.#result(result, part, out);
    else if (part.functionCall !== undefined) this.#function(part.functionCall, part, out);
    else if (part.executableCode !== undefined) {
      const { id, ...input } = part.executableCode;
      this.#run({ field: "executableCode", id, name: "codeExecution" }, { ...input }, part, out);
    } else if (part.toolCall !== undefined) {
      const { id, toolType, args = {} } = part.toolCall;
      this.#run({ field: "toolCall", id, name: quirks.toolNameOf(toolType ?? "") }, args, part, out);
    } else return false;
    return true;
  }

  /** The answer is over, and with it a function call whose end was not told. */
  end(out: ChatDelta[]): void {
    if (this.#open !== undefined) out.push({ type: "tool-call", part: this.#open.told.part!, input: this.#open.input, end: true });
    this.#open = undefined;
  }

  #begin(said: Said, input: Json, came: Part): Call {
    const count = this.#calls.length;
    const toolCallId = said.id || this.#newId(count);
    const told: CallDelta = { type: "tool-call", part: `call_${count}`, toolCallId, toolName: said.name ?? "" };
    const call = { ...said, toolCallId, input, came, answered: false, told };
    this.#calls.push(call);
    return call;
  }

  #run(said: Said, input: Json, came: Part, out: ChatDelta[]): void {
    const { told } = this.#begin(said, input, came);
    out.push(Object.assign(told, { input, end: true, providerExecuted: true, ...kept(came) }));
  }

  #function({ id, name, args, partialArgs = [], willContinue }: SDK.FunctionCall, came: Part, out: ChatDelta[]): void {
    const isNew = name !== undefined;
    const call = isNew ? this.#begin({ field: "functionCall", id, name }, args ?? {}, came) : this.#open;
    if (call === undefined) return;
    call.input = partialArgs.reduce(grown, call.input);
    this.#open = willContinue ? call : undefined;
    if (!isNew && !willContinue) call.came = { ...call.came, functionCall: { id: call.id, name: call.name, args: call.input } };
    const whole = willContinue ? {} : { input: call.input, end: true as const };
    if (isNew) out.push(Object.assign(call.told, whole, signature(came)));
    else out.push({ type: "tool-call", part: call.told.part!, ...whole });
  }

  /** Told of the call first: only its result says that it was the vendor's. */
  #result(result: Result, part: Part, out: ChatDelta[]): void {
    const { output, isError } = result;
    const fits = (call: Call) => isOf(result, call);
    const call = this.#calls.find((each) => !each.answered && fits(each)) ?? this.#calls.findLast(fits);
    if (call !== undefined) {
      if (!call.told.providerExecuted && !out.includes(call.told)) {
        call.told = { type: "tool-call", part: call.told.part! };
        out.push(call.told);
      }
      Object.assign(call.told, { providerExecuted: true, input: call.input, end: true, ...kept(call.came) });
      call.answered = true;
      if (this.#open === call) this.#open = undefined;
    }
    const toolCallId = call?.toolCallId ?? (result.id || this.#newId(this.#calls.length));
    out.push({ type: "tool-result", toolCallId, output, ...(isError && { isError }), ...kept(part) });
  }
}

/** By the ids, where both have one; else by the name of the tool. */
function isOf(result: Result, call: Call): boolean {
  if (result.field !== call.field) return false;
  return result.id && call.id ? result.id === call.id : result.name === undefined || result.name === call.name;
}

function toResult({ codeExecutionResult, toolResponse, functionResponse }: Part): Result | undefined {
  if (codeExecutionResult !== undefined) {
    const { id, ...output } = codeExecutionResult;
    return { field: "executableCode", id, output, ...(output.outcome !== "OUTCOME_OK" && { isError: true }) };
  }
  if (toolResponse !== undefined) {
    const { id, toolType, response: output } = toolResponse;
    return { field: "toolCall", id, name: toolType && quirks.toolNameOf(toolType), output };
  }
  return (
    functionResponse && { field: "functionCall", id: functionResponse.id, name: functionResponse.name, output: functionResponse.response }
  );
}

/** Fields in the vendor's words, which go back as they came. */
export function kept(fields: object): Required<Pick<ChatDelta, "providerMetadata">> {
  return { providerMetadata: { google: { ...fields } } };
}

export function signature({ thoughtSignature }: Part): Pick<ChatDelta, "providerMetadata"> {
  return thoughtSignature === undefined ? {} : kept({ thoughtSignature });
}

/** The steps of a path such as `$.rooms[0]['bed size']`. */
const STEP = /\.([^.[\]]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/g;

/** An input with one more piece, at the place that its path says; a text goes on there. */
function grown(input: Json, { jsonPath = "", stringValue, numberValue, boolValue }: SDK.PartialArg): Json {
  const steps = Array.from(jsonPath.matchAll(STEP), ([, name, quoted, doubled, index]) => ({
    key: name ?? quoted ?? doubled ?? index!,
    index,
  }));
  const at = (value: unknown, depth: number): unknown => {
    const step = steps[depth];
    if (step === undefined) {
      if (stringValue !== undefined) return typeof value === "string" ? value + stringValue : stringValue;
      return numberValue ?? boolValue ?? null;
    }
    // Neither reads nor sets what a prototype has.
    const entries = new Map(Object.entries(value ?? {}));
    entries.set(step.key, at(entries.get(step.key), depth + 1));
    return step.index === undefined ? Object.fromEntries(entries) : [...entries.values()];
  };
  return steps.length === 0 ? input : (at(input, 0) as Json);
}
