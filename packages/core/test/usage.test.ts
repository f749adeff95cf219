import { afterAll, expect, test } from "vitest";
import { startLoopback } from "../../conformance/src/index.ts";
import { tool, type CallMetrics, type Usage } from "../src/index.ts";
import type { ChatDelta } from "../src/provider.ts";
import { sse, toyContext } from "./toy.ts";

let answers: ChatDelta[][] = [];
const server = await startLoopback((request, response) => {
  const deltas = answers.shift()!;
  const { stream } = request.body as { stream: boolean };
  response.writeHead(200, { "content-type": stream ? "text/event-stream" : "application/json" });
  response.end(stream ? sse(...deltas) : JSON.stringify({ deltas }));
});
afterAll(() => server.close());

const DETAILS: Usage = {
  inputTokens: 100,
  outputTokens: 50,
  totalTokens: 150,
  cacheReadTokens: 10,
  cacheWriteTokens: 9,
  reasoningTokens: 8,
  audioInputTokens: 7,
  audioOutputTokens: 6,
  imageOutputTokens: 5,
  cacheWrite1hTokens: 4,
};
const usage: ChatDelta = { type: "usage", usage: DETAILS };
const times = (factor: number) => Object.fromEntries(Object.entries(DETAILS).map(([name, count]) => [name, Number(count) * factor]));

for (const how of ["whole", "streamed"] as const) {
  test(`sums over steps and attempts keep every detail, ${how}`, async () => {
    const seen: CallMetrics[] = [];
    const context = toyContext(server.url, {
      profiles: {
        default: { provider: "toy", model: "toy-1", baseURL: server.url, apiKey: "k", retry: { maxAttempts: 2 } },
      },
    });
    context.on("metrics", (metrics) => void seen.push(metrics));
    const overloaded: ChatDelta = { type: "error", facts: { kind: "overloaded", message: "Later" } };
    const finish: ChatDelta = { type: "finish", rawFinishReason: "stop" };
    answers = [
      [usage, overloaded],
      [{ type: "tool-call", part: 0, toolCallId: "c", toolName: "now", input: {}, end: true }, usage, finish],
      [{ type: "text", text: "Noon." }, usage, { type: "usage", usage: { inputTokens: 0, cacheReadTokens: 0 } }, finish],
    ];
    const options = {
      tools: [tool({ name: "now", description: "The time.", input: { type: "object", properties: {} }, execute: () => "12:00" })],
    };
    const llm = context.llm();
    const result = await (how === "whole" ? llm.chat("When?", options) : llm.stream("When?", options).result);
    expect(result.text).toBe("Noon.");
    expect(result.steps.map((step) => step.usage)).toEqual([DETAILS, DETAILS]);
    expect(result.attempts.map((attempt) => attempt.usage)).toEqual([DETAILS, DETAILS, DETAILS]);
    expect(result.usage).toEqual(times(3));
    expect(seen.at(-1)!.usage).toEqual(times(3));
  });
}
