/** The clients that are compared. Each reads one answer of the upstream and returns the number of characters of text in it. */
import type { WireName } from "./wires.ts";
import { wires } from "./wires.ts";

export type ClientName = "floor" | "sdk" | "plurivox";
export type Read = (base: string, stream: boolean) => Promise<number>;

const PROMPT = "Tell me about foxes.";
const KEY = "bench-key-0000000";

/** The text in one parsed event or reply, the least that any client must look at. */
function textIn(wire: WireName, event: unknown): number {
  const value = event as {
    choices?: { delta?: { content?: string }; message?: { content?: string } }[];
    type?: string;
    delta?: string | { text?: string };
    content?: { text: string }[];
    output?: { content: { text: string }[] }[];
  };
  if (wire === "openai-chat") return (value.choices?.[0]?.delta?.content ?? value.choices?.[0]?.message?.content)?.length ?? 0;
  if (wire === "openai-responses")
    return typeof value.delta === "string" ? value.delta.length : (value.output?.[0]?.content[0]?.text.length ?? 0);
  return typeof value.delta === "object" ? (value.delta.text?.length ?? 0) : (value.content?.[0]?.text?.length ?? 0);
}

/** Global fetch, a minimal split, JSON.parse: what reading costs at the very least. */
function floor(wire: WireName): Read {
  return async (base, stream) => {
    const response = await fetch(base + wires[wire].path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ model: "bench", stream, messages: [{ role: "user", content: PROMPT }] }),
    });
    if (!stream) return textIn(wire, await response.json());
    const decoder = new TextDecoder();
    let pending = "";
    let characters = 0;
    for await (const bytes of response.body!) {
      pending += decoder.decode(bytes, { stream: true });
      let from = 0;
      for (let end = pending.indexOf("\n\n"); end !== -1; end = pending.indexOf("\n\n", from)) {
        const at = pending.indexOf("data: ", from) + 6;
        const json = pending.slice(at, end);
        from = end + 2;
        if (json !== "[DONE]") characters += textIn(wire, JSON.parse(json));
      }
      pending = pending.slice(from);
    }
    return characters;
  };
}

async function sdk(wire: WireName): Promise<Read> {
  if (wire === "anthropic") {
    const { Anthropic } = await import("@anthropic-ai/sdk");
    let client: InstanceType<typeof Anthropic> | undefined;
    return async (base, stream) => {
      // As its users do: one client for all calls.
      client ??= new Anthropic({ apiKey: KEY, baseURL: base, maxRetries: 0 });
      const request = { model: "bench", max_tokens: 1000, messages: [{ role: "user" as const, content: PROMPT }] };
      if (!stream) return textIn(wire, await client.messages.create(request));
      let characters = 0;
      for await (const event of await client.messages.create({ ...request, stream: true })) characters += textIn(wire, event);
      return characters;
    };
  }
  const { OpenAI } = await import("openai");
  let client: InstanceType<typeof OpenAI> | undefined;
  return async (base, stream) => {
    client ??= new OpenAI({ apiKey: KEY, baseURL: `${base}/v1`, maxRetries: 0 });
    const chat = { model: "bench", messages: [{ role: "user" as const, content: PROMPT }] };
    const response = { model: "bench", input: PROMPT };
    if (!stream) {
      const reply = wire === "openai-chat" ? await client.chat.completions.create(chat) : await client.responses.create(response);
      return textIn(wire, reply);
    }
    const events =
      wire === "openai-chat"
        ? await client.chat.completions.create({ ...chat, stream: true })
        : await client.responses.create({ ...response, stream: true });
    let characters = 0;
    for await (const event of events) characters += textIn(wire, event);
    return characters;
  };
}

async function plurivox(wire: WireName): Promise<Read> {
  const { createContext } = await import("plurivox");
  const context = createContext({ env: {} });
  return async (base, stream) => {
    const [provider, baseURL] = wire === "anthropic" ? ["anthropic", base] : ["openai", `${base}/v1`];
    const llm = context.llm({ provider, model: "bench", baseURL, apiKey: KEY, ...(wire === "openai-chat" && { api: "chat" as const }) });
    if (!stream) return (await llm.chat(PROMPT)).text.length;
    let characters = 0;
    for await (const event of llm.stream(PROMPT)) if (event.type === "text") characters += event.text.length;
    return characters;
  };
}

export async function readerOf(client: ClientName, wire: WireName): Promise<Read> {
  return client === "floor" ? floor(wire) : client === "sdk" ? sdk(wire) : plurivox(wire);
}
