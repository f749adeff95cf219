import { findFamily, LlmError, toMediaSource } from "@plurivox/core/provider";
import type {
  AssistantPart,
  ChatCall,
  FilePart,
  Message,
  Strictness,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "@plurivox/core/provider";
import { FAMILIES } from "./models.ts";
import type { MistralOptions } from "./options.ts";
import { asInstruction, GREEDY_TOP_P, JSON_WORD, STRICT_SCHEMAS, TEXT_MEDIA } from "./quirks.ts";

type Json = Record<string, unknown>;
type Chunk = Json & { type: string; text?: string };
type WireMessage = Json & { role: Message["role"]; content: string | Chunk[] };

/** The body of POST /v1/chat/completions, where a field left undefined is not sent. */
export type ChatRequest = Json & { model: string; messages: WireMessage[] };

export const strictness: Strictness = () => STRICT_SCHEMAS;

export function toRequest(call: ChatCall): ChatRequest {
  const { tools, temperature, logprobs, cache } = call;
  const options = call.providerOptions as MistralOptions;
  return {
    model: call.model,
    messages: toMessages(withJsonWord(call)),
    tools: tools.length === 0 ? undefined : tools.map(toTool),
    tool_choice: toToolChoice(call),
    parallel_tool_calls: tools.length === 0 ? undefined : call.parallelToolCalls,
    response_format: toResponseFormat(call),
    max_tokens: call.maxOutputTokens,
    temperature,
    top_p: temperature === 0 && call.topP !== undefined ? GREEDY_TOP_P : call.topP,
    stop: call.stopSequences,
    random_seed: call.seed,
    n: call.n,
    presence_penalty: call.presencePenalty,
    frequency_penalty: call.frequencyPenalty,
    logprobs: logprobs === undefined ? undefined : logprobs !== false,
    top_logprobs: typeof logprobs === "number" ? logprobs : undefined,
    reasoning_effort: toEffort(call),
    prompt_mode: options.promptMode,
    metadata: call.metadata,
    prompt_cache_key: options.promptCacheKey ?? (typeof cache === "object" ? cache.key : undefined),
    prediction: options.prediction === undefined ? undefined : { type: "content", content: options.prediction },
    safe_prompt: options.safePrompt,
    service_tier: options.serviceTier,
    guardrails: options.guardrails,
    stream: call.stream || undefined,
  };
}

/** Without an effort hybrid models do not think; models that cannot think refuse any, also "none". */
function toEffort({ model, reasoning }: ChatCall): string | undefined {
  if (reasoning === undefined || findFamily(FAMILIES, model)?.capabilities.reasoning === false) return undefined;
  return reasoning.effort ?? "high";
}

function withJsonWord({ messages, output }: ChatCall): readonly Message[] {
  if (output === undefined || output.schema !== undefined) return messages;
  const says = (text: string) => /json/i.test(text);
  const said = messages.some(({ content }) => toParts<{ type: string; text?: string }>(content).some((part) => says(part.text ?? "")));
  return said ? messages : [{ role: "system", content: JSON_WORD }, ...messages];
}

/** Instructions after the first turn wait until the results of tools are told, which nothing may part from their calls. */
function toMessages(messages: readonly Message[]): WireMessage[] {
  const lead = messages.findIndex(({ role }) => role !== "system");
  const sent: WireMessage[] = [];
  const waiting: WireMessage[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "system" && index > lead) {
      waiting.push({ role: "user", content: asInstruction(textOf(toParts(message.content))) });
      continue;
    }
    if (message.role !== "tool") sent.push(...waiting.splice(0));
    sent.push(...toWireMessages(message));
  }
  sent.push(...waiting);
  const last = sent.at(-1);
  // A conversation that ends with the model's own words is refused, unless they are the beginning of its answer.
  if (last?.role === "assistant") last["prefix"] = true;
  return sent;
}

function toWireMessages(message: Message): WireMessage[] {
  switch (message.role) {
    case "system":
    case "user":
      return [{ role: message.role, content: toContent(message.content) }];
    case "assistant":
      return toAssistant(toParts<AssistantPart>(message.content));
    case "tool":
      return message.content.flatMap((part) => (part.type === "tool-result" ? [toToolResult(part)] : []));
  }
}

