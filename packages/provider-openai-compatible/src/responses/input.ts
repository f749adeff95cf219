import {
  toMediaSource,
  type AssistantMessage,
  type AssistantPart,
  type Message,
  type ToolResultPart,
  type UserPart,
} from "@plurivox/core/provider";
import type OpenAI from "openai";
import type { Host } from "../compat.ts";
import { detailOf, inputText, toText, unsendable } from "../messages.ts";
import { DEFAULT_FILENAME } from "../quirks.ts";
import type { Item } from "./items.ts";
import { isResult, toolItem } from "./quirks.ts";

type Content = OpenAI.Responses.ResponseInputContent;

/** How the history is read. `stored`: the vendor has kept earlier items, so those that came without their content can be named by id. */
export interface InputOptions {
  instructions: "system" | "developer";
  stored: boolean;
}

/** A history as input items. */
export function toInput(messages: readonly Message[], { id }: Host, { instructions, stored }: InputOptions): Item[] {
  const callItems = new Map<string, string>();
  const items = messages.flatMap((message): Item[] => {
    switch (message.role) {
      case "system":
        return [{ role: instructions, content: toContent(message.content, id) }];
      case "user":
        return [{ role: "user", content: toContent(message.content, id) }];
      case "assistant":
        return assistantItems(message, id, stored, callItems);
      case "tool":
        return message.content.flatMap((part) => (part.type === "tool-result" ? [toResult(part, id, callItems.get(part.toolCallId))] : []));
    }
  });
  return withoutLooseReasoning(items);
}

function toContent(content: string | readonly UserPart[], id: string): string | Content[] {
  return typeof content === "string" ? content : content.map((part) => toInputContent(part, id));
}

function toInputContent(part: UserPart, id: string): Content {
  if (part.type === "text") return { type: "input_text", text: part.text };
  const { kind, mediaType, url, base64, fileId, filename = DEFAULT_FILENAME } = toMediaSource(part);
  const data = base64 === undefined ? undefined : `data:${mediaType};base64,${base64}`;
  if (kind === "image") return { type: "input_image", detail: detailOf(part, id) ?? "auto", image_url: url ?? data, file_id: fileId };
  if (kind !== "document") throw unsendable(kind, id, "Use another model or wire.");
  if (data !== undefined) return { type: "input_file", file_data: data, filename };
  return { type: "input_file", file_url: url, file_id: fileId };
}

/**
 * The items of an answer, as they came, where they are this provider's own. An item that names others which cannot be sent, such as a call whose
 * reasoning was lost, would be refused: without its id it is accepted.
 */
function assistantItems({ content }: AssistantMessage, id: string, stored: boolean, callItems: Map<string, string>): Item[] {
  if (typeof content === "string") return [{ role: "assistant", content }];
  const own = (part: AssistantPart) =>
    part.providerMetadata?.[id] as { item?: Item; itemId?: string; phase?: string; custom?: boolean } | undefined;
  const lost = (item: Item | undefined) => item?.type === "reasoning" && !item.encrypted_content && !stored;
  const named = !content.some((part) => lost(own(part)?.item));
  const items: Item[] = [];
  for (const part of content) {
    const { item, itemId, phase, custom } = own(part) ?? {};
    const kept = item === undefined || named ? item : withoutId(item);
    if (part.type === "text") {
      addText(items, part.text, part.refusal === true, named ? itemId : undefined, phase);
    } else if (part.type === "tool-call" && part.providerExecuted !== true) {
      const type = kept?.type ?? (custom ? "custom_tool_call" : "function_call");
      callItems.set(part.toolCallId, type);
      const { input, plain } = toolItem(type);
      const call = { ...calledBy(kept ?? { type }, part.toolCallId), name: part.toolName };
      items.push(plain ? { ...call, [input as string]: inputText(part.input) } : calledBy(kept!, part.toolCallId));
    } else if (part.type === "file" || part.type === "image") {
      if (kept !== undefined) items.push({ ...kept, result: part.base64 });
    } else if (kept !== undefined && !lost(item)) {
      items.push(item!.type === "reasoning" ? toReasoning(kept) : kept);
    }
  }
  return items;
}

/** Reasoning that nothing of the model's follows would be refused: the answer was cut there. */
function withoutLooseReasoning(items: readonly Item[]): Item[] {
  let follows = false;
  return items
    .toReversed()
    .filter(({ type = "message", role = "assistant" }) => {
      if (type === "reasoning") return follows;
      follows = role === "assistant" && !isResult(type);
      return true;
    })
    .toReversed();
}

/**
 * A call under the id that it has in the history, which its result has too. The item's own id
 * stands for a call with another one.
 */
function calledBy(item: Item, callId: string): Item {
  if (item.type === "mcp_approval_request") return { ...item, id: callId };
  return (item.call_id || item.id) === callId ? item : { ...withoutId(item), call_id: callId };
}

/** Pieces of one message become one item again; text that never was an item here becomes a plain message. */
function addText(items: Item[], text: string, refusal: boolean, id: string | undefined, phase: string | undefined): void {
  const last = items.at(-1);
  const said = { type: "message", role: "assistant", ...(phase !== undefined && { phase }) };
  if (id === undefined) {
    items.push({ ...said, content: text });
    return;
  }
  const piece = refusal ? { type: "refusal", refusal: text } : { type: "output_text", text, annotations: [], logprobs: [] };
  if (last?.id === id && Array.isArray(last.content)) last.content.push(piece);
  else items.push({ ...said, id, status: "completed", content: [piece] });
}

/** Only what the wire takes back: null fields and the status of a reasoning item are refused. */
function toReasoning({ type, id, summary = [], content, encrypted_content }: Item): Item {
  return { type, id, summary, ...(content?.length && { content }), ...(encrypted_content && { encrypted_content }) };
}

function withoutId(item: Item): Item {
  return { ...item, id: undefined };
}

/** A result in the item that belongs to the call's own. */
function toResult({ toolCallId, output }: ToolResultPart, id: string, callItem = "function_call"): Item {
  const { result: type, plain, spread } = toolItem(callItem);
  const call = callItem === "mcp_approval_request" ? { approval_request_id: toolCallId } : { call_id: toolCallId };
  return { type, ...call, ...(spread ? (output as object) : { output: plain ? toOutput(output, id) : output }) };
}

/** A text, or parts like a message's where the result holds files. */
function toOutput(output: unknown, id: string): string | Content[] {
  const isPart = (part: unknown) => /^(text|image|file)$/.test(String((part as { type?: unknown } | null)?.type));
  return Array.isArray(output) && output.length > 0 && output.every(isPart)
    ? output.map((part: UserPart) => toInputContent(part, id))
    : toText(output);
}
