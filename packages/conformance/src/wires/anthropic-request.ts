import type { ReceivedRequest } from "../loopback.ts";
import type { ReceivedCall, ReceivedItem } from "../wire.ts";
import { heldOf, known, listOf, objectOf, partsOf, roleOf, type Json } from "./shared.ts";

/** A request to Anthropic's Messages, without its form. */
export function readAnthropic({ body }: ReceivedRequest): ReceivedCall {
  const request = objectOf(body, "the request");
  const choice = request["tool_choice"] === undefined ? undefined : objectOf(request["tool_choice"], "tool_choice");
  const config = request["output_config"] === undefined ? {} : objectOf(request["output_config"], "output_config");
  const format = config["format"] === undefined ? undefined : objectOf(config["format"], "output_config.format");
  const system = partsOf(request["system"], "text", "system").map((part) => String(part["text"]));
  const items = listOf(request["messages"], "messages").flatMap((message) => readMessage(message, system));
  const thinking = (request["thinking"] as Json | undefined)?.["type"];
  return known<ReceivedCall>({
    model: String(request["model"]),
    stream: request["stream"] === true,
    system: system.join("\n"),
    items,
    tools: listOf(request["tools"], "tools").map(({ name, description, input_schema: schema }) =>
      known({ name: String(name), description: description as string | undefined, schema: objectOf(schema, "input_schema") }),
    ),
    toolChoice: readChoice(choice),
    parallelToolCalls: choice?.["disable_parallel_tool_use"] === true ? false : undefined,
    output: format && { schema: objectOf(format["schema"], "output_config.format.schema") },
    reasoning: (thinking !== undefined && thinking !== "disabled") || config["effort"] !== undefined,
    settings: {
      temperature: request["temperature"],
      topP: request["top_p"],
      topK: request["top_k"],
      maxOutputTokens: request["max_tokens"],
      stopSequences: request["stop_sequences"],
      user: (request["metadata"] as Json | undefined)?.["user_id"],
    },
  });
}

function readChoice(choice: Json | undefined): ReceivedCall["toolChoice"] {
  if (choice === undefined) return undefined;
  if (choice["type"] === "any") return "required";
  return choice["type"] === "tool" ? { toolName: String(choice["name"]) } : (choice["type"] as "auto" | "none");
}

function readMessage({ role, content }: Json, system: string[]): ReceivedItem[] {
  const parts = partsOf(content, "text", "content");
  if (role === "system") {
    system.push(...parts.map((part) => String(part["text"])));
    return [];
  }
  return parts.map((part) => readBlock(part, roleOf(role)));
}

function readBlock(block: Json, role: "user" | "assistant"): ReceivedItem {
  switch (block["type"]) {
    case "text":
      return { type: "text", role, text: String(block["text"]) };
    case "image":
    case "document":
      return known({
        type: block["type"],
        role,
        ...readSource(objectOf(block["source"], "source")),
        filename: block["title"] as string | undefined,
      });
    case "thinking":
      return { type: "reasoning", text: String(block["thinking"]), signature: String(block["signature"]) };
    case "redacted_thinking":
      return { type: "reasoning", text: "", signature: String(block["data"]), redacted: true };
    case "tool_use":
      return { type: "tool-call", id: String(block["id"]), name: String(block["name"]), input: block["input"] };
    case "tool_result":
      return {
        type: "tool-result",
        id: String(block["tool_use_id"]),
        ...heldOf(block["content"], (part) => readBlock(part, role)),
        ...(block["is_error"] === true && { isError: true as const }),
      };
    default:
      throw new TypeError(`There is no content block of type ${JSON.stringify(block["type"])} on this wire`);
  }
}

function readSource(source: Json): { base64?: string; url?: string; mediaType?: string } {
  if (source["type"] === "url") return { url: String(source["url"]) };
  return { base64: String(source["data"]), mediaType: String(source["media_type"]) };
}
