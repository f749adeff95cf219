import { findFamily, LlmError, toMediaSource } from "@plurivox/core/provider";
import type { AssistantMessage, CallFunction, ChatCall, Message, ProviderTool, Strictness, UserPart } from "@plurivox/core/provider";
import type * as SDK from "groq-sdk/resources/chat/completions";
import { FAMILIES, type GroqFamily } from "./models.ts";
import type { GroqOptions } from "./options.ts";
import { JSON_WORD, OWN_SYSTEM, SCHEMA_NAME, STRICT_SCHEMAS } from "./quirks.ts";

/** A body of POST /openai/v1/chat/completions. Fields that are undefined are not sent. */
export type GroqRequest = SDK.ChatCompletionCreateParams;

/**
 * Only some models are held to schemas while they write. Of tools the vendor does not say it, so
 * they are always asked.
 */
export const strictness: Strictness = (model, of) => (of === "tool" || findFamily(FAMILIES, model)?.constrained === true) && STRICT_SCHEMAS;

export function toRequest(call: ChatCall): GroqRequest {
  const { model, tools, output, stopSequences } = call;
  const family = findFamily(FAMILIES, model);
  const options = call.providerOptions as GroqOptions;
  return {
    model: OWN_SYSTEM.test(model) ? `groq/${model}` : model,
    messages: withJsonWord(call).flatMap((message) => toMessages(message, call, family)),
    tools: tools.length === 0 ? undefined : tools.map(toTool),
    tool_choice: toToolChoice(call),
    parallel_tool_calls: call.parallelToolCalls,
    response_format: toResponseFormat(output),
    max_completion_tokens: call.maxOutputTokens,
    temperature: call.temperature,
    top_p: call.topP,
    stop: stopSequences && [...stopSequences],
    seed: call.seed,
    user: call.user,
    ...toReasoning(call, family, options),
    service_tier: options.serviceTier,
    documents: options.documents,
    citation_options: options.citationOptions,
    search_settings: toSnake(options.searchSettings) as GroqRequest["search_settings"],
    compound_custom: toSnake(options.compoundCustom) as GroqRequest["compound_custom"],
    disable_tool_validation: options.disableToolValidation,
    stream: call.stream || undefined,
  } as GroqRequest;
}

/** The messages, with the word without which JSON mode is refused. */
function withJsonWord({ messages, output }: ChatCall): readonly Message[] {
  if (output === undefined || output.schema !== undefined) return messages;
  const says = (text: string) => /json/i.test(text);
  const said = messages.some(({ content }) =>
    typeof content === "string" ? says(content) : content.some((part) => part.type === "text" && says(part.text)),
  );
  return said ? messages : [{ role: "system", content: JSON_WORD }, ...messages];
}

function toMessages(message: Message, call: ChatCall, family: GroqFamily | undefined): SDK.ChatCompletionMessageParam[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: toTexts(message.content) }];
    case "user":
      return [{ role: "user", content: typeof message.content === "string" ? message.content : message.content.map(toUserPart) }];
    case "assistant":
      return [toAssistant(message, family?.capabilities.reasoning ?? message.model === call.model)];
    case "tool":
      return message.content.flatMap((part) =>
        part.type === "tool-result" ? [{ role: "tool", tool_call_id: part.toolCallId, content: toText(part.output) }] : [],
      );
  }
}

function toTexts(content: string | readonly { text: string }[]): string | SDK.ChatCompletionContentPartText[] {
  if (typeof content === "string") return content;
  return content.length === 1 ? content[0]!.text : content.map(({ text }) => ({ type: "text", text }));
}

function toUserPart(part: UserPart): SDK.ChatCompletionContentPart {
  if (part.type === "text") return { type: "text", text: part.text };
  const { kind, mediaType, url, base64 } = toMediaSource(part);
  const address = url ?? (base64 === undefined ? undefined : `data:${mediaType};base64,${base64}`);
  if (kind !== "image" || address === undefined)
    throw new LlmError(
      "unsupported",
      `Groq takes images by URL and by their bytes, not ${address === undefined ? "by file id" : mediaType}.`,
    );
  return { type: "image_url", image_url: { url: address, detail: part.providerMetadata?.["groq"]?.["detail"] as "auto" | undefined } };
}

/** What Groq's own tools did cannot be sent back, only what the model said after it. `thinks`: the model that reads this takes reasoning. */
function toAssistant({ content }: AssistantMessage, thinks: boolean): SDK.ChatCompletionAssistantMessageParam {
  if (typeof content === "string") return { role: "assistant", content };
  let text = "";
  let reasoning = "";
  const calls: SDK.ChatCompletionMessageToolCall[] = [];
  for (const part of content) {
    if (part.type === "text") text += part.text;
    else if (part.type === "reasoning") reasoning += part.text;
    else if (part.type === "tool-call" && part.providerExecuted !== true)
      calls.push({ id: part.toolCallId, type: "function", function: { name: part.toolName, arguments: JSON.stringify(part.input) } });
  }
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(thinks && reasoning !== "" && { reasoning }),
  };
}

/** As the model reads it: a text as it stands, all else as JSON. */
function toText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function toTool(tool: CallFunction | ProviderTool): SDK.ChatCompletionTool {
  // The vendor's own, such as "browser_search"; the SDK's types know only the caller's.
  if (tool.type === "provider") return { type: tool.name, ...tool.options } as SDK.ChatCompletionTool;
  const { name, description, inputSchema, strict } = tool;
  return { type: "function", function: { name, description, parameters: inputSchema, strict } };
}

function toToolChoice({ tools, toolChoice }: ChatCall): GroqRequest["tool_choice"] {
  if (tools.length === 0) return undefined;
  return typeof toolChoice === "object" ? { type: "function", function: { name: toolChoice.toolName } } : toolChoice;
}

function toResponseFormat(output: ChatCall["output"]): GroqRequest["response_format"] {
  if (output === undefined) return undefined;
  const { name, schema, strict } = output;
  if (schema === undefined) return { type: "json_object" };
  const fitting = name.replaceAll(SCHEMA_NAME.forbidden, "_").slice(0, SCHEMA_NAME.maxLength);
  return { type: "json_schema", json_schema: { name: fitting, schema, strict } };
}

function toReasoning({ reasoning }: ChatCall, family: GroqFamily | undefined, options: GroqOptions): Partial<GroqRequest> {
  const { reasoningFormat, includeReasoning } = options;
  const effort = reasoning?.effort;
  const parsed = family?.thinksAloud && effort !== "none" && includeReasoning === undefined ? "parsed" : undefined;
  return {
    reasoning_effort: (effort && (family?.effortWords?.[effort] ?? effort)) as GroqRequest["reasoning_effort"],
    reasoning_format: reasoningFormat ?? parsed,
    include_reasoning: includeReasoning,
  };
}

/** Our names as the wire spells them. */
function toSnake(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const pairs = Object.entries(value).map(([name, inner]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    toSnake(inner),
  ]);
  return Object.fromEntries(pairs);
}
