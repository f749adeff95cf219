import type { ApprovalRule, Tool, ToolDefinition } from "../model/tool.ts";

/** A tool that runs here, with the types of its input and output inferred from the schema and the function. */
export function tool<Input, Result>(definition: ToolDefinition<Input, Result>): Tool<Input, Result> {
  return Object.freeze({ ...definition }) as Tool<Input, Result>;
}

/** Which calls need approval, by name, tool or predicate: `approval: requireApproval("delete_file", otherTool)`. */
export function requireApproval(...which: readonly (string | Tool | ApprovalRule)[]): ApprovalRule {
  return async (call) => {
    for (const one of which) {
      if (typeof one === "function" ? await one(call) : (typeof one === "string" ? one : one.name) === call.toolName) return true;
    }
    return false;
  };
}
