import type { ChatResult } from "@plurivox/core";
import type { Recording } from "../../../tests/support/recordings.ts";

export type Json = Record<string, unknown>;
type Usage = Record<string, number | undefined> & Record<string, Record<string, number | undefined> | undefined>;

/** The events of a recorded stream, or the one body, read without the code under test. */
export function readEvents({ response, streaming }: Recording): Json[] {
  if (!streaming) return [JSON.parse(response.body) as Json];
  const lines = response.body.split("\n").filter((line) => line.startsWith("data:") && line.slice(5).trim() !== "[DONE]");
  return lines.map((line) => JSON.parse(line.slice(5)) as Json);
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const word = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
const isSaid = (value: unknown): boolean => value !== undefined && value !== null;

function parsed(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}

/** Some results come only with the last event, after those of later calls. */
const unordered = (values: unknown[]): string[] => values.map((value) => JSON.stringify(value)).toSorted();

/** Texts that stand apart, with a blank line between them. */
const paragraphs = (texts: string[]): string =>
  texts
    .filter((text) => text !== "")
    .reduce(
      (before, text) =>
        before === "" || before.endsWith("\n\n") || text.startsWith("\n\n")
          ? before + text
          : `${before.replace(/\n$/, "")}\n\n${text.replace(/^\n/, "")}`,
      "",
    );

const CHAT_FINISH: Record<string, string> = { stop: "stop", length: "length", tool_calls: "tool-calls", function_call: "tool-calls" };

/** What a caller must get from a recorded answer of the chat wire. */
export function expectedOfChat(recording: Recording): Json {
  const events = readEvents(recording);
  const choices = events.flatMap((event) => list(event["choices"])).filter((choice) => !choice["index"]);
  const pieces = choices.map((choice) => ((recording.streaming ? choice["delta"] : choice["message"]) ?? {}) as Json);
  const joined = (...fields: string[]) =>
    pieces.map((piece) => word(fields.map((field) => piece[field]).find((value) => word(value) !== ""))).join("");
  const finish = choices.map((choice) => choice["finish_reason"]).findLast((reason) => word(reason) !== "");
  const calls: { id: unknown; index: unknown; name: string; input: string; custom: boolean }[] = [];
  for (const call of pieces.flatMap((piece) => [
    ...list(piece["tool_calls"]),
    ...(piece["function_call"] ? [{ function: piece["function_call"] }] : []),
  ])) {
    const { name, arguments: args, input } = (call["function"] ?? call["custom"] ?? {}) as Json;
    const id = call["id"] || undefined;
    const index = call["index"];
    let open = calls.findLast((other) => (id === undefined || other.id === id) && (index === undefined || other.index === index));
    if (open === undefined) calls.push((open = { id, index, name: "", input: "", custom: call["custom"] !== undefined }));
    open.name ||= word(name);
    open.input += word(args ?? input);
  }
  const audio = pieces.map((piece) => piece["audio"] as Json | undefined | null).find(isSaid);
  return {
    text: joined("content") + word(audio?.["transcript"]),
    reasoning: joined("reasoning_content", "reasoning") || undefined,
    refusal: joined("refusal") || undefined,
    toolCalls: calls.map(({ id, name, input, custom }) => ({ id: id ?? "some", name, input: custom ? input : parsed(input) })),
    sources: [
      ...pieces.flatMap((piece) => list(piece["annotations"])).map((annotation) => (annotation["url_citation"] as Json)["url"]),
      // What stands in the attachments of a call has a name and no address.
      ...new Set([
        ...events.flatMap((event) => list(event["search_results"])).map(({ url, title }) => url || title),
        ...events.flatMap((event) => (event["citations"] ?? []) as string[]),
      ]),
    ],
    files: audio?.["data"] === undefined ? [] : [audio["data"]],
    finishReason: finish === "stop" && calls.length > 0 ? "tool-calls" : CHAT_FINISH[String(finish)],
    rawFinishReason: finish,
    usage: chatUsage(events.map((event) => event["usage"] as Usage | undefined).findLast(isSaid)),
    responseId: events.map((event) => event["id"]).find((id) => word(id) !== ""),
    responseModel: events.map((event) => event["model"]).find((model) => word(model) !== ""),
    logprobs: choices.flatMap((choice) => list((choice["logprobs"] as Json | null | undefined)?.["content"])).map(({ token }) => token),
  };
}

/** What is no count is none. */
function counted(usage: Json): Json {
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => typeof count === "number" && count >= 0));
}

function chatUsage(usage: Usage | undefined): Json {
  if (usage === undefined) return {};
  const input = usage["prompt_tokens"] as number;
  const output = usage["completion_tokens"] as number;
  const total = usage["total_tokens"] as number | undefined;
  const read = usage["prompt_tokens_details"] as Partial<Usage> | undefined;
  const wrote = usage["completion_tokens_details"] as Partial<Usage> | undefined;
  return counted({
    inputTokens: input,
    // What only the total tells are thoughts.
    outputTokens: Math.max(output, (total ?? 0) - input),
    totalTokens: total,
    cacheReadTokens: read?.["cached_tokens"] ?? usage["prompt_cache_hit_tokens"] ?? usage["cached_tokens"],
    cacheWriteTokens: read?.["cache_write_tokens"],
    reasoningTokens: wrote?.["reasoning_tokens"],
    audioInputTokens: read?.["audio_tokens"] || undefined,
    audioOutputTokens: wrote?.["audio_tokens"] || undefined,
    imageOutputTokens: wrote?.["image_tokens"] || undefined,
  });
}

