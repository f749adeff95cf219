import type { ChatDelta } from "@plurivox/core/provider";
import type { WireLogprob } from "../response.ts";
import { RESULT_ITEMS, TOOL_ITEMS, type ToolItem } from "./quirks.ts";

/** An output item: the fields that several types share, and those of each. */
export interface Item {
  type?: string;
  id?: string;
  call_id?: string | null;
  name?: string;
  status?: string | null;
  phase?: string | null;
  summary?: unknown[];
  content?: unknown[] | string | null;
  encrypted_content?: string | null;
  [field: string]: unknown;
}

export interface Annotation {
  type?: string;
  url?: string;
  title?: string;
  file_id?: string;
  filename?: string;
  index?: number;
  start_index?: number;
  end_index?: number;
}

/** A piece of a message or of reasoning. */
export interface WordsPiece {
  text?: string;
  refusal?: string;
  annotations?: Annotation[] | null;
  logprobs?: WireLogprob[] | null;
}

type CallDelta = ChatDelta & { type: "tool-call" };
type CallInput = Pick<CallDelta, "input" | "inputText">;

/** An item of words, which is no call. */
export function isWords(type: string): boolean {
  return type === "message" || type === "reasoning";
}

/**
 * What an item says, by which it can be told from others of its type: its words, the input of a
 * call, or all of it.
 */
export function wordsOf(item: Item): string {
  if (isWords(item.type ?? ""))
    return [item.summary, item.content]
      .flatMap(piecesOf)
      .map(({ text, refusal }) => refusal ?? text ?? "")
      .join("");
  const field = toolOf(item)?.input;
  const input = typeof field === "string" ? item[field] : undefined;
  if (input !== undefined) return typeof input === "string" ? input : JSON.stringify(input);
  return JSON.stringify({ ...item, id: undefined, call_id: undefined, status: undefined });
}

export function piecesOf(content: unknown): WordsPiece[] {
  if (typeof content === "string") return [{ text: content }];
  return Array.isArray(content) ? (content as WordsPiece[]) : [];
}

/** What a tool's item begins with; undefined for other items. `part` is its key in the deltas. */
export function beginTool(item: Item, part: number): CallDelta | undefined {
  const tool = toolOf(item);
  if (tool === undefined) return undefined;
  const toolCallId = item.call_id || item.id || `item_${part}`;
  return {
    type: "tool-call",
    part,
    toolCallId,
    toolName: tool.name ?? item.name ?? "",
    ...(isVendors(item, tool) && { providerExecuted: true }),
  };
}

/**
 * The rest of it, once the item is complete: what was not `told` of its input, its result, and what
 * goes back with the next call.
 */
export function endTool(item: Item, part: number, provider: string, told: string): ChatDelta[] | undefined {
  const tool = toolOf(item);
  const begun = beginTool(item, part);
  if (tool === undefined || begun === undefined) return undefined;
  if (typeof item["result"] === "string" && item["result"] !== "") return picture(item, item["result"], begun, provider);
  const kept = tool.plain ? { ...item, [tool.input as string]: undefined } : item;
  const call: ChatDelta = { ...begun, ...inputOf(item, tool.input, told), end: true, providerMetadata: { [provider]: { item: kept } } };
  const error = item["error"] ?? undefined;
  const output = error ?? outputOf(item, tool.output) ?? undefined;
  if (output === undefined) return [call];
  return [call, { type: "tool-result", toolCallId: begun.toolCallId!, output, ...(error !== undefined && { isError: true }) }];
}

/** A result that is an item of its own; undefined for other items. One that names no call is the last call's. */
export function resultOf(item: Item, lastCallId: string, provider: string): ChatDelta | undefined {
  const { type = "" } = item;
  if (!Object.hasOwn(RESULT_ITEMS, type)) return undefined;
  const field = RESULT_ITEMS[type]!;
  return { type: "tool-result", toolCallId: item.call_id ?? lastCallId, output: item[field], providerMetadata: { [provider]: { item } } };
}

function toolOf({ type = "" }: Item): ToolItem | undefined {
  return Object.hasOwn(TOOL_ITEMS, type) ? TOOL_ITEMS[type] : undefined;
}

/** Some tools are run by either side, and their items say by which. */
function isVendors(item: Item, { result }: ToolItem): boolean {
  const environment = item["environment"] as { type?: string } | null | undefined;
  return result === undefined || item["execution"] === "server" || environment?.type === "container_reference";
}

/** The picture is kept once, in the file; the rest of the item goes with it. */
function picture(item: Item, base64: string, begun: CallDelta, provider: string): ChatDelta[] {
  const { result: _, ...kept } = item;
  const mediaType = `image/${String(item["output_format"] ?? "png")}`;
  return [
    { ...begun, input: {}, end: true },
    { type: "file", file: { type: "image", base64, mediaType }, providerMetadata: { [provider]: { item: kept } } },
  ];
}

function inputOf(item: Item, fields: ToolItem["input"], told: string): CallInput {
  if (typeof fields !== "string")
    return { input: Object.fromEntries(fields.flatMap((field) => (item[field] === undefined ? [] : [[field, item[field]]]))) };
  const input = item[fields];
  if (fields === "arguments" && typeof input === "string") return restOf(input, told);
  return told !== "" && !input ? {} : { input: input ?? {} };
}

/**
 * What is not told yet of arguments. Where the deltas were not all of them, the whole counts,
 * unless a server leaves it out.
 */
export function restOf(whole: string, told: string): CallInput {
  if (whole.startsWith(told)) return whole === told ? {} : { inputText: whole.slice(told.length) };
  if (whole.trim() === "" || (whole.trim() === "{}" && !told.startsWith(whole))) return {};
  try {
    return { input: JSON.parse(whole) };
  } catch {
    return {};
  }
}

function outputOf(item: Item, path: string | undefined): unknown {
  return path?.split(".").reduce<unknown>((value, field) => (value as Record<string, unknown> | null | undefined)?.[field], item);
}
