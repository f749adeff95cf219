import type { ReceivedRequest } from "../loopback.ts";
import type { ReceivedCall, ReceivedItem } from "../wire.ts";
import { known, listOf, objectOf, roleOf, type Json } from "./shared.ts";

/** A request to Ollama's /api/chat, without its form. */
export function readOllama({ body }: ReceivedRequest): ReceivedCall {
  const request = objectOf(body, "the request");
  const options = objectOf(request["options"] ?? {}, "options");
  const messages = listOf(request["messages"], "messages");
  const format = request["format"];
  return known<ReceivedCall>({
    model: String(request["model"]),
    stream: request["stream"] !== false,
    system: messages.flatMap(({ role, content }) => (role === "system" ? [textOf(content)] : [])).join("\n"),
    items: messages.flatMap((message) => (message["role"] === "system" ? [] : readMessage(message))),
    tools: listOf(request["tools"], "tools").map((tool) => {
      const { name, description, parameters } = objectOf(tool["function"], "tools[].function");
      return known({ name: textOf(name), description: description as string | undefined, schema: objectOf(parameters, "parameters") });
    }),
    output: format === undefined ? undefined : format === "json" ? {} : { schema: objectOf(format, "format") },
    reasoning: request["think"] !== undefined && request["think"] !== false,
    settings: {
      temperature: options["temperature"],
      topP: options["top_p"],
      topK: options["top_k"],
      maxOutputTokens: options["num_predict"],
      stopSequences: options["stop"],
      seed: options["seed"],
      presencePenalty: options["presence_penalty"],
      frequencyPenalty: options["frequency_penalty"],
    },
  });
}

/** What the server takes for text must be one: it refuses lists of parts. */
function textOf(text: unknown): string {
  if (typeof text === "string") return text;
  throw new TypeError(`There should be a text; there is ${JSON.stringify(text)}`);
}

function readMessage(message: Json): ReceivedItem[] {
  const text = textOf(message["content"]);
  if (message["role"] === "tool") return [{ type: "tool-result", id: textOf(message["tool_call_id"]), text }];
  const role = roleOf(message["role"]);
  const images = (message["images"] ?? []) as unknown[];
  return [
    ...(message["thinking"] === undefined ? [] : [{ type: "reasoning" as const, text: textOf(message["thinking"]) }]),
    ...images.map((base64) => ({ type: "image" as const, role, base64: textOf(base64) })),
    ...(text === "" ? [] : [{ type: "text" as const, role, text }]),
    ...listOf(message["tool_calls"], "tool_calls").map((call) => {
      const { name, arguments: input } = objectOf(call["function"], "tool_calls[].function");
      return { type: "tool-call" as const, id: textOf(call["id"]), name: textOf(name), input: objectOf(input, "arguments") };
    }),
  ];
}
