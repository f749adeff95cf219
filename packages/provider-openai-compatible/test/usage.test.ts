import type { ChatResult, Usage } from "@plurivox/core";
import { startLoopback } from "@plurivox/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { client } from "./support.ts";

type Json = Record<string, unknown>;

let whole: Json = {};
let events: Json[] = [];
const server = await startLoopback((request, response) => {
  const { stream } = request.body as { stream?: boolean };
  response.setHeader("content-type", stream ? "text/event-stream" : "application/json");
  response.end(stream ? `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n` : JSON.stringify(whole));
});
afterAll(() => server.close());

/**
 * Of a whole answer and of a stream, by the chat wire: the same. `inside`: the choice tells it, and
 * not the answer.
 */
async function chatUsage(usage: Json, inside = false): Promise<Usage> {
  const choice = { finish_reason: "stop", ...(inside && { usage }) };
  const rest = inside ? {} : { usage };
  whole = { model: "m", choices: [{ message: { content: "A" }, ...choice }], ...rest };
  events = [
    { model: "m", choices: [{ delta: { content: "A" } }] },
    { choices: [{ delta: {}, ...choice }], ...rest },
  ];
  return same(await client(server.url).chat("Hi"), await client(server.url).stream("Hi").result);
}

async function responsesUsage(usage: Json): Promise<Usage> {
  const content = [{ type: "output_text", text: "A" }];
  const response = { id: "r", status: "completed", output: [{ id: "i", type: "message", role: "assistant", content }], usage };
  whole = response;
  events = [{ type: "response.completed", response }];
  const llm = client(server.url, {}, { api: "responses" });
  return same(await llm.chat("Hi"), await llm.stream("Hi").result);
}

function same(one: ChatResult, other: ChatResult): Usage {
  expect([one.text, other.text]).toEqual(["A", "A"]);
  expect(other.usage).toEqual(one.usage);
  return one.usage;
}

const COUNTS = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
const TOLD = { inputTokens: 100, outputTokens: 20, totalTokens: 120 };

describe("the chat wire", () => {
  test.for<[what: string, usage: Json, expected: Usage]>([
    [
      "details",
      { ...COUNTS, prompt_tokens_details: { cached_tokens: 64 }, completion_tokens_details: { reasoning_tokens: 0 } },
      { ...TOLD, cacheReadTokens: 64, reasoningTokens: 0 },
    ],
    ["null in the place of details", { ...COUNTS, prompt_tokens_details: null, completion_tokens_details: null }, TOLD],
    [
      "sounds and pictures",
      { ...COUNTS, prompt_tokens_details: { audio_tokens: 30 }, completion_tokens_details: { audio_tokens: 7, image_tokens: 9 } },
      { ...TOLD, audioInputTokens: 30, audioOutputTokens: 7, imageOutputTokens: 9 },
    ],
    [
      "no sounds and pictures",
      { ...COUNTS, prompt_tokens_details: { audio_tokens: 0 }, completion_tokens_details: { audio_tokens: 0, image_tokens: 0 } },
      TOLD,
    ],
    ["cached tokens at the top", { ...COUNTS, cached_tokens: 64 }, { ...TOLD, cacheReadTokens: 64 }],
    ["hits of a cache", { ...COUNTS, prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 }, { ...TOLD, cacheReadTokens: 64 }],
    [
      "a gateway's names for the cache",
      { ...COUNTS, cache_read_input_tokens: 64, cache_creation_input_tokens: 12 },
      { ...TOLD, cacheReadTokens: 64, cacheWriteTokens: 12 },
    ],
    [
      "a gateway's names among the details, with a 0 under the usual one",
      {
        ...COUNTS,
        cached_tokens: 0,
        prompt_tokens_details: {
          cached_tokens: 0,
          cache_read_input_tokens: 64,
          cache_creation_tokens: 12,
          cache_creation_token_details: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 10 },
        },
      },
      { ...TOLD, cacheReadTokens: 64, cacheWriteTokens: 12, cacheWrite1hTokens: 10 },
    ],
    ["zeros under a gateway's names, which say nothing", { ...COUNTS, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }, TOLD],
    [
      "reasoning beside the output",
      { ...COUNTS, total_tokens: 420, completion_tokens_details: { reasoning_tokens: 300 } },
      { ...TOLD, outputTokens: 320, totalTokens: 420, reasoningTokens: 300 },
    ],
    [
      "as much reasoning beside the output as the cache gave",
      { ...COUNTS, total_tokens: 184, prompt_tokens_details: { cached_tokens: 64 }, completion_tokens_details: { reasoning_tokens: 64 } },
      { ...TOLD, outputTokens: 84, totalTokens: 184, cacheReadTokens: 64, reasoningTokens: 64 },
    ],
    ["thoughts that only the total has", { ...COUNTS, total_tokens: 420 }, { ...TOLD, outputTokens: 320, totalTokens: 420 }],
    [
      "thoughts that only the total has, and no other output",
      { prompt_tokens: 100, total_tokens: 420 },
      { inputTokens: 100, outputTokens: 320, totalTokens: 420 },
    ],
    [
      "a cache beside the input, by the total",
      { ...COUNTS, total_tokens: 184, prompt_tokens_details: { cached_tokens: 64 } },
      { ...TOLD, inputTokens: 164, totalTokens: 184, cacheReadTokens: 64 },
    ],
    [
      "a cache beside the input, without a total",
      { prompt_tokens: 10, completion_tokens: 20, cache_read_input_tokens: 64 },
      { inputTokens: 74, outputTokens: 20, totalTokens: 94, cacheReadTokens: 64 },
    ],
    [
      "the other wire's names",
      { input_tokens: 100, output_tokens: 20, total_tokens: 120, input_tokens_details: { cached_tokens: 64 } },
      { ...TOLD, cacheReadTokens: 64 },
    ],
    [
      "what is no count",
      { prompt_tokens: -1, completion_tokens: "20", total_tokens: null, prompt_tokens_details: { cached_tokens: {} } },
      {},
    ],
    ["nothing", {}, {}],
  ])("tells %s", async ([, usage, expected]) => {
    expect(await chatUsage(usage)).toEqual(expected);
    expect(await chatUsage(usage, true)).toEqual(expected);
  });

  test("by the choice and by the answer counts once", async () => {
    events = [{ choices: [{ delta: { content: "A" }, finish_reason: "stop", usage: COUNTS }] }, { choices: [], usage: COUNTS }];
    expect((await client(server.url).stream("Hi").result).usage).toEqual(TOLD);
  });
});

test("the responses wire tells the same in its own names", async () => {
  const counts = { input_tokens: 100, output_tokens: 20, total_tokens: 120 };
  expect(
    await responsesUsage({
      ...counts,
      input_tokens_details: { cached_tokens: 64, cache_write_tokens: 12 },
      output_tokens_details: { reasoning_tokens: 8 },
    }),
  ).toEqual({ ...TOLD, cacheReadTokens: 64, cacheWriteTokens: 12, reasoningTokens: 8 });
  expect(await responsesUsage({ ...counts, cache_read_input_tokens: 64 })).toEqual({ ...TOLD, cacheReadTokens: 64 });
  expect(await responsesUsage({ input_tokens: 0, output_tokens: -9, total_tokens: -9 })).toEqual({ inputTokens: 0 });
});
