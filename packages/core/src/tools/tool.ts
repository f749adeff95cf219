import type { ApprovalRule, Tool, ToolDefinition } from "../model/tool.ts";

/**
 * A tool that runs here, with the types of its input and output inferred from the schema and the
 * function. To show the model a picture or another file, return it as a part: `{ type: "image",
 * data: bytes, mediaType: "image/png" }`, alone, in a list with `{ type: "text", text }`, or in
 * data.
 */
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
