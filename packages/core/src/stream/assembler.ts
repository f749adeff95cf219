import type { PartialOutput, Usage } from "../error.ts";
import type { AssistantMessage, AssistantPart, FilePart, ProviderMetadata, SourcePart } from "../message/types.ts";
import type { ChatEvent, TokenLogprob, Warning } from "../model/chat.ts";
import type { ChatDelta, ErrorFacts, ToolCallDelta } from "../provider/contract.ts";
import { Answer, completeTotal, mergeMetadata, noteUsage, settle, type TextLike } from "./answer.ts";
import { endInput, half, toToolCall, type OpenCall } from "./calls.ts";
import { isWhole, toFinishReason, unknownEnd } from "./finish.ts";

export interface AssemblerOptions {
  provider: string;
  model: string;
  /** Makes an id of a tool call one that the wire takes back. */
  fitId(id: string): string;
  /** The input of a call as its tool's own schema means it. */
  toInput(toolName: string, input: unknown): unknown;
  /** Who answers, where it is not the vendor's own address. */
  host?: string | undefined;
  /** More than one answer: events say which they belong to. */
  many: boolean;
  hideReasoning: boolean;
  /** The tool through which the model gives its answer: its input becomes the text. */
  answerTool?: string | undefined;
}

/** Of a part's text, before they are joined. */
const MOST_PIECES = 256;
type Delta<Type extends ChatDelta["type"]> = Extract<ChatDelta, { type: Type }>;
/** Deltas in; events out, and at the end the message. The one place that derives starts, ends and totals, streamed and whole alike. */
export class Assembler {
  readonly answers: Answer[];
  readonly usage: Usage = {};
  readonly sources: SourcePart[] = [];
  readonly files: FilePart[] = [];
  readonly logprobs: TokenLogprob[] = [];
  readonly warnings: Warning[] = [];
  costUsd: number | undefined;
  responseId: string | undefined;
  responseModel: string | undefined;
  providerMetadata: ProviderMetadata | undefined;
  /** The vendor's terminator came. */
  ended = false;
  /** The vendor paused and wants to be asked again. */
  resume = false;
  /** The first text, reasoning or tool call has come. */
  begun = false;
  error: ErrorFacts | undefined;
  readonly options: AssemblerOptions;

  constructor(options: AssemblerOptions) {
    this.options = options;
    this.answers = [new Answer(0, options.fitId)];
  }

  /** The vendor gave a reason that is known to be one. */
  get finished(): boolean {
    const { finishReason } = this.answers[0]!;
    return finishReason !== undefined && finishReason !== "other";
  }

  /** Adds what a delta means to `out`. */
  push(delta: ChatDelta, out: ChatEvent[]): void {
    if (delta.type === "text" || delta.type === "reasoning") this.#words(delta, out);
    else this.#other(delta, out);
  }

