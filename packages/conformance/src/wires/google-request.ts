import type { ReceivedRequest } from "../loopback.ts";
import type { ReceivedCall, ReceivedItem, ReceivedTool } from "../wire.ts";
import { heldOf, known, listOf, objectOf, type Json } from "./shared.ts";

/** A request to Google's generateContent, without its form. The path says which model is called, and whether it is to stream. */
export function readGoogle({ path, body }: ReceivedRequest): ReceivedCall {
  const request = objectOf(body, "the request");
  const [, model = "", method] = /\/models\/([^/]+):(\w+)/.exec(path) ?? [];
  const config = optional(request, "generationConfig");
  const calling = optional(optional(request, "toolConfig"), "functionCallingConfig");
  const thinking = optional(config, "thinkingConfig");
  return known<ReceivedCall>({
    model: decodeURIComponent(model),
    stream: method === "streamGenerateContent",
    system: listOf(optional(request, "systemInstruction")["parts"], "systemInstruction.parts")
      .map((part) => String(part["text"]))
      .join("\n"),
    items: listOf(request["contents"], "contents").flatMap(readContent),
    tools: listOf(request["tools"], "tools").flatMap(readTools),
    toolChoice: readChoice(calling),
    output:
      config["responseMimeType"] === "application/json" ? known({ schema: config["responseJsonSchema"] as Json | undefined }) : undefined,
    reasoning: thinking["includeThoughts"] === true,
    settings: {
      temperature: config["temperature"],
      topP: config["topP"],
      topK: config["topK"],
      maxOutputTokens: config["maxOutputTokens"],
      stopSequences: config["stopSequences"],
      seed: config["seed"],
      presencePenalty: config["presencePenalty"],
      frequencyPenalty: config["frequencyPenalty"],
    },
  });
}

function optional(from: Json, name: string): Json {
  return from[name] === undefined ? {} : objectOf(from[name], name);
}

function readTools(tool: Json): ReceivedTool[] {
  return listOf(tool["functionDeclarations"], "functionDeclarations").map(({ name, description, parametersJsonSchema: schema }) =>
    known({ name: String(name), description: description as string | undefined, schema: objectOf(schema, "parametersJsonSchema") }),
  );
}

function readChoice({ mode, allowedFunctionNames: names }: Json): ReceivedCall["toolChoice"] {
  if (mode === "ANY") return Array.isArray(names) ? { toolName: String(names[0]) } : "required";
  return mode === undefined ? undefined : mode === "NONE" ? "none" : "auto";
}

function readContent({ role, parts }: Json): ReceivedItem[] {
  if (role !== "user" && role !== "model") throw new TypeError(`There is no role ${JSON.stringify(role)} on this wire`);
  return listOf(parts, "parts").map((part) => readPart(part, role === "user" ? "user" : "assistant"));
}

function readPart(part: Json, role: "user" | "assistant"): ReceivedItem {
  const signature = part["thoughtSignature"] === undefined ? {} : { signature: String(part["thoughtSignature"]) };
  const { text } = part;
  if (typeof text === "string" && part["thought"] === true) return { type: "reasoning", text, ...signature };
  if (text === "" && "signature" in signature) return { type: "reasoning", text, ...signature, redacted: true };
  if (typeof text === "string") return { type: "text", role, text };
  if (part["inlineData"] !== undefined) {
    const { mimeType, data } = objectOf(part["inlineData"], "inlineData");
    return { type: kindOf(mimeType), role, mediaType: String(mimeType), base64: String(data) };
  }
  if (part["fileData"] !== undefined) {
    const { mimeType, fileUri } = objectOf(part["fileData"], "fileData");
    return known({ type: kindOf(mimeType), role, mediaType: mimeType as string | undefined, url: String(fileUri) });
  }
  if (part["functionCall"] !== undefined) {
    const { id, name, args } = objectOf(part["functionCall"], "functionCall");
    return { type: "tool-call", id: String(id), name: String(name), input: objectOf(args, "args") };
  }
  const { id, name, response, parts } = objectOf(part["functionResponse"], "functionResponse");
  if (typeof name !== "string") throw new TypeError("functionResponse.name should be a text");
  const { files } = heldOf(parts, (held) => readPart(held, "user"));
  return { type: "tool-result", id: String(id), ...readResponse(objectOf(response, "response")), ...(files !== undefined && { files }) };
}

function kindOf(mimeType: unknown): "image" | "audio" | "document" {
  const kind = String(mimeType).split("/", 1)[0];
  return kind === "image" || kind === "audio" ? kind : "document";
}

/** A result that is no object stands under "output", an error under "error". */
function readResponse(response: Json): { text: string; isError?: true } {
  const { output, error } = response;
  if (error !== undefined) return { text: toText(error), isError: true };
  return { text: toText(output ?? response) };
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
