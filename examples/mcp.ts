/**
 * The tools of an MCP server, which runs as a process of its own.
 *
 *     npm run example mcp
 */
import { join } from "node:path";
import { mcp } from "@plurivox/mcp";
import { createContext } from "plurivox";
import { startDemo } from "./support/demo.ts";

// Any command will do, such as `npx -y @modelcontextprotocol/server-filesystem .`; here it is a server of 20 lines.
await using server = await mcp(
  { command: process.execPath, args: [join(import.meta.dirname, "support/mcp-server.ts")] },
  // Of a server that you do not trust, approve every call.
  { prefix: "math_", include: ["add"], approval: true },
);
console.log(`${server.name} has:`, server.tools.map(({ name, description }) => `${name} (${description})`).join(", "));

await using demo = await startDemo();
await using context = createContext({ env: demo.env });

// They are tools like any other: checked, run, approved.
const { text, toolResults } = await context.llm().chat("What is 17 + 25?", {
  tools: server.tools,
  approve({ toolName, input }) {
    console.log("approved:", toolName, JSON.stringify(input));
    return true;
  },
});
console.log("returned:", JSON.stringify(toolResults[0]?.output));
console.log(text);
