// A real MCP server: `server.ts stdio`, `server.ts http` (2025's protocol, with sessions) or `server.ts modern` (2026's, without).
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
  type CallToolResult,
  type ServerContext,
  type Tool,
  type ToolAnnotations,
} from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const PAGE = 3;
/** How it is spoken to. */
export type Mode = "stdio" | "http" | "modern";
const mode = (process.argv[2] ?? "stdio") as Mode;

type Run = (input: Record<string, unknown>, context: ServerContext, server: Server) => CallToolResult | Promise<CallToolResult>;
interface Offer {
  definition: Tool;
  run: Run;
}

const offers = new Map<string, Offer>();
const cancelled = Promise.withResolvers<string>();
let permission = Promise.withResolvers<void>();
/** Responses that are not ended. */
const open = new Set<ServerResponse>();

interface Settings {
  description?: string;
  title?: string;
  annotations?: ToolAnnotations;
  input?: z.ZodType;
  output?: z.ZodType;
}

function offer(name: string, { description, title, annotations, input = z.object({}), output }: Settings, run: Run): void {
  const inputSchema = z.toJSONSchema(input) as Tool["inputSchema"];
  const outputSchema = output === undefined ? {} : { outputSchema: z.toJSONSchema(output) as NonNullable<Tool["outputSchema"]> };
  offers.set(name, { definition: { name, description, title, annotations, inputSchema, ...outputSchema }, run });
}

const text = (words: string): CallToolResult => ({ content: [{ type: "text", text: words }] });
const base64 = (words: string) => Buffer.from(words).toString("base64");

function progress({ mcpReq: { notify, _meta: meta } }: ServerContext, done: number, total: number): Promise<void> {
  const params = { progressToken: meta?.progressToken ?? "", progress: done, total, message: `step ${done}` };
  return notify({ method: "notifications/progress", params });
}

offer("echo", { description: "Says it again", input: z.object({ text: z.string() }) }, (input) => text(String(input.text)));
offer("json", { title: "A text that is JSON" }, () => text('{"a":1}'));
offer("nothing", {}, () => ({ content: [] }));
offer(
  "add",
  { input: z.object({ a: z.number(), b: z.number() }), output: z.object({ sum: z.number() }), annotations: { readOnlyHint: true } },
  ({ a, b }) => ({ ...text("as text"), structuredContent: { sum: Number(a) + Number(b) } }),
);
offer("add_wrongly", { output: z.object({ sum: z.number() }) }, () => ({ content: [], structuredContent: { sum: "many" } }));
offer("pieces", { annotations: { destructiveHint: false } }, () => ({
  content: [
    { type: "text", text: "See:" },
    { type: "image", data: base64("pixels"), mimeType: "image/png" },
    { type: "audio", data: base64("waves"), mimeType: "audio/wav" },
    { type: "resource_link", uri: "file:///a.txt", name: "a.txt", description: "A file", mimeType: "text/plain" },
    { type: "resource_link", uri: "file:///b", name: "b" },
    { type: "resource", resource: { uri: "file:///a.txt", text: "words", mimeType: "text/plain" } },
    { type: "resource", resource: { uri: "file:///c", blob: base64("bytes") } },
  ],
}));
offer("picture", {}, () => ({ content: [{ type: "image", data: base64("pixels"), mimeType: "image/png" }] }));
offer("look", { output: z.object({ width: z.number() }) }, () => ({
  content: [{ type: "image", data: base64("pixels"), mimeType: "image/png" }],
  structuredContent: { width: 1 },
}));
offer("fail", {}, () => ({
  isError: true,
  content: [
    { type: "text", text: "The disk is full." },
    { type: "text", text: "Buy another." },
  ],
}));
offer("fail_silently", {}, () => ({ isError: true, content: [] }));
offer("leak", {}, () => ({ isError: true, content: [{ type: "text", text: `Your key ${process.env.SERVER_TOKEN} is wrong.` }] }));
offer("steps", {}, async (_input, context) => {
  for (const done of [1, 2, 3]) {
    permission = Promise.withResolvers();
    await progress(context, done, 3);
    await permission.promise;
  }
  return text("done");
});
offer("go_on", {}, () => {
  permission.resolve();
  return text("Well?");
});
offer("slow", {}, async (_input, context) => {
  const { signal } = context.mcpReq;
  await new Promise((aborted) => {
    signal.addEventListener("abort", aborted, { once: true });
    void progress(context, 1, 2);
  });
  cancelled.resolve(String(signal.reason));
  return text("late");
});
offer("cancelled", {}, async () => text(await cancelled.promise));
offer("environment", {}, () => ({ content: [], structuredContent: { ...process.env } }));
offer("folder", {}, () => text(process.cwd()));
offer("pid", {}, () => text(String(process.pid)));
offer("die", {}, () => {
  process.stderr.write(`I had to go, ${process.env.SERVER_TOKEN}.\n`, () => process.exit(3));
  return new Promise(() => {});
});
offer("hang_up", {}, () => {
  for (const response of open) if (response.headersSent) response.end();
  return text("Over.");
});
offer("grow", {}, async (_input, _context, server) => {
  offer("late", {}, () => text("Here I am."));
  if (mode === "modern") modern.notify.toolsChanged();
  else await server.sendToolListChanged();
  return text("grown");
});
offer("files/read.all", {}, () => text("files/read.all"));
offer("files.read/all", {}, () => text("files.read/all"));
offer(`a_tool_with_a_name_that_is_${"very_".repeat(10)}long`, {}, () => text("long"));

