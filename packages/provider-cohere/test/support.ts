import { createContext, type LLM, type ProfileSettings } from "@plurivox/core";
import { cohere } from "../src/index.ts";

export type Json = Record<string, unknown>;

/** A client for a loopback server, without retries. */
export function client(baseURL: string, settings: ProfileSettings = {}): LLM {
  const profile = { provider: "cohere", baseURL, apiKey: "co-test", retry: false as const, ...settings };
  return createContext({ providers: [cohere()], profiles: { default: profile }, env: { PLURIVOX_NO_NETWORK: "1" } }).llm();
}

/** Reads a recorded answer without the code under test: the reply as the vendor would have sent it whole. */
export function readAnswer(body: string, streamed: boolean): Json {
  return streamed ? replayEvents(body) : (JSON.parse(body) as Json);
}

function replayEvents(body: string): Json {
  let id: unknown;
  let end: Json = {};
  let plan = "";
  const content: Json[] = [];
  const calls: { id: unknown; type: unknown; function: { name: string; arguments: string } }[] = [];
  const citations: unknown[] = [];
  for (const line of body.split("\n")) {
    if (!line.startsWith("data:") || line.includes("data: [DONE]")) continue;
    const event = JSON.parse(line.slice(5)) as Json & { index: number; delta?: Json };
    const message = (event.delta?.["message"] ?? {}) as Json;
    const said = message["content"] as Json | undefined;
    const call = message["tool_calls"] as (typeof calls)[number] | undefined;
    if (event["type"] === "message-start") id = event["id"];
    else if (event["type"] === "content-start") content[event.index] = { ...said };
    else if (event["type"] === "content-delta")
      for (const [word, text] of Object.entries(said!))
        content[event.index]![word] = `${String(content[event.index]![word])}${String(text)}`;
    else if (event["type"] === "tool-plan-delta") plan += String(message["tool_plan"]);
    else if (event["type"] === "tool-call-start") calls[event.index] = structuredClone(call!);
    else if (event["type"] === "tool-call-delta") calls[event.index]!.function.arguments += call!.function.arguments;
    else if (event["type"] === "citation-start") citations.push(message["citations"]);
    else if (event["type"] === "message-end") end = event.delta!;
  }
  return { id, message: { content, tool_plan: plan, tool_calls: calls, citations }, ...end };
}

/** A whole reply as the vendor sends it. */
export function reply(message: Json, fields: Json = {}): Json {
  const usage = {
    billed_units: { input_tokens: 3, output_tokens: 5 },
    tokens: { input_tokens: 500, output_tokens: 5 },
    cached_tokens: 448,
  };
  return { id: "chat_1", message: { role: "assistant", ...message }, finish_reason: "COMPLETE", usage, ...fields };
}

/** Events as the vendor streams them. */
export function events(...list: Json[]): string {
  return `${list.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`;
}
