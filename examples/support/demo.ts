import { json } from "node:stream/consumers";
import { LLMock, type ChatCompletionRequest, type ChatMessage, type FixtureResponse } from "@copilotkit/aimock";
import { SCENES, type Turn } from "./scenes.ts";

/** What an example needs to run without a key. */
export interface Demo {
  /** For `createContext`: this process's environment; vendors without a key in it are played by the mock. */
  env: Record<string, string | undefined>;
  /** Where every request fails with status 503, whatever keys there are. */
  downURL: string;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Vendor {
  /** Where the mock serves its wire. */
  path: string;
  /** With one of these in the environment the vendor itself is called. */
  own: readonly string[];
}

const VENDORS: Readonly<Record<string, Vendor>> = {
  openai: { path: "/v1", own: ["OPENAI_API_KEY"] },
  anthropic: { path: "", own: ["ANTHROPIC_API_KEY"] },
  google: { path: "", own: ["GOOGLE_API_KEY", "GEMINI_API_KEY"] },
  mistral: { path: "", own: ["MISTRAL_API_KEY"] },
  "openai-compatible": { path: "/v1", own: ["OPENAI_COMPATIBLE_BASE_URL"] },
};

/** Between two pieces of an answer, so that it comes piece by piece, as from a model. */
const PACE_MS = 5;

/**
 * Starts a mock of the vendors' wires on 127.0.0.1; it says so when it answers for the first time. `openai`: what it answers as OpenAI, whatever it is
 * asked, in place of `scenes.ts`.
 */
export async function startDemo({ openai }: { openai?: object } = {}): Promise<Demo> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent", chunkSize: 8, latency: PACE_MS });
  const admit = onceOnly(() => console.log("(No key of this vendor in the environment: a mock in this process makes the answers up.)\n"));
  const stopped = Promise.withResolvers<void>();
  mock.on({}, async (request) => {
    admit();
    const response = toResponse(request);
    if (response === "never") await stopped.promise;
    return response === "never" ? { content: "" } : response;
  });
  answerVectors(mock, `${VENDORS["openai"]!.path}/embeddings`, admit);
  answerAlways(mock, "/canned", 200, openai ?? {}, admit);
  answerAlways(mock, "/down", 503, { error: { message: "The engine is overloaded", type: "server_error" } });
  const url = await mock.start();

  const env: Demo["env"] = { ...process.env };
  const isSet = ({ own }: Vendor): boolean => own.some((name) => process.env[name]);
  env["LLM_PROVIDER"] ??= Object.keys(VENDORS).find((id) => isSet(VENDORS[id]!)) ?? "openai";
  for (const [id, vendor] of Object.entries(VENDORS)) {
    if (isSet(vendor)) continue;
    const name = id.replace("-", "_").toUpperCase();
    env[`${name}_API_KEY`] = "demo";
    env[`${name}_BASE_URL`] = `${url}${id === "openai" && openai !== undefined ? "/canned" : vendor.path}`;
    if (id === "openai-compatible") env[`${name}_MODEL`] = "demo";
  }
  return { env, downURL: `${url}/down`, [Symbol.asyncDispose]: stop };

  function stop(): Promise<void> {
    stopped.resolve();
    return mock.stop();
  }
}

function answerAlways(mock: LLMock, path: string, status: number, answer: object, before?: () => void): void {
  mock.mount(path, {
    async handleRequest(request, response) {
      before?.();
      request.resume();
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      return true;
    },
  });
}

/** Embeds as OpenAI does. Texts that share words have vectors that are alike. */
function answerVectors(mock: LLMock, path: string, before: () => void): void {
  mock.mount(path, {
    async handleRequest(request, response) {
      before();
      const { input, model } = (await json(request)) as { input: string[]; model: string };
      const data = input.map((text, index) => ({ object: "embedding", index, embedding: toVector(text) }));
      const used = tokens(input.join(""));
      const answer = { object: "list", data, model, usage: { prompt_tokens: used, total_tokens: used } };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      return true;
    },
  });
}

/** Counts words of more than three letters, each in one of 64 places. */
function toVector(text: string): number[] {
  const vector = Array.from({ length: 64 }, () => 0.01);
  for (const word of text.toLowerCase().match(/[a-z]{4,}/g) ?? []) {
    const place = [...word].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 64, 7);
    vector[place]! += 1;
  }
  return vector;
}

/** Finds the scene by what the user said, and the turn by how often the model has spoken since. */
function toResponse({ messages }: ChatCompletionRequest): FixtureResponse | "never" {
  const prompts = Object.keys(SCENES);
  const scene = (message: ChatMessage) => prompts.find((prompt) => message.role === "user" && textOf(message).includes(prompt));
  const at = messages.findLastIndex((message) => scene(message) !== undefined);
  const since = messages.slice(at + 1);
  const spoken = since.filter(({ role }, index) => role === "assistant" && since[index - 1]?.role !== "assistant").length;
  const turns = at === -1 ? [UNKNOWN] : SCENES[scene(messages[at]!)!]!;
  if (turns.length === 0) return "never";
  const { says = "", thinks, calls } = turns[Math.min(spoken, turns.length - 1)]!;
  const results = since.filter(({ role }) => role === "tool").map(textOf);
  const content = says.replace("{results}", results.join(" and "));
  const usage = { input_tokens: tokens(JSON.stringify(messages)), output_tokens: tokens(`${content}${thinks}${JSON.stringify(calls)}`) };
  const reasoning = thinks === undefined ? {} : { reasoning: thinks };
  if (calls === undefined) return { content, usage, ...reasoning };
  return { toolCalls: calls.map(([name, input]) => ({ name, arguments: JSON.stringify(input) })), usage, ...reasoning };
}

const UNKNOWN: Turn = { says: "The mock has no answer to this: add one to support/scenes.ts, or set a key." };

function textOf({ content }: ChatMessage): string {
  return typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("");
}

/** By rule of thumb. */
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function onceOnly(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
