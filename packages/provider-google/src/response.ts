import type * as SDK from "@google/genai/web";
import type { ChatDelta, FinishReason, SourcePart, TokenLogprob } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import * as quirks from "./quirks.ts";

type Json = Record<string, unknown>;
type Part = SDK.Part;
/** The SDK's types say what is known. The wire may leave out fields, and bring parts and reasons that they do not name. */
type Candidate = Omit<SDK.Candidate, "finishReason"> & { finishReason?: string };
export type GoogleChunk = Partial<Pick<SDK.GenerateContentResponse, "usageMetadata" | "responseId" | "modelVersion">> & {
  candidates?: Candidate[];
  promptFeedback?: { blockReason?: string; blockReasonMessage?: string };
  error?: unknown;
};

/** Of an answer, handed on as they came. */
const KEPT = ["groundingMetadata", "urlContextMetadata", "citationMetadata", "safetyRatings", "avgLogprobs", "continuationToken"] as const;

export function fromResponse(reply: GoogleChunk): Iterable<ChatDelta> {
  if (Array.isArray(reply.candidates) || reply.promptFeedback !== undefined) return new ContentStream().event(reply);
  return [{ type: "error", facts: { kind: "invalid-response", message: "The response has no candidates." } }];
}

export function fromStream(): { event(chunk: GoogleChunk): Iterable<ChatDelta> } {
  return new ContentStream();
}

/** A whole response is one long chunk. */
class ContentStream {
  #responseId: string | undefined;
  /** A part with a signature stays by itself, because that is how it must go back: it gets a key of its own, and so does what follows it. */
  #key = 0;
  #calls = 0;
  /** The last call that the vendor ran: results without an id are its. */
  #ran = "";
  /** A function call whose input is still coming. */
  #open: { part: string; input: Json } | undefined;

  event(chunk: GoogleChunk): ChatDelta[] {
    if (chunk.error !== undefined) return [{ type: "error", facts: errorFacts({ body: chunk }) }];
    const out: ChatDelta[] = [];
    if (this.#responseId === undefined) {
      this.#responseId = chunk.responseId;
      out.push({ type: "metadata", id: chunk.responseId, model: chunk.modelVersion });
    }
    if (chunk.usageMetadata !== undefined) out.push(toUsage(chunk.usageMetadata));
    for (const candidate of chunk.candidates ?? []) this.#candidate(candidate, out);
    if (chunk.promptFeedback?.blockReason !== undefined) {
      out.push({ type: "metadata", ...kept({ promptFeedback: chunk.promptFeedback }) });
      fromEnd(chunk.promptFeedback.blockReason, "content-filter", chunk.promptFeedback.blockReasonMessage, out);
    }
    return out;
  }

  #candidate(candidate: Candidate, out: ChatDelta[]): void {
    const { content, index, finishReason, finishMessage } = candidate;
    const first = out.length;
    const parts = content?.parts ?? [];
    for (const part of parts) {
      const delta = this.#part(part, parts);
      if (delta !== undefined) out.push(delta);
    }
    fromExtras(candidate, out);
    if (finishReason !== undefined && finishReason !== "FINISH_REASON_UNSPECIFIED") {
      if (this.#open !== undefined) out.push({ type: "tool-call", ...this.#open, end: true });
      fromEnd(finishReason, toFinishReason(finishReason), finishMessage, out);
    }
    if (index) for (const delta of out.slice(first)) delta.choice = index;
  }

  #part(part: Part, parts: readonly Part[]): ChatDelta | undefined {
    const { text, thought, thoughtSignature } = part;
    if (text === undefined) return this.#wordless(part, parts);
    if (thoughtSignature === undefined) return { type: thought ? "reasoning" : "text", text, part: this.#key };
    this.#key++;
    return { type: thought ? "reasoning" : "text", text, part: this.#key++, ...signature(part) };
  }

  #wordless(part: Part, parts: readonly Part[]): ChatDelta | undefined {
    const run = toRun(part, parts);
    if (run !== undefined) return this.#run(run, part);
    if (part.functionCall !== undefined) return this.#call(part.functionCall, part);
    const result = toResult(part);
    if (result !== undefined) {
      const { id = this.#ran, ...outcome } = result;
      return { type: "tool-result", toolCallId: id, ...outcome, ...kept(part) };
    }
    // Pictures of a thought are not of the answer.
    if (!part.thought && (part.inlineData ?? part.fileData) !== undefined) return fromFile(part);
    // Nothing to show, but the vendor wants it back.
    if (Object.keys(part).length > 0) return { type: "reasoning", text: "", redacted: true, part: `kept_${this.#key++}`, ...kept(part) };
    return undefined;
  }

  #call({ id, name, args, partialArgs = [], willContinue }: SDK.FunctionCall, part: Part): ChatDelta | undefined {
    const begun = name === undefined ? this.#open : { part: `call_${this.#calls}`, input: args ?? {} };
    if (begun === undefined) return undefined;
    const input = partialArgs.reduce(grown, begun.input);
    this.#open = willContinue ? { ...begun, input } : undefined;
    const whole = willContinue ? {} : { input, end: true as const };
    if (name === undefined) return { type: "tool-call", part: begun.part, ...whole };
    const toolCallId = id ?? this.#newId();
    this.#calls++;
    return { type: "tool-call", toolCallId, toolName: name, part: begun.part, ...whole, ...signature(part) };
  }

  #run({ id, toolName, input }: Run, part: Part): ChatDelta {
    this.#ran = id ?? this.#newId() ?? `call_${this.#calls}`;
    this.#calls++;
    return { type: "tool-call", toolCallId: this.#ran, toolName, input, providerExecuted: true, end: true, ...kept(part) };
  }

