import type { ReceivedRequest } from "../loopback.ts";
import type { ReceivedCall, ReceivedItem } from "../wire.ts";
import { fileOf, known, listOf, objectOf, parsed, partsOf, roleOf, textOf, type Json } from "./shared.ts";

const CHOICES: Readonly<Record<string, ReceivedCall["toolChoice"]>> = { REQUIRED: "required", NONE: "none" };

/** A request to Cohere's Chat, without its form. */
export function readCohere({ body }: ReceivedRequest): ReceivedCall {
  const request = objectOf(body, "the request");
  const system: string[] = [];
  const items = listOf(request["messages"], "messages").flatMap((message) => readMessage(message, system));
  const format = request["response_format"] === undefined ? undefined : objectOf(request["response_format"], "response_format");
  const thinking = (request["thinking"] as Json | undefined)?.["type"];
  return known<ReceivedCall>({
    model: String(request["model"]),
    stream: request["stream"] === true,
    system: system.join("\n"),
    items,
    tools: listOf(request["tools"], "tools").map((tool) => {
      const { name, description, parameters, ...rest } = objectOf(tool["function"], "tools[].function");
      for (const field of Object.keys(rest)) throw new TypeError(`unknown field: parameter '${field}' is not a valid field`);
      return known({ name: String(name), description: description as string | undefined, schema: objectOf(parameters, "parameters") });
    }),
    toolChoice: request["tool_choice"] === undefined ? undefined : CHOICES[String(request["tool_choice"])],
    output: format && known({ schema: format["json_schema"] as Record<string, unknown> | undefined }),
    reasoning: thinking === "enabled",
    settings: {
      temperature: request["temperature"],
      topP: request["p"],
      topK: request["k"],
      maxOutputTokens: request["max_tokens"],
      stopSequences: request["stop_sequences"],
      seed: request["seed"],
      presencePenalty: request["presence_penalty"],
      frequencyPenalty: request["frequency_penalty"],
    },
  });
}

function readMessage(message: Json, system: string[]): ReceivedItem[] {
  const { role, content } = message;
  if (role === "system") {
    system.push(textOf(content));
    return [];
  }
  if (role === "tool") return [{ type: "tool-result", id: String(message["tool_call_id"]), text: textOf(content) }];
  const parts = partsOf(content, "text", "content");
  const calls = listOf(message["tool_calls"], "tool_calls");
  if (calls.length > 0 && parts.some(({ type }) => type === "text"))
    throw new TypeError("text content is not allowed when tool_calls are provided");
  const plan = message["tool_plan"] as string | undefined;
  return [
    ...parts.map((part) => readPart(part, roleOf(role))),
    ...(plan === undefined ? [] : [{ type: "text" as const, role: roleOf(role), text: plan }]),
    ...calls.map(({ id, function: called }) => {
      const { name, arguments: input } = objectOf(called, "tool_calls[].function");
      return { type: "tool-call" as const, id: String(id), name: String(name), input: parsed(input) };
    }),
  ];
}

function readPart(part: Json, role: "user" | "assistant"): ReceivedItem {
  switch (part["type"]) {
    case "text":
      return { type: "text", role, text: String(part["text"]) };
    case "thinking":
      return { type: "reasoning", text: String(part["thinking"]) };
    case "image_url":
      return { type: "image", role, ...fileOf(String(objectOf(part["image_url"], "image_url")["url"])) };
    default:
      throw new TypeError(`There is no content of type ${JSON.stringify(part["type"])} on this wire`);
  }
}