/** The response at its end. Most items came by themselves before, and those count: in the last event they are encrypted anew. */
export function readResponse(recording: Recording): Json {
  const events = readEvents(recording);
  if (!recording.streaming) return events[0]!;
  const last = events.map((event) => event["response"] as Json | undefined).findLast(isSaid) ?? {};
  const items = events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item as Json);
  const whole = list(last["output"]);
  return { ...last, output: whole.length === 0 ? items : whole.map((item) => items.find(({ id }) => id === item["id"]) ?? item) };
}

/** Tools that the wire has a type for, and what their calls and results are called here. `null`: the caller runs it. */
const OWN_TOOLS: Record<string, [name: string | undefined, input: (item: Json) => unknown, output: ((item: Json) => unknown) | null]> = {
  web_search_call: ["web_search", ({ action }) => action ?? {}, ({ action }) => (action as Json | undefined)?.["sources"]],
  file_search_call: ["file_search", ({ queries }) => ({ queries }), ({ results }) => results],
  code_interpreter_call: ["code_interpreter", ({ code, container_id }) => ({ code, container_id }), ({ outputs }) => outputs],
  image_generation_call: ["image_generation", () => ({}), () => undefined],
  mcp_call: [undefined, (item) => parsed(word(item["arguments"])), ({ error, output }) => error ?? output],
  mcp_list_tools: ["mcp_list_tools", ({ server_label }) => ({ server_label }), ({ tools }) => tools],
  computer_call: ["computer", ({ action, pending_safety_checks }) => ({ action, pending_safety_checks }), null],
  local_shell_call: ["local_shell", ({ action }) => action, null],
  shell_call: ["shell", ({ action }) => action, null],
  apply_patch_call: ["apply_patch", ({ operation }) => operation, null],
  tool_search_call: ["tool_search", (item) => item["arguments"], null],
};

/** What a caller must get from a recorded answer of the responses wire. */
export function expectedOfResponses(recording: Recording): Json {
  const response = readResponse(recording);
  const output = list(response["output"]);
  const messages = output.filter(({ type }) => type === "message");
  const contents = messages.flatMap((item) => list(item["content"]));
  const thoughts = output
    .filter(({ type }) => type === "reasoning")
    .flatMap((item) => [...list(item["summary"]), ...list(item["content"])]);
  const calls = output.flatMap((item): Json[] => {
    const { type, id, call_id, name } = item;
    if (type === "function_call") return [{ id: call_id, name, input: parsed(word(item["arguments"])) }];
    if (type === "custom_tool_call") return [{ id: call_id, name, input: item["input"] }];
    const tool = OWN_TOOLS[String(type)];
    if (tool === undefined) return [];
    const executed = tool[2] !== null || (item["environment"] as Json | undefined)?.["type"] === "container_reference";
    return [{ id: call_id || id || "some", name: tool[0] ?? name, input: tool[1](item), ...(executed && { executed }) }];
  });
  const results = output.flatMap((item) => {
    const result = item["type"] === "shell_call_output" ? item["output"] : OWN_TOOLS[String(item["type"])]?.[2]?.(item);
    return isSaid(result) ? [result] : [];
  });
  const status = word(response["status"]);
  const reason = (response["incomplete_details"] as Json | null)?.["reason"];
  const pending = calls.some(({ executed }) => executed !== true);
  return {
    text: paragraphs(
      messages.map((item) =>
        list(item["content"])
          .map(({ text }) => word(text))
          .join(""),
      ),
    ),
    reasoning: paragraphs(thoughts.map(({ text }) => word(text))) || undefined,
    refusal: contents.map(({ refusal }) => word(refusal)).join("") || undefined,
    toolCalls: calls,
    results: unordered(results),
    sources: contents.flatMap((content) => list(content["annotations"])).map(({ url, file_id }) => url ?? file_id),
    finishReason: status === "completed" ? (pending ? "tool-calls" : "stop") : reason === "max_output_tokens" ? "length" : "other",
    rawFinishReason: reason ?? status,
    usage: responsesUsage(response["usage"] as Usage | null),
    responseId: response["id"],
    responseModel: response["model"],
    logprobs: contents.flatMap((content) => list(content["logprobs"])).map(({ token }) => token),
  };
}

function responsesUsage(usage: Usage | null | undefined): Json {
  if (!isSaid(usage)) return {};
  return counted({
    inputTokens: usage!["input_tokens"],
    outputTokens: usage!["output_tokens"],
    totalTokens: usage!["total_tokens"],
    cacheReadTokens: usage!["input_tokens_details"]?.["cached_tokens"],
    cacheWriteTokens: usage!["input_tokens_details"]?.["cache_write_tokens"],
    reasoningTokens: usage!["output_tokens_details"]?.["reasoning_tokens"],
  });
}

/** A result in the words of the expectations above. */
export function gotOf(result: ChatResult, wire: "chat" | "responses"): Json {
  const { text, reasoning, refusal, finishReason, rawFinishReason, usage, responseId, responseModel, logprobs = [] } = result;
  return {
    text,
    reasoning,
    refusal,
    toolCalls: result.toolCalls.map(({ toolCallId, toolName, input, providerExecuted }) => ({
      id: toolCallId,
      name: toolName,
      input,
      ...(providerExecuted && { executed: true }),
    })),
    ...(wire === "responses" && { results: unordered(result.toolResults.map(({ output }) => output)) }),
    sources: result.sources.map(({ url, documentId }) => url ?? documentId),
    ...(wire === "chat" && { files: result.files.map(({ base64 }) => base64) }),
    finishReason,
    rawFinishReason,
    usage,
    responseId,
    responseModel,
    logprobs: logprobs.map(({ token }) => token),
  };
}
