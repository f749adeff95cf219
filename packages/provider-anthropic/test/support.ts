import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { anthropic } from "../src/index.ts";

type Json = Record<string, unknown>;

/** A client for a loopback server, without retries, and without going on where the vendor paused. */
export function client(baseURL: string, settings: ProfileSettings = {}): LLM {
  const profile = { provider: "anthropic", baseURL, apiKey: "sk-ant-test", retry: false as const, maxSteps: 1, ...settings };
  return createContext({ providers: [anthropic()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

/** Reads a recorded answer without the code under test: the message as the vendor would have sent it whole. */
export function readAnswer(body: string, streamed: boolean): Json {
  return streamed ? replayEvents(body) : (JSON.parse(body) as Json);
}

function replayEvents(body: string): Json {
  let begun: Json = {};
  const blocks: (Json & { json?: string })[] = [];
  for (const line of body.split("\n")) {
    if (!line.startsWith("data:")) continue;
    const event = JSON.parse(line.slice(5)) as Json;
    const delta = (event["delta"] ?? {}) as Json;
    const block = blocks[event["index"] as number];
    if (event["type"] === "message_start") {
      begun = { ...(event["message"] as Json) };
      blocks.push(...((begun["content"] as Json[] | undefined) ?? []));
    } else if (event["type"] === "content_block_start") blocks[event["index"] as number] = { ...(event["content_block"] as Json) };
    else if (delta["type"] === "text_delta") block!["text"] = `${String(block!["text"])}${String(delta["text"])}`;
    else if (delta["type"] === "thinking_delta") block!["thinking"] = `${String(block!["thinking"])}${String(delta["thinking"])}`;
    else if (delta["type"] === "signature_delta") block!["signature"] = delta["signature"];
    else if (delta["type"] === "citations_delta")
      block!["citations"] = [...((block!["citations"] as Json[] | undefined) ?? []), delta["citation"]];
    else if (delta["type"] === "input_json_delta") block!.json = (block!.json ?? "") + String(delta["partial_json"]);
    else if (event["type"] === "message_delta") {
      const usage = Object.entries((event["usage"] ?? {}) as Json).filter(([, count]) => count !== null);
      begun = { ...begun, ...delta, usage: { ...(begun["usage"] as Json), ...Object.fromEntries(usage) } };
    }
    // One recording holds several answers in a row; the first is the one that was asked for.
    if (event["type"] === "message_stop") break;
  }
  const content = blocks.map(({ json, ...block }) => (json ? { ...block, input: JSON.parse(json) as unknown } : block));
  return { ...begun, content };
}

export interface SentBody extends Json {
  messages: { role: string; content: (Json & { type: string })[] }[];
}

/** A whole message as the vendor sends it. */
export function message(content: Json[], fields: Json = {}): Json {
  const usage = { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: null, cache_read_input_tokens: null };
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-x",
    content,
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
    ...fields,
  };
}

/** Events as the vendor streams them. */
export function events(...list: Json[]): string {
  return list.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}
