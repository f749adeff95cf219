import { LlmError, type PartialOutput, type Usage } from "../error.ts";
import type { AssistantMessage, FilePart, ProviderMetadata, SourcePart } from "../message/types.ts";
import type { ChatEvent, TokenLogprob } from "../model/chat.ts";
import type { ChatDelta, ErrorFacts } from "../provider/contract.ts";
import { toFinishReason } from "./finish.ts";
import { Answer, mergeMetadata, newCall, noteUsage, settle, toToolCall, type OpenCall, type TextLike } from "./answer.ts";

export interface AssemblerOptions {
  provider: string;
  model: string;
  /** More than one answer: events say which they belong to. */
  many: boolean;
  hideReasoning: boolean;
}

/** Of a part's text, before they are joined. */
const MOST_PIECES = 256;

type Delta<Type extends ChatDelta["type"]> = Extract<ChatDelta, { type: Type }>;
/** Deltas in; events out, and at the end the message. The one place that derives starts, ends and totals, streamed and whole alike. */
export class Assembler {
  readonly answers: Answer[] = [new Answer(0)];
  readonly usage: Usage = {};
  readonly sources: SourcePart[] = [];
  readonly files: FilePart[] = [];
  readonly logprobs: TokenLogprob[] = [];
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
  }

  get finished(): boolean {
    return this.answers[0]!.finishReason !== undefined;
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

  /** Ends what is still open. Tool input is parsed here and never before: text that happens to parse may not be all of it. */
  end(out: ChatEvent[]): void {
    for (const answer of this.answers) {
      this.#close(answer, out);
      for (const call of answer.calls) this.#endCall(answer, call, out);
      const calls = answer.calls.some((call) => call.part.providerExecuted !== true);
      if (calls && (answer.finishReason === undefined || answer.finishReason === "stop")) answer.finishReason = "tool-calls";
    }
    if (this.usage.totalTokens === undefined && this.usage.inputTokens !== undefined && this.usage.outputTokens !== undefined) {
      this.usage.totalTokens = this.usage.inputTokens + this.usage.outputTokens;
    }
  }

  message(answer: Answer): AssistantMessage {
    const { provider, model } = this.options;
    const metadata = this.providerMetadata === undefined ? {} : { providerMetadata: this.providerMetadata };
    return { role: "assistant", content: answer.parts, provider, model, ...metadata };
  }

  partial(): PartialOutput {
    settle(this.answers[0]!);
    const { text, reasoning, calls } = this.answers[0]!;
    return {
      text,
      ...(reasoning !== "" && { reasoning }),
      toolCalls: calls.filter((call) => call.ended).map(toToolCall),
      usage: this.usage,
    };
  }

  #answer(index: number | undefined): Answer {
    if (index === undefined || index === 0) return this.answers[0]!;
    return (this.answers[index] ??= new Answer(index));
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
    if (answer.said.push(delta.text) === MOST_PIECES) settle(answer);
    if (delta.type === "reasoning") {
      if (!this.options.hideReasoning) this.#emit(answer, { type: "reasoning", text: delta.text }, out);
    } else if (refusal) {
      this.#emit(answer, { type: "refusal", text: delta.text }, out);
    } else {
      this.#emit(answer, { type: "text", text: delta.text }, out);
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
    answer.parts.push(part);
    answer.open = part;
    answer.openKey = delta.part;
    if (delta.part !== undefined) answer.partByKey.set(delta.part, part);
    if (!refusal && !(part.type === "reasoning" && this.options.hideReasoning)) this.#emit(answer, { type: `${part.type}-start` }, out);
    return part;
  }

  #close(answer: Answer, out: ChatEvent[]): void {
    const part = answer.open;
    if (part === undefined) return;
    settle(answer);
    answer.open = undefined;
    if ((part.type === "text" && part.refusal) || (part.type === "reasoning" && this.options.hideReasoning)) return;
    this.#emit(answer, { type: `${part.type}-end` }, out);
  }

  #toolCall(delta: Delta<"tool-call">, out: ChatEvent[]): void {
    const answer = this.#answer(delta.choice);
    const key = delta.part ?? delta.toolCallId;
    let call = key === undefined ? undefined : answer.callByKey.get(key);
    if (call === undefined) {
      this.#close(answer, out);
      this.begun = true;
      call = newCall(delta);
      answer.calls.push(call);
      answer.parts.push(call.part);
      if (key !== undefined) answer.callByKey.set(key, call);
    }
    const { part } = call;
    part.toolCallId ||= delta.toolCallId ?? "";
    part.toolName ||= delta.toolName ?? "";
    if (delta.providerMetadata !== undefined) part.providerMetadata = mergeMetadata(part.providerMetadata, delta.providerMetadata);
    if (delta.input !== undefined) part.input = delta.input;
    this.#start(answer, call, out);
    if (delta.inputText) {
      call.text += delta.inputText;
      if (call.started)
        this.#emit(
          answer,
          { type: "tool-call-delta", toolCallId: part.toolCallId, toolName: part.toolName, inputText: delta.inputText },
          out,
        );
    }
    if (delta.end) this.#endCall(answer, call, out);
  }

  /** A call starts when its name is known; a vendor that sends no id gets one of ours. */
  #start(answer: Answer, call: OpenCall, out: ChatEvent[]): void {
    if (call.started || call.part.toolName === "") return;
    call.started = true;
    call.part.toolCallId ||= `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`;
    this.#emit(answer, { type: "tool-call-start", toolCallId: call.part.toolCallId, toolName: call.part.toolName }, out);
    if (call.text !== "")
      this.#emit(
        answer,
        { type: "tool-call-delta", toolCallId: call.part.toolCallId, toolName: call.part.toolName, inputText: call.text },
        out,
      );
  }

  #endCall(answer: Answer, call: OpenCall, out: ChatEvent[]): void {
    if (call.ended) return;
    call.ended = true;
    const { part } = call;
    if (part.input === undefined) {
      try {
        part.input = call.text.trim() === "" ? {} : JSON.parse(call.text);
      } catch (cause) {
        part.input = call.text;
        call.invalid = new LlmError("tool", `The input of tool call ${part.toolName} is not JSON.`, {
          cause,
          toolName: part.toolName,
          toolCallId: part.toolCallId,
        });
      }
    }
    this.#emit(answer, { type: "tool-call", ...toToolCall(call) }, out);
  }

  /** Parts that come in one piece. */
  #whole(delta: Delta<"tool-result" | "source" | "file" | "logprobs">, out: ChatEvent[]): void {
    const answer = this.#answer(delta.choice);
    if (delta.type === "logprobs") {
      if (answer.index === 0) this.logprobs.push(...delta.logprobs);
      return;
    }
    const metadata = delta.providerMetadata === undefined ? {} : { providerMetadata: delta.providerMetadata };
    if (delta.type === "tool-result") {
      const { toolCallId, output } = delta;
      const toolName = answer.calls.find((call) => call.part.toolCallId === toolCallId)?.part.toolName ?? "";
      const result = { toolCallId, toolName, output, ...(delta.isError && { isError: true as const }) };
      this.#close(answer, out);
      answer.parts.push({ type: "tool-result", ...result, ...metadata });
      this.#emit(answer, { type: "tool-result", ...result }, out);
    } else if (delta.type === "source") {
      const source = { ...delta.source, ...metadata };
      answer.parts.push(source);
      this.sources.push(source);
      this.#emit(answer, { type: "source", source }, out);
    } else {
      const file = { ...delta.file, ...metadata };
      this.#close(answer, out);
      answer.parts.push(file);
      this.files.push(file);
      this.#emit(answer, { type: "file", file }, out);
    }
  }

  #finish(delta: Delta<"finish">): void {
    const answer = this.#answer(delta.choice);
    answer.finishReason = delta.finishReason ?? toFinishReason(delta.rawFinishReason ?? "");
    if (delta.rawFinishReason !== undefined) answer.rawFinishReason = delta.rawFinishReason;
    if (delta.resume) this.resume = true;
  }
}
