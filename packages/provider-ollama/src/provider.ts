import { defineChat, defineProvider, once, type ChatWire, type EmbedWire, type Provider, type Strictness } from "@plurivox/core/provider";
import type { ChatRequest, EmbedRequest } from "ollama/browser";
import { toBaseURL } from "./base-url.ts";
import { connect, type Host } from "./client.ts";
import { errorFacts } from "./errors.ts";
import { EMBED_WIRE, FAMILIES, WIRE } from "./models.ts";
import type { OllamaSettings } from "./options.ts";
import { DEFAULT_BASE_URL } from "./quirks.ts";
import type { OllamaRequest } from "./request.ts";

/** Models on an Ollama server, or in Ollama's cloud, over /api/chat and /api/embed. Only the cloud wants a key. The SDK is loaded by the first call. */
export function ollama({ baseURL = DEFAULT_BASE_URL }: OllamaSettings = {}): Provider {
  const env = { baseURL: ["OLLAMA_HOST"] };
  return defineProvider({ id: "ollama", baseURL, toBaseURL, auth: "optional", env, families: FAMILIES, chat, embed, connect, errorFacts });
}

const chat: ChatWire = {
  capabilities: WIRE,
  reasoningTags: "usual",
  noUrls: ["image", "audio", "video", "document"],
  load: once(async () => {
    const [{ toRequest }, { fromResponse, fromStream }, { findWindow }] = await Promise.all([
      import("./request.ts"),
      import("./response.ts"),
      import("./context-window.ts"),
    ]);
    return defineChat({ before: findWindow, strictness, toRequest, send, framing: "ndjson", fromResponse, fromStream });
  }),
};

const embed: EmbedWire = { ...EMBED_WIRE, load: once(async () => (await import("./embed.ts")).toEmbedAdapter(sendEmbed)) };

const sendEmbed = ({ sdk }: Host, body: EmbedRequest) => sdk.embed(body);

/**
 * Answers are held to their schemas, calls of tools are not.
 * https://docs.ollama.com/capabilities/structured-outputs (2026-11)
 */
const strictness: Strictness = (_model, of) => (of === "tool" ? false : undefined);

function send({ sdk }: Host, body: OllamaRequest, { stream }: { stream: boolean }): Promise<unknown> {
  const request: ChatRequest = body;
  return stream ? sdk.chat({ ...request, stream }) : sdk.chat({ ...request, stream });
}
