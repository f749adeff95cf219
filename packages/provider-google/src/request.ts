import { findFamily, toMediaSource } from "@plurivox/core/provider";
import type {
  AssistantPart,
  CallFunction,
  ChatCall,
  FilePart,
  Message,
  Strictness,
  TextPart,
  ToolResultPart,
} from "@plurivox/core/provider";
import { FAMILIES, type GeminiFamily } from "./models.ts";
import type { GoogleOptions } from "./options.ts";
import * as quirks from "./quirks.ts";

type Json = Record<string, unknown>;
type Part = Json;
interface Content {
  role: "user" | "model";
  parts: Part[];
}

/** The body of generateContent, where a field left undefined is not sent; `model` goes into the URL. */
export type GenerateRequest = Json & { model: string };

export const strictness: Strictness = () => quirks.STRICT_SCHEMAS;

export function toRequest(call: ChatCall, vertexai: boolean): GenerateRequest {
  const { model, messages } = call;
  const family = findFamily(FAMILIES, model);
  const { safetySettings, cachedContent, serviceTier, labels, toolConfig, generationConfig } = call.providerOptions as GoogleOptions;
  const lead = messages.findIndex(({ role }) => role !== "system");
  const system = messages.slice(0, lead).flatMap((message) => (message.role === "system" ? toContent(message.content) : []));
  return {
    model,
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    contents: toContents(messages.slice(lead), family),
    tools: toTools(call.tools),
    toolConfig: unlessEmpty(toToolConfig(call, toolConfig, vertexai)),
    generationConfig: unlessEmpty({ ...toGenerationConfig(call, family), ...generationConfig }),
    safetySettings,
    cachedContent,
    serviceTier,
    labels,
  };
}

function unlessEmpty(fields: Json): Json | undefined {
  return Object.values(fields).every((value) => value === undefined) ? undefined : fields;
}

/** What follows one another from the same side is one turn, but for the results of functions, which have a turn of their own right behind their calls. */
function toContents(messages: readonly Message[], family: GeminiFamily | undefined): Content[] {
  const contents: Content[] = [];
  let late: Part[] = [];
  function add(role: Content["role"], parts: Part[]): void {
    const last = contents.at(-1);
    const isResults = (list: Part[] = []) => list[0]?.["functionResponse"] !== undefined;
    if (last?.role === role && isResults(last.parts) === isResults(parts)) last.parts.push(...parts);
    else if (parts.length > 0) contents.push({ role, parts });
  }
  for (const message of messages) {
    // There is no system role between turns.
    if (message.role === "system")
      late.push(...toContent(message.content).map((part) => ({ text: `<system>\n${String(part["text"])}\n</system>` })));
    else if (message.role === "tool") {
      const results = message.content.filter((part) => part.type === "tool-result");
      for (const part of results) add("user", [toResult(part)]);
    } else {
      add("user", late);
      late = [];
      if (message.role === "user") add("user", toContent(message.content));
      else add("model", toModelParts(toParts(message.content), family));
    }
  }
  add("user", late);
  return contents;
}

