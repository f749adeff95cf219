import { findFamily, LlmError, toMediaSource } from "@plurivox/core/provider";
import type {
  AssistantMessage,
  ChatCall,
  FilePart,
  Message,
  ReasoningPart,
  Strictness,
  ToolCallPart,
  UserPart,
} from "@plurivox/core/provider";
import type { Cohere } from "cohere-ai";
import { BUDGET_SHARE, FAMILIES } from "./models.ts";
import type { CohereOptions } from "./options.ts";
import { JSON_WORD, STRICT_SCHEMAS } from "./quirks.ts";

type Snake<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : Name;

/** A type of the SDK's as it is on the wire: the SDK writes in camel case and renames every field on its way. */
export type OnWire<T> = T extends readonly (infer Item)[]
  ? OnWire<Item>[]
  : T extends object
    ? { [Field in keyof T as Snake<Field & string>]: OnWire<T[Field]> }
    : T;

/** The body of POST /v2/chat, where a field left undefined is not sent. */
export type ChatRequest = OnWire<Cohere.V2ChatRequest> & { stream: boolean };
type Turn = OnWire<Cohere.ChatMessageV2>;
type Block = OnWire<Cohere.Content>;
type AssistantBlock = OnWire<Cohere.AssistantMessageV2ContentOneItem>;
type ToolContent = OnWire<Cohere.ToolContent>;

/** Tools are only read by these rules where they are strict. */
export const strictness: Strictness = (_model, of) => ({ ...STRICT_SCHEMAS, always: of === "output" });

export function toRequest(call: ChatCall): ChatRequest {
  const { model, output } = call;
  const canReason = findFamily(FAMILIES, model)?.capabilities.reasoning !== false;
  const options = call.providerOptions as CohereOptions;
  const documents = options.documents as ChatRequest["documents"];
  const messages = output !== undefined && output.schema === undefined ? withJsonWord(call.messages) : call.messages;
  const thinks = canReason && call.reasoning?.effort !== "none";
  return {
    model,
    messages: messages.flatMap((message) => toTurns(message, thinks)),
    ...toTools(call, options),
    documents,
    citation_options: options.citationMode && { mode: options.citationMode },
    response_format: output && { type: "json_object", json_schema: output.schema },
    thinking: canReason ? toThinking(call) : undefined,
    safety_mode: options.safetyMode,
    max_tokens: call.maxOutputTokens,
    stop_sequences: call.stopSequences?.slice(),
    temperature: call.temperature,
    k: call.topK,
    p: call.topP,
    seed: call.seed,
    frequency_penalty: call.frequencyPenalty,
    presence_penalty: call.presencePenalty,
    logprobs: call.logprobs === undefined || call.logprobs === false ? undefined : true,
    priority: options.priority,
    stream: call.stream,
  };
}

function withJsonWord(messages: readonly Message[]): readonly Message[] {
  const says = (text: string) => /json/i.test(text);
  const said = messages.some(({ content }) =>
    typeof content === "string" ? says(content) : content.some((part) => part.type === "text" && says(part.text)),
  );
  return said ? messages : [{ role: "system", content: JSON_WORD }, ...messages];
}

function toTurns(message: Message, thinks: boolean): Turn[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: typeof message.content === "string" ? message.content : message.content.map(toText) }];
    case "user":
      return [{ role: "user", content: typeof message.content === "string" ? message.content : message.content.map(toUserBlock) }];
    case "assistant":
      return toAssistantTurn(message, thinks);
    case "tool":
      return message.content.flatMap((part): Turn[] =>
        part.type === "tool-result" ? [{ role: "tool", tool_call_id: part.toolCallId, content: toResultContent(part.output) }] : [],
      );
  }
}

function toText({ text }: { text: string }): { type: "text"; text: string } {
  return { type: "text", text };
}

function toUserBlock(part: UserPart): Block {
  return part.type === "text" ? toText(part) : toImage(part);
}

