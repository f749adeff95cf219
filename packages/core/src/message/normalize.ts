import { isObject, malformed, toAssistantPart, toToolPart, toUserPart } from "./parts.ts";
import type { AssistantMessage, AssistantPart, Message, TextPart } from "./types.ts";

type Json = Record<string, unknown>;

/**
 * A prompt or a history as plain messages of ours, checked. OpenAI's shapes (`image_url`, `tool_calls`, `tool_call_id`, role "developer") are accepted too.
 * Throws `invalid-request` with the path of what is wrong, before anything is sent.
 */
export function toMessages(input: string | readonly unknown[]): Message[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  if (!Array.isArray(input)) throw malformed("messages", "must be a string or an array of messages");
  if (input.length === 0) throw malformed("messages", "is empty: give at least one message");
  const toolNames = new Map<string, string>();
  return input.map((message, index) => toMessage(message, `messages[${index}]`, toolNames));
}

function toMessage(message: unknown, path: string, toolNames: Map<string, string>): Message {
  if (!isObject(message)) throw malformed(path, "must be an object with role and content");
  switch (message["role"]) {
    case "system":
    case "developer":
      return { role: "system", content: textContent(message["content"], `${path}.content`) };
    case "user":
      return { role: "user", content: content(message["content"], `${path}.content`, toUserPart) };
    case "assistant":
      return toAssistant(message, path, toolNames);
    case "tool":
      return toTool(message, path, toolNames);
    default:
      throw malformed(`${path}.role`, `is ${JSON.stringify(message["role"])}; it must be "system", "user", "assistant" or "tool"`);
  }
}

function content<Part>(value: unknown, path: string, toPart: (part: Json, path: string) => Part): string | Part[] {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) throw malformed(path, "must be a string or an array of parts");
  return value.map((part, index) => {
    const at = `${path}[${index}]`;
    if (!isObject(part)) throw malformed(at, "must be an object with a type");
    return toPart(part, at);
  });
}

function textContent(value: unknown, path: string): string | TextPart[] {
  return content(value, path, (part, at) => {
    if (part["type"] !== "text" || typeof part["text"] !== "string") throw malformed(at, 'must be { type: "text", text }');
    return part as unknown as TextPart;
  });
}

function toAssistant(message: Json, path: string, toolNames: Map<string, string>): AssistantMessage {
  const { tool_calls: calls, reasoning_content: reasoning, refusal } = message;
  const said = message["content"] ?? (calls === undefined && refusal === undefined ? undefined : "");
  let parts = content(said, `${path}.content`, toAssistantPart);
  if (calls !== undefined || reasoning !== undefined || typeof refusal === "string") {
    const before: AssistantPart[] = typeof reasoning === "string" && reasoning !== "" ? [{ type: "reasoning", text: reasoning }] : [];
    const text: AssistantPart[] = typeof parts === "string" ? (parts === "" ? [] : [{ type: "text", text: parts }]) : parts;
    const declined: AssistantPart[] = typeof refusal === "string" && refusal !== "" ? [{ type: "text", text: refusal, refusal: true }] : [];
    parts = [...before, ...text, ...declined, ...openAiCalls(calls ?? [], `${path}.tool_calls`)];
  }
  if (typeof parts !== "string") for (const part of parts) if (part.type === "tool-call") toolNames.set(part.toolCallId, part.toolName);
  const { provider, model, host, providerMetadata } = message as Partial<AssistantMessage>;
  return {
    role: "assistant",
    content: parts,
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    ...(host !== undefined && { host }),
    ...(providerMetadata !== undefined && { providerMetadata }),
  };
}

function openAiCalls(calls: unknown, path: string): AssistantPart[] {
  if (!Array.isArray(calls)) throw malformed(path, "must be an array");
  return calls.map((call, index) => {
    const fn = isObject(call) ? call["function"] : undefined;
    const name = isObject(fn) ? (fn["name"] ?? "") : undefined;
    if (!isObject(call) || typeof call["id"] !== "string" || !isObject(fn) || typeof name !== "string") {
      throw malformed(`${path}[${index}]`, 'must be { id, type: "function", function: { name, arguments } }');
    }
    return { type: "tool-call", toolCallId: call["id"], toolName: name, input: parsed(fn["arguments"]) };
  });
}

/** Arguments as OpenAI writes them: JSON in a string. What is no JSON stays the text that the model wrote. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  if (value.trim() === "") return {};
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function toTool(message: Json, path: string, toolNames: Map<string, string>): Message {
  const id = message["tool_call_id"];
  if (typeof id === "string") {
    const output = message["content"];
    return {
      role: "tool",
      content: [{ type: "tool-result", toolCallId: id, toolName: toolNames.get(id) ?? "", output: toOutput(output) }],
    };
  }
  const parts = message["content"];
  if (!Array.isArray(parts) || parts.length === 0) throw malformed(`${path}.content`, "must be an array of tool-result parts");
  return { role: "tool", content: parts.map((part, index) => toToolPart(part, `${path}.content[${index}]`, toolNames)) };
}

/** OpenAI's parts of nothing but text are one text; others may hold files. */
function toOutput(said: unknown): unknown {
  if (!Array.isArray(said)) return said;
  const texts = said.map((part: unknown) => (isObject(part) ? part["text"] : part));
  return texts.every((text) => typeof text === "string") ? texts.join("") : said;
}
