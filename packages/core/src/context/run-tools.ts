import type { CallOptions, ChatResult, ToolResult } from "../model/chat.ts";
import type { ToolLike } from "../model/tool.ts";

export type RunToolsOptions = Pick<CallOptions, "toolContext" | "signal" | "approval" | "approve" | "maxConcurrency" | "toolTimeoutMs">;

/**
 * Runs the calls of a result that came back unrun; results in the order of the calls, failures as `isError`. Tools made by `tool()` run, calls of others
 * are left out. What needs approval is rejected unless `approve` decides. Append `{ role: "tool", content: results.map((one) => ({ type: "tool-result", ...one })) }`
 * to the history to go on. Throws `aborted`.
 */
export async function runTools(result: ChatResult, tools: readonly ToolLike[], options: RunToolsOptions = {}): Promise<ToolResult[]> {
  const { runCalls } = await import("../pipeline/index.ts");
  return runCalls(result, tools, options);
}
