import type * as SDK from "@google/genai/web";
import { countUsage, sumOf, toFinishReason, type ChatDelta, type SourcePart, type TokenLogprob } from "@plurivox/core/provider";
import { errorFacts } from "./errors.ts";
import * as quirks from "./quirks.ts";
import { kept, signature, Tools } from "./tools.ts";

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
  const whole = new ContentStream();
  if (Array.isArray(reply.candidates) || reply.promptFeedback !== undefined) return [...whole.event(reply), ...whole.end()];
  return [{ type: "error", facts: { kind: "invalid-response", message: "The response has no candidates." } }];
}

export function fromStream(): { event(chunk: GoogleChunk): ChatDelta[]; end(): ChatDelta[] } {
  return new ContentStream();
}

/** A whole response is one long chunk. */
class ContentStream {
  readonly #candidates: CandidateReader[] = [];
  #responseId: string | undefined;
  #madeUpId: string | undefined;
  #blocked = false;

  event(chunk: GoogleChunk): ChatDelta[] {
    if (chunk.error !== undefined) return [{ type: "error", facts: errorFacts({ body: chunk }) }];
    const out: ChatDelta[] = [];
    if (this.#responseId === undefined) {
      this.#responseId = chunk.responseId;
      out.push({ type: "metadata", id: chunk.responseId, model: chunk.modelVersion });
    }
    if (chunk.usageMetadata !== undefined) out.push(toUsage(chunk.usageMetadata));
    for (const candidate of chunk.candidates ?? []) this.#candidate(candidate.index || 0).read(candidate, out);
    if (chunk.promptFeedback?.blockReason !== undefined) this.#block(chunk.promptFeedback, out);
    return out;
  }

  /** There is no terminator on this wire: the answer is over where every candidate has said so. */
  end(): ChatDelta[] {
    const first = this.#candidates[0] ?? NO_CANDIDATE;
    if (first.silent) return [SILENCE];
    const finished = this.#candidates.length > 0 && this.#candidates.every((candidate) => candidate.finished);
    return finished || this.#blocked ? [{ type: "end" }] : [];
  }

  #candidate(index: number): CandidateReader {
    return (this.#candidates[index] ??= new CandidateReader(index, (count) => this.#callId(index, count)));
  }

  #block(promptFeedback: NonNullable<GoogleChunk["promptFeedback"]>, out: ChatDelta[]): void {
    const { blockReason, blockReasonMessage } = promptFeedback;
    this.#blocked = true;
    out.push({ type: "metadata", ...kept({ promptFeedback }) });
    if (blockReasonMessage) out.push(refusal(blockReasonMessage));
    out.push({ type: "finish", finishReason: "content-filter", rawFinishReason: blockReason! });
  }

  /** The same however the answer is cut, and another one in every answer. */
  #callId(index: number, count: number): string {
    const answer = this.#responseId ?? (this.#madeUpId ??= crypto.randomUUID().replaceAll("-", "").slice(0, 16));
    return index === 0 ? `call_${answer}_${count}` : `call_${answer}_${index}_${count}`;
  }
}

const SILENCE: ChatDelta = {
  type: "error",
  facts: { kind: "invalid-response", message: "The model stopped without having said anything.", code: "STOP", retryable: true },
};

/** Reads the chunks of one candidate. */
class CandidateReader {
  finished = false;
  /** It has stopped, and nothing has come. Some proxies say so before the first words. */
  silent = false;
  readonly #index: number;
  readonly #tools: Tools;
  /**
   * The key of the current text. A text with a signature must be sent back alone, so it gets a key
   * of its own, and so does the text after it.
   */
  #key = 0;
  #kept = 0;
  #came = false;

  constructor(index: number, newId: (count: number) => string) {
    this.#index = index;
    this.#tools = new Tools(newId);
  }

  read(candidate: Candidate, out: ChatDelta[]): void {
    const { content, finishReason, finishMessage } = candidate;
    const first = out.length;
    for (const part of content?.parts ?? []) this.#part(part, out);
    fromExtras(candidate, out);
    if (!this.#came && quirks.SAYS_SOMETHING.some((name) => candidate[name] !== undefined)) this.#came = true;
    if (this.silent && this.#came) this.#finish("STOP", undefined, out);
    if (finishReason && finishReason !== "FINISH_REASON_UNSPECIFIED") {
      this.#tools.end(out);
      this.#finish(finishReason, finishMessage, out);
    }
    if (this.#index > 0) for (const delta of out.slice(first)) delta.choice = this.#index;
  }

  #part(part: Part, out: ChatDelta[]): void {
    if (part.text !== undefined) out.push(this.#words(part, part.text));
    else if (Object.keys(part).length === 0) return;
    // Words after a tool that the vendor ran do not continue those before it.
    else if (this.#tools.read(part, out)) this.#key += part.functionCall === undefined ? 1 : 0;
    else if (!part.thought && (part.inlineData ?? part.fileData) !== undefined) out.push(fromFile(part));
    // Nothing to show, such as a picture of a thought, but the vendor wants it back.
    else out.push({ type: "reasoning", text: "", redacted: true, part: `kept_${this.#kept++}`, ...kept(part) });
    this.#came = true;
  }

  #words(part: Part, text: string): ChatDelta {
    const type = part.thought ? "reasoning" : "text";
    if (part.thoughtSignature === undefined) return { type, text, part: this.#key };
    this.#key++;
    return { type, text, part: this.#key++, ...signature(part) };
  }

  #finish(reason: string, said: string | undefined, out: ChatDelta[]): void {
    this.finished = true;
    this.silent = reason === "STOP" && this.#index === 0 && !this.#came;
    if (this.silent) return;
    if (quirks.SLIPS.has(reason)) {
      const message = said ?? "The model wrote something that could not be read.";
      out.push({ type: "error", facts: { kind: "invalid-response", message, code: reason, retryable: true } });
      return;
    }
    if (said && toFinishReason(reason) === "content-filter") out.push(refusal(said));
    out.push({ type: "finish", rawFinishReason: reason });
  }
}

/**
 * Stands for a candidate that has not come. It lives as long as the process, which keeps compiled
 * code alive between two streams.
 */
const NO_CANDIDATE = new CandidateReader(0, String);

function refusal(text: string): ChatDelta {
  return { type: "text", text, refusal: true, part: "refusal" };
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
  const { promptTokensDetails, toolUsePromptTokensDetails, candidatesTokensDetails } = counts;
  const usage = countUsage({
    inputTokens: sumOf(counts.promptTokenCount, counts.toolUsePromptTokenCount),
    outputTokens: sumOf(counts.candidatesTokenCount, counts.thoughtsTokenCount),
    totalTokens: counts.totalTokenCount,
    cacheReadTokens: counts.cachedContentTokenCount,
    reasoningTokens: counts.thoughtsTokenCount,
    audioInputTokens: sumOf(ofModality("AUDIO", promptTokensDetails), ofModality("AUDIO", toolUsePromptTokensDetails)),
    audioOutputTokens: ofModality("AUDIO", candidatesTokensDetails),
    imageOutputTokens: ofModality("IMAGE", candidatesTokensDetails),
  });
  return { type: "usage", usage };
}

function ofModality(modality: string, details: SDK.ModalityTokenCount[] | null | undefined): number | undefined {
  let sum: number | undefined;
  if (details) for (const each of details) if (each.modality === modality) sum = sumOf(sum, each.tokenCount);
  return sum;
}
