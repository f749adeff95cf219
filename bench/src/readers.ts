/** The clients that are compared. */
import type { ProfileSettings } from "plurivox";
import { KEY, PROMPT, sdkReader, type Read } from "./sdks.ts";
import { wires, type WireName } from "./wires/index.ts";

export type ClientName = "floor" | "sdk" | "plurivox";

/** Global fetch, a minimal split, JSON.parse: what reading costs at the very least. */
function floor(wire: WireName): Read {
  const { path, gap, text } = wires[wire];
  const start = gap === "\n" ? "" : "data: ";
  return async (base, stream) => {
    const response = await fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ model: "bench", stream, messages: [{ role: "user", content: PROMPT }] }),
    });
    if (!stream) return text(await response.json());
    const decoder = new TextDecoder();
    let pending = "";
    let characters = 0;
    for await (const bytes of response.body!) {
      pending += decoder.decode(bytes, { stream: true });
      let from = 0;
      for (let end = pending.indexOf(gap); end !== -1; end = pending.indexOf(gap, from)) {
        const json = pending.slice(pending.indexOf(start, from) + start.length, end);
        from = end + gap.length;
        if (json !== "[DONE]") characters += text(JSON.parse(json));
      }
      pending = pending.slice(from);
    }
    return characters;
  };
}

/** How each wire's provider is reached, beside its model and key. */
function profileOf(wire: WireName, base: string): ProfileSettings {
  switch (wire) {
    case "openai-chat":
      return { provider: "openai", api: "chat", baseURL: `${base}/v1` };
    case "openai-responses":
      return { provider: "openai", api: "responses", baseURL: `${base}/v1` };
    case "openrouter":
    case "azure":
    case "lmstudio":
    case "nvidia-nim":
      return { provider: wire, api: "chat", baseURL: `${base}/v1` };
    default:
      return { provider: wire, baseURL: base };
  }
}

async function plurivox(wire: WireName): Promise<Read> {
  const { createContext } = await import("plurivox");
  const context = createContext({ env: {} });
  return async (base, stream) => {
    const llm = context.llm({ ...profileOf(wire, base), model: "bench", apiKey: KEY });
    if (!stream) return (await llm.chat(PROMPT)).text.length;
    let characters = 0;
    for await (const event of llm.stream(PROMPT)) if (event.type === "text") characters += event.text.length;
    return characters;
  };
}

export async function readerOf(client: ClientName, wire: WireName): Promise<Read> {
  return client === "floor" ? floor(wire) : client === "sdk" ? sdkReader(wire) : plurivox(wire);
}
