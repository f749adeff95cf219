import type { ReceivedRequest } from "../loopback.ts";
import type { ReceivedCall, ReceivedItem } from "../wire.ts";
import { fileOf, heldOf, known, listOf, objectOf, parsed, partsOf, roleOf, textOf, type Json } from "./shared.ts";

/** A request to OpenAI's Responses, without its form. */
export function readResponses({ body }: ReceivedRequest): ReceivedCall {
  const request = objectOf(body, "the request");
  const system = typeof request["instructions"] === "string" ? [request["instructions"]] : [];
  const input = typeof request["input"] === "string" ? [{ role: "user", content: request["input"] }] : listOf(request["input"], "input");
  const items = input.flatMap((item) => readItem(item, system));
  const format = (request["text"] as Json | undefined)?.["format"] as Json | undefined;
  return known<ReceivedCall>({
    model: String(request["model"]),
    stream: request["stream"] === true,
    system: system.join("\n"),
    items,
    tools: listOf(request["tools"], "tools").map(({ name, description, parameters }) =>
      known({ name: String(name), description: description as string | undefined, schema: objectOf(parameters, "parameters") }),
    ),
    toolChoice: readChoice(request["tool_choice"]),
    parallelToolCalls: request["parallel_tool_calls"] as boolean | undefined,
    output: readFormat(format),
    reasoning: request["reasoning"] !== undefined,
    settings: {
      temperature: request["temperature"],
      topP: request["top_p"],
      maxOutputTokens: request["max_output_tokens"],
      user: request["user"] ?? request["safety_identifier"],
    },
  });
}

function readFormat(format: Json | undefined): ReceivedCall["output"] {
  if (format === undefined || format["type"] === "text") return undefined;
  return format["type"] === "json_object" ? {} : { schema: objectOf(format["schema"], "text.format.schema") };
}

function readChoice(choice: unknown): ReceivedCall["toolChoice"] {
  if (choice === undefined || typeof choice === "string") return choice as ReceivedCall["toolChoice"];
  return { toolName: String(objectOf(choice, "tool_choice")["name"]) };
}

function readItem(item: Json, system: string[]): ReceivedItem[] {
  switch (item["type"]) {
    case "function_call":
      return [{ type: "tool-call", id: String(item["call_id"]), name: String(item["name"]), input: parsed(item["arguments"]) }];
    case "function_call_output":
      return [{ type: "tool-result", id: String(item["call_id"]), ...heldOf(item["output"], (part) => readPart(part, "user")) }];
    case "reasoning": {
      const text = textOf(item["summary"]);
      return [
        known({
          type: "reasoning" as const,
          text,
          signature: item["encrypted_content"] as string | undefined,
          redacted: text === "" ? (true as const) : undefined,
        }),
      ];
    }
    case "message":
    case undefined:
      return readMessage(item, system);
    default:
      throw new TypeError(`There is no item of type ${JSON.stringify(item["type"])} on this wire`);
  }
}

function readMessage({ role, content }: Json, system: string[]): ReceivedItem[] {
  if (role === "system" || role === "developer") {
    system.push(textOf(content));
    return [];
  }
  return partsOf(content, "input_text", "content").map((part) => readPart(part, roleOf(role)));
}

function readPart(part: Json, role: "user" | "assistant"): ReceivedItem {
  switch (part["type"]) {
    case "input_text":
    case "output_text":
      return { type: "text", role, text: String(part["text"]) };
    case "refusal":
      return { type: "text", role, text: String(part["refusal"]) };
    case "input_image":
      return { type: "image", role, ...fileOf(String(part["image_url"])) };
    case "input_file":
      return known({
        type: "document" as const,
        role,
        ...fileOf(String(part["file_data"] ?? part["file_url"])),
        filename: part["filename"] as string | undefined,
      });
    case "input_audio":
      return { type: "audio", role, base64: String(objectOf(part["input_audio"], "input_audio")["data"]) };
    default:
      throw new TypeError(`There is no content of type ${JSON.stringify(part["type"])} on this wire`);
  }
}
