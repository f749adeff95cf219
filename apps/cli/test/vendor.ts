import { LLMock, type FixtureOpts } from "@copilotkit/aimock";
import { startLoopback, type Loopback } from "../../../packages/conformance/src/index.ts";
import { atEnd } from "./cli.ts";

/** A mock that nobody here wrote, and variables that lead both providers to it. */
export interface Vendor {
  mock: LLMock;
  openai: Record<string, string>;
  anthropic: Record<string, string>;
  /** Request bodies, in order. */
  bodies(): { model: string; messages: { role: string; content: unknown }[]; [field: string]: unknown }[];
}

export async function startVendor(...answers: [prompt: string | RegExp, content: string, options?: FixtureOpts][]): Promise<Vendor> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  for (const [prompt, content, options] of answers)
    mock.onMessage(prompt, { content, usage: { input_tokens: 12, output_tokens: 34 } }, options);
  const url = await mock.start();
  atEnd(() => mock.stop());
  return {
    mock,
    openai: { OPENAI_API_KEY: "test-key", OPENAI_BASE_URL: `${url}/v1` },
    anthropic: { ANTHROPIC_API_KEY: "test-key", ANTHROPIC_BASE_URL: url },
    bodies: () => mock.getRequests().map(({ body }) => body as ReturnType<Vendor["bodies"]>[number]),
  };
}

/** A vendor that begins an answer on Anthropic's wire and then says no more. */
export async function startStalled(text: string): Promise<Loopback & { anthropic: Record<string, string> }> {
  const server = await startLoopback((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const message = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [],
      stop_reason: null,
      usage: { input_tokens: 12, output_tokens: 1 },
    };
    for (const event of [
      { type: "message_start", message },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
    ]) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
  });
  atEnd(() => server.close());
  return Object.assign(server, { anthropic: { ANTHROPIC_API_KEY: "test-key", ANTHROPIC_BASE_URL: server.url } });
}
