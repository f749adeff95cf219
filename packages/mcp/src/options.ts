import type { Tool } from "@plurivox/core";

/** A server that is started as a child process and speaks over its standard input and output. */
export interface McpCommand {
  command: string;
  args?: string[];
  /** Added to the few variables that every child gets (`PATH`, `HOME`, …). Nothing else of this process's environment reaches it. */
  env?: Record<string, string>;
  cwd?: string;
}

/** A server that speaks streamable HTTP. */
export interface McpAddress {
  url: string;
  /** Sent with every request, such as `authorization`. */
  headers?: Record<string, string>;
  fetch?: typeof fetch;
}

export interface McpOptions {
  /** What errors call the server. Default: the name that it gives itself. */
  name?: string;
  /** Put before the name of each tool, as it is: "github_". */
  prefix?: string;
  /** Which tools to offer, by the names that the server gives them. A listed name that the server does not have is a `configuration` error. */
  include?: readonly string[] | ((name: string) => boolean);
  /**
   * Which calls have to be approved. "destructive": those of tools that may destroy, which by MCP's rule are all that the server marks neither as
   * read-only nor as harmless. Its marks are its own words: of a server that you do not trust, approve all. Default: none.
   */
  approval?: boolean | "destructive" | ((name: string, input: unknown) => boolean | Promise<boolean>);
  /** Milliseconds for each request. Default: 60,000 to connect and to list; none for a call, which ends with the chat's `toolTimeoutMs`. */
  timeoutMs?: number;
  /** Ends the attempt to connect. */
  signal?: AbortSignal;
  /** Called when the server has changed its tools, and `tools` holds the new ones. */
  onToolsChanged?: (tools: Tool[]) => void;
}

/** A server, connected. */
export interface McpServer {
  readonly name: string;
  /** Those that the server has now: a new array when it changes them. */
  readonly tools: Tool[];
  /** Asks the server for its tools again, whether or not it told of a change. */
  refresh(): Promise<Tool[]>;
  /** Ends the session and, for a command, the child process. Calls that still run fail. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One piece of a result that is more than a text. */
export type McpPart =
  | { type: "text"; text: string }
  | { type: "image" | "audio"; mediaType: string; base64: string }
  | { type: "resource"; uri: string; mediaType?: string; text?: string; base64?: string }
  | { type: "resource-link"; uri: string; name: string; description?: string; mediaType?: string };
