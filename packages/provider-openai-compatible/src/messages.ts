import {
  LlmError,
  toMediaSource,
  type AssistantMessage,
  type AssistantPart,
  type FilePart,
  type Message,
  type ToolCallPart,
  type UserPart,
} from "@plurivox/core/provider";
import type OpenAI from "openai";
import type { Host } from "./compat.ts";
import { AUDIO_FORMATS, DEFAULT_FILENAME } from "./quirks.ts";
import { earlierReasoning } from "./reasoning.ts";

type Param = OpenAI.Chat.Completions.ChatCompletionMessageParam;
type AssistantParam = OpenAI.Chat.Completions.ChatCompletionAssistantMessageParam & Record<string, unknown>;
type UserParam = OpenAI.Chat.Completions.ChatCompletionContentPart;
type CallParam = OpenAI.Chat.Completions.ChatCompletionMessageToolCall & { extra_content?: unknown };

/** A history as messages of the chat wire. */
export function toChatMessages(messages: readonly Message[], host: Host, instructions: "system" | "developer"): Param[] {
  return messages.flatMap((message): Param[] => {
    switch (message.role) {
      case "system":
        return [{ role: instructions, content: textParts(message.content) }];
      case "user":
        return [
          {
            role: "user",
            content: typeof message.content === "string" ? message.content : message.content.map((part) => toUserPart(part, host)),
          },
        ];
      case "assistant":
        return [toAssistant(message, host)];
      case "tool":
        return message.content.flatMap((part): Param[] =>
          part.type === "tool-result" ? [{ role: "tool", tool_call_id: part.toolCallId, content: toText(part.output) }] : [],
        );
    }
  });
}

/** What a tool returned, as the text that the model reads. */
export function toText(output: unknown): string {
  return typeof output === "string" ? output : (JSON.stringify(output) ?? "");
}

/** The input of a call: JSON, or the text of a custom tool. */
export function inputText(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}

/** The `detail` of an image: the host's own, or the one that a message in OpenAI's shape brought along. */
export function detailOf({ providerMetadata }: FilePart, id: string): "auto" | "low" | "high" | undefined {
  return (providerMetadata?.[id]?.["detail"] ?? providerMetadata?.["openai"]?.["detail"]) as "auto" | "low" | "high" | undefined;
}

export function unsendable(what: string, provider: string, hint: string): LlmError {
  return new LlmError("unsupported", `This wire takes no ${what}.`, { provider, hint });
}

/** A single piece of text becomes a string, which every server understands. */
function textParts(content: string | readonly { text: string }[]): string | { type: "text"; text: string }[] {
  if (typeof content === "string") return content;
  return content.length === 1 ? content[0]!.text : content.map(({ text }) => ({ type: "text", text }));
}

function toUserPart(part: UserPart, { id, compat }: Host): UserParam {
  if (part.type === "text") return { type: "text", text: part.text };
  const { kind, mediaType, url, base64, fileId, filename = DEFAULT_FILENAME } = toMediaSource(part);
  const data = base64 === undefined ? undefined : `data:${mediaType};base64,${base64}`;
  const address = url ?? data;
  if (kind === "image" && address !== undefined) return { type: "image_url", image_url: { url: address, detail: detailOf(part, id) } };
  // OpenAI takes no video; vLLM, Alibaba and others take this.
  if (kind === "video" && address !== undefined) return { type: "video_url", video_url: { url: address } } as unknown as UserParam;
  if (kind === "audio") {
    if (base64 === undefined) throw unsendable("audio by URL", id, "Pass its bytes.");
    const format = AUDIO_FORMATS[mediaType] ?? mediaType.slice("audio/".length);
    return { type: "input_audio", input_audio: { data: base64, format: format as "wav" } };
  }
  if (fileId !== undefined) return { type: "file", file: { file_id: fileId } };
  if (data === undefined && !compat.documentUrls) throw unsendable("documents by URL", id, `Pass the bytes, or use api: "responses".`);
  return { type: "file", file: { file_data: address, filename } };
}

function toAssistant(message: AssistantMessage, host: Host): AssistantParam {
  if (typeof message.content === "string") return { role: "assistant", content: message.content, ...earlierReasoning(message, host) };
  const parts = message.content;
  const said = parts.filter((part) => part.type === "text" && part.refusal !== true);
  const declined = parts.filter((part) => part.type === "text" && part.refusal === true);
  const calls = parts.filter((part) => part.type === "tool-call" && part.providerExecuted !== true);
  const spoken = parts.map((part) => part.providerMetadata?.[host.id]?.["audioId"]).find((id) => id !== undefined);
  const content = spoken !== undefined || (said.length === 0 && calls.length + declined.length > 0) ? null : joined(said);
  return {
    role: "assistant",
    content,
    ...(spoken !== undefined && { audio: { id: String(spoken) } }),
    ...(declined.length > 0 && { refusal: joined(declined) }),
    ...(calls.length > 0 && { tool_calls: calls.map((part) => toCall(part as ToolCallPart, host)) }),
    ...earlierReasoning(message, host),
  };
}

function joined(parts: readonly AssistantPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function toCall(part: ToolCallPart, { id: provider }: Host): CallParam {
  const id = part.toolCallId;
  const own = part.providerMetadata?.[provider];
  if (own?.["custom"] === true) return { id, type: "custom", custom: { name: part.toolName, input: inputText(part.input) } };
  const extra = own?.["extraContent"];
  return {
    id,
    type: "function",
    function: { name: part.toolName, arguments: inputText(part.input) },
    ...(extra !== undefined && { extra_content: extra }),
  };
}
