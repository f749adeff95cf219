import { LlmError } from "../error.ts";
import type { ApprovalPart, AssistantPart, FilePart, ToolResultPart, UserPart } from "./types.ts";

type Json = Record<string, unknown>;

const SOURCES = ["path", "url", "base64", "data", "blob"] as const;

/** A malformed message, by its path in the caller's input. */
export function malformed(path: string, problem: string): LlmError {
  return new LlmError("invalid-request", `${path} ${problem}.`);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function toUserPart(part: Json, path: string): UserPart {
  switch (part["type"]) {
    case "text":
    case "input_text":
      return { ...part, type: "text", text: string(part, "text", path) };
    case "image":
    case "file":
      return "file" in part ? openAiFile(part["file"], path) : toFile(part, path);
    case "image_url":
      return openAiImage(part["image_url"], path);
    case "input_audio":
      return openAiAudio(part["input_audio"], path);
    default:
      throw malformed(`${path}.type`, `is ${JSON.stringify(part["type"])}; a user message takes "text", "image" and "file"`);
  }
}

export function toAssistantPart(part: Json, path: string): AssistantPart {
  switch (part["type"]) {
    case "text":
    case "output_text":
      return { ...part, type: "text", text: string(part, "text", path) };
    case "refusal":
      return { type: "text", text: string(part, "refusal", path), refusal: true };
    case "reasoning":
      return { ...part, type: "reasoning", text: string(part, "text", path) };
    case "tool-call":
      return {
        ...part,
        type: "tool-call",
        toolCallId: string(part, "toolCallId", path),
        toolName: string(part, "toolName", path),
        input: json(part["input"] ?? {}, `${path}.input`),
      };
    case "tool-result":
      return {
        ...part,
        type: "tool-result",
        toolCallId: string(part, "toolCallId", path),
        toolName: string(part, "toolName", path),
        output: json(part["output"], `${path}.output`),
      };
    case "image":
    case "file":
      return toFile(part, path);
    case "source":
      return { ...part, type: "source" };
    default:
      throw malformed(
        `${path}.type`,
        `is ${JSON.stringify(part["type"])}; an assistant message takes "text", "reasoning", "tool-call", "tool-result", "file" and "source"`,
      );
  }
}

export function toToolPart(part: unknown, path: string, toolNames: ReadonlyMap<string, string>): ToolResultPart | ApprovalPart {
  if (!isObject(part)) throw malformed(path, "must be a tool-result part");
  if (part["type"] === "approval") return { ...part, toolCallId: string(part, "toolCallId", path) } as ApprovalPart;
  if (part["type"] !== "tool-result")
    throw malformed(`${path}.type`, `is ${JSON.stringify(part["type"])}; a tool message takes "tool-result" and "approval"`);
  const toolCallId = string(part, "toolCallId", path);
  const toolName = typeof part["toolName"] === "string" ? part["toolName"] : (toolNames.get(toolCallId) ?? "");
  return { ...part, type: "tool-result", toolCallId, toolName, output: json(part["output"], `${path}.output`) };
}

function toFile(part: Json, path: string): FilePart {
  const given = SOURCES.filter((source) => part[source] !== undefined);
  if (given.length !== 1)
    throw malformed(path, `must have exactly one of ${SOURCES.join(", ")}; it has ${given.length === 0 ? "none" : given.join(" and ")}`);
  const source = given[0]!;
  const wanted = { data: Uint8Array, blob: Blob }[source as string];
  const fits = wanted === undefined ? typeof part[source] === "string" : part[source] instanceof wanted;
  if (!fits) throw malformed(`${path}.${source}`, `must be a ${wanted?.name ?? "string"}`);
  return part as unknown as FilePart;
}

function openAiImage(value: unknown, path: string): FilePart {
  const url = isObject(value) ? value["url"] : value;
  if (typeof url !== "string") throw malformed(`${path}.image_url`, "must be { url }");
  const detail = isObject(value) ? value["detail"] : undefined;
  return { type: "image", url, ...(detail !== undefined && { providerMetadata: { openai: { detail } } }) };
}

function openAiAudio(value: unknown, path: string): FilePart {
  if (!isObject(value)) throw malformed(`${path}.input_audio`, "must be { data, format }");
  return { type: "file", base64: string(value, "data", `${path}.input_audio`), mediaType: `audio/${String(value["format"] ?? "wav")}` };
}

function openAiFile(value: unknown, path: string): FilePart {
  if (!isObject(value)) throw malformed(`${path}.file`, "must be { file_data, filename }");
  const filename = typeof value["filename"] === "string" ? { filename: value["filename"] } : {};
  if (typeof value["file_id"] === "string") return { type: "file", url: `file-id:${value["file_id"]}`, ...filename };
  return { type: "file", url: string(value, "file_data", `${path}.file`), ...filename };
}

function string(part: Json, field: string, path: string): string {
  const value = part[field];
  if (typeof value !== "string") throw malformed(`${path}.${field}`, `must be a string, not ${value === null ? "null" : typeof value}`);
  return value;
}

function json(value: unknown, path: string): unknown {
  const problem = unsendable(value, new Set());
  if (problem !== undefined) throw malformed(path, `cannot be sent as JSON: it ${problem}`);
  return value;
}

const DEEPEST = 1_000;

/** Says why a value is not JSON; undefined for JSON. `around`: the values that hold this one. */
function unsendable(value: unknown, around: Set<object>): string | undefined {
  if (typeof value === "bigint") return "holds a BigInt";
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || "toJSON" in value) return undefined;
  if (around.has(value)) return "holds itself";
  if (around.size >= DEEPEST) return `is more than ${DEEPEST} levels deep`;
  around.add(value);
  for (const inner of Object.values(value)) {
    const problem = unsendable(inner, around);
    if (problem !== undefined) return problem;
  }
  around.delete(value);
  return undefined;
}
