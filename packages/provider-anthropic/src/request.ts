import { findFamily, LlmError, toMediaSource } from "@plurivox/core/provider";
import type { AssistantPart, ChatCall, FilePart, Message, ProviderTool, Strictness, TextPart } from "@plurivox/core/provider";
import { BUDGET_SHARE, FALLBACK_MAX_TOKENS, FAMILIES, MIN_BUDGET, type ClaudeFamily } from "./models.ts";
import type { AnthropicOptions } from "./options.ts";
import * as quirks from "./quirks.ts";

type Json = Record<string, unknown>;
type Block = Json & { type: string };
type Turn = { role: "user" | "assistant" | "system"; content: Block[] };
type ToolParts = Extract<Message, { role: "tool" }>["content"];

/** The body of POST /v1/messages, where a field left undefined is not sent; `betas` go into a header. */
export type MessagesRequest = Json & { betas: string[] };

/** Models without structured output know no strict tools either. */
export const strictness: Strictness = (model, of) => {
  if (of === "output") return { ...quirks.STRICT_SCHEMAS, always: true };
  return findFamily(FAMILIES, model)?.capabilities.structuredOutput !== false && quirks.STRICT_SCHEMAS;
};

export function toRequest(call: ChatCall): MessagesRequest {
  const { model, messages, tools, user } = call;
  const family = findFamily(FAMILIES, model);
  const maxTokens = call.maxOutputTokens ?? family?.maxOutputTokens ?? FALLBACK_MAX_TOKENS + (call.reasoning?.budgetTokens ?? 0);
  const options = call.providerOptions as AnthropicOptions;
  const { betas = [], mcpServers = [] } = options;
  const servers = mcpServers.map(({ name, url, authorizationToken }) => ({
    type: "url",
    name,
    url,
    authorization_token: authorizationToken,
  }));
  const toolsets = mcpServers.map(({ name }) => ({ type: "mcp_toolset", mcp_server_name: name }));
  const lead = messages.findIndex(({ role }) => role !== "system");
  return {
    model,
    max_tokens: maxTokens,
    system: unlessEmpty(messages.slice(0, lead).flatMap((message) => (message.role === "system" ? toContent(message.content) : []))),
    messages: toTurns(messages.slice(lead), family?.lateSystem === true),
    tools: unlessEmpty([...tools.map(toTool), ...toolsets]),
    tool_choice: toToolChoice(call),
    thinking: toThinking(call, family, maxTokens),
    output_config: toOutputConfig(call, family),
    stop_sequences: call.stopSequences,
    temperature: call.temperature,
    top_p: family?.oneSampler && call.temperature !== undefined ? undefined : call.topP,
    top_k: call.topK,
    cache_control: toCacheControl(call.cache),
    metadata: user === undefined ? undefined : { user_id: user },
    stream: call.stream || undefined,
    service_tier: options.serviceTier,
    inference_geo: options.inferenceGeo,
    container: options.container ?? openContainer(messages),
    mcp_servers: unlessEmpty(servers),
    betas: servers.length > 0 ? [...betas, quirks.MCP_BETA] : betas,
  };
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** A running tool loop goes on in the sandbox that it began in. */
function openContainer(messages: readonly Message[]): unknown {
  const answer = messages.at(-1)?.role === "tool" ? messages.findLast((message) => message.role === "assistant") : undefined;
  const container = answer?.role === "assistant" ? own(answer)["container"] : undefined;
  return isObject(container) ? container["id"] : undefined;
}

/** Turns alternate: what follows one another from the same side is one turn, with the results of tools first, as the vendor wants them. */
function toTurns(messages: readonly Message[], takesSystem: boolean): Turn[] {
  const turns: Turn[] = [];
  let waiting: TextPart[] = [];
  function add(role: Turn["role"], content: Block[]): void {
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  /** An instruction may only stand between a user's turn and an assistant's; anywhere else it is told in the user's. */
  function addWaiting(): void {
    if (takesSystem && turns.at(-1)?.role === "user") add("system", toContent(waiting));
    else add("user", toContent(waiting.map((part) => ({ ...part, text: `<system>\n${part.text}\n</system>` }))));
    waiting = [];
  }
  for (const message of messages) {
    if (message.role === "system") waiting.push(...toParts(message.content));
    if (message.role === "assistant" || !takesSystem) addWaiting();
    if (message.role === "user") add("user", toContent(message.content));
    else if (message.role === "assistant") add("assistant", toParts(message.content).flatMap(toAssistantBlock));
    else if (message.role === "tool") add("user", message.content.flatMap(toToolResult));
  }
  addWaiting();
  for (const { content } of turns) content.sort((a, b) => Number(b.type === "tool_result") - Number(a.type === "tool_result"));
  return turns;
}

function toParts<Part>(content: string | Part[]): (Part | TextPart)[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** Texts of nothing but white space are refused (https://github.com/anthropics/claude-code/issues/23369, 2026-02-05), and say nothing. */
function toContent(content: string | (TextPart | FilePart)[]): Block[] {
  return toParts(content).flatMap((part) => {
    if (part.type !== "text") return [toFileBlock(part)];
    return part.text.trim() === "" ? [] : [{ type: "text", text: part.text, ...own(part) }];
  });
}

/** The block's further fields in the vendor's words: what came with it, or what a caller adds, such as `cache_control` or `citations`. */
function own(part: { providerMetadata?: Record<string, Json> }): Json {
  return part.providerMetadata?.["anthropic"] ?? {};
}

/**
 * What another vendor's tools did cannot be sent. Thoughts without a signature are only here where
 * the host that wrote them reads them again, which takes an empty one:
 * https://github.com/QwenLM/qwen-code/pull/3788 (2026)
 */
function toAssistantBlock(part: AssistantPart): Block[] {
  const fields = own(part);
  const vendors = (block: Json): Block[] => (typeof fields["type"] === "string" ? [{ ...block, ...fields, type: fields["type"] }] : []);
  switch (part.type) {
    case "text":
      return toContent([part]);
    case "reasoning":
      if (part.redacted) return vendors({});
      return [{ type: "thinking", thinking: part.text, signature: "", ...fields }];
    case "tool-call":
      if (part.providerExecuted) return vendors({ id: part.toolCallId, name: part.toolName, input: part.input });
      return [{ type: "tool_use", id: part.toolCallId, name: part.toolName, input: part.input, ...fields }];
    case "tool-result":
      return vendors({ tool_use_id: part.toolCallId, content: part.output });
    default:
      return [];
  }
}

function toToolResult(part: ToolParts[number]): Block[] {
  if (part.type !== "tool-result") return [];
  const { toolCallId, output, isError } = part;
  return [{ type: "tool_result", tool_use_id: toolCallId, content: toResultContent(output), is_error: isError, ...own(part) }];
}

/** A text, parts like a message's, or any JSON. */
function toResultContent(output: unknown): string | Block[] | undefined {
  if (output === undefined || typeof output === "string") return output;
  const isPart = (part: unknown) => isObject(part) && /^(text|image|file)$/.test(String(part["type"]));
  return Array.isArray(output) && output.length > 0 && output.every(isPart) ? toContent(output) : JSON.stringify(output);
}

function toFileBlock(part: FilePart): Block {
  const { type, ...fields } = own(part);
  if (typeof type === "string") return { type, ...fields };
  const { kind, mediaType, url, base64 = "", fileId, filename } = toMediaSource(part);
  let source: Block;
  if (kind === "audio" || kind === "video") throw new LlmError("unsupported", `Messages take images and documents, not ${mediaType}.`);
  else if (fileId !== undefined) source = { type: "file", file_id: fileId };
  else if (url !== undefined) source = { type: "url", url };
  else if (/^text\/|[/+](json|xml|yaml)$/.test(mediaType)) source = { type: "text", media_type: "text/plain", data: fromBase64(base64) };
  else source = { type: "base64", media_type: mediaType, data: base64 };
  return { type: kind, source, title: kind === "document" ? filename : undefined, ...fields };
}

function fromBase64(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
}

function toTool(tool: ChatCall["tools"][number]): Json {
  if (tool.type === "provider") return { type: tool.name, name: nameOf(tool), ...tool.options };
  const { name, description, inputSchema, strict } = tool;
  return { name, description, input_schema: inputSchema, strict };
}

function nameOf({ name, options }: ProviderTool): unknown {
  if (quirks.NAMELESS_TOOL.test(name)) return undefined;
  return options?.["name"] ?? quirks.TOOL_NAMES[name] ?? name.replace(/_\d{8}$/, "");
}

function toToolChoice({ tools, toolChoice, parallelToolCalls }: ChatCall): Json | undefined {
  if (tools.length === 0 || (toolChoice === undefined && parallelToolCalls !== false)) return undefined;
  if (toolChoice === "none") return { type: "none" };
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  if (typeof toolChoice !== "object") return { type: toolChoice === "required" ? "any" : "auto", ...single };
  const tool = tools.find(({ name }) => name === toolChoice.toolName);
  return { type: "tool", name: tool?.type === "provider" ? nameOf(tool) : toolChoice.toolName, ...single };
}

/** Who asks for thinking wants its text too, which newer families leave out by default. */
function toThinking({ reasoning }: ChatCall, family: ClaudeFamily | undefined, maxTokens: number): Json | undefined {
  if (reasoning === undefined) return undefined;
  const { effort = "medium", budgetTokens } = reasoning;
  if (effort === "none") {
    const off = family === undefined ? "disabled" : family.off;
    return off === undefined ? undefined : { type: off };
  }
  if (budgetTokens === undefined && family?.thinks !== "budget") return { type: "adaptive", display: "summarized" };
  const share = Math.floor(maxTokens * BUDGET_SHARE[effort]);
  return { type: "enabled", budget_tokens: budgetTokens ?? Math.max(MIN_BUDGET, share) };
}

function toOutputConfig({ reasoning, output }: ChatCall, family: ClaudeFamily | undefined): Json | undefined {
  const asked = family?.noEffort || reasoning?.effort === "none" ? undefined : reasoning?.effort;
  const effort = asked === "minimal" ? "low" : asked;
  const format = output?.schema === undefined ? undefined : { type: "json_schema", schema: output.schema };
  return effort === undefined && format === undefined ? undefined : { effort, format };
}

function toCacheControl(cache: ChatCall["cache"]): Json | undefined {
  if (cache === undefined || cache === "none") return undefined;
  return { type: "ephemeral", ttl: cache === "auto" ? undefined : cache.ttl };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
