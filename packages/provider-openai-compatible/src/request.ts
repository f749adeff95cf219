import { findFamily, onWire, type CallFunction, type ChatCall, type Message, type ProviderTool } from "@plurivox/core/provider";
import type OpenAI from "openai";
import type { Host } from "./compat.ts";
import { toChatMessages } from "./messages.ts";
import { applyOptions, CHAT_OPTIONS } from "./options.ts";
import { JSON_WORD } from "./quirks.ts";
import { REASONING_REQUESTS } from "./reasoning.ts";
import { toNamedSchema } from "./schema.ts";

type Params = OpenAI.Chat.Completions.ChatCompletionCreateParams;

/** A body of the chat wire. Fields that are undefined are not sent. */
export type ChatRequest = Params & Record<string, unknown>;

export function toChatRequest(call: ChatCall, host: Host): ChatRequest {
  const { compat } = host;
  const { logprobs } = call;
  const messages = call.output !== undefined && call.output.schema === undefined ? withJsonWord(call.messages) : call.messages;
  const body: ChatRequest = {
    ...compat.extraBody,
    model: call.deployment ?? call.model,
    messages: toChatMessages(messages, host, instructionRole(host, isKnownToReason(call.model, host, "chat"))),
    tools: call.tools.length === 0 ? undefined : call.tools.map((tool) => toTool(tool, host)),
    tool_choice: toToolChoice(call),
    parallel_tool_calls: call.parallelToolCalls,
    response_format: toResponseFormat(call, host),
    [compat.tokenLimit]: call.maxOutputTokens,
    temperature: call.temperature,
    top_p: call.topP,
    top_k: call.topK,
    stop: call.stopSequences === undefined ? undefined : [...call.stopSequences],
    seed: call.seed,
    n: call.n,
    presence_penalty: call.presencePenalty,
    frequency_penalty: call.frequencyPenalty,
    logprobs: logprobs === undefined ? undefined : logprobs !== false,
    top_logprobs: typeof logprobs === "number" ? logprobs : undefined,
    user: call.user,
    metadata: call.metadata,
    prompt_cache_key: typeof call.cache === "object" ? call.cache.key : undefined,
    ...(call.reasoning !== undefined && REASONING_REQUESTS[compat.reasoningRequest](call.reasoning)),
    ...(call.stream && { stream: true, ...(compat.streamUsage && { stream_options: { include_usage: true } }) }),
  };
  applyOptions(body, call.providerOptions, { ...CHAT_OPTIONS, ...host.chatOptions });
  return body;
}

/** False for a model of which nothing is known. */
export function isKnownToReason(model: string, { families }: Host, api: string): boolean {
  return onWire(findFamily(families, model), api)?.capabilities.reasoning === true;
}

/** The role in which a model takes instructions. */
export function instructionRole({ compat }: Host, reasons: boolean): "system" | "developer" {
  return compat.systemRole === "by-model" ? (reasons ? "developer" : "system") : compat.systemRole;
}

/** The messages, with the word without which JSON mode is refused. */
export function withJsonWord(messages: readonly Message[]): readonly Message[] {
  const says = (text: string) => /json/i.test(text);
  const said = messages.some(({ content }) =>
    typeof content === "string" ? says(content) : content.some((part) => part.type === "text" && says(part.text)),
  );
  return said ? messages : [{ role: "system", content: JSON_WORD }, ...messages];
}

function toTool(tool: CallFunction | ProviderTool, host: Host): OpenAI.Chat.Completions.ChatCompletionTool {
  if (tool.type === "function") {
    const { name, description, inputSchema: parameters, strict } = tool;
    return { type: "function", function: { name, description, parameters, ...(host.compat.strict && { strict }) } };
  }
  // Custom tools are the only others of OpenAI's; other hosts have theirs in the flat form of responses.
  const other = tool.name === "custom" ? { type: "custom", custom: tool.options } : { type: tool.name, ...tool.options };
  return other as OpenAI.Chat.Completions.ChatCompletionTool;
}

function toToolChoice({ toolChoice, tools }: ChatCall): Params["tool_choice"] {
  if (typeof toolChoice !== "object") return tools.length === 0 ? undefined : toolChoice;
  const name = toolChoice.toolName;
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool?.type !== "provider") return { type: "function", function: { name } };
  return { type: "custom", custom: { name: String(tool.options?.["name"] ?? name) } };
}

function toResponseFormat({ output }: ChatCall, { compat }: Host): Params["response_format"] {
  if (output === undefined) return undefined;
  if (output.schema === undefined) return { type: "json_object" };
  return { type: "json_schema", json_schema: toNamedSchema(output, compat) };
}
