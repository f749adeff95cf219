import type { ReceivedRequest } from "../loopback.ts";
import type { ReceivedCall, ReceivedItem } from "../wire.ts";
import { fileOf, heldOf, known, listOf, objectOf, parsed, partsOf, roleOf, textOf, type Json } from "./shared.ts";

/** A request to Mistral's chat completions, without its form. */
export function readMistral({ body }: ReceivedRequest): ReceivedCall {
  const request = objectOf(body, "the request");
  const messages = listOf(request["messages"], "messages");
  checkOrder(messages);
  const format = request["response_format"] === undefined ? undefined : objectOf(request["response_format"], "response_format");
  return known<ReceivedCall>({
    model: String(request["model"]),
    stream: request["stream"] === true,
    system: messages
      .filter(({ role }) => role === "system")
      .map(({ content }) => textOf(content))
      .join("\n"),
    items: messages.filter(({ role }) => role !== "system").flatMap(readMessage),
    tools: listOf(request["tools"], "tools").map((tool) => {
      const { name, description, parameters } = objectOf(tool["function"], "tools[].function");
      return known({ name: String(name), description: description as string | undefined, schema: objectOf(parameters, "parameters") });
    }),
    toolChoice: readChoice(request["tool_choice"]),
    parallelToolCalls: request["parallel_tool_calls"] as boolean | undefined,
    output: format && readFormat(format),
    reasoning: request["reasoning_effort"] !== undefined && request["reasoning_effort"] !== "none",
    settings: {
      temperature: request["temperature"],
      topP: request["top_p"],
      maxOutputTokens: request["max_tokens"],
      stopSequences: request["stop"],
      seed: request["random_seed"],
      presencePenalty: request["presence_penalty"],
      frequencyPenalty: request["frequency_penalty"],
    },
  });
}

/** The vendor refuses what stands in the wrong order. */
function checkOrder(messages: readonly Json[]): void {
  const roles = messages.map(({ role }) => role);
  const lead = roles.findIndex((role) => role !== "system");
  if (roles.includes("system", lead)) throw new TypeError("Instructions have to come first on this wire");
  const last = messages.at(-1);
  if (last?.["role"] === "assistant" && last["prefix"] !== true)
    throw new TypeError("The last message may only be the model's as a prefix");
}

function readFormat(format: Json): ReceivedCall["output"] {
  if (format["type"] === "json_object") return {};
  return { schema: objectOf(objectOf(format["json_schema"], "json_schema")["schema"], "json_schema.schema") };
}

function readChoice(choice: unknown): ReceivedCall["toolChoice"] {
  if (choice === "any") return "required";
  if (choice === undefined || typeof choice === "string") return choice as ReceivedCall["toolChoice"];
  return { toolName: String(objectOf(objectOf(choice, "tool_choice")["function"], "tool_choice.function")["name"]) };
}

function readMessage(message: Json): ReceivedItem[] {
  const { role, content } = message;
  if (role === "tool")
    return [{ type: "tool-result", id: String(message["tool_call_id"]), ...heldOf(content, (chunk) => readChunk(chunk, "user")) }];
  const said = partsOf(content === "" ? null : content, "text", "content").map((part) => readChunk(part, roleOf(role)));
  const calls = listOf(message["tool_calls"], "tool_calls").map((call): ReceivedItem => {
    const { name, arguments: input } = objectOf(call["function"], "tool_calls[].function");
    return { type: "tool-call", id: String(call["id"]), name: String(name), input: parsed(input) };
  });
  if (said.length + calls.length === 0) throw new TypeError("A message must have content or calls on this wire");
  return [...said, ...calls];
}

function readChunk(chunk: Json, role: "user" | "assistant"): ReceivedItem {
  switch (chunk["type"]) {
    case "text":
      return { type: "text", role, text: String(chunk["text"]) };
    case "thinking": {
      const text = textOf(listOf(chunk["thinking"], "thinking"));
      return known({ type: "reasoning" as const, text, signature: chunk["signature"] as string | undefined });
    }
    case "image_url":
      return { type: "image", role, ...fileOf(String(chunk["image_url"])) };
    case "document_url":
      return known({
        type: "document" as const,
        role,
        ...fileOf(String(chunk["document_url"])),
        filename: chunk["document_name"] as string | undefined,
      });
    case "input_audio":
      return { type: "audio", role, base64: String(chunk["input_audio"]) };
    case "file":
      return { type: "document", role, url: `file-id:${String(chunk["file_id"])}` };
    default:
      throw new TypeError(`There is no chunk of type ${JSON.stringify(chunk["type"])} on this wire`);
  }
}
