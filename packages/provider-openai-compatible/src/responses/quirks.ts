import type { FinishReason } from "@plurivox/core/provider";

/** https://developers.openai.com/api/reference/resources/responses (2026-11). */
export const INCOMPLETE_REASONS: Readonly<Record<string, FinishReason>> = { max_output_tokens: "length", content_filter: "content-filter" };

/**
 * What words are: a message's text, or its refusal; a summary of reasoning, or reasoning itself.
 */
export type Kind = "text" | "refusal" | "summary" | "thought";

/** Types of the items that an event can be about; the first is the likeliest. */
export type ItemTypes = readonly [string, ...string[]];

const MESSAGE: ItemTypes = ["message"];
const REASONING: ItemTypes = ["reasoning"];

/**
 * Events of words, without the ".delta" or ".done" that they end in, and which field counts the
 * pieces of the item.
 */
export const WORDS: Readonly<Record<string, { types: ItemTypes; kind: Kind; index: "content_index" | "summary_index" }>> = {
  "response.output_text": { types: MESSAGE, kind: "text", index: "content_index" },
  "response.refusal": { types: MESSAGE, kind: "refusal", index: "content_index" },
  "response.reasoning_summary_text": { types: REASONING, kind: "summary", index: "summary_index" },
  "response.reasoning_text": { types: REASONING, kind: "thought", index: "content_index" },
};

/** The same for the input of calls. */
export const INPUTS: Readonly<Record<string, ItemTypes>> = {
  "response.function_call_arguments": ["function_call", "mcp_call"],
  "response.mcp_call_arguments": ["mcp_call", "function_call"],
  "response.custom_tool_call_input": ["custom_tool_call"],
};

/** An output item that is a tool call. The wire has a type for each of its own tools. */
export interface ToolItem {
  /** What we call the tool; absent: the item's `name`. */
  name?: string;
  /** Fields of the item that make up the input. One that stands alone, without brackets, is the input itself. */
  input: string | readonly string[];
  /** The field that holds the result, where the vendor ran the tool. */
  output?: string;
  /** The item in which the caller sends the result, where the caller has to run it. */
  result?: string;
  /** Input and result are text, and the input goes back as our call has it. */
  plain?: true;
  /** The result is spread into that item; else it is the item's `output`. */
  spread?: true;
}

const FUNCTION: ToolItem = { input: "arguments", result: "function_call_output", plain: true };

/** https://developers.openai.com/api/docs/guides/tools and the types of openai 7.57 (2026-11). */
export const TOOL_ITEMS: Readonly<Record<string, ToolItem>> = {
  function_call: FUNCTION,
  custom_tool_call: { input: "input", result: "custom_tool_call_output", plain: true },
  web_search_call: { name: "web_search", input: "action", output: "action.sources" },
  file_search_call: { name: "file_search", input: ["queries"], output: "results" },
  code_interpreter_call: { name: "code_interpreter", input: ["code", "container_id"], output: "outputs" },
  image_generation_call: { name: "image_generation", input: [] },
  mcp_call: { input: "arguments", output: "output" },
  mcp_list_tools: { name: "mcp_list_tools", input: ["server_label"], output: "tools" },
  mcp_approval_request: {
    name: "mcp_approval",
    input: ["server_label", "name", "arguments"],
    result: "mcp_approval_response",
    spread: true,
  },
  computer_call: { name: "computer", input: ["action", "actions", "pending_safety_checks"], result: "computer_call_output" },
  local_shell_call: { name: "local_shell", input: "action", result: "local_shell_call_output" },
  shell_call: { name: "shell", input: "action", result: "shell_call_output" },
  apply_patch_call: { name: "apply_patch", input: "operation", result: "apply_patch_call_output", spread: true },
  tool_search_call: { name: "tool_search", input: "arguments", result: "tool_search_output", spread: true },
};

/** How a call in the history goes back: as a function's where its type is not known. */
export function toolItem(type: string): ToolItem {
  return Object.hasOwn(TOOL_ITEMS, type) ? TOOL_ITEMS[type]! : FUNCTION;
}

/** An item that holds what a tool gave back, whoever ran it. */
export function isResult(type: string): boolean {
  return /_(output|response)$/.test(type);
}

/** Results that are items of their own, by the field that holds them. */
export const RESULT_ITEMS: Readonly<Record<string, string>> = {
  shell_call_output: "output",
  apply_patch_call_output: "output",
  tool_search_output: "tools",
  local_shell_call_output: "output",
  computer_call_output: "output",
};