  /** The same however the answer is cut, and another one in every answer. */
  #newId(): string | undefined {
    return this.#responseId === undefined ? undefined : `call_${this.#responseId}_${this.#calls}`;
  }
}

function kept(fields: object): Required<Pick<ChatDelta, "providerMetadata">> {
  return { providerMetadata: { google: { ...fields } } };
}

function signature({ thoughtSignature }: Part): Pick<ChatDelta, "providerMetadata"> {
  return thoughtSignature === undefined ? {} : kept({ thoughtSignature });
}

type Run = { id?: string; toolName: string; input: unknown };

/** A call that the vendor runs itself. Of an MCP server's functions it says so only by giving their results. */
function toRun({ executableCode, toolCall, functionCall }: Part, parts: readonly Part[]): Run | undefined {
  if (executableCode !== undefined) {
    const { id, ...input } = executableCode;
    return { id, toolName: "codeExecution", input };
  }
  if (toolCall !== undefined) {
    const { id, toolType = "", args = {} } = toolCall;
    return { id, toolName: quirks.toolNameOf(toolType), input: args };
  }
  const { id, name, args = {} } = functionCall ?? {};
  const answered = name !== undefined && parts.some(({ functionResponse }) => functionResponse?.name === name);
  return answered ? { id, toolName: name, input: args } : undefined;
}

function toResult({
  codeExecutionResult,
  toolResponse,
  functionResponse,
}: Part): { id?: string; output: unknown; isError?: true } | undefined {
  if (codeExecutionResult !== undefined) {
    const { id, ...output } = codeExecutionResult;
    return { id, output, ...(output.outcome !== "OUTCOME_OK" && { isError: true }) };
  }
  const result = toolResponse ?? functionResponse;
  return result && { id: result.id, output: result.response };
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

function fromFile(part: Part): ChatDelta {
  const { inlineData, fileData } = part;
  const mediaType = inlineData?.mimeType ?? fileData?.mimeType;
  const place = inlineData === undefined ? { url: fileData?.fileUri } : { base64: inlineData.data };
  return { type: "file", file: { type: mediaType?.startsWith("image/") ? "image" : "file", ...place, mediaType }, ...signature(part) };
}

/** What stands beside the parts: sources, probabilities, and what is only handed on. */
function fromExtras(candidate: Candidate, out: ChatDelta[]): void {
  const { groundingMetadata, citationMetadata, logprobsResult, index } = candidate;
  const { citations, citationSources = citations } = (citationMetadata ?? {}) as Record<string, Found[] | undefined>;
  for (const chunk of groundingMetadata?.groundingChunks ?? []) fromFound(Object.values(chunk)[0] as Found, out);
  for (const found of citationSources ?? []) fromFound(found, out);
  if (logprobsResult !== undefined) out.push({ type: "logprobs", logprobs: toLogprobs(logprobsResult) });
  if (!index)
    for (const name of KEPT) if (candidate[name] !== undefined) out.push({ type: "metadata", ...kept({ [name]: candidate[name] }) });
}

/** A web page, a place on a map, a picture, a document of the caller's, or a citation: all alike but for where they are. */
type Found = Partial<Record<"uri" | "sourceUri" | "documentName" | "fileSearchStore" | "title" | "text", string>>;

function fromFound({ uri, sourceUri = uri, documentName = sourceUri, fileSearchStore, title, text }: Found, out: ChatDelta[]): void {
  const documentId = documentName ?? fileSearchStore;
  const origin: Partial<SourcePart> = sourceUri !== undefined && URL.canParse(sourceUri) ? { url: sourceUri } : { documentId };
  if (documentId !== undefined)
    out.push({ type: "source", source: { type: "source", ...origin, ...(title && { title }), ...(text && { text }) } });
}

function toLogprobs({ chosenCandidates = [], topCandidates = [] }: SDK.LogprobsResult): TokenLogprob[] {
  const toToken = ({ token = "", logProbability: logprob = 0 }: SDK.LogprobsResultCandidate) => ({ token, logprob });
  return chosenCandidates.map((chosen, index) => {
    const top = topCandidates[index]?.candidates;
    return { ...toToken(chosen), ...(top !== undefined && { top: top.map(toToken) }) };
  });
}

/** What tools found counts as input; thoughts are counted apart from the rest of the output. */
function toUsage(counts: SDK.GenerateContentResponseUsageMetadata): ChatDelta {
  const usage = {
    inputTokens: sum(counts.promptTokenCount, counts.toolUsePromptTokenCount),
    outputTokens: sum(counts.candidatesTokenCount, counts.thoughtsTokenCount),
    totalTokens: counts.totalTokenCount,
    cacheReadTokens: counts.cachedContentTokenCount,
    reasoningTokens: counts.thoughtsTokenCount,
  };
  return { type: "usage", usage };
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : one + (other ?? 0);
}

function fromEnd(reason: string, finishReason: FinishReason, said: string | undefined, out: ChatDelta[]): void {
  if (quirks.SLIPS.has(reason)) {
    const message = said ?? "The model wrote something that could not be read.";
    out.push({ type: "error", facts: { kind: "invalid-response", message, code: reason, retryable: true } });
    return;
  }
  if (finishReason === "content-filter" && said) out.push({ type: "text", text: said, refusal: true, part: "refusal" });
  out.push({ type: "finish", finishReason, rawFinishReason: reason });
}

/** A word that nobody knows may well be the name of something that every object has. */
function toFinishReason(reason: string): FinishReason {
  return Object.hasOwn(quirks.FINISH_REASONS, reason) ? quirks.FINISH_REASONS[reason]! : "other";
}