function createMcpServer(): Server {
  const server = new Server({ name: "test-server", version: "1.0.0" }, { capabilities: { tools: { listChanged: true } } });
  server.setRequestHandler("tools/list", ({ params }) => {
    const from = Number(params?.cursor ?? 0);
    const tools = [...offers.values()].map(({ definition }) => definition);
    return { tools: tools.slice(from, from + PAGE), ...(from + PAGE < tools.length && { nextCursor: String(from + PAGE) }) };
  });
  server.setRequestHandler("tools/call", ({ params }, context) => {
    const found = offers.get(params.name);
    if (found === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    return found.run(params.arguments ?? {}, context, server);
  });
  return server;
}

const modern = createMcpHandler(createMcpServer, { legacy: "reject" });
const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();

async function answer(request: Request): Promise<Response> {
  const key = request.headers.get("authorization");
  if (process.env.SERVER_TOKEN !== undefined && key !== `Bearer ${process.env.SERVER_TOKEN}`)
    return new Response(`Nobody knows the key ${key}.`, { status: 401 });
  if (mode === "modern") return modern.fetch(request);
  const id = request.headers.get("mcp-session-id");
  const session = id === null ? undefined : sessions.get(id);
  if (session !== undefined) return session.handleRequest(request);
  if (id !== null) return new Response("No such session.", { status: 404 });
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (opened) => void sessions.set(opened, transport),
    onsessionclosed: (closed) => void sessions.delete(closed),
  });
  await createMcpServer().connect(transport);
  return transport.handleRequest(request);
}

async function handle(raw: IncomingMessage, response: ServerResponse): Promise<void> {
  open.add(response);
  const gone = new AbortController();
  response.on("close", () => {
    open.delete(response);
    gone.abort();
  });
  // Those who only look, in a test.
  if (raw.url === "/sessions") return void response.end(String(sessions.size));
  const pieces = await Readable.from(raw).toArray();
  const { method = "", headers } = raw;
  const init = { method, headers: headers as Record<string, string>, signal: gone.signal };
  const body = pieces.length > 0 ? Buffer.concat(pieces) : undefined;
  const answered = await answer(new Request(new URL(raw.url ?? "", "http://127.0.0.1"), { ...init, body }));
  response.writeHead(answered.status, Object.fromEntries(answered.headers)).flushHeaders();
  if (answered.body === null) response.end();
  else await pipeline(Readable.fromWeb(answered.body as Parameters<typeof Readable.fromWeb>[0]), response).catch(() => {});
}

if (process.env.SERVER_REFUSES !== undefined) {
  process.stderr.write(`There is no database at ${process.env.SERVER_REFUSES}.\n`, () => process.exit(1));
} else if (mode === "stdio") {
  // What keeps a server that does not listen from ending by itself.
  if (process.env.SERVER_STAYS !== undefined) setInterval(() => {}, 1_000);
  await createMcpServer().connect(new StdioServerTransport());
} else {
  const http = createServer(handle);
  http.listen(0, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${(http.address() as AddressInfo).port}\n`));
}