function toParts<Part>(content: string | readonly Part[]): readonly (Part | TextPart)[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function textOf(parts: readonly { text?: string }[]): string {
  return parts.map(({ text }) => text ?? "").join("");
}

function toContent(content: string | readonly (TextPart | FilePart)[]): string | Chunk[] {
  return typeof content === "string" ? content : content.map(toChunk);
}

function toChunk(part: TextPart | FilePart): Chunk {
  if (part.type === "text") return { type: "text", text: part.text };
  const { kind, mediaType, url, base64 = "", fileId, filename } = toMediaSource(part);
  const address = url ?? `data:${mediaType};base64,${base64}`;
  const detail = own(part)["detail"];
  if (kind === "video") throw new LlmError("unsupported", `Chat completions take images, documents and audio, not ${mediaType}.`);
  if (fileId !== undefined) return { type: "file", file_id: fileId };
  if (kind === "audio") return { type: "input_audio", input_audio: url ?? base64 };
  if (kind === "image") return { type: "image_url", image_url: detail === undefined ? address : { url: address, detail } };
  if (url === undefined && TEXT_MEDIA.test(mediaType)) return { type: "text", text: fromBase64(base64) };
  return { type: "document_url", document_url: address, document_name: filename };
}

function own(part: { providerMetadata?: Record<string, Json> }): Json {
  return part.providerMetadata?.["mistral"] ?? {};
}

function fromBase64(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
}

/** A message with neither words nor calls is refused: https://github.com/OpenHands/OpenHands/issues/8685 (2025-05-24). */
function toAssistant(parts: readonly AssistantPart[]): WireMessage[] {
  const chunks = parts.flatMap(toAssistantChunk);
  const calls = parts.flatMap((part) => (part.type === "tool-call" && !part.providerExecuted ? [toCall(part)] : []));
  if (chunks.length + calls.length === 0) return [];
  const content = chunks.every(({ type }) => type === "text") ? textOf(chunks) : chunks;
  return [{ role: "assistant", content, tool_calls: calls.length === 0 ? undefined : calls }];
}

function toAssistantChunk(part: AssistantPart): Chunk[] {
  const { signature, reference_ids: references } = own(part);
  if (part.type === "text") return part.text === "" ? [] : [{ type: "text", text: part.text }];
  if (part.type === "source") return references === undefined ? [] : [{ type: "reference", reference_ids: references }];
  if (part.type !== "reasoning" || (part.text === "" && signature === undefined)) return [];
  return [{ type: "thinking", thinking: part.text === "" ? [] : [{ type: "text", text: part.text }], signature }];
}

function toCall({ toolCallId: id, toolName: name, input }: ToolCallPart): Json {
  return { id, type: "function", function: { name, arguments: JSON.stringify(input) } };
}

function toToolResult({ toolCallId, output }: ToolResultPart): WireMessage {
  return { role: "tool", tool_call_id: toolCallId, content: toResultContent(output) };
}

/** A text, parts like a message's, or any JSON. */
function toResultContent(output: unknown): string | Chunk[] {
  if (typeof output === "string") return output;
  const isPart = (part: unknown) => /^(text|image|file)$/.test(String((part as Json | null)?.["type"]));
  return Array.isArray(output) && output.length > 0 && output.every(isPart) ? toContent(output) : (JSON.stringify(output) ?? "");
}

function toTool(tool: ChatCall["tools"][number]): Json {
  if (tool.type === "provider") return { type: tool.name, ...tool.options };
  const { name, description, inputSchema: parameters, strict } = tool;
  return { type: "function", function: { name, description, parameters, strict } };
}

function toToolChoice({ tools, toolChoice }: ChatCall): unknown {
  if (typeof toolChoice === "object") return { type: "function", function: { name: toolChoice.toolName } };
  if (tools.length === 0) return undefined;
  return toolChoice === "required" ? "any" : toolChoice;
}

function toResponseFormat({ output }: ChatCall): Json | undefined {
  if (output === undefined) return undefined;
  const { name, schema, strict } = output;
  return schema === undefined ? { type: "json_object" } : { type: "json_schema", json_schema: { name, schema, strict } };
}
