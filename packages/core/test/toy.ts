import { createContext, type Context, type ContextOptions } from "../src/index.ts";
import {
  defineChat,
  defineEmbed,
  defineProvider,
  type ChatAdapter,
  type ChatDelta,
  type ChatWire,
  type Connection,
  type EmbedAnswer,
  type EmbedCall,
  type EmbedWire,
  type Provider,
} from "../src/provider.ts";

/** A vendor that does not exist: its events are our deltas, so that tests of core say exactly what arrives. */
export function toy(overrides: Partial<Provider> = {}): Provider {
  return defineProvider({
    id: "toy",
    families: [
      { prefix: "toy-plain", capabilities: { tools: false, seed: false, structuredOutput: false } },
      {
        prefix: "toy-thinker",
        capabilities: { tools: true },
        efforts: ["low", "high"],
        reasonsByDefault: true,
        notWhileReasoning: ["temperature"],
      },
    ],
    chat: wire(
      defineChat<Connection, object, { deltas: ChatDelta[] }, ChatDelta>({
        toRequest: (call) => call,
        send: (to, body, { stream }) =>
          to
            .fetch(`${to.baseURL}/chat`, {
              method: "POST",
              headers: { ...to.headers, authorization: `Bearer ${to.apiKey}` },
              body: JSON.stringify({ ...body, stream }),
            })
            .then(raise),
        framing: "sse",
        fromResponse: (reply) => reply.deltas ?? [{ type: "error", facts: { kind: "invalid-response", message: "There are no deltas." } }],
        fromStream: () => ({ event: (delta) => [delta] }),
      }),
    ),
    embed: toyEmbed(),
    connect: async (to) => to,
    errorFacts: ({ body }) => ({ message: messageOf(body) }),
    ...overrides,
  });
}

/** Its embeddings are answers as core takes them: what arrives is the call itself. */
export function toyEmbed(overrides: Partial<EmbedWire> = {}): EmbedWire {
  return {
    maxInputs: 3,
    defaultModel: "toy-vectors",
    families: [
      { prefix: "toy-vectors", capabilities: {} },
      { prefix: "toy-fixed", capabilities: { dimensions: false, inputType: false, user: false } },
    ],
    load: async () =>
      defineEmbed<Connection, EmbedCall, EmbedAnswer>({
        toRequest: (call) => call,
        send: (to, body) =>
          to
            .fetch(`${to.baseURL}/embed`, {
              method: "POST",
              headers: { ...to.headers, authorization: `Bearer ${to.apiKey}` },
              body: JSON.stringify(body),
            })
            .then(raise),
        fromResponse: (reply) => reply,
      }),
    ...overrides,
  };
}

function wire(adapter: ChatAdapter): ChatWire {
  return { load: async () => adapter };
}

async function raise(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`status ${response.status}`);
}

function messageOf(body: unknown): string | undefined {
  if (typeof body === "string") return body;
  const error = (body as { error?: { message?: string } } | null)?.error;
  return typeof error === "object" ? error.message : error;
}

/** A context whose default profile is the toy at `baseURL`. */
export function toyContext(baseURL: string, options: ContextOptions & { model?: string } = {}): Context {
  const { model = "toy-1", ...rest } = options;
  return createContext({
    providers: [toy()],
    profiles: { default: { provider: "toy", model, baseURL, apiKey: "canary-key-123" } },
    env: {},
    ...rest,
  });
}

export function sse(...deltas: (ChatDelta | string)[]): string {
  return deltas.map((delta) => `data: ${typeof delta === "string" ? delta : JSON.stringify(delta)}\n\n`).join("");
}
