import type { ChatDelta, FinishReason, ProviderMetadata } from "@plurivox/core/provider";
import type { Host, ReadExtras } from "../compat.ts";
import { metadataOf, toLogprob, toUsage, type WireLogprob, type WireUsage } from "../response.ts";
import { source } from "../sources.ts";
import { beginTool, endTool, resultOf, type Item } from "./items.ts";
import { INCOMPLETE_REASONS } from "./quirks.ts";

/** A whole response. Nothing is certain to be there. */
export interface ResponseObject {
  id?: string;
  model?: string;
  service_tier?: string | null;
  status?: string;
  error?: { code?: string; message?: string } | null;
  incomplete_details?: { reason?: string } | null;
  output?: Item[];
  usage?: WireUsage | null;
}

/** An event of the stream, told apart by `type`; hosts may leave out the name of the SSE event. */
export interface ResponsesEvent {
  type?: string;
  response?: ResponseObject;
  item?: Item;
  output_index?: number;
  content_index?: number;
  summary_index?: number;
  delta?: string;
  logprobs?: WireLogprob[];
  annotation?: Annotation;
  error?: unknown;
}

interface Annotation {
  type?: string;
  url?: string;
  title?: string;
  file_id?: string;
  filename?: string;
}

/** A piece of a message or of reasoning. */
interface Piece {
  type?: string;
  text?: string;
  refusal?: string;
  annotations?: Annotation[] | null;
  logprobs?: WireLogprob[] | null;
}

const NOTHING: ChatDelta[] = [];

export function fromResponsesReply(reply: ResponseObject, { id, readExtras }: Host): Iterable<ChatDelta> {
  if (!Array.isArray(reply.output)) return [{ type: "error", facts: { kind: "invalid-response", message: "The response has no output." } }];
  const reader = itemReader(id);
  return [metadataOf(reply, id), ...reader.rest(reply.output), ...finished(reply, readExtras?.())];
}

export function fromResponsesStream({ id, readExtras, errorFacts }: Host): { event(event: ResponsesEvent, name?: string): ChatDelta[] } {
  const items = itemReader(id);
  const extras = readExtras?.();

  return {
    event(event, name) {
      const { output_index: at = 0, delta = "" } = event;
      switch (event.type) {
        case "response.output_text.delta":
          return items.text(at, event.content_index, { type: "text", text: delta }, event.logprobs);
        case "response.refusal.delta":
          return items.text(at, event.content_index, { type: "text", text: delta, refusal: true });
        case "response.reasoning_summary_text.delta":
          return items.text(at, SUMMARY + (event.summary_index ?? 0), { type: "reasoning", text: delta });
        case "response.reasoning_text.delta":
          return items.text(at, THOUGHT + (event.content_index ?? 0), { type: "reasoning", text: delta });
        case "response.function_call_arguments.delta":
        case "response.mcp_call_arguments.delta":
        case "response.custom_tool_call_input.delta":
          return items.input(at, delta);
        case "response.output_text.annotation.added":
          return event.annotation === undefined ? NOTHING : items.annotation(at, event.content_index, event.annotation);
        case "response.output_item.added":
          return event.item === undefined ? NOTHING : items.added(at, event.item);
        case "response.output_item.done":
          return event.item === undefined ? NOTHING : items.done(at, event.item);
        case "response.created":
          return event.response === undefined ? NOTHING : [metadataOf(event.response, id)];
        case "response.completed":
        case "response.incomplete":
          return [...items.rest(event.response?.output ?? []), ...finished(event.response ?? {}, extras), { type: "end" }];
        case "response.failed":
          return [...usageOf(event.response ?? {}), { type: "error", facts: errorFacts({ body: event.response }) }];
        case "error":
          return [{ type: "error", facts: errorFacts({ body: event }) }];
        default:
          return name === "error" || (event.type === undefined && event.error)
            ? [{ type: "error", facts: errorFacts({ body: event }) }]
            : NOTHING;
      }
    },
  };
}

interface ItemReader {
  added(at: number, item: Item): ChatDelta[];
  text(at: number, index: number | undefined, delta: ChatDelta, logprobs?: WireLogprob[] | null): ChatDelta[];
  input(at: number, text: string): ChatDelta[];
  annotation(at: number, index: number | undefined, annotation: Annotation): ChatDelta[];
  /** An item that is complete: what its deltas have not told yet, and what goes back with the next call. */
  done(at: number, item: Item): ChatDelta[];
  /** The items of the whole response that had no events, and reasoning that was encrypted only there. */
  rest(output: readonly Item[]): ChatDelta[];
}

/** Keys of parts: this much room in an item, for pieces of a message, of a reasoning summary, and of reasoning that is no summary. */
const PARTS = 3000;
const SUMMARY = 1000;
const THOUGHT = 2000;

