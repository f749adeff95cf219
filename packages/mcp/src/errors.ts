import { isLlmError, LlmError, type ErrorKind } from "@plurivox/core";
import type { McpAddress, McpCommand } from "./options.ts";

/** A JSON-RPC error code of our own, which no server sends. */
export const STREAM_ENDED: number = Number.MIN_SAFE_INTEGER;

const SECRET_VARIABLE = /key|token|secret|auth|passw|credential|cookie/i;
const LONGEST = 1_000;

/** What errors may say of a server. */
export interface Peer {
  name: string;
  /** What they may not. */
  secrets: readonly string[];
  /** The last words of a child on its standard error. */
  said: string;
}

export function toPeer(target: McpCommand | McpAddress, name: string | undefined): Peer {
  if (!("url" in target)) {
    const secrets = Object.entries(target.env ?? {}).flatMap(([variable, value]) => (SECRET_VARIABLE.test(variable) ? [value] : []));
    return { name: name ?? target.command, secrets: secrets.filter(isLong), said: "" };
  }
  const url = URL.parse(target.url);
  const carried = Object.values(target.headers ?? {}).flatMap((value) => [value, ...value.split(/\s+/)]);
  const inUrl = url === null ? [] : [url.username, url.password, ...url.searchParams.values()];
  const secrets = [...carried, ...inUrl.flatMap((value) => [value, encodeURIComponent(value)])];
  return { name: name ?? url?.host ?? "", secrets: secrets.filter(isLong), said: "" };
}

/** Short ones are no secrets but words, such as "Bearer". */
const isLong = (text: string) => text.length >= 8;

function scrub(text: string, { secrets }: Peer): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, "[redacted]");
  return clean;
}

const KIND_BY_STATUS: Readonly<Record<number, ErrorKind>> = {
  401: "authentication",
  403: "permission",
  404: "not-found",
  408: "timeout",
  429: "rate-limit",
};

const HINTS: Readonly<Partial<Record<ErrorKind, string>>> = {
  configuration: "Check that the command is installed, and that `cwd` exists.",
  authentication: "Check the headers that mcp() was given.",
  permission: "Check what the headers that mcp() was given allow.",
  "not-found": "Check the URL. If it worked before, the server has lost the session: call mcp() again.",
  connection: "Check that the server runs, and call mcp() again.",
  timeout: "Raise `timeoutMs`, or look at what the server is busy with.",
};

/** What the SDK, the system and `fetch` throw have in common. */
interface Thrown {
  code?: string | number;
  status?: number;
  data?: { timeout?: number };
}

function kindOf({ code, status }: Thrown, isCall: boolean): ErrorKind {
  if (typeof status === "number") return KIND_BY_STATUS[status] ?? (status >= 500 ? "server" : "invalid-request");
  if (code === STREAM_ENDED) return "connection";
  if (typeof code === "number") return isCall ? "tool" : "server";
  if (code === "REQUEST_TIMEOUT") return "timeout";
  if (code === "INVALID_RESULT") return "invalid-response";
  return /^(ENOENT|EACCES|ENOTDIR|ERR_INVALID_ARG_TYPE|ERR_INVALID_ARG_VALUE)$/.test(code ?? "") ? "configuration" : "connection";
}

/** The messages from an error to its causes: the first is often a mere "fetch failed". */
function wordsOf(thrown: unknown): string {
  const words: string[] = [];
  for (let one = thrown; one instanceof Error; one = one.cause) {
    const text = one.message || String((one as Thrown).code ?? one.name);
    if (!words.some((said) => said.includes(text))) words.push(text);
  }
  return words.length > 0 ? words.join(": ").slice(0, LONGEST) : String(thrown);
}

/**
 * What the SDK threw, as an error of the house; with `tool`, in a call of that tool. It has no `cause`: the SDK's errors hold whole response bodies,
 * in which a server may repeat what it was sent.
 */
export function toLlmError(thrown: unknown, peer: Peer, tool?: string): LlmError {
  if (isLlmError(thrown)) return thrown;
  const facts = (typeof thrown === "object" && thrown !== null ? thrown : {}) as Thrown;
  const kind = kindOf(facts, tool !== undefined);
  const { timeout } = facts.data ?? {};
  const words = kind === "timeout" && timeout !== undefined ? `It did not answer within ${timeout} ms` : wordsOf(thrown);
  if (kind === "tool") return toolError(words, peer, tool ?? "");
  const said = kind === "connection" && peer.said !== "" ? ` Its last words: ${peer.said.trim()}` : "";
  return new LlmError(kind, scrub(`MCP server "${peer.name}": ${sentence(words)}${said}`, peer), {
    status: facts.status,
    hint: HINTS[kind],
  });
}

/** What the model is told when a tool fails. */
export function toolError(words: string, peer: Peer, toolName: string): LlmError {
  return new LlmError("tool", scrub(`The tool "${toolName}" of the MCP server "${peer.name}" failed: ${words}`, peer), { toolName });
}

export function abortedError(reason: unknown, peer: Peer): LlmError {
  return isLlmError(reason) ? reason : new LlmError("aborted", `MCP server "${peer.name}": The request was aborted.`, { cause: reason });
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
