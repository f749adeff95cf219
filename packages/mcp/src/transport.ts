import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { LlmError } from "@plurivox/core";
import { STREAM_ENDED, type Peer } from "./errors.ts";
import type { McpAddress, McpCommand } from "./options.ts";

/** How much of a child's standard error is kept, to say in an error what went wrong. */
const KEPT = 1_000;

/** The way to a server. */
export interface Line {
  transport: Transport;
  /** Tells the server that its session is over. */
  leave?(): Promise<void>;
}

export function toLine(target: McpCommand | McpAddress, peer: Peer): Promise<Line> {
  return "url" in target ? overHttp(target, peer) : overStdio(target, peer);
}

async function overStdio({ command, args, env, cwd }: McpCommand, peer: Peer): Promise<Line> {
  const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
  const transport = new StdioClientTransport({ command, args, env, cwd, stderr: "pipe" });
  transport.stderr?.on("data", (piece: Buffer) => (peer.said = (peer.said + piece.toString()).slice(-KEPT)));
  return { transport };
}

async function overHttp({ url, headers, fetch }: McpAddress, peer: Peer): Promise<Line> {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new LlmError("configuration", `The URL of the MCP server "${peer.name}" is none of http or https.`, {
      hint: 'It should look like "https://example.com/mcp".',
    });
  }
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const transport = new StreamableHTTPClientTransport(parsed, { requestInit: { headers }, fetch });
  const send = transport.send.bind(transport);
  // A request whose stream of events just ends is one that the SDK would wait for until it times out.
  transport.send = (message, options) => send(message, { onRequestStreamEnd: () => transport.onmessage?.(endOf(message)), ...options });
  return { transport, leave: () => transport.terminateSession() };
}

/** The failure that stands in for an answer. After one that did arrive, it is ignored. */
function endOf(message: JSONRPCMessage | JSONRPCMessage[]): JSONRPCMessage {
  const id = !Array.isArray(message) && "id" in message ? message.id : undefined;
  return { jsonrpc: "2.0", id, error: { code: STREAM_ENDED, message: "The connection ended before the answer" } };
}