function toImage(part: FilePart): Block {
  const { kind, mediaType, url, base64 } = toMediaSource(part);
  const address = url ?? (base64 === undefined ? undefined : `data:${mediaType};base64,${base64}`);
  if (kind !== "image" || address === undefined) {
    const what = kind === "image" ? "files by id" : mediaType;
    throw new LlmError("unsupported", `Chat takes images by URL or as bytes, not ${what}.`, {
      hint: "Pass texts as providerOptions.cohere.documents.",
    });
  }
  return { type: "image_url", image_url: { url: address, detail: part.providerMetadata?.["cohere"]?.["detail"] as "low" | undefined } };
}

/**
 * Beside calls the vendor takes no text, only thoughts of a model that thinks, and a plan: what the model said before it called is sent as that.
 * https://github.com/vercel/ai/issues/5794 (2025-04-15)
 */
function toAssistantTurn({ content }: AssistantMessage, thinks: boolean): Turn[] {
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  const calls = parts.filter((part) => part.type === "tool-call" && part.providerExecuted !== true) as ToolCallPart[];
  const blocks: AssistantBlock[] = [];
  const plan: string[] = [];
  for (const part of parts) {
    if ((part.type !== "text" && part.type !== "reasoning") || part.text === "") continue;
    if (part.type === "reasoning" && thinks && !isPlan(part)) blocks.push({ type: "thinking", thinking: part.text });
    else if (calls.length > 0) plan.push(part.text);
    else if (part.type === "text") blocks.push(toText(part));
  }
  if (calls.length + blocks.length === 0) return [];
  return [
    {
      role: "assistant",
      content: unlessEmpty(blocks),
      tool_plan: unlessEmpty(plan)?.join("\n"),
      tool_calls: unlessEmpty(calls.map(toCall)),
    },
  ];
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function isPlan(part: ReasoningPart): boolean {
  return part.providerMetadata?.["cohere"]?.["tool_plan"] === true;
}

function toCall({ toolCallId: id, toolName: name, input }: ToolCallPart): OnWire<Cohere.ToolCallV2> {
  return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

/** A text, the vendor's own blocks (documents, which can be cited one by one, and texts), or any JSON. */
function toResultContent(output: unknown): string | ToolContent[] {
  if (typeof output === "string") return output;
  if (Array.isArray(output) && output.length > 0 && output.every(isToolContent)) return output;
  return JSON.stringify(output) ?? "";
}

function isToolContent(block: unknown): block is ToolContent {
  const { type, text, document } = (typeof block === "object" && block !== null ? block : {}) as Record<string, unknown>;
  return (type === "text" && typeof text === "string") || (type === "document" && typeof document === "object" && document !== null);
}

/** One tool is forced by leaving out the others: the vendor can only force any of them. */
function toTools({ tools, toolChoice }: ChatCall, { strictTools }: CohereOptions): Partial<ChatRequest> {
  if (tools.length === 0) return {};
  const offered = typeof toolChoice === "object" ? tools.filter(({ name }) => name === toolChoice.toolName) : tools;
  const forced = toolChoice === "required" || typeof toolChoice === "object";
  return {
    tools: offered.map(toTool),
    tool_choice: forced ? "REQUIRED" : toolChoice === "none" ? "NONE" : undefined,
    strict_tools: strictTools ?? (offered.some((tool) => tool.type === "function" && tool.strict === true) || undefined),
  };
}

function toTool(tool: ChatCall["tools"][number]): OnWire<Cohere.ToolV2> {
  if (tool.type === "provider") {
    throw new LlmError("unsupported", `This vendor runs no tools of its own, so also no "${tool.name}".`, {
      hint: "Give it functions to call.",
    });
  }
  const { name, description, inputSchema: parameters } = tool;
  return { type: "function", function: { name, description, parameters } };
}

function toThinking({ model, reasoning, maxOutputTokens }: ChatCall): ChatRequest["thinking"] {
  if (reasoning === undefined) return undefined;
  const { effort = "high", budgetTokens } = reasoning;
  if (effort === "none") return { type: "disabled" };
  const share = BUDGET_SHARE[effort];
  const output = maxOutputTokens ?? findFamily(FAMILIES, model)?.maxOutputTokens;
  const budget = share === undefined || output === undefined ? undefined : Math.max(1, Math.floor(output * share));
  return { type: "enabled", token_budget: budgetTokens ?? budget };
}
