import { createContext, type Context, type LLM, type ProfileSettings } from "@plurivox/core";
import { findFamily, type EmbedCapabilities } from "@plurivox/core/provider";
import type { ServerResponse } from "node:http";
import { CANARY_KEY, LOOPBACK_ONLY, type Kit } from "./kit.ts";
import { startLoopback, type Loopback } from "./loopback.ts";
import type { EmbedSpeech, ReceivedEmbed } from "./wire.ts";

/** One request for embeddings, and the way to answer it. */
export interface EmbedExchange {
  kit: Kit;
  speech: EmbedSpeech;
  call: ReceivedEmbed;
  response: ServerResponse;
}

export interface ServedEmbed extends AsyncDisposable {
  llm: LLM;
  context: Context;
  server: Loopback;
  speech: EmbedSpeech;
  /** The model that is asked for. */
  model: string;
  /** What wire and model say of themselves. */
  capabilities: EmbedCapabilities;
  /** What arrived, without the vendor's form. */
  calls: ReceivedEmbed[];
}

/** Numbers that tell a text from others, and that 32-bit floats hold as they are. */
export function vectorOf(text: string): number[] {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) % 65_536;
  return [hash, text.length / 4, -0.5];
}

/** Answers every text with its vector. `shuffled`: the last first, by their index. */
export function embeds({ shuffled = false, tokens }: { shuffled?: boolean; tokens?: number } = {}): (exchange: EmbedExchange) => void {
  return ({ kit, speech, call, response }) => {
    const vectors = call.inputs.map((text, index) => ({ index, values: vectorOf(text) }));
    response.setHeader("content-type", "application/json");
    response.setHeader(kit.wire.requestIdHeader, "req-kit");
    const answer = { vectors: shuffled ? vectors.toReversed() : vectors, model: call.model, ...(tokens !== undefined && { tokens }) };
    response.end(speech.answer(answer));
  };
}

/** A server that speaks the vendor's embeddings, and a client that calls it. Hold it with `await using`: it also fails for a request that was none. */
export async function serveEmbed(
  kit: Kit,
  responder: (exchange: EmbedExchange) => void,
  profile: ProfileSettings = {},
): Promise<ServedEmbed> {
  const { provider, wire } = kit;
  const speech = wire.embed!;
  const calls: ReceivedEmbed[] = [];
  let fault: unknown;
  const server = await startLoopback((request, response) => {
    try {
      if (!speech.path.test(request.path)) throw new TypeError(`there are no embeddings at ${request.path}`);
      const call = speech.read(request);
      calls.push(call);
      responder({ kit, speech, call, response });
    } catch (error) {
      fault ??= error;
      response.destroy();
    }
  });
  const model = provider.embed?.defaultModel ?? "vectors-kit";
  const timeouts = { headersMs: 3_000, firstByteMs: 3_000, idleMs: 3_000 };
  const settings = { provider: provider.id, model: kit.model, embedModel: model, apiKey: CANARY_KEY, retry: false, timeouts } as const;
  const context = createContext({
    providers: [provider],
    profiles: { default: { ...settings, baseURL: server.url, ...profile } },
    env: LOOPBACK_ONLY,
  });
  const { families = [], capabilities } = provider.embed ?? {};
  return {
    llm: context.llm(),
    context,
    server,
    speech,
    model,
    capabilities: { ...findFamily(families, model)?.capabilities, ...capabilities },
    calls,
    async [Symbol.asyncDispose]() {
      await context.close();
      await server.close();
      if (fault !== undefined) throw new Error(`The request could not be read or answered: ${String(fault)}`, { cause: fault });
    },
  };
}
