import type { Client, Tool as Listed } from "@modelcontextprotocol/client";
import { LlmError, type Tool } from "@plurivox/core";
import { abortedError, toLlmError, toPeer, type Peer } from "./errors.ts";
import type { McpAddress, McpCommand, McpOptions, McpServer } from "./options.ts";
import { toTools } from "./tools.ts";
import { toLine, type Line } from "./transport.ts";

const PATIENCE_MS = 60_000;
const PARTING_MS = 2_000;

/**
 * Connects to an MCP server, started as a child process or reached over HTTP, and offers its tools. The SDK is loaded by the first call. Close the
 * server, or hold it with `await using`.
 *
 * Throws `configuration` (the command or the URL cannot be used), `authentication`, `permission`, `not-found`, `connection`, `server`, `timeout` or
 * `aborted`; its tools throw `tool` with the server's words, or one of the same. No error holds the value of a header or a secret of `env`.
 */
export async function mcp(target: McpCommand | McpAddress, options: McpOptions = {}): Promise<McpServer> {
  const { signal, timeoutMs: timeout = PATIENCE_MS } = options;
  const peer = toPeer(target, options.name);
  const [sdk, line] = await Promise.all([import("@modelcontextprotocol/client"), toLine(target, peer)]);
  let tools: Tool[] = [];
  const take = (listed: Listed[]) => (tools = toTools(listed, client, peer, options));
  const client: Client = new sdk.Client(
    { name: "plurivox", version: "0" },
    {
      // On stdio the newer handshake would start the command twice, and nearly every server knows the older one.
      versionNegotiation: { mode: "url" in target ? "auto" : "legacy" },
      listChanged: { tools: { onChanged: (_error, listed) => listed && options.onToolsChanged?.(take(listed)) } },
    },
  );
  try {
    take(await untilAborted(() => open(client, line, peer, options, timeout), signal));
  } catch (error) {
    await line.transport.close();
    throw signal?.aborted ? abortedError(signal.reason, peer) : toLlmError(error, peer);
  }

  let closing: Promise<void> | undefined;
  const close = () => (closing ??= hangUp(client, line));
  return {
    name: peer.name,
    get tools() {
      return tools;
    },
    async refresh() {
      if (closing !== undefined) throw toLlmError(new Error("It is closed"), peer);
      return take(await list(client, timeout).catch((error: unknown) => Promise.reject(toLlmError(error, peer))));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function open(client: Client, { transport }: Line, peer: Peer, { name, include }: McpOptions, timeout: number): Promise<Listed[]> {
  await client.connect(transport, { timeout });
  peer.name = name ?? client.getServerVersion()?.name ?? peer.name;
  const listed = await list(client, timeout);
  const names = listed.map((one) => one.name);
  const missing = typeof include === "object" ? include.filter((one) => !names.includes(one)) : [];
  if (missing.length === 0) return listed;
  throw new LlmError("configuration", `The MCP server "${peer.name}" has no tool ${missing.map((one) => `"${one}"`).join(", ")}.`, {
    hint: `Change \`include\`; the tools are: ${names.join(", ")}.`,
  });
}

async function list(client: Client, timeout: number): Promise<Listed[]> {
  // Where a server has no tools at all, the SDK would say so on the console.
  if (client.getServerCapabilities()?.tools === undefined) return [];
  return (await client.listTools(undefined, { timeout, cacheMode: "refresh" })).tools;
}

/** A server that does not answer the farewell is left without it. */
async function hangUp(client: Client, { leave }: Line): Promise<void> {
  if (leave !== undefined) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PARTING_MS)));
    await Promise.race([leave().catch(() => {}), patience]);
    clearTimeout(timer);
  }
  await client.close();
}

/** The SDK's own handshake does not end when a signal tells it to. */
async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work(), promise]).finally(() => signal.removeEventListener("abort", abort));
}
