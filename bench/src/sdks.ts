/** The vendors' SDKs, as their documentation has them: one client for all calls, its own reader of streams. */
import { createRequire } from "node:module";
import { wires, type WireName } from "./wires/index.ts";

/** Reads one answer of the upstream below `base` and returns the number of characters of text in it. */
export type Read = (base: string, stream: boolean) => Promise<number>;

export const PROMPT = "Tell me about foxes.";
export const KEY = "bench-key-0000000";

const messages = [{ role: "user" as const, content: PROMPT }];
const chat = { model: "bench", messages };

async function count(events: AsyncIterable<unknown>, textOf: (event: unknown) => number): Promise<number> {
  let characters = 0;
  for await (const event of events) characters += textOf(event);
  return characters;
}

/** A client per base URL, kept for all calls. */
function once<Client>(make: (base: string) => Client): (base: string) => Client {
  const clients = new Map<string, Client>();
  return (base) => {
    const client = clients.get(base) ?? make(base);
    clients.set(base, client);
    return client;
  };
}

type Calls = Record<string, (request: object) => Promise<unknown>>;
type Stream = Promise<AsyncIterable<unknown>>;

/** What only a provider depends on is found from there. Its types are not: the names below are all that is used of it. */
function fromProvider(provider: string, name: string): Record<string, new (options: object) => Calls & Record<string, Calls>> {
  const require = createRequire(new URL(`../../packages/provider-${provider}/package.json`, import.meta.url));
  return require(name);
}

async function anthropic(): Promise<Read> {
  const { Anthropic } = await import("@anthropic-ai/sdk");
  const client = once((baseURL) => new Anthropic({ apiKey: KEY, baseURL, maxRetries: 0 }));
  const { text } = wires.anthropic;
  const request = { ...chat, max_tokens: 1000 };
  return async (base, stream) =>
    stream
      ? count(await client(base).messages.create({ ...request, stream }), text)
      : text(await client(base).messages.create({ ...request, stream }));
}

async function openai(wire: WireName): Promise<Read> {
  const { OpenAI } = await import("openai");
  const client = once((base) => new OpenAI({ apiKey: KEY, baseURL: `${base}/v1`, maxRetries: 0 }));
  const { text } = wires[wire];
  const request = { model: "bench", input: PROMPT };
  if (wire === "openai-responses")
    return async (base, stream) =>
      stream
        ? count(await client(base).responses.create({ ...request, stream }), text)
        : text(await client(base).responses.create({ ...request, stream }));
  return async (base, stream) =>
    stream
      ? count(await client(base).chat.completions.create({ ...chat, stream }), text)
      : text(await client(base).chat.completions.create({ ...chat, stream }));
}

function google(): Read {
  const { GoogleGenAI } = fromProvider("google", "@google/genai");
  const client = once((baseUrl) => new GoogleGenAI!({ apiKey: KEY, httpOptions: { baseUrl, apiVersion: "v1beta" } })["models"]!);
  const { text } = wires.google;
  const request = { model: "bench", contents: PROMPT };
  return async (base, stream) =>
    stream
      ? count(await (client(base)["generateContentStream"]!(request) as Stream), text)
      : text(await client(base)["generateContent"]!(request));
}

function mistral(): Read {
  const { Mistral } = fromProvider("mistral", "@mistralai/mistralai");
  const client = once((serverURL) => new Mistral!({ apiKey: KEY, serverURL })["chat"]!);
  const { text } = wires.mistral;
  return async (base, stream) =>
    stream
      ? count(await (client(base)["stream"]!(chat) as Stream), (event) => text((event as { data: unknown }).data))
      : text(await client(base)["complete"]!(chat));
}

function cohere(): Read {
  const { CohereClientV2 } = fromProvider("cohere", "cohere-ai");
  const client = once((environment) => new CohereClientV2!({ token: KEY, environment, maxRetries: 0 }) as Calls);
  const { text } = wires.cohere;
  return async (base, stream) =>
    stream ? count(await (client(base)["chatStream"]!(chat) as Stream), text) : text(await client(base)["chat"]!(chat));
}

function groq(): Read {
  const { Groq } = fromProvider("groq", "groq-sdk");
  const client = once((baseURL) => new Groq!({ apiKey: KEY, baseURL, maxRetries: 0 })["chat"]!["completions"] as unknown as Calls);
  const { text } = wires.groq;
  return async (base, stream) =>
    stream
      ? count(await (client(base)["create"]!({ ...chat, stream }) as Stream), text)
      : text(await client(base)["create"]!({ ...chat, stream }));
}

function ollama(): Read {
  const { Ollama } = fromProvider("ollama", "ollama");
  const client = once((host) => new Ollama!({ host }) as Calls);
  const { text } = wires.ollama;
  return async (base, stream) =>
    stream
      ? count(await (client(base)["chat"]!({ ...chat, stream }) as Stream), text)
      : text(await client(base)["chat"]!({ ...chat, stream }));
}

const OWN: Partial<Record<WireName, () => Read | Promise<Read>>> = { anthropic, google, mistral, cohere, groq, ollama };

/** Hosts of OpenAI's wire are called with OpenAI's SDK, as they say in their own documentation. */
export async function sdkReader(wire: WireName): Promise<Read> {
  return (OWN[wire] ?? (() => openai(wire)))();
}