function toParts<P>(content: string | P[]): (P | TextPart)[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function toContent(content: string | (TextPart | FilePart)[]): Part[] {
  return toParts(content).flatMap((part) => (part.type === "text" ? toText(part) : [toFile(part)]));
}

/** An empty text says nothing, unless it carries a signature. */
function toText(part: TextPart): Part[] {
  return part.text === "" && asItCame(part).length === 0 ? [] : [{ text: part.text, ...own(part) }];
}

/** The part's further fields in the vendor's words: what came with it, such as its signature, or what a caller adds. Of parts without a word of ours, all. */
function own(part: { providerMetadata?: Record<string, Json> }): Json {
  return part.providerMetadata?.["google"] ?? {};
}

function asItCame(part: AssistantPart): Part[] {
  const fields = own(part);
  return Object.keys(fields).length === 0 ? [] : [{ ...fields }];
}

/** The calls of a step have one signature together, on the first. Where they have none, another model made them. */
function toModelParts(parts: readonly AssistantPart[], family: GeminiFamily | undefined): Part[] {
  const calls = parts.filter((part) => part.type === "tool-call" && !part.providerExecuted);
  const signed = family?.beforeGemini3 || calls.some((part) => own(part)["thoughtSignature"] !== undefined);
  return parts.flatMap((part) => {
    const sent = toModelPart(part);
    return signed || part !== calls[0] ? sent : sent.map((call) => ({ ...call, thoughtSignature: quirks.NO_SIGNATURE }));
  });
}

function toModelPart(part: AssistantPart): Part[] {
  switch (part.type) {
    case "text":
      return toText(part);
    case "reasoning":
      return part.redacted ? asItCame(part) : toText({ ...part, type: "text" }).map((text) => ({ ...text, thought: true }));
    case "tool-call": {
      if (part.providerExecuted) return asItCame(part);
      const { toolCallId: id, toolName: name, input } = part;
      return [{ functionCall: { id, name, args: input }, ...own(part) }];
    }
    case "tool-result":
      return asItCame(part);
    case "source":
      return [];
    default:
      return [toFile(part)];
  }
}

/** A text, parts like a message's, or any JSON; the vendor wants an object. */
function toResult(part: ToolResultPart): Part {
  const { toolCallId: id, toolName: name, output, isError } = part;
  const content = isContent(output) ? output : [];
  const parts = content.flatMap((item) => (item.type === "text" ? [] : [toFile(item)]));
  const texts = content.flatMap((item) => (item.type === "text" ? [item.text] : []));
  const said = isContent(output) ? texts.join("\n\n") : output;
  const response = isError ? { error: said } : isObject(said) ? said : { output: said };
  return { functionResponse: { id, name, response, ...(parts.length > 0 && { parts }) }, ...own(part) };
}

function isContent(output: unknown): output is (TextPart | FilePart)[] {
  const isPart = (part: unknown) => isObject(part) && /^(text|image|file)$/.test(String(part["type"]));
  return Array.isArray(output) && output.length > 0 && output.every(isPart);
}

function toFile(part: FilePart): Part {
  const { mediaType, url, base64, fileId = "" } = toMediaSource(part);
  const mimeType = quirks.ONLY_AS_TEXT.test(mediaType) ? "text/plain" : mediaType;
  if (base64 !== undefined) return { inlineData: { mimeType, data: base64 }, ...own(part) };
  const fileUri = url ?? (fileId.startsWith("files/") ? quirks.FILES + fileId : fileId);
  // A type that only says that it is not known would be taken at its word.
  return { fileData: { fileUri, ...(mimeType !== "application/octet-stream" && { mimeType }) }, ...own(part) };
}

function toTools(tools: ChatCall["tools"]): Json[] | undefined {
  const functionDeclarations = tools.flatMap((tool) => (tool.type === "function" ? [toDeclaration(tool)] : []));
  const run = tools.flatMap((tool) => (tool.type === "provider" ? [{ [tool.name]: tool.options ?? {} }] : []));
  const all = functionDeclarations.length === 0 ? run : [{ functionDeclarations }, ...run];
  return all.length === 0 ? undefined : all;
}

function toDeclaration({ name, description, inputSchema }: CallFunction): Json {
  return { name, description, parametersJsonSchema: inputSchema };
}

function toToolConfig(call: ChatCall, toolConfig: GoogleOptions["toolConfig"], vertexai: boolean): Json {
  const functions = call.tools.filter((tool) => tool.type === "function");
  const mixed = functions.length > 0 && functions.length < call.tools.length && !vertexai;
  const calling = functions.length > 0 && toCalling(call.toolChoice, functions);
  const functionCallingConfig = unlessEmpty({ ...calling, ...toolConfig?.functionCallingConfig });
  return { ...(mixed && { includeServerSideToolInvocations: true }), ...toolConfig, functionCallingConfig };
}

/** VALIDATED is AUTO with calls that keep to their schemas. */
function toCalling(choice: ChatCall["toolChoice"], functions: readonly CallFunction[]): Json {
  if (typeof choice === "object") return { mode: "ANY", allowedFunctionNames: [choice.toolName] };
  if (choice === "none" || choice === "required") return { mode: choice === "none" ? "NONE" : "ANY" };
  const validated = functions.some(({ strict }) => strict);
  return { mode: validated ? "VALIDATED" : choice === "auto" ? "AUTO" : undefined };
}

function toGenerationConfig(call: ChatCall, family: GeminiFamily | undefined): Json {
  const { temperature, topP, topK, maxOutputTokens, stopSequences, seed, n, presencePenalty, frequencyPenalty, logprobs, output } = call;
  const same = { temperature, topP, topK, maxOutputTokens, stopSequences, seed, presencePenalty, frequencyPenalty };
  return {
    ...same,
    candidateCount: n,
    responseLogprobs: logprobs === undefined ? undefined : logprobs !== false,
    logprobs: typeof logprobs === "number" ? logprobs : undefined,
    responseMimeType: output && "application/json",
    responseJsonSchema: output?.schema,
    thinkingConfig: toThinking(call.reasoning, family),
  };
}

/** Who asks for thinking wants its text too. Levels are the newer way, and the one for models that are not known here. */
function toThinking(reasoning: ChatCall["reasoning"], family: GeminiFamily | undefined): Json | undefined {
  if (reasoning === undefined) return undefined;
  const { effort, budgetTokens } = reasoning;
  if (effort === "none") return { thinkingBudget: 0 };
  const thinkingBudget = budgetTokens ?? (effort && family?.budgets?.[effort]);
  if (thinkingBudget !== undefined) return { includeThoughts: true, thinkingBudget };
  const level = effort === "xhigh" || effort === "max" ? "high" : effort;
  return { includeThoughts: true, ...(level !== undefined && { thinkingLevel: level.toUpperCase() }) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
