// An MCP server with two tools, which speaks over its standard input and output. It ends when they are closed.
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const server = new McpServer({ name: "arithmetic", version: "1.0.0" });
const numbers = z.object({ a: z.number(), b: z.number() });

server.registerTool("add", { description: "Adds two numbers", inputSchema: numbers }, ({ a, b }) => ({
  content: [{ type: "text", text: String(a + b) }],
}));
server.registerTool("multiply", { description: "Multiplies two numbers", inputSchema: numbers }, ({ a, b }) => ({
  content: [{ type: "text", text: String(a * b) }],
}));

await server.connect(new StdioServerTransport());