function itemReader(provider: string): ItemReader {
  const open = new Map<number, Item>();
  const closed = new Map<number, Item>();
  /** By part: how many annotations it has had. */
  const cited = new Map<number, number>();
  const told = new Set<number>();
  const inputs = new Map<number, string>();
  let lastCallId = "";

  const own = (metadata: Record<string, unknown>): ProviderMetadata => ({ [provider]: metadata });

  function text(at: number, index: number | undefined, delta: ChatDelta, logprobs?: WireLogprob[] | null): ChatDelta[] {
    delta.part = at * PARTS + (index ?? 0);
    if (!told.has(delta.part)) {
      told.add(delta.part);
      const { id: itemId, phase } = open.get(at) ?? {};
      if (delta.type === "text" && itemId !== undefined) delta.providerMetadata = own({ itemId, ...(phase && { phase }) });
    }
    return logprobs?.length ? [delta, { type: "logprobs", logprobs: logprobs.map(toLogprob) }] : [delta];
  }

  function annotation(at: number, index: number | undefined, found: Annotation): ChatDelta[] {
    const part = at * PARTS + (index ?? 0);
    cited.set(part, (cited.get(part) ?? 0) + 1);
    const { url, file_id: documentId, title, filename } = found;
    return [{ ...source({ url, documentId, title: title ?? filename }), providerMetadata: own({ annotation: found }) }];
  }

  function added(at: number, item: Item): ChatDelta[] {
    open.set(at, item);
    const begun = beginTool(item, at);
    return begun === undefined ? NOTHING : [begun];
  }

  function input(at: number, piece: string): ChatDelta[] {
    const whole = (inputs.get(at) ?? "") + piece;
    inputs.set(at, whole);
    // What goes to a custom tool is text, also where it looks like JSON.
    return [{ type: "tool-call", part: at, inputText: piece, ...(open.get(at)?.type === "custom_tool_call" && { input: whole }) }];
  }

  function message(at: number, item: Item): ChatDelta[] {
    return piecesOf(item.content).flatMap(({ text: said, refusal, annotations, logprobs }, index) => {
      const part = at * PARTS + index;
      const delta: ChatDelta = { type: "text", text: refusal ?? said ?? "", ...(refusal !== undefined && { refusal: true }) };
      const untold = told.has(part) || delta.text === "" ? NOTHING : text(at, index, delta, logprobs);
      return [...untold, ...(annotations ?? []).slice(cited.get(part) ?? 0).flatMap((found) => annotation(at, index, found))];
    });
  }

  /** The item itself goes onto the last part of its text, or onto one without any. */
  function reasoning(at: number, item: Item): ChatDelta[] {
    const summary = piecesOf(item.summary).map((piece, index) => ({ words: piece.text ?? "", index: SUMMARY + index }));
    const thoughts = piecesOf(item.content).map((piece, index) => ({ words: piece.text ?? "", index: THOUGHT + index }));
    const texts = [...summary, ...thoughts].filter(({ words }) => words !== "");
    const untold = texts.filter(({ index }) => !told.has(at * PARTS + index));
    return [
      ...untold.flatMap(({ words, index }) => text(at, index, { type: "reasoning", text: words })),
      opaque(at * PARTS + (texts.at(-1)?.index ?? 0), item, texts.length === 0),
    ];
  }

  /** Reasoning that says nothing is how an item travels that only the vendor can read. */
  function opaque(part: number, item: Item, redacted: boolean): ChatDelta {
    return { type: "reasoning", part, text: "", ...(redacted && { redacted: true }), providerMetadata: own({ item }) };
  }

  function done(at: number, item: Item): ChatDelta[] {
    open.set(at, item);
    closed.set(at, item);
    if (item.type === "message") return message(at, item);
    if (item.type === "reasoning") return reasoning(at, item);
    const result = resultOf(item, lastCallId, provider);
    if (result !== undefined) return [result];
    const call = endTool(item, at, provider, inputs.has(at));
    if (call === undefined) return [opaque(at * PARTS, item, true)];
    lastCallId = item.call_id || item.id || lastCallId;
    return call;
  }

  function rest(output: readonly Item[]): ChatDelta[] {
    return output.flatMap((item, at) => {
      const known = closed.get(at);
      if (known === undefined) return done(at, item);
      return item.type === "reasoning" && item.encrypted_content && !known.encrypted_content ? reasoning(at, item) : NOTHING;
    });
  }

  return { added, text, input, annotation, done, rest };
}

function piecesOf(content: Item["content"]): Piece[] {
  return Array.isArray(content) ? (content as Piece[]) : [];
}

function finished(response: ResponseObject, extras: ReadExtras | undefined): ChatDelta[] {
  const { status, incomplete_details: details } = response;
  const reason = details?.reason ?? status;
  const finishReason = status === "completed" || status === undefined ? "stop" : toFinishReason(reason);
  const out = [...usageOf(response)];
  extras?.(response, out);
  out.push({ type: "finish", finishReason, ...(reason !== undefined && { rawFinishReason: reason }) });
  return out;
}

function usageOf({ usage }: ResponseObject): ChatDelta[] {
  return usage ? [{ type: "usage", usage: toUsage(usage) }] : NOTHING;
}

/** A word that nobody knows may well be the name of something that every object has. */
function toFinishReason(reason = ""): FinishReason {
  return Object.hasOwn(INCOMPLETE_REASONS, reason) ? INCOMPLETE_REASONS[reason]! : "other";
}
