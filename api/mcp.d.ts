import { Tool } from "@plurivox/core";
interface McpCommand {
  command: string;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
}
interface McpAddress {
  url: string;
  headers?: Record<string, string>;
  fetch?: typeof fetch;
}
interface McpOptions {
  name?: string;
  prefix?: string;
  include?: readonly string[] | ((name: string) => boolean);
  approval?: boolean | "destructive" | ((name: string, input: unknown) => boolean | Promise<boolean>);
  timeoutMs?: number;
  signal?: AbortSignal;
  onToolsChanged?: (tools: Tool[]) => void;
}
interface McpServer {
  readonly name: string;
  readonly tools: Tool[];
  refresh(): Promise<Tool[]>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
type McpPart =
  | {
      type: "text";
      text: string;
    }
  | {
      type: "image" | "audio";
      mediaType: string;
      base64: string;
    }
  | {
      type: "resource";
      uri: string;
      mediaType?: string;
      text?: string;
      base64?: string;
    }
  | {
      type: "resource-link";
      uri: string;
      name: string;
      description?: string;
      mediaType?: string;
    };
declare function mcp(target: McpCommand | McpAddress, options?: McpOptions): Promise<McpServer>;
export { type McpAddress, type McpCommand, type McpOptions, type McpPart, type McpServer, mcp };
