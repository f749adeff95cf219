export { mcp } from "./mcp.ts";
export type { McpAddress, McpCommand, McpOptions, McpPart, McpServer } from "./options.ts";
