import { findFamily, LlmError, toMediaSource } from "@plurivox/core/provider";
import type { AssistantMessage, ChatCall, FilePart, Message, ToolResultPart } from "@plurivox/core/provider";
import { windowFor, type Found } from "./context-window.ts";
import { FAMILIES } from "./models.ts";
import type { OllamaOptions } from "./options.ts";
import { CLOUD_MODEL, FILE_KINDS, TEXT_JOINER } from "./quirks.ts";

type Json = Record<string, unknown>;
/** One message as the vendor has it: a text, and files that belong to it. */
type Turn = { role: Message["role"]; content: string } & Json;
type Content = string | readonly ({ type: "text"; text: string } | FilePart)[];

/** The body of POST /api/chat but for `stream`; a field left undefined is not sent. */
export type OllamaRequest = Json & { model: string; messages: Turn[] };

export function toRequest(call: ChatCall, found?: Found): OllamaRequest {
  const { model, messages, tools, toolChoice, output, logprobs } = call;
  const options = call.providerOptions as OllamaOptions;
  return {
    model,
    messages: messages.flatMap(toTurns),
    // The wire has no word for the choice, but what is not offered cannot be called.
    tools: tools.length === 0 || toolChoice === "none" ? undefined : tools.map(toTool),
    format: output === undefined ? undefined : (output.schema ?? "json"),
    think: options.think ?? toThink(call),
    keep_alive: options.keepAlive,
    truncate: options.truncate,
    shift: options.shift,
    logprobs: logprobs === undefined ? undefined : logprobs !== false,
    top_logprobs: typeof logprobs === "number" ? logprobs : undefined,
    options: {
      num_ctx: options.numCtx ?? (found ?? dryRun(call)).numCtx,
      num_predict: call.maxOutputTokens ?? options.numPredict,
      temperature: call.temperature,
      top_p: call.topP,
      top_k: call.topK,
      min_p: options.minP,
      seed: call.seed,
      stop: call.stopSequences,
      presence_penalty: call.presencePenalty,
      frequency_penalty: call.frequencyPenalty,
      repeat_penalty: options.repeatPenalty,
      repeat_last_n: options.repeatLastN,
      ...options.parameters,
    },
  };
}

/** Nobody was asked: neither the model's limit nor the last window is known. */
function dryRun(call: ChatCall): Found {
  return CLOUD_MODEL.test(call.model) ? {} : { numCtx: windowFor(call) };
}

function toTurns(message: Message): Turn[] {
  switch (message.role) {
    case "assistant":
      return [toAssistant(message)];
    case "tool":
      return message.content.flatMap((part) => (part.type === "tool-result" ? [toToolResult(part)] : []));
    default:
      return [{ role: message.role, ...toContent(message.content) }];
  }
}

/** Texts and files are told apart; the server puts the files before the text. */
function toContent(content: Content): { content: string; images: string[] | undefined } {
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const files = parts.flatMap((part) => (part.type === "text" ? [] : [toFile(part)]));
  return { content: texts.join(TEXT_JOINER), images: files.length === 0 ? undefined : files };
}

/** Bare base64, without a media type. */
function toFile(part: FilePart): string {
  const { kind, mediaType, base64 } = toMediaSource(part);
  if (!FILE_KINDS.has(kind)) throw new LlmError("unsupported", `Ollama takes images and sounds, not ${mediaType}.`);
  if (base64 !== undefined) return base64;
  throw new LlmError("unsupported", "Ollama takes no files by URL or id.", { hint: "Pass the file's bytes as data, or its base64." });
}

/** What models said goes back with what they thought and called. Parts of another vendor's making are not here any more. */
function toAssistant({ content }: AssistantMessage): Turn {
  if (typeof content === "string") return { role: "assistant", content };
  const said = (type: "text" | "reasoning") => content.map((part) => (part.type === type ? part.text : "")).join("");
  const calls = content.flatMap((part) => {
    if (part.type !== "tool-call" || part.providerExecuted) return [];
    const { toolCallId: id, toolName: name, input } = part;
    return [{ id, function: { name, arguments: input } }];
  });
  return {
    role: "assistant",
    content: said("text"),
    thinking: said("reasoning") || undefined,
    tool_calls: calls.length === 0 ? undefined : calls,
  };
}

/**
 * By name for older servers and by id for newer ones. A text, or any JSON: the prompts of some
 * models leave out what a tool's message has in `images` (https://github.com/ollama/ollama,
 * model/renderers/qwen3vl.go, read 2026-11-29), so files come in a user's behind it.
 */
function toToolResult({ toolCallId, toolName, output = "" }: ToolResultPart): Turn {
  const tool = { tool_name: toolName || undefined, tool_call_id: toolCallId };
  return { role: "tool", content: typeof output === "string" ? output : JSON.stringify(output), ...tool };
}

function toTool(tool: ChatCall["tools"][number]): Json {
  if (tool.type === "provider")
    throw new LlmError("unsupported", `Ollama runs no tools itself, so "${tool.name}" cannot be asked for.`, { hint: "Remove the tool." });
  const { name, description, inputSchema } = tool;
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

/** Most models only take on and off; those with levels have them in the table, where core rounds to them. */
function toThink({ model, reasoning }: ChatCall): boolean | string | undefined {
  if (reasoning === undefined) return undefined;
  const { effort } = reasoning;
  if (effort === "none") return false;
  return findFamily(FAMILIES, model)?.efforts === undefined ? true : (effort ?? true);
}
