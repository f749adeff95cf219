import { LLMock, type ChatCompletionRequest, type FixtureOpts, type FixtureResponse } from "@copilotkit/aimock";
import { createContext, type Context, type LLM, type ProfileSettings } from "plurivox";
import { otherwise, SCENES, WEATHER, type Canned, type Fault } from "./script.ts";

/** A wire that the mock serves. */
export interface DemoWire {
  /** What it is chosen by. */
  name: string;
  title: string;
  llm: LLM;
}

/** A mock of the vendors' wires in this process, and clients that lead there. */
export interface Demo {
  wires: readonly DemoWire[];
  /** Ids of the providers that a key would be enough for. */
  ready: readonly string[];
  /** Where the mock listens. */
  url: string;
  /** A client of the wire, or of its `provider/model`; without one of the first wire. */
  llm(model?: string): LLM;
  close(): Promise<void>;
}

/** What leads to a wire: a profile, and where below its own address the mock serves it. */
interface Way {
  title?: string;
  profile: ProfileSettings;
  path: string;
}

/** The name of a model where the provider has none of its own. */
const MODEL = "demo";

const WAYS: Readonly<Record<string, Way>> = {
  openai: { title: "openai responses", profile: { provider: "openai" }, path: "/v1" },
  "openai-chat": { title: "openai chat", profile: { provider: "openai", model: MODEL, api: "chat" }, path: "/v1" },
  anthropic: { profile: { provider: "anthropic" }, path: "" },
  google: { profile: { provider: "google" }, path: "" },
  mistral: { profile: { provider: "mistral" }, path: "" },
  cohere: { profile: { provider: "cohere" }, path: "" },
  groq: { profile: { provider: "groq" }, path: "" },
  ollama: { profile: { provider: "ollama", model: MODEL }, path: "" },
  azure: { profile: { provider: "azure", model: MODEL }, path: "" },
  openrouter: { profile: { provider: "openrouter", model: MODEL }, path: "/api/v1" },
};

/** Milliseconds to the first piece, pieces per second, characters per piece: quick, but a stream that the eye can follow. */
const PACE = { streamingProfile: { ttft: 120, tps: 45 }, chunkSize: 8 };

/** What the mock does in the place of the first answer. Its 429 asks for a second's patience unless it is told otherwise. */
const FAULTS: Readonly<Record<Fault, { response?: FixtureResponse; options?: FixtureOpts }>> = {
  "rate-limit": { response: { error: { message: "Too many requests", type: "rate_limit_error" }, status: 429, retryAfter: 0 } },
  cut: { options: { truncateAfterChunks: 5 } },
  down: { response: { error: { message: "The engine is overloaded", type: "server_error" }, status: 503 } },
};

/** Starts the mock on a free port of 127.0.0.1. It has no log, and nothing of it or of the providers that talk to it leaves this machine. */
export async function startDemo(): Promise<Demo> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  const url = await mock.start();
  const profiles = Object.fromEntries(
    Object.entries(WAYS).map(([name, { path, profile }]) => [name, { ...profile, baseURL: `${url}${path}`, apiKey: MODEL }]),
  );
  const context: Context = createContext({ profiles, env: { PLURIVOX_NO_NETWORK: "1" } });
  const wires = Object.entries(WAYS).map(([name, { title = name }]) => ({ name, title, llm: context.llm(name) }));
  // The mock puts reasoning into the text there.
  prepare(mock, new Set([context.llm("cohere").model]));
  return {
    wires,
    ready: wires.map(({ name }) => name).filter((name) => WAYS[name]?.profile.model === undefined),
    url,
    llm(model = wires[0]!.name) {
      const name = wires.find((wire) => model === wire.name || model.startsWith(`${wire.name}/`))?.name;
      const client = context.llm(name ?? wires[0]!.name);
      return model === name ? client : client.with({ model });
    },
    async close() {
      await context.close();
      await mock.stop();
    },
  };
}

function prepare(mock: LLMock, mute: ReadonlySet<string>): void {
  const says = (canned: Canned) => (request: ChatCompletionRequest) => toResponse(canned, request, mute);
  const weather = { userMessage: WEATHER.prompt, toolName: WEATHER.tool.function.name };
  mock.on({ ...weather, hasToolResult: true }, says(WEATHER.answer), PACE);
  mock.on({ ...weather, hasToolResult: false }, says(WEATHER.call), PACE);
  for (const { prompt, answer, fault } of SCENES) {
    if (fault !== undefined) {
      const { response = says(answer), options } = FAULTS[fault];
      mock.on({ userMessage: prompt, sequenceIndex: 0 }, response, { ...PACE, ...options });
    }
    mock.on({ userMessage: prompt }, says(answer), PACE);
  }
  mock.on({}, (request) => toResponse(otherwise(request.model, lastPrompt(request)), request, mute), PACE);
}

/** The mock counts no tokens on these wires, so they are told by rule of thumb: four characters each. */
function toResponse({ reasoning, content, toolCall }: Canned, request: ChatCompletionRequest, mute: ReadonlySet<string>): FixtureResponse {
  const input = toolCall && JSON.stringify(toolCall.input);
  const usage = {
    input_tokens: tokens(JSON.stringify(request.messages)),
    output_tokens: tokens(`${reasoning ?? ""}${content ?? ""}${input ?? ""}`),
  };
  const thought = reasoning === undefined || mute.has(request.model) ? {} : { reasoning };
  if (toolCall !== undefined && input !== undefined) return { toolCalls: [{ name: toolCall.name, arguments: input }], ...thought, usage };
  return { content: content ?? "", ...thought, usage };
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function lastPrompt({ messages }: ChatCompletionRequest): string {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text }) => text ?? "").join("");
}
