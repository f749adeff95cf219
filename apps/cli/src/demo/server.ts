import { LLMock, type ChatCompletionRequest, type FixtureResponse } from "@copilotkit/aimock";
import { createContext, type Context, type LLM } from "plurivox";
import { otherwise, SCENES, type Canned } from "./script.ts";

/** A mock of the vendors' wires in this process, and clients that lead there. */
export interface Demo {
  /** Ids of the providers that it serves. */
  providers: readonly string[];
  /** Where the mock listens. */
  url: string;
  /** A client of the provider, or of its `provider/model`; without one of the first provider. */
  llm(model?: string): LLM;
  close(): Promise<void>;
}

/** Where the mock serves each vendor's wire, below its own address. */
const BASE_PATHS: Readonly<Record<string, string>> = { openai: "/v1", anthropic: "" };

/** Milliseconds to the first piece, pieces per second, characters per piece: quick, but a stream that the eye can follow. */
const PACE = { streamingProfile: { ttft: 120, tps: 45 }, chunkSize: 10 };

/** Starts the mock on a free port of 127.0.0.1. It has no log, and nothing of it or of the providers that talk to it leaves this machine. */
export async function startDemo(): Promise<Demo> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  for (const { prompt, answer, tool } of SCENES) {
    if (tool !== undefined) {
      const named = { userMessage: prompt, toolName: tool.schema.function.name };
      mock.on({ ...named, hasToolResult: true }, cannedFactory(tool.answer), PACE);
      mock.on({ ...named, hasToolResult: false }, cannedFactory(answer), PACE);
    } else mock.on({ userMessage: prompt }, cannedFactory(answer), PACE);
  }
  mock.on({}, (request) => toResponse(otherwise(request.model, lastPrompt(request)), request), PACE);
  const url = await mock.start();
  const profiles = Object.entries(BASE_PATHS).map(([provider, path]) => [provider, { provider, baseURL: `${url}${path}`, apiKey: "demo" }]);
  const context: Context = createContext({ profiles: Object.fromEntries(profiles), env: { PLURIVOX_NO_NETWORK: "1" } });
  const providers = Object.keys(BASE_PATHS);
  return {
    providers,
    url,
    llm(model = providers[0]!) {
      const client = context.llm(providers.find((id) => model.startsWith(`${id}/`) || model === id) ?? providers[0]!);
      return providers.includes(model) ? client : client.with({ model });
    },
    async close() {
      await context.close();
      await mock.stop();
    },
  };
}

function cannedFactory(canned: Canned): (request: ChatCompletionRequest) => FixtureResponse {
  return (request) => toResponse(canned, request);
}

/** The mock counts no tokens on these wires, so they are told by rule of thumb: four characters each. */
function toResponse({ reasoning, content, toolCall }: Canned, request: ChatCompletionRequest): FixtureResponse {
  const input = toolCall && JSON.stringify(toolCall.input);
  const usage = {
    input_tokens: tokens(JSON.stringify(request.messages)),
    output_tokens: tokens(`${reasoning ?? ""}${content ?? ""}${input ?? ""}`),
  };
  const thought = reasoning === undefined ? {} : { reasoning };
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