  /** What comes a few times an answer, apart from what comes thousands of times. */
  #other(delta: Exclude<ChatDelta, { type: "text" | "reasoning" }>, out: ChatEvent[]): void {
    switch (delta.type) {
      case "tool-call":
        return this.#toolCall(delta, out);
      case "usage":
        noteUsage(this.usage, delta.usage);
        if (delta.costUsd !== undefined) this.costUsd = delta.costUsd;
        return;
      case "finish":
        return this.#finish(delta);
      case "metadata":
        this.responseId = delta.id ?? this.responseId;
        this.responseModel = delta.model ?? this.responseModel;
        this.providerMetadata = mergeMetadata(this.providerMetadata, delta.providerMetadata);
        return;
      case "logprobs":
        if (!delta.choice) this.logprobs.push(...delta.logprobs);
        return;
      case "end":
        this.ended = true;
        return;
      case "error":
        this.error ??= delta.facts;
        return;
      default:
        return this.#whole(delta, out);
    }
  }

  /** Ends what is still open. Only now is it known whether the calls may run, so they are told now. */
  end(out: ChatEvent[]): void {
    for (const answer of this.answers) {
      this.#close(answer, out);
      for (const call of answer.calls.all) this.#endCall(answer, call, out);
      const isCalled = answer.calls.all.some((call) => call.part.providerExecuted !== true && !call.answers);
      if (answer.finishReason === "tool-calls" && !isCalled) answer.finishReason = "stop";
      if ((answer.finishReason ?? "stop") === "stop" && isCalled) answer.finishReason = "tool-calls";
      if (answer.finishReason !== "other") continue;
      const warning = unknownEnd(this.options.provider, answer.rawFinishReason);
      this.warnings.push(warning);
      this.#emit(answer, { type: "warning", warning }, out);
    }
    completeTotal(this.usage);
  }

  message(answer: Answer): AssistantMessage {
    const { provider, model, host } = this.options;
    const { parts: content } = answer;
    const metadata = this.providerMetadata === undefined ? {} : { providerMetadata: this.providerMetadata };
    // Reasoning that nobody has signed goes back to those who sent it and to nobody else.
    const unsigned = content.some((part) => part.type === "reasoning" && part.providerMetadata === undefined);
    return { role: "assistant", content, provider, model, ...(unsigned && host !== undefined && { host }), ...metadata };
  }

  partial(): PartialOutput {
    const answer = this.answers[0]!;
    settle(answer);
    const { text, reasoning, calls } = answer;
    const known = calls.all.filter((call) => !call.answers && (call.ended || call.written));
    for (const call of known) endInput(call, undefined, this.options.toInput);
    return { text, ...(reasoning !== "" && { reasoning }), toolCalls: known.map(toToolCall), usage: this.usage };
  }

  #answer(index: number | undefined): Answer {
    if (index === undefined || index === 0) return this.answers[0]!;
    return (this.answers[index] ??= new Answer(index, this.options.fitId));
  }

  #emit(answer: Answer, event: ChatEvent, out: ChatEvent[]): void {
    if (this.options.many) event.choice = answer.index;
    out.push(event);
  }

  #words(delta: Delta<"text" | "reasoning">, out: ChatEvent[]): void {
    const answer = this.#answer(delta.choice);
    let part = answer.open;
    const refusal = delta.type === "text" && delta.refusal === true;
    const same =
      part !== undefined &&
      part.type === delta.type &&
      answer.openKey === delta.part &&
      (part.type === "reasoning" || (part.refusal === true) === refusal);
    if (!same) {
      if (delta.text === "" && delta.providerMetadata === undefined) return;
      if (delta.text === "" && this.#late(answer, delta)) return;
      part = this.#open(answer, delta, refusal, out);
    }
    if (delta.providerMetadata !== undefined) part!.providerMetadata = mergeMetadata(part!.providerMetadata, delta.providerMetadata);
    if (delta.text === "") return;
    this.begun = true;
    let { text } = delta;
    if (answer.half !== "") text = answer.half + text;
    answer.half = half(text);
    if (answer.half !== "") text = text.slice(0, -1);
    if (text !== "") this.#say(answer, part!, text, out);
  }

  #say(answer: Answer, part: TextLike, text: string, out: ChatEvent[]): void {
    if (answer.said.push(text) === MOST_PIECES) settle(answer);
    if (part.type === "reasoning") {
      if (!this.options.hideReasoning) this.#emit(answer, { type: "reasoning", text }, out);
    } else if (part.refusal) {
      this.#emit(answer, { type: "refusal", text }, out);
    } else {
      this.#emit(answer, { type: "text", text }, out);
    }
  }

  /** Metadata for a part that is closed already: a signature that comes after its text. */
  #late(answer: Answer, delta: ChatDelta): boolean {
    const part = delta.part === undefined ? undefined : answer.partByKey.get(delta.part);
    if (part === undefined) return false;
    part.providerMetadata = mergeMetadata(part.providerMetadata, delta.providerMetadata)!;
    return true;
  }

  #open(answer: Answer, delta: Delta<"text" | "reasoning">, refusal: boolean, out: ChatEvent[]): TextLike {
    this.#close(answer, out);
    const part: TextLike =
      delta.type === "text"
        ? { type: "text", text: "", ...(refusal && { refusal: true }) }
        : { type: "reasoning", text: "", ...(delta.redacted && { redacted: true }) };
    answer.begin(part, delta.part, delta.paragraph === true);
    if (!refusal && !(part.type === "reasoning" && this.options.hideReasoning)) this.#emit(answer, { type: `${part.type}-start` }, out);
    return part;
  }

  #close(answer: Answer, out: ChatEvent[]): void {
    const part = answer.open;
    if (part === undefined) return;
    if (answer.half !== "") this.#say(answer, part, answer.half, out);
    answer.half = "";
    settle(answer);
    answer.open = undefined;
    if ((part.type === "text" && part.refusal) || (part.type === "reasoning" && this.options.hideReasoning)) return;
    this.#emit(answer, { type: `${part.type}-end` }, out);
  }

  #toolCall(delta: ChatDelta & ToolCallDelta, out: ChatEvent[]): void {
    const answer = this.#answer(delta.choice);
    const known = answer.calls.all.length;
    const call = answer.calls.of(delta);
    const { part } = call;
    if (answer.calls.all.length > known) {
      this.#close(answer, out);
      this.begun = true;
      answer.parts.push(part);
    }
    if (delta.providerExecuted) part.providerExecuted = true;
    if (delta.providerMetadata !== undefined) part.providerMetadata = mergeMetadata(part.providerMetadata, delta.providerMetadata);
    if (delta.input !== undefined) part.input = delta.input;
    const text = call.add(delta.inputText ?? "");
    if (call.started) this.#input(answer, call, text, out);
    else this.#start(answer, call, out);
    if (delta.end) call.written = true;
    if (call.written && (part.providerExecuted || call.answers)) this.#endCall(answer, call, out);
  }

  /** A call starts when its name is known. */
  #start(answer: Answer, call: OpenCall, out: ChatEvent[]): void {
    const { part } = call;
    if (part.toolName === "") return;
    call.started = true;
    call.answers = part.toolName === this.options.answerTool;
    if (call.answers) answer.parts.splice(answer.parts.indexOf(part), 1);
    else {
      answer.calls.name(call);
      this.#emit(answer, { type: "tool-call-start", toolCallId: part.toolCallId, toolName: part.toolName }, out);
    }
    this.#input(answer, call, call.text.slice(0, call.text.length - call.held.length), out);
  }

  #input(answer: Answer, call: OpenCall, inputText: string, out: ChatEvent[]): void {
    if (inputText === "") return;
    const { toolCallId, toolName } = call.part;
    if (call.answers)
      this.#words({ type: "text", text: inputText, part: `answer ${answer.calls.all.indexOf(call)}`, choice: answer.index }, out);
    else this.#emit(answer, { type: "tool-call-delta", toolCallId, toolName, inputText }, out);
  }

  #endCall(answer: Answer, call: OpenCall, out: ChatEvent[]): void {
    if (call.ended) return;
    call.ended = true;
    const { part, held } = call;
    if (call.answers && call.isEmpty && isWhole(answer.finishReason ?? "stop")) part.input ??= {};
    if (call.answers && part.input !== undefined) this.#input(answer, call, JSON.stringify(part.input), out);
    else if (call.started) this.#input(answer, call, held, out);
    call.held = "";
    if (call.answers) return this.#close(answer, out);
    if (!call.started) answer.calls.name(call);
    endInput(call, answer.finishReason, this.options.toInput);
    this.#emit(answer, { type: "tool-call", ...toToolCall(call) }, out);
  }

  /** Parts that come in one piece. */
  #whole(delta: Delta<"tool-result" | "source" | "file">, out: ChatEvent[]): void {
    const answer = this.#answer(delta.choice);
    const metadata = delta.providerMetadata === undefined ? {} : { providerMetadata: delta.providerMetadata };
    if (delta.type === "tool-result") {
      const { toolCallId, output } = delta;
      const call = answer.calls.withId(toolCallId);
      // A call that is answered here is the vendor's own.
      if (call !== undefined) {
        call.part.providerExecuted = true;
        this.#endCall(answer, call, out);
      }
      const result = { toolCallId, toolName: call?.part.toolName ?? "", output, ...(delta.isError && { isError: true as const }) };
      this.#add(answer, { type: "tool-result", ...result, ...metadata }, { type: "tool-result", ...result }, out);
    } else if (delta.type === "source") {
      const source = { ...delta.source, ...metadata };
      answer.parts.push(source);
      this.sources.push(source);
      this.#emit(answer, { type: "source", source }, out);
    } else {
      const file = { ...delta.file, ...metadata };
      this.files.push(file);
      this.#add(answer, file, { type: "file", file }, out);
    }
  }

  /** A part that ends the text before it. */
  #add(answer: Answer, part: AssistantPart, event: ChatEvent, out: ChatEvent[]): void {
    this.#close(answer, out);
    answer.parts.push(part);
    this.#emit(answer, event, out);
  }

  #finish(delta: Delta<"finish">): void {
    const answer = this.#answer(delta.choice);
    answer.finishReason = delta.finishReason ?? toFinishReason(delta.rawFinishReason ?? "");
    if (delta.rawFinishReason !== undefined) answer.rawFinishReason = delta.rawFinishReason;
    if (delta.resume) this.resume = true;
  }
}
