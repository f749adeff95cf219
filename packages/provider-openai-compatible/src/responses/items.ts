import type { ChatDelta } from "@plurivox/core/provider";
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

type CallDelta = ChatDelta & { type: "tool-call" };

/** What a tool's item begins with; undefined for other items. `part` is its place in the output. */
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

/** The rest of it, once the item is complete: its input unless that was `streamed`, its result, and what goes back with the next call. */
export function endTool(item: Item, part: number, provider: string, streamed: boolean): ChatDelta[] | undefined {
  const tool = toolOf(item);
  const begun = beginTool(item, part);
  if (tool === undefined || begun === undefined) return undefined;
  if (typeof item["result"] === "string" && item["result"] !== "") return picture(item, item["result"], begun, provider);
  const kept = tool.plain ? { ...item, [tool.input as string]: undefined } : item;
  const call: ChatDelta = { ...begun, ...inputOf(item, tool.input, streamed), end: true, providerMetadata: { [provider]: { item: kept } } };
  const error = item["error"] ?? undefined;
  const output = error ?? outputOf(item, tool.output) ?? undefined;
  if (output === undefined) return [call];
  return [call, { type: "tool-result", toolCallId: begun.toolCallId!, output, ...(error !== undefined && { isError: true }) }];
}

/** A result that is an item of its own; undefined for other items. One that names no call is the last call's. */
export function resultOf(item: Item, lastCallId: string, provider: string): ChatDelta | undefined {
  const field = RESULT_ITEMS[item.type ?? ""];
  if (field === undefined) return undefined;
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

function inputOf(item: Item, fields: ToolItem["input"], streamed: boolean): { input?: unknown; inputText?: string } {
  if (typeof fields !== "string")
    return { input: Object.fromEntries(fields.flatMap((field) => (item[field] === undefined ? [] : [[field, item[field]]]))) };
  const input = item[fields];
  if (fields !== "arguments" || typeof input !== "string") return { input: input ?? {} };
  return streamed ? {} : { inputText: input };
}

function outputOf(item: Item, path: string | undefined): unknown {
  return path?.split(".").reduce<unknown>((value, field) => (value as Record<string, unknown> | null | undefined)?.[field], item);
}
